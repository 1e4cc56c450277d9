"""Diving: whole steps that keep what the relaxation keeps, with dead ends on the way."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placement.enums import ColumnKind, RowKind
from placement.lp.program import Program
from placement.optimization.heuristics import diving
from placement.optimization.heuristics import neighbourhood as filling
from placement.optimization.heuristics.diving import dive
from placement.optimization.heuristics.integer import cancel_detours
from placement.optimization.heuristics.neighbourhood import (
    first_by_diving,
    improve_by_neighbourhood,
)
from placement.optimization.heuristics.residual_capacity import ResidualCapacity
from placement.optimization.heuristics.search_budget import Budget
from placement.optimization.heuristics.search_limits import LIMITS
from placement.proof.prove import prove_bound
from placement.solvers.column_generation import ColumnGeneration
from placement.solvers.solution import Outcome, Solution
from tests.benchmarks.instances import Shape, write


@pytest.fixture(scope="module", params=[False, True], ids=["stays", "movable"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    from placement.optimization.data.load import load_task
    from placement.optimization.model.build import build
    from placement.optimization.model.rule_instances import RuleInstances
    from placement.optimization.model.sets import build_sets

    folder: Path = tmp_path_factory.mktemp("instance")
    write(folder, Shape(30, 6, 4, movable=request.param, over=request.param))
    task = load_task(folder)
    return build(build_sets(task.problem), RuleInstances(task.problem), task.problem.first, {})


def budget(steps: int = 100) -> Budget:
    return Budget(steps, time.monotonic() + 600, Fraction(0), Fraction(0))


def test_steps_are_whole_and_every_row_of_a_site_holds(program: Program) -> None:
    session = ColumnGeneration(program)
    session.run()
    x = dive(program, session, ResidualCapacity(program), budget())
    assert x is not None
    steps = program.columns.of_kind(
        ColumnKind.INSTALL, ColumnKind.MOVE_IN, ColumnKind.RETIRE, ColumnKind.MOVE_OUT
    )
    assert np.abs(x[steps] - np.rint(x[steps])).max() <= 1e-6
    whole = program.complete(np.where(program.decides, np.rint(x), 0).astype(np.int64))
    kinds = {program.rows[row].kind for row, _ in program.violations(whole)}
    assert kinds <= {"demand", "in use", "rule"}  # service is made whole later, rules by margins


def test_a_point_close_to_the_bound_and_better_ones(program: Program) -> None:
    session = ColumnGeneration(program)
    bound = prove_bound(program, session.run().duals, session.image).value
    first = first_by_diving(program, session, budget())
    assert first is not None
    best = improve_by_neighbourhood(program, session, first, budget(30), bound=bound)
    assert program.is_kept(first)
    assert program.is_kept(best)
    assert bound <= program.cost(best) <= program.cost(first)
    assert program.cost(first) - bound <= abs(bound) / 100
    again = session.run().objective
    assert again is not None
    assert again + program.constant == pytest.approx(float(bound), rel=1e-6)


def test_no_way_on_is_a_case_for_the_solver(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every rounding up is said to have no point: what is left is solved in whole units."""
    session = ColumnGeneration(program)
    session.run()
    run, whole = session.run, session.whole
    calls: list[str] = []

    def stubborn(**given: float) -> Solution:
        calls.append("run")
        answer = run(**given)
        dead_end = 2 < calls.count("run") <= 2 + 3
        return Solution(Outcome.INFEASIBLE, "stubborn") if dead_end else answer

    def asked(**given: Any) -> Any:
        calls.append("whole")
        return whole(**given)

    monkeypatch.setattr(session, "run", stubborn)
    monkeypatch.setattr(session, "whole", asked)
    monkeypatch.setattr(diving, "LIMITS", replace(LIMITS, dead_ends=2))
    x = dive(program, session, ResidualCapacity(program), budget())
    assert calls == ["run"] * 6 + ["whole"]
    assert x is not None
    steps = program.columns.of_kind(
        ColumnKind.INSTALL, ColumnKind.MOVE_IN, ColumnKind.RETIRE, ColumnKind.MOVE_OUT
    )
    assert np.abs(x[steps] - np.rint(x[steps])).max() <= 1e-6


