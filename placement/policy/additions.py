"""Countries that a user adds to the groups of a pack: by an agreement, say, that it does not know.

Additions only: a country joins a group that lists its members, on every day, and the groups that
are all countries but those of it follow. Nothing is taken out of a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from placement.catalog import UnknownName, country, country_name
from placement.enums import GROUPS_TABLE
from placement.errors import Fault, UsageError, did_you_mean
from placement.policy.pack import Pack
from placement.policy.policy import Policy
from placement.policy.validation.soundness import unsound


def added_to(pack: Pack, given: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Return the codes to add to each group; UsageError with every one that cannot be added."""
    problems: list[Fault] = []
    found: dict[str, frozenset[str]] = {}
    for name, countries in given.items():
        if fault := _no_list(pack, name):
            problems.append(Fault(*fault, column=f"{GROUPS_TABLE}.{name}"))
            continue
        codes = set()
        for text in countries:
            try:
                codes.add(_code(pack, name, text))
            except UnknownName as error:
                column = f"{GROUPS_TABLE}.{name}"
                problems.append(Fault(error.message, error.fix, column=column, value=text))
        found[name] = frozenset(codes)
    problems = problems or list(_unsound(pack, found))
    if problems:
        raise UsageError(problems)
    return found


def added_said(policy: Policy) -> tuple[str, ...]:
    """Return a sentence for each group to which somebody added countries."""
    return tuple(
        f"added to group {name} ({policy.pack.groups[name].title}) by [{GROUPS_TABLE}]: "
        + ", ".join(f"{code} ({country_name(code)})" for code in sorted(codes))
        for name, codes in policy.added.items()
        if codes
    )


def _no_list(pack: Pack, name: str) -> tuple[str, str] | None:
    """Say why nothing can be added to a group, None where it lists its members."""
    listing = [one for one, group in pack.groups.items() if group.is_list]
    if name not in pack.groups:
        hint = did_you_mean(name, listing) or f"groups that list members: {', '.join(listing)}"
        return f"pack {pack.id} has no group {name!r}", hint
    if name in listing:
        return None
    others = ", ".join(pack.groups[name].others())
    if not others:
        return f"group {name!r} is all countries", "drop it"
    message = f"group {name!r} lists no members: it is all countries but those of {others}"
    return message, "add to a group that lists members, and it follows"


def _code(pack: Pack, name: str, text: str) -> str:
    """Return the code of a country that may join a group; UnknownName otherwise."""
    code = country(text)
    if code in pack.groups[name].members:
        raise UnknownName(f"{code} is in group {name!r} by the pack itself", "drop it")
    return code


def _unsound(pack: Pack, added: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """Say what is wrong with the pack with the additions, by the one that does it."""
    if not (all_of_them := list(unsound(pack, added))):
        return
    told = False
    for name, codes in added.items():
        for code in sorted(codes):
            for fault in unsound(pack, {name: frozenset({code})}):
                told = True
                yield _fault(fault[1:], f"{GROUPS_TABLE}.{name}", code)
    if not told:
        for fault in all_of_them:
            yield _fault(fault[1:], GROUPS_TABLE)


def _fault(said: tuple[str, str], column: str, code: str | None = None) -> Fault:
    fix = "drop it: an addition takes a country out of no other list"
    return Fault(f"cannot be added: {said[0]}", fix, column=column, value=code)
