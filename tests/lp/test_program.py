"""The program in integers, its image in floats, and the same program through PuLP."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pulp
import pytest

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import Label
from placement.lp.program import Program
from placement.lp.scaling import Scaling, floats
from placement.solvers.highs import Highs, HighsLp, HighsMip
from placement.solvers.pulp_solvers import pulp_solver, to_pulp
from placement.solvers.solution import Outcome
from tests.support.tiny_one_period import Tiny, TinyDemand, TinySite, TinySupply


def knapsack() -> Program:
    """Least 3a + 5b with 2/3 a + b >= 7/2 and the sum T = a + b <= 5."""
    made = ProgramBuilder()
    a = made.column(Label(ColumnKind.INSTALL, ("a",)), 10, cost=3)
    b = made.column(Label(ColumnKind.INSTALL, ("b",)), 10, cost=5)
    total = made.total(Label(ColumnKind.TOTAL, ("all",)), {a: 1, b: 1})
    made.row(Label(RowKind.DEMAND, ("d",), "d"), {a: Fraction(2, 3), b: 1}, Fraction(7, 2))
    made.row(Label(RowKind.SUPPLY, ("s",), "s"), {total: 1}, None, 5)
    return made.build(constant=7)


def test_rows_become_the_smallest_integers_and_ends_round_inwards() -> None:
    program = knapsack()
    assert list(program.entries(1)) == [(0, 2), (1, 3)]
    assert program.row_lower[1] == 11  # 10.5, which no whole units meet
    assert program.rows[1].scale == 3


def test_point_is_completed_and_judged_exactly() -> None:
    program = knapsack()
    x = program.point({0: 4, 1: 1})
    assert x.tolist() == [4, 1, 5]
    assert program.is_kept(x)
    assert program.cost(x) == 7 + 12 + 5
    assert program.violations(program.point({0: 5, 1: 0})) == [(1, -1)]
    assert program.violations(program.point({0: 6, 1: 1})) == [(2, 2)]
    assert program.out_of_bounds(exact_ints([11, -1, 5])) == [0, 1]


def test_negative_constant_rows_and_no_terms() -> None:
    made = ProgramBuilder()
    made.column(Label(ColumnKind.INSTALL, ("a",)), 1)
    made.row(Label(RowKind.DEMAND, ("d",), "d"), {}, 1)
    program = made.build()
    assert Highs().relax(program).outcome is Outcome.INFEASIBLE
    assert pulp_solver("cbc").solve(program, time_limit=5, gap=0).outcome is Outcome.INFEASIBLE


@pytest.mark.parametrize("name", ["cbc", "highs"])
def test_pulp_problem_can_be_solved_and_extended_by_a_user(name: str) -> None:
    program = knapsack()
    problem = to_pulp(program)
    assert [v.name for v in problem.variables()] == ["x0001", "x0002", "x0003"]
    solver = (
        pulp.COIN_CMD(msg=False, path=pulp.apis.coin_api.pulp_cbc_path)
        if name == "cbc"
        else pulp.HiGHS(msg=False)
    )
    problem.solve(solver)
    assert round(pulp.value(problem.objective)) == 17
    variables = {v.name: v for v in problem.variables()}
    problem += variables["x0002"] >= 2, "own"
    problem.solve(solver)
    assert round(pulp.value(problem.objective)) == 18


def test_names_given_to_solvers_are_opaque(pack: Path) -> None:
    site = TinySite('a "b" - c]>', "US")
    plan = Tiny((site,), (TinySupply("H100 SXM", 3, 1, 5),), (TinyDemand("3"),)).plan(pack)
    names = [v.name for v in plan.to_pulp().variables()]
    assert all(name[0] == "x" and name[1:].isdigit() for name in names)
    kinds = {meaning.kind for meaning in plan.program.columns}
    assert {"install", "stock", "served", "total", "whole"} <= kinds


def test_image_scales_by_powers_of_two_only() -> None:
    made = ProgramBuilder()
    unit = made.column(Label(ColumnKind.STOCK, ("a",)), 10**6, cost=10**12)
    total = made.total(Label(ColumnKind.TOTAL, ("tpp", "US")), {unit: 126_656_000})
    made.row(Label(RowKind.RULE, ("r",), "r"), {total: 10**24 + 1}, None, 10**38)
    program = made.build()
    image = Scaling.of(program)
    assert image.columns.tolist() == [0, 26]
    for row in range(2):
        for column, value in program.entries(row):
            scaled = floats(exact_ints([value]), image.rows[row] + image.columns[column])[0]
            assert 2.0**-30 < abs(scaled) <= 2
    answer = HighsLp(program).run()
    assert answer.outcome is Outcome.OPTIMAL


def test_stopped_solver_is_not_called_optimal() -> None:
    program = knapsack()
    assert HighsMip(program).run(time_limit=0.0).outcome in (
        Outcome.STOPPED,
        Outcome.OPTIMAL,
    )
    answer = HighsMip(program).run()
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.bound == pytest.approx(17)
