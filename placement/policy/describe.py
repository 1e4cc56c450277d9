"""What a pack says, as sentences: whom a rule binds, what it measures, when, and the limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import singledispatch

from placement.enums import Comparison, Which
from placement.policy.counted import CountedTest
from placement.policy.country_groups import EVERYWHERE
from placement.policy.pack import OpenChannel, Pack
from placement.policy.rules import (
    AnyRule,
    Binding,
    CapRule,
    DutyRule,
    FinetuneRule,
    NoticeRule,
    ProhibitionRule,
    RatioRule,
    RuleOnTotals,
    ShareRule,
    StorageRule,
)
from placement.policy.rules.base import OptionChoice
from placement.policy.rules.linear import Received
from placement.policy.schedules import Schedule
from placement.text.decimals import grouped, plain

_CONDITIONS: Mapping[str, str] = {
    "tpp_at_least": "TPP >= {}",
    "tpp_below": "TPP < {}",
    "performance_density_at_least": "performance density >= {} TPP/mm2",
    "performance_density_below": "performance density < {} TPP/mm2",
    "memory_bandwidth_below": "memory bandwidth < {} GB/s",
}

_WHOSE: Mapping[str, str] = {
    "parent": "their ultimate parent's",
    "holder": "the holder's own",
    "either": "the holder's own or their ultimate parent's",
}

_WHICH: Mapping[Which, str] = {
    Which.ALL: "",
    Which.UNLICENSED: ", without a recorded licence,",
    Which.FOREIGN_OPERATOR: ", run by others who do not hold its authorization,",
    Which.CLOSED_CHANNEL: ", recorded under a channel that is not open to it,",
    Which.UNCOVERED: ", from abroad by no authorization, exception or licence,",
}


def percent(limit: str) -> str:
    """Write a ratio's decimal text as percent: "0.07" is `7 %`."""
    return f"{plain(Fraction(limit) * 100)} %"


def law(codified: bool | None, enforced: bool | None, as_of: date | None) -> str:
    """Say where a text stands: `codified, not enforced as of 2026-08-28`; empty: not said."""
    said = [
        word if answer else f"not {word}"
        for word, answer in (("codified", codified), ("enforced", enforced))
        if answer is not None
    ]
    if not said:
        return ""
    return ", ".join(said) + (f" as of {as_of}" if as_of is not None else "")


def counted(test: CountedTest) -> list[str]:
    """Return each alternative of a counted test: all conditions of any one must hold."""
    found = []
    for one in test.any_:
        parts = [
            form.format(grouped(getattr(one, field)))
            for field, form in _CONDITIONS.items()
            if getattr(one, field) is not None
        ]
        if one.datacenter is not None:
            parts.append(f"{'' if one.datacenter else 'not '}designed for data centres")
        if one.released_by is not None:
            parts.append(f"launched on or before {one.released_by}")
        if one.vendors is not None:
            parts.append(f"made by {_or(one.vendors)}")
        if one.models is not None:
            parts.append(f"one of {', '.join(one.models)}")
        found.append(" and ".join(parts))
    return found


def schedule(one: Schedule) -> str:
    """Say on which days a schedule measures."""
    days = "every day" if one.every_day else f"on {_and(one.days)} of each year"
    other = "".join(f" (where {w.option} = {w.value}: {_and(w.days)})" for w in one.when)
    first = f", first on or after {one.first}" if one.first is not None else ""
    return days + other + first


def binding(binds: Binding) -> str:
    """Say which companies a condition is about."""
    parts = []
    if binds.authorization == "none":
        parts.append("hold no authorization")
    elif binds.authorization == "nveu":
        parts.append("hold nveu for the country")
    elif binds.authorization is not None:
        parts.append(f"hold {binds.authorization}")
    if isinstance(binds.whose, OptionChoice):
        parts.append(
            f"have headquarters in {binds.headquarters} (whose: option {binds.whose.option})"
        )
    elif binds.headquarters is not None:
        parts.append(f"have {_WHOSE[binds.whose]} headquarters in {binds.headquarters}")
    if binds.seatless is not None:
        parts.append(
            f"are not seated in {binds.seatless} (neither their ultimate parent nor a company of "
            "theirs that holds an authorization has headquarters there)"
        )
    return f"owner groups that {_and(parts)}" if parts else "everyone"


def channel(one: OpenChannel) -> str:
    """Say what a channel of the ledger is open for."""
    also = f", and to those seated in {one.seated} anywhere" if one.seated is not None else ""
    room = f", while {one.room} has room" if one.room is not None else ""
    of = "" if one.counted is None else f", {models(one.counted)}"
    recorded = ", only where the inventory records it" if one.by_record else ""
    whom = _holders(one.binds, "owners and consignees" if one.room is not None else "owners")
    needs = f"; first: {one.needs}" if one.needs else ""
    return f"{one.title}: to {one.places}, for {whom}{also}{of}{room}{recorded}{needs}"


