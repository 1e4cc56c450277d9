"""From the relaxation to a plan in whole units, every row of which holds exactly."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from placement.planner.program import Program
from placement.planner.solution import Outcome, Solution
from placement.planner.solvers import Highs, Session, Solver

SMALL = 2000
"""Up to so many whole columns a general solver is asked at once."""

_ROUNDS = 8
_ROUNDING_ROUNDS = 25
_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole-unit point that keeps every row, or None and why.

    `optimal`: the solver finished its search within the gap asked for. `claimed`: its bound, in
    micro-units, which nobody re-evaluated.
    """

    x: tuple[int, ...] | None
    outcome: Outcome
    optimal: bool = False
    claimed: float | None = None


def whole_plan(
    program: Program,
    relaxed: Solution,
    solver: Solver,
    *,
    time_limit: float,
    gap: float,
    bound: Fraction | None = None,
) -> Whole:
    """Find a plan: by rounding the relaxation, and by the solver while that is not near enough.

    `bound`, in the objective's units: nothing is below it, so a rounded plan within `gap` of it
    ends the search.
    """
    until = time.monotonic() + time_limit
    rounded = by_rounding(program)
    if rounded is not None and bound is not None:
        value = program.cost(rounded)
        if value - bound <= Fraction(gap) * abs(value):
            return Whole(rounded, Outcome.OPTIMAL)
    if sum(program.integer) <= SMALL or solver.name != Highs.name:
        found = by_solver(program, solver, until=until, gap=gap)
        if found.outcome is Outcome.INFEASIBLE:
            # A point that keeps every row in whole numbers outweighs a solver's word.
            return found if rounded is None else Whole(rounded, Outcome.STOPPED)
    else:
        near = _near(program, relaxed.x)
        found = by_solver(near, Highs(), until=max(until, time.monotonic() + 5), gap=gap)
        found = replace(found, outcome=Outcome.STOPPED, optimal=False, claimed=None)
    points = [x for x in (found.x, rounded) if x is not None]
    return replace(found, x=min(points, key=program.cost, default=None))


def by_solver(program: Program, solver: Solver, *, until: float, gap: float) -> Whole:
    """Ask a solver for whole units; rows that its tolerance broke are tightened, and it is asked
    again.
    """  # noqa: D205 - one sentence
    tightened = program
    claimed: float | None = None
    for round_ in range(_ROUNDS):
        left = until - time.monotonic()
        if left <= 0:
            break
        answer = solver.solve(tightened, time_limit=left, gap=gap)
        if answer.outcome is Outcome.INFEASIBLE:
            return Whole(None, Outcome.STOPPED if round_ else Outcome.INFEASIBLE)
        if round_ == 0:
            claimed = answer.bound
        if not len(answer.x):
            break
        x = exact(program, answer.x)
        if program.is_kept(x):
            optimal = answer.outcome is Outcome.OPTIMAL and round_ == 0
            return Whole(tuple(x), answer.outcome, optimal, claimed)
        tightened = tighten(tightened, program.violations(x))
    return Whole(None, Outcome.STOPPED)


def exact(program: Program, x: Sequence[float]) -> list[int]:
    """Round what a plan decides to whole units within bounds, and let the rest follow."""
    decided = {
        j: min(max(round(x[j]), program.lower[j]), program.upper[j]) for j in program.decided
    }
    return program.complete(decided)


def tighten(program: Program, violations: Sequence[tuple[int, int]]) -> Program:
    """Move the ends of broken rows inwards by as much as they are broken."""
    changes = {}
    for row, over in violations:
        low, high = program.row_lower[row], program.row_upper[row]
        if over > 0 and high is not None:
            high -= over
        elif low is not None:
            low -= over
        changes[row] = (low, high)
    return program.with_bounds(changes)


def by_rounding(program: Program) -> tuple[int, ...] | None:
    """Floor what comes, hand what is lost back as more demand and tighter rules, solve again.

    Floors keep power, places and supply; what is served is floored, too, and what is charged to a
    channel is rounded up. None where the rounds run
    out or the tightened relaxation has no point.
    """
    session = Session(program)
    tightened = program
    for _ in range(_ROUNDING_ROUNDS):
        answer = session.run()
        if answer.outcome is not Outcome.OPTIMAL:
            return None
        decided = _floored(program, answer.x)
        _balance_moves(program, decided)
        x = program.complete(decided)
        broken = program.violations(x)
        if not broken and not program.out_of_bounds(x):
            return tuple(x)
        tightened = tighten(tightened, broken)
        for row, _over in broken:
            session.set_row(row, tightened.row_lower[row], tightened.row_upper[row])
    return None


def _floored(program: Program, x: Sequence[float]) -> dict[int, int]:
    found = {}
    for j in program.decided:
        up = program.columns[j].kind in ("retire", "charge")
        value = ceil(x[j] - _NEAR) if up else floor(x[j] + _NEAR)
        found[j] = min(max(value, program.lower[j]), program.upper[j])
    return found


def _balance_moves(program: Program, decided: dict[int, int]) -> None:
    """Cancel moves that lost their other end to the floor."""
    for row, meaning in enumerate(program.rows):
        if meaning.kind != "moves":
            continue
        excess = program.activity(row, _Point(decided))
        for column, value in program.entries(row):
            if excess * value > 0:
                cut = min(abs(excess), decided[column])
                decided[column] -= cut
                excess -= cut * value


class _Point(Sequence[int]):
    """Decided values read like a point."""

    def __init__(self, values: Mapping[int, int]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:  # type: ignore[override]
        return self._values.get(index, 0)


def _near(program: Program, x: Sequence[float]) -> Program:
    """Give the program with whole columns held within one unit of the relaxation."""
    lower, upper = list(program.lower), list(program.upper)
    for j in program.decided:
        if program.columns[j].kind not in ("served", "charge"):
            lower[j] = max(lower[j], floor(x[j] + _NEAR) - 1)
            upper[j] = min(upper[j], ceil(x[j] - _NEAR) + 1)
    return replace(program, lower=tuple(lower), upper=tuple(upper))
