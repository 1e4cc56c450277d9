"""Whole units by filling, on instances whose optimum is known by trying every layout."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given

from placement.errors import InputError
from placement.optimization.heuristics import integer as whole
from placement.optimization.heuristics.neighbourhood import (
    first_by_diving,
    improve_by_neighbourhood,
)
from placement.optimization.heuristics.search_budget import Budget
from placement.optimization.heuristics.search_limits import LIMITS
from placement.optimization.plan import Plan
from placement.solvers.column_generation import ColumnGeneration, relaxation_of
from tests.oracles.periods import brute_force
from tests.support.strategies_periods import instances, quick
from tests.support.tiny_periods import Many


def filled(plan: Plan) -> int | None:
    """Fill the plan's program; None where no point is found or there is nothing to fill."""
    program = plan.program
    session = relaxation_of(program)
    if not isinstance(session, ColumnGeneration):
        return None
    before = session.run()
    heard: list[int] = []
    budget = Budget(8, time.monotonic() + 60, Fraction(0), Fraction(0))
    x = first_by_diving(program, session, budget)
    if x is not None:
        heard.append(program.cost(x))
        x = improve_by_neighbourhood(
            program, session, x, budget, bound=None,
            tell=lambda point: heard.append(program.cost(point)),
        )  # fmt: skip
    # The session has its rows and bounds back, and every point told was better than the last.
    again = session.run()
    assert again.outcome is before.outcome
    if before.objective is not None and again.objective is not None:
        assert abs(again.objective - before.objective) <= 1e-6 * max(1, abs(before.objective))
    assert heard == sorted(heard, reverse=True)
    assert len(heard) == len(set(heard))
    if x is None:
        assert heard == []
        return None
    assert program.is_kept(x)
    assert not program.out_of_bounds(x)
    assert heard[-1] == program.cost(x)
    return heard[-1]


@quick(25)
@given(many=instances())
def test_a_point_keeps_everything_and_is_no_better_than_the_optimum(many: Many, pack: Path) -> None:
    best = brute_force(many)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            whole, "LIMITS", replace(LIMITS, tiny=-1)
        )  # it comes before the general solver here, too
        try:
            plan = many.plan(pack, gap=LIMITS.fine_gap)
        except InputError:
            assert best is None
            return
    found = filled(plan)
    if best is None:
        assert plan.report.exit_code == 3
        assert found is None
        return
    assert plan.report.plan is not None
    assert Fraction(plan.report.plan.tiers[-1].value) * 10**6 == best.cost
    assert found is None or found >= best.cost
