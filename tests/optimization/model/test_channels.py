"""What comes from abroad, by which channel: limits of channels, nations, years and quarters."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement import check
from placement.enums import PlanStatus, Verdict
from placement.optimization.plan import Plan
from placement.optimization.results.plan_folder.write import layout_text
from tests.support.planned_worlds import PACK, World, channels, conflict, lots, rule, status


def judged_again(plan: Plan, folder: Path) -> set[tuple[str, str, str, str | None, Verdict]]:
    """Judge layout.csv as any inventory; give what applies."""
    assert plan.layout is not None
    path = folder / "layout.csv"
    path.write_text(layout_text(plan.task.problem, plan.layout))
    problem = plan.task.problem
    report = check(
        path,
        policy=plan.task.settings.policy.origin,
        entities=folder / "entities.csv",
        config=folder / "placement.toml",
        since=problem.first,
        until=problem.last,
    )
    dates = {str(f.date) for f in plan.report.findings}
    return {
        (f.rule, f.place, str(f.date), f.numerator, f.verdict)
        for f in report.findings
        if f.verdict is not Verdict.NOT_APPLICABLE and str(f.date) in dates
    }


def judged(plan: Plan) -> set[tuple[str, str, str, str | None, Verdict]]:
    return {
        (f.rule, f.place, str(f.date), f.numerator, f.verdict)
        for f in plan.report.findings
        if f.verdict is not Verdict.NOT_APPLICABLE
    }


@pytest.mark.parametrize(
    ("wanted", "by"),
    [
        (26, {("IN", "lpp"): 26}),
        (27, {("IN", "lpp"): 26, ("IN", "licence"): 1}),
        (816, {("IN", "lpp"): 26, ("IN", "licence"): 790}),
    ],
)
def test_low_volume_then_licence_then_the_nation(
    tmp_path: Path, wanted: int, by: dict[tuple[str, str | None], int]
) -> None:
    plan = World(tmp_path, demand=f"2027Q1,accelerators,{wanted},IN\n").plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.report.exit_code == 0
    assert channels(plan) == by
    assert judged_again(plan, tmp_path) == judged(plan)


def test_beyond_the_nation_there_is_none(tmp_path: Path) -> None:
    plan = World(tmp_path, demand="2027Q1,accelerators,817,IN\n").plan()
    said = conflict(plan)
    assert plan.report.exit_code == 3
    assert plan.certificate is None or plan.certificate.kind == "infeasible"
    assert "country.alloc in IN" in said
    assert "lpp.cap in everywhere" in said
    assert "demand line 2 (IN): 1 accelerator less would do" in said


def test_what_came_before_has_used_the_channels(tmp_path: Path) -> None:
    """20 came by low volume this year, 700 by licence since 2025; the year before has its own."""
    world = World(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory="A,in1,IN,X,20,2027-01-01,lpp\nA,in1,IN,X,26,2026-12-31,lpp\n"
        "A,in1,IN,X,700,2025-06-01,licence\nA,in1,IN,X,900,2024-06-01,licence\n",
        demand=f"2027Q1,accelerators,{20 + 26 + 700 + 900 + 96},IN\n",
    )
    plan = world.plan()
    assert channels(plan) == {("IN", "lpp"): 6, ("IN", "licence"): 90}
    assert judged_again(plan, tmp_path) == judged(plan)
    world.demand = f"2027Q1,accelerators,{20 + 26 + 700 + 900 + 97},IN\n"
    assert "country.alloc in IN" in conflict(world.plan())


def test_lots_without_a_date_count_since_they_decide(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,channel",
        inventory="A,in1,IN,X,789,licence\n",
        demand="2027Q1,accelerators,816,IN\n",
    )
    plan = world.plan()
    assert channels(plan) == {("IN", "lpp"): 26, ("IN", "licence"): 1}
    assert not plan.report.breaches
    world.demand = "2027Q1,accelerators,817,IN\n"
    assert "country.alloc in IN" in conflict(world.plan())


def test_a_year_has_room_for_what_is_still_to_come(tmp_path: Path) -> None:
    """20 arrive in December by default: they keep their room, so that they need no licence."""
    plan = World(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,status,arrived,channel",
        inventory="A,in1,IN,X,790,installed,2025-06-01,licence\n"
        "A,in1,IN,X,20,ordered,2027-12-01,\n",
        demand="2027Q1,accelerators,796,IN\n",
    ).plan()
    assert channels(plan) == {("IN", "lpp"): 6}


def test_two_owners_share_a_nation(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        entities="A,IN,none\nB,US,none\nC,US,uveu\n",
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory="B,b1,IN,X,780,2025-06-01,licence\nC,c1,IN,X,500,2025-06-01,\nA,us1,US,X,1,,\n",
        demand="2027Q1,accelerators,36,IN\n",
    )
    plan = world.plan()
    assert channels(plan) == {("IN", "lpp"): 26, ("IN", "licence"): 10}
    assert not plan.report.breaches
    found = next(f for f in plan.report.findings if f.rule == "country.alloc")
    assert (found.owner, found.numerator) == ("all owners", "790000000.000")
    assert {line.file.rsplit("/")[-1] for line in found.lines} == {"inventory.csv", "layout.csv"}
    assert {lot.owner for lot in lots(plan)} == {"A"}
    assert {f.owner for f in plan.report.findings} == {"A", "all owners"}
    world.demand = "2027Q1,accelerators,37,IN\n"
    assert "country.alloc in IN" in conflict(world.plan())


def test_two_countries_share_a_year(tmp_path: Path) -> None:
    """What a country cannot take by licence comes by low volume, which the other leaves to it."""
    world = World(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory="A,in1,IN,X,780,2025-06-01,licence\nA,na1,NA,X,780,2025-06-01,licence\n",
        sites="in1,IN,9\nna1,NA,9\n",
        demand="2027Q1,accelerators,810,IN\n2027Q1,accelerators,796,NA\n",
    )
    found = channels(world.plan())
    assert found == {
        ("IN", "lpp"): 20,
        ("IN", "licence"): 10,
        ("NA", "lpp"): 6,
        ("NA", "licence"): 10,
    }
    world.demand = "2027Q1,accelerators,810,IN\n2027Q1,accelerators,797,NA\n"
    assert "lpp.cap in everywhere" in conflict(world.plan())


def test_exit_of_a_nation_already_over_its_cap(tmp_path: Path) -> None:
    """It cannot be mended: it is told, nothing more comes by licence, and there is a plan."""
    world = World(
        tmp_path,
        entities="A,IN,none\nB,US,none\n",
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory="B,b1,IN,X,791,2025-06-01,licence\nA,us1,US,X,1,,\n",
        demand="2027Q1,accelerators,20,IN\n",
    )
    plan = world.plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.report.exit_code == 1
    assert channels(plan) == {("IN", "lpp"): 20}
    assert {f.rule for f in plan.report.breaches} == {"country.alloc"}
    assert "not the plan's to mend: country.alloc in IN, on 2027-01-01" in "\n".join(
        plan.report.notes
    )
    world.demand = "2027Q1,accelerators,27,IN\n"
    said = conflict(world.plan())
    assert "lpp.cap in everywhere" in said


def test_moves_inside_a_country_are_no_receipt(tmp_path: Path) -> None:
    """All of the nation's cap is used; kit still moves to the cheap site, and keeps its arrival."""
    plan = World(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory="A,in1,IN,X,790,2025-06-01,licence\nA,us1,US,X,1,,\n",
        site_columns="site,country,power_mw,energy_usd_per_mwh,status",
        sites="in1,IN,9,100,open\nin2,IN,9,1,open\nus1,US,9,1,frozen\n",
        demand="2027Q1,accelerators,790,IN\n",
        more="[moves]\nallowed = true\nusd_per_accelerator = 1\n",
    ).plan()
    assert plan.report.exit_code == 0
    there = [lot for lot in lots(plan) if lot.country == "IN"]
    assert [(lot.site, lot.quantity, str(lot.start), lot.channel) for lot in there] == [
        ("in2", 790, "2025-06-01", "licence")
    ]
    assert judged_again(plan, tmp_path) == judged(plan)


