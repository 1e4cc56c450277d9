"""Moves that take some periods: what is on its way, against every layout that there is."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from placement.api import check
from placement.enums import ColumnKind, PlanStatus
from placement.errors import InputError, UsageError
from placement.optimization.data.load import load_task
from placement.optimization.data.previous import read_previous
from placement.optimization.plan import Plan
from placement.optimization.results.plan_folder.write import actions_text, layout_text
from placement.optimization.run import make_plan
from placement.proof.verify import verify
from tests.optimization.against_oracle.test_channels import RULES
from tests.optimization.model.test_build_periods import assert_same_optimum, planned, programs
from tests.optimization.model.test_channels import judged, judged_again
from tests.oracles.periods import brute_force
from tests.support.many_sites import big
from tests.support.planned_worlds import LEDGER, PACK, World, channels, cost, lots, status
from tests.support.strategies_periods import quick
from tests.support.strategies_transit import journeys
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply, judged_days


@quick(60)
@given(many=journeys())
def test_same_optimum_as_trying_every_layout(many: Many, pack: Path) -> None:
    best = brute_force(many)
    try:
        plan = many.plan(pack)
    except InputError:
        assert best is None  # what nothing can keep is refused when it is read
        return
    info = plan.report.plan
    assert info is not None
    if plan.certificate is not None:
        assert verify(plan.program, plan.certificate)
    if best is None:
        assert info.status is PlanStatus.INFEASIBLE
        return
    assert info.status is PlanStatus.OPTIMAL
    assert info.compliant_from == best.kept_from
    assert Fraction(info.tiers[-1].value) * 10**6 == best.cost
    assert all(one.date < best.kept_from for one in plan.report.breaches)


@quick(30)
@given(many=journeys())
def test_generated_steps_have_the_optimum_of_the_plain_program(many: Many, pack: Path) -> None:
    for program in programs(many, pack):
        assert_same_optimum(program)


@quick(40)
@given(many=journeys())
def test_the_layout_says_where_everything_is(many: Many, pack: Path) -> None:
    """Stock and what is on its way are the program's; `check` finds the same in layout.csv."""
    found = planned(many, pack)
    if found is None:
        return
    plan, layout, points = found
    problem = plan.task.problem
    for t, period in enumerate(problem.periods):
        stands, comes = decided(plan, points[-1], t)
        first = [lot for lot in layout.lots if lot.counts_on(period.first)]
        here = [lot for lot in first if lot.stands_on(period.first)]
        for site in many.sites:
            there = sum(lot.quantity for lot in here if lot.site == site.name)
            assert there == stands.get(site.name, 0)
            coming = sum(lot.quantity for lot in first if lot.site == site.name) - there
            assert coming == comes.get(site.name, 0)
    path = pack.parent / "layout.csv"
    path.write_text(layout_text(problem, layout))
    for day in judged_days(many.periods):
        checked = check(path, policy=str(pack), as_of=day)
        mine = [one for one in plan.report.findings if one.date == day]
        assert [(f.rule, f.place, f.verdict, f.numerator, f.denominator) for f in mine] == [
            (f.rule, f.place, f.verdict, f.numerator, f.denominator) for f in checked.findings
        ]


