"""From the relaxation to a plan in whole units, every row of which holds exactly."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, Ended, RowKind
from placement.lp.exact_arrays import exact_ints
from placement.lp.program import Program
from placement.optimization.heuristics.search_budget import Budget, default_steps
from placement.optimization.heuristics.search_limits import LIMITS
from placement.solvers.column_generation import ColumnGeneration
from placement.solvers.highs import Highs
from placement.solvers.highs_process import Looks
from placement.solvers.registry import HIGHS, Relaxation, Solver
from placement.solvers.solution import Outcome, Solution
from placement.solvers.solve_context import current_context

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints

_FREE = (
    ColumnKind.SERVED, ColumnKind.COMMITTED, ColumnKind.SURPLUS, ColumnKind.DISPLACED,
    ColumnKind.CHARGE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole-unit point that keeps every row, or None and why.

    `optimal`: the solver finished its search within the gap asked for. `claimed`: its bound, in
    micro-units, which nobody re-evaluated.
    """

    x: Ints | None
    outcome: Outcome
    optimal: bool = False
    claimed: float | None = None


def whole_plan(
    program: Program,
    relaxed: Solution,
    session: Relaxation,
    solver: Solver,
    *,
    time_limit: float,
    gap: float,
    bound: Fraction | None = None,
) -> Whole:
    """Find a whole-unit point within a gap, as far as the steps for its size get.

    `bound`, in the objective's units: nothing is below it, so a rounded point within `gap` of it
    ends the search.
    """
    until, asked = time.monotonic() + time_limit, Fraction(gap)
    steps = default_steps(int(program.integer.sum()))
    budget = Budget(steps, until, gap=asked, fine=asked)
    return best_whole(program, relaxed, session, solver, budget, bound=bound)


