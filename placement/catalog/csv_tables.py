"""Read the CSV tables that lie beside this module."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

_HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of `name`.csv as texts; empty cells are empty texts.

    The tables are UTF-8 and nothing in them is guessed at: `NA` stays `NA` (Namibia).
    """
    with (_HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def optional(text: str) -> Fraction | None:
    """Read an exact number (decimal or n/d), or None where the cell is empty."""
    return Fraction(text) if text else None


def figure(value: Fraction | int | None) -> str:
    """Write a number exactly: as a decimal where it has up to six places, else as n/d."""
    if value is None:
        return "unknown"
    scaled = Fraction(value) * 1_000_000
    if scaled.denominator != 1:
        return str(value)
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(scaled.numerator), 1_000_000)
    return f"{sign}{whole:,}.{rest:06d}".rstrip("0").rstrip(".")
