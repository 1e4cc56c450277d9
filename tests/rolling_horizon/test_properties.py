"""Plans of random tiny instances, carried on to each of their periods and planned again."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import given

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.run import make_plan
from placement.rolling_horizon.advance import advance_plan
from tests.support.carried_on import cost_of, planned, told, write
from tests.support.strategies_periods import instances, quick
from tests.support.strategies_transit import journeys
from tests.support.tiny_periods import Many


def carry_on(many: Many, pack: Path) -> None:
    """Plan; from each later period on the same is left, and nothing has to change.

    Dilution is allowed: what is idle by an earlier plan is not told from what was idle before it.
    """
    many = replace(many, dilution=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            plan = planned(write(many, folder / "in", pack), folder / "plan")
        except InputError:
            return  # what nothing can keep
        info = plan.report.plan
        assert info is not None
        if info.status is not PlanStatus.OPTIMAL or plan.layout is None:
            return
        with (folder / "plan" / "costs.csv").open(newline="") as file:
            costs = list(csv.DictReader(file))
        for t, period in enumerate(plan.task.problem.periods[1:], start=1):
            to = folder / period.name
            found = advance_plan(folder / "plan", period.name, to)
            before = {one.name for one in plan.task.problem.periods[:t]}
            spent = sum(
                (Fraction(row["discounted"]) for row in costs if row["period"] in before),
                Fraction(0),
            )
            assert Fraction(found.spent.discounted) == spent
            objective = [*many.objectives] or ["cost"]
            again = make_plan(
                to, objective=[*objective, "changes"], previous=folder / "plan" / "layout.csv"
            )
            assert again.report.plan is not None
            assert again.report.plan.status is PlanStatus.OPTIMAL, again.report.plan
            assert cost_of(again) + spent == cost_of(plan)
            assert Fraction(again.report.plan.tiers[-1].value) == 0
            first, last = plan.task.problem.first, period.first - timedelta(days=1)
            layout = folder / "plan" / "layout.csv"
            assert told(to / "inventory.csv", pack, first, last) == told(layout, pack, first, last)


@quick(25)
@given(many=instances())
def test_what_is_left_costs_what_is_left(many: Many, pack: Path) -> None:
    carry_on(many, pack)


@quick(15)
@given(many=journeys())
def test_so_it_does_with_kit_under_way(many: Many, pack: Path) -> None:
    carry_on(many, pack)
