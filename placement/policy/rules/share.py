"""`share`: the part of a company's computing power in some places, against its whole.

    numerator <= limit * denominator      (or >=; exactly at the limit is kept)

Both sides in thousandths of the metric's unit, the limit an exact ratio. "No more than X %" in a
rule's text means that exactly X % passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from pydantic import field_validator

from placement.enums import Comparison
from placement.policy.base_model import DecimalText, Symbol, at_most_one
from placement.policy.counted import CountedTest
from placement.policy.country_groups import EVERYWHERE
from placement.policy.row import Measured, Row
from placement.policy.rules.linear import Context, On, RuleOnTotals


class ShareRule(RuleOnTotals):
    """A limit on a ratio of totals."""

    kind: Literal["share"]
    denominator: Symbol = EVERYWHERE
    limit: DecimalText
    comparison: Comparison = Comparison.AT_MOST

    @field_validator("limit")
    @classmethod
    def _is_a_ratio(cls, text: str) -> str:
        return at_most_one(text)

    @field_validator("counted")
    @classmethod
    def _is_of_what_the_pack_counts(cls, test: CountedTest | None) -> CountedTest | None:
        # Plans weigh what a share is of once, for all shares of the same places.
        if test is not None:
            raise ValueError(
                "a share is of all that the pack counts: a test of its own is for caps, "
                "prohibitions and ratios"
            )
        return test

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield from super().groups_named()
        yield "denominator", self.denominator

    def of(self, on: On) -> Measured:
        """Return the totals that the rows of a day are over."""
        return replace(super().of(on), as_answered=True)

    def rows(self, context: Context) -> Iterator[Row]:
        """Return one row, or one for each place of interest in the numerator's group."""
        whole = self._group(context, self.denominator)
        every = self.comparison is Comparison.AT_LEAST
        of, limit = self.of(context.on), Fraction(self.limit)
        for place, part in self._numerators(context, every=every):
            yield self._row(context, place, part & whole, whole, limit, self.comparison, of)

    def formula(self) -> str:
        """Return the inequality in one line."""
        whole = f"{self._what()}({self.denominator})"
        return f"{self.part()} {self.comparison} {self.limit} * {whole}"
