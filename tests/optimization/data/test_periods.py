"""Periods follow each other, and are found by a day."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from placement.optimization.data.periods import Period, consecutive, index_on, parse_period, span


def period(name: str) -> Period:
    found = parse_period(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "names"),
    [
        ("2027Q3", ["2027Q3", "2027Q4", "2028Q1", "2028Q2", "2028Q3"]),
        ("2027-11", ["2027-11", "2027-12", "2028-01", "2028-02", "2028-03"]),
        ("2027", ["2027", "2028", "2029", "2030", "2031"]),
        ("9999Q3", ["9999Q3", "9999Q4"]),
    ],
)
def test_consecutive_periods(start: str, names: list[str]) -> None:
    found = consecutive(period(start), 5)
    assert [one.name for one in found] == names
    for before, after in pairwise(found):
        assert before.last.toordinal() + 1 == after.first.toordinal()


def test_the_period_of_a_day() -> None:
    periods = consecutive(period("2028-01"), 3)
    days = ["2027-12-31", "2028-01-01", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-01"]
    found = [index_on(periods, date.fromisoformat(day)) for day in days]
    assert found == [None, 0, 0, 1, 2, None]


def test_the_span_of_periods() -> None:
    assert span(consecutive(period("2027"), 1)) == "2027"
    assert span(consecutive(period("2027Q4"), 3)) == "2027Q4 to 2028Q2"