def test_a_plan_of_someone_else_is_improved(program: Program) -> None:
    """It uses steps that the relaxation has not written."""
    prices = np.random.default_rng(1).integers(1, 10**6, len(program.columns))
    installs = program.columns.of_kind(ColumnKind.INSTALL)
    costs = np.zeros(len(program.columns), dtype=np.int64)
    costs[installs] = prices[installs]
    other = program.with_costs(costs, 0)
    elsewhere = ColumnGeneration(other)
    elsewhere.run()
    best = first_by_diving(other, elsewhere, budget())
    assert best is not None
    assert program.is_kept(best)
    session = ColumnGeneration(program)
    session.run()
    steps = program.columns.of_kind(
        ColumnKind.INSTALL, ColumnKind.MOVE_IN, ColumnKind.RETIRE, ColumnKind.MOVE_OUT
    )
    known = np.isfinite(session.prices()[steps])
    assert (best[steps][~known] > 0).any()
    found = improve_by_neighbourhood(program, session, best, budget(20), bound=None)
    assert program.is_kept(found)
    assert program.cost(found) < program.cost(best)


def test_nothing_to_fill_where_there_is_no_point(program: Program) -> None:
    rows = program.rows.of_kind(RowKind.DEMAND).tolist()
    none = program.with_ends(dict.fromkeys(rows, (10**15, None)))
    session = ColumnGeneration(none)
    assert session.run().outcome is Outcome.INFEASIBLE
    assert first_by_diving(none, session, budget()) is None


def test_the_same_seed_decides_the_same_sites(program: Program) -> None:
    session = ColumnGeneration(program)
    session.run()
    fillers = [filling.NeighbourhoodSearch(program, session, budget()) for _ in range(2)]
    best = fillers[0].dive()
    assert best is not None
    drawn = [[filler._some(best).tolist() for _ in range(3)] for filler in fillers]
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]


@pytest.mark.parametrize(("times", "outcome"), [(1, Outcome.OPTIMAL), (2, Outcome.STOPPED)])
def test_a_relaxation_that_leads_nowhere_is_begun_anew_once(
    program: Program, monkeypatch: pytest.MonkeyPatch, times: int, outcome: Outcome
) -> None:
    session = ColumnGeneration(program)
    solve, calls = session.master.solve, []

    def unsure(seconds: float) -> Any:
        calls.append(seconds)
        status = solve(seconds)
        return session.master.api.HighsModelStatus.kUnknown if len(calls) <= times else status

    monkeypatch.setattr(session.master, "solve", unsure)
    assert session.run().outcome is outcome


def test_nothing_moves_to_where_it_stands(program: Program) -> None:
    assert program.steps is not None
    changes = {name: columns for name, _, columns in program.steps.changes}
    if not (changes[ColumnKind.MOVE_IN] >= 0).any():
        return
    session = ColumnGeneration(program)
    session.run()
    plan = first_by_diving(program, session, budget())
    assert plan is not None
    come, leave = changes[ColumnKind.MOVE_IN], changes[ColumnKind.MOVE_OUT]
    standing = program.steps.start[:, None] > 0
    group, t = np.argwhere((come >= 0) & (leave >= 0) & standing)[0]
    about = plan.copy()
    about[[come[group, t], leave[group, t]]] += 1
    about = program.complete(about)
    assert program.cost(about) > program.cost(plan)
    assert cancel_detours(program, about).tolist() == plan.tolist()
    free = program.with_costs(np.zeros(len(program.columns), dtype=np.int64), 0)
    assert cancel_detours(free, about).tolist() == plan.tolist()
