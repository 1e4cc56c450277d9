"""When one measurement of a rule is worse than another: the one answer, for every use.

A base, a baseline, a waiver, and a plan in repair mode ask the same: does the measure (N / T for
shares, N for amounts) exceed max(limit, the measure that it is compared with)? For floors all is
mirrored. Fractions are compared by cross-multiplication, so nothing is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from placement.enums import Verdict
from placement.finding import Finding

_RANK = {Verdict.BREACH: 2, Verdict.WARNING: 1}
_FLOOR = ">="
_DUTY = "duty"

#: What orders measurements: never done, beyond all bounds, the signed measure, the amount.
Badness = tuple[bool, bool, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a rule measured, and what the judge said of it.

    `part` of `whole`; `whole` is 1 where nothing is divided. `part` None: what has to be done was
    not done at all (a notice that was never filed). `is_told`: a duty, of which the amount says
    nothing but that it is due.
    """

    verdict: Verdict
    part: Fraction | None
    whole: Fraction
    limit: Fraction
    is_floor: bool = False
    is_told: bool = False

    @classmethod
    def of(cls, finding: Finding) -> Measurement:
        """Return what a finding measured."""
        return cls(
            finding.verdict,
            None if finding.numerator is None else Fraction(finding.numerator),
            Fraction(1 if finding.denominator is None else finding.denominator),
            Fraction(finding.limit or 0),
            finding.comparison == _FLOOR,
            finding.kind == _DUTY,
        )

    @property
    def rank(self) -> int:
        """How bad the verdict is: 2 a breach, 1 a warning, 0 neither."""
        return _RANK.get(self.verdict, 0)

    @property
    def is_endless(self) -> bool:
        """Whether it is divided by nothing, as a flow by one of which there is none."""
        return bool(self.part) and not self.whole

    @property
    def badness(self) -> Badness:
        """What orders measurements of one rule, the worst last."""
        sign = -1 if self.is_floor else 1
        if self.part is None:
            return True, False, Fraction(0), Fraction(0)
        if self.is_endless:
            return False, not self.is_floor, Fraction(0), sign * self.part
        measure = self.part / self.whole if self.whole else self.limit
        return False, False, sign * measure, Fraction(0)

    def is_beyond(self, limit: Fraction) -> bool:
        """Tell whether it is beyond an amount or share; exactly that passes."""
        if self.part is None:
            return True
        if self.is_floor:
            return self.part < limit * self.whole
        return self.part > limit * self.whole

    def is_worse_than(self, before: Measurement | None) -> bool:
        """Tell whether it is broken where `before` was not, or further beyond; None: nothing was.

        The limit of both is that of this one.
        """
        if self.rank > (before.rank if before is not None else 0):
            return True
        if not self.rank or self.is_told or before is None:
            return False
        return self.is_beyond(self.limit) and self.badness > before.badness


def is_worse(after: Finding, before: Finding | None) -> bool:
    """Tell whether a finding is worse than one of the same rule, owner group and place, or none."""
    return Measurement.of(after).is_worse_than(None if before is None else Measurement.of(before))
