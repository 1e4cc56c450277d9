"""Periods by name: 2027Q1, 2027-02, 2027."""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from placement.readers.cells import period_name

_NAME = re.compile(r"(?P<year>[0-9]{4})(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")
_KINDS = {1: "month", 3: "quarter", 12: "year"}
_LAST_YEAR = 9999


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month, quarter or year of the calendar; both days included."""

    first: date
    last: date
    name: str
    months: int

    @property
    def days(self) -> int:
        """The number of days in it."""
        return (self.last - self.first).days + 1

    @property
    def kind(self) -> str:
        """Its kind: month, quarter or year."""
        return _KINDS[self.months]

    def next(self) -> Period | None:
        """Return the period of its kind that follows it, None after the year 9999."""
        year, month = divmod(self.first.year * 12 + self.first.month - 1 + self.months, 12)
        if year > _LAST_YEAR:
            return None
        names = {1: f"{year:04}-{month + 1:02}", 3: f"{year:04}Q{month // 3 + 1}"}
        return parse_period(names.get(self.months, f"{year:04}"))


def parse_period(text: str) -> Period | None:
    """Read a period's name, None where it is none."""
    name = period_name(text)
    found = _NAME.fullmatch(name)
    if found is None or found["year"] == "0000":
        return None
    year = int(found["year"])
    if found["quarter"]:
        months, start = 3, 3 * int(found["quarter"]) - 2
    elif found["month"]:
        months, start = 1, int(found["month"])
    else:
        months, start = 12, 1
    end = start + months - 1
    last = date(year, end, calendar.monthrange(year, end)[1])
    return Period(date(year, start, 1), last, name, months)


def consecutive(first: Period, count: int) -> tuple[Period, ...]:
    """Return so many periods of a kind, one after the other; fewer where the calendar ends."""
    found = [first]
    while len(found) < count and (following := found[-1].next()) is not None:
        found.append(following)
    return tuple(found)


def index_on(periods: Sequence[Period], day: date) -> int | None:
    """Return the index of the one of consecutive periods that a day lies in, None for no such."""
    if not periods[0].first <= day <= periods[-1].last:
        return None
    return bisect_right(periods, day, key=lambda period: period.first) - 1


def span(periods: Sequence[Period]) -> str:
    """Name consecutive periods: 2027Q1, or 2027Q1 to 2027Q4."""
    first, last = periods[0].name, periods[-1].name
    return first if first == last else f"{first} to {last}"
