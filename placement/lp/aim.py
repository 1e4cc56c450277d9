"""An objective of a program, with the unit it is printed in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from placement.lp.program import Program


@dataclass(frozen=True, slots=True)
class Aim:
    """An objective: the program that minimizes it, and the program's units in one printed unit.

    `unit` below 0: the printed value is the more, the better. `measured_in`: the printed unit.
    `slack`: by which part of its value later objectives may worsen it. `least`: no plan is below
    it, whatever its rows are, in the program's units: a sum of amounts is not below 0.
    """

    name: str
    program: Program
    unit: int
    measured_in: str
    slack: Fraction = Fraction(0)
    least: int | None = None

    def at_least(self, bound: Fraction) -> Fraction:
        """Return a bound of the objective, or what no plan is below, whichever is more."""
        return bound if self.least is None else max(bound, Fraction(self.least))
