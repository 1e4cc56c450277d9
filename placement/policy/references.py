"""References inside a pack: every group, schedule, option and country that is named must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placement.catalog import all_codes
from placement.errors import did_you_mean
from placement.policy.groups import EVERYWHERE
from placement.policy.kinds.base import OptionChoice
from placement.policy.pack import Pack

AUTHORIZATIONS = ("uveu", "nveu", "none")

#: A place in the tree of a TOML file: keys, and indices of arrays.
Location = tuple[int | str, ...]


def dangling(pack: Pack) -> Iterator[tuple[Location, str, str]]:
    """Give (where, message, fix) for each reference to something that the pack lacks."""
    groups = {EVERYWHERE, *pack.groups}
    codes = all_codes()
    for name, group in pack.groups.items():
        if name == EVERYWHERE:
            yield ("groups", name), f"group {name!r} is built in", "choose another name"
        for other in group.all_except:
            if other not in groups:
                yield ("groups", name, "all_except"), *_unknown("group", other, groups)
        if _circular(pack, name):
            where: Location = ("groups", name, "all_except")
            yield where, f"group {name!r} excludes itself", "break the loop"
        for code in group.named():
            if code not in codes:
                yield (
                    ("groups", name, "members"),
                    f"{code!r} is not an ISO 3166-1 alpha-2 code",
                    did_you_mean(code, codes),
                )
        for addition in group.when:
            where = ("groups", name, "when")
            yield from _unknown_option(pack, where, addition.option, addition.value)
    yield from _only_values(pack, "tf32_bits", ("19", "32", "0"))
    yield from _only_values(pack, "basis", ("owned", "operated"))
    seen: set[str] = set()
    for index, rule in enumerate(pack.rules):
        here: Location = ("rules", index)
        if rule.id in seen:
            yield (*here, "id"), f"two rules are called {rule.id!r}", "give each its own id"
        seen.add(rule.id)
        named = [*rule.groups_named()]
        if rule.binds.headquarters is not None:
            named.append(("binds", rule.binds.headquarters))
        for field, group_id in named:
            if group_id not in groups:
                yield (*here, field), *_unknown("group", group_id, groups)
        if rule.binds.authorization not in (None, "uveu", "nveu", "none"):
            unknown = str(rule.binds.authorization)
            yield (*here, "binds"), *_unknown("authorization", unknown, AUTHORIZATIONS)
        if rule.schedule not in pack.schedules:
            yield (*here, "schedule"), *_unknown("schedule", rule.schedule, pack.schedules)
        if isinstance(rule.between_dates, OptionChoice):
            name = rule.between_dates.option
            yield from _unknown_option(pack, (*here, "between_dates"), name)
            yield from _only_values(pack, name, ("ignore", "warning", "breach"))


def _unknown(what: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
    return f"there is no {what} {name!r}", hint


def _unknown_option(
    pack: Pack, where: Location, name: str, value: str | None = None
) -> Iterator[tuple[Location, str, str]]:
    if name not in pack.options:
        yield where, *_unknown("option", name, list(pack.options))
    elif value is not None and value not in pack.options[name].values:
        yield where, *_unknown(f"value of option {name!r}", value, list(pack.options[name].values))


def _only_values(
    pack: Pack, name: str, understood: tuple[str, ...]
) -> Iterator[tuple[Location, str, str]]:
    """Refuse values of an option that the tool acts on and would not understand."""
    if name in pack.options:
        for value in pack.options[name].values:
            if value not in understood:
                message = f"option {name!r} cannot have the value {value!r}"
                yield ("options", name, "values"), message, f"understood: {', '.join(understood)}"


def _circular(pack: Pack, start: str) -> bool:
    todo, seen = [*pack.groups[start].all_except], set()
    while todo:
        name = todo.pop()
        if name == start:
            return True
        if name in pack.groups and name not in seen:
            seen.add(name)
            todo.extend(pack.groups[name].all_except)
    return False
