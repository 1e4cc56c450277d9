"""The one idea: a rule at a date is an exact linear row over totals by place.

    sum over p of  coefficient(p) * total(p)  <=  bound

with integer coefficients and bound, and totals in thousandths of the metric's unit (mTPP, or
thousandths of an accelerator). `check` evaluates it, `headroom` solves it for one unknown,
`optimize` adds it to a program. Nothing else knows what "7 percent" means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from placement.amounts import THOUSAND
from placement.vocabulary import Comparison


@dataclass(frozen=True, slots=True)
class Row:
    """One rule, for one subject, at one place or group, on one date.

    `denominator` None: an amount row, `limit` in the metric's unit. Otherwise a share row,
    `limit` the ratio numerator / denominator, and the numerator's places are a subset of the
    denominator's.
    """

    rule: str
    kind: str
    subject: str
    place: str
    day: date
    metric: str
    numerator: frozenset[str]
    denominator: frozenset[str] | None
    limit: Fraction
    comparison: Comparison

    @property
    def is_share(self) -> bool:
        """Whether the row compares a part with a whole."""
        return self.denominator is not None

    def coefficient(self, place: str) -> int:
        """Give the integer factor of the total at a place."""
        p, q = self.limit.numerator, self.limit.denominator
        value = q if place in self.numerator else 0
        if self.denominator is not None and place in self.denominator:
            value -= p
        return value if self.comparison is Comparison.AT_MOST else -value

    @property
    def bound(self) -> int:
        """Give the right-hand side, scaled as the coefficients are."""
        if self.is_share:
            return 0
        value = self.limit.numerator * THOUSAND
        return value if self.comparison is Comparison.AT_MOST else -value

    def excess(self, totals: Mapping[str, Fraction]) -> Fraction:
        """Give left-hand side minus bound: the row is kept exactly where this is <= 0."""
        lhs = sum((self.coefficient(place) * amount for place, amount in totals.items()), Fraction())
        return lhs - self.bound

    def measure(self, totals: Mapping[str, Fraction]) -> tuple[Fraction, Fraction | None]:
        """Give numerator and denominator (None for an amount), in thousandths."""
        part = sum((v for place, v in totals.items() if place in self.numerator), Fraction())
        if self.denominator is None:
            return part, None
        whole = sum((v for place, v in totals.items() if place in self.denominator), Fraction())
        return part, whole

    def room(self, totals: Mapping[str, Fraction]) -> Fraction | None:
        """Give the most that may be added at the numerator's places, in thousandths.

        The denominator grows with what is added: x <= (p*T - q*N) / (q - p). Negative: as much
        must leave. None: no addition there can break the row.
        """
        if self.comparison is Comparison.AT_LEAST:
            return None
        part, whole = self.measure(totals)
        if whole is None:
            return self.limit * THOUSAND - part
        p, q = self.limit.numerator, self.limit.denominator
        return None if p >= q else (p * whole - q * part) / (q - p)
