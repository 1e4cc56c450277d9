"""Sites that hold more than their limit: what is assumed of them is said with what is proven."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.planner.plan import Plan, make_plan
from placement.render.plan import render
from placement.vocabulary import PlanStatus

KIT = (
    "accelerator,source,tpp,kw,purchase_unit,datacenter\nX1,test,10000,1,4,yes\n"
    "N2,test,20000,1,4,yes\n"
)
ASSUMED = "assuming that nothing comes to dal"


def refresh(folder: Path, *, power: str, limits: str = "", retire: str = "true") -> Plan:
    """Plan two quarters with 12 X1 at dal; N2 compute twice as much each."""
    files = {
        "accelerators.csv": KIT,
        "inventory.csv": "owner,site,country,accelerator,quantity\nAcme,dal,US,X1,12\n",
        "sites.csv": f"site,country,power_mw\ndal,US,{power}\n",
        "supply.csv": "accelerator,period,quantity,unit_usd\nN2,2027Q1,40,100\n",
        "demand.csv": "period,metric,quantity\n2027Q1,tpp,120000\n2027Q2,tpp,160000\n",
        "placement.toml": '[placement]\npolicy = "ai-diffusion-2025-basic"\nheadquarters = "US"\n'
        'authorization = "uveu"\n[horizon]\nstart = "2027Q1"\nperiods = 2\n'
        f"[retire]\nallowed = {retire}\nusd_per_accelerator = 0\n",
    }
    if limits:
        files["site_limits.csv"] = f"site,period,power_mw\n{limits}"
    for name, text in files.items():
        (folder / name).write_text(text)
    return make_plan(folder)


def test_a_proof_names_its_assumption(tmp_path: Path) -> None:
    plan = refresh(tmp_path, power="0.010")
    info = plan.report.plan
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE
    assert info.closed_to_arrivals == ("dal",)
    lines = render(plan).splitlines()
    assert lines[0].endswith(f"infeasible: no plan exists, {ASSUMED}")
    assert lines[-1] == f"NO PLAN: infeasible: no plan exists, {ASSUMED}"
    assert f"  proven in exact arithmetic, {ASSUMED}" in lines
    assert any(one.startswith("  assumed  nothing comes to dal, which holds more") for one in lines)


@pytest.mark.parametrize("retire", ["true", "false"])
def test_nothing_is_assumed_where_nothing_can_come_anyway(tmp_path: Path, retire: str) -> None:
    """Within its limit a site is like any other; where nothing may leave, it stays above it."""
    power = "0.012" if retire == "true" else "0.010"
    info = refresh(tmp_path, power=power, retire=retire).report.plan
    assert info is not None
    assert info.closed_to_arrivals == ()
    assert info.status is (PlanStatus.OPTIMAL if retire == "true" else PlanStatus.INFEASIBLE)


def test_a_limit_from_a_period_on_lets_other_kit_take_the_place(tmp_path: Path) -> None:
    """Twelve are retired and eight N2 bought for 800: 8 kW and 160,000 TPP."""
    plan = refresh(tmp_path, power="0.012", limits="dal,2027Q1,0.010\n")
    info = plan.report.plan
    assert info is not None
    assert (info.status, info.tiers[-1].value) == (PlanStatus.OPTIMAL, "800.000000")
    assert plan.layout is not None
    said = {one.action: (one.quantity, one.reason) for one in plan.layout.actions}
    assert said["retire"] == (12, "power of dal: no room for all that would be there")
    assert said["install"][0] == 8
