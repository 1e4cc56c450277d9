"""The second opinion as text."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from placement.render.formats.escape import terminal
from placement.text.decimals import floor_text, grouped

if TYPE_CHECKING:
    from placement.report import CrossCheck

_AGREES = {True: "agrees", False: "DISAGREES", None: "gives no second opinion"}


def lines(check: CrossCheck) -> str:
    """Return what the other solver found, and whether it fits."""
    parts = [f"{check.of}, {check.status}"]
    if check.value is not None:
        parts.append(f"value {_amount(check.value)}")
    if check.bound is not None:
        parts.append(f"claims that none is beyond {_amount(check.bound)}")
    if check.of != "relaxation" and check.relaxation_status:
        loose = f"relaxation, {check.relaxation_status}"
        if check.relaxation_value is not None:
            loose += f"; value {_amount(check.relaxation_value)}"
        parts.append(loose)
    head = f"CROSS-CHECK by {terminal(check.solver)} {_AGREES[check.agrees]}"
    return f"{head} ({'; '.join(parts)})" + (f"\n  {said}" if (said := last_word(check)) else "")


def last_word(check: CrossCheck) -> str:
    """Return the disagreement in one line, empty where there is none."""
    if not check.disagreement:
        return ""
    return (
        f"CROSS-CHECK: {terminal(check.solver)} disagrees: {check.disagreement}. One of the two "
        "solvers is wrong; the plan was judged without either"
    )


def _amount(text: str) -> str:
    return grouped(floor_text(Fraction(text), 2))
