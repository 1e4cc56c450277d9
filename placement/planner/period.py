"""Periods by name: 2027Q1, 2027-02, 2027."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_NAME = re.compile(r"(?P<year>[0-9]{4})(?:Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")
_KINDS = {1: "month", 3: "quarter", 12: "year"}


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


def parse_period(text: str) -> Period | None:
    """Read a period's name, None where it is none."""
    found = _NAME.fullmatch(text.strip())
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
    return Period(date(year, start, 1), last, text.strip(), months)