def decided(plan: Plan, x: np.ndarray, t: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return what stands at each site in a period, and what is on its way there."""
    problem, columns = plan.task.problem, plan.program.columns
    names = [period.name for period in problem.periods]
    stands: dict[str, int] = {}
    for lot in problem.lots:
        stands[lot.site] = stands.get(lot.site, 0) + lot.quantity
    comes: dict[str, int] = {}
    takes = problem.transit_periods
    for kind, sign, after in (
        (ColumnKind.INSTALL, 1, 0), (ColumnKind.RETIRE, -1, 0), (ColumnKind.MOVE_OUT, -1, 0),
        (ColumnKind.MOVE_IN, 1, takes),
    ):  # fmt: skip
        for column in columns.of_kind(kind).tolist():
            site, model, period = columns[column].of
            units = int(x[column]) * problem.kits[model].unit
            left = names.index(period)
            if left + after <= t:
                stands[site] = stands.get(site, 0) + sign * units
            elif left <= t:
                comes[site] = comes.get(site, 0) + units
    return stands, comes


# One story: 4 of 10 chips are in MY, where at most 30 % may be; measured on 1 February and August.


def story(**more: object) -> Many:
    sites = ManySite("us", "US"), ManySite("my", "MY")
    lots = ManyLot("us", "H100 SXM", 4), ManyLot("my", "H100 SXM", 4)
    demand = ManyDemand(0, "3", countries=("MY",)), ManyDemand(1, "5", countries=("US",))
    many = Many(
        "2027Q1", 3, sites, (ManySupply("H100 SXM", 1, ((0, 9), None, None)),), lots, demand,
        move=10, transit=1, dilution=True, adrift=2,
    )  # fmt: skip
    return replace(many, **more)  # type: ignore[arg-type]


def plan_of(many: Many, pack: Path) -> Plan:
    plan = many.plan(pack)
    assert plan.layout is not None, plan.report.plan
    return plan


def actions(plan: Plan) -> list[dict[str, str]]:
    assert plan.layout is not None
    return list(csv.DictReader(actions_text(plan.layout).splitlines()))


def table(plan: Plan) -> list[dict[str, str]]:
    assert plan.layout is not None
    return list(csv.DictReader(layout_text(plan.task.problem, plan.layout).splitlines()))


def kept_from(plan: Plan) -> date | None:
    assert plan.report.plan is not None
    return plan.report.plan.compliant_from


def test_on_its_way_it_counts_at_its_destination(pack: Path) -> None:
    plan = plan_of(story(), pack)
    (move,) = actions(plan)
    assert [move[name] for name in ("period", "date", "arrives", "quantity", "cost")] == [
        "2027Q1", "2027-01-01", "2027-04-01", "1", "10.000000",
    ]  # fmt: skip
    assert cost(plan) == 10
    assert kept_from(plan) == date(2027, 2, 1)
    shares = {f.date: (f.numerator, f.denominator) for f in plan.report.findings if f.place == "MY"}
    assert shares[date(2027, 2, 1)] == ("47496.000", "158320.000")
    rows = [(row["site"], row["quantity"], row["arrived"], row["in_service"], row["out_of_service"],
             row["from_country"], row["period"]) for row in table(plan)]  # fmt: skip
    assert ("us", "1", "2027-01-01", "2027-04-01", "", "MY", "2027Q1") in rows
    assert ("my", "3", "", "", "", "", "2027Q1") in rows
    assert (
        "moves take 1 period: what is on its way counts at its destination from its departure"
        in plan.report.assumptions
    )


def test_counted_at_both_ends_it_is_too_late(pack: Path) -> None:
    """On 1 February 4 of 10 still count in MY: no plan has fewer, and nothing is worse."""
    plan = plan_of(story(both=True), pack)
    assert [row["date"] for row in actions(plan)] == ["2027-01-01"]
    assert kept_from(plan) == date(2027, 8, 1)
    assert plan.report.exit_code == 0  # the judge counts at the destination
    strict = story(both=True, mode="strict").plan(pack)
    assert status(strict) is PlanStatus.INFEASIBLE
    assert kept_from(plan_of(story(mode="strict"), pack)) == date(2027, 1, 1)
    said = [one for one in plan.report.assumptions if one.startswith("moves take 1 period")]
    assert [one.endswith("with it counted where it left") for one in said] == [True]


@pytest.mark.parametrize(("both", "day"), [(False, date(2027, 2, 1)), (True, date(2027, 8, 1))])
def test_a_floor_counts_what_has_both_ends_there(both: bool, day: date, pack: Path) -> None:
    """3 of 10 are in the US, and at least 40 % have to be; one comes from DE."""
    many = story(
        sites=(ManySite("us", "US"), ManySite("de", "DE")),
        lots=(ManyLot("us", "H100 SXM", 1), ManyLot("de", "H100 SXM", 7)),
        demand=(),
        both=both,
    )
    plan = plan_of(many, pack)
    assert [row["quantity"] for row in actions(plan)] == ["1"]
    assert kept_from(plan) == day


def test_nothing_serves_on_its_way(pack: Path) -> None:
    early = ManyDemand(0, "5", countries=("US",))
    assert status(story(demand=(early,)).plan(pack)) is PlanStatus.INFEASIBLE
    assert cost(plan_of(story(demand=(early,), transit=0), pack)) == 10
    # What left is gone on the same day: MY has 3 in the first quarter.
    demand = ManyDemand(0, "4", countries=("MY",)), ManyDemand(1, "5", countries=("US",))
    assert status(story(demand=demand).plan(pack)) is PlanStatus.INFEASIBLE


def test_nothing_arrives_after_the_horizon(pack: Path) -> None:
    late = ManyDemand(2, "5", countries=("US",))
    assert [row["period"] for row in actions(plan_of(story(demand=(late,), transit=2), pack))] == [
        "2027Q1"
    ]
    second = ManyDemand(1, "5", countries=("US",))
    assert status(story(demand=(second,), transit=2).plan(pack)) is PlanStatus.INFEASIBLE
    far = story(demand=(), transit=3, lots=(ManyLot("us", "H100 SXM", 4),))
    assert "moves take 3 periods and would arrive after the last one: none" in (
        plan_of(far, pack).report.notes
    )


def test_a_site_takes_what_arrives_when_it_is_open(pack: Path) -> None:
    """It may leave before the site opens and has power; it needs neither on its way."""
    there = ManySite("us", "US", power_kw=4, opens=date(2027, 4, 1), limits=((1, 5, None),))
    sites = there, ManySite("my", "MY")
    assert cost(plan_of(story(sites=sites), pack)) == 10
    sites = replace(there, limits=((2, 5, None),)), ManySite("my", "MY")
    assert status(story(sites=sites).plan(pack)) is PlanStatus.INFEASIBLE
    sites = replace(there, opens=date(2027, 4, 2)), ManySite("my", "MY")
    assert status(story(sites=sites).plan(pack)) is PlanStatus.INFEASIBLE
    empty = ManySite("us2", "US", power_kw=0, limits=((1, 1, None),))
    assert cost(
        plan_of(story(sites=(ManySite("us", "US", power_kw=4), sites[1], empty)), pack)
    ) == (10)


def test_a_move_within_a_country_takes_as_long(pack: Path) -> None:
    """The dear site pays for nothing while kit is on its way, and the country has it once."""
    sites = ManySite("us", "US", energy=50), ManySite("my", "MY"), ManySite("us2", "US")
    plan = plan_of(story(sites=sites, demand=(), both=True, place="by_end", mode="strict",
                         lots=(ManyLot("us", "H100 SXM", 4),)), pack)  # fmt: skip
    (move,) = actions(plan)
    assert (move["from_site"], move["to_site"], move["arrives"]) == ("us", "us2", "2027-04-01")
    assert cost(plan) == 40
    assert {f.numerator for f in plan.report.findings if f.kind == "share"} >= {"0.000"}
    rows = [(row["site"], row["arrived"], row["in_service"], row["from_country"])
            for row in table(plan)]  # fmt: skip
    assert ("us2", "2027-01-01", "2027-04-01", "US") in rows


def test_nothing_moves_to_where_it_stands(pack: Path) -> None:
    """Being on the way costs no energy; that alone is no move."""
    sites = ManySite("us", "US", energy=500), ManySite("my", "MY", status="frozen")
    lots = (ManyLot("us", "H100 SXM", 2),)
    assert actions(plan_of(story(sites=sites, lots=lots, demand=(), place="by_end"), pack)) == []
    # Two sites may change places.
    sites = (*sites[:1], ManySite("us2", "US", energy=500))
    plan = plan_of(
        story(sites=sites, lots=(*lots, ManyLot("us2", "H100 SXM", 2)), demand=(), place="by_end"),
        pack,
    )
    assert {(row["from_site"], row["to_site"]) for row in actions(plan)} == {
        ("us", "us2"), ("us2", "us"),
    }  # fmt: skip


@pytest.mark.parametrize(("both", "moved"), [(False, 5), (True, 3)])
def test_what_changes_places_between_countries_is_at_both_ends(
    both: bool, moved: int, pack: Path
) -> None:
    """Energy is dear but on the way, and MY may have 3 of 10: 3 that come, or 2 that left and 1."""
    many = story(
        count=2,
        sites=(ManySite("us", "US", energy=500), ManySite("my", "MY", energy=500)),
        supply=(ManySupply("H100 SXM", 1, ((0, 9), None)),),
        lots=(ManyLot("us", "H100 SXM", 6), ManyLot("my", "H100 SXM", 2)),
        demand=(),
        both=both,
    )
    assert sum(int(row["quantity"]) for row in actions(plan_of(many, pack))) == moved


def test_a_layout_is_an_inventory_in_which_kit_arrives_later(pack: Path, tmp_path: Path) -> None:
    plan = plan_of(story(), pack)
    path = tmp_path / "layout.csv"
    assert plan.layout is not None
    path.write_text(layout_text(plan.task.problem, plan.layout))
    again = story(move=None, demand=(ManyDemand(1, "5", countries=("US",)),))
    tables = {**again.tables(), "inventory": pd.read_csv(path, dtype=str, keep_default_na=False)}
    found = make_plan(again.config(), tables=tables, policy=str(pack))
    assert status(found) is PlanStatus.OPTIMAL
    early = story(move=None, demand=(ManyDemand(0, "5", countries=("US",)),))
    tables["demand"] = early.tables()["demand"]
    assert status(make_plan(early.config(), tables=tables, policy=str(pack))) is (
        PlanStatus.INFEASIBLE
    )
    # The objective `changes` compares where it stands.
    task = load_task(story().config(), tables=story().tables(), policy=str(pack))
    assert read_previous(path, task)[0]["us", "H100-SXM5-80GB"] == (4, 5, 5)


# Accounts of what was received, and notices: by the day on which kit leaves.

MOVES = "periods = 2\n[moves]\nallowed = true\nusd_per_accelerator = 1\ntransit_periods = 1\n"


def test_what_leaves_this_year_is_received_this_year(tmp_path: Path) -> None:
    """10 of the year's 26 came by low volume already; what arrives in 2027 leaves in 2026."""
    world = World(
        tmp_path,
        inventory="A,us1,US,X,40,,\nA,in1,IN,X,10,2026-03-01,lpp\n",
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        supply="X,2026Q4,1,9999\n",
        demand="2027Q1,accelerators,36,IN\n",
        period="2026Q4",
        more=MOVES,
    )
    plan = world.plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert channels(plan) == {("IN", "lpp"): 16, ("IN", "licence"): 10}
    came = [lot for lot in lots(plan) if lot.country == "IN" and lot.channel == "licence"]
    assert [(lot.start, lot.in_service) for lot in came] == [(date(2026, 10, 1), date(2027, 1, 1))]
    again = judged_again(plan, tmp_path)
    assert {day for _, _, day, _, _ in again} >= {"2026-10-01", "2027-02-01"}
    assert again <= judged(plan)


def test_a_notice_is_due_before_kit_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("placement.optimization.results.notes.today", lambda: date(2026, 6, 1))
    world = World(
        tmp_path,
        entities="A,US,uveu\n",
        inventory="A,us1,US,X,930\nA,in1,IN,X,5\n",
        demand="2027Q2,accelerators,15,IN\n",
        supply="X,2027Q1,1,9999\n",
        more=MOVES,
    )
    plan = world.plan()
    assert [(row["date"], row["arrives"], row["file_by"]) for row in actions(plan)] == [
        ("2027-01-01", "2027-04-01", "2026-11-02")
    ]
    world.more = MOVES + "notice_filed = 2026-11-03\n"
    assert status(world.plan()) is PlanStatus.INFEASIBLE


@pytest.mark.parametrize(("answer", "moved"), [("transferred", 1), ("installed", 2)])
def test_what_counts_once_installed_is_nowhere_on_its_way(
    tmp_path: Path, answer: str, moved: int
) -> None:
    """One of 8 that leaves for the US makes 7 of 100 there at once, or 7 of 99; 6 of 98 is kept."""
    world = World(
        tmp_path,
        entities="A,US,uveu\n",
        inventory="A,us1,US,X,92\nA,my1,MY,X,8\n",
        sites="us1,US,9\nmy1,MY,9\n",
        supply="X,2027Q1,0,1\n",
        more=MOVES.replace("= 2", "= 3", 1),
    )
    plan = world.plan(options={"in_country": answer})
    assert cost(plan) == moved
    assert kept_from(plan) == date(2027, 1, 1)
    assert [row["date"] for row in actions(plan)] == ["2027-01-01"]


@pytest.mark.parametrize(("arrived", "swapped"), [("2026-02-01", 2), ("2027-02-01", 0)])
def test_what_changes_places_is_received(tmp_path: Path, arrived: str, swapped: int) -> None:
    """Energy is dear everywhere but on the way. IN got 2 by low volume, of at most 2 a year."""
    (tmp_path / "pack.toml").write_text(PACK + LEDGER + "".join(RULES))
    world = World(
        tmp_path,
        policy=str(tmp_path / "pack.toml"),
        entities="A,IN,none\nB,US,none\n",
        columns="owner,site,country,accelerator,quantity,arrived,channel,status",
        inventory=f"A,us1,US,X,2,,,\nA,in1,IN,X,2,{arrived},lpp,\nB,b,IN,X,3,2025-05-01,licence,\n"
        "A,home,US,X,1,,,transferred\n",
        site_columns="site,country,power_mw,energy_usd_per_mwh",
        sites="us1,US,9,500\nin1,IN,9,500\n",
        supply="X,2027Q2,0,1\n",
        period="2027Q2",
        more=MOVES,
    )
    plan = world.plan()
    moved = [(row["from_site"], row["to_site"], row["quantity"]) for row in actions(plan)]
    back = [("us1", "in1", "2")] if swapped else []
    assert sorted(moved) == [("in1", "us1", "2"), *back]
    came = sum(lot.quantity for lot in lots(plan) if lot.country == "IN" and lot.from_country)
    assert came == swapped
    assert judged_again(plan, tmp_path) <= judged(plan)


def test_no_move_arrives_before_it_leaves() -> None:
    config, tables = big(4)
    moves = {"allowed": True, "usd_per_accelerator": 1, "transit_periods": -1}
    with pytest.raises(UsageError, match=r"moves\.transit_periods '-1'"):
        make_plan({**config, "moves": moves}, tables=tables)
