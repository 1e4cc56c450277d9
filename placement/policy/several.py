"""The packs of one run, each with its own answers to its own questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from placement.enums import GROUPS_TABLE
from placement.errors import Fault, UsageError, did_you_mean
from placement.policy.load import DEFAULT_PACK, find_pack, read_pack
from placement.policy.policy import Policy

Answers = Mapping[str, str]


def packs_of(named: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the packs that are named, ids or paths: none, one or several."""
    return (named,) if isinstance(named, str) else tuple(named or ())


def load_policies(
    names: Sequence[str],
    answers: Sequence[Answers] = (),
    groups: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> tuple[Policy, ...]:
    """Load the packs of a run, by id or path, in this order; none at all: the default one.

    `answers` are options by NAME, which goes to every pack that has one of that name, or by
    PACK:NAME, which goes to one; later mappings win over earlier ones, and in one of them
    PACK:NAME over NAME. `groups` are the countries to add to groups, named in the same way.
    PolicyError with every fault of a file; UsageError for an unknown id, a
    pack that is named twice, and an option that no pack has.
    """
    files = [find_pack(name) for name in names or (DEFAULT_PACK,)]
    packs = [read_pack(file) for file in files]
    _check_ids(packs)
    unknown = [name for answer in answers for name in answer if not _takers(name, packs)]
    if unknown:
        raise UsageError(_no_option(name, packs) for name in dict.fromkeys(unknown))
    chosen: list[dict[str, str]] = [{} for _ in packs]
    for one in answers:
        for name in sorted(one, key=lambda name: ":" in name):
            for at in _takers(name, packs):
                chosen[at][name.rpartition(":")[2]] = one[name]
    added = _added(groups, packs)
    return tuple(map(read_pack, files, chosen, added))


def of_others(
    options: Iterable[str], groups: Iterable[str], listed: Sequence[str], chosen: Sequence[str]
) -> frozenset[str]:
    """Return the options and groups that a file names for the packs `listed` in it alone.

    None of the packs `chosen` instead has them. What no pack has at all is not among them: it is
    to be refused. Errors as in `load_policies`.
    """
    if list(listed) == list(chosen):
        return frozenset()
    instead, own = (
        [read_pack(find_pack(name)) for name in names or (DEFAULT_PACK,)]
        for names in (chosen, listed)
    )
    return frozenset(
        name
        for names, takers in ((options, _takers), (groups, _adding))
        for name in names
        if not takers(name, instead) and takers(name, own)
    )


def _added(
    groups: Mapping[str, Sequence[str]], packs: Sequence[Policy]
) -> list[dict[str, Sequence[str]]]:
    """Return what is added to the groups of each pack; UsageError for groups that none has."""
    found: list[dict[str, Sequence[str]]] = [{} for _ in packs]
    problems = []
    for name, countries in groups.items():
        group = name.rpartition(":")[2]
        takers = _adding(name, packs)
        for at in takers:
            found[at][group] = [*found[at].get(group, ()), *countries]
        if not takers:
            listing = {n for pack in packs for n, g in pack.pack.groups.items() if g.is_list}
            hint = did_you_mean(group, listing) or f"groups: {', '.join(sorted(listing))}"
            ids = ", ".join(pack.pack.id for pack in packs)
            message = f"pack {ids} has no such group"
            if len(packs) > 1:
                message = f"none of the packs {ids} has such a group"
            problems.append(Fault(message, hint, column=f"{GROUPS_TABLE}.{name}"))
    if problems:
        raise UsageError(problems)
    return found


def _takers(name: str, packs: Sequence[Policy]) -> list[int]:
    """Return the places of the packs to which an option goes."""
    pack, _, option = name.rpartition(":")
    return [
        at
        for at, one in enumerate(packs)
        if pack in ("", one.pack.id) and option in one.pack.options
    ]


def _adding(name: str, packs: Sequence[Policy]) -> list[int]:
    """Return the places of the packs to whose group something is added."""
    pack, _, group = name.rpartition(":")
    return [
        at for at, one in enumerate(packs) if pack in ("", one.pack.id) and group in one.pack.groups
    ]


def _check_ids(packs: Sequence[Policy]) -> None:
    seen: dict[str, Policy] = {}
    for pack in packs:
        first = seen.setdefault(pack.pack.id, pack)
        if first is not pack:
            same = first.digest == pack.digest
            message = "this pack is named twice" if same else "two packs have this id"
            fix = "name it once" if same else "give one of them an id of its own"
            raise UsageError(Fault(message, fix, column="policy", value=pack.pack.id))


def _no_option(name: str, packs: Sequence[Policy]) -> Fault:
    pack, colon, option = name.rpartition(":")
    ids = [pack.pack.id for pack in packs]
    if colon and pack not in ids:
        hint = did_you_mean(pack, ids) or f"packs: {', '.join(ids)}"
        return Fault(f"{pack!r} is none of the chosen packs", hint, column=name)
    known = {name: None for one in packs if pack in ("", one.pack.id) for name in one.pack.options}
    hint = did_you_mean(option, known) or f"options: {', '.join(known)}"
    if len(packs) == 1 or colon:
        return Fault(f"pack {pack or ids[0]} has no such option", hint, column=name)
    return Fault(f"none of the packs {', '.join(ids)} has such an option", hint, column=name)
