"""Kit that came by no authorization, exception or licence: a plan may retire it, or move it out.

X has 1,000,000 TPP, so a consignee's year of LPP (26.9 million) covers 26 of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.optimization.plan import Plan
from tests.optimization.model.test_channels import judged, judged_again
from tests.support.planned_worlds import CHIP, World, channels, conflict, cost, lots, status

COLUMNS = "owner,site,country,accelerator,quantity,arrived,licensed"
RETIRE = "[retire]\nallowed = true\nusd_per_accelerator = 5\n"
MOVES = "[moves]\nallowed = true\nusd_per_accelerator = 3\n"
#: 30 came in one year: 26 by LPP, 4 by nothing.
BARE = "A,in1,IN,X,30,2026-03-01,no\n"


def world(folder: Path, inventory: str, more: str = "", **given: str) -> World:
    given.setdefault("supply", "X,2027Q1,0,1\n")
    return World(
        folder,
        entities="A,US,none\n",
        columns=COLUMNS,
        inventory=inventory + "A,us1,US,X,1,,\n",
        more=more,
        **given,  # type: ignore[arg-type]
    )


def standing(plan: Plan) -> dict[str, int]:
    """Return what stands at the end, by site."""
    found: dict[str, int] = {}
    for lot in lots(plan):
        if lot.end is None:
            found[lot.site] = found.get(lot.site, 0) + lot.quantity
    return found


@pytest.mark.parametrize(
    ("more", "left", "paid"),
    [
        (RETIRE, {"in1": 26, "us1": 1}, 4 * 5),
        (MOVES, {"in1": 26, "us1": 5}, 4 * 3),
        (RETIRE + MOVES, {"in1": 26, "us1": 5}, 4 * 3),
    ],
)
def test_what_nothing_covers_leaves_and_no_more(
    tmp_path: Path, more: str, left: dict[str, int], paid: int
) -> None:
    plan = world(tmp_path, BARE, more).plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert standing(plan) == left
    assert cost(plan) == paid
    assert not plan.report.breaches
    assert plan.report.exit_code == 0
    assert judged_again(plan, tmp_path) == judged(plan)


def test_where_nothing_may_leave_there_is_no_plan(tmp_path: Path) -> None:
    said = conflict(world(tmp_path, BARE).plan())
    assert "t2.licence in IN" in said


@pytest.mark.parametrize(
    "line",
    [
        "A,in1,IN,X,30,2025-05-14,no\n",  # before the compliance date
        "A,in1,IN,X,30,2026-03-01,\n",  # a blank is taken as licensed
        "A,in1,IN,X,30,2026-03-01,yes\n",
    ],
)
def test_what_is_no_breach_stays(tmp_path: Path, line: str) -> None:
    plan = world(tmp_path, line, RETIRE).plan()
    assert standing(plan) == {"in1": 30, "us1": 1}
    assert not plan.report.breaches


def test_a_blank_leaves_where_it_says_that_there_is_no_licence(tmp_path: Path) -> None:
    more = RETIRE + '[policy.options]\nblank_licence = "unlicensed"\n'
    plan = world(tmp_path, BARE.replace("no\n", "\n"), more).plan()
    assert standing(plan) == {"in1": 26, "us1": 1}
    assert not plan.report.breaches
    assert judged_again(plan, tmp_path) == judged(plan)


def test_what_is_licensed_stays_beside_it(tmp_path: Path) -> None:
    """Of one model and site: 10 with a licence, 30 without a date (nothing covers those)."""
    lines = "A,in1,IN,X,10,2026-03-01,yes\nA,in1,IN,X,30,,no\n"
    plan = world(tmp_path, lines, RETIRE).plan()
    assert standing(plan) == {"in1": 10, "us1": 1}
    assert not plan.report.breaches
    assert {lot.licensed for lot in lots(plan) if lot.site == "in1"} == {True}


def test_the_latest_leaves_first(tmp_path: Path) -> None:
    """What came before the compliance date is no breach, and stays; 4 of the later year leave."""
    lines = "A,in1,IN,X,30,2025-05-01,no\nA,in1,IN,X,30,2026-03-01,no\n"
    plan = world(tmp_path, lines, RETIRE).plan()
    assert standing(plan) == {"in1": 56, "us1": 1}
    assert not plan.report.breaches
    assert judged_again(plan, tmp_path) == judged(plan)


def test_what_a_plan_brings_is_covered(tmp_path: Path) -> None:
    """The new year has room for 26 by LPP; the others come by a licence that is recorded."""
    given = {"demand": "2027Q1,accelerators,60,IN\n", "supply": "X,2027Q1,99,1\n"}
    plan = world(tmp_path, BARE, RETIRE, **given).plan()
    assert not plan.report.breaches
    assert standing(plan) == {"in1": 60, "us1": 1}
    assert channels(plan) == {("IN", "lpp"): 26, ("IN", "licence"): 8}
    assert judged_again(plan, tmp_path) == judged(plan)


def test_it_is_not_made_plain_by_a_move_inside_its_country(tmp_path: Path) -> None:
    """in2 costs nothing, in1 much: the covered kit of another country's owner could move there.

    Nothing of the model moves inside India while some of it there is covered by nothing.
    """
    plan = world(
        tmp_path,
        BARE,
        RETIRE + MOVES.replace("3", "0"),
        sites="in1,IN,9,1000\nin2,IN,9,0\nus1,US,9,2000\n",
        site_columns="site,country,power_mw,hosting_usd_per_kw_month",
        demand="2027Q1,accelerators,20,IN\n",
        supply="X,2027Q1,0,1\n",
    ).plan()
    assert not plan.report.breaches
    found = standing(plan)
    assert found.get("in2", 0) == 0
    assert 20 <= found["in1"] <= 26
    assert judged_again(plan, tmp_path) == judged(plan)


def test_in_the_second_period_it_is_mended_once(tmp_path: Path) -> None:
    plan = world(tmp_path, BARE, 'periods = 2\nperiod = "quarter"\n' + RETIRE).plan()
    assert status(plan) is PlanStatus.OPTIMAL
    assert standing(plan) == {"in1": 26, "us1": 1}
    assert cost(plan) == 20
    assert judged_again(plan, tmp_path) <= judged(plan)


def test_what_an_exception_frees_is_not_what_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In AE 5 of G (not for data centres: ACA) need no licence, 3 of X do: X leaves, not G.

    The same of two lots of one model in CN: the one under NAC stays.
    """
    chips = CHIP + "G,made up,1000000,1,1,no\n"
    monkeypatch.setattr("tests.support.planned_worlds.CHIP", chips)
    plan = World(
        tmp_path,
        entities="A,US,none\n",
        columns="owner,site,country,accelerator,quantity,arrived,channel",
        inventory=(
            "A,ae1,AE,G,5,2026-03-01,\nA,ae1,AE,X,3,2026-03-01,\nA,us1,US,X,1,,\n"
            "A,cn1,CN,G,4,2026-03-01,nac\nA,cn1,CN,G,2,2026-03-01,\n"
        ),
        sites="ae1,AE,9\ncn1,CN,9\nus1,US,9\n",
        supply="X,2027Q1,0,1\n",
        more=RETIRE,
        policy="us-ear-enforced",
    ).plan()
    found: dict[tuple[str, str, str | None], int] = {}
    for lot in lots(plan):
        if lot.end is None:
            found[lot.site, lot.model, lot.channel] = lot.quantity
    assert found == {("ae1", "G", None): 5, ("cn1", "G", "nac"): 4, ("us1", "X", None): 1}
    assert not plan.report.breaches
    assert cost(plan) == 5 * 5