def best_whole(
    program: Program,
    relaxed: Solution,
    session: Relaxation,
    solver: Solver,
    budget: Budget,
    *,
    bound: Fraction | None = None,
    starts: Sequence[Ints] = (),
) -> Whole:
    """Find a plan: from points that are known, by rounding the relaxation, and by the solver.

    Nothing is below `bound`, in the objective's units. Of `starts` those count that keep every row;
    the first of them stays where nothing cheaper is found, and in a program of some size where
    nothing is that is worth the change: by a tenth of the gap.
    """
    count = int(program.integer.sum())
    points = [x for x in starts if program.is_kept(x)]
    worth = budget.worth if points and count > LIMITS.tiny else Fraction(0)
    known = _Incumbents(program, budget, bound, worth, points)
    if known.is_near():
        return Whole(known.best(), Outcome.OPTIMAL)
    structured = None
    if isinstance(session, ColumnGeneration) and count > LIMITS.tiny and solver.name == HIGHS:
        structured = session
    if structured:
        _fill(known, structured)
    else:
        known.add(by_rounding(program, session))
    found = known.best()
    if known.is_near() or (found is not None and count > LIMITS.small and structured):
        return Whole(known.best(), Outcome.STOPPED)
    if structured and found is not None and budget.is_within(program.cost(found), bound):
        return Whole(found, Outcome.STOPPED)
    if count <= LIMITS.small or solver.name != HIGHS:
        asked = budget
        if structured:
            asked = replace(budget, steps=budget.used + max(1, budget.steps // LIMITS.general_part))
        answer = by_solver(program, solver, asked, start=found)
        budget.take(asked)
        if answer.outcome is Outcome.INFEASIBLE:
            # A point that keeps every row in whole numbers outweighs a solver's word.
            return answer if found is None else Whole(found, Outcome.STOPPED)
    else:
        near = _near(program, np.asarray(relaxed.x))
        longer = replace(
            budget, until=max(budget.until, time.monotonic() + LIMITS.first_plan_seconds)
        )
        answer = by_solver(near, Highs(), longer)
        budget.take(longer)
        answer = replace(answer, outcome=Outcome.STOPPED, optimal=False, claimed=None)
    known.add(answer.x)
    return replace(answer, x=known.best())


@dataclass(frozen=True, slots=True)
class _Incumbents:
    """The points found so far; the first stays where none is the change `worth` (a ratio)."""

    program: Program
    budget: Budget
    bound: Fraction | None
    worth: Fraction
    points: list[Ints]

    def add(self, x: Ints | None) -> None:
        """Add a point, where there is one."""
        if x is not None:
            self.points.append(x)

    def cheapest(self) -> Ints | None:
        """Return the cheapest point, None where there is none."""
        return min(self.points, key=self.program.cost, default=None)

    def best(self) -> Ints | None:
        """Return the point to go on with: the cheapest, or the first where that is to stay."""
        found, cost = self.cheapest(), self.program.cost
        if found is not None and self.worth:
            stays = cost(self.points[0])
            if stays - cost(found) < self.worth * abs(stays):
                return self.points[0]
        return found

    def is_near(self) -> bool:
        """Tell, and note, whether the best point is so near to the bound that nothing is left."""
        x = self.best()
        if x is None or not self.budget.is_near(self.program.cost(x), self.bound):
            return False
        self.budget.ended = Ended.NEAR
        return True


def _fill(known: _Incumbents, session: ColumnGeneration) -> None:
    """Add the points that diving and filling find."""
    from placement.optimization.heuristics.neighbourhood import (
        first_by_diving,
        improve_by_neighbourhood,
    )

    program, budget, bound = known.program, known.budget, known.bound

    def tell(x: Ints) -> None:
        current_context().better(program.cost(x))

    for x in known.points:
        tell(x)
    if not any(budget.is_within(program.cost(x), bound) for x in known.points):
        first = first_by_diving(program, session, budget)
        if first is not None:
            tell(first)
            known.add(first)
    best = known.cheapest()
    if best is None:
        return
    better = improve_by_neighbourhood(program, session, best, budget, bound=bound, tell=tell)
    if better is not best:
        known.add(better)


def by_solver(
    program: Program, solver: Solver, budget: Budget, *, start: Ints | None = None
) -> Whole:
    """Solve with a general solver; it is asked again where its tolerance broke rows."""
    tightened = program
    claimed: float | None = None
    gap = float(budget.fine)
    for round_ in range(LIMITS.solver_rounds):
        seconds = budget.seconds
        if seconds <= 0:
            budget.note(Ended.TIME)
            budget.ended = budget.ended or Ended.TIME
            break
        if isinstance(solver, Highs):
            looks = Looks(budget.left * LIMITS.looks_in_step, float(budget.worth))
            answer = solver.solve(tightened, time_limit=seconds, gap=gap, looks=looks, start=start)
        else:
            answer = solver.solve(tightened, time_limit=seconds, gap=gap)
        budget.heard(answer)
        if answer.outcome is Outcome.INFEASIBLE:
            return Whole(None, Outcome.STOPPED if round_ else Outcome.INFEASIBLE)
        if round_ == 0:
            claimed = answer.bound
        if not len(answer.x):
            break
        x = exact(program, answer.x)
        if program.is_kept(x):
            optimal = answer.outcome is Outcome.OPTIMAL and round_ == 0
            return Whole(x, answer.outcome, optimal, claimed)
        tightened, start = tighten(tightened, program.violations(x)), None
    return Whole(None, Outcome.STOPPED, claimed=claimed)


def exact(program: Program, x: Sequence[float] | Floats) -> Ints:
    """Round what a plan decides to whole units within bounds, and let the rest follow."""
    return program.complete(_within(program, np.rint(np.asarray(x, dtype=float))))


def tighten(program: Program, violations: Sequence[tuple[int, int]]) -> Program:
    """Move the ends of broken rows inwards by as much as they are broken."""
    changes = {}
    for row, over in violations:
        low, high = program.ends(row)
        if over > 0 and high is not None:
            high -= over
        elif low is not None:
            low -= over
        changes[row] = (low, high)
    return program.with_ends(changes)


def by_rounding(program: Program, session: Relaxation) -> Ints | None:
    """Floor what comes, hand what is lost back as more demand and tighter rules, solve again.

    What has come until a period is floored, which keeps power, places and supply; what is served
    is floored, too, and what is charged to a channel is rounded up. None where the rounds run out
    or the tightened relaxation has no point.
    """
    tightened = program
    for _ in range(LIMITS.rounding_rounds):
        answer = session.run()
        if answer.outcome is not Outcome.OPTIMAL:
            return None
        decided = floor_steps(program, np.asarray(answer.x))
        balance_moves(program, decided)
        x = program.complete(decided)
        broken = program.violations(x)
        if not broken and not program.out_of_bounds(x):
            return x
        tightened = tighten(tightened, broken)
        for row, _over in broken:
            session.set_row(row, *tightened.ends(row))
    return None


def _within(program: Program, x: Floats) -> Ints:
    """Return whole floats as integers, within the bounds of what a plan decides."""
    whole = np.where(program.decides, x, 0.0)
    if program.lower.dtype == object or program.upper.dtype == object:
        found = np.array([int(value) for value in whole.tolist()], dtype=object)
    else:
        found = whole.astype(np.int64)
    return exact_ints(np.minimum(np.maximum(found, program.lower), program.upper))


def floor_steps(program: Program, x: Floats) -> Ints:
    """Floor what a plan decides: steps by what has come until a period, charges upwards."""
    found = np.floor(x + LIMITS.near_whole)
    up = program.columns.of_kind(ColumnKind.CHARGE)
    found[up] = np.ceil(x[up] - LIMITS.near_whole)
    for kind, _, columns in program.steps.changes if program.steps is not None else ():
        there = columns >= 0
        until = np.cumsum(np.where(there, x[np.maximum(columns, 0)], 0.0), axis=1)
        whole = (
            np.ceil(until - LIMITS.near_whole)
            if kind is ColumnKind.RETIRE
            else np.floor(until + LIMITS.near_whole)
        )
        steps = np.diff(np.maximum(whole, 0), axis=1, prepend=0.0)
        found[columns[there]] = steps[there]
    return _within(program, found)


def balance_moves(program: Program, decided: Ints) -> None:
    """Cancel moves beyond the limit of a period, and those that lost their other end to the floor.

    What is floored until a period may be more than was moved in it.
    """
    for row in program.rows.of_kind(RowKind.MOVE_LIMIT).tolist():
        excess = program.activity(row, decided) - int(program.row_upper[row])
        for column, value in program.entries(row):
            cut = min(max(0, -(-excess // value)), int(decided[column]))
            decided[column] -= cut
            excess -= cut * value
    for row in program.rows.of_kind(RowKind.MOVES).tolist():
        excess = program.activity(row, decided)
        for column, value in program.entries(row):
            if excess * value > 0:
                cut = min(abs(excess), int(decided[column]))
                decided[column] -= cut
                excess -= cut * value


def cancel_detours(program: Program, x: Ints) -> Ints:
    """Cancel what leaves a site in the period in which as much of the model comes there.

    The point stays as it is where that breaks a row or costs more.
    """
    steps = program.steps
    changes = {kind: columns for kind, _, columns in steps.changes} if steps is not None else {}
    come, leave = changes.get(ColumnKind.MOVE_IN), changes.get(ColumnKind.MOVE_OUT)
    if come is None or leave is None:
        return x
    both = (come >= 0) & (leave >= 0)
    less = np.minimum(x[come[both]], x[leave[both]])
    if not less.any():
        return x
    found = x.copy()
    found[come[both]] -= less
    found[leave[both]] -= less
    found = program.complete(found)
    return found if program.is_kept(found) and program.cost(found) <= program.cost(x) else x


def _near(program: Program, x: Floats) -> Program:
    """Return the program with whole columns held within one unit of the relaxation."""
    lower, upper = program.lower.copy(), program.upper.copy()
    held = program.decides.copy()
    held[program.columns.of_kind(*_FREE)] = False
    at = np.where(held, x, 0.0)
    below = np.floor(at + LIMITS.near_whole).astype(np.int64) - 1
    above = np.ceil(at - LIMITS.near_whole).astype(np.int64) + 1
    lower[held] = np.maximum(lower, below)[held]
    upper[held] = np.minimum(upper, above)[held]
    return replace(program, lower=lower, upper=upper)
