"""Checking a proof: no solver, no floats, only the program's integers and some multipliers.

For any multipliers y of the right sign,

    constant + sum_i (y_i * row_lower_i if y_i > 0 else y_i * row_upper_i)
             + sum_j min over lower_j <= x_j <= upper_j of (objective_j - sum_i y_i a_ij) * x_j

is below the objective of every point of the program. With an objective of zero, a positive value
proves that there is no point at all (Farkas). Multipliers are whole steps of 2**-shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.lp.exact_arrays import scatter, wide

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints
    from placement.lp.program import Program
    from placement.proof.prove import Certificate


@dataclass(frozen=True, slots=True)
class Multipliers:
    """One multiplier for each of some rows: steps[n] / 2**shift of row rows[n]; others are 0."""

    rows: Ints
    steps: Ints
    shift: int

    @classmethod
    def of(cls, steps: Ints, shift: int) -> Multipliers:
        """Take the steps of all rows."""
        rows = np.flatnonzero(steps)
        return cls(rows, wide(steps[rows]), shift)


def lower_bound(
    program: Program, multipliers: Multipliers, *, feasibility: bool = False
) -> Fraction:
    """Evaluate the bound; `feasibility`: with an objective of zero.

    ValueError for a multiplier that pushes an end which its row does not have.
    """
    rows, steps = multipliers.rows, wide(multipliers.steps)
    pushes_up = steps > 0
    ends_there = np.where(pushes_up, program.has_lower[rows], program.has_upper[rows])
    if not ends_there.all():
        wrong = int(rows[np.flatnonzero(~ends_there)[0]])
        raise ValueError(f"the multiplier of row {wrong} has the wrong sign")
    ends = np.where(pushes_up, wide(program.row_lower[rows]), wide(program.row_upper[rows]))
    found = sum((steps * ends).tolist())
    reduced = -weighed(program, rows, steps)
    if not feasibility:
        reduced = reduced + wide(program.objective) * (1 << multipliers.shift)
    at = np.where(reduced > 0, wide(program.lower), wide(program.upper))
    found += sum((reduced * at).tolist())
    bound = Fraction(found, 1 << multipliers.shift)
    return bound if feasibility else bound + program.constant


def weighed(program: Program, rows: Ints, steps: Ints) -> Ints:
    """Return the sum over some rows of steps x coefficients, by column."""
    entries, starts = program.entries_of(rows)
    each = np.repeat(steps, np.diff(starts)) * wide(program.values[entries])
    return wide(scatter(len(program.columns), program.indices[entries], each))


def verify(program: Program, certificate: Certificate) -> bool:
    """Tell whether a certificate is of this program and proves what it says."""
    if certificate.program != program.digest:
        return False
    infeasible = certificate.kind == "infeasible"
    try:
        found = lower_bound(program, certificate.multipliers, feasibility=infeasible)
    except (ValueError, IndexError):
        return False
    return found > 0 if infeasible else found >= certificate.value
