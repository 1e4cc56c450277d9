"""What in a pack refers to which group and option, and which examples its rules lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placement.enums import Channel, Comparison, Which
from placement.policy.country_groups import EVERYWHERE
from placement.policy.examples import CASES, Case
from placement.policy.pack import OpenChannel, Pack
from placement.policy.rules import (
    AnyRule,
    DutyRule,
    NoticeRule,
    RuleOnTotals,
    RuleOnWeights,
    ShareRule,
)
from placement.policy.rules.base import OptionChoice
from placement.policy.rules.ratio import RatioRule

#: Lots of these kinds are found by the channels that are open to them.
_OF_CHANNELS = (Which.CLOSED_CHANNEL, Which.UNCOVERED)


def groups_of(rule: AnyRule, pack: Pack) -> list[str]:
    """Return the groups that a rule names, then those that they leave out."""
    named = [name for _, name in rule.groups_named()]
    named.extend(rule.binds.groups_named())
    for channel in channels_of(rule, pack):
        named.extend(_groups_of_channel(channel))
    return with_others(named, pack)


def with_others(names: Iterable[str], pack: Pack) -> list[str]:
    """Return groups of the pack, and after them those that they leave out; each once."""
    found: dict[str, None] = {}
    todo = list(names)
    while todo:
        name = todo.pop(0)
        if name not in found and name != EVERYWHERE:
            found[name] = None
            todo.extend(pack.groups[name].others())
    return list(found)


def channels_of(rule: AnyRule, pack: Pack) -> list[OpenChannel]:
    """Return the channels of the ledger that decide what a rule counts."""
    if pack.ledger is None:
        return []
    if getattr(rule, "which", None) in _OF_CHANNELS:
        return list(pack.ledger.channels)
    named = (*getattr(rule, "channels", ()), *getattr(rule, "exceptions", ()))
    return [channel for channel in pack.ledger.channels if channel.id in named]


def options_of(rule: AnyRule, pack: Pack) -> list[str]:
    """Return the options that bear on a rule: by itself, its groups, schedule and channels."""
    found = [one.option for one in _choices(rule)]
    if rule.only_if is not None:
        found.append(rule.only_if.option)
    for name in with_others([*groups_of(rule, pack), *_groups_of_receipts(rule, pack)], pack):
        found.extend(addition.option for addition in pack.groups[name].when)
    found.extend(one.option for one in pack.schedules[rule.schedule].when)
    found.extend(name for name in _understood(rule) if name in pack.options)
    return list(dict.fromkeys(found))


def _groups_of_receipts(rule: AnyRule, pack: Pack) -> Iterator[str]:
    """Return the groups that decide whether a lot came from abroad, and by which channel."""
    if pack.ledger is None:
        return
    charged = _is_charged(rule)
    if charged or (isinstance(rule, NoticeRule) and rule.of == "transfer"):
        yield pack.ledger.home
    if charged:  # a lot takes the first channel that is open: each of them may decide
        for channel in pack.ledger.channels:
            yield from _groups_of_channel(channel)


def _is_charged(rule: AnyRule) -> bool:
    """Tell whether a rule counts what was charged to the channels of the ledger."""
    if isinstance(rule, DutyRule):
        return rule.of != "date"
    received = getattr(rule, "measure", "stock") == "received"
    excepted = bool(getattr(rule, "exceptions", ()))
    return received or excepted or getattr(rule, "which", None) in _OF_CHANNELS


def _understood(rule: AnyRule) -> Iterator[str]:
    """Return the questions that the tool itself acts on and that bear on a rule.

    `basis` and `in_country` are questions about the shares alone, read from their paragraph (supp.
    no. 10, para. 6). A licence is needed for the export, reexport or transfer of a chip (15 CFR
    742.6(a)(6)), whoever runs it and before anyone installs it: prohibitions and caps count each
    chip from its transfer on, for its legal owner.
    """
    if isinstance(rule, RuleOnWeights):
        return
    shipped = isinstance(rule, RatioRule) or getattr(rule, "measure", "stock") == "shipped"
    on_date = isinstance(rule, DutyRule) and rule.of == "date"
    weighs = isinstance(rule, DutyRule) and not on_date
    if weighs or (isinstance(rule, RuleOnTotals) and rule.metric == "tpp"):
        yield "tf32_bits"
    if not shipped and not on_date:
        yield "planned"
    if isinstance(rule, ShareRule):
        yield from ("in_country", "basis")
    yield "siblings"
    by_licence = Channel.LICENCE in getattr(rule, "channels", ())
    if by_licence or getattr(rule, "which", None) is Which.UNCOVERED:
        yield "blank_licence"
    if _is_charged(rule) and getattr(rule, "about", "") == "all":
        yield "charge_by"
    if isinstance(rule, ShareRule) and rule.comparison is Comparison.AT_MOST:
        yield from ("limit_on", "passive")


def used_groups(pack: Pack) -> set[str]:
    """Return every group that something in the pack refers to."""
    named = [*pack.partition]
    if pack.written_for is not None:
        named.append(pack.written_for.headquarters)
    for group in pack.groups.values():
        named.extend(group.others())
    if pack.ledger is not None:
        named.append(pack.ledger.home)
        for channel in pack.ledger.channels:
            named.extend(_groups_of_channel(channel))
    return {*named, *(name for rule in pack.rules for name in groups_of(rule, pack))}


def used_options(pack: Pack) -> set[str]:
    """Return every option that a group, schedule or rule of the pack refers to."""
    found = {addition.option for group in pack.groups.values() for addition in group.when}
    found.update(one.option for schedule in pack.schedules.values() for one in schedule.when)
    return found.union(*(options_of(rule, pack) for rule in pack.rules))


def cases_missing(rule: AnyRule) -> list[Case]:
    """Return the cases that a rule should have an example of, and has none.

    A duty on dates has only a passing one: nothing in a fleet can fail it. Where a rule is about a
    group without members, its examples add some (`groups`).
    """
    needed: tuple[Case, ...] = CASES
    if isinstance(rule, DutyRule) and rule.of == "date":
        needed = ("passing",)
    return [case for case in needed if case not in {example.case for example in rule.examples}]


def _groups_of_channel(channel: OpenChannel) -> Iterator[str]:
    yield channel.places
    if channel.seated is not None:
        yield channel.seated
    yield from channel.binds.groups_named()


def _choices(rule: AnyRule) -> Iterator[OptionChoice]:
    """Return the fields of a rule, and of whom it binds, whose value is that of an option."""
    if isinstance(rule.binds.whose, OptionChoice):
        yield rule.binds.whose
    for name in type(rule).model_fields:
        value = getattr(rule, name)
        if isinstance(value, OptionChoice):
            yield value
