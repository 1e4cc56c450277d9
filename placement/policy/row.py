"""The one idea: a rule at a date is an exact linear row over totals by place.

    sum over p of  coefficient(p) * total(p)  <=  bound

with integer coefficients and bound, and totals in thousandths of the metric's unit (mTPP, or
thousandths of an accelerator). `check` evaluates it, `headroom` solves it for one unknown,
`optimize` adds it to a program. Nothing else knows what "7 percent" means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from placement.enums import Channel, Comparison, Measure, Which
from placement.text.decimals import THOUSAND

Metric = Literal["tpp", "accelerators"]
#: The column of a site that a rule's places are taken from.
PlaceColumn = Literal["country", "metro", "region", "site"]

#: A total in thousandths of its unit: an int, or a Fraction where parts of a chip are counted.
Amount = int | Fraction


@dataclass(frozen=True, slots=True)
class Measured:
    """Which totals a row is over: what is added up, in which unit, by which column of places.

    `which`: only lots of a certain kind; `seated`: only of companies with headquarters there;
    `authorization`: what an operator must hold; `exceptions`: a lot that came by one of these needs
    no licence. Received and shipped is what came from `since` on up to the day of the row (None:
    ever; of uncovered stock, too): received by one of `channels` (none: any), shipped from
    `origin` (None: anywhere), counted in `to` where it goes or is used there, or, to places of
    `home`, for use there. `tested_by`: the id of the rule whose own tests (counted, unless) say
    which models count; None: the pack's. `as_answered`: whose chips count, and from when on, is as
    the open questions about shares are answered. `model`: of one model.
    """

    metric: Metric = "tpp"
    measure: Measure = Measure.STOCK
    by: PlaceColumn = "country"
    which: Which = Which.ALL
    channels: frozenset[Channel] = frozenset()
    exceptions: frozenset[Channel] = frozenset()
    since: date | None = None
    origin: frozenset[str] | None = None
    to: frozenset[str] = frozenset()
    home: frozenset[str] = frozenset()
    tested_by: str | None = None
    authorization: str | None = None
    seated: frozenset[str] | None = None
    as_answered: bool = False
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One rule, for one subject, at one place or group, on one date.

    `denominator` None: an amount row, `limit` in the metric's unit. Otherwise a share row,
    `limit` the ratio numerator / denominator. The numerator's places are a subset of the
    denominator's, or (one flow over another) none of them is among it.
    """

    rule: str
    kind: str
    subject: str
    place: str
    day: date
    of: Measured
    numerator: frozenset[str]
    denominator: frozenset[str] | None
    limit: Fraction
    comparison: Comparison

    @property
    def metric(self) -> Metric:
        """The unit of its totals."""
        return self.of.metric

    @property
    def is_share(self) -> bool:
        """Whether the row compares a part with a whole."""
        return self.denominator is not None

    @property
    def is_nested(self) -> bool:
        """Whether the places of a share's numerator are among those of its denominator."""
        return self.denominator is not None and self.numerator <= self.denominator

    def coefficient(self, place: str) -> int:
        """Return the integer factor of the total at a place."""
        return int(self.linear(place in self.numerator, self._in_denominator(place)))

    @property
    def bound(self) -> int:
        """Return the right-hand side, scaled as the coefficients are."""
        return 0 if self.is_share else self._sign * self.limit.numerator * THOUSAND

    @property
    def factors(self) -> tuple[int, int]:
        """The factors of the totals of the numerator's and of the denominator's places."""
        p, q = self.limit.as_integer_ratio()
        return self._sign * q, 0 if self.denominator is None else -self._sign * p

    def linear(self, part: Amount, whole: Amount) -> Amount:
        """Return the left-hand side for totals of the numerator's and the denominator's places."""
        of_part, of_whole = self.factors
        return of_part * part + of_whole * whole

    def excess(self, part: Amount, whole: Amount) -> Amount:
        """Return left-hand side minus bound: the row is kept exactly where this is <= 0."""
        return self.linear(part, whole) - self.bound

    def is_kept(self, part: Amount, whole: Amount) -> bool:
        """Tell whether such totals keep the row."""
        return self.excess(part, whole) <= 0

    def is_at_its_worst(self, part: Amount, whole: Amount) -> bool:
        """Tell whether a broken share is at 100 % (a floor: at 0 %), where no more worsens it."""
        if not self.is_share or self.is_kept(part, whole):
            return False
        return part == whole if self.comparison is Comparison.AT_MOST else part == 0

    def share(self, part: Amount, whole: Amount) -> Fraction | None:
        """Return the part of the whole; None for an amount, and of nothing."""
        return Fraction(part) / whole if self.is_share and whole else None

    def room(self, part: Amount, whole: Amount) -> Fraction | None:
        """Return the most that may be added at the numerator's places, in thousandths.

        The denominator grows with what is added: x <= (p*T - q*N) / (q - p); where the numerator
        is no part of it, x <= (p*T - q*N) / q. Negative: as much must leave. None: no addition
        there can break the row.
        """
        if self.comparison is Comparison.AT_LEAST:
            return None
        if not self.is_share:
            return self.limit * THOUSAND - part
        p, q = self.limit.numerator, self.limit.denominator
        if self.denominator is not None and self.numerator.isdisjoint(self.denominator):
            return Fraction(p * whole - q * part, q)
        return None if p >= q else Fraction(p * whole - q * part, q - p)

    @property
    def _sign(self) -> int:
        return 1 if self.comparison is Comparison.AT_MOST else -1

    def _in_denominator(self, place: str) -> bool:
        return self.denominator is not None and place in self.denominator
