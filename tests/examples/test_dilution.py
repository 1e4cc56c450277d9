"""inputs/dilution: three ways to be compliant by a day, and its README says what each costs."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.support.paths import ROOT

FOLDER = ROOT / "inputs" / "dilution"
TEXT = (FOLDER / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    """Return the plan of each configuration."""
    return {path.stem: make_plan(path) for path in sorted(FOLDER.glob("*.toml"))}


def cost(plan: Plan) -> Fraction:
    assert plan.report.plan is not None
    return Fraction(plan.report.plan.tiers[-1].value)


def millions(amount: Fraction) -> str:
    return f"{float(amount / 10**6):.1f} million USD"


def test_readme_says_exit_code_and_cost_of_each(plans: dict[str, Plan]) -> None:
    said = re.findall(r"^\| `placement optimize (\S+)` \|.*\| exit (\d): (.*) \|$", TEXT, re.M)
    names = {"inputs/dilution": "placement"}
    found = {}
    for command, code, answer in said:
        name = names.get(command, Path(command).stem)
        found[name] = int(code), answer
    assert {
        name: (
            plan.report.exit_code,
            "no plan exists" if plan.layout is None else millions(cost(plan)),
        )
        for name, plan in plans.items()
    } == found


def test_readme_says_what_the_racks_cost(plans: dict[str, Plan]) -> None:
    apart = cost(plans["dilution"]) - cost(plans["renegotiated"])
    assert f"more in Malaysia cost\n{millions(apart)}" in TEXT


def test_what_conflicts_is_the_tenant_the_rule_and_the_use(plans: dict[str, Plan]) -> None:
    info = plans["placement"].report.plan
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE
    assert plans["placement"].certificate is not None
    assert [sentence.split(":")[0] for sentence in info.conflict] == [
        "commitment line 3 (anchor tenant in Johor, second term, MY)",
        "no useless kit (allow_dilution = false)",
        "uveu.single_country in MY",
    ]


@pytest.mark.parametrize("name", ["dilution", "renegotiated"])
def test_kept_from_the_day_asked_for_and_broken_before(plans: dict[str, Plan], name: str) -> None:
    plan = plans[name]
    day = plan.task.problem.by
    assert day is not None
    assert plan.report.breaches
    assert all(finding.date < day for finding in plan.report.breaches)
    assert {finding.place for finding in plan.report.breaches} <= {"MY", "outside_tier1"}


def test_dilution_is_kit_that_nobody_needs(plans: dict[str, Plan]) -> None:
    """With the same demand, the plan that dilutes ends with more computing power."""
    power = {
        name: sum(lot.quantity * plan.task.problem.kits[lot.model].mtpp for lot in plan.layout.lots)
        for name, plan in plans.items()
        if plan.layout is not None
    }
    assert power["dilution"] > Fraction(11, 10) * power["renegotiated"]


def test_readme_says_what_dilutes(plans: dict[str, Plan]) -> None:
    info = plans["dilution"].report.plan
    assert info is not None
    assert [one.period for one in info.dilution] == ["2027Q3", "2027Q4"]
    assert {one.rules for one in info.dilution} == {("uveu.single_country in MY",)}
    most = float(Fraction(info.dilution[0].amount) / 10**6)
    paid = sum((Fraction(one.discounted) for one in info.dilution), Fraction(0))
    assert f"in {info.dilution[0].period} kit of {most:.1f} million TPP serves nobody" in TEXT
    assert f"It is {millions(paid)} of the cost" in TEXT
    assert plans["dilution"].layout is not None
    why = {action.reason for action in plans["dilution"].layout.actions}
    assert any(one.endswith("in part dilutes uveu.single_country in MY") for one in why)


def test_what_dilutes_is_what_serves_no_line(plans: dict[str, Plan]) -> None:
    """It is idle at the end; what is idle in Malaysia itself dilutes nothing."""
    plan = plans["dilution"]
    assert plan.report.plan is not None
    assert plan.layout is not None
    kits, last = plan.task.problem.kits, plan.report.plan.dilution[-1]
    serves = sum(
        one.quantity * kits[one.model].mtpp for one in plan.served if one.period.name == last.period
    )
    day = plan.task.problem.last
    stands = sum(lot.quantity * kits[lot.model].mtpp for lot in plan.layout.lots
                 if lot.counts_on(day))  # fmt: skip
    assert 0 < Fraction(last.amount) * 1000 <= stands - serves


def test_nothing_dilutes_where_that_is_not_allowed(plans: dict[str, Plan]) -> None:
    assert plans["renegotiated"].report.plan is not None
    assert plans["renegotiated"].report.plan.dilution == ()
