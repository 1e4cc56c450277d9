"""Plans and the room at sites: power, places, and sites that are overfull."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from placement.enums import PlanStatus, Verdict
from placement.optimization.run import make_plan
from placement.render.optimize import render
from tests.oracles.one_period import brute_force
from tests.support.plan_figures import DE, plan_files, status, stock, value
from tests.support.tiny_one_period import Tiny, TinyDemand, TinySite, TinySupply


def test_as_much_as_fits(pack: Path) -> None:
    small = TinySite("us", "US", power_kw=5)
    tiny = Tiny((small,), (TinySupply("H100 SXM", 4, 2, 5), TinySupply("B200", 2, 3, 1)))
    assert status(tiny.plan(pack)) is PlanStatus.INFEASIBLE
    config = tiny.config()
    config["optimize"]["place"] = "as_much_as_fits"
    plan = make_plan(config, tables=tiny.tables(), policy=str(pack))
    assert plan.report.plan is not None
    first, second = plan.report.plan.tiers
    assert (first.objective, first.value) == ("unplaced accelerators", "9.000000")
    assert second.objective == "cost"
    assert "did not fit: 6 of 8 H100-SXM5-80GB" in plan.report.notes
    assert "did not fit: 3 of 6 B200" in plan.report.notes
    assert plan.layout is not None
    assert {action.reason for action in plan.layout.actions} == {"as much is placed as fits"}
    assert "  unplaced accelerators 9.00; proven" in render(plan)
    assert stock(plan) == {
        ("us", "H100-SXM5-80GB"): 2,
        ("us", "B200"): 3,
        ("elsewhere", "H100-SXM5-80GB"): 1,
    }


def test_a_model_that_no_site_may_host(pack: Path) -> None:
    site = TinySite("us", "US", accelerators="B200")
    tiny = Tiny((site,), (TinySupply("H100 SXM", 4, 2, 5),), (TinyDemand("2"),))
    plan = tiny.plan(pack)
    assert status(plan) is PlanStatus.INFEASIBLE
    assert plan.conflict is not None
    assert [part.name for part in plan.conflict.parts] == ["demand line 2 (anywhere)"]
    told = plan.conflict.parts[0].given
    assert told is not None
    assert told.amount == 2


def test_power_counts_pue_and_what_others_draw(tmp_path: Path) -> None:
    """25 kW at the meter: 20 of IT at PUE 1.25, of which another owner takes 6 and we had 4."""
    plan = plan_files(
        tmp_path,
        placement_toml='[placement]\npolicy="ai-diffusion-2025-basic"\nowner="A"\n'
        '[horizon]\nstart="2027Q1"\n',
        inventory_csv="owner,site,country,accelerator,quantity,in_service,out_of_service\n"
        "A,us,US,H100 SXM,4,,\nB,us,US,H100 SXM,6,2027-02-10,2027-02-11\n",
        sites_csv="site,country,power_mw,pue\nus,US,0.025,1.25\n",
        supply_csv="accelerator,period,quantity,unit_usd,purchase_unit,kw\n"
        "H100 SXM,2027Q1,99,100,1,1\n",
        demand_csv="period,metric,quantity\n2027Q1,accelerators,14\n",
    )
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.layout is not None
    assert [action.quantity for action in plan.layout.actions] == [10]
    assert {lot.owner for lot in plan.layout.lots} == {"A"}
    more = plan_files(tmp_path, demand_csv="period,metric,quantity\n2027Q1,accelerators,15\n")
    assert more.report.plan is not None
    assert more.report.plan.conflict == (
        "power in US sites: 1.25 kW more would do at us",
        "demand line 2 (anywhere): 1 accelerator less would do",
    )


def test_power_row_counts_pue_of_planned_kit(pack: Path) -> None:
    site = TinySite("us", "US", power_kw=10, pue="1.25")
    models = (TinySupply("H100 SXM", 9, 1, 5), TinySupply("B200", 9, 1, 6))
    tiny = Tiny((site,), models, (TinyDemand("8"),))
    assert value(tiny.plan(pack)) == brute_force(tiny)
    lines = (TinyDemand("5", model="H100 SXM"), TinyDemand("4", model="B200"))
    assert status(dataclasses.replace(tiny, demand=lines).plan(pack)) is PlanStatus.INFEASIBLE


def test_site_that_is_overfull_receives_nothing(pack: Path) -> None:
    full = TinySite("us", "US", power_kw=3)
    tiny = Tiny((full, DE), (TinySupply("H100 SXM", 4, 1, 5),), (TinyDemand("8"),), move=1)
    tiny = dataclasses.replace(tiny, stock={("us", "H100 SXM"): 4})
    plan = tiny.plan(pack)
    assert value(plan) == brute_force(tiny)
    assert stock(plan)["us", "H100-SXM5-80GB"] == 4
    said = "us already takes 0.004 MW, power_mw is 0.003: nothing comes there, unless "
    said += "enough leaves"
    assert said in plan.report.notes
    assert plan.overfull == (said,)


def test_sites_that_are_overfull_are_no_part_of_the_conflict(pack: Path) -> None:
    tiny = Tiny(
        (TinySite("us", "US", power_kw=3),),
        (TinySupply("H100 SXM", 1, 1, 5),),
        (TinyDemand("9"),),
        stock={("us", "H100 SXM"): 4},
    )
    plan = tiny.plan(pack)
    assert plan.conflict is not None
    assert plan.report.plan is not None
    assert plan.report.plan.conflict == plan.conflict.sentences()
    shown = render(plan)
    assert "  besides: us already takes 0.004 MW, power_mw is 0.003" in shown
    assert plan.report.verdict is Verdict.NOT_APPLICABLE
    assert shown.splitlines()[-1] == "NO PLAN: infeasible: no plan exists"
    assert "\nOK: " in shown


def test_lots_of_one_model_share_their_places(tmp_path: Path) -> None:
    """4 + 4 of a purchase unit of 8 are one place of two, not two."""
    plan = plan_files(
        tmp_path,
        placement_toml='[placement]\npolicy="ai-diffusion-2025-basic"\n[horizon]\nstart="2027Q1"\n',
        inventory_csv="owner,site,country,accelerator,quantity,in_service\n"
        "A,us,US,H100 SXM,4,2025-01-01\nA,us,US,H100 SXM,4,2025-02-01\n",
        sites_csv="site,country,power_mw,racks\nus,US,1,2\n",
        supply_csv="accelerator,period,quantity,unit_usd,purchase_unit,kw\n"
        "H100 SXM,2027Q1,8,100,8,1\n",
        demand_csv="period,metric,quantity\n2027Q1,accelerators,16\n",
    )
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.overfull == ()
