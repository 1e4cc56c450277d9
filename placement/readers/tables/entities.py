"""Who owns whom: ultimate parents, their headquarters, and the authorizations of a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from placement.errors import SHOWN_PROBLEMS, Fault, InputError, did_you_mean
from placement.readers.cells import BadText, CountryCode, country_code, words
from placement.readers.table import read_table
from placement.text.lookalikes import Mention, NameKind

_KINDS = ("uveu", "nveu:<country>", "none")
_FIX = "write uveu, nveu:<country> or none, several separated by ;"


class EntityRow(BaseModel):
    """One company, its parent and headquarters, and what it is authorized for."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    entity: Annotated[str, NameKind.COMPANY]
    headquarters: CountryCode | None = None
    parent: Annotated[str | None, NameKind.COMPANY] = None
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One company: its parent, its headquarters, what it is authorized to, and its line."""

    name: str
    parent: str | None
    headquarters: str | None
    authorizations: frozenset[str]
    line: int | None = None


class Entities:
    """The companies of a run. Build with `read_entities`, `Entities(...)` or `Entities.assume`."""

    def __init__(
        self,
        entities: Iterable[Entity],
        *,
        file: str | None = None,
        notes: tuple[str, ...] = (),
        assumed: Entity | None = None,
    ) -> None:
        """Check the entities against one another; InputError with every fault."""
        listed = self._listed = tuple(entities)
        self.file = file
        self.notes = notes
        self._assumed = assumed
        self._entities: Mapping[str, Entity] = {one.name: one for one in reversed(listed)}
        problems = [*_repeated(listed, file), *_orphans(listed, self._entities, file)]
        roots, cycles = _roots(self._entities, file)
        problems += cycles
        problems += [
            Fault(
                "an ultimate parent has no headquarters",
                "write the country of its headquarters",
                file,
                one.line,
                "entity",
                one.name,
            )
            for one in self._entities.values()
            if one.parent is None and one.headquarters is None
        ]
        if problems:
            raise InputError(problems)
        self._roots = roots
        groups: dict[str, list[str]] = {}
        for member, root in roots.items():
            groups.setdefault(root, []).append(member)
        self._groups = {root: frozenset(members) for root, members in groups.items()}
        self._granted: dict[str, frozenset[str]] = {
            root: frozenset().union(*(self._entities[name].authorizations for name in members))
            for root, members in groups.items()
        }

    @classmethod
    def assume(cls, headquarters: str, authorizations: Iterable[str] = ()) -> Entities:
        """Take every owner for its own ultimate parent, with these."""
        granted = _authorizations(";".join(authorizations))
        return cls((), assumed=Entity("", None, country_code(headquarters), granted))

    @property
    def assumed(self) -> bool:
        """Whether headquarters and authorization are an assumption, not from a file."""
        return self._assumed is not None

    def __iter__(self) -> Iterator[Entity]:
        """Return the entities of the file, in its order."""
        return iter(self._listed)

    def names(self) -> list[Mention]:
        """Return every name in the file, with its line."""
        kind, file = NameKind.COMPANY, self.file
        return [
            *(Mention(kind, one.name, file, one.line, "entity") for one in self._listed),
            *(
                Mention(kind, one.parent, file, one.line, "parent")
                for one in self._listed
                if one.parent is not None
            ),
        ]

    def entity(self, name: str) -> Entity:
        """Return one entity by its exact name (outer space apart); InputError if unknown."""
        name = name.strip()
        if name in self._entities:
            return self._entities[name]
        if self._assumed is not None:
            one = self._assumed
            return Entity(name, None, one.headquarters, one.authorizations)
        raise InputError(self._unknown(name))

    def ultimate_parent(self, owner: str) -> str:
        """Return the name at the top of the owner's group."""
        name = self.entity(owner).name
        return self._roots.get(name, name)

    def seat(self, name: str) -> str:
        """Return the country of a company's own headquarters; where not said, its parent's."""
        return self.entity(name).headquarters or self.headquarters(name)

    def ancestors(self, name: str) -> list[str]:
        """Return the names of a company's parents, the nearest first."""
        found: list[str] = []
        parent = self.entity(name).parent
        while parent is not None:
            found.append(parent)
            parent = self.entity(parent).parent
        return found

    def group(self, owner: str) -> frozenset[str]:
        """Return the names of all entities in the owner's group, its ultimate parent among them."""
        parent = self.ultimate_parent(owner)
        return self._groups.get(parent, frozenset({parent}))

    def headquarters(self, owner: str) -> str:
        """Return the country of the headquarters of the owner's ultimate parent."""
        found = self.entity(self.ultimate_parent(owner)).headquarters
        if found is None:
            raise AssertionError("an ultimate parent without headquarters was let in")
        return found

    def authorizations(self, owner: str) -> frozenset[str]:
        """Return every authorization held by any member of the owner's group."""
        parent = self.ultimate_parent(owner)
        if parent in self._granted:
            return self._granted[parent]
        return self.entity(parent).authorizations

    def problems_for(self, owners: Iterable[str], file: str) -> list[Fault]:
        """Say which owners of an inventory are not in the entities file."""
        if self._assumed is not None:
            return []
        missing = sorted({owner.strip() for owner in owners} - self._entities.keys())
        return [
            self._unknown(name, file, hint=place < SHOWN_PROBLEMS)
            for place, name in enumerate(missing)
        ]

    def _unknown(self, name: str, file: str | None = None, *, hint: bool = True) -> Fault:
        near = did_you_mean(name, self._entities) if hint else ""
        add = f"add a row for it to {self.file or 'entities.csv'}"
        return Fault(
            "company without headquarters",
            f"{near} Else {add}" if near else add,
            file or self.file,
            column="owner",
            value=name,
        )


