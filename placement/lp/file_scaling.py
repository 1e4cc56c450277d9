"""The powers of ten by which an exported program is scaled, so that any solver takes it well.

Solvers keep absolute tolerances, and read numbers beyond some 1e15 as infinite and small ones as 0.
Column x of the program is 10**columns[x] times that of the file; row r of the file is the program's
divided by 10**rows[r], and its objective the program's by 10**cost. Digits stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind
from placement.lp.program import Program
from placement.lp.scaling import Scaling

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Tens:
    """Powers of ten by column, by row, and of the objective."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    cost: int

    @classmethod
    def of(cls, program: Program) -> Tens:
        """Choose those that bring totals and the largest entry of each row near 1.

        And the objective's middle coefficient. What a plan decides but surplus stays.
        """
        columns = np.rint(Scaling.of(program).columns * log10(2)).astype(int)
        stays = program.decides.copy()
        stays[program.columns.of_kind(ColumnKind.SURPLUS, ColumnKind.DISPLACED)] = False
        columns[stays] = 0
        sizes = _digits(program.values) + columns[program.indices]
        rows = np.zeros(len(program.rows), dtype=int)
        filled = np.flatnonzero(np.diff(program.starts))
        if len(filled):
            largest = np.maximum.reduceat(sizes, program.starts[:-1][filled])
            rows[filled] = np.floor(largest).astype(int)
        priced = np.flatnonzero(program.objective)
        cost = 0
        if len(priced):
            cost = round(float(np.median(_digits(program.objective[priced]) + columns[priced])))
        return cls(tuple(columns.tolist()), tuple(rows.tolist()), cost)


def _digits(values: Ints) -> Floats:
    """Return the logarithms to base ten, 0 for 0."""
    return np.array([log10(abs(value)) if value else 0.0 for value in values.tolist()])


def scaled(value: int, power: int) -> str:
    """Write a whole number times a power of ten, digit for digit."""
    return f"{value}e{power}" if value and power else str(value)
