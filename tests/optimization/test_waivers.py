"""A plan under a waiver: the row is wider up to the expiry, the judge agrees, the text says so."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import placement
from placement.enums import PlanStatus
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from placement.render.optimize import render
from tests.support.forked_cli import placement_run
from tests.waivers.test_waivers import WAIVER
from tests.waivers.test_waivers import write as write_waivers

#: 900 in the US and 100 in Malaysia, where 7 % are allowed: 90 and 10 purchase units of 10.
FLEET = """owner,site,country,accelerator,quantity
Acme,us-1,US,H100 SXM,900
Acme,my-1,MY,H100 SXM,100
"""
SITES = """site,country,power_mw,pue,energy_usd_per_mwh
us-1,US,3,1,60
my-1,MY,3,1,1
"""
DEMAND = "period,metric,quantity\n2027Q1,accelerators,1000\n2027Q2,accelerators,1000\n"
CONFIG = """[placement]
policy = "ai-diffusion-2025-basic"
owner = "Acme"
[horizon]
start = "2027Q1"
periods = 2
[optimize]
mode = "strict"
gap = 0
"""
MOVES = "[moves]\nallowed = true\nusd_per_accelerator = 100\n"


def plan(folder: Path, ran_on: date = date(2026, 12, 1)) -> Plan:
    return make_plan(folder, ran_on=ran_on)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("inventory.csv", FLEET),
        ("sites.csv", SITES),
        ("demand.csv", DEMAND),
        ("accelerators.csv", "accelerator,purchase_unit,kw,source\nH100-SXM5-80GB,10,1.4,own\n"),
        ("placement.toml", CONFIG),
    ):
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("at_most", "expires", "status"),
    [
        (None, "", PlanStatus.INFEASIBLE),
        ("10 %", "2027-06-30", PlanStatus.OPTIMAL),
        ("9.9 %", "2027-06-30", PlanStatus.INFEASIBLE),
        # The last days of the plan are judged, too.
        ("10 %", "2027-03-31", PlanStatus.INFEASIBLE),
    ],
)
def test_nothing_may_move(
    folder: Path, at_most: str | None, expires: str, status: PlanStatus
) -> None:
    if at_most is not None:
        write_waivers(folder, {"at_most": at_most, "expires": expires})
    made = plan(folder)
    assert made.report.plan is not None
    assert made.report.plan.status is status
    assert made.report.exit_code == (0 if status is PlanStatus.OPTIMAL else 3)


def test_up_to_the_expiry_no_more_moves_than_it_takes(folder: Path) -> None:
    """80 of 1,000 are allowed in the first quarter, 70 from then on: 20 move, then 10."""
    (folder / "placement.toml").write_text(CONFIG + MOVES)
    write_waivers(folder, {"at_most": "8 %", "expires": "2027-03-31"})
    made = plan(folder)
    assert made.layout is not None
    left = [
        sum(lot.quantity for lot in made.layout.lots if lot.country == "MY" and lot.counts_on(day))
        for day in (period.last for period in made.task.problem.periods)
    ]
    assert left == [80, 70]
    assert made.report.exit_code == 0
    waived = [one for one in made.report.findings if one.waived]
    assert {Fraction(one.share or 0) for one in waived} == {Fraction(8, 100)}
    assert all(str(one.date) <= "2027-03-31" for one in waived)
    # Within every limit it is only after that.
    info = made.report.plan
    assert info is not None
    assert str(info.compliant_every_day_from) > "2027-03-31"


def test_the_text_says_so_first(folder: Path) -> None:
    path = write_waivers(folder, {"at_most": "10 %"})
    lines = render(plan(folder)).splitlines()
    assert lines[0].startswith("PLAN for Acme")
    assert lines[1] == (
        "  waived   basic.single_country in MY is allowed up to 10 % until 2027-06-30, by the "
        f"waiver of {path}:1, approved by Bo Chen: {WAIVER['reason']}"
    )


def test_of_another_owner_it_widens_nothing(folder: Path) -> None:
    write_waivers(folder, {"owner": "Other", "at_most": "10 %"})
    assert plan(folder).report.exit_code == 3


def test_outside_its_time_it_widens_nothing(folder: Path) -> None:
    write_waivers(folder)
    for day, code in ((date(2026, 10, 31), 3), (date(2026, 11, 1), 0), (date(2027, 7, 1), 3)):
        assert plan(folder, day).report.exit_code == code


def test_given_on_the_command_line(folder: Path) -> None:
    write_waivers(folder, name="allowed.toml")
    ran = placement_run(folder, "optimize", ".", "--waivers", "allowed.toml", "--out", "plan")
    assert "waivers from allowed.toml: 1" in ran.stdout
    ran = placement_run(folder, "optimize", ".", "--waivers", "allowed.toml", "--output",
                        "json=allowed.toml")  # fmt: skip
    assert (ran.returncode, "would replace an input" in ran.stderr) == (2, True)


def test_a_wrong_waiver_is_told(folder: Path) -> None:
    write_waivers(folder, {"rule": "basic.single"})
    with pytest.raises(placement.InputError, match="no such rule"):
        plan(folder)


def test_an_advanced_plan_keeps_its_waivers(folder: Path, tmp_path: Path) -> None:
    (folder / "placement.toml").write_text(CONFIG + MOVES)
    write_waivers(folder, {"at_most": "10 %"})
    assert placement_run(tmp_path, "optimize", str(folder), "--out", "plan").returncode == 0
    out = tmp_path / "next"
    placement.advance(tmp_path / "plan", to="2027Q2", out=out)
    assert (out / "waivers.toml").read_text() == (folder / "waivers.toml").read_text()
