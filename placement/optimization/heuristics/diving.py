"""Whole units by diving: hold what is whole, round some parts up, solve again from the last basis.

A relaxation leaves parts of units where sites are full to the last kilowatt. So the steps are
floored and held, and each may then take only as many more units as its site has room for. Of the
parts that are left, the largest of each site is rounded up and held, too; the rest moves on, in a
relaxation that starts from the last basis and so takes a few iterations. Where the units held are
too many for a rule or for the supply, half of those that were raised last are let go, and one that
fails alone is not raised again. Where there is no way on, a general solver is asked for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placement.lp.program import Program
from placement.optimization.heuristics.search_budget import Budget
from placement.optimization.heuristics.search_limits import LIMITS
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import current_context

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Floats, Ints
    from placement.optimization.heuristics.residual_capacity import ResidualCapacity
    from placement.solvers.column_generation import ColumnGeneration


def dive(
    program: Program, session: ColumnGeneration, rooms: ResidualCapacity, budget: Budget
) -> Floats | None:
    """Return a point of the session whose steps are whole, None where the dive ends without one.

    It takes about as long as the relaxation, and the time that is left bears only on what a general
    solver is asked. The session keeps the bounds that hold it.
    """
    steps = rooms.steps
    held, room = program.lower, program.upper
    barred: Bools = np.zeros(len(steps), dtype=bool)
    leaving = rooms.leaving
    raised: Ints = np.zeros(0, dtype=np.int64)
    dead_ends = 0
    is_first = True
    for _ in range(LIMITS.diving_rounds):
        if current_context().stop.asked:
            return None
        answer = session.run()
        if answer.outcome is Outcome.OPTIMAL:
            x = np.asarray(answer.x)
            floor, room = rooms.bounds(x)
            held = np.maximum(held, floor)
            parts = x[steps] - held[steps]
            if np.abs(parts).max(initial=0.0) <= LIMITS.near_whole:
                return x
            if is_first:
                # Floors only; and what leaves and moves stays as it is while there is a way on.
                barred[leaving], is_first = True, False
            else:
                raised = _to_raise(parts, rooms.site, (room[steps] > held[steps]) & ~barred)
        else:
            dead_ends += 1
            if dead_ends > LIMITS.dead_ends or not (len(raised) or len(leaving)):
                return _rest(session, rooms, held, room, budget)
            if not len(raised):
                barred[leaving], leaving = False, leaving[:0]
            if len(raised) == 1:
                barred[raised] = True
            raised = raised[: len(raised) // 2]
        lower = held.copy()
        lower[steps[raised]] += 1
        upper = np.maximum(room, lower)
        upper[steps[barred]] = lower[steps[barred]]
        session.hold(lower, upper)
    return _rest(session, rooms, held, room, budget)


def _rest(
    session: ColumnGeneration, rooms: ResidualCapacity, held: Ints, room: Ints, budget: Budget
) -> Floats | None:
    """Ask a general solver for whole steps beyond those held, of those that cost least."""
    steps = rooms.steps
    upper = np.maximum(room, held)
    session.hold(held, upper)
    if session.run().outcome is not Outcome.OPTIMAL:
        return None
    price = session.prices()[steps]
    price[upper[steps] <= held[steps]] = np.inf
    cheap = np.argsort(price, kind="stable")[: LIMITS.left_at_once]
    cheap = cheap[np.isfinite(price[cheap])]
    lower, upper = held.copy(), upper.copy()
    still = np.ones(len(steps), dtype=bool)
    still[cheap] = False
    upper[steps[still]] = held[steps[still]]
    session.hold(lower, upper)
    found = session.whole(
        looks=LIMITS.left_looks,
        seconds=max(LIMITS.first_plan_seconds, budget.seconds),
        gap=LIMITS.left_gap,
    )
    budget.note(found.ended)
    return found.x


def _to_raise(parts: Floats, site: Ints, has_room: Bools) -> Ints:
    """Return the steps to round up, the largest parts first: at most one of each site."""
    found = np.flatnonzero((parts > LIMITS.near_whole) & has_room)
    found = found[np.lexsort((-parts[found], site[found]))]
    first = np.ones(len(found), dtype=bool)
    first[1:] = site[found[1:]] != site[found[:-1]]
    found = found[first]
    found = found[np.argsort(-parts[found], kind="stable")]
    count = max(
        1, len(found) // LIMITS.raised_share, int((parts[found] >= LIMITS.large_part).sum())
    )
    return found[:count]
