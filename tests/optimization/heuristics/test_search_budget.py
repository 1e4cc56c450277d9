"""When a search ends: near enough, solved, not paying, all its steps made, or out of time."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from placement.enums import Ended
from placement.errors import UsageError
from placement.optimization.heuristics.search_budget import (
    Budget,
    Limits,
    default_steps,
)
from placement.optimization.heuristics.search_limits import LIMITS
from placement.optimization.run import make_plan
from placement.solvers.solution import Outcome, Solution
from placement.solvers.solve_context import SolveContext, Stop, solving_in


def budget(steps: int = 80, gap: Fraction = LIMITS.gap, fine: Fraction = LIMITS.fine_gap) -> Budget:
    return Budget(steps, time.monotonic() + 1e6, gap, fine)


def spent(values: list[int], steps: int = 80) -> Budget:
    """Return a budget after a step for each value, that of the best plan after it."""
    found = budget(steps)
    for value in values:
        found.spend(1, value)
    return found


def test_fewer_steps_where_each_takes_long() -> None:
    assert [default_steps(n) for n in (1, 10_000, 20_000, 10**9)] == [240, 240, 120, 40]


def test_near_enough_ends_it_at_once() -> None:
    found = budget()
    # 1,000,000 is within a millionth of 999,999, and not of 999,998.
    assert not found.is_over(1_000_000, Fraction(999_998))
    assert found.is_over(1_000_000, Fraction(999_999))
    assert found.ended is Ended.NEAR
    assert budget(fine=LIMITS.gap).is_over(10_000, Fraction(9_995))
    assert not budget(fine=LIMITS.gap).is_over(10_000, Fraction(9_994))


@pytest.mark.parametrize(
    ("half", "over"),
    # A tenth of the gap of 5e-4 is 5e-5: of 1,000,000 that is 50.
    [(1_000_050, False), (1_000_049, True), (1_000_000, True)],
)
def test_a_half_that_brings_less_than_a_tenth_of_the_gap_is_the_last(half: int, over: bool) -> None:
    # Twenty steps of eighty, a quarter; the value after the tenth is what counts.
    found = spent([2_000_000] * 9 + [half] + [half] * 9 + [1_000_000])
    assert found.is_over(1_000_000, Fraction(1)) is over
    assert found.ended is (Ended.NO_BETTER if over else None)


def test_where_it_is_within_the_gap_an_eighth_of_the_steps_is_enough() -> None:
    values = [1_000_000] * 10
    assert spent(values).is_over(1_000_000, Fraction(999_600))
    assert not spent(values).is_over(1_000_000, Fraction(999_400))
    assert not spent(values[:9]).is_over(1_000_000, Fraction(999_600))


def test_values_below_zero_are_made_smaller_too() -> None:
    """Computing power is minimized with its sign turned round."""
    found = spent([-500_000] * 10 + [-1_000_000] * 10)
    assert not found.is_over(-1_000_000, Fraction(-3_000_000))
    assert spent([-1_000_000] * 20).is_over(-1_000_000, Fraction(-3_000_000))


def test_all_steps_made() -> None:
    found = spent([3, 2, 1], steps=3)
    assert found.is_over(1, Fraction(0))
    assert (found.ended, found.left) == (Ended.EFFORT, 0)
    assert found.cut is None


def test_out_of_time_is_told_apart() -> None:
    found = Budget(10, time.monotonic() - 1)
    assert found.is_over(2, Fraction(1))
    assert found.ended is found.cut is Ended.TIME
    stop = Stop()
    stop.asked = True
    with solving_in(SolveContext(stop=stop)):
        asked = budget()
        assert asked.is_over(2, Fraction(1))
    assert (asked.ended, asked.cut) == (Ended.ASKED, None)


@pytest.mark.parametrize(
    ("answer", "ended", "cut", "used"),
    [
        (Solution(Outcome.OPTIMAL, "highs", looks=101), Ended.SOLVED, None, 2),
        (
            Solution(Outcome.STOPPED, "highs", looks=9, ended=Ended.EFFORT),
            Ended.EFFORT, None, 1,
        ),
        (Solution(Outcome.STOPPED, "highs", ended=Ended.LOST), Ended.LOST, Ended.LOST, 0),
        # Another solver stops by itself only where its time is over.
        (Solution(Outcome.STOPPED, "cbc"), Ended.TIME, Ended.TIME, 0),
    ],
)  # fmt: skip
def test_what_a_solver_says(answer: Solution, ended: Ended, cut: Ended | None, used: int) -> None:
    found = budget()
    found.heard(answer)
    assert (found.ended, found.cut, found.used) == (ended, cut, used)


def test_the_gap_that_is_usual_and_the_one_that_is_asked_for() -> None:
    """Without one, a small program is searched to the last, and a large one while that pays."""
    free, asked = Limits(9), Limits(9, Fraction(1, 100))
    assert [(b.gap, b.fine) for b in (free.budget(5), free.budget(9999))] == [
        (LIMITS.gap, LIMITS.fine_gap)
    ] * 2
    # A plan of before that is within the gap stays, unless a better one is found at once.
    assert free.budget(9999, may_stay=True).fine == LIMITS.gap
    assert free.budget(5, may_stay=True).fine == LIMITS.fine_gap
    one = asked.budget(5)
    assert one.gap == one.fine == Fraction(1, 100)
    assert Limits(9, steps=7).budget(5).steps == 7


def test_the_seconds_are_those_of_all_objectives(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    limits = Limits(10)
    now[0] = 200  # reading and building are no search
    assert not limits.is_over
    assert limits.budget(5).seconds == 10
    now[0] = 206
    assert limits.budget(5).seconds == 4
    now[0] = 211
    assert limits.is_over
    assert limits.budget(5).seconds == 0


@pytest.mark.parametrize("effort", [0, -1, 10**9 + 1, True, 1.5])
def test_efforts_that_are_none(effort: object) -> None:
    with pytest.raises(UsageError, match="is no effort; write a whole number of steps from 1"):
        make_plan({}, effort=effort)  # type: ignore[arg-type]
