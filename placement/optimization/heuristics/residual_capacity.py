"""How many more whole units each step may bring where some are held already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.program import Program
from placement.optimization.heuristics.integer import balance_moves, floor_steps

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints

_PLENTY = 10**12
STEPS = ColumnKind.INSTALL, ColumnKind.MOVE_IN, ColumnKind.RETIRE, ColumnKind.MOVE_OUT


class ResidualCapacity:
    """Room by the rows that hold a site's power and racks, of each column that is a step.

    `steps`: the columns of steps; `site` of each step.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        steps = program.steps
        if steps is None:
            raise AssertionError("a program without stock has no rooms")
        self.steps = program.columns.of_kind(*STEPS)
        #: Of the steps: those that change where kit stands, or end it.
        self.leaving = np.flatnonzero(
            ~np.isin(self.steps, program.columns.of_kind(ColumnKind.INSTALL))
        )
        count = len(program.columns)
        #: Of each such column: its group and period, and whether it needs room.
        group, t, needs = (np.zeros(count, dtype=np.int64) for _ in range(3))
        for _, sign, columns in steps.changes:
            at = np.nonzero(columns >= 0)
            group[columns[at]], t[columns[at]] = at
            needs[columns[at]] = sign > 0
        self._group, self._t, self._needs = (part[self.steps] for part in (group, t, needs))
        self.site: Ints = steps.site[self._group]
        self._rows = program.rows.of_kind(RowKind.POWER, RowKind.RACKS)
        entries, starts = program.entries_of(self._rows)
        self._of = np.repeat(np.arange(len(self._rows)), np.diff(starts))
        stock_at = np.full(count, -1)
        stock_at[steps.stock.ravel()] = np.arange(steps.stock.size)
        stock = stock_at[program.indices[entries]]
        there = stock >= 0  # not the column that tells whether an overfull site is within its limit
        self._of, self._stock = self._of[there], stock[there]
        self._values = program.values[entries][there]

    def bounds(self, x: Floats) -> tuple[Ints, Ints]:
        """Return bounds that hold the floor of a point, and let in what sites have room for."""
        program, steps = self._program, self.steps
        decided = floor_steps(program, x)
        balance_moves(program, decided)
        whole = program.complete(decided)
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[steps] = whole[steps]
        upper[steps] = np.minimum(upper[steps], whole[steps] + self.left(whole))
        return lower, upper

    def left(self, x: Ints) -> Ints:
        """Return the units for which there is room from each step's period on; much for leaving."""
        program, steps = self._program, self._program.steps
        if steps is None:
            raise AssertionError("a program without stock has no rooms")
        spare = program.row_upper[self._rows] - program.activities(x, self._rows)
        units = np.maximum(0, spare[self._of] // self._values)
        left = np.full(steps.stock.size, _PLENTY)
        np.minimum.at(left, self._stock, units.astype(np.int64))
        table = left.reshape(steps.stock.shape)
        table = np.minimum.accumulate(table[:, ::-1], axis=1)[:, ::-1]
        found: Ints = np.where(self._needs > 0, table[self._group, self._t], _PLENTY)
        return found
