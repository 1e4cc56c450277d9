"""What is wrong with a pack although all names in it exist: overlaps, gaps, rules on nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from placement.catalog import all_codes
from placement.policy.country_groups import EVERYWHERE, resolve_groups
from placement.policy.pack import Pack
from placement.policy.rules import BaseRule, Binding, RatioRule, RuleOnTotals, ShareRule
from placement.text.toml_lines import Location

_SHOWN = 10


def unsound(
    pack: Pack, added: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> Iterator[tuple[Location, str, str]]:
    """Return (where, message, fix) for each fault; every reference of the pack is good.

    `added`: the countries that somebody adds to groups.
    """
    worlds = list(_worlds(pack, added))
    yield from _partition(pack, worlds)
    for index, rule in enumerate(pack.rules):
        if (fault := _nobody(rule.binds, worlds)) is not None:
            message = f"rule {rule.id!r} can bind nobody: {fault}"
            yield ("rules", index, "binds"), message, "name another group, or drop the rule"
        seated = rule.seated if isinstance(rule, RuleOnTotals) else None
        if seated is not None and not any(groups[seated] for _, _, groups in worlds):
            message = f"rule {rule.id!r} can bind nobody: no country is ever in {seated}"
            yield ("rules", index, "seated"), message, "name another group, or drop the rule"
    for index, rule in enumerate(pack.rules):
        if isinstance(rule, RatioRule) and any(
            groups[rule.numerator] & groups[rule.denominator] for _, _, groups in worlds
        ):
            message = f"{rule.numerator!r} and {rule.denominator!r} have countries in common"
            fix = "a ratio compares flows to different places"
            yield ("rules", index, "denominator"), message, fix
        if isinstance(rule, ShareRule) and not all(
            groups[rule.numerator] <= groups[rule.denominator] for _, _, groups in worlds
        ):
            message = f"{rule.numerator!r} is not all within {rule.denominator!r}"
            yield ("rules", index, "denominator"), message, "a share is a part of its whole"
    for index, rule in enumerate(pack.rules):
        begins = pack.schedules[rule.schedule].first
        if rule.until is not None and begins is not None and begins >= rule.until:
            message = f"rule {rule.id!r} ends on {rule.until}, before its schedule begins"
            yield ("rules", index, "until"), message, f"the schedule begins on {begins}"
        elif rule.since is not None and rule.until is not None and not _measured(rule, pack):
            message = f"rule {rule.id!r} has no measurement date from {rule.since} to {rule.until}"
            fix = "mend its dates, or give it another schedule"
            yield ("rules", index, "until"), message, fix


def _measured(rule: BaseRule, pack: Pack) -> bool:
    """Tell whether a rule that begins and ends has a measurement date, under any answer."""
    schedule = pack.schedules[rule.schedule]
    if schedule.every_day or rule.since is None or rule.until is None:
        return True
    last = rule.until - timedelta(days=1)
    forms = (schedule, *(schedule.model_copy(update={"days": one.days}) for one in schedule.when))
    return any(any(form.between(rule.since, last)) for form in forms)


#: A day, how its answers differ from the defaults, and the groups on it under them.
_World = tuple[date, str, Mapping[str, frozenset[str]]]


def _worlds(pack: Pack, added: Mapping[str, frozenset[str]]) -> Iterator[_World]:
    """Return the groups around each change, under the defaults and each other answer by itself."""
    changes = {day for group in pack.groups.values() for day in group.changes()}
    days = sorted({pack.status.as_of, *changes, *(day - timedelta(days=1) for day in changes)})
    defaults = {name: option.default for name, option in pack.options.items()}
    asked = {
        addition.option: addition.value for group in pack.groups.values() for addition in group.when
    }
    answers = [("", defaults)]
    for name in asked:
        answers += [
            (f" where {name} = {value}", {**defaults, name: value})
            for value in pack.options[name].values
            if value != defaults[name]
        ]
    for day in days:
        for said, chosen in answers:
            yield day, said, resolve_groups(pack.groups, chosen, all_codes(), day, added)


def _partition(pack: Pack, worlds: list[_World]) -> Iterator[tuple[Location, str, str]]:
    """Every country is in one and only one group of the partition, always."""
    told: set[str] = set()
    for day, said, groups in worlds:
        homes: dict[str, list[str]] = {}
        for name in pack.partition:
            for place in groups[name]:
                homes.setdefault(place, []).append(name)
        twice = [(place, names) for place, names in sorted(homes.items()) if len(names) > 1]
        for place, names in twice:
            message = f"{place} is in {' and in '.join(names)}"
            if message not in told:
                told.add(message)
                when = f" on {day}{said}"
                yield ("partition",), f"groups overlap: {message}{when}", "take it out of one"
        lost = sorted(groups[EVERYWHERE] - homes.keys()) if pack.partition else []
        new = [place for place in lost if place not in told]
        if new:
            told.update(new)
            shown = ", ".join(new[:_SHOWN]) + (", ..." if len(new) > _SHOWN else "")
            message = f"in no group of the partition on {day}{said}: {shown}"
            yield ("partition",), message, "add them to one, or make one of all others"


def _nobody(binds: Binding, worlds: list[_World]) -> str | None:
    """Say why no company that there could be meets the conditions, None where some could."""
    if binds.headquarters is not None and not any(
        groups[binds.headquarters] for _, _, groups in worlds
    ):
        return f"no country is ever in {binds.headquarters}"
    if binds.seatless is not None and all(
        groups[binds.seatless] == groups[EVERYWHERE] for _, _, groups in worlds
    ):
        return f"every country is always in {binds.seatless}"
    return None
