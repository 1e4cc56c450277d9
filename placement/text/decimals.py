"""Exact amounts as text, and text as exact amounts. No float enters or leaves."""

from __future__ import annotations

import re
from fractions import Fraction

THOUSAND = 1000
MOST_PLACES = 18

_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")


def parse_decimal(text: str) -> Fraction | None:
    """Read plain decimal text exactly; None for anything else (exponents, commas, blanks)."""
    return Fraction(text) if _DECIMAL.fullmatch(text) else None


def decimal_text(value: Fraction, places: int) -> str:
    """Write a value that has at most `places` decimals, else as `numerator/denominator`."""
    scaled = value * 10**places
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    return _fixed(scaled.numerator, places)


def thousandths_text(amount: int | Fraction) -> str:
    """Write an amount given in thousandths of its unit: 316640000 as 316640.000."""
    if isinstance(amount, int):
        return _fixed(amount, 3)
    return decimal_text(amount / THOUSAND, 3)


def floor_text(value: Fraction, places: int) -> str:
    """Write the value rounded down to `places` decimals."""
    return _fixed(value.numerator * 10**places // value.denominator, places)


def share_text(share: Fraction, limit: Fraction, places: int) -> str:
    """Write a share rounded away from its limit, with the digits that tell the two apart.

    More than `places` decimals are used where rounding towards the limit would print the limit
    itself, up to MOST_PLACES; beyond that rounding away still keeps the sides apart.
    """
    if share == limit:
        fits = (share * 10**places).denominator == 1
        return decimal_text(share, places) if fits else plain(share)
    while True:
        scale = 10**places
        below, rest = divmod(share.numerator * scale, share.denominator)
        above = below + (rest > 0)
        printed, inexact = divmod(limit.numerator * scale, limit.denominator)
        if places >= MOST_PLACES or inexact or printed not in (below, above):
            return _fixed(below if share < limit else above, places)
        places += 1


def percent_text(share: Fraction, limit: Fraction, places: int = 2) -> str:
    """Write a share as a percentage, rounded away from its limit."""
    return share_text(share * 100, limit * 100, places) + " %"


def plain(value: Fraction) -> str:
    """Write a value with as few decimals as it needs, else as a fraction."""
    denominator, places = value.denominator, 0
    while denominator > 1 and places < 30:
        step = Fraction(10, denominator)
        denominator = step.denominator
        places += 1
    return decimal_text(value, places)


def grouped(text: str) -> str:
    """Put thousands separators into the whole part of a number's text."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = digits.partition(".")
    if not whole.isdigit():
        return text
    return f"{sign}{int(whole):,}{dot}{rest}"


def counted(amount: int | Fraction, unit: str) -> str:
    """Return an amount with its unit, which is one of something where it is 1: `1 place`."""
    one = unit.removesuffix("s") if amount == 1 else unit
    return f"{grouped(plain(Fraction(amount)))} {one}"


def _fixed(scaled: int, places: int) -> str:
    sign = "-" if scaled < 0 else ""
    if places == 0:
        return f"{sign}{abs(scaled)}"
    whole, rest = divmod(abs(scaled), 10**places)
    return f"{sign}{whole}.{rest:0{places}d}"
