"""Whole units at scale: dive to a plan, then improve it a few sites at a time, while there is time.

A dive (`diving`) gives the first plan. Where that is not near enough to the bound, all steps are
held but those of some sites, drawn at random, and a general solver decides about these anew. What
serves a line is made whole last (`serving`), and what is short still is asked for in the next try.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.errors import SolverError
from placement.planner.diving import dive
from placement.planner.effort import effort
from placement.planner.program import Program
from placement.planner.rooms import Rooms
from placement.planner.serving import serve
from placement.planner.solution import Outcome
from placement.planner.whole import balance_moves, floored, straight

if TYPE_CHECKING:
    from placement.planner.numbers import Floats, Ints
    from placement.planner.solvers_steps import Generated

_TRIES = 4
_FINER = 10
"""A few sites are decided to a gap so much finer than the plan has."""
_LEAST_GAP = 1e-7
_MARGIN_BITS = 30
"""Rules are kept by 2**-30 more than they ask, against the solver's tolerance."""
_AT_ONCE = 150
"""So many steps are decided anew at once: more take a general solver long."""
_CHEAP = 5
"""So many steps that the plan does not use are among them for each site."""
_SECONDS = 2.0
_FRUITLESS = 40
"""After so many rounds without a better plan there is hardly one to be found."""


def by_filling(
    program: Program,
    session: Generated,
    *,
    until: float,
    gap: Fraction,
    bound: Fraction | None,
    best: Ints | None = None,
    rounds: int | None = None,
    tell: Callable[[Ints], None] = lambda _: None,
) -> Ints | None:
    """Give the best whole point found until a time, None where there is none.

    `best`: one to improve. The search ends after so many `rounds` without a better one (0: with
    the first one), or with a point within `gap` of `bound` (in the objective's units). `tell`
    hears of every better point. The session gets its rows and bounds back.
    """
    filler = _Filler(program, session, until)

    def is_over() -> bool:
        if time.monotonic() >= until or effort().stop.asked:
            return True
        if best is None or bound is None:
            return False
        value = program.cost(best)
        return value - bound <= gap * abs(value)

    if best is not None:
        session.write(best)
    else:
        best = filler.dive()
        if best is not None:
            tell(best)
    fruitless = 0
    while best is not None and fruitless < (_FRUITLESS if rounds is None else rounds):
        if is_over():
            break
        apart = 0.0 if bound is None else float((program.cost(best) - bound) / _FINER)
        x = filler.improve(best, max(_LEAST_GAP, apart / abs(program.cost(best) or 1)))
        fruitless += 1
        if x is not None and program.cost(x) < program.cost(best):
            best, fruitless = x, 0
            tell(x)
    filler.restore()
    return best


class _Filler:
    """Attempts at whole points, with the margins that earlier ones taught."""

    def __init__(self, program: Program, session: Generated, until: float) -> None:
        self._program, self._session, self._until = program, session, until
        self._rooms = Rooms(program)
        self._draw = np.random.default_rng(effort().seed)
        #: How far inside its ends a row is kept: rules by a little, lines of demand by one chip
        #: (where there is a point with that), and by what earlier tries were short of.
        self._margin: dict[int, int] = {}
        for row in program.rows.of_kind("rule").tolist():
            self._margin[row] = (abs(int(program.row_upper[row])) >> _MARGIN_BITS) + 1
        lines = program.rows.of_kind("demand").tolist()
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
        """Give a whole point, None where no try ends in one."""
        session = self._session
        for number in range(_TRIES):
            self._ask()
            x = dive(self._program, session, self._rooms, self._until)
            session.hold(self._program.lower, self._program.upper)
            if x is None:
                return None
            whole = self._made_whole(x)
            if self._learns(whole):
                return whole
            if time.monotonic() >= self._until and number:
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
        seconds = min(_SECONDS, max(0.1, self._until - time.monotonic()))
        try:
            x = self._session.whole(seconds=seconds, gap=gap, start=best)
        except SolverError:
            # There is a plan already: it is not lost with a process that died.
            x = None
        finally:
            self._session.hold(program.lower, program.upper)
        if x is None:
            return None
        whole = self._made_whole(x)
        return whole if self._learns(whole) else None

    def _some(self, best: Ints) -> Ints:
        """Draw sites: those of their steps that the plan uses, and the cheapest of the others."""
        rooms = self._rooms
        used = best[rooms.steps] > 0
        known = np.flatnonzero(np.isfinite(self._price) | used)
        order = known[np.lexsort((np.where(used, -1.0, self._price)[known], rooms.site[known]))]
        site = rooms.site[order]
        rank = np.arange(len(order)) - np.searchsorted(site, site)
        counts = np.bincount(rooms.site[used], minlength=int(rooms.site.max(initial=0)) + 1)
        order = order[rank < counts[site] + _CHEAP]
        counts = np.bincount(rooms.site[order], minlength=len(counts))
        drawn = self._draw.permutation(np.flatnonzero(counts))
        count = max(1, int((np.cumsum(counts[drawn]) <= _AT_ONCE).sum()))
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
        decided = floored(program, point)
        balance_moves(program, decided)
        return straight(program, serve(program, program.complete(decided)))
