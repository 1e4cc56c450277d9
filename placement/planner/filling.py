"""Whole units by structure: floor, see what still fits, and solve the small rest in whole units.

A relaxation leaves parts of units where sites are full to the last kilowatt. So the steps are
floored and held; each (site, model) may then take only as many more units as its site has room
for; the rest, some per mille of the plan, is solved again from the last basis, and then by a
general solver in whole units over the steps that cost least. What serves a line is made whole
last: what the floor leaves over of a model in a zone goes to lines that are short. What is short
still is asked for in the next try.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from placement.planner.effort import effort
from placement.planner.numbers import ints
from placement.planner.program import Program
from placement.planner.solution import Outcome
from placement.planner.whole import balance_moves, floored

if TYPE_CHECKING:
    from placement.planner.numbers import Floats, Ints
    from placement.planner.solvers_steps import Generated

_NEAR = 1e-6
_GAPS = (1e-3, 1e-4, 1e-5)
"""The gaps of the small programs, one attempt after another while there is time."""
_FREE_GAP = 5e-5
"""The gap of the last attempt, which holds no floor: for plans where parts of units weigh much."""
_GOOD = Fraction(1, 2000)
"""A point so near to the bound needs no such attempt."""
_TRIES = 4
_FIRST = 4000
"""So many steps may take more units at first; more where that is not enough."""
_SECONDS = 20.0
_MARGIN_BITS = 30
"""Rules are kept by 2**-30 more than they ask, against the solver's tolerance."""


def by_filling(
    program: Program,
    session: Generated,
    *,
    until: float,
    gap: Fraction,
    bound: Fraction | None,
    tell: Callable[[Ints], None] = lambda _: None,
) -> Ints | None:
    """Give the best whole point found until a time, None where there is none.

    A point within `gap` of `bound` (in the objective's units) ends the search. `tell` hears of
    every better point. The session gets its rows and bounds back.
    """
    filler = _Filler(program, session, until)
    best: Ints | None = None

    def is_enough(wanted: Fraction) -> bool:
        if best is None or bound is None:
            return False
        value = program.cost(best)
        return value - bound <= wanted * abs(value)

    for width in (*_GAPS, _FREE_GAP):
        free = width == _FREE_GAP
        if free and is_enough(_GOOD):
            break
        x = filler.attempt(width, free=free)
        if x is not None and (best is None or program.cost(x) < program.cost(best)):
            best = x
            tell(x)
        if is_enough(gap) or time.monotonic() >= until or effort().stop.asked:
            break
    filler.restore()
    return best


class _Filler:
    """Attempts at whole points, with the margins that earlier ones taught."""

    def __init__(self, program: Program, session: Generated, until: float) -> None:
        self._program, self._session, self._until = program, session, until
        self._rooms = Rooms(program)
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

    def attempt(self, gap: float, *, free: bool = False) -> Ints | None:
        """Give a whole point, None where no try ends in one; `free`: hold no floor."""
        program = self._program
        for number in range(_TRIES):
            self._ask()
            x = self._free(gap) if free else self._try(gap)
            self._session.hold(program.lower, program.upper)
            if x is None:
                return None
            broken = program.violations(x)
            if not broken and not program.out_of_bounds(x):
                return x
            for row, over in broken:
                self._margin[row] = self._margin.get(row, 0) + abs(over)
            if time.monotonic() >= self._until and number:
                break
        return None

    def _ask(self) -> None:
        """Move the ends of rows inwards by their margins."""
        for row, more in self._margin.items():
            low, high = self._program.ends(row)
            below = None if low is None else low + more
            self._session.set_row(row, below, None if high is None else high - more)

    def restore(self) -> None:
        """Give the session its rows back."""
        for row in self._margin:
            self._session.set_row(row, *self._program.ends(row))

    def _try(self, gap: float) -> Ints | None:
        program, session, steps = self._program, self._session, self._rooms.steps
        answer = session.run()
        if answer.outcome is not Outcome.OPTIMAL:
            return None
        lower, upper = self._bounds(np.asarray(answer.x))
        session.hold(lower, upper)
        answer = session.run()
        if answer.outcome is not Outcome.OPTIMAL:
            return None
        now = np.asarray(answer.x)
        lower, upper = self._bounds(now)
        part = steps[now[steps] - lower[steps] > _NEAR]
        count = _FIRST
        while True:
            allowed = np.zeros(len(program.columns), dtype=bool)
            allowed[part] = True
            allowed[session.cheap(count, upper > lower)] = True
            session.hold(lower, np.where(allowed | ~self._rooms.is_step, upper, lower))
            left = max(1.0, min(_SECONDS, self._until - time.monotonic()))
            point = session.whole(time_limit=left, gap=gap)
            if point is not None:
                break
            if allowed.sum() >= (upper > lower)[steps].sum() or time.monotonic() >= self._until:
                return None
            session.hold(lower, upper)
            session.run()
            count *= 4
        return self._made_whole(point)

    def _free(self, gap: float) -> Ints | None:
        """Ask for whole units of all steps that are written, wherever the relaxation is."""
        if self._session.run().outcome is not Outcome.OPTIMAL:
            return None
        left = max(1.0, self._until - time.monotonic())
        return self._made_whole(self._session.whole(time_limit=left, gap=gap))

    def _made_whole(self, point: Floats | None) -> Ints | None:
        if point is None:
            return None
        decided = floored(self._program, point)
        balance_moves(self._program, decided)
        return _served(self._program, self._program.complete(decided))

    def _bounds(self, x: Floats) -> tuple[Ints, Ints]:
        """Give bounds that hold the floor of a point, and let in what sites have room for."""
        program, steps = self._program, self._rooms.steps
        decided = floored(program, x)
        balance_moves(program, decided)
        whole = program.complete(decided)
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[steps] = whole[steps]
        upper[steps] = np.minimum(upper[steps], whole[steps] + self._rooms.left(whole))
        return lower, upper


