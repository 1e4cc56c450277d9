"""The planner's own solver, as one more tool of the benchmarks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from placement.lp.program import MICRO
from placement.optimization.data.load import load_task
from placement.optimization.heuristics.neighbourhood import (
    first_by_diving,
    improve_by_neighbourhood,
)
from placement.optimization.heuristics.search_budget import Budget, default_steps
from placement.optimization.model.build import build
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import build_sets
from placement.proof.prove import prove_bound
from placement.solvers.column_generation import ColumnGeneration
from tests.benchmarks.answers import NO_TIME, Lap, ProgressTracker

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

TIMES = 20
"""Plans in whole units are improved for so many times what the linear program took."""


@dataclass(frozen=True, slots=True)
class Structured:
    """What the planner says of an instance without and with whole units.

    `objective` the optimum without whole units and `bound` what was proven below it, USD;
    `build` reading and building, `lp` solving without whole units; `whole` the cost of the best
    plan in whole units, USD, and `rounding` what that took besides; `plans` of every better plan:
    seconds by the clock since the linear program was solved, and its gap to the bound.
    """

    objective: float
    bound: float
    build: Lap
    lp: Lap
    whole: float | None = None
    rounding: Lap = NO_TIME
    plans: tuple[tuple[float, float], ...] = ()


def structured(folder: Path, limit: float, *, whole: bool = True) -> Structured:
    """Plan a folder within some seconds."""
    watch = ProgressTracker()
    task = load_task(folder)
    grid = build_sets(task.problem)
    program = build(grid, RuleInstances(task.problem), task.problem.first, {})
    built = watch.lap()
    session = ColumnGeneration(program)
    relaxed = session.run(time_limit=limit)
    solved = watch.lap()
    if relaxed.objective is None:
        raise TimeoutError(f"no optimum in {limit} s")
    bound = prove_bound(program, relaxed.duals, session.image).value
    optimum = relaxed.objective + program.constant
    if not whole:
        return Structured(optimum / MICRO, float(bound) / MICRO, built, solved)
    watch.lap()
    began = time.monotonic()
    plans: list[tuple[float, float]] = []

    def better(x: Ints) -> None:
        value = program.cost(x)
        plans.append((time.monotonic() - began, float((value - bound) / abs(value))))

    steps = default_steps(int(program.integer.sum()))
    budget = Budget(steps, began + TIMES * solved.wall, Fraction(0), Fraction(0))
    x = first_by_diving(program, session, budget)
    if x is not None:
        better(x)
        x = improve_by_neighbourhood(program, session, x, budget, bound=bound, tell=better)
    cost = None if x is None else float(program.cost(x)) / MICRO
    return Structured(
        optimum / MICRO, float(bound) / MICRO, built, solved, cost, watch.lap(), tuple(plans)
    )
