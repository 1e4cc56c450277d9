"""Whole units at scale: dive to a plan, then improve it a few sites at a time, while that pays.

A dive (`diving`) gives the first plan. Where that is not near enough to the bound, all steps are
held but those of some sites, drawn at random, and a general solver decides about these anew. Few
are solved quickly, so it begins with few; with more where no better plan is found, and with fewer
where the solver did not finish. What serves a line is made whole last (`serving`), and what is
short still is asked for in the next try. All of it is counted, so that a busy machine decides
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import Ended, RowKind
from placement.errors import SolverError
from placement.lp.program import Program
from placement.optimization.heuristics.assignment import assign_leftover
from placement.optimization.heuristics.diving import dive
from placement.optimization.heuristics.integer import balance_moves, cancel_detours, floor_steps
from placement.optimization.heuristics.residual_capacity import ResidualCapacity
from placement.optimization.heuristics.search_budget import Budget
from placement.optimization.heuristics.search_limits import LIMITS
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import current_context

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints
    from placement.solvers.column_generation import ColumnGeneration


def first_by_diving(program: Program, session: ColumnGeneration, budget: Budget) -> Ints | None:
    """Return a whole point, None where no try ends in one. The session gets its rows back."""
    filler = NeighbourhoodSearch(program, session, budget)
    found = filler.dive()
    filler.restore()
    return found


def improve_by_neighbourhood(
    program: Program,
    session: ColumnGeneration,
    best: Ints,
    budget: Budget,
    *,
    bound: Fraction | None,
    tell: Callable[[Ints], None] = lambda _: None,
) -> Ints:
    """Return the best whole point found within a budget, a given one or better.

    Nothing is below `bound` (in the objective's units). `tell` hears of every better point. The
    session gets its rows and bounds back.
    """
    session.write(best)
    filler = NeighbourhoodSearch(program, session, budget)
    while not budget.is_over(program.cost(best), bound):
        apart = 0.0 if bound is None else float((program.cost(best) - bound) / LIMITS.finer)
        x = filler.improve(best, max(LIMITS.least_gap, apart / abs(program.cost(best) or 1)))
        if x is not None and program.cost(x) < program.cost(best):
            best = x
            tell(x)
        budget.spend(1, program.cost(best))
    filler.restore()
    return best


class NeighbourhoodSearch:
    """Attempts at whole points, with the margins that earlier ones taught."""

    def __init__(self, program: Program, session: ColumnGeneration, budget: Budget) -> None:
        self._program, self._session, self._budget = program, session, budget
        self._rooms = ResidualCapacity(program)
        self._draw = np.random.default_rng(current_context().seed)
        self._at_once, self._fruitless = float(LIMITS.least_at_once), 0
        #: How far inside its ends a row is kept: rules by a little, lines of demand by one chip
        #: (where there is a point with that), and by what earlier tries were short of.
        self._margin: dict[int, int] = {}
        for row in program.rows.of_kind(RowKind.RULE).tolist():
            self._margin[row] = (abs(int(program.row_upper[row])) >> LIMITS.margin_bits) + 1
        lines = program.rows.of_kind(RowKind.DEMAND).tolist()
        for row in lines:
            self._margin[row] = max((value for _, value in program.entries(row)), default=0)
        self._ask()
        if session.run().outcome is not Outcome.OPTIMAL:
            self._margin |= dict.fromkeys(lines, 0)
            self._ask()
            session.run()
        #: What a step costs beyond what it is worth in the relaxation.
        self._price = session.prices()[self._rooms.steps]

    def dive(self) -> Ints | None:
        """Return a whole point, None where no try ends in one."""
        session = self._session
        for number in range(LIMITS.tries):
            self._ask()
            x = dive(self._program, session, self._rooms, self._budget)
            session.hold(self._program.lower, self._program.upper)
            if x is None:
                return None
            whole = self._made_whole(x)
            if self._learns(whole):
                return whole
            if number and self._budget.seconds <= 0:
                self._budget.note(Ended.TIME)
                break
        return None

    def improve(self, best: Ints, gap: float) -> Ints | None:
        """Decide anew about a few sites, to a relative gap; None where that gives no plan."""
        program, steps = self._program, self._rooms.steps
        free = steps[self._some(best)]
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[steps] = upper[steps] = best[steps]
        lower[free], upper[free] = program.lower[free], program.upper[free]
        self._ask(best)
        self._session.hold(lower, upper)
        try:
            found = self._session.whole(
                looks=LIMITS.looks, seconds=self._budget.seconds, gap=gap, start=best
            )
        except SolverError:
            # There is a plan already: it is not lost with a process that died.
            self._budget.note(Ended.LOST)
            return None
        finally:
            self._session.hold(program.lower, program.upper)
        self._budget.note(found.ended)
        whole = None if found.x is None else self._made_whole(found.x)
        kept = whole is not None and self._learns(whole)
        better = kept and whole is not None and program.cost(whole) < program.cost(best)
        self._choose_size(finished=found.ended is None, better=better)
        return whole if kept else None

    def _choose_size(self, *, finished: bool, better: bool) -> None:
        """Decide about more at once where that is solved and brings nothing, else about fewer."""
        self._fruitless = 0 if better else self._fruitless + 1
        if not finished:
            self._at_once = max(self._at_once / LIMITS.growth, LIMITS.least_at_once)
        elif self._fruitless >= LIMITS.fruitless_tries:
            self._at_once = min(self._at_once * LIMITS.growth, LIMITS.most_at_once)
            self._fruitless = 0

    def _some(self, best: Ints) -> Ints:
        """Draw sites: those of their steps that the plan uses, and the cheapest of the others."""
        rooms = self._rooms
        used = best[rooms.steps] > 0
        known = np.flatnonzero(np.isfinite(self._price) | used)
        order = known[np.lexsort((np.where(used, -1.0, self._price)[known], rooms.site[known]))]
        site = rooms.site[order]
        rank = np.arange(len(order)) - np.searchsorted(site, site)
        counts = np.bincount(rooms.site[used], minlength=int(rooms.site.max(initial=0)) + 1)
        order = order[rank < counts[site] + LIMITS.cheap_per_site]
        counts = np.bincount(rooms.site[order], minlength=len(counts))
        drawn = self._draw.permutation(np.flatnonzero(counts))
        count = max(1, int((np.cumsum(counts[drawn]) <= self._at_once).sum()))
        found: Ints = order[np.isin(rooms.site[order], drawn[:count])]
        return found

    def _learns(self, x: Ints) -> bool:
        """Tell whether a point keeps all; else ask for more where it does not, the next time."""
        broken = self._program.violations(x)
        for row, over in broken:
            self._margin[row] = self._margin.get(row, 0) + abs(over)
        return not broken and not self._program.out_of_bounds(x)

    def _ask(self, best: Ints | None = None) -> None:
        """Move the ends of rows inwards by their margins, no further than where `best` is."""
        rows = list(self._margin)
        if best is not None:
            activity = self._program.activities(best, np.array(rows, dtype=np.int64)).tolist()
        for at, row in enumerate(rows):
            low, high = self._program.ends(row)
            more = self._margin[row]
            if best is not None:
                room = [abs(activity[at] - end) for end in (low, high) if end is not None]
                more = min(more, *room)
            below = None if low is None else low + more
            self._session.set_row(row, below, None if high is None else high - more)

    def restore(self) -> None:
        """Give the session its rows back."""
        for row in self._margin:
            self._session.set_row(row, *self._program.ends(row))

    def _made_whole(self, point: Floats) -> Ints:
        program = self._program
        decided = floor_steps(program, point)
        balance_moves(program, decided)
        return cancel_detours(program, assign_leftover(program, program.complete(decided)))
