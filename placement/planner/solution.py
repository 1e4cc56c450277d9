"""What a solver gives back, in our own words: only what it proved, and a point to be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ldexp

from placement.planner.program import Program


class Outcome(StrEnum):
    """What a solver says it proved."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"  # a limit was hit; the point, if any, may be infeasible


@dataclass(frozen=True, slots=True)
class Solution:
    """A solver's answer, floats in the program's own units.

    `bound`: what it claims that no point is below, None where it claims nothing. `duals`: one
    multiplier per row (>= 0 pushes a lower end), empty where there are none; of an infeasible
    program, a ray. They are those of the scaled rows (see Image), to be snapped to a grid.
    """

    outcome: Outcome
    solver: str
    x: Sequence[float] = ()
    objective: float | None = None
    bound: float | None = None
    duals: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """Exponents of two by which a program's rows, totals and objective are scaled for floats.

    Column j of the program is 2**columns[j] times the solver's; row i is multiplied by
    2**rows[i], the objective by 2**cost. Powers of two change no digit.
    """

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    cost: int

    @classmethod
    def of(cls, program: Program) -> Image:
        """Choose scales that bring the largest entry of each row and total near 1."""
        columns = [0] * len(program.columns)
        for one in program.defined:
            largest = max(
                (
                    _exponent(value) + columns[column]
                    for row in one.rows
                    for column, value in program.entries(row)
                    if column != one.column
                ),
                default=0,
            )
            columns[one.column] = max(0, largest)
        follow = {one.column for one in program.defined}
        rows = []
        for row in range(len(program.rows)):
            entries = list(program.entries(row))
            loose = {c for c, _ in entries if not program.integer[c] and c not in follow}
            largest = max(
                (_exponent(v) + columns[column] for column, v in entries if column not in loose),
                default=0,
            )
            for column in loose:  # slack: as large as the row is
                columns[column] = max(columns[column], largest)
            rows.append(-max([largest, *(columns[column] for column in loose)]))
        costs = [_exponent(c) + columns[j] for j, c in enumerate(program.objective) if c]
        return cls(tuple(columns), tuple(rows), -max(costs, default=0))

    def value(self, value: int, exponent: int) -> float:
        """Give value * 2**exponent as a float, exact in its leading 53 bits."""
        surplus = max(0, value.bit_length() - 1000)
        return ldexp(float(value >> surplus), exponent + surplus)


def _exponent(value: int) -> int:
    """Give e with 2**e <= |value| < 2**(e + 1)."""
    return abs(value).bit_length() - 1 if value else 0
