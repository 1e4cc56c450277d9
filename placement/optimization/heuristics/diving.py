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
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import effort

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Floats, Ints
    from placement.optimization.heuristics.residual_capacity import ResidualCapacity
    from placement.solvers.column_generation import ColumnGeneration

_NEAR = 1e-6
_LARGE = 0.5
"""Parts from here on are rounded up at once."""
_SHARE = 4
"""At least a quarter, the largest, is rounded up, at most one per site."""
_ROUNDS = 100
_DEAD_ENDS = 40
_AT_ONCE = 400
_LOOKS = 300
_LEAST_SECONDS = 5.0
"""For a first plan, even where the time is over."""
_GAP = 1e-4


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
    for _ in range(_ROUNDS):
        if effort().stop.asked:
            return None
        answer = session.run()
        if answer.outcome is Outcome.OPTIMAL:
            x = np.asarray(answer.x)
            floor, room = rooms.bounds(x)
            held = np.maximum(held, floor)
            parts = x[steps] - held[steps]
            if np.abs(parts).max(initial=0.0) <= _NEAR:
                return x
            if is_first:
                # Floors only; and what leaves and moves stays as it is while there is a way on.
                barred[leaving], is_first = True, False
            else:
                raised = _to_raise(parts, rooms.site, (room[steps] > held[steps]) & ~barred)
        else:
            dead_ends += 1
            if dead_ends > _DEAD_ENDS or not (len(raised) or len(leaving)):
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
    cheap = np.argsort(price, kind="stable")[:_AT_ONCE]
    cheap = cheap[np.isfinite(price[cheap])]
    lower, upper = held.copy(), upper.copy()
    still = np.ones(len(steps), dtype=bool)
    still[cheap] = False
    upper[steps[still]] = held[steps[still]]
    session.hold(lower, upper)
    found = session.whole(looks=_LOOKS, seconds=max(_LEAST_SECONDS, budget.seconds), gap=_GAP)
    budget.note(found.ended)
    return found.x


def _to_raise(parts: Floats, site: Ints, has_room: Bools) -> Ints:
    """Return the steps to round up, the largest parts first: at most one of each site."""
    found = np.flatnonzero((parts > _NEAR) & has_room)
    found = found[np.lexsort((-parts[found], site[found]))]
    first = np.ones(len(found), dtype=bool)
    first[1:] = site[found[1:]] != site[found[:-1]]
    found = found[first]
    found = found[np.argsort(-parts[found], kind="stable")]
    count = max(1, len(found) // _SHARE, int((parts[found] >= _LARGE).sum()))
    return found[:count]
