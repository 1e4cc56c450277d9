"""Country groups: who belongs to which at a date, under the options chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from placement.policy.record import Record, Symbol

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
    """Members that join where an option has a certain value."""

    option: Symbol
    value: str
    members: Annotated[list[CountryCode], Field(min_length=1)]


class Group(Record):
    """Countries by name, or all that are in none of certain other groups."""

    title: str = Field(min_length=1)
    members: list[CountryCode | Member] = Field(default_factory=list)
    all_except: list[Symbol] = Field(default_factory=list)
    when: list[Addition] = Field(default_factory=list)
    note: str = ""

    @model_validator(mode="after")
    def _says_who(self) -> Group:
        if bool(self.members) == bool(self.all_except):
            raise ValueError("give either members = [...] or all_except = ['other_group', ...]")
        if self.all_except and self.when:
            raise ValueError("'when' adds members to a list, not to all_except")
        return self

    def changes(self) -> Iterator[date]:
        """Give the days on which a country joins or leaves."""
        for member in self.members:
            if isinstance(member, Member):
                yield from (day for day in (member.since, member.until) if day is not None)

    def named(self) -> Iterator[str]:
        """Give every country code that the group's text names."""
        for member in self.members:
            yield member.place if isinstance(member, Member) else member
        for addition in self.when:
            yield from addition.members


def resolve_groups(
    groups: Mapping[str, Group],
    options: Mapping[str, str],
    universe: frozenset[str],
    day: date,
) -> dict[str, frozenset[str]]:
    """Give each group's countries on a day, `everywhere` included.

    `universe` is all country codes there are; all_except groups are taken from it. Groups that
    refer to each other in a circle were refused when the pack was loaded.
    """
    resolved: dict[str, frozenset[str]] = {EVERYWHERE: universe}

    def members(name: str) -> frozenset[str]:
        if name not in resolved:
            group = groups[name]
            if group.all_except:
                out = universe.difference(*(members(other) for other in group.all_except))
            else:
                listed = {
                    member if isinstance(member, str) else member.place
                    for member in group.members
                    if isinstance(member, str) or member.belongs_on(day)
                }
                for addition in group.when:
                    if options[addition.option] == addition.value:
                        listed.update(addition.members)
                out = frozenset(listed)
            resolved[name] = out
        return resolved[name]

    for name in groups:
        members(name)
    return resolved
