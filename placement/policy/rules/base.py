"""What all rule kinds share: whom a rule binds, from when to when, with which citation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import Field, StrictBool, model_validator

from placement.policy.base_model import Record, Symbol
from placement.policy.examples import Example

Between = Literal["ignore", "warning", "breach"]


Whose = Literal["parent", "holder", "either"]


class OptionChoice(Record):
    """A field whose value is that of an option of the pack."""

    option: Symbol


class Binding(Record):
    """Conditions on the subject that must all hold; none given: the rule binds everyone.

    `headquarters` is a group of the pack, and those of the ultimate parent are in it; or, by
    `whose`, those of a company that holds an authorization, or of either. `seatless`:
    nobody is seated in that group: neither the ultimate parent nor a company that holds an
    authorization. `nveu` is held country by country: a rule on places that needs it binds only
    where the subject holds it.
    """

    authorization: Symbol | None = None
    headquarters: Symbol | None = None
    whose: Whose | OptionChoice = "parent"
    seatless: Symbol | None = None

    @model_validator(mode="after")
    def _whose_headquarters(self) -> Binding:
        if self.whose != "parent" and None in (self.headquarters, self.authorization):
            raise ValueError("whose headquarters count is asked of holders of an authorization")
        return self

    def groups_named(self) -> Iterator[str]:
        """Return each group that is named."""
        yield from (name for name in (self.headquarters, self.seatless) if name is not None)


class Condition(Record):
    """A rule that stands only under certain answers to an open question."""

    option: Symbol
    values: list[str] = Field(min_length=1)


class BaseRule(Record, ABC):
    """The part of a rule that does not depend on its kind.

    In force on a day where `since` <= day < `until`. `examples`: fleets that pass it, fail it, and
    stand exactly at its limit.
    """

    kind: str
    id: Symbol
    title: str = Field(min_length=1)
    binds: Binding = Binding()
    only_if: Condition | None = None
    since: date | None = Field(default=None, alias="from")
    until: date | None = None
    schedule: Symbol
    between_dates: Between | OptionChoice = "ignore"
    citation: str = Field(min_length=1)
    codified: StrictBool | None = None
    enforced: StrictBool | None = None
    as_of: date | None = None
    fix: str = ""
    note: str = ""
    examples: list[Example] = Field(default_factory=list)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> BaseRule:
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError(
                f"in force from {self.since} until {self.until}, which is not after it"
            )
        return self

    def in_force(self, day: date) -> bool:
        """Tell whether the rule stands on a day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )

    @abstractmethod
    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""

    @abstractmethod
    def formula(self) -> str:
        """Return the inequality in one line."""

    def place(self) -> str:
        """Return what a finding that is about no single place is about."""
        return "everywhere"

    def unit(self) -> str:
        """Return the unit of the rule's amounts."""
        return "TPP"
