"""Input over several periods that asks for too much, or for odd things: a message or a plan."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan

BASE = {
    "placement.toml": '[placement]\npolicy = "ai-diffusion-2025-basic"\n'
    '[horizon]\nstart = "2027Q1"\nperiods = 3\n',
    "inventory.csv": "owner,site,country,accelerator,quantity\nA,us,US,H100 SXM,100\n",
    "sites.csv": "site,country,power_mw\nus,US,5\nde,DE,2\n",
    "supply.csv": "accelerator,period,quantity,unit_usd,purchase_unit,kw\n"
    "H100 SXM,2027Q1,16,10,8,1\n",
}
ASKED = "period,zone,metric,quantity,countries\n"


def plan(folder: Path, **changes: str) -> Plan:
    files = {**BASE, **{f"{name}.csv": text for name, text in changes.items()}}
    for name, text in files.items():
        if text:
            (folder / name).write_text(text)
    return make_plan(folder)


def conflict(found: Plan) -> list[str]:
    info = found.report.plan
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE
    assert found.report.exit_code == 3
    assert found.layout is None
    return list(info.conflict)


def actions(found: Plan) -> list[tuple[str, str, int, str]]:
    info = found.report.plan
    assert info is not None
    assert info.status is PlanStatus.OPTIMAL
    assert found.layout is not None
    return [(a.period, a.action, a.quantity, a.to_site) for a in found.layout.actions]


def cost(found: Plan) -> Fraction:
    assert found.report.plan is not None
    return Fraction(found.report.plan.tiers[-1].value)


def test_demand_beyond_all_supply(tmp_path: Path) -> None:
    said = conflict(plan(tmp_path, demand=ASKED + "2027Q2,home,accelerators,1000,US\n"))
    assert any(one.startswith("supply of H100-SXM5-80GB: ") for one in said)
    assert "demand line 2 (2027Q2, home, US): 884 accelerators less would do" in said


@pytest.mark.parametrize("opens", ["2027-08-01", "2027-04-01"])
def test_a_site_that_opens_after_it_closes(tmp_path: Path, opens: str) -> None:
    sites = f"site,country,power_mw,opens,closes\nus,US,5,,\nde,DE,2,{opens},2027-04-01\n"
    with pytest.raises(InputError, match=f":3: opens on {opens} and closes on 2027-04-01"):
        plan(tmp_path, sites=sites)


def test_energy_that_is_paid_for_taking_it(tmp_path: Path) -> None:
    """As much is bought as fits where energy costs less than nothing, from the first period on."""
    found = plan(
        tmp_path,
        sites="site,country,power_mw,energy_usd_per_mwh\nus,US,0.2,10\nde,DE,0.01,-50\n",
        supply=BASE["supply.csv"] + "H100 SXM,2027Q2,16,10,8,1\n",
        demand=ASKED + "2027Q1,home,accelerators,1,US\n",
    )
    assert actions(found) == [("2027Q1", "install", 8, "de")]
    kwh = Fraction(24 * (31 + 28 + 31 + 30 + 31 + 30 + 31 + 31 + 30), 1000)
    kw = found.task.problem.kits["H100-SXM5-80GB"].kw
    assert cost(found) == 80 - 8 * kw * kwh * 50 + 100 * kw * kwh * 10


def test_a_model_that_no_site_may_host(tmp_path: Path) -> None:
    sites = "site,country,power_mw,accelerators\nus,US,5,H100 SXM\nde,DE,2,H100 SXM\n"
    supply = BASE["supply.csv"].replace("H100 SXM", "B200")
    asked = "period,accelerator,quantity\n2027Q2,B200,8\n"
    found = plan(tmp_path, sites=sites, supply=supply, demand=asked)
    assert conflict(found) == [
        "demand line 2 (2027Q2, anywhere): 8 B200 accelerators less would do"
    ]
    assert "no open site takes what is delivered of B200" in found.report.notes


def test_a_model_that_no_site_may_host_has_to_be_placed(tmp_path: Path) -> None:
    sites = "site,country,power_mw,accelerators\nus,US,5,H100 SXM\nde,DE,2,H100 SXM\n"
    supply = BASE["supply.csv"].replace("H100 SXM", "B200")
    (said,) = conflict(plan(tmp_path, sites=sites, supply=supply))
    assert said.startswith("every delivery of B200 is placed: ")


def test_demand_of_nothing(tmp_path: Path) -> None:
    found = plan(tmp_path, demand=ASKED + "2027Q1,home,accelerators,0,US\n2027Q3,home,tpp,0,\n")
    assert actions(found) == []
    assert cost(found) == 0
    assert sum("a demand of 0 asks for nothing" in note for note in found.report.notes) == 2


@pytest.mark.parametrize(("opens", "works"), [("2027-04-01", True), ("2027-04-02", False)])
def test_a_zone_whose_only_site_opens_too_late(tmp_path: Path, opens: str, works: bool) -> None:
    found = plan(
        tmp_path,
        sites=f"site,country,power_mw,opens\nus,US,5,\nde,DE,2,{opens}\n",
        latency="zone,site,ms\nberlin,us,120\nberlin,de,5\n",
        demand="period,zone,metric,quantity,max_latency_ms\n2027Q2,berlin,accelerators,4,50\n",
    )
    if works:
        assert actions(found) == [("2027Q2", "install", 8, "de")]
    else:
        assert conflict(found) == [
            "demand line 2 (2027Q2, berlin, anywhere): 4 accelerators less would do"
        ]


def test_deliveries_that_make_no_purchase_unit(tmp_path: Path) -> None:
    """Two deliveries may make one together; what is left over is said."""
    supply = BASE["supply.csv"].replace("16,10,8,1", "7,10,16,1") + "H100 SXM,2027Q2,8,10,,\n"
    found = plan(tmp_path, supply=supply, demand=ASKED + "2027Q2,home,accelerators,101,US\n")
    assert conflict(found) == ["demand line 2 (2027Q2, home, US): 1 accelerator less would do"]
    assert any("15 cannot be bought" in note for note in found.report.notes)
    supply = supply.replace("2027Q2,8,", "2027Q2,9,")
    found = plan(tmp_path, supply=supply, demand=ASKED + "2027Q2,home,accelerators,101,US\n")
    assert actions(found) == [("2027Q2", "install", 16, "us")]


def test_an_accelerator_serves_one_zone_at_a_time(tmp_path: Path) -> None:
    zones = "period,zone,metric,quantity\n{},east,accelerators,100\n{},west,accelerators,100\n"
    both = plan(tmp_path, demand=zones.format("2027Q2", "2027Q2"))
    assert {one.split(":")[0] for one in conflict(both)} >= {
        "demand line 2 (2027Q2, east, anywhere)",
        "demand line 3 (2027Q2, west, anywhere)",
    }
    assert actions(plan(tmp_path, demand=zones.format("2027Q2", "2027Q3"))) == []


def test_twelve_orders_of_magnitude(tmp_path: Path) -> None:
    """Totals are wider than 64 bits in thousandths of TPP."""
    chips = (
        "accelerator,source,tpp,kw,purchase_unit,datacenter\n"
        "X,made up,1000000000,0.001,1,yes\nY,made up,999999999.999,1000,3,yes\n"
    )
    supply = (
        "accelerator,period,quantity,unit_usd,purchase_unit,kw\n"
        "X,2027Q1,1000000000,0.001,1,0.001\nY,2027Q2,7,1000000000000,3,1000\n"
    )
    sites = "site,country,power_mw\nus,US,1000000\nmy,MY,1000000\n"
    asked = (
        "period,accelerator,metric,quantity\n2027Q1,X,,900000000\n"
        "2027Q2,,tpp,900000006999999999.993\n2027Q3,Y,,6\n"
    )
    stock = BASE["inventory.csv"] + "A,us,US,X,1\n"
    found = plan(
        tmp_path, accelerators=chips, supply=supply, sites=sites, demand=asked, inventory=stock
    )
    bought = actions(found)
    # 100 H100 (1,583,200 TPP) and 6 Y (5,999,999,999.994) leave room for 0.999 TPP: one X more.
    assert bought[0] == ("2027Q1", "install", 899999999, "us")
    assert [quantity for period, _, quantity, _ in bought if period == "2027Q2"] == [1, 6]
    assert cost(found) == 900000 + 6 * 10**12
    assert found.program.row_lower.dtype == object


LOST = BASE["inventory.csv"] + "A,lost,DE,H100 SXM,9\n"
PRICED = "site,country,power_mw,energy_usd_per_mwh\nus,US,5,10\nde,DE,2,20\n"


def test_a_site_that_sites_csv_lacks(tmp_path: Path) -> None:
    """Its kit stays, counts and serves, and costs nothing; nothing comes there."""
    demand = ASKED + "2027Q1,home,accelerators,9,DE\n2027Q2,home,accelerators,10,DE\n"
    found = plan(tmp_path, inventory=LOST, sites=PRICED, demand=demand)
    assert actions(found) == [("2027Q2", "install", 8, "de")]
    assert "frozen, since sites.csv lacks them: lost" in found.report.notes
    kw = found.task.problem.kits["H100-SXM5-80GB"].kw
    year, half = (Fraction(24 * days, 1000) for days in (90 + 91 + 92, 91 + 92))
    assert cost(found) == 80 + 100 * kw * year * 10 + 8 * kw * half * 20
    assert found.layout is not None
    lost = [lot for lot in found.layout.lots if lot.site == "lost"]
    assert [(lot.quantity, lot.end) for lot in lost] == [(9, None)]


def test_a_site_that_sites_csv_lacks_needs_a_country(tmp_path: Path) -> None:
    stock = "owner,site,accelerator,quantity\nA,us,H100 SXM,100\nA,lost,H100 SXM,9\n"
    with pytest.raises(InputError, match=r"inventory\.csv:3: country: no country; .*sites\.csv"):
        plan(tmp_path, inventory=stock)


@pytest.mark.parametrize(("quantity", "works"), [(9, True), (10, False)])
def test_a_commitment_at_a_site_that_sites_csv_lacks(
    tmp_path: Path, quantity: int, works: bool
) -> None:
    committed = f"kind,site,quantity\nat_least,lost,{quantity}\n"
    asked = ASKED + "2027Q1,home,accelerators,1,US\n"
    found = plan(tmp_path, inventory=LOST, commitments=committed, demand=asked)
    if works:
        assert actions(found) == []
    else:
        assert conflict(found) == ["commitment line 2 (lost): 1 accelerator less would do"]
