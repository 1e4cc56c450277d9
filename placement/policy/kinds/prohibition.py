"""`prohibition`: nothing that counts may stand in some places.

total <= 0
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

from placement.policy.kinds.base import BaseRule, Context
from placement.policy.row import Row
from placement.vocabulary import Comparison


class ProhibitionRule(BaseRule):
    """Places where no counted accelerator may be."""

    kind: Literal["prohibition"]

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Give (field, group id) for each group the rule names."""
        yield "numerator", self.numerator

    def rows(self, context: Context) -> Iterator[Row]:
        """Give one row, or one for each place of interest in the group."""
        for place, part in self._numerators(context):
            yield self._row(context, place, part, None, Fraction(0), Comparison.AT_MOST)

    def formula(self) -> str:
        """Give the inequality in one line."""
        return f"{self.part()} = 0"
