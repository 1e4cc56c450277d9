"""References inside a pack: every group, schedule, option and country that is named must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import get_args

from placement.catalog import all_codes, load_catalog
from placement.enums import Which
from placement.errors import did_you_mean
from placement.policy.counted import CountedTest
from placement.policy.country_groups import EVERYWHERE
from placement.policy.options import UNDERSTOOD
from placement.policy.pack import Pack
from placement.policy.rules import CapRule, ProhibitionRule, RatioRule
from placement.policy.rules.base import OptionChoice, Whose
from placement.policy.rules.linear import Received
from placement.policy.rules.prohibition import LICENSED
from placement.policy.rules.ratio import WINDOWS
from placement.text.toml_lines import Location

AUTHORIZATIONS = ("uveu", "nveu", "none")
BETWEEN_DATES = ("ignore", "warning", "breach")


#: Where in the file something is, what is wrong with it, and what to do.
Reference = tuple[Location, str, str]


def dangling(pack: Pack) -> Iterator[Reference]:
    """Return (where, message, fix) for each reference to something that the pack lacks."""
    groups = {EVERYWHERE, *pack.groups}
    yield from _of_groups(pack, groups)
    for name, understood in UNDERSTOOD.items():
        yield from _only_values(pack, name, understood)
    for name, schedule in pack.schedules.items():
        for addition in schedule.when:
            where = ("schedules", name, "when")
            yield from _unknown_option(pack, where, addition.option, addition.value)
    yield from _of_ledger(pack, groups)
    yield from _of_unjudged(pack)
    yield from _of_tests(pack)
    if pack.written_for is not None and pack.written_for.headquarters not in groups:
        unknown = pack.written_for.headquarters
        yield ("written_for", "headquarters"), *_unknown("group", unknown, groups)
    for name in pack.partition:
        if name not in groups:
            yield ("partition",), *_unknown("group", name, groups)
    yield from _of_rules(pack, groups)


def _of_groups(pack: Pack, groups: Iterable[str]) -> Iterator[Reference]:
    codes = all_codes()
    for name, group in pack.groups.items():
        if name == EVERYWHERE:
            yield ("groups", name), f"group {name!r} is built in", "choose another name"
        for other in group.others():
            if other not in groups:
                yield ("groups", name, "all_except"), *_unknown("group", other, groups)
        if _circular(pack, name):
            where: Location = ("groups", name, "all_except")
            yield where, f"group {name!r} excludes itself", "break the loop"
        for code in group.named():
            if code not in codes:
                message = f"{code!r} is not an ISO 3166-1 alpha-2 code"
                yield ("groups", name, "members"), message, did_you_mean(code, codes)
        for addition in group.when:
            where = ("groups", name, "when")
            yield from _unknown_option(pack, where, addition.option, addition.value)


def _of_rules(pack: Pack, groups: Iterable[str]) -> Iterator[Reference]:
    seen: set[str] = set()
    for index, rule in enumerate(pack.rules):
        here: Location = ("rules", index)
        if rule.id in seen:
            yield (*here, "id"), f"two rules are called {rule.id!r}", "give each its own id"
        seen.add(rule.id)
        named = [*rule.groups_named()]
        named.extend(("binds", name) for name in rule.binds.groups_named())
        for field, group_id in named:
            if group_id not in groups:
                yield (*here, field), *_unknown("group", group_id, groups)
        if rule.binds.authorization not in (None, *AUTHORIZATIONS):
            unknown = str(rule.binds.authorization)
            yield (*here, "binds"), *_unknown("authorization", unknown, AUTHORIZATIONS)
        yield from _chosen(pack, (*here, "binds"), rule.binds.whose, get_args(Whose))
        if rule.schedule not in pack.schedules:
            yield (*here, "schedule"), *_unknown("schedule", rule.schedule, pack.schedules)
        yield from _chosen(pack, (*here, "between_dates"), rule.between_dates, BETWEEN_DATES)
        if rule.only_if is not None:
            for value in rule.only_if.values:
                yield from _unknown_option(pack, (*here, "only_if"), rule.only_if.option, value)
        if isinstance(rule, Received) and isinstance(rule.received_since, OptionChoice):
            yield from _dated(pack, (*here, "received_since"), rule.received_since.option)
        if isinstance(rule, ProhibitionRule):
            yield from _chosen(pack, (*here, "licensed"), rule.licensed, LICENSED)
        if isinstance(rule, RatioRule):
            yield from _chosen(pack, (*here, "window"), rule.window, WINDOWS)


def _chosen(
    pack: Pack, where: Location, field: object, understood: tuple[str, ...]
) -> Iterator[Reference]:
    """Refuse a field that is left to an option which the pack, or the tool, does not know."""
    if isinstance(field, OptionChoice):
        yield from _unknown_option(pack, where, field.option)
        yield from _only_values(pack, field.option, understood)


def _of_unjudged(pack: Pack) -> Iterator[Reference]:
    seen = {rule.id for rule in pack.rules}
    for index, duty in enumerate(pack.unjudged):
        if duty.id in seen:
            message = f"a rule, or another duty, is called {duty.id!r}"
            yield ("unjudged", index, "id"), message, "give each its own id"
        seen.add(duty.id)


def _of_tests(pack: Pack) -> Iterator[Reference]:
    """Refuse makers and models that the catalogue lacks: a test by a slip would free them."""
    for where, test in _tests(pack):
        for one in test.any_:
            if one.vendors is None and one.models is None:
                continue
            known = load_catalog().accelerators
            vendors = {accelerator.vendor for accelerator in known.values()}
            for what, names, among in (
                ("maker", one.vendors or (), vendors),
                ("model", one.models or (), known),
            ):
                for name in names:
                    if name not in among:
                        message = f"the catalogue has no {what} {name!r}"
                        fix = did_you_mean(name, among) or "`placement catalog list` shows them"
                        yield where, message, fix


def _tests(pack: Pack) -> Iterator[tuple[Location, CountedTest]]:
    """Return every test of models with its place in the file."""
    yield ("counted",), pack.counted
    for channel in pack.ledger.channels if pack.ledger is not None else ():
        if channel.counted is not None:
            yield ("ledger", "channels"), channel.counted
    for index, rule in enumerate(pack.rules):
        for field in ("counted", "unless"):
            test = getattr(rule, field, None)
            if isinstance(test, CountedTest):
                yield ("rules", index, field), test


def _of_ledger(pack: Pack, groups: Iterable[str]) -> Iterator[Reference]:
    """Check the channels, and that rules name no channel that the pack does not open."""
    opened = [] if pack.ledger is None else [channel.id for channel in pack.ledger.channels]
    for index, rule in enumerate(pack.rules):
        which = getattr(rule, "which", None)
        if pack.ledger is None and which in (Which.CLOSED_CHANNEL, Which.UNCOVERED):
            yield ("rules", index, "which"), "the pack has no ledger", "say how lots may come"
        for field in ("channels", "exceptions"):
            for channel in getattr(rule, field, ()):
                if channel not in opened:
                    where: Location = ("rules", index, field)
                    yield where, f"the ledger has no channel {channel.value!r}", "add it there"
    if pack.ledger is None:
        return
    caps = {rule.id: rule for rule in pack.rules if isinstance(rule, CapRule)}
    if pack.ledger.home not in groups:
        yield ("ledger", "home"), *_unknown("group", pack.ledger.home, groups)
    for one in pack.ledger.channels:
        at: Location = ("ledger", "channels")
        if opened.count(one.id) > 1:
            yield at, f"channel {one.id.value!r} is there twice", "keep one"
        for name in (one.places, *((one.seated,) if one.seated else ()), *one.binds.groups_named()):
            if name not in groups:
                yield at, *_unknown("group", name, groups)
        if one.binds.authorization not in (None, *AUTHORIZATIONS):
            yield at, *_unknown("authorization", str(one.binds.authorization), AUTHORIZATIONS)
        if one.room is None:
            continue
        if one.room not in caps:
            yield at, *_unknown("cap", one.room, caps)
        elif caps[one.room].about != "consignee" or one.id not in caps[one.room].channels:
            message = f"{one.room!r} is no cap on what a consignee receives by {one.id.value}"
            yield at, message, "room is that of the consignee"


def _dated(pack: Pack, where: Location, name: str) -> Iterator[Reference]:
    """Refuse an option whose values are to be dates and are not."""
    yield from _unknown_option(pack, where, name)
    for value in pack.options[name].values if name in pack.options else ():
        try:
            date.fromisoformat(value)
        except ValueError:
            message = f"option {name!r} must have dates as values, {value!r} is none"
            yield ("options", name, "values"), message, "write YYYY-MM-DD"


def _unknown(what: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
    return f"there is no {what} {name!r}", hint


def _unknown_option(
    pack: Pack, where: Location, name: str, value: str | None = None
) -> Iterator[Reference]:
    if name not in pack.options:
        yield where, *_unknown("option", name, list(pack.options))
    elif value is not None and value not in pack.options[name].values:
        yield where, *_unknown(f"value of option {name!r}", value, list(pack.options[name].values))


def _only_values(pack: Pack, name: str, understood: tuple[str, ...]) -> Iterator[Reference]:
    """Refuse values of an option that the tool acts on and would not understand."""
    if name in pack.options:
        for value in pack.options[name].values:
            if value not in understood:
                message = f"option {name!r} cannot have the value {value!r}"
                yield ("options", name, "values"), message, f"understood: {', '.join(understood)}"


def _circular(pack: Pack, start: str) -> bool:
    todo, seen = [*pack.groups[start].others()], set()
    while todo:
        name = todo.pop()
        if name == start:
            return True
        if name in pack.groups and name not in seen:
            seen.add(name)
            todo.extend(pack.groups[name].others())
    return False
