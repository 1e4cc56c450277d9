"""Rules by another column of sites.csv, about all owners, and about lots of a certain kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.errors import InputError
from tests.support.planned_worlds import PACK, World, channels, conflict, lots, rule, status

MOVES = "[moves]\nallowed = true\nusd_per_accelerator = 1\n"


def world(folder: Path, rules: str, **more: str) -> World:
    (folder / "pack.toml").write_text(PACK + rules)
    given = {
        "site_columns": "site,country,power_mw,energy_usd_per_mwh,metro",
        "sites": "a,US,9,1,Reno\nb,CA,9,2,Reno\nc,US,9,50,Ohio\n",
        "inventory": "A,a,US,X,3\n",
        **more,
    }
    return World(folder, policy=str(folder / "pack.toml"), **given)  # type: ignore[arg-type]


def at(found: World) -> dict[str, int]:
    placed: dict[str, int] = {}
    for lot in lots(found.plan()):
        placed[lot.site] = placed.get(lot.site, 0) + lot.quantity
    return placed


def test_a_cap_by_metro_is_over_countries(tmp_path: Path) -> None:
    cap = rule(id="metro", kind="cap", by="metro", per="each place", limit="5000000")
    found = world(tmp_path, cap, demand="2027Q1,accelerators,7,\n")
    assert at(found) == {"a": 5, "c": 2}
    found.demand = "2027Q1,accelerators,11,\n"
    assert "metro in Ohio" in conflict(found.plan())
    assert "metro in Reno" in conflict(found.plan())


def test_a_share_by_metro(tmp_path: Path) -> None:
    half = rule(id="half", kind="share", by="metro", per="each place", limit="0.5", comparison="<=")
    found = world(tmp_path, half, demand="2027Q1,accelerators,8,\n")
    found.more = "[optimize]\nallow_dilution = false\n" + MOVES
    assert at(found) == {"a": 4, "c": 4}


def test_a_cap_by_site_and_by_region(tmp_path: Path) -> None:
    caps = rule(id="site", kind="cap", by="site", per="each place", limit="4000000") + rule(
        id="region", kind="cap", by="region", per="each place", limit="6000000", metric="tpp"
    )
    found = world(tmp_path, caps, demand="2027Q1,accelerators,8,\n")
    found.site_columns += ",region"
    found.sites = "a,US,9,1,Reno,w\nb,CA,9,2,Reno,w\nc,US,9,50,Ohio,e\n"
    assert at(found) == {"a": 4, "b": 2, "c": 2}


def test_a_site_without_the_place_is_an_error(tmp_path: Path) -> None:
    cap = rule(id="metro", kind="cap", by="metro", per="each place", limit="5000000")
    found = world(tmp_path, cap, sites="a,US,9,1,Reno\nb,CA,9,2,\nc,US,9,50,Ohio\n")
    with pytest.raises(InputError, match=r"sites.csv:3: metro: the site has no metro, and metro"):
        found.plan()
    found.sites, found.inventory = "a,US,9,1,Reno\n", "A,a,US,X,3\nA,other,US,X,1\n"
    with pytest.raises(InputError, match="the site has no metro"):
        found.plan()


def test_a_cap_on_all_owners_together(tmp_path: Path) -> None:
    cap = rule(id="all", kind="cap", about="all", by="metro", per="each place", limit="9000000")
    found = world(
        tmp_path,
        cap,
        entities="A,IN,none\nB,US,none\n",
        inventory="A,a,US,X,3\nB,a,US,X,4\n",
        demand="2027Q1,accelerators,6,\n",
    )
    assert at(found) == {"a": 5, "c": 1}
    found.inventory = "A,a,US,X,3\nB,a,US,X,10\n"
    plan = found.plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.report.exit_code == 1
    assert any("not the plan's to mend: all in Reno" in note for note in plan.report.notes)


def test_without_a_licence_nothing_comes(tmp_path: Path) -> None:
    """Licensed kit may stay in CA; more would have none, and nothing moves there."""
    bar = rule(
        id="bar", kind="prohibition", which="unlicensed", numerator="abroad", per="each place"
    )
    found = world(
        tmp_path,
        bar,
        columns="owner,site,country,accelerator,quantity,licensed",
        inventory="A,b,CA,X,3,yes\n",
        demand="2027Q1,accelerators,5,\n",
        sites="b,CA,9,2,Reno\nc,US,9,50,Ohio\n",
        more=MOVES,
    )
    plan = found.plan()
    assert channels(plan) == {("US", None): 2}
    assert plan.report.exit_code == 0
    found.demand = "2027Q1,accelerators,4,CA\n"
    assert "bar in CA" in conflict(found.plan())


def test_kit_without_a_licence_leaves_first(tmp_path: Path) -> None:
    bar = rule(
        id="bar", kind="prohibition", which="unlicensed", numerator="abroad", per="each place"
    )
    found = world(
        tmp_path,
        bar,
        columns="owner,site,country,accelerator,quantity,licensed",
        inventory="A,b,CA,X,3,yes\nA,b,CA,X,2,no\n",
        sites="b,CA,9,2,Reno\nc,US,9,50,Ohio\n",
        supply="X,2027Q1,1,1\n",
        demand="2027Q1,accelerators,5,\n",
    )
    assert "bar in CA" in conflict(found.plan())
    found.more = MOVES
    plan = found.plan()
    assert plan.report.exit_code == 0
    assert {(lot.site, lot.quantity, lot.licensed) for lot in lots(plan)} == {
        ("b", 3, True),
        ("c", 2, None),
    }


def test_who_runs_a_lot_is_not_the_plan_to_mend(tmp_path: Path) -> None:
    """A breach that the plan neither causes nor mends stays one, and there is a plan."""
    operator = rule(
        id="operator",
        kind="prohibition",
        which="unauthorized_operator",
        binds={"authorization": "uveu"},
    ).replace('{"authorization": "uveu"}', '{ authorization = "uveu" }')
    found = world(
        tmp_path,
        operator,
        entities="A,US,uveu\nHost,US,none\n",
        columns="owner,site,country,accelerator,quantity,operator",
        inventory="A,a,US,X,3,Host\n",
        demand="2027Q1,accelerators,5,\n",
    )
    plan = found.plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.report.exit_code == 1
    assert "not the plan's to mend: operator in everywhere, on 2027-01-01" in plan.report.notes
    assert plan.before is not None
    assert len(plan.before.breaches) == len(plan.report.breaches)


def test_a_test_of_its_own_frees_models(tmp_path: Path) -> None:
    bar = (
        rule(id="bar", kind="prohibition", numerator="abroad", per="each place")
        + '[rules.unless]\ntitle = "weak"\ncitation = "none"\n'
        + 'any = [{ tpp_below = "2000000" }]\n'
    )
    found = world(tmp_path, bar, demand="2027Q1,accelerators,5,CA\n")
    assert channels(found.plan()) == {("CA", None): 5}
    (tmp_path / "pack.toml").write_text(
        (tmp_path / "pack.toml").read_text().replace('"2000000"', '"1000000"')
    )
    assert "bar in CA" in conflict(found.plan())


def test_rules_that_stand_for_part_of_the_period(tmp_path: Path) -> None:
    """A cap that ends in January leaves the rest of the quarter free, and is kept in January."""
    cap = rule(id="short", kind="cap", numerator="abroad", limit="2000000") + (
        "from = 2026-01-01\nuntil = 2027-02-01\n"
    )
    found = world(tmp_path, cap, demand="2027Q1,accelerators,2,CA\n")
    plan = found.plan()
    assert plan.report.exit_code == 0
    found.demand = "2027Q1,accelerators,3,CA\n"
    assert "short in abroad" in conflict(found.plan())