def models(test: CountedTest) -> str:
    """Say which models pass a test."""
    return f"of models that are {test.title} ({'; or '.join(counted(test))})"


def _holders(binds: Binding, who: str) -> str:
    """Say to whom a channel is open: without an authorization, own headquarters count, too."""
    if binds.headquarters is None or binds.authorization is not None:
        return binding(binds)
    return (
        f"{who} that have their own headquarters and those of their ultimate parent in "
        f"{binds.headquarters}"
    )


def limit(rule: AnyRule) -> str:
    """Return the limit of a rule in a few words; empty where it has none."""
    match rule:
        case ShareRule() | RatioRule() | FinetuneRule():
            return percent(rule.limit)
        case CapRule(limit=str(amount)):
            return f"{grouped(amount)} {rule.unit()}"
        case CapRule():
            return f"{len(rule.steps)} steps"
        case NoticeRule():
            return f"{rule.days} days"
        case DutyRule(threshold=str(amount)):
            return f"{grouped(amount)} {rule.unit()}"
        case _:
            return ""


def sentences(rule: AnyRule, pack: Pack) -> Iterator[str]:
    """Say what a rule is: whom it binds, what is measured, the limit, when, and from when on."""
    yield f"It binds {binding(rule.binds)}."
    yield from _limits(rule, pack)
    own = rule.counted if isinstance(rule, RuleOnTotals) else None
    if own is not None:
        test = "; or ".join(counted(own))
        yield f"Counted here are models that pass '{own.title}', not the pack's test: {test}."
    if isinstance(rule, CapRule) and rule.counted_by:
        yield f"{rule.counted_by} counts everyone's; of others, only opening.csv may tell."
    measured = pack.schedules[rule.schedule]
    yield f"Measured {schedule(measured)} ({measured.title})."
    between = rule.between_dates
    if isinstance(between, OptionChoice):
        yield f"What a breach between two dates is, option {between.option} says."
    elif between != "ignore":
        yield f"Between two dates, too, it is a {between}."
    if rule.since is not None or rule.until is not None:
        since = f" from {rule.since} on" if rule.since is not None else ""
        until = f" until the day before {rule.until}" if rule.until is not None else ""
        yield f"In force{since}{until}."
    if rule.only_if is not None:
        yield f"It stands only where {rule.only_if.option} = {' or '.join(rule.only_if.values)}."


@singledispatch
def _limits(rule: AnyRule, pack: Pack) -> Iterator[str]:  # noqa: ARG001
    """Say what is measured, and its limit."""
    raise AssertionError(f"no words for rules of kind {rule.kind}")


@_limits.register
def _(rule: ShareRule, pack: Pack) -> Iterator[str]:
    most = rule.comparison is Comparison.AT_MOST
    how = f"at most {percent(rule.limit)} may" if most else f"at least {percent(rule.limit)} must"
    yield (
        f"Of the {_thing(rule)}{_which(rule)} that {_who(rule)} in "
        f"{_group(rule.denominator, pack)}, {how} be {_places(rule, pack)}."
    )
    yield f"Exactly {percent(rule.limit)} is kept."


@_limits.register
def _(rule: CapRule, pack: Pack) -> Iterator[str]:
    unit = "TPP of computing power" if rule.metric == "tpp" else "counted accelerators"
    what = f"{grouped(rule.limit)} {unit}" if rule.limit else f"the limit of the day, in {unit},"
    together = " together" if rule.about == "all" else ""
    holder = {"owner": "An owner group", "consignee": "A consignee", "all": "All that it binds"}
    places = _places(rule, pack)
    if rule.measure == "stock":
        how = f"have{together}{_which(rule)} at most {what} {places}"
    else:
        how = f"receive{together} {places}, {_window(rule)}, at most {what.rstrip(',')}"
    yield f"{holder[rule.about]} may {how}."
    yield "Exactly at the limit is kept."
    if rule.limit is None:
        yield "Before the first step and after the last there is no limit."


@_limits.register
def _(rule: RatioRule, pack: Pack) -> Iterator[str]:
    names: Mapping[str, str] = {
        "since_rule": f"since {rule.since}" if rule.since is not None else "ever",
        "ever": "ever",
        "calendar_year": "in the calendar year",
    }
    window = rule.window
    when = (
        f"in the time of option {window.option}"
        if isinstance(window, OptionChoice)
        else names[window]
    )
    yield (
        f"Of each model, the {_thing(rule)} that an exporter shipped from "
        f"{_group(rule.origin, pack)} to {_group(rule.numerator, pack)} may be at most "
        f"{percent(rule.limit)} of what it shipped to {_group(rule.denominator, pack)} for use "
        f"there, both counted {when}."
    )
    yield f"Exactly {percent(rule.limit)} is kept."


