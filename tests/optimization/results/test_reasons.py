"""Why a plan does something: what needs it, and nothing else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

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
H100 = "H100 SXM"


def reasons(plan: Plan) -> dict[tuple[str, str, str], str]:
    """Return the reason of each action by period, action and the site that it is about."""
    assert plan.layout is not None
    return {
        (one.period, one.action, one.from_site or one.to_site): one.reason
        for one in plan.layout.actions
    }


def test_an_install_that_a_commitment_asks_for() -> None:
    """The four that are asked for are served by the forty that stand already."""
    plan = make_plan(INPUTS / "reason-of-install")
    assert reasons(plan) == {
        ("2027Q1", "install", "mtl"): "commitment line 2 (contract, mtl)",
    }  # fmt: skip


def test_an_install_that_both_need(tmp_path: Path) -> None:
    shutil.copytree(INPUTS / "reason-of-install", tmp_path, dirs_exist_ok=True)
    demand = "period,metric,quantity,countries\n2027Q1,accelerators,4,CA\n"
    (tmp_path / "demand.csv").write_text(demand)
    assert reasons(make_plan(tmp_path)) == {
        ("2027Q1", "install", "mtl"): "demand line 2 (CA); commitment line 2 (contract, mtl)",
    }  # fmt: skip


def test_what_a_commitment_asks_for_serves_last(pack: Path) -> None:
    """Two are bought for the line, which the commitment's two at s1 would serve as well."""
    sites = (ManySite("s0", "US", racks=4), ManySite("s1", "US", energy=50))
    many = Many(
        "2027Q1", 1, sites, (ManySupply(H100, 1, ((4, 5),)),), (), (ManyDemand(0, "4"),),
        (ManyPromise("at_least", 2, 0, 0, "s1"),), dilution=True,
    )  # fmt: skip
    line, asked = "demand line 2 (z, anywhere)", "commitment line 2 (s1)"
    assert reasons(many.plan(pack)) == {
        ("2027Q1", "install", "s0"): line,
        ("2027Q1", "install", "s1"): f"{line}; {asked}",
    }  # fmt: skip
    fewer = replace(many, demand=(ManyDemand(0, "2"),), lots=(ManyLot("s0", H100, 2),))
    assert reasons(fewer.plan(pack)) == {("2027Q1", "install", "s1"): asked}


def test_a_line_is_named_only_where_it_is_served_from(pack: Path) -> None:
    """Both sites are in the US; the first line is near enough to s0 only, the other to both."""
    sites = (ManySite("s0", "US", racks=1), ManySite("s1", "US"))
    demand = (ManyDemand(0, "1", within=10), ManyDemand(0, "1", countries=("US",)))
    many = Many(
        "2027Q1", 1, sites, (ManySupply(H100, 1, ((2, 5),)),), (), demand, ms=(5, 25),
    )  # fmt: skip
    assert reasons(many.plan(pack)) == {
        ("2027Q1", "install", "s0"): "demand line 2 (z, anywhere)",
        ("2027Q1", "install", "s1"): "demand line 3 (z, US)",
    }


def test_what_is_bought_for_a_later_period(pack: Path) -> None:
    supply = ManySupply(H100, 1, ((2, 5), (0, 50)))
    many = Many(
        "2027Q1", 2, (ManySite("s0", "US"),), (supply,), (), (ManyDemand(1, "2"),), dilution=True,
    )  # fmt: skip
    assert reasons(many.plan(pack)) == {
        ("2027Q1", "install", "s0"): "demand line 2 (2027Q2, z, anywhere)",
    }


def test_what_a_ceiling_or_a_floor_moves(pack: Path) -> None:
    sites = (ManySite("s0", "US"), ManySite("s1", "US", energy=50))
    many = Many(
        "2027Q1", 2, sites, (ManySupply(H100, 1, ((0, 5), None)),), (ManyLot("s0", H100, 4),),
        (ManyDemand(0, "4"), ManyDemand(1, "4")), (ManyPromise("at_most", 3, 1, 1, "s0"),),
        move=1, dilution=True,
    )  # fmt: skip
    assert reasons(many.plan(pack)) == {("2027Q2", "move", "s0"): "commitment line 2 (s0)"}
    floor = replace(many, promises=(ManyPromise("at_least", 2, 1, 1, "s1"),))
    assert reasons(floor.plan(pack)) == {("2027Q2", "move", "s0"): "commitment line 2 (s1)"}
    # Within the places of one commitment a move changes nothing (one more is on its way to the US).
    inside = replace(many, promises=(ManyPromise("exactly", 5, 0, 1, None, ("US",)),), sites=(
        replace(sites[0], closes=date(2027, 5, 1)), sites[1],
    ))  # fmt: skip
    assert reasons(inside.plan(pack)) == {("2027Q2", "move", "s0"): "s0 closes on 2027-05-01"}


def test_what_a_ceiling_retires(pack: Path) -> None:
    many = Many(
        "2027Q1", 1, (ManySite("s0", "US"),), (ManySupply(H100, 1, ((0, 5),)),),
        (ManyLot("s0", H100, 4),), (ManyDemand(0, "1"),),
        (ManyPromise("at_most", 3, 0, 0, "s0"),), retire=5, dilution=True,
    )  # fmt: skip
    assert reasons(many.plan(pack)) == {("2027Q1", "retire", "s0"): "commitment line 2 (s0)"}
    paid = replace(many, retire=-5, promises=())
    assert reasons(paid.plan(pack)) == {
        ("2027Q1", "retire", "s0"): "the cheapest plan: retiring pays here",
    }  # fmt: skip


def test_deliveries_that_are_placed_where_a_commitment_asks(pack: Path) -> None:
    sites = (ManySite("s0", "US"), ManySite("s1", "US", energy=50))
    many = Many(
        "2027Q1", 1, sites, (ManySupply(H100, 1, ((3, 5),)),), (),
        promises=(ManyPromise("at_least", 1, 0, 0, "s1"),), place="every_period",
    )  # fmt: skip
    assert reasons(many.plan(pack)) == {
        ("2027Q1", "install", "s0"): "every delivery is placed",
        ("2027Q1", "install", "s1"): "every delivery is placed; commitment line 2 (s1)",
    }