def test_what_leaves_was_received_all_the_same(tmp_path: Path) -> None:
    """10 leave IN, which gives nothing back: 790 were licensed for it; NA takes them by licence."""
    world = World(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory="A,in1,IN,X,790,2025-06-01,licence\n",
        sites="in1,IN,9\nna1,NA,9\n",
        supply="X,2027Q1,10,1000\n",
        demand="2027Q1,accelerators,30,NA\n2027Q1,accelerators,760,IN\n",
        more="[moves]\nallowed = true\nusd_per_accelerator = 1\n",
    )
    plan = world.plan()
    assert channels(plan) == {("NA", "lpp"): 26, ("NA", "licence"): 4}
    assert plan.layout is not None
    gone = [lot for lot in plan.layout.lots if lot.status == "retired"]
    assert [(lot.country, lot.quantity, str(lot.end)) for lot in gone] == [("IN", 30, "2027-01-01")]
    assert judged_again(plan, tmp_path) == judged(plan)
    alloc = {f.place: f.numerator for f in plan.report.findings if f.rule == "country.alloc"}
    assert alloc == {"IN": "790000000.000", "NA": "4000000.000"}


@pytest.mark.parametrize(("period", "most"), [("2026Q3", 3481), ("2026Q4", 4272)])
def test_national_authorization_steps_by_quarter(tmp_path: Path, period: str, most: int) -> None:
    world = World(
        tmp_path,
        entities="A,IN,nveu:IN\n",
        inventory="A,us1,US,X,1\n",
        period=period,
        supply=f"X,{period},9999,100\n",
        demand=f"{period},accelerators,{most},IN\n",
    )
    plan = world.plan()
    assert plan.report.exit_code == 0
    assert channels(plan) == {("IN", "nveu"): most}
    world.demand = f"{period},accelerators,{most + 1},IN\n"
    assert "nveu.cap in IN" in conflict(world.plan())


