"""From when on every limit holds on every day, beside the measurement dates."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement.optimization.plan import Plan
from placement.render.optimize import render
from placement.render.view import MORE
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply

SITES = (ManySite("s0", "US"), ManySite("s1", "MY"))
SUPPLY = (ManySupply("H100 SXM", 1, ((1, 5), None)),)


def planned(pack: Path, begin: date | None, end: date | None, start: str = "2027Q1") -> Plan:
    """Plan 8 in the US (one of them on its way) and 5 in MY for a while: 38 %, of 30 allowed."""
    lots = (ManyLot("s0", "H100 SXM", 7), ManyLot("s1", "H100 SXM", 5, begin, end))
    return Many(start, 2, SITES, SUPPLY, lots, (ManyDemand(0, "1"),)).plan(pack)


def days(plan: Plan) -> tuple[str, str | None]:
    made = json.loads(plan.report.as_json())["plan"]
    return made["compliant_from"], made["compliant_every_day_from"]


def lines(plan: Plan) -> list[str]:
    text = render(plan, view=MORE).splitlines()
    at = next(n for n, line in enumerate(text) if line.startswith("  kept "))
    return [line.strip() for line in text[at : at + 2]]


def test_a_breach_between_two_measurement_dates(pack: Path) -> None:
    plan = planned(pack, date(2027, 2, 5), date(2027, 2, 20))
    assert plan.report.exit_code == 0
    assert days(plan) == ("2027-02-01", "2027-02-20")
    assert lines(plan) == [
        "kept     every rule from 2027-02-01 on, on its measurement dates",
        "every limit on every day from 2027-02-20 on",
    ]


def test_a_breach_to_the_end(pack: Path) -> None:
    # 2027Q4 has no measurement date, so its last day is judged: it ends on that day.
    plan = planned(pack, date(2027, 8, 5), date(2027, 12, 31), "2027Q3")
    assert days(plan) == ("2027-08-01", "2027-12-31")
    plan = planned(pack, date(2027, 2, 5), None, "2026Q4")
    assert days(plan) == ("2027-02-01", None)
    assert lines(plan)[1] == (
        "from no day on every limit on every day: one is still broken on 2027-03-31"
    )


@pytest.mark.parametrize("mode", ["repair", "strict"])
def test_no_breach_at_all(pack: Path, mode: str) -> None:
    lots = (ManyLot("s0", "H100 SXM", 7),)
    plan = Many("2027Q1", 2, SITES, SUPPLY, lots, (ManyDemand(0, "1"),), mode=mode).plan(pack)
    assert days(plan)[1] == "2027-01-01"


def test_no_plan(pack: Path) -> None:
    plan = Many("2027Q1", 1, SITES, SUPPLY, demand=(ManyDemand(0, "9"),)).plan(pack)
    assert plan.report.plan is not None
    assert plan.report.plan.compliant_every_day_from is None
    assert "kept" not in render(plan).partition("Without a plan")[0]


def test_a_rule_that_ends_within_the_horizon(tmp_path: Path, pack: Path) -> None:
    """From the day on which it ends, a rule that is broken is none any more."""
    text = pack.read_text()
    head = 'id = "basic.single_country"\n'
    assert head in text
    late = tmp_path / "late.toml"
    late.write_text(text.replace(head, f"{head}until = 2027-02-15\n"))
    plan = planned(late, date(2027, 2, 5), date(2027, 3, 20))
    assert Fraction(5, 13) > Fraction(3, 10)
    assert plan.report.plan is not None
    assert plan.report.plan.compliant_every_day_from == date(2027, 2, 15)
