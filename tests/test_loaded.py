"""What was read once and asked many things: the same answers, without reading again."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import placement
from placement.loaded import Fleet, PlanningProblem
from tests.support.paths import ROOT

EXAMPLE = ROOT / "inputs" / "example"
DAY = "2026-08-01"
GIVEN = {"entities": EXAMPLE / "entities.csv", "config": EXAMPLE / "placement.toml"}


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return placement.load(EXAMPLE / "inventory.csv", **GIVEN)  # type: ignore[arg-type]


def test_the_answers_are_those_of_the_verbs(fleet: Fleet) -> None:
    path = EXAMPLE / "inventory.csv"
    assert fleet.check(as_of=DAY) == placement.check(path, as_of=DAY, **GIVEN)  # type: ignore[arg-type]
    room = placement.headroom(path, "B200", places="MY", as_of=DAY, **GIVEN)  # type: ignore[arg-type]
    assert fleet.headroom("B200", places="MY", as_of=DAY) == room
    assert room.intervals
    accounts = placement.accounts(path, until=DAY, **GIVEN)  # type: ignore[arg-type]
    assert fleet.accounts(until=DAY) == accounts
    assert accounts.uncapped


def test_nothing_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    path.write_bytes((EXAMPLE / "inventory.csv").read_bytes())
    loaded = placement.load(path, entities=EXAMPLE / "entities.csv")
    path.unlink()
    assert loaded.check(as_of=DAY).findings
    assert len(loaded.headroom("B200", as_of=DAY))


def test_what_is_inside_is_said_in_two_lines(fleet: Fleet) -> None:
    first, second = repr(fleet).splitlines()
    frame = fleet.frame()
    total = int(frame["accelerators"].sum())
    countries, owners = frame["country"].nunique(), frame["owner"].nunique()
    assert first.endswith(f"{total} accelerators of {owners} owners in {countries} countries)")
    assert (
        second
        == "  under ai-diffusion-2025: .check(), .headroom(accelerator), .accounts(), .frame()"
    )
    page = fleet._repr_html_()
    assert "<td>MY</td>" in page
    assert "accelerators_exact" not in page


def test_a_table_in_a_notebook_escapes_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text("owner,site,country,accelerator,quantity\n<b>x,s,US,H100 SXM,5\n", "utf-8")
    page = placement.load(path, headquarters="US", authorization="none")._repr_html_()
    assert "&lt;b&gt;x" in page
    assert "<b>x" not in page


def test_a_problem_is_read_once_and_planned_twice() -> None:
    problem = placement.load_problem(ROOT / "inputs" / "infeasible")
    assert isinstance(problem, PlanningProblem)
    plan = problem.optimize(effort=1)
    again = problem.optimize(effort=1, solver="cbc")
    assert plan.report.exit_code == again.report.exit_code == 3
    assert plan.report.plan is not None
    assert again.report.plan is not None
    assert (plan.report.plan.solver, again.report.plan.solver) != (again.report.plan.solver,) * 2
    first, second = repr(problem).splitlines()
    assert first.startswith("PlanningProblem(")
    assert second.endswith(".optimize(), .fleet")
    assert problem.fleet.check(as_of=DAY).findings


def test_help_names_each_keyword_and_an_unknown_one_is_refused() -> None:
    names = [*inspect.signature(placement.check).parameters]
    assert names[:7] == ["inventory", "as_of", "since", "until", "plans", "today", "policy"]
    assert {"entities", "shipments", "accept"} <= {*names}
    assert "tables" in inspect.signature(placement.optimize).parameters
    assert "seed" in inspect.signature(PlanningProblem.optimize).parameters
    with pytest.raises(TypeError, match="unexpected keyword argument 'entity'"):
        placement.check(EXAMPLE / "inventory.csv", entity="x")  # type: ignore[call-arg]


def test_the_former_name_of_a_fault_goes_on_to_work() -> None:
    former = vars(placement).get("Problem") or placement.__getattr__("Problem")
    assert former is placement.Fault


def test_answers_say_what_is_in_them_and_show_as_tables(fleet: Fleet) -> None:
    room = fleet.headroom("B200", places=["MY", "JP"], as_of=DAY)
    first, second = repr(room).splitlines()
    owners = {one.subject for one in room}
    assert first.startswith(f"Headrooms({2 * len(owners)} intervals in 2 places, ")
    assert second == "  under ai-diffusion-2025: see .frame()"
    assert "<td>JP</td>" in room._repr_html_()
    report = fleet.check(as_of=DAY)
    page = report._repr_html_()
    assert page.count("<tr") == 1 + min(len(report.findings), 61)
    assert f"<td>{report.breaches[0].rule}</td>" in page
    accounts = fleet.accounts(until=DAY)
    assert (
        repr(accounts).splitlines()[0].startswith("Accounts(ai-diffusion-2025, up to 2026-08-01: ")
    )
    plan = placement.optimize(ROOT / "inputs" / "infeasible", effort=1)
    assert "Plan(infeasible, exit code 3)" in plan._repr_html_()


@pytest.mark.parametrize("source", [None, 3, ["inputs"]])
def test_a_source_that_is_none_is_our_error(source: Any) -> None:
    for verb in (placement.load_problem, placement.optimize):
        with pytest.raises(placement.UsageError, match=r"give a folder, a placement\.toml, or its"):
            verb(source)


def test_none_is_as_if_nothing_were_given() -> None:
    """The signature that `help` shows has None for every keyword."""
    path, none = EXAMPLE / "inventory.csv", inspect.signature(placement.load).parameters
    given: dict[str, Any] = {**dict.fromkeys([*none][1:]), **GIVEN}
    assert placement.load(path, **given).check(as_of=DAY).findings
    problem = placement.load_problem(ROOT / "inputs" / "infeasible", accept=None)  # type: ignore[arg-type]
    search: dict[str, Any] = dict.fromkeys(inspect.signature(problem.optimize).parameters)
    assert problem.optimize(**{**search, "effort": 1}).report.exit_code == 3


def test_a_finding_keeps_its_key_on_the_next_day() -> None:
    fleet = placement.load(EXAMPLE / "inventory.csv")
    first, second = (fleet.check(today=day) for day in ("2026-12-01", "2026-12-02"))
    keys = [{finding.key for finding in report.findings} for report in (first, second)]
    assert keys[0] == keys[1]
    measured = [one.key for one in first.findings if one.kind != "duty"]
    assert len(set(measured)) == len(measured)
    assert {key.when for key in keys[0] if key.rule == "uveu.outside_us"} == {"today", "2027-02-01"}


def test_the_day_of_the_run_is_today_also_where_it_is_a_measurement_date() -> None:
    fleet = placement.load(EXAMPLE / "inventory.csv")
    found = [fleet.check(today=day) for day in ("2027-01-31", "2027-02-01", "2027-02-02")]
    by_day = [{one.key for one in report.breaches if one.is_today} for report in found]
    assert by_day[0] == by_day[1] == by_day[2] != set()
    asked = fleet.check(as_of="2027-02-01", today="2027-02-01")
    assert {one.key.when for one in asked.findings} == {"2027-02-01"}