@_limits.register
def _(rule: ProhibitionRule, pack: Pack) -> Iterator[str]:
    if rule.measure == "shipped":
        origin = f" from {_group(rule.origin, pack)}" if rule.origin is not None else ""
        free = " without a licence" if rule.licensed == "free" else ""
        to = _group(rule.numerator, pack)
        yield f"No counted accelerator may be shipped{free}{origin} to {to}, or for use there."
        if isinstance(rule.licensed, OptionChoice):
            said = f"judged all the same or free, option {rule.licensed.option} says"
            yield f"Whether what has a licence on record is {said}."
    else:
        owner = "any owner that the rule binds" if rule.about == "all" else "an owner group"
        places = _places(rule, pack).replace("in any one", "in any")
        places = places.replace("in all countries", "anywhere")
        yield f"No counted accelerator of {owner} may be{_which(rule)} {places}."
    if rule.exceptions:
        yield f"No licence is needed for a lot that came by {_or(rule.exceptions)}, open to it."
    if rule.received_since is not None:
        yield f"It is about lots that came since {rule.received_since}, or nobody knows when."
    if rule.unless is not None:
        test = "; or ".join(counted(rule.unless))
        yield f"Free are models that pass '{rule.unless.title}': {test}."


@_limits.register
def _(rule: NoticeRule, pack: Pack) -> Iterator[str]:
    where = "" if rule.places == EVERYWHERE else f" in {_group(rule.places, pack)}"
    what = (
        f"the first lot comes to a site{where}"
        if rule.of == "new_site"
        else f"a lot comes from another country, or the first one comes to a country{where}"
    )
    yield f"Notice must be filed at least {rule.days} days before {what}."
    yield f"Exactly {rule.days} calendar days are kept. Plans say until when it must be filed."


@_limits.register
def _(rule: DutyRule, pack: Pack) -> Iterator[str]:
    where = f" in {_group(rule.places, pack)}"
    by = f" by {_and(rule.channels)}" if rule.channels else ""
    since = f" since {rule.received_since}" if rule.received_since is not None else ""
    amount = grouped(rule.threshold or "")
    if rule.of == "consignee":
        yield f"Due where a consignee{where} received {amount} TPP or more{by}{since}."
    elif rule.of == "shipment":
        yield f"Due for each lot of {amount} TPP or more that comes{by} to a consignee{where}."
    else:
        yield "Due on each measurement date."
    yield f"To do: {rule.what.rstrip('.')}."


@_limits.register
def _(rule: StorageRule, pack: Pack) -> Iterator[str]:
    yield (
        f"Weights of a closed model of {grouped(rule.controlled_from)} training operations or more "
        f"may be stored in {_group(rule.places, pack)}, or outside {_group(rule.never, pack)} at a "
        f"site whose owner or operator is seated in {_group(rule.run_from, pack)}."
    )


@_limits.register
def _(rule: FinetuneRule, pack: Pack) -> Iterator[str]:
    yield (
        f"To a closed model of {grouped(rule.controlled_from)} training operations or more, "
        f"fine-tuning outside {_group(rule.places, pack)}, or for a customer seated outside, may "
        f"add at most {percent(rule.limit)} of the operations of its training."
    )
    yield f"Exactly {percent(rule.limit)} is kept."


def _group(name: str, pack: Pack) -> str:
    return "all countries" if name == EVERYWHERE else f"{name} ({pack.groups[name].title})"


def _places(rule: RuleOnTotals, pack: Pack) -> str:
    """Say where: `in any one country of tier2 (...)`, `in us (...)`, `in any one metro`."""
    group = "" if rule.numerator == EVERYWHERE else f" of {_group(rule.numerator, pack)}"
    if rule.per == "each place":
        return f"in any one {rule.by}{group}"
    return f"in {_group(rule.numerator, pack)}"


def _thing(rule: RuleOnTotals) -> str:
    return "computing power (TPP)" if rule.metric == "tpp" else "counted accelerators"


def _who(rule: RuleOnTotals) -> str:
    return "all that it binds have together" if rule.about == "all" else "an owner group has"


def _which(rule: RuleOnTotals) -> str:
    seated = ""
    if rule.seated is not None:
        seated = (
            f", owned by or consigned to a company that has its headquarters (or those of its "
            f"ultimate parent) in {rule.seated},"
        )
    return _WHICH[rule.which] + seated


def _window(rule: Received) -> str:
    """Say by which channels, and in what time, what is received counts."""
    by = f" by {_and(rule.channels)}" if rule.channels else ""
    since = rule.received_since
    if rule.calendar_year:
        when = " in a calendar year"
    elif isinstance(since, OptionChoice):
        when = f" since the day of option {since.option}"
    else:
        when = f" since {since}" if since is not None else ""
    return f"from other countries{by}{when}"


def _or(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _and(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
