"""Whole units: rows that a tolerance broke are mended, big programs are rounded by structure."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from placement.enums import ColumnKind, PlanStatus, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import Label
from placement.lp.program import Program
from placement.optimization.heuristics import integer as module
from placement.optimization.heuristics.integer import (
    balance_moves,
    by_rounding,
    by_solver,
    exact,
    whole_plan,
)
from placement.optimization.heuristics.search_budget import Budget
from placement.optimization.heuristics.search_limits import LIMITS
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from placement.proof.verify import verify
from placement.solvers.highs import Highs, HighsLp
from placement.solvers.solution import Outcome, Solution
from tests.lp.test_program import knapsack
from tests.support.many_sites import big


class Sloppy:
    """A solver whose first answer breaks a row by one, as tolerances do."""

    name = "sloppy"

    def __init__(self) -> None:
        self.calls = 0

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        self.calls += 1
        if self.calls == 1:
            return Solution(Outcome.OPTIMAL, self.name, [5.0, 0.0, 5.0], 15.0, 15.0)
        return Highs().solve(program, time_limit=time_limit, gap=gap)


def budget(seconds: float) -> Budget:
    return Budget(100, time.monotonic() + seconds, Fraction(0), Fraction(0))


def test_broken_row_is_tightened_and_solved_again() -> None:
    program, solver = knapsack(), Sloppy()
    found = by_solver(program, solver, budget(5.0))
    assert solver.calls == 2
    assert found.x is not None
    assert program.is_kept(found.x)
    assert not found.optimal


def test_time_that_is_up_gives_nothing() -> None:
    assert by_solver(knapsack(), Highs(), budget(0.0)).x is None


def test_a_plan_in_hand_outweighs_a_solver_that_finds_none() -> None:
    class Wrong:
        name = "wrong"

        def solve(self, *_: object, **__: object) -> Solution:
            return Solution(Outcome.INFEASIBLE, self.name)

    program = knapsack()
    assert by_rounding(program, HighsLp(program)) is not None
    found = whole_plan(
        program, Highs().relax(program), HighsLp(program), Wrong(), time_limit=5, gap=0.0
    )
    assert found.x is not None
    assert program.is_kept(found.x)
    assert not found.optimal


def test_rounding_respects_bounds() -> None:
    assert exact(knapsack(), [99.0, -3.2, 0.0]).tolist() == [10, 0, 10]


@pytest.fixture(scope="module")
def rounded() -> Plan:
    config, tables = big(120)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LIMITS", replace(LIMITS, small=0))
        return make_plan(config, tables=tables, effort=100)


def test_many_sites_are_rounded_to_a_judged_plan_near_the_proven_bound(rounded: Plan) -> None:
    info = rounded.report.plan
    assert info is not None
    assert info.status is PlanStatus.FEASIBLE
    assert rounded.report.exit_code == 0
    assert rounded.certificate is not None
    assert verify(rounded.program, rounded.certificate)
    assert 0 <= Fraction(info.tiers[-1].gap) < Fraction(1, 500)


def test_rounding_keeps_every_row_for_several_fleets() -> None:
    """Or gives nothing, in a dead end: deciding a few sites anew finds a plan then."""
    ended = 0
    for seed in range(2, 6):
        config, tables = big(60, seed)
        plan = make_plan(config, tables=tables, gap=Fraction(1, 100))
        assert plan.search.within_gap
        point = by_rounding(plan.program, HighsLp(plan.program))
        ended += point is None
        assert point is None or plan.program.is_kept(point)
    assert ended <= 1


def test_no_more_moves_than_the_limit_of_a_period() -> None:
    """The floor of what left until a period may be more in it than the limit lets through."""
    made = ProgramBuilder()
    out = [made.column(Label(ColumnKind.MOVE_OUT, (site, "X", "t")), 9) for site in "ab"]
    into = [made.column(Label(ColumnKind.MOVE_IN, (site, "X", "t")), 9) for site in "cd"]
    made.row(Label(RowKind.MOVES), {**dict.fromkeys(out, 1), **dict.fromkeys(into, -1)}, 0, 0)
    made.row(Label(RowKind.MOVE_LIMIT), dict.fromkeys(out, 8), None, 31)
    program = made.build()
    for moved in ([3, 2, 1, 4], [0, 5, 5, 0], [1, 2, 3, 0], [5, 0, 1, 1]):
        decided = np.array(moved)
        balance_moves(program, decided)
        assert not program.violations(decided)
        assert decided.sum() == 2 * min(3, moved[2] + moved[3], moved[0] + moved[1])
