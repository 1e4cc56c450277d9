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
from typing import TYPE_CHECKING

import numpy as np

from placement.lp.scaling import Scaling
from placement.solvers.aggregation import fold
from placement.solvers.highs import HighsLp
from placement.solvers.registry import HIGHS
from placement.solvers.restricted_master import RestrictedMaster
from placement.solvers.solution import Outcome, Solution, WholeSteps
from placement.solvers.solve_context import current_context
from placement.solvers.step_formulation import StepFormulation

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints
    from placement.lp.program import Program

_STARTING = 1
"""So many groups of each site are written at first, the cheapest by `StockSteps.price`."""
_A_ROUND = 10
"""So many steps of each site are added in a round."""
_TOLERANCE = 1e-9
_ROUNDS = 1000


def relaxation_of(program: Program) -> HighsLp | ColumnGeneration:
    """Return the relaxation of a program: by generated steps where stock changes."""
    steps = program.steps
    changes = steps is not None and any((table >= 0).any() for _, _, table in steps.changes)
    return ColumnGeneration(program) if changes else HighsLp(program)


class ColumnGeneration:
    """A program's relaxation, solved by generating steps; ends can be changed, solved hot again."""

    def __init__(self, program: Program) -> None:
        #: The program asked for, and the same with its service folded, which is solved.
        self._asked, self._folded = program, fold(program)
        self.image = Scaling.of(program)
        self._stands_for = self._folded.stands_for()
        self._ends: dict[int, int] = {}
        self._parts = StepFormulation.of(self._folded.program)
        self.master = RestrictedMaster(self._parts)
        self._write_first()

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row that couples."""
        folded = self._stands_for.get(row)
        if folded is None:
            self.master.set_row(row, low, high)
            return
        at, factor = folded
        before = self._ends.get(row, int(self._asked.row_upper[row]))
        self._ends[row] = after = before if high is None else high
        self.master.shift(at, factor * (after - before))

    def hold(self, lower: Ints, upper: Ints) -> None:
        """Set bounds of all columns that change stock, by column of the program.

        A step that is not written has to be allowed to be 0.
        """
        self.master.hold(lower, upper)

    def write(self, x: Ints) -> None:
        """Write the steps that a point uses."""
        used = x[self._parts.column] > 0
        self.master.write(np.flatnonzero(used & ~self.master.is_written))

    def run(self, *, time_limit: float = 1e9) -> Solution:
        """Solve, from the last basis where there is one, until no step that is not written pays."""
        until = time.monotonic() + time_limit
        master, price = self.master, self._parts.reduced_costs
        kinds, again = master.api.HighsModelStatus, True
        for _ in range(_ROUNDS):
            left = until - time.monotonic()
            if left <= 0 or current_context().stop.asked:
                break
            status = master.solve(left)
            # Nothing is written yet where no step pays and no row binds.
            if status in (kinds.kOptimal, kinds.kModelEmpty):
                duals = master.duals()
                if not self._write_paying(price(duals, costs=True)):
                    return self._answer(duals)
            elif status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible, kinds.kUnbounded):
                ray = master.ray()
                if current_context().stop.asked:
                    break
                if ray is None or not self._write_paying(price(ray, costs=False)):
                    return Solution(Outcome.INFEASIBLE, HIGHS, duals=self._all_rows(ray))
            elif status == kinds.kUnknown and again:
                # The last basis led nowhere: start from none, once.
                master.highs.clearSolver()
                again = False
            else:
                break
        return Solution(Outcome.STOPPED, HIGHS)

    def prices(self) -> Floats:
        """Return the magnitudes of reduced costs at the last solution, by column of the program.

        Infinity for every column that is no written step, and where there is no solution.
        """
        master, parts = self.master, self._parts
        found = np.full(len(parts.program.columns), np.inf)
        if master.highs.getModelStatus() == master.api.HighsModelStatus.kOptimal:
            reduced = np.abs(parts.reduced_costs(master.duals(), costs=True))
            found[parts.column[master.is_written]] = reduced[master.is_written]
        return found

    def whole(
        self, *, looks: int, seconds: float, gap: float, start: Ints | None = None
    ) -> WholeSteps:
        """Solve with the written steps in whole units, within the bounds that hold.

        What is no step may be a part. `start`: a point to improve, all steps of which are written.
        So many `looks` of HiGHS decide how far it searches, `seconds` only end it.
        """
        values, ended = self.master.whole(looks=looks, seconds=seconds, gap=gap, start=start)
        return WholeSteps(None if values is None else self._point(values), ended)

    def _write_first(self) -> None:
        """Write the cheapest groups of each site."""
        stock, parts = self._parts.stock, self._parts
        is_chosen = np.zeros(len(stock.site), dtype=bool)
        is_chosen[_best_of_each(stock.site, stock.price, _STARTING)] = True
        self.master.write(np.flatnonzero(is_chosen[parts.group] & (parts.sign > 0)))

    def _write_paying(self, reduced: Floats) -> bool:
        """Write the best steps that pay of each site; tell if there is one."""
        room, parts = self.master.room, self._parts
        paying = np.flatnonzero((room > 0) & (reduced < -_TOLERANCE))
        if not len(paying):
            return False
        gain = reduced[paying] * room[paying].astype(float)
        site = parts.stock.site[parts.group[paying]]
        self.master.write(np.sort(paying[_best_of_each(site, gain, _A_ROUND)]))
        return True

    def _answer(self, duals: Floats) -> Solution:
        highs = self.master.highs
        x = self._point(np.array(highs.getSolution().col_value))
        objective = float(
            np.ldexp(highs.getInfo().objective_function_value, -self._parts.image.cost)
        )
        objective += self._parts.standing_cost
        return Solution(Outcome.OPTIMAL, HIGHS, x, objective, objective, self._all_rows(duals))

    def _point(self, values: Floats) -> Floats:
        """Return the point of the program asked for, from one of the master."""
        return self._folded.unfold(self._asked, self.master.point(values))

    def _all_rows(self, duals: Floats | None) -> Floats | tuple[float, ...]:
        """Spread the duals over all rows; those that define stock follow from them."""
        if duals is None:
            return ()
        found = np.zeros(len(self._parts.couples))
        found[self._parts.couples] = duals
        return self._folded.unfold_duals(found, self._parts.image.rows, self.image.rows)


def _best_of_each(site: Ints, price: Floats, most: int) -> Ints:
    """Return the places of the cheapest of each site, so many at most."""
    order = np.lexsort((price, site))
    first = np.searchsorted(site[order], site[order])
    found: Ints = order[np.arange(len(order)) - first < most]
    return found
