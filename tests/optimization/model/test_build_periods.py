"""The program over several periods: two solvers, generated steps, proofs, and what is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from placement.api import check
from placement.enums import ColumnKind, RowKind, Verdict
from placement.errors import InputError
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import Label
from placement.lp.program import Definition, Program, StockSteps
from placement.optimization import acceptance
from placement.optimization.data.load import load_task
from placement.optimization.model.build import build
from placement.optimization.model.credit.served_alone import served_alone
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import build_sets
from placement.optimization.plan import Plan
from placement.optimization.results.dilution.find import Dilution
from placement.optimization.results.layout import Layout
from placement.optimization.results.plan_folder.write import layout_text
from placement.proof.prove import prove_bound, prove_infeasible
from placement.proof.verify import verify
from placement.solvers.column_generation import ColumnGeneration
from placement.solvers.highs import Highs, HighsLp
from placement.solvers.pulp_solvers import pulp_solver
from placement.solvers.solution import Outcome
from tests.support.strategies_periods import instances, quick
from tests.support.tiny_periods import Many, judged_days


def programs(many: Many, pack: Path) -> Iterator[Program]:
    """Return the programs that keep every rule from the first day, and from the last one only."""
    try:
        problem = load_task(many.config(), tables=many.tables(), policy=str(pack)).problem
    except InputError:
        return
    grid, law = build_sets(problem), RuleInstances(problem)
    alone = served_alone(grid, law)
    for kept_from in {problem.first, judged_days(many.periods)[-1]}:
        yield build(grid, law, kept_from, alone)


@quick(60)
@given(many=instances())
def test_generated_steps_have_the_optimum_of_the_plain_program(many: Many, pack: Path) -> None:
    for program in programs(many, pack):
        assert_same_optimum(program)


def assert_same_optimum(program: Program) -> None:
    """Solve the relaxation in both ways, and prove both bounds."""
    if not program.steps or not any((at >= 0).any() for _, _, at in program.steps.changes):
        return
    session, generated = HighsLp(program), ColumnGeneration(program)
    plain, steps = session.run(), generated.run()
    assert steps.outcome is plain.outcome
    for image, answer in ((session.image, plain), (generated.image, steps)):
        if answer.outcome is Outcome.INFEASIBLE:
            proof = prove_infeasible(program, answer.duals, image)
            assert proof is not None
            assert verify(program, proof)
            continue
        assert answer.objective is not None
        value = answer.objective + program.constant
        assert value == pytest.approx(float(plain.objective or 0) + program.constant, rel=1e-9)
        bound = prove_bound(program, answer.duals, image)
        assert verify(program, bound)
        # A proof loses nothing, wherever a solver puts its multipliers.
        assert float(bound.value) == pytest.approx(value, rel=1e-6, abs=10)


@quick(25)
@given(many=instances())
def test_two_solvers_agree_in_whole_units(many: Many, pack: Path) -> None:
    for program in programs(many, pack):
        answers = [
            solver.solve(program, time_limit=60, gap=0) for solver in (Highs(), pulp_solver("cbc"))
        ]
        assert answers[0].outcome is answers[1].outcome
        if answers[0].outcome is Outcome.OPTIMAL:
            assert answers[0].objective == pytest.approx(answers[1].objective, rel=1e-6)


@quick(25)
@given(many=instances())
def test_stock_is_what_stood_and_the_sum_of_its_changes(many: Many, pack: Path) -> None:
    draw = np.random.default_rng(7)
    for program in programs(many, pack):
        steps = program.steps
        assert steps is not None
        x = np.where(program.decides, draw.integers(0, 4, len(program.columns)), 0)
        x = program.complete(x.astype(np.int64))
        change = np.zeros(steps.stock.shape, dtype=np.int64)
        for _, sign, at in steps.changes:
            change += sign * np.where(at >= 0, x[np.maximum(at, 0)], 0)
        stock = steps.start[:, None] + np.cumsum(change, axis=1)
        assert x[steps.stock].tolist() == stock.tolist()
        rows = steps.rows.ravel()
        assert program.activities(x, rows).tolist() == program.row_lower[rows].tolist()


def planned_tpp(many: Many, plan: Plan, day: date, t: int, x: np.ndarray) -> dict[str, int]:
    """Return the TPP by country of the program's stock on a day, with all that it leaves alone."""
    problem, steps = plan.task.problem, plan.program.steps
    assert steps is not None
    counts: dict[tuple[str, str], int] = {}
    for lot in problem.lots:
        if lot.counts_on(day):
            counts[lot.site, lot.model] = counts.get((lot.site, lot.model), 0) + lot.quantity
    for group, column in enumerate(steps.stock[:, t].tolist()):
        site, model, _ = plan.program.columns[column].of
        more = (int(x[column]) - int(steps.start[group])) * problem.kits[model].unit
        counts[site, model] = counts.get((site, model), 0) + more
    found: dict[str, int] = {}
    for (site, model), count in counts.items():
        country = problem.sites[site].country
        found[country] = found.get(country, 0) + count * problem.kits[model].mtpp
    return {country: amount for country, amount in found.items() if amount}


