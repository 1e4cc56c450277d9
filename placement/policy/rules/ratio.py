"""`ratio`: one flow over another, each model by itself, by shipments.csv.

    shipped from origin to the numerator's places
        <= limit * shipped to the denominator's places for use there

both up to the day, from the rule's first day on (or ever, or in the calendar year: `window`), in
the metric's unit. Exactly at the limit is kept. The denominator does not grow with the numerator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Literal

from pydantic import model_validator

from placement.enums import Comparison, Measure, Which
from placement.policy.base_model import DecimalText, Symbol
from placement.policy.row import Measured, Row
from placement.policy.rules.base import OptionChoice
from placement.policy.rules.linear import Context, On, RuleOnTotals

WINDOWS = ("since_rule", "ever", "calendar_year")


class RatioRule(RuleOnTotals):
    """A limit on what is sent to some places, as a part of what is sent to others."""

    kind: Literal["ratio"]
    denominator: Symbol
    origin: Symbol
    limit: DecimalText
    window: Literal["since_rule", "ever", "calendar_year"] | OptionChoice = "since_rule"

    @model_validator(mode="after")
    def _is_of_each_exporter(self) -> RatioRule:
        plain = self.by == "country" and self.about == "owner" and self.which is Which.ALL
        if not plain or self.per != "group":
            raise ValueError("a ratio is of each exporter, between two groups of countries")
        return self

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield from super().groups_named()
        yield "denominator", self.denominator
        yield "origin", self.origin

    def of(self, on: On) -> Measured:
        """Return the totals that the rows of a day are over, all models together."""
        window = self.window
        chosen = on.options[window.option] if isinstance(window, OptionChoice) else window
        since = self.since if chosen == "since_rule" else None
        if chosen == "calendar_year":
            since = date(on.day.year, 1, 1)
        return Measured(
            self.metric,
            Measure.SHIPPED,
            since=since,
            origin=on.groups[self.origin],
            to=on.groups[self.numerator],
            home=on.groups[self.denominator],
            tested_by=self.tested_by(),
        )

    def rows(self, context: Context) -> Iterator[Row]:
        """Return one row for each model that was shipped."""
        of = self.of(context.on)
        groups = context.on.groups
        for model in sorted(context.models):
            yield self._row(
                context,
                self.numerator,
                groups[self.numerator],
                groups[self.denominator],
                Fraction(self.limit),
                Comparison.AT_MOST,
                replace(of, model=model),
            )

    def formula(self) -> str:
        """Return the inequality in one line."""
        return (
            f"{self.metric} shipped from {self.origin} to {self.numerator} <= {self.limit} * "
            f"{self.metric} shipped to {self.denominator} for use there, each model by itself"
        )
