"""Measurement dates: on which days a rule is measured."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from placement.policy.base_model import Record, Symbol

MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Days(Record):
    """The days of the year that hold where an option has a certain value."""

    option: Symbol
    value: str
    days: Annotated[list[MonthDay], Field(min_length=1)]


class Schedule(Record):
    """The days of the year on which a rule is measured, or every day.

    `first` is the first day on which the schedule applies at all. `when`: other days under other
    answers to an open question.
    """

    title: str = Field(min_length=1)
    days: list[MonthDay] = Field(default_factory=list)
    every_day: bool = False
    first: date | None = None
    when: list[Days] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_when(self) -> Schedule:
        if self.every_day == bool(self.days):
            raise ValueError("give either days = ['02-01', ...] or every_day = true")
        if self.every_day and self.when:
            raise ValueError("'when' gives other days, and every_day has none")
        for day in (*self.days, *(day for one in self.when for day in one.days)):
            if int(day[3:]) > calendar.monthrange(2000, int(day[:2]))[1]:
                raise ValueError(f"{day!r} is no day of a year: the month has fewer days")
        return self

    def chosen(self, options: Mapping[str, str]) -> Schedule:
        """Return the schedule that holds under the answers chosen."""
        for one in self.when:
            if options[one.option] == one.value:
                return self.model_copy(update={"days": one.days, "when": []})
        return self

    def between(self, since: date, until: date) -> Iterator[date]:
        """Return the fixed measurement dates from `since` to `until`, both included.

        An every-day schedule has no fixed dates: it gives none, and whoever judges it takes the
        days on which something changes.
        """
        if self.first is not None:
            since = max(since, self.first)
        found = []
        for year in range(since.year, until.year + 1):
            for day in self.days:
                month_day = day if _exists(year, day) else "02-28"
                found.append(date.fromisoformat(f"{year}-{month_day}"))
        yield from sorted(day for day in set(found) if since <= day <= until)

    def began_by(self, day: date) -> bool:
        """Tell whether the schedule applies on a day at all."""
        return self.first is None or self.first <= day

    def next_from(self, day: date) -> date | None:
        """Return the first fixed measurement date on or after a day; None for an every-day one."""
        since = day if self.first is None else max(day, self.first)
        until = since + min(timedelta(days=366), date.max - since)
        return next(self.between(since, until), None)


def _exists(year: int, month_day: str) -> bool:
    return month_day != "02-29" or calendar.isleap(year)
