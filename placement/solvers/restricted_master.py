"""The restricted master: the rows that couple, with the steps written so far, held in HiGHS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placement.lp.scaling import floats
from placement.solvers.highs import HeldLp
from placement.solvers.highs_arrays import Model
from placement.solvers.sparse import written_entries

if TYPE_CHECKING:
    from placement.enums import Ended
    from placement.lp.exact_arrays import Bools, Floats, Ints
    from placement.solvers.step_formulation import StepFormulation

_WHOLE_TOLERANCE = 1e-7


class RestrictedMaster(HeldLp):
    """The program with some of its steps; more can be written, and the ends of all be changed."""

    def __init__(self, parts: StepFormulation) -> None:
        super().__init__(parts.without_steps())
        self._parts = parts
        #: The column here of each step that is written, else -1.
        self._at = np.full(len(parts.column), -1)
        self._lower, self._upper = (
            end[parts.column] for end in (parts.program.lower, parts.program.upper)
        )

    @property
    def is_written(self) -> Bools:
        """Which steps are written."""
        return self._at >= 0

    @property
    def room(self) -> Ints:
        """The most of each step that may be, 0 where it is written."""
        return np.where(self.is_written, 0, self._upper)

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row that couples."""
        if not self._parts.couples[row]:
            raise AssertionError("a row that defines stock has no ends to change")
        standing, scale = int(self._parts.standing[row]), int(self._parts.image.rows[row])
        ends = (
            infinite if end is None else float(np.ldexp(float(end - standing), scale))
            for end, infinite in ((low, -np.inf), (high, np.inf))
        )
        self.set_ends(int(self._parts.row_at[row]), *ends)

    def shift(self, row: int, by: int) -> None:
        """Move the upper end of a row that stands for several."""
        at = int(self._parts.row_at[row])
        high = self.highs.getRow(at)[2]
        scaled = float(np.ldexp(float(by), int(self._parts.image.rows[row])))
        self.set_ends(at, -np.inf, high + scaled)

    def hold(self, lower: Ints, upper: Ints) -> None:
        """Set bounds of all steps, by column of the program.

        One that is not written has to be allowed to be 0.
        """
        column, written = self._parts.column, self.is_written
        self._lower, self._upper = lower[column], upper[column]
        if self._lower[~written].any():
            raise AssertionError("a step that is not written is held above 0")
        at = self._at[written].astype(np.int32)
        ends = floats(self._lower[written], 0), floats(self._upper[written], 0)
        self.require(self.highs.changeColsBounds(len(at), at, *ends), "changeColsBounds")

    def write(self, steps: Ints) -> None:
        """Add the columns of some steps."""
        count = len(steps)
        if not count:
            return
        highs = self.highs
        starts, row, value = self._parts.entries(steps)
        first = highs.getNumCol()
        self.require(
            highs.addCols(
                count, self._parts.costs(steps), np.zeros(count), floats(self._upper[steps], 0),
                len(value), starts[:-1].astype(np.int32), row.astype(np.int32), value,
            ),
            "addCols",
        )  # fmt: skip
        self._at[steps] = np.arange(first, first + count)

    def duals(self) -> Floats:
        """Return the duals of the rows at the last solution."""
        return np.array(self.highs.getSolution().row_dual, dtype=float)

    def ray(self) -> Floats | None:
        """Return a dual ray with the sign that proves the written columns infeasible."""
        array = self.dual_ray()
        if array is None:
            return None
        low, high = self._parts.row_ends()
        pushes = np.where(array > 0, low, high) @ array
        return array if pushes > 0 else -array

    def whole(
        self, *, looks: int, seconds: float, gap: float, start: Ints | None
    ) -> tuple[Floats | None, Ended | None]:
        """Solve in whole steps: return values of all columns here, and why it ended early.

        Steps that are held at a value are left out, with the rows that only they are in.
        """
        from placement.solvers.highs_process import Looks, search_apart

        highs, others = self.highs, len(self._parts.others)
        # HiGHS takes columns in their order only.
        written = np.flatnonzero(self.is_written)
        written = written[np.argsort(self._at[written])]
        low, high = (floats(end[written], 0) for end in (self._lower, self._upper))
        held = written[(low == high) & (low != 0)]
        activity = np.zeros(highs.getNumRow())
        starts, rows, values = written_entries(highs, self._at[held])
        of = np.repeat(np.arange(len(held)), np.diff(starts))
        np.add.at(activity, rows, values * floats(self._lower[held], 0)[of])
        free = written[low < high]
        at = np.concatenate([np.arange(others), self._at[free]])
        starts, rows, values = written_entries(highs, at)
        _, _, cost, lower, upper, _ = highs.getCols(len(at), at.astype(np.int32))
        used = np.zeros(highs.getNumRow(), dtype=bool)
        used[rows] = True
        row_at = np.cumsum(used) - 1
        model = highs.getLp()
        ends = [np.asarray(end) - activity for end in (model.row_lower_, model.row_upper_)]
        found = search_apart(
            Model(
                cost, lower, upper, np.arange(len(at)) >= others, ends[0][used], ends[1][used],
                starts, row_at[rows], values,
            ),
            seconds=seconds, gap=gap, tolerance=_WHOLE_TOLERANCE, looks=Looks(looks),
            start=None if start is None else floats(start[self._parts.column[free]], 0),
        )  # fmt: skip
        if found.x is None:
            return None, found.ended
        point = np.zeros(highs.getNumCol())
        point[self._at[held]] = floats(self._lower[held], 0)
        point[at] = found.x
        return point, found.ended

    def point(self, values: Floats) -> Floats:
        """Return the point of the program where the columns here have values."""
        written = self.is_written
        steps = np.zeros(len(written))
        steps[written] = values[self._at[written]]
        return self._parts.point(values[: len(self._parts.others)], steps)