class Rooms:
    """How many more whole units each step may bring, by the rows that hold a site's room."""

    def __init__(self, program: Program) -> None:
        self._program = program
        steps = program.steps
        if steps is None:
            raise AssertionError("a program without stock has no rooms")
        self.steps = program.columns.of_kind("install", "move_in", "retire", "move_out")
        self.is_step = np.zeros(len(program.columns), dtype=bool)
        self.is_step[self.steps] = True
        #: Of each such column: its group and period, and whether it needs room.
        count = len(program.columns)
        group, t, self._needs = (np.zeros(count, dtype=np.int64) for _ in range(3))
        for _, sign, columns in steps.changes:
            at = np.nonzero(columns >= 0)
            group[columns[at]], t[columns[at]] = at
            self._needs[columns[at]] = sign > 0
        self._group, self._t = group[self.steps], t[self.steps]
        self._needs = self._needs[self.steps]
        self._rows = program.rows.of_kind("power", "racks")
        entries, starts = program.entries_of(self._rows)
        self._of = np.repeat(np.arange(len(self._rows)), np.diff(starts))
        stock_at = np.full(count, -1)
        stock_at[steps.stock.ravel()] = np.arange(steps.stock.size)
        self._stock = stock_at[program.indices[entries]]
        self._values = program.values[entries]

    def left(self, x: Ints) -> Ints:
        """Give the units for which there is room from each step's period on; plenty for leaving."""
        program, steps = self._program, self._program.steps
        if steps is None:
            raise AssertionError("a program without stock has no rooms")
        spare = program.row_upper[self._rows] - program.activities(x, self._rows)
        units = np.maximum(0, spare[self._of] // self._values)
        left = np.full(steps.stock.size, 10**12)
        np.minimum.at(left, self._stock, units.astype(np.int64))
        table = left.reshape(steps.stock.shape)
        table = np.minimum.accumulate(table[:, ::-1], axis=1)[:, ::-1]
        found: Ints = np.where(self._needs > 0, table[self._group, self._t], 10**12)
        return found


def _served(program: Program, x: Ints) -> Ints:
    """Give what the floor leaves over of each model and zone to the lines that are short."""
    demand_of: dict[int, tuple[int, int]] = {}
    short: dict[int, int] = {}
    for row in program.rows.of_kind("demand").tolist():
        for column, value in program.entries(row):
            demand_of[column] = row, value
        short[row] = int(program.row_lower[row]) - program.activity(row, x)
    serves = np.zeros(len(program.columns), dtype=bool)
    serves[program.columns.of_kind("served")] = True
    rows = program.rows.of_kind("in use")
    spares = (program.row_upper[rows] - program.activities(x, rows)).tolist()
    for row, spare in zip(rows.tolist(), spares, strict=True):
        if spare:
            columns = [column for column, _ in program.entries(row) if serves[column]]
            spare = _take_back(x, columns, spare, demand_of, short)
            _give(x, columns, spare, demand_of, short)
    return ints(x)


def _take_back(
    x: Ints, columns: list[int], spare: int, demand_of: dict[int, tuple[int, int]], short: Any
) -> int:
    """Serve less where more serves than stands; give what is spare then."""
    for column in sorted(columns, key=lambda one: short.get(demand_of.get(one, (-1, 0))[0], 0)):
        if spare >= 0:
            break
        cut = min(-spare, int(x[column]))
        x[column] -= cut
        spare += cut
        if column in demand_of:
            row, value = demand_of[column]
            short[row] += cut * value
    return spare


def _give(
    x: Ints, columns: list[int], spare: int, demand_of: dict[int, tuple[int, int]], short: Any
) -> None:
    """Serve more where a line is short, the shortest first."""
    while spare > 0:
        wanting = [c for c in columns if c in demand_of and short[demand_of[c][0]] > 0]
        if not wanting:
            return
        column = max(wanting, key=lambda one: short[demand_of[one][0]])
        row, value = demand_of[column]
        more = min(spare, max(1, -(-short[row] // value)))
        x[column] += more
        spare -= more
        short[row] -= more * value
