"""What a cell may say: text to exact values, with a sentence for each way it can be wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from placement.catalog import UnknownName, country
from placement.readers.formats.csv_records import SPACE
from placement.text.decimals import plain as plain_text

MOST_WHOLE = 10**15

MOST_OPERATIONS = 10**40
"""More operations than any training can have; a larger number is a slip of the exponent."""

_WHOLE = re.compile(r"[0-9]+")
_WHOLE_DECIMAL = re.compile(r"[0-9]+\.0{1,18}")
_QUARTER = re.compile(r"([0-9]{4})-?[Qq]([1-4])")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]{1,3}")
_LONGEST_OPERATIONS = 50
_LONGEST = 100
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,' _\u00a0\u202f.][0-9]{3})+")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_POINTS = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")
_THOUSANDS_OR_MILLS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


class BadText(ValueError):  # noqa: N818 - the name says what is wrong
    """A cell that does not say what its column needs."""

    def __init__(self, message: str, fix: str = "") -> None:
        self.message = message
        self.fix = fix
        super().__init__(message)


def whole(text: str, most: int = MOST_WHOLE) -> int:
    """Read a whole number of 0 or more: digits, and no more than a point and zeros after them.

    `1.000` is refused: the point may separate thousands.
    """
    text = text.strip(SPACE)
    if _WHOLE.fullmatch(text):
        digits = text.lstrip("0") or "0"
        if len(digits) > len(str(most)) or int(digits) > most:
            limit = f"is more than {most:,}, the most that a cell may hold"
            raise BadText(limit, "check the number of digits, or write several rows")
        return int(digits)
    if _WHOLE_DECIMAL.fullmatch(text) and not _POINTS.fullmatch(text):
        return whole(text.partition(".")[0], most)
    if not text:
        raise BadText("is blank", "write a whole number, 0 for none")
    if len(text) > _LONGEST:
        raise BadText(f"is no number: it has {len(text):,} characters", "check what it should be")
    if text.startswith("+") and _WHOLE.fullmatch(text[1:]):
        raise BadText("has a plus sign", f"write {text[1:]}")
    if text.startswith("-") and _DECIMAL.fullmatch(text):
        raise BadText("is negative", "write a whole number of 0 or more")
    if _EXPONENT.fullmatch(text):
        raise BadText("is written with an exponent", _write(Fraction(text), most))
    if _GROUPED.fullmatch(text) and "." not in text:
        plain = re.sub("[^0-9]", "", text)
        raise BadText("has a thousands separator", f"write {plain}")
    if _POINTS.fullmatch(text) and not text.endswith(".000"):
        plain = text.replace(".", "")
        fix = f"write {plain} if the point separates thousands"
        raise BadText("is not a whole number", fix)
    if _DECIMAL.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text):
        raise BadText("is not a whole number", _write(Fraction(text.replace(",", ".")), most))
    raise BadText("is not a number", "write a whole number, in digits only")


def operations(text: str) -> int:
    """Read a number of operations exactly: digits, or a decimal with an exponent, as 2.5e25."""
    text = text.strip(SPACE)
    if "^" in text:
        raise BadText("is not a number", "write it as 1e26")
    if not _EXPONENT.fullmatch(text):
        return whole(text, MOST_OPERATIONS)
    if text.startswith("+"):
        raise BadText("has a plus sign", f"write {text[1:]}")
    if text.startswith("-"):
        raise BadText("is negative", "write a whole number of 0 or more")
    # Longer ones are not worked out: an integer of 10,000 digits takes long, and Python limits it.
    value = Fraction(text) if len(text) <= _LONGEST_OPERATIONS else None
    if value is None or value > MOST_OPERATIONS:
        raise BadText("is more than 1e40", "check the digits and the exponent")
    if value.denominator != 1:
        raise BadText("is not a whole number", "check the digits and the exponent")
    return value.numerator


def exact(text: str) -> Fraction:
    """Read a decimal number as the fraction it is."""
    text = text.strip(SPACE)
    if _DECIMAL.fullmatch(text) and len(text) <= 40:
        return Fraction(text)
    if not text:
        raise BadText("is blank", "write a number")
    if len(text) > _LONGEST:
        raise BadText(f"is no number: it has {len(text):,} characters", "check what it should be")
    if _EXPONENT.fullmatch(text):
        raise BadText("is written with an exponent", "write it out in digits")
    if text.endswith("%") and _DECIMAL.fullmatch(text[:-1].strip(SPACE)) and len(text) <= 40:
        ratio = plain_text(Fraction(text[:-1].strip(SPACE)) / 100)
        raise BadText("has a percent sign", f"write {ratio}")
    if _GROUPED.fullmatch(text) and _DECIMAL_COMMA.fullmatch(text):
        plain, point = text.replace(",", ""), text.replace(",", ".")
        raise BadText("has a comma", f"write {plain} or {point}, whichever is meant")
    if _DECIMAL_COMMA.fullmatch(text):
        raise BadText("has a decimal comma", f"write {text.replace(',', '.')}")
    if _GROUPED.fullmatch(text):
        raise BadText("has a thousands separator", "write the digits without it")
    raise BadText("is not a number", "write it in digits, as 12.5")


def price(text: str) -> Fraction:
    """Read an amount of money; three digits after one point may be thousands, so say which."""
    text = text.strip(SPACE)
    if _THOUSANDS_OR_MILLS.fullmatch(text):
        plain = text.replace(".", "")
        raise BadText("has a point before three digits", f"write {plain}, or {text}0 if it is less")
    return exact(text)


def iso_date(text: str) -> date:
    """Read a day written YYYY-MM-DD, and nothing else."""
    found = _DATE.fullmatch(text.strip(SPACE))
    if not found:
        raise BadText("is not a date as YYYY-MM-DD", "write it as 2026-08-01")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise BadText("is no day of the calendar", "check the month and the day") from None


def country_code(text: str) -> str:
    """Read a country's code or name as ISO 3166-1 alpha-2."""
    try:
        return country(text)
    except UnknownName as unknown:
        raise BadText(unknown.message, unknown.fix) from unknown


