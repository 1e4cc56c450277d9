"""What moved in stays, whatever bars arrivals later: stock may be as much as came until then."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.optimization.plan import Plan
from tests.support.planned_worlds import PACK, World, conflict, cost, rule


def world(folder: Path, demand: str) -> World:
    """From July on transfers need a notice, filed too late; one chip may move in a period."""
    home = rule(id="home", kind="cap", numerator="home", per="group", limit="1000000000")
    notice = rule(id="transfer", kind="notice", of="transfer", days=30, places="abroad")
    (folder / "pack.toml").write_text(PACK + home + notice + "from = 2027-07-01\n")
    return World(
        folder,
        policy=str(folder / "pack.toml"),
        inventory="A,us1,US,X,4\n",
        supply="X,2027Q1,1,999\n",
        demand=demand,
        more="periods = 3\n[moves]\nallowed = true\nusd_per_accelerator = 2\n"
        "max_accelerators_per_period = 1\nnotice_filed = 2027-06-15\n",
    )


def moves(plan: Plan) -> list[tuple[str, str, int]]:
    assert plan.layout is not None
    return [(a.period, a.action, a.quantity) for a in plan.layout.actions]


@pytest.mark.parametrize("last", [1, 2])
def test_arrivals_of_all_earlier_periods_add_up(tmp_path: Path, last: int) -> None:
    demand = "".join(f"2027Q{t},accelerators,{n},IN\n" for t, n in ((1, 1), (2, 2), (3, last)))
    plan = world(tmp_path, demand).plan()
    assert moves(plan) == [("2027Q1", "move", 1), ("2027Q2", "move", 1)]
    assert cost(plan) == 4
    assert plan.report.exit_code == 0


def test_a_chip_more_is_bought_before_that_and_none_comes_later(tmp_path: Path) -> None:
    plan = world(tmp_path, "2027Q3,accelerators,3,IN\n").plan()
    assert sorted(action for _, action, _ in moves(plan)) == ["install", "move", "move"]
    assert cost(plan) == 999 + 4
    said = conflict(world(tmp_path, "2027Q3,accelerators,4,IN\n").plan())
    assert "demand line 2 (2027Q3, IN): 1 accelerator less would do" in said


def test_what_was_bought_stays_where_nothing_may_be_bought_any_more(tmp_path: Path) -> None:
    one = world(tmp_path, "2027Q1,accelerators,1,IN\n2027Q3,accelerators,2,IN\n")
    one.more = "periods = 3\n"
    one.supply = "X,2027Q1,2,10\n"
    one.site_columns, one.sites = "site,country,power_mw,notice_filed", "in1,IN,9,2027-06-15\n"
    plan = one.plan()
    assert cost(plan) == 20
    assert {period for period, _, _ in moves(plan)} <= {"2027Q1", "2027Q2"}
    one.supply = "X,2027Q3,2,10\n"
    one.demand = "2027Q3,accelerators,1,IN\n"
    assert "demand line 2 (2027Q3, IN)" in conflict(one.plan())
