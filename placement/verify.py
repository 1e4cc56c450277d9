"""Checking a proof: no solver, no floats, only the program's integers and some multipliers.

For any multipliers y of the right sign,

    constant + sum_i (y_i * row_lower_i if y_i > 0 else y_i * row_upper_i)
             + sum_j min over lower_j <= x_j <= upper_j of (objective_j - sum_i y_i a_ij) * x_j

is below the objective of every point of the program. With an objective of zero, a positive value
proves that there is no point at all (Farkas).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placement.certificate import Certificate
    from placement.planner.program import Program


def lower_bound(
    program: Program, multipliers: Mapping[int, Fraction], *, feasibility: bool = False
) -> Fraction:
    """Evaluate the bound; `feasibility`: with an objective of zero.

    ValueError for a multiplier that pushes an end which its row does not have.
    """
    scale = lcm(*(y.denominator for y in multipliers.values()))
    total = 0
    reduced = [0 if feasibility else c * scale for c in program.objective]
    for row, y in multipliers.items():
        whole = int(y * scale)
        end = program.row_lower[row] if whole > 0 else program.row_upper[row]
        if whole == 0:
            continue
        if end is None:
            raise ValueError(f"the multiplier of row {row} has the wrong sign")
        total += whole * end
        for column, value in program.entries(row):
            reduced[column] -= whole * value
    for column, cost in enumerate(reduced):
        total += cost * (program.lower[column] if cost > 0 else program.upper[column])
    found = Fraction(total, scale)
    return found if feasibility else found + program.constant


def verify(program: Program, certificate: Certificate) -> bool:
    """Tell whether a certificate is of this program and proves what it says."""
    if certificate.program != program.digest():
        return False
    infeasible = certificate.kind == "infeasible"
    try:
        found = lower_bound(program, certificate.multipliers, feasibility=infeasible)
    except (ValueError, IndexError):
        return False
    return found > 0 if infeasible else found >= certificate.value
