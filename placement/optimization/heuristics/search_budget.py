"""What a search of whole units may spend: counted steps steer and end it, seconds only end it.

A step is a few sites decided anew, or a hundred looks of HiGHS (a round at the root of its search
tree, or a node). Counts are the same on a busy machine and on an idle one, so the plan is, too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction

from placement.enums import Ended
from placement.optimization.heuristics.search_limits import LIMITS
from placement.solvers.solution import Outcome, Solution
from placement.solvers.solve_context import current_context


def default_steps(columns: int) -> int:
    """Return how many steps a search over so many whole columns makes at most."""
    return max(
        LIMITS.least_steps, LIMITS.steps * LIMITS.many_columns // max(LIMITS.many_columns, columns)
    )


@dataclass
class Budget:
    """The steps and the time of one search, and what was spent.

    `gap`: a plan so near to the bound is good enough; one within `fine` ends the search at once.
    `until`: seconds of the monotonic clock. `ended`: why the search is over, None: it is not.
    `cut`: what the machine's speed has to do with what was found: the time limit, or a solver that
    was lost; None: nothing.
    """

    steps: int
    until: float
    gap: Fraction = LIMITS.gap
    fine: Fraction = LIMITS.fine_gap
    used: int = 0
    ended: Ended | None = None
    cut: Ended | None = None
    _best: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The time that is left, 0 where it is over."""
        return max(0.0, self.until - time.monotonic())

    @property
    def left(self) -> int:
        """The steps that are left."""
        return max(0, self.steps - self.used)

    @property
    def worth(self) -> Fraction:
        """By how much (a ratio) the last half of a search has to lower the cost, or it ends."""
        return self.gap / 10

    def spend(self, steps: int, best: int) -> None:
        """Count steps, after which the best plan has a value."""
        self._best += [best] * max(0, self.used + 1 - len(self._best))
        self.used += steps
        self._best += [best] * (self.used + 1 - len(self._best))

    def note(self, ended: Ended | None) -> None:
        """Note that the machine, and no count, ended a part of the search."""
        if ended in (Ended.TIME, Ended.LOST):
            self.cut = ended if self.cut is None else self.cut

    def is_near(self, value: int, bound: Fraction | None) -> bool:
        """Tell whether a value is so near to a bound that nothing is left to find."""
        return bound is not None and value - bound <= self.fine * abs(value)

    def is_within(self, value: int, bound: Fraction | None) -> bool:
        """Tell whether a value is within the gap of a bound."""
        return bound is not None and value - bound <= self.gap * abs(value)

    def heard(self, answer: Solution) -> None:
        """Count how far a solver searched whole units, and note why it ended."""
        self.used += -(-answer.looks // LIMITS.looks_in_step)
        if answer.outcome is not Outcome.STOPPED:
            self.ended = Ended.SOLVED
        elif current_context().stop.asked:
            self.ended = Ended.ASKED
        else:
            # Of another solver than HiGHS only the time limit ends the search.
            self.ended = answer.ended or Ended.TIME
        self.note(self.ended)

    def take(self, other: Budget) -> None:
        """Take over what was spent, and why it ended, from a part of this search."""
        self.used, self.ended = other.used, other.ended
        self.cut = self.cut or other.cut

    def is_over(self, value: int, bound: Fraction | None) -> bool:
        """Tell whether a search with a plan of a value ends, and note why."""
        if self.is_near(value, bound):
            self.ended = Ended.NEAR
        elif current_context().stop.asked:
            self.ended = Ended.ASKED
        elif self.seconds <= 0:
            self.ended = self.cut = Ended.TIME
        elif self.left <= 0:
            self.ended = Ended.EFFORT
        elif not self._pays(value, bound):
            self.ended = Ended.NO_BETTER
        return self.ended is not None

    def _pays(self, value: int, bound: Fraction | None) -> bool:
        """Tell whether the last half of the steps lowered the value by enough."""
        part = LIMITS.near_part if self.is_within(value, bound) else LIMITS.fruitless_part
        least = max(LIMITS.least_before_end, self.steps // part)
        if self.used < least or len(self._best) <= self.used:
            return True
        return self._best[self.used // 2] - value >= self.worth * abs(value)


@dataclass
class Limits:
    """When a search ends: steps (None: by size), a gap (None: none was asked for), and seconds.

    The seconds are those of the search of whole units, over all objectives. `cut`: see `Budget`.
    """

    seconds: float
    gap: Fraction | None = None
    steps: int | None = None
    cut: Ended | None = None
    _until: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self._until is not None and time.monotonic() >= self._until

    def gap_of(self, columns: int) -> Fraction:
        """Return the gap to which a program of so many whole columns is searched, if that pays."""
        usual = LIMITS.fine_gap if columns <= LIMITS.tiny else LIMITS.gap
        return usual if self.gap is None else self.gap

    def budget(self, columns: int, *, may_stay: bool = False) -> Budget:
        """Return the budget of an objective; `may_stay`: a plan of before that is good enough."""
        gap = LIMITS.gap if self.gap is None else self.gap
        fine = (
            LIMITS.fine_gap
            if self.gap is None and not (may_stay and columns > LIMITS.tiny)
            else gap
        )
        steps = self.steps or default_steps(columns)
        return Budget(steps, self._end(), gap, min(gap, fine), cut=self.cut)

    @contextmanager
    def aside(self, steps: int) -> Iterator[Budget]:
        """Return a budget of so many steps for what is searched before the search itself."""
        budget = Budget(steps, self._end(), LIMITS.fine_gap, LIMITS.fine_gap)
        yield budget
        self.cut = self.cut or budget.cut

    def _end(self) -> float:
        if self._until is None:
            self._until = time.monotonic() + self.seconds
        return self._until
