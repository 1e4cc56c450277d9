"""HiGHS on generated columns: the relaxation of a program whose stock is made of steps.

A step is one purchase unit that comes (or leaves) in a period and stays so: it adds to the stock
of its (site, model) in every later period. Steps stand for the columns that change stock, stock
itself and the rows that define it drop out, and only the steps that pay are ever written down:

    reduced cost of a step at t = its own + sum over u >= t of sign x (cost of stock[u] - duals)

A round prices all of them at once and adds the best ones of each site; where none is negative,
the answer is optimal over all columns, written or not. Where the written ones have no point, the
ray of HiGHS prices them instead.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from placement.errors import SolverError
from placement.lp.exact_arrays import add, product, total
from placement.lp.scaling import Scaling, floats
from placement.solvers.aggregation import fold
from placement.solvers.highs import HIGHS, HighsLp, dual_ray, quiet_highs
from placement.solvers.highs_arrays import Model
from placement.solvers.solution import Outcome, Solution, WholeSteps
from placement.solvers.solve_context import effort
from placement.solvers.sparse import by_column, gather, ramp, weigh, written_entries

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints
    from placement.lp.program import Program

_STARTING = 1
"""So many groups of each site are written at first, the cheapest by `StockSteps.price`."""
_A_ROUND = 10
"""So many steps of each site are added in a round."""
_TOLERANCE = 1e-9
_WHOLE_TOLERANCE = 1e-7
_ROUNDS = 1000


def relaxation_of(program: Program) -> HighsLp | ColumnGeneration:
    """Return the relaxation of a program: by generated steps where stock changes."""
    steps = program.steps
    changes = steps is not None and any((table >= 0).any() for _, _, table in steps.changes)
    return ColumnGeneration(program) if changes else HighsLp(program)


class ColumnGeneration:
    """A program's relaxation, solved by generating steps; ends can be changed, solved hot again."""

    def __init__(self, program: Program) -> None:
        steps = program.steps
        if steps is None:
            raise AssertionError("a program without stock has no steps")
        #: The program asked for, and the same with its service folded, which is solved.
        self._asked, self._folded = program, fold(program)
        self.image = Scaling.of(program)
        self.program, self.steps = self._folded.program, steps
        self._stands_for = self._folded.stands_for()
        self._inner = Scaling.of(self.program)
        self.rounds = 0
        self._rows = self.program.has_lower | self.program.has_upper
        self._rows[steps.rows.ravel()] = False
        self._ends: dict[int, int] = {}
        self._row_at = np.cumsum(self._rows) - 1
        self._split()
        self._base = self._standing()
        self._highs, self._api = quiet_highs()
        for option, value in (
            ("primal_feasibility_tolerance", 1e-9), ("dual_feasibility_tolerance", 1e-9),
        ):  # fmt: skip
            self._option(option, value)
        self._load()
        self._write_first()

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row that couples."""
        folded = self._stands_for.get(row)
        if folded is not None:
            at, factor = folded
            before = self._ends.get(row, int(self._asked.row_upper[row]))
            self._ends[row] = after = before if high is None else high
            self._shift(at, factor * (after - before))
            return
        if not self._rows[row]:
            raise AssertionError("a row that defines stock has no ends to change")
        base, scale = int(self._base[row]), int(self._inner.rows[row])
        ends = [
            infinite if end is None else float(np.ldexp(float(end - base), scale))
            for end, infinite in ((low, -np.inf), (high, np.inf))
        ]
        self._require(self._highs.changeRowBounds(int(self._row_at[row]), *ends), "changeRowBounds")

    def _shift(self, row: int, by: int) -> None:
        """Move the upper end of a row that stands for several."""
        high = self._highs.getRow(int(self._row_at[row]))[2]
        moved = high + float(np.ldexp(float(by), int(self._inner.rows[row])))
        self._require(
            self._highs.changeRowBounds(int(self._row_at[row]), -np.inf, moved), "changeRowBounds"
        )

    def hold(self, lower: Ints, upper: Ints) -> None:
        """Set bounds of all columns that change stock, by column of the program.

        A step that is not written has to be allowed to be 0.
        """
        self._lower, self._upper = lower[self._change], upper[self._change]
        written = self._written >= 0
        if self._lower[~written].any():
            raise AssertionError("a step that is not written is held above 0")
        at = self._written[written].astype(np.int32)
        ends = floats(self._lower[written], 0), floats(self._upper[written], 0)
        self._require(self._highs.changeColsBounds(len(at), at, *ends), "changeColsBounds")

    def write(self, x: Ints) -> None:
        """Write the steps that a point uses."""
        self._write(np.flatnonzero((self._written < 0) & (x[self._change] > 0)))

    def run(self, *, time_limit: float = 1e9) -> Solution:
        """Solve, from the last basis where there is one, until no step that is not written pays."""
        until = time.monotonic() + time_limit
        kinds, again = self._api.HighsModelStatus, True
        for _ in range(_ROUNDS):
            self.rounds += 1
            left = until - time.monotonic()
            if left <= 0 or effort().stop.asked:
                break
            status = self._solve(left)
            # Nothing is written yet where no step pays and no row binds.
            if status in (kinds.kOptimal, kinds.kModelEmpty):
                duals = np.array(self._highs.getSolution().row_dual, dtype=float)
                if not self._add_paying(self._reduced(duals, costs=True)):
                    return self._answer(duals)
            elif status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible, kinds.kUnbounded):
                ray = self._ray()
                if effort().stop.asked:
                    break
                if ray is None or not self._add_paying(self._reduced(ray, costs=False)):
                    return Solution(Outcome.INFEASIBLE, HIGHS, duals=self._all_rows(ray))
            elif status == kinds.kUnknown and again:
                # The last basis led nowhere: start from none, once.
                self._highs.clearSolver()
                again = False
            else:
                break
        return Solution(Outcome.STOPPED, HIGHS)

    def prices(self) -> Floats:
        """Return the magnitudes of reduced costs at the last solution, by column of the program.

        Infinity for every column that is no written step, and where there is no solution.
        """
        found = np.full(len(self.program.columns), np.inf)
        if self._highs.getModelStatus() != self._api.HighsModelStatus.kOptimal:
            return found
        duals = np.array(self._highs.getSolution().row_dual)
        written = self._written >= 0
        found[self._change[written]] = np.abs(self._reduced(duals, costs=True))[written]
        return found

    def whole(
        self, *, looks: int, seconds: float, gap: float, start: Ints | None = None
    ) -> WholeSteps:
        """Solve with the written steps in whole units, within the bounds that hold.

        What is no step may be a part. `start`: a point to improve, all steps of which are written.
        So many `looks` of HiGHS decide how far it searches, `seconds` only end it.
        """
        from placement.solvers.highs_process import Looks, search_apart

        highs, others = self._highs, len(self._others)
        # HiGHS takes columns in their order only.
        written = np.flatnonzero(self._written >= 0)
        written = written[np.argsort(self._written[written])]
        low, high = (floats(end[written], 0) for end in (self._lower, self._upper))
        held = written[(low == high) & (low != 0)]
        activity = np.zeros(highs.getNumRow())
        starts, rows, values = written_entries(highs, self._written[held])
        of = np.repeat(np.arange(len(held)), np.diff(starts))
        np.add.at(activity, rows, values * floats(self._lower[held], 0)[of])
        free = written[low < high]
        at = np.concatenate([np.arange(others), self._written[free]])
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
            start=None if start is None else floats(start[self._change[free]], 0),
        )  # fmt: skip
        if found.x is None:
            return WholeSteps(None, found.ended)
        point = np.zeros(highs.getNumCol())
        point[self._written[held]] = floats(self._lower[held], 0)
        point[at] = found.x
        return WholeSteps(self._point(point), found.ended)

    # The parts of the program: what is always written, stock, and the columns that change it.

    def _split(self) -> None:
        program, steps = self.program, self.steps
        #: Of each column: its place among the stock, among the changes, or among the others.
        stock_at = np.full(len(program.columns), -1)
        stock_at[steps.stock.ravel()] = np.arange(steps.stock.size)
        columns = [columns[columns >= 0] for _, _, columns in steps.changes]
        groups = [np.nonzero(table >= 0) for _, _, table in steps.changes]
        signs = [sign for _, sign, _ in steps.changes]
        self._change = np.concatenate(columns)
        self._group = np.concatenate([group for group, _ in groups])
        self._t = np.concatenate([t for _, t in groups])
        self._sign = np.concatenate(
            [np.full(len(part), sign) for part, sign in zip(columns, signs, strict=True)]
        )
        change_at = np.full(len(program.columns), -1)
        change_at[self._change] = np.arange(len(self._change))
        self._others = np.flatnonzero((stock_at < 0) & (change_at < 0))
        scales = self._inner.rows[program.row_of] + self._inner.columns[program.indices]
        values = floats(program.values, scales)
        couples = self._rows[program.row_of]
        row = self._row_at[program.row_of]
        self._of_stock = by_column(stock_at, couples, program.indices, row, values)
        self._of_change = by_column(change_at, couples, program.indices, row, values)
        other_at = np.full(len(program.columns), -1)
        other_at[self._others] = np.arange(len(self._others))
        self._of_other = by_column(other_at, couples, program.indices, row, values)
        self._cost = floats(program.objective, self._inner.columns + self._inner.cost)
        #: The number in the master of each change that is written, else -1.
        self._written = np.full(len(self._change), -1)
        self._lower, self._upper = program.lower[self._change], program.upper[self._change]

    def _standing(self) -> Ints:
        """Return every row's left-hand side where nothing is done, and all else is 0."""
        x = np.zeros(len(self.program.columns), dtype=np.int64)
        x[self.steps.stock] = self.steps.start[:, None]
        self._standing_cost = total(product(self.program.objective, x))
        return self.program.activities(x)

    def _load(self) -> None:
        """Pass the rows that couple, and the columns that are no steps."""
        program, image, api = self.program, self._inner, self._api
        model = api.HighsLp()
        others = self._others
        model.num_col_, model.num_row_ = len(others), int(self._rows.sum())
        scale = -image.columns[others]
        model.col_cost_ = self._cost[others]
        model.col_lower_ = floats(program.lower[others], scale)
        free = ~program.decides[others]
        model.col_upper_ = np.where(free, np.inf, floats(program.upper[others], scale))
        rows = np.flatnonzero(self._rows)
        for ends, there, infinite, name in (
            (program.row_lower, program.has_lower, -np.inf, "row_lower_"),
            (program.row_upper, program.has_upper, np.inf, "row_upper_"),
        ):
            moved = floats(add(ends[rows], -self._base[rows]), image.rows[rows])
            setattr(model, name, np.where(there[rows], moved, infinite))
        starts, row, values = self._of_other
        model.a_matrix_.format_ = api.MatrixFormat.kColwise
        model.a_matrix_.start_ = starts.astype(np.int32)
        model.a_matrix_.index_ = row.astype(np.int32)
        model.a_matrix_.value_ = values
        self._require(self._highs.passModel(model), "passModel")

    def _write_first(self) -> None:
        """Write the cheapest groups of each site."""
        order = np.lexsort((self.steps.price, self.steps.site))
        site = self.steps.site[order]
        first = np.searchsorted(site, site)
        chosen = order[np.arange(len(order)) - first < _STARTING]
        is_chosen = np.zeros(len(self.steps.site), dtype=bool)
        is_chosen[chosen] = True
        self._write(np.flatnonzero(is_chosen[self._group] & (self._sign > 0)))

    # Pricing.

    def _reduced(self, duals: Floats, *, costs: bool) -> Floats:
        """Return the reduced cost of every change; `costs` False: with an objective of zero."""
        steps = self.steps
        stock = self._cost[steps.stock.ravel()] if costs else np.zeros(steps.stock.size)
        stock = stock - weigh(self._of_stock, duals)
        later = np.cumsum(stock.reshape(steps.stock.shape)[:, ::-1], axis=1)[:, ::-1]
        own = self._cost[self._change] if costs else np.zeros(len(self._change))
        own = own - weigh(self._of_change, duals)
        found: Floats = own + self._sign * later[self._group, self._t]
        return found

    def _add_paying(self, reduced: Floats) -> bool:
        """Write the best steps that pay of each site; tell if there is one."""
        paying = np.flatnonzero((self._written < 0) & (self._upper > 0) & (reduced < -_TOLERANCE))
        if not len(paying):
            return False
        gain = reduced[paying] * self._upper[paying].astype(float)
        site = self.steps.site[self._group[paying]]
        order = np.lexsort((gain, site))
        first = np.searchsorted(site[order], site[order])
        self._write(np.sort(paying[order[np.arange(len(order)) - first < _A_ROUND]]))
        return True

    def _write(self, changes: Ints) -> None:
        """Add the columns of some changes to the master."""
        if not len(changes):
            return
        periods = self.steps.stock.shape[1]
        group, t = self._group[changes], self._t[changes]
        # A step is in the rows of its stock from its period on, and in those of its own.
        lasts = periods - t
        stock = np.repeat(group * periods + t, lasts) + ramp(lasts)
        of = np.repeat(np.arange(len(changes)), lasts)
        parts = [
            gather(self._of_stock, stock, of, np.repeat(self._sign[changes], lasts)),
            gather(
                self._of_change, changes, np.arange(len(changes)), np.ones(len(changes), dtype=int)
            ),
        ]
        column, row, value = (np.concatenate(piece) for piece in zip(*parts, strict=True))
        order = np.lexsort((row, column))
        column, row, value = column[order], row[order], value[order]
        new = np.ones(len(column), dtype=bool)
        new[1:] = (column[1:] != column[:-1]) | (row[1:] != row[:-1])
        value = np.add.reduceat(value, np.flatnonzero(new))
        column, row = column[new], row[new]
        starts = np.searchsorted(column, np.arange(len(changes)))
        later = self._cost[self.steps.stock]
        later = np.cumsum(later[:, ::-1], axis=1)[:, ::-1]
        cost = self._cost[self._change[changes]] + self._sign[changes] * later[group, t]
        upper = floats(self._upper[changes], 0)
        first = self._highs.getNumCol()
        self._require(
            self._highs.addCols(
                len(changes), cost, np.zeros(len(changes)), upper, len(value),
                starts.astype(np.int32), row.astype(np.int32), value,
            ),
            "addCols",
        )  # fmt: skip
        self._written[changes] = np.arange(first, first + len(changes))

    # Answers.

    def _solve(self, seconds: float) -> Any:
        self._option("time_limit", float(self._highs.getRunTime() + seconds))
        self._require(self._highs.run(), "run")
        return self._highs.getModelStatus()

    def _ray(self) -> Floats | None:
        """Return a dual ray with the sign that proves the written columns infeasible."""
        array = dual_ray(self._highs)
        if array is None:
            return None
        rows = np.flatnonzero(self._rows)
        ends = [
            floats(add(ends[rows], -self._base[rows]), self._inner.rows[rows])
            for ends in (self.program.row_lower, self.program.row_upper)
        ]
        pushes = np.where(array > 0, ends[0], ends[1]) @ array
        return array if pushes > 0 else -array

    def _answer(self, duals: Floats) -> Solution:
        x = self._point(np.array(self._highs.getSolution().col_value))
        objective = float(
            np.ldexp(self._highs.getInfo().objective_function_value, -self._inner.cost)
        )
        objective += self._standing_cost
        return Solution(Outcome.OPTIMAL, HIGHS, x, objective, objective, self._all_rows(duals))

    def _point(self, values: Floats) -> Floats:
        """Return a point of the program from one of the master."""
        program, steps = self.program, self.steps
        x = np.zeros(len(program.columns))
        x[self._others] = np.ldexp(values[: len(self._others)], self._inner.columns[self._others])
        written = self._written >= 0
        x[self._change[written]] = values[self._written[written]]
        change = np.zeros(steps.stock.shape)
        for _, sign, columns in steps.changes:
            change += sign * np.where(columns >= 0, x[np.maximum(columns, 0)], 0.0)
        x[steps.stock] = steps.start[:, None] + np.cumsum(change, axis=1)
        return self._folded.unfold(self._asked, x)

    def _all_rows(self, duals: Floats | None) -> Floats | tuple[float, ...]:
        """Spread the duals over all rows; those that define stock follow from them."""
        if duals is None:
            return ()
        found = np.zeros(len(self.program.rows))
        found[self._rows] = duals
        return self._folded.unfold_duals(found, self._inner.rows, self.image.rows)

    def _option(self, name: str, value: Any) -> None:
        self._require(self._highs.setOptionValue(name, value), f"option {name}")

    def _require(self, status: Any, what: str) -> None:
        if status == self._api.HighsStatus.kError:
            raise SolverError(f"HiGHS failed: {what}")
