"""Margins: how far inside the limits of rules a plan has to stay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf

from placement.enums import Comparison
from placement.readers.cells import BadText
from placement.text.decimals import plain

EVERY_RULE = "*"
"""The key of the margin of every rule that has none of its own."""

_MARGIN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ?(pp|%)")


@dataclass(frozen=True, slots=True)
class Margin:
    """Points of a share (1 percentage point is 1/100), or a part of the limit."""

    points: Fraction = Fraction(0)
    part: Fraction = Fraction(0)

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{plain(self.points * 100)}pp" if self.points else f"{plain(self.part * 100)}%"

    def inside(self, limit: Fraction, comparison: Comparison = Comparison.AT_MOST) -> Fraction:
        """Return the limit that a plan is held to."""
        room = self.points + self.part * limit
        return limit - room if comparison is Comparison.AT_MOST else limit + room


def margin(text: str) -> Margin:
    """Read `0.5pp` (percentage points of a share) or `2%` (of the limit)."""
    found = _MARGIN.fullmatch(text.strip())
    if found is None:
        raise BadText("is no margin", 'write "0.5pp" (of a share) or "2%" (of the limit)')
    value = Fraction(found[1]) / 100
    if value > 1:
        raise BadText("is more than 100 %", 'write "0.5pp" (of a share) or "2%" (of the limit)')
    return Margin(points=value) if found[2] == "pp" else Margin(part=value)


def _from_text(value: object) -> object:
    if isinstance(value, Margin):
        return value
    return margin(value if isinstance(value, str) else "")


def _by_rule(value: Any) -> Any:
    return value if isinstance(value, dict) else {EVERY_RULE: value}


Margins = Annotated[
    dict[str, Annotated[InstanceOf[Margin], BeforeValidator(_from_text)]],
    BeforeValidator(_by_rule),
]
"""Margins by the id of the rule; one text is the margin of every rule."""
