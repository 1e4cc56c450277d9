"""What all rule kinds share: whom a rule binds, when, with which citation; and its rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from pydantic import Field

from placement.policy.record import Record, Symbol
from placement.policy.row import Row
from placement.vocabulary import Comparison

Between = Literal["ignore", "warning", "breach"]
Metric = Literal["tpp", "accelerators"]


class Binding(Record):
    """Conditions on the subject that must all hold; none given: the rule binds everyone."""

    authorization: Symbol | None = None
    headquarters: Symbol | None = None


class OptionChoice(Record):
    """A field whose value is that of an option of the pack."""

    option: Symbol


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule needs to become rows: subject, date, groups then, and places of interest."""

    subject: str
    day: date
    groups: Mapping[str, frozenset[str]]
    places: frozenset[str]


class BaseRule(Record, ABC):
    """The part of a rule that does not depend on its kind."""

    kind: str
    id: Symbol
    title: str = Field(min_length=1)
    binds: Binding = Binding()
    numerator: Symbol
    per: Literal["each place", "group"] = "group"
    metric: Metric = "tpp"
    schedule: Symbol
    between_dates: Between | OptionChoice = "ignore"
    citation: str = Field(min_length=1)
    codified: bool | None = None
    enforced: bool | None = None
    as_of: date | None = None
    fix: str = ""

    @abstractmethod
    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Give (field, group id) for each group the rule names."""

    @abstractmethod
    def rows(self, context: Context) -> Iterator[Row]:
        """Give the rule's rows for one subject on one date."""

    @abstractmethod
    def formula(self) -> str:
        """Give the inequality in one line."""

    def part(self) -> str:
        """Give the left-hand side of the formula."""
        where = f"each place of {self.numerator}" if self.per == "each place" else self.numerator
        return f"{self.metric}({where})"

    def _numerators(
        self, context: Context, *, every: bool = False
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """Give (place or group id, its countries): one, or one per place of interest.

        `every`: each place of the group is of interest, also where nothing stands (a floor).
        """
        group = context.groups[self.numerator]
        present = sorted(group if every else group & context.places)
        if self.per == "each place" and present:
            for place in present:
                yield place, frozenset({place})
        else:
            yield self.numerator, group

    def _row(
        self,
        context: Context,
        place: str,
        numerator: frozenset[str],
        denominator: frozenset[str] | None,
        limit: Fraction,
        comparison: Comparison,
    ) -> Row:
        return Row(
            rule=self.id,
            kind=self.kind,
            subject=context.subject,
            place=place,
            day=context.day,
            metric=self.metric,
            numerator=numerator,
            denominator=denominator,
            limit=limit,
            comparison=comparison,
        )
