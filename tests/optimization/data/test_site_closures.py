"""Sites that open and close, and what stands only in a part of a period: answers by hand."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.support.paths import TESTS
from tests.support.tiny_periods import (
    Many,
    ManyDemand,
    ManyLot,
    ManyPromise,
    ManySite,
    ManySupply,
)

INPUTS = TESTS / "inputs"


def planned(case: str, folder: Path, changes: dict[str, tuple[str, str]] | None = None) -> Plan:
    """Plan a case with texts of its files changed."""
    shutil.copytree(INPUTS / case, folder, dirs_exist_ok=True)
    for name, (old, new) in (changes or {}).items():
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
    return make_plan(folder)


def status(plan: Plan) -> PlanStatus:
    assert plan.report.plan is not None
    return plan.report.plan.status


def cost(plan: Plan) -> Fraction:
    assert plan.report.plan is not None
    return Fraction(plan.report.plan.tiers[-1].value)


def most_at(plan: Plan, site: str) -> int:
    """Return the most that stands at a site on any day, from layout.csv alone."""
    assert plan.layout is not None
    lots = [lot for lot in plan.layout.lots if lot.site == site]
    days = {lot.start or date.min for lot in lots}
    return max(sum(lot.quantity for lot in lots if lot.stands_on(day)) for day in days)


def actions(plan: Plan) -> list[tuple[str, str, int, str, str]]:
    assert plan.layout is not None
    return [
        (one.period, one.action, one.quantity, one.from_site, one.to_site)
        for one in plan.layout.actions
    ]


@pytest.mark.parametrize("case", ["ceiling-part-period", "exactly-part-period"])
def test_a_ceiling_holds_on_every_day(case: str, tmp_path: Path) -> None:
    """Four stand at tor until 2027-03-31: with four more it would be eight for 89 days."""
    plan = planned(case, tmp_path)
    assert status(plan) is PlanStatus.INFEASIBLE
    assert plan.report.exit_code == 3
    assert plan.report.plan is not None
    assert any("commitment line 2" in sentence for sentence in plan.report.plan.conflict)


def test_a_ceiling_with_room_for_the_part(tmp_path: Path) -> None:
    plan = planned("ceiling-part-period", tmp_path, {"commitments.csv": ("tor,4", "tor,8")})
    assert status(plan) is PlanStatus.OPTIMAL
    assert most_at(plan, "tor") == 8


def test_a_ceiling_sums_what_stands_on_one_day(pack: Path) -> None:
    """Two lots that never stand together are 3 at most, not 5."""
    lots = (
        ManyLot("s0", "H100 SXM", 3, None, date(2027, 2, 1)),
        ManyLot("s0", "H100 SXM", 2, date(2027, 2, 1), None),
    )
    supply = ManySupply("H100 SXM", 1, ((4, 1), None))
    demand = (ManyDemand(0, "2"),)
    for most, answer in ((4, None), (5, 2)):
        many = Many(
            "2027Q1", 2, (ManySite("s0", "US"),), (supply,), lots, demand,
            (ManyPromise("at_most", most, 0, 0, "s0"),), dilution=True,
        )  # fmt: skip
        plan = many.plan(pack)
        if answer is None:  # 3 + 2 bought are more than 4
            assert status(plan) is PlanStatus.INFEASIBLE
        else:
            assert cost(plan) == answer


def test_a_floor_counts_what_stands_above_the_power(tmp_path: Path) -> None:
    plan = planned("floor-overfull-site", tmp_path / "a")
    assert status(plan) is PlanStatus.OPTIMAL
    assert cost(plan) == 300
    above = {"commitments.csv": ("US,12", "US,14")}
    with pytest.raises(InputError) as caught:
        planned("floor-overfull-site", tmp_path / "b", above)
    assert (
        "quantity '14': takes at least 0.014 MW of IT power, and its sites have 0.004 MW in "
        "2027Q1: with what stands above that, no more than 13; commit to less"
    ) in str(caught.value)


@pytest.mark.parametrize("case", ["site-closes-mid-period", "site-closes-movable-kit"])
def test_a_site_that_closes_is_emptied_in_time(case: str, tmp_path: Path) -> None:
    plan = planned(case, tmp_path)
    assert status(plan) is PlanStatus.OPTIMAL
    assert cost(plan) == 40
    # It may leave earlier at the same cost.
    assert [one[1:] for one in actions(plan)] == [("move", 4, "dal", "phx")]
    assert plan.layout is not None
    assert plan.layout.actions[0].day <= date(2027, 4, 1)
    assert not [lot for lot in plan.layout.lots if lot.site == "dal" and lot.end is None]
    closes = "2027-04-02" if "mid" in case else "2027-04-01"
    assert (
        f"dal closes on {closes}: 4 accelerators have to leave it by 2027-04-01, and it serves "
        "nobody from then on"
    ) in plan.report.notes


def test_a_site_that_closes_is_emptied_by_retiring(tmp_path: Path) -> None:
    changes = {
        "placement.toml": ("[moves]\nallowed = true\nusd_per_accelerator = 10",
                           "[retire]\nallowed = true\nusd_per_accelerator = 7"),
        "supply.csv": ("40,100", "40,1"),
    }  # fmt: skip
    plan = planned("site-closes-mid-period", tmp_path, changes)
    assert status(plan) is PlanStatus.OPTIMAL
    assert cost(plan) == 32  # 4 x 7, and 4 new ones
    assert sorted(one[1:] for one in actions(plan)) == [
        ("install", 4, "", "phx"), ("retire", 4, "dal", ""),
    ]  # fmt: skip


def test_where_nothing_may_leave_a_site_that_closes(tmp_path: Path) -> None:
    without = {"placement.toml": ("allowed = true", "allowed = false")}
    message = (
        "sites.csv:3: closes '2027-04-02': the site closes then, and 4 accelerators stand there "
        "in 2027Q2 that may not leave; "
    )
    ways = (
        "give their lots out_of_service 2027-04-02 or earlier, or move them to another site in "
        "the inventory"
    )
    with pytest.raises(InputError) as caught:
        planned("site-closes-mid-period", tmp_path / "a", without)
    assert f"{message}allow [moves] or [retire], {ways}" in str(caught.value)
    places = "power_mw,closes\nphx,US,1,\ndal,US,1,2027-04-02"
    stated = "power_mw,closes,status\nphx,US,1,,\ndal,US,1,2027-04-02,frozen"
    frozen = {"sites.csv": (places, stated)}
    with pytest.raises(InputError) as caught:
        planned("site-closes-mid-period", tmp_path / "b", frozen)
    assert f"{message}make the site draining, {ways}" in str(caught.value)
    part = {"inventory.csv": ("dal,US,X1,4", "dal,US,X1,6")}  # two fill no purchase unit
    with pytest.raises(InputError) as caught:
        planned("site-closes-mid-period", tmp_path / "c", part)
    assert "and 2 accelerators stand there in 2027Q2 that may not leave; give" in str(caught.value)
    stock = "quantity\nAcme,phx,US,X1,40\nAcme,dal,US,X1,4"
    dated = "quantity,in_service\nAcme,phx,US,X1,40,\nAcme,dal,US,X1,4,2027-05-01"
    late = {"inventory.csv": (stock, dated)}
    with pytest.raises(InputError, match="and 4 accelerators stand there in 2027Q2 that may not"):
        planned("site-closes-mid-period", tmp_path / "d", late)


def test_a_site_that_closed_before_the_plan_cannot_be_emptied_in_time(tmp_path: Path) -> None:
    before = {"sites.csv": ("2027-04-02", "2026-12-31")}
    with pytest.raises(InputError) as caught:
        planned("site-closes-mid-period", tmp_path, before)
    assert "in 2027Q1 that may not leave; give their lots out_of_service" in str(caught.value)


def test_where_kit_has_nowhere_to_go(tmp_path: Path) -> None:
    full = {"sites.csv": ("phx,US,1,", "phx,US,0.04,"), "demand.csv": ("2027Q2,accelerators,44",
            "2027Q2,accelerators,4")}  # fmt: skip
    plan = planned("site-closes-mid-period", tmp_path, full)
    assert plan.report.exit_code == 3
    assert plan.report.plan is not None
    said = plan.report.plan.conflict
    assert any(one.startswith("dal closes on 2027-04-02") for one in said), said


def test_what_leaves_by_itself_serves_to_the_period_before(tmp_path: Path) -> None:
    stock = {"inventory.csv": ("quantity\nAcme,phx,US,X1,40\nAcme,dal,US,X1,4",
                               "quantity,out_of_service\nAcme,phx,US,X1,40,\nAcme,dal,US,X1,4,2027-04-02"),
             "placement.toml": ("allowed = true", "allowed = false")}  # fmt: skip
    plan = planned("site-closes-mid-period", tmp_path, stock)
    assert status(plan) is PlanStatus.OPTIMAL
    assert cost(plan) == 400
    assert actions(plan) == [("2027Q2", "install", 4, "", "phx")]


def test_a_site_serves_from_the_first_period_that_it_is_open(pack: Path) -> None:
    """Kit that stands in a site which has not opened serves nobody, and the site is not named."""
    sites = (
        ManySite("s0", "US", energy=50), ManySite("s1", "US", energy=1, opens=date(2027, 4, 15)),
    )  # fmt: skip
    supply = ManySupply("H100 SXM", 1, ((3, 5), None, None))
    lots = (ManyLot("s1", "H100 SXM", 2), ManyLot("s0", "H100 SXM", 1))
    demand = tuple(ManyDemand(t, "2", within=10) for t in range(3))
    many = Many("2027Q1", 3, sites, (supply,), lots, demand, ms=(5, 5), dilution=True)
    plan = many.plan(pack)
    assert plan.layout is not None
    assert actions(plan) == [("2027Q1", "install", 1, "", "s0")]
    by_period = Counter({(one.period.name, *sorted(one.zone.sites)): one.quantity
                         for one in plan.served})  # fmt: skip
    assert set(by_period) == {
        ("2027Q1", "s0"), ("2027Q2", "s0"), ("2027Q3", "s0", "s1"),
    }  # fmt: skip
    assert (
        "s1 opens on 2027-04-15: 2 accelerators that stand there serve nobody before 2027Q3"
    ) in plan.report.notes


def test_a_fixed_cost_ends_when_the_site_closes(pack: Path) -> None:
    """Kit that would have stayed pays nothing for a site that has closed: 3 x 7 + 7 / 30 x 3."""
    sites = (
        ManySite("s0", "US"), ManySite("s1", "US", fixed=30, closes=date(2027, 4, 2)),
    )  # fmt: skip
    supply = ManySupply("H100 SXM", 1, ((0, 5), None, None))
    lots = (ManyLot("s1", "H100 SXM", 1), ManyLot("s0", "H100 SXM", 1))
    many = Many("2027-03", 3, sites, (supply,), lots, (ManyDemand(0, "1"),), move=1, dilution=True)
    assert cost(many.plan(pack)) == 30 + 1 + 1  # March, a day of April, and the move
