"""Sites that hold more than their limit: that may stay, and what comes, comes within it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.enums import ColumnKind, PlanStatus
from placement.lp.program import Program
from placement.optimization import lexicographic as search
from placement.optimization.heuristics.integer import Whole, best_whole
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from placement.solvers.solution import Outcome
from tests.optimization.against_oracle.test_dated import agree
from tests.support.strategies_periods import quick
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply

KIT = (
    "accelerator,source,tpp,kw,purchase_unit,datacenter\nX1,test,10000,1,4,yes\n"
    "N2,test,20000,1,4,yes\n"
)


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


def test_other_kit_takes_the_place_of_what_is_retired(tmp_path: Path) -> None:
    """Twelve are retired and eight N2 bought for 800: 8 kW and 160,000 TPP, within 10 kW."""
    plan = refresh(tmp_path, power="0.010")
    info = plan.report.plan
    assert info is not None
    assert (info.status, info.tiers[-1].value) == (PlanStatus.OPTIMAL, "800.000000")
    assert plan.layout is not None
    assert {one.action: one.quantity for one in plan.layout.actions} == {"retire": 12, "install": 8}
    assert len({one.period for one in plan.layout.actions}) == 1
    note = "dal already takes 0.012 MW, power_mw is 0.01 in 2027Q1: nothing comes there, unless"
    assert any(one.startswith(note) for one in info_notes(plan))


@pytest.mark.parametrize(("power", "retire"), [("0.010", "false"), ("0.007", "true")])
def test_nothing_comes_where_too_little_can_leave(tmp_path: Path, power: str, retire: str) -> None:
    """Seven kW hold four N2, which are 80,000 TPP."""
    info = refresh(tmp_path, power=power, retire=retire).report.plan
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE


def test_a_limit_from_a_period_on_says_why_kit_leaves(tmp_path: Path) -> None:
    plan = refresh(tmp_path, power="0.012", limits="dal,2027Q1,0.010\n")
    info = plan.report.plan
    assert info is not None
    assert (info.status, info.tiers[-1].value) == (PlanStatus.OPTIMAL, "800.000000")
    assert plan.layout is not None
    said = {one.action: (one.quantity, one.reason) for one in plan.layout.actions}
    assert said["retire"] == (12, "power of dal: no room for all that would be there")
    assert said["install"][0] == 8


def test_a_plan_in_which_nothing_comes_is_found_where_the_search_finds_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that nobody needs is in supply, and what stands is enough."""
    refresh(tmp_path, power="0.010")
    (tmp_path / "demand.csv").write_text("period,metric,quantity\n2027Q1,tpp,120000\n")

    def lost(program: Program, *given: Any, **named: Any) -> Whole:
        open_to_more = program.upper[program.columns.of_kind(ColumnKind.WITHIN_LIMIT)].any()
        found = Whole(None, Outcome.STOPPED)
        return found if open_to_more else best_whole(program, *given, **named)

    monkeypatch.setattr(search, "best_whole", lost)
    info = make_plan(tmp_path).report.plan
    assert info is not None
    assert (info.status, info.tiers[-1].value) == (PlanStatus.OPTIMAL, "0.000000")


def info_notes(plan: Plan) -> tuple[str, ...]:
    return tuple(plan.report.notes)


@st.composite
def overfull(draw: st.DrawFn) -> Many:
    """Draw sites with one or two kW, or places, less than what stands there; kit may leave."""
    unit, count = draw(st.integers(1, 2)), draw(st.integers(2, 4))
    power = draw(st.sampled_from([count - 1, count - 1, count - 2, 1000]))
    racks = None if power < 1000 else max(1, -(-count // unit) - 1)
    limits = draw(st.sampled_from([(), (), ((1, power + 2, None),), ((1, None, 9),)]))
    price = draw(st.sampled_from([0, 50]))
    sites = (
        ManySite("s0", "US", power, racks=racks, energy=price, limits=limits),
        ManySite("s1", draw(st.sampled_from(["US", "DE"])), draw(st.sampled_from([2, 9])),
                 energy=draw(st.sampled_from([0, 125]))),
    )  # fmt: skip
    models = draw(st.sampled_from([("B200",), ("H100 SXM", "B200")]))
    small = len(models) > 1
    supply = tuple(
        ManySupply(
            one, unit, ((draw(st.integers(0, 1 + (not small))), draw(st.integers(1, 9))), (1, 2))
        )
        for one in models
    )
    lots = [ManyLot("s0", models[0], count)]
    if draw(st.integers(0, 2)) == 0:
        day = draw(st.sampled_from([date(2027, 2, 10), date(2027, 4, 1), date(2027, 5, 9)]))
        lots.append(
            ManyLot("s0", models[-1], 1, *draw(st.sampled_from([(None, day), (day, None)])))
        )
    if draw(st.booleans()):
        lots.append(ManyLot("s1", models[0], draw(st.integers(1, 3))))
    demand = tuple(
        ManyDemand(t, str(draw(st.integers(1, 6)) * 30000), "tpp", None,
                   draw(st.sampled_from([(), ("US",)])))
        for t in range(2)
    )  # fmt: skip
    return Many(
        "2027Q1", 2, sites, supply, tuple(lots), demand,
        move=draw(st.sampled_from([None, 1, 4])), retire=draw(st.sampled_from([0, 1, -3])),
        dilution=draw(st.booleans()), mode="repair",
    )  # fmt: skip


@quick(60)
@given(many=overfull())
def test_same_optimum_as_trying_every_layout(many: Many, pack: Path) -> None:
    assert agree(many, pack) in ("optimal", "infeasible", "refused")
