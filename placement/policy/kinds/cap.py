"""`cap`: the most that may stand in some places at a date.

    total <= limit

in the metric's unit (TPP, or accelerators). Exactly at the limit is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from placement.policy.kinds.base import BaseRule, Context
from placement.policy.record import DecimalText
from placement.policy.row import Row
from placement.vocabulary import Comparison


class CapRule(BaseRule):
    """A limit on a total."""

    kind: Literal["cap"]
    limit: DecimalText

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Give (field, group id) for each group the rule names."""
        yield "numerator", self.numerator

    def rows(self, context: Context) -> Iterator[Row]:
        """Give one row, or one for each place of interest in the group."""
        for place, part in self._numerators(context):
            yield self._row(context, place, part, None, Fraction(self.limit), Comparison.AT_MOST)

    def formula(self) -> str:
        """Give the inequality in one line."""
        return f"{self.part()} <= {self.limit}"