def words(text: str) -> tuple[str, ...]:
    """Read a list separated by semicolons."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


def period_name(text: str) -> str:
    """Return the name of a period as we write it: 2027Q1 for 2027-Q1 and 2027q1, else itself."""
    found = _QUARTER.fullmatch(text.strip(SPACE))
    return f"{found[1]}Q{found[2]}" if found else text.strip(SPACE)


def folded(text: str) -> str:
    """Return one of a few words as they are listed: in small letters."""
    return text.strip(SPACE).casefold()


def flag(text: str) -> bool:
    """Read yes or no."""
    known = {"yes": True, "true": True, "no": False, "false": False}
    folded = text.strip().casefold()
    if folded not in known:
        raise BadText("is neither yes nor no", "write yes or no")
    return known[folded]


def _write(value: Fraction, most: int) -> str:
    if value.denominator == 1 and 0 <= value <= most:
        return f"write {value.numerator}"
    return "count whole units"


def _from_text(read: Callable[[str], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


Whole = Annotated[int, _from_text(whole)]
Operations = Annotated[int, _from_text(operations)]
Exact = Annotated[Fraction, _from_text(exact), PlainSerializer(str, return_type=str)]
Price = Annotated[Fraction, _from_text(price), PlainSerializer(str, return_type=str)]
IsoDate = Annotated[date, _from_text(iso_date)]
CountryCode = Annotated[str, _from_text(country_code)]
Words = Annotated[tuple[str, ...], _from_text(words)]
PeriodName = Annotated[str, _from_text(period_name)]
AnyCase = _from_text(folded)
Flag = Annotated[bool, _from_text(flag)]
