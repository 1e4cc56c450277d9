"""Powers of two by which an exact program is scaled for solvers in floats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints
    from placement.lp.program import Program


@dataclass(frozen=True, slots=True)
class Scaling:
    """Exponents of two by which a program's rows, totals and objective are scaled for floats.

    Column j of the program is 2**columns[j] times the solver's; row i is multiplied by
    2**rows[i], the objective by 2**cost. Powers of two change no digit.
    """

    columns: Ints
    rows: Ints
    cost: int

    @classmethod
    def of(cls, program: Program) -> Scaling:
        """Choose scales that bring the largest entry of each row and total near 1."""
        columns = np.zeros(len(program.columns), dtype=np.int64)
        sizes = exponents(program.values)
        for one in program.defined:
            for rows in one.rows if one.each is None else ():
                entries, starts = program.entries_of(rows)
                others = program.indices[entries]
                own = np.repeat(one.columns, np.diff(starts))
                at = np.where(others == own, 0, sizes[entries] + columns[others])
                largest = np.maximum.reduceat(at, starts[:-1])
                columns[one.columns] = np.maximum(columns[one.columns], largest)
        rows = np.zeros(len(program.rows), dtype=np.int64)
        filled = np.flatnonzero(np.diff(program.starts))
        if len(filled):
            loose = ~program.integer & program.decides
            at = sizes + columns[program.indices]
            fixed = np.where(loose[program.indices], 0, at)
            rows[filled] = np.maximum.reduceat(fixed, program.starts[:-1][filled])
            entries = np.flatnonzero(loose[program.indices])
            of, row = program.indices[entries], program.row_of[entries]
            # Slack is as large as its row is, and surplus as the least of its rows.
            least = np.full(len(columns), np.iinfo(np.int64).max)
            held = rows[row] > 0
            np.minimum.at(least, of[held], rows[row][held])
            np.maximum.at(columns, of, rows[row])
            surplus = program.columns.of_kind(ColumnKind.SURPLUS, ColumnKind.DISPLACED)
            surplus = surplus[least[surplus] < np.iinfo(np.int64).max]
            columns[surplus] = least[surplus]
            np.maximum.at(rows, row, columns[of])
        costs = np.where(program.objective != 0, exponents(program.objective) + columns, 0)
        return cls(columns, -rows, -int(costs.max()) if len(costs) else 0)


def exponents(values: Ints) -> Ints:
    """Return e with 2**e <= |value| < 2**(e + 1), 0 for 0."""
    if values.dtype == object:
        found = [abs(value).bit_length() - 1 if value else 0 for value in values.tolist()]
        return np.array(found, dtype=np.int64)
    return np.where(values == 0, 0, np.frexp(values.astype(float))[1].astype(np.int64) - 1)


def floats(values: Ints, exponent: Ints | int) -> Floats:
    """Return values * 2**exponent, exact in their leading 53 bits."""
    listed = values.tolist() if values.dtype == object else []
    if any(abs(value) >= 2**1000 for value in listed):
        surplus = [max(0, abs(value).bit_length() - 900) for value in listed]
        values = np.array([v >> s for v, s in zip(listed, surplus, strict=True)], dtype=object)
        exponent = np.array(surplus) + exponent
    found: Floats = np.ldexp(values.astype(float), np.asarray(exponent, dtype=np.int64))
    return found
