"""inputs/example: in breach today, compliant in its plan, near a proven bound."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from placement.enums import Verdict
from placement.optimization.plan import Plan
from placement.optimization.results.plan_folder.write import actions_text, layout_text
from placement.optimization.run import make_plan
from placement.proof.prove import Certificate
from placement.proof.verify import Multipliers, verify
from placement.report import Report
from placement.solvers.highs import Highs
from placement.solvers.pulp_solvers import pulp_solver
from tests.support.paths import ROOT

EXAMPLE = ROOT / "inputs" / "example"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(EXAMPLE)


def rows(text: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(text))


def test_breach_in_one_country_today_and_none_in_the_plan(plan: Plan) -> None:
    assert plan.before is not None
    assert {(f.rule, f.place) for f in plan.before.breaches} == {("uveu.single_country", "MY")}
    assert plan.report.exit_code == 0
    assert plan.report.verdict is Verdict.OK
    assert any(f.place == "NA" and f.verdict is Verdict.OK for f in plan.report.findings)
    assert plan.report.plan is not None
    assert plan.search.within_gap
    assert Fraction(plan.report.plan.tiers[-1].gap) <= Fraction(
        1, 400
    )  # placement.toml asks for it


def test_what_the_example_shows(plan: Plan) -> None:
    problem = plan.task.problem
    assert len(problem.sites) == 41
    assert [period.name for period in problem.periods][:: len(problem.periods) - 1] == [
        "2027Q1",
        "2029Q4",
    ]
    groups = {row["owner"] for row in rows((EXAMPLE / "inventory.csv").read_text())}
    assert len(groups - {"Nimbus Asia Pte Ltd"}) == 3
    zones: dict[str, list[tuple[int, Fraction]]] = {}
    for demand in problem.demands:
        zones.setdefault(f"{demand.zone} {demand.model}", []).append((demand.t, demand.quantity))
    for zone, asked in zones.items():
        amounts = [quantity for _, quantity in sorted(asked)]
        assert amounts == sorted(amounts), zone
        assert sorted(t for t, _ in asked)[-1] == 11, zone
    assert any(demand.sites is not None for demand in problem.demands)
    assert any(
        site.opens is not None and site.opens > problem.first for site in problem.sites.values()
    )
    assert {name for name, site in problem.sites.items() if site.limits} >= {"quincy-1", "dallas-1"}
    assert problem.commitments
    assert problem.moves is not None
    assert problem.discount_rate


def test_linear_optimum_of_both_solvers_and_the_exact_bound_agree(plan: Plan) -> None:
    program, certificate = plan.program, plan.certificate
    assert certificate is not None
    one, two = Highs().relax(program), pulp_solver("cbc").relax(program)
    assert one.objective is not None
    assert two.objective is not None
    assert two.objective == pytest.approx(one.objective, rel=1e-6)
    assert float(certificate.value - program.constant) == pytest.approx(one.objective, rel=1e-6)


def test_layout_read_as_an_inventory_gives_the_same_findings(plan: Plan, tmp_path: Path) -> None:
    from placement import check

    assert plan.layout is not None
    path = tmp_path / "layout.csv"
    path.write_text(layout_text(plan.task.problem, plan.layout))
    problem = plan.task.problem
    found = check(path, entities=EXAMPLE / "entities.csv", since=problem.first, until=problem.last)

    def judged(report: Report) -> dict[tuple[str, str, date], tuple[str | None, Verdict]]:
        """Leave out what does not apply: the layout has no other owners to say that of."""
        return {
            (f.rule, f.place, f.date): (f.numerator, f.verdict)
            for f in report.findings
            if f.verdict is not Verdict.NOT_APPLICABLE
        }

    read = judged(found) | judged(
        check(path, entities=EXAMPLE / "entities.csv", as_of=problem.last)
    )
    planned = judged(plan.report)
    assert planned
    assert {key: read.get(key) for key in planned} == planned
    assert found.exit_code == 0


def test_fleet_and_actions_add_up_to_the_layout(plan: Plan) -> None:
    assert plan.layout is not None
    problem = plan.task.problem
    names = {"H100 SXM": "H100-SXM5-80GB", "H200 SXM": "H200-SXM5-141GB", "A100": "A100-SXM4-40GB"}
    count: Counter[tuple[str, str]] = Counter()
    for row in rows((EXAMPLE / "inventory.csv").read_text()):
        if row["owner"].startswith("Nimbus") and not row["out_of_service"]:
            model = names.get(row["accelerator"], row["accelerator"])
            count[row["site"], model] += int(row["quantity"])
    firsts = {(period.name, period.first.isoformat()) for period in problem.periods}
    spent = Fraction(0)
    for row in rows(actions_text(plan.layout)):
        quantity = int(row["quantity"])
        if row["from_site"]:
            count[row["from_site"], row["accelerator"]] -= quantity
        if row["to_site"]:
            count[row["to_site"], row["accelerator"]] += quantity
        assert (row["period"], row["date"]) in firsts
        assert quantity % problem.kits[row["accelerator"]].unit == 0
        spent += Fraction(row["cost"])
    found: Counter[tuple[str, str]] = Counter()
    for row in rows(layout_text(problem, plan.layout)):
        if not row["out_of_service"]:
            found[row["site"], row["accelerator"]] += int(row["quantity"])
        tpp = Fraction(problem.kits[row["accelerator"]].mtpp, 1000) * int(row["quantity"])
        assert Fraction(row["tpp"]) == tpp
    assert +found == +count
    assert plan.report.plan is not None
    purchases = Fraction(plan.report.plan.cost["purchases"])
    assert spent > purchases  # which is discounted


def test_two_runs_give_the_same_files(plan: Plan) -> None:
    again = make_plan(EXAMPLE)
    assert plan.layout is not None
    assert again.layout is not None
    problem = plan.task.problem
    assert layout_text(problem, plan.layout) == layout_text(again.task.problem, again.layout)
    assert actions_text(plan.layout) == actions_text(again.layout)


def bend(multipliers: Multipliers, row: int, factor: int) -> Multipliers:
    """Multiply one multiplier (1 where there is none), as a forger would."""
    known = dict(zip(multipliers.rows.tolist(), multipliers.steps.tolist(), strict=True))
    known[row] = factor * abs(known.get(row, 1))
    steps = np.array(list(known.values()), dtype=object)
    return Multipliers(np.array(list(known)), steps, multipliers.shift)


def test_certificate_verifies_and_a_changed_one_does_not(plan: Plan) -> None:
    certificate = plan.certificate
    assert certificate is not None
    assert verify(plan.program, certificate)
    assert verify(plan.program, Certificate.from_json(certificate.to_json()))
    too_good = Certificate(
        "bound", certificate.program, certificate.value + 1, certificate.multipliers
    )
    assert not verify(plan.program, too_good)
    row = next(n for n, m in enumerate(plan.program.rows) if m.kind == "demand")
    bent = bend(certificate.multipliers, row, 2)
    assert not verify(
        plan.program, Certificate("bound", certificate.program, certificate.value, bent)
    )
    other = plan.program.with_objective({})
    assert not verify(other, certificate)
    assert not verify(
        plan.program,
        Certificate("infeasible", certificate.program, Fraction(1), certificate.multipliers),
    )


def test_wrong_sign_of_a_multiplier_proves_nothing(plan: Plan) -> None:
    certificate = plan.certificate
    assert certificate is not None
    program = plan.program
    row = next(n for n, there in enumerate(program.has_lower) if not there)
    bent = bend(certificate.multipliers, row, 1)
    value = Fraction(-(10**40))
    assert not verify(program, Certificate("bound", certificate.program, value, bent))