def planned(many: Many, pack: Path) -> tuple[Plan, Layout, list[np.ndarray]] | None:
    """Return a plan, its layout, and the points that it was laid out from; None: there is none."""
    with pytest.MonkeyPatch.context() as patch:
        points: list[np.ndarray] = []
        build_layout = acceptance.build_layout  # type: ignore[attr-defined]

        def listen(grid: object, program: object, plan: Dilution, *more: object, **named: object):  # type: ignore[no-untyped-def]
            points.append(plan.x)
            return build_layout(grid, program, plan, *more, **named)  # type: ignore[arg-type]

        patch.setattr(acceptance, "build_layout", listen)
        try:
            plan = many.plan(pack)
        except InputError:
            return None
    return None if plan.layout is None else (plan, plan.layout, points)


@quick(40)
@given(many=instances())
def test_the_layout_says_what_the_program_decided(many: Many, pack: Path) -> None:
    found = planned(many, pack)
    if found is None:
        return
    plan, layout, points = found
    path = pack.parent / "layout.csv"
    path.write_bytes(layout_text(plan.task.problem, layout).encode())
    findings = plan.report.findings
    for day in judged_days(many.periods):
        t = next(t for t, one in enumerate(many.periods) if one.first <= day <= one.last)
        there: dict[str, int] = {}
        for lot in layout.lots:
            if lot.counts_on(day):
                amount = lot.quantity * plan.task.problem.kits[lot.model].mtpp
                there[lot.country] = there.get(lot.country, 0) + amount
        assert there == planned_tpp(many, plan, day, t, points[-1])
        checked = check(path, policy=str(pack), as_of=day)
        mine = [one for one in findings if one.date == day]
        assert [(f.rule, f.place, f.verdict, f.numerator, f.denominator) for f in mine] == [
            (f.rule, f.place, f.verdict, f.numerator, f.denominator) for f in checked.findings
        ]
        assert any(one.verdict is not Verdict.NOT_APPLICABLE for one in mine)


def test_a_row_that_stands_for_several_keeps_the_room_of_the_others() -> None:
    """Tightening the first of two alike rows of use by 1 leaves the room of the second."""
    made = ProgramBuilder()
    served = [made.column(Label(ColumnKind.SERVED, ("d", "z", model, "t")), 100) for model in "ab"]
    install = np.array(
        [[made.column(Label(ColumnKind.INSTALL, ("s", model, "t")), 9, cost=1)] for model in "ab"]
    )
    stock = np.array([[made.column(Label(ColumnKind.STOCK, ("s", m, "t")), 9)] for m in "ab"])
    rows = []
    for n in range(2):
        terms = {int(stock[n, 0]): 1, int(install[n, 0]): -1}
        rows.append([made.row(Label(RowKind.DEFINITION), terms, 0, 0)])
        made.defined.append(Definition(stock[n], (np.array(rows[n]),)))
    use = [
        made.row(Label(RowKind.SERVICE_USE), {served[n]: 1, int(stock[n, 0]): -1}, None, 5)
        for n in range(2)
    ]
    made.row(Label(RowKind.DEMAND, ("d",)), dict.fromkeys(served, 1), 10)
    none, start = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    changes = ((ColumnKind.INSTALL, 1, install),)
    made.steps = StockSteps(stock, start, changes, np.array(rows), none, np.zeros(2))
    session = ColumnGeneration(made.build())
    assert session.run().objective == pytest.approx(0)
    session.set_row(use[0], None, 4)
    assert session.run().objective == pytest.approx(1)
