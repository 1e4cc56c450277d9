"""Numbers, days and names of a placement.toml, read exactly."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from fractions import Fraction
from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from placement.enums import Objective
from placement.readers.cells import MOST_WHOLE, BadText, Exact, exact, iso_date
from placement.readers.config.faults import NoNumber
from placement.readers.config.money import is_currency
from placement.text.decimals import plain

MOST_SECONDS = 10**7
"""The longest time limit."""

MOST_STEPS = 10**9
"""The most steps of a search."""

MOST_RATE = 10
"""The highest discount rate: 1,000 % per year."""

_PERIOD = re.compile(r"(?P<year>[0-9]{4})(?:-?[Qq](?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


def read_float(text: str) -> Fraction | NoNumber:
    """Read a TOML float exactly; an exponent is not multiplied out, however large it is."""
    try:
        return exact(text.replace("_", "").removeprefix("+"))
    except BadText:
        return NoNumber(text)


def _number(value: object) -> object:
    """Refuse what is no finite number written in digits."""
    if isinstance(value, NoNumber):
        exact(value.text)
        raise BadText("is not a number", "write it in digits, as 12.5")
    if isinstance(value, float) and not isfinite(value):
        raise BadText("is not a number", "write it in digits, as 12.5")
    return value


def yearly_rate(value: Fraction) -> Fraction:
    """Return a discount rate; ValueError where it is below 0, or likely a percentage."""
    if value > MOST_RATE:
        raise BadText(
            f"is {plain(value * 100)} % a year", f"write {plain(value / 100)} for {plain(value)} %"
        )
    if value < 0:
        raise BadText("is negative", "write it as 0.08")
    return value


def check_gap(value: Fraction) -> Fraction:
    """Return a gap; ValueError where it is no ratio from 0 to 1."""
    if not 0 <= value <= 1:
        raise BadText("must be from 0 to 1", "write it as 0.001")
    return value


def check_time_limit(value: Fraction) -> Fraction:
    """Return seconds; ValueError where they are 0 or less, or too many."""
    if not 0 < value <= MOST_SECONDS:
        raise BadText(f"must be more than 0, and at most {MOST_SECONDS} seconds", "write it as 600")
    return value


def listed(value: object) -> object:
    """Return one value as a list of it."""
    return value if isinstance(value, list) else [value]


def parts_of(value: object) -> object:
    """Return a text as the parts between its commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return value


def each_once(names: tuple[Objective, ...]) -> tuple[Objective, ...]:
    """Return objectives; ValueError where there is none, or one stands twice."""
    if not names:
        raise BadText("names no objective", 'write objective = "cost"')
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadText(f"names {twice} twice", "keep the first")
    return names


def currency_code(text: str) -> str:
    """Return the code of a currency; ValueError where it is none."""
    if not is_currency(text):
        raise BadText("is no code of a currency", "write three capital letters, as USD or EUR")
    return text


Number = Annotated[Exact, BeforeValidator(_number)]
"""A number of a placement.toml, exact."""

Money = Annotated[Number, Field(ge=-MOST_WHOLE, le=MOST_WHOLE)]
Cost = Annotated[Number, Field(ge=0, le=MOST_WHOLE)]
Costs = Annotated[list[Cost], BeforeValidator(listed)]
Ratios = Annotated[list[Annotated[Number, AfterValidator(check_gap)]], BeforeValidator(listed)]


def _day(value: object) -> object:
    """Read a day from text; where it names a period, its first day is what is suggested."""
    if type(value) is date:
        return value
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if not isinstance(value, str):
        found = str(value)
        fix = f"write {found[:10]}" if isinstance(value, date) else "write it as 2027-02-01"
        raise BadText("is no day", fix)
    period = _PERIOD.fullmatch(value.strip())
    if period is None:
        return iso_date(value)
    month = 3 * int(period["quarter"]) - 2 if period["quarter"] else int(period["month"] or 1)
    fix = f"write its first day as {period['year']}-{month:02}-01, or another one"
    raise BadText("is a period, and a day is asked for", fix)


Day = Annotated[date, BeforeValidator(_day)]
"""A day of a placement.toml: a TOML date, or the same as text; no number, no time but midnight."""
