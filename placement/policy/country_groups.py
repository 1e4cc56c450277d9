"""Country groups: who belongs to which at a date, under the options chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from placement.policy.base_model import Record, Symbol

#: The group that every pack has: all places.
EVERYWHERE = "everywhere"

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Member(Record):
    """A country that belongs to a group from a day on (included), or until a day (excluded)."""

    place: CountryCode
    since: date | None = Field(default=None, alias="from")
    until: date | None = None
    note: str = ""

    def belongs_on(self, day: date) -> bool:
        """Tell whether the membership holds on that day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


class Addition(Record):
    """Where an option has a certain value: members that join, or groups that are left out, too."""

    option: Symbol
    value: str
    members: list[CountryCode] = Field(default_factory=list)
    all_except: list[Symbol] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> Addition:
        if bool(self.members) == bool(self.all_except):
            raise ValueError("give either members = [...] or all_except = ['other_group', ...]")
        return self


class Group(Record):
    """Countries by name, or all that are in none of certain other groups.

    A list of countries may be empty only with a note that says why.
    """

    title: str = Field(min_length=1)
    members: list[CountryCode | Member] = Field(default_factory=list)
    all_except: list[Symbol] = Field(default_factory=list)
    when: list[Addition] = Field(default_factory=list)
    note: str = ""

    @model_validator(mode="after")
    def _says_who(self) -> Group:
        listed = "members" in self.model_fields_set
        if listed == ("all_except" in self.model_fields_set):
            raise ValueError("give either members = [...] or all_except = ['other_group', ...]")
        if any(bool(addition.members) != listed for addition in self.when):
            raise ValueError("'when' adds members to a list, and all_except to all_except")
        if listed and not self.members and not self.note:
            raise ValueError("the group is empty; say why in its note, or name its members")
        members = [Member(place=m) if isinstance(m, str) else m for m in self.members]
        for member in members:
            if (
                member.since is not None
                and member.until is not None
                and member.until <= member.since
            ):
                raise ValueError(
                    f"{member.place} belongs from {member.since} until {member.until}, "
                    "which is not after it"
                )
        twice = _twice(members)
        if twice:
            raise ValueError(f"listed twice for the same days: {', '.join(twice)}")
        return self

    @property
    def is_list(self) -> bool:
        """Whether it lists its members, which may be none."""
        return "members" in self.model_fields_set

    def others(self) -> Iterator[str]:
        """Return the groups that the group's text leaves out."""
        yield from self.all_except
        for addition in self.when:
            yield from addition.all_except

    def changes(self) -> Iterator[date]:
        """Return the days on which a country joins or leaves."""
        for member in self.members:
            if isinstance(member, Member):
                yield from (day for day in (member.since, member.until) if day is not None)

    def named(self) -> Iterator[str]:
        """Return every country code that the group's text names."""
        for member in self.members:
            yield member.place if isinstance(member, Member) else member
        for addition in self.when:
            yield from addition.members


def _twice(members: Sequence[Member]) -> list[str]:
    """Return the countries that two entries have in the group on the same day."""
    spans: dict[str, list[tuple[date, date]]] = {}
    for member in members:
        span = (member.since or date.min, member.until or date.max)
        spans.setdefault(member.place, []).append(span)
    return [
        place
        for place, found in spans.items()
        if any(left[1] > right[0] for left, right in pairwise(sorted(found)))
    ]


def resolve_groups(
    groups: Mapping[str, Group],
    options: Mapping[str, str],
    universe: frozenset[str],
    day: date,
    added: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> dict[str, frozenset[str]]:
    """Return each group's countries on a day, `everywhere` included.

    `universe` is all country codes there are; all_except groups are taken from it. `added`: who
    joins the members of a group on every day. Groups that refer to each other in a circle were
    refused when the pack was loaded.
    """
    resolved: dict[str, frozenset[str]] = {EVERYWHERE: universe}
    todo = [*groups][::-1]
    while todo:
        name = todo[-1]
        group = groups[name]
        chosen = [one for one in group.when if options[one.option] == one.value]
        left_out = {*group.all_except, *(other for one in chosen for other in one.all_except)}
        unknown = sorted(left_out - resolved.keys())
        if unknown:
            # A chain of groups may be longer than functions can call one another.
            todo += unknown
            continue
        todo.pop()
        if "all_except" in group.model_fields_set:
            out = universe.difference(*(resolved[other] for other in left_out))
        else:
            listed = {
                member if isinstance(member, str) else member.place
                for member in group.members
                if isinstance(member, str) or member.belongs_on(day)
            }
            for addition in chosen:
                listed.update(addition.members)
            out = frozenset(listed) | added.get(name, frozenset())
        resolved[name] = out
    return resolved