def test_a_universal_holder_has_no_charges(tmp_path: Path) -> None:
    plan = World(
        tmp_path,
        entities="A,US,uveu\n",
        inventory="A,us1,US,X,930\n",
        demand="2027Q1,accelerators,50,IN\n2027Q1,accelerators,930,US\n",
    ).plan()
    assert plan.report.exit_code == 0
    assert not [m for m in plan.program.columns if m.kind == "charge"]
    assert channels(plan) == {("IN", "uveu"): 50}


def test_no_channel_is_open(tmp_path: Path) -> None:
    """A pack whose only channel is for others: nothing may come, and nothing is planned to."""
    ledger = (
        '[ledger]\nhome = "home"\n[[ledger.channels]]\nid = "uveu"\ntitle = "holders"\n'
        'binds = { authorization = "uveu" }\ncitation = "none"\n'
    )
    cap = rule(id="some", kind="cap", limit="5000000", numerator="abroad", per="each place")
    pack = tmp_path / "pack.toml"
    pack.write_text(PACK + ledger + cap)
    world = World(
        tmp_path,
        policy=str(pack),
        inventory="A,in1,IN,X,2\nA,us1,US,X,1\n",
        sites="in1,IN,9\nin2,IN,9\nus1,US,9\n",
        more="[moves]\nallowed = true\nusd_per_accelerator = 1\n",
    )
    world.demand = "2027Q1,accelerators,3,IN\n"
    assert "demand line 2 (IN)" in conflict(world.plan())
    assert "nothing may be moved into IN from abroad now" in conflict(world.plan())
    world.demand = "2027Q1,accelerators,2,US\n2027Q1,accelerators,2,IN\n"
    assert status(world.plan()) is PlanStatus.OPTIMAL
    world.entities = "A,IN,uveu\n"
    world.demand = "2027Q1,accelerators,3,IN\n"
    assert status(world.plan()) is PlanStatus.OPTIMAL


@pytest.mark.parametrize("by", ["headquarters", "both"])
def test_licences_charged_to_the_seat(tmp_path: Path, by: str) -> None:
    """790 were licensed for IN; 27 for NA are charged to the seat, IN, where only LPP is left."""
    world = World(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory="A,in1,IN,X,790,2025-06-01,licence\n",
        sites="in1,IN,9\nna1,NA,9\n",
        demand="2027Q1,accelerators,26,NA\n",
    )
    plan = world.plan(options={"charge_by": by})
    assert channels(plan) == {("NA", "lpp"): 26}
    assert judged(plan)
    world.demand = "2027Q1,accelerators,27,NA\n"
    assert "country.alloc in IN" in conflict(world.plan(options={"charge_by": by}))
