"""Plans under opening balances: the room that a balance took is not the plan's to use."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.optimization.plan import Plan
from tests.support.planned_worlds import World, channels, conflict, status

HEADER = "country,consignee,channel,tpp,as_of,source\n"


def plan(folder: Path, wanted: int, rows: str) -> Plan:
    """Plan so many chips of a million TPP in India, for a company seated there."""
    if rows:
        (folder / "opening.csv").write_text(HEADER + rows, "utf-8")
    return World(folder, demand=f"2027Q1,accelerators,{wanted},IN\n").plan()


@pytest.mark.parametrize(
    ("rows", "low", "licensed"),
    [
        ("", 26, 790),
        # 26.9 - 16.4 = 10.5 million: ten chips; 790 - 89.5 = 700.5 million: 700.
        (",A,lpp,16400000,2027-01-01,x\nIN,,licence,89500000,2026-06-01,x\n", 10, 700),
        # Of another year, another country, another channel: nothing is taken.
        (",A,lpp,16400000,2026-12-31,x\nSG,,licence,89500000,2026-06-01,x\n", 26, 790),
        # Said for a later day of the year, it takes the room of the year all the same.
        (",A,lpp,26900000,2027-03-31,x\n", 0, 790),
    ],
)
def test_the_most_that_may_come(tmp_path: Path, rows: str, low: int, licensed: int) -> None:
    made = plan(tmp_path, low + licensed, rows)
    assert status(made) is PlanStatus.OPTIMAL
    assert made.report.exit_code == 0
    by = {("IN", "lpp"): low, ("IN", "licence"): licensed}
    assert channels(made) == {key: count for key, count in by.items() if count}
    said = [one for one in made.report.assumptions if "split over channels" in one]
    if low:
        assert said == [
            f"what comes to IN on 2027-01-01 is split over channels: X, {low} ({low},000,000.000 "
            f"TPP) by lpp, {licensed} ({licensed},000,000.000 TPP) by licence; lpp needs first: "
            "the consignee's certification, before the first shipment (15 CFR 740.29(f))"
        ]
    else:
        assert said == []
    more = plan(tmp_path, low + licensed + 1, rows)
    assert "country.alloc in IN" in conflict(more)


def test_what_a_balance_overdrew_is_not_the_plans_to_mend(tmp_path: Path) -> None:
    (tmp_path / "opening.csv").write_text(HEADER + "IN,,licence,790000001,2026-06-01,x\n", "utf-8")
    made = World(tmp_path, demand="2027Q1,accelerators,26,IN\n", inventory="A,us1,US,X,1\n").plan()
    assert channels(made) == {("IN", "lpp"): 26}
    assert {(one.rule, one.place) for one in made.report.breaches} == {("country.alloc", "IN")}