def read_entities(path: str | Path, *, name: str | None = None) -> Entities:
    """Read an entities file; InputError with every fault found."""
    table = read_table(path, EntityRow, columns=("headquarters",), name=name)
    problems: list[Fault] = []
    entities: list[Entity] = []
    for line, row in table.rows:
        try:
            granted = _authorizations(row.authorization)
        except BadText as bad:
            granted = frozenset()
            problems.append(
                Fault(bad.message, bad.fix, table.file, line, "authorization", row.authorization)
            )
        entities.append(Entity(row.entity, row.parent, row.headquarters, granted, line))
    try:
        checked = Entities(entities, file=table.file, notes=table.notes)
    except InputError as error:
        raise InputError([*problems, *error.problems], len(problems) + error.total) from None
    if problems:
        raise InputError(problems)
    return checked


def _authorizations(text: str) -> frozenset[str]:
    found = set()
    parts = [part.casefold() for part in words(text)]
    if "none" in parts and len(set(parts)) > 1:
        raise BadText("none and another authorization exclude each other", "keep one of them")
    for part in words(text):
        kind, colon, where = part.casefold().partition(":")
        if kind == "uveu" and not colon:
            found.add("uveu")
        elif kind == "nveu" and where.strip():
            found.add(f"nveu:{country_code(where)}")
        elif kind == "nveu":
            raise BadText("nveu names no country", "write nveu:<country>, as nveu:IN")
        elif part.casefold() != "none":
            near = did_you_mean(part, _KINDS)
            raise BadText(f"no authorization is called {part!r}", f"{near} {_FIX}".strip())
    return frozenset(found)


def _repeated(listed: Sequence[Entity], file: str | None) -> list[Fault]:
    first: dict[str, Entity] = {}
    problems = []
    for one in listed:
        other = first.setdefault(one.name, one)
        if other is one:
            continue
        message = f"the entity is already on line {other.line}"
        if one.headquarters != other.headquarters:
            message += f", with headquarters {other.headquarters}, here {one.headquarters}"
        problems.append(Fault(message, "keep one of them", file, one.line, "entity", one.name))
    return problems


def _orphans(
    listed: Sequence[Entity], known: Mapping[str, Entity], file: str | None
) -> list[Fault]:
    problems: list[Fault] = []
    for one in listed:
        if one.parent is None or one.parent in known:
            continue
        # A search for a near name takes long, and no more than these are shown.
        shown = len(problems) < SHOWN_PROBLEMS
        near = did_you_mean(one.parent, [n for n in known if n != one.name]) if shown else ""
        message, fix = "the parent has no row of its own", near or "add a row for it"
        problems.append(Fault(message, fix, file, one.line, "parent", one.parent))
    return problems


def _roots(known: Mapping[str, Entity], file: str | None) -> tuple[dict[str, str], list[Fault]]:
    """Climb from every entity to the top of its group; a cycle is told once, at its first line."""
    roots: dict[str, str] = {}
    problems = []
    for start in sorted(known.values(), key=lambda one: one.line or 0):
        # The names on the way up, each with its place; it ends where the top is known.
        path: dict[str, int] = {}
        name = start.name
        while name not in roots and name not in path:
            path[name] = len(path)
            parent = known[name].parent
            if parent is None or parent not in known:
                break
            name = parent
        else:
            if name not in roots:
                problems.append(_ring([*[*path][path[name] :], name], known[name], file))
        roots |= dict.fromkeys(path, roots.get(name, name))
    return roots, problems


def _ring(names: Sequence[str], first: Entity, file: str | None) -> Fault:
    message = f"owns itself: {' -> '.join(repr(name) for name in names)}"
    return Fault(message, "break the ring", file, first.line, "parent", first.parent)
