"""Notices: what is barred since they were filed late, and by when to file the others."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from placement import check
from placement.enums import PlanStatus
from placement.optimization.plan import Plan
from placement.optimization.results.plan_folder.write import actions_text, layout_text
from placement.render.optimize import render
from placement.render.view import MORE
from tests.support.planned_worlds import World, channels, conflict, status

SITES = "site,country,power_mw,notice_filed"
MOVES = "[moves]\nallowed = true\nusd_per_accelerator = 1\n"


@pytest.fixture(autouse=True)
def _early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("placement.optimization.results.notes.today", lambda: date(2026, 6, 1))


def world(folder: Path, **more: str) -> World:
    """Return a universal holder with 930 in the US and 5 in IN, that needs 10 more in IN at in2."""
    given = {
        "entities": "A,US,uveu\n",
        "inventory": "A,us1,US,X,930\nA,in1,IN,X,5\n",
        "site_columns": SITES,
        "sites": "us1,US,9,\nin1,IN,0,\nin2,IN,9,\n",
        "demand": "2027Q1,accelerators,15,IN\n2027Q1,accelerators,930,US\n",
        **more,
    }
    return World(folder, **given)  # type: ignore[arg-type]


def actions(plan: Plan) -> list[dict[str, str]]:
    assert plan.layout is not None
    return list(csv.DictReader(actions_text(plan.layout).splitlines()))


def notes(plan: Plan) -> list[str]:
    return [note for note in plan.report.notes if "file by" in note]


def test_a_new_site_without_a_notice_says_by_when(tmp_path: Path) -> None:
    plan = world(tmp_path).plan()
    assert plan.report.exit_code == 0
    assert channels(plan) == {("IN", "uveu"): 10}
    assert [(row["to_site"], row["file_by"]) for row in actions(plan)] == [("in2", "2026-07-05")]
    assert notes(plan) == ["file by 2026-07-05: uveu.new_site_notice, new site in2"]
    assert "2026-07-05 (uveu.new_site_notice)" in render(plan, view=MORE)
    assert "\nTO FILE, by when\n  2026-07-05  uveu.new_site_notice: new site in2\n" in render(plan)
    found = [f for f in plan.report.findings if f.rule == "uveu.new_site_notice"]
    assert {f.verdict for f in found} == {"ok"}


def test_what_has_passed_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("placement.optimization.results.notes.today", lambda: date(2026, 7, 6))
    assert notes(world(tmp_path).plan()) == [
        "has passed: file by 2026-07-05: uveu.new_site_notice, new site in2"
    ]
    monkeypatch.setattr("placement.optimization.results.notes.today", lambda: date(2026, 7, 5))
    assert notes(world(tmp_path).plan())[0].startswith("file by")


def test_the_header_says_what_was_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def head(plan: Plan) -> str:
        return render(plan).split("\n\n")[0]

    said = "cannot be carried out as it stands"
    monkeypatch.setattr("placement.optimization.results.notes.today", lambda: date(2026, 7, 5))
    plan = world(tmp_path).plan()
    assert said not in head(plan)
    assert plan.report.plan is not None
    assert plan.report.plan.overdue == ()
    monkeypatch.setattr("placement.optimization.results.notes.today", lambda: date(2026, 7, 6))
    plan = world(tmp_path).plan()
    assert f"  notices  {said}: 1 notice was due on 2026-07-05\n" in head(plan)
    assert plan.report.plan is not None
    (one,) = plan.report.plan.overdue
    assert (one.by, one.rule, one.what) == (
        date(2026, 7, 5), "uveu.new_site_notice", "new site in2",
    )  # fmt: skip
    # Two sites: two notices of one day.
    plan = world(
        tmp_path, sites="us1,US,9,\nin1,IN,0,\nin2,IN,0.009,\nin3,IN,0.006,\n"
    ).plan()  # fmt: skip
    assert f"{said}: 2 notices were due on 2026-07-05\n" in head(plan)


def test_filed_on_the_last_day(tmp_path: Path) -> None:
    plan = world(tmp_path, sites="us1,US,9,\nin1,IN,0,\nin2,IN,9,2026-07-05\n").plan()
    assert plan.report.exit_code == 0
    assert notes(plan) == []
    assert {row["file_by"] for row in actions(plan)} == {""}
    assert "file by" not in render(plan)


def test_filed_a_day_late_bars_the_site(tmp_path: Path) -> None:
    sites = "us1,US,9,\nin1,IN,0,\nin2,IN,9,2026-07-06\n"
    assert "demand line 2 (IN)" in conflict(world(tmp_path, sites=sites).plan())
    # Another site takes it, and its notice is still to be filed.
    plan = world(tmp_path, sites=sites + "in3,IN,9,\n").plan()
    assert [row["to_site"] for row in actions(plan)] == ["in3"]
    # Nor may anything be moved there, from inside the country either.
    moved = world(tmp_path, sites=sites, more=MOVES, supply="X,2027Q1,1,1\n")
    assert status(moved.plan()) is PlanStatus.INFEASIBLE


def test_kit_that_stood_there_before_needs_none(tmp_path: Path) -> None:
    sites = "us1,US,9,\nin1,IN,9,2026-12-31\n"
    plan = world(tmp_path, sites=sites).plan()
    assert plan.report.exit_code == 0
    assert notes(plan) == []


def test_first_kit_in_a_country(tmp_path: Path) -> None:
    """Both notices: 180 days for the site, 60 for the country."""
    more = world(tmp_path, inventory="A,us1,US,X,930\n", sites="us1,US,9,\nin2,IN,9,\n")
    plan = more.plan()
    assert notes(plan) == [
        "file by 2026-07-05: uveu.new_site_notice, new site in2",
        "file by 2026-11-02: uveu.transfer_notice, first kit in IN",
    ]
    assert actions(plan)[0]["file_by"] == "2026-07-05"
    more.more = "[moves]\nnotice_filed = 2026-11-03\n"
    assert "demand line 2 (IN)" in conflict(more.plan())
    more.more = "[moves]\nnotice_filed = 2026-11-02\n"
    assert notes(more.plan()) == ["file by 2026-07-05: uveu.new_site_notice, new site in2"]


def crossing(folder: Path, filed: str) -> World:
    return world(
        folder,
        supply="X,2027Q1,1,999\n",
        sites="us1,US,9,\nin1,IN,9,\n",
        demand="2027Q1,accelerators,15,IN\n2027Q1,accelerators,900,US\n",
        more=MOVES + filed,
    )


def test_transfers_between_countries(tmp_path: Path) -> None:
    plan = crossing(tmp_path, "").plan()
    assert notes(plan) == ["file by 2026-11-02: uveu.transfer_notice, transfers to IN"]
    assert [row["file_by"] for row in actions(plan)] == ["2026-11-02"]
    plan = crossing(tmp_path, "notice_filed = 2026-11-02\n").plan()
    assert notes(plan) == []
    assert plan.layout is not None
    assert {str(lot.notice_filed) for lot in plan.layout.brought} == {"2026-11-02"}
    late = crossing(tmp_path, "notice_filed = 2026-11-03\n")
    plan = late.plan()
    assert "demand line 2 (IN)" in conflict(plan)
    assert (
        "  besides: uveu.transfer_notice: filed on 2026-11-03, after 2026-11-02, too late for the "
        "period: transfers to IN, transfers to US"
    ) in render(plan)
    late.sites += "in4,IN,9,2026-01-01\n"
    said = conflict(late.plan())
    assert "nothing may be moved into IN from abroad now: without it there is a plan" in said


def test_layout_says_which_notices_were_filed(tmp_path: Path) -> None:
    """A file that never had the column gets none: a blank cell in it would say that none was."""
    plan = crossing(tmp_path, "notice_filed = 2026-11-02\n").plan()
    assert plan.layout is not None
    assert "notice_filed" in layout_text(plan.task.problem, plan.layout).splitlines()[0]
    path = tmp_path / "layout.csv"
    path.write_text(layout_text(plan.task.problem, plan.layout))
    found = check(
        path,
        entities=tmp_path / "entities.csv",
        sites=tmp_path / "sites.csv",
        config=tmp_path / "placement.toml",
        as_of="2027-02-01",
    )
    kept = [f for f in found.findings if f.rule == "uveu.transfer_notice"]
    assert [(f.verdict, f.numerator) for f in kept] == [("ok", "60")]
    bare = world(tmp_path, site_columns="site,country,power_mw", sites="us1,US,9\nin1,IN,9\n")
    plan = bare.plan()
    assert plan.layout is not None
    assert "notice_filed" not in layout_text(plan.task.problem, plan.layout).splitlines()[0]


def test_a_notice_missed_before_is_not_the_plans_to_mend(tmp_path: Path) -> None:
    plan = world(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,arrived,from_country,notice_filed",
        inventory="A,us1,US,X,930,,,\nA,in1,IN,X,5,2026-08-01,US,2026-07-01\n",
        sites="us1,US,9,\nin1,IN,9,2026-01-01\n",
        more=MOVES,
    ).plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.report.exit_code == 1
    assert {f.rule for f in plan.report.breaches} == {"uveu.transfer_notice"}
    assert any("not the plan's to mend: uveu.transfer_notice in IN" in n for n in plan.report.notes)


def test_a_move_inside_a_country_to_a_new_site(tmp_path: Path) -> None:
    """It keeps its arrival, which is before the notice that the plan says to file."""
    plan = world(
        tmp_path,
        columns="owner,site,country,accelerator,quantity,arrived",
        inventory="A,us1,US,X,930,\nA,in1,IN,X,5,2025-03-01\n",
        site_columns="site,country,power_mw,energy_usd_per_mwh,status,notice_filed",
        sites="us1,US,9,1,open,\nin1,IN,9,900,draining,2024-01-01\nin2,IN,9,1,open,\n",
        demand="2027Q1,accelerators,5,IN\n2027Q1,accelerators,930,US\n",
        more=MOVES,
    ).plan()
    assert status(plan) is PlanStatus.OPTIMAL
    # in1's first kit came without a recorded notice of the transfer: that is the fleet's own.
    assert {f.rule for f in plan.report.breaches} <= {"uveu.transfer_notice"}
    assert [(row["action"], row["to_site"], row["file_by"]) for row in actions(plan)] == [
        ("move", "in2", "2026-07-05")
    ]
    assert plan.layout is not None
    assert {(lot.site, str(lot.start)) for lot in plan.layout.brought} == {("in2", "2025-03-01")}


def test_a_purchase_at_home_needs_none(tmp_path: Path) -> None:
    """A holder that has nothing in the United States yet buys there: nothing is exported."""
    plan = world(
        tmp_path,
        inventory="A,jp1,JP,X,5\n",
        sites="us1,US,9,\njp1,JP,9,\n",
        demand="2027Q1,accelerators,10,US\n",
    ).plan()
    assert [row["to_site"] for row in actions(plan)] == ["us1"]
    assert notes(plan) == []
