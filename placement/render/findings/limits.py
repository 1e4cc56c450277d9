"""Measured amounts against their limits, tightest first, as tables."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from math import floor

from placement.enums import Measure, Verdict
from placement.render.findings.verdict import WORST_FIRST, is_enforced, is_measured, marked
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.share import limit_of, share
from placement.render.view import MORE, View
from placement.report import Finding
from placement.text.decimals import grouped, percent_text, plain

_TWO_READINGS = (
    "two figures in a row: with and without models of which nobody knows whether they count (see\n"
    "'judged both ways'); the verdict looks at both, the headroom holds in both"
)
MOST_ROWS = 60
MOST_TIGHTEST = 3
_BAR = 10


def tightest(findings: Iterable[Finding], most: int = MOST_TIGHTEST) -> str:
    """Return the limits of which most is used, each rule and place once, with a bar of use.

    Of several dates the one that is tightest. Limits that forbid all are left out where they hold.
    """
    worst: dict[tuple[str | None, ...], Finding] = {}
    for f in findings:
        key = (f.pack, f.rule, f.owner, f.place, f.item)
        if is_measured(f) and (key not in worst or f.utilisation > worst[key].utilisation):
            worst[key] = f
    shown = heapq.nsmallest(most, worst.values(), key=_tightness)
    if not shown:
        return ""
    units = {f.unit for f in shown}
    unit = units.pop() if len(units) == 1 else ""
    owners = len({f.owner for f in shown}) > 1
    rows = [
        (
            marked(f),
            *([terminal(f.owner)] if owners else []),
            terminal(f.place) + (f" ({terminal(f.item)})" if f.item and _is_of_flow(f) else ""),
            of_limit(f),
            used(f),
            _headroom(f) + ("" if unit else f" {f.unit}"),
        )
        for f in shown
    ]
    header = (
        "tightest limits", *(["owner"] if owners else []), "place", "measured", "used",
        f"left, {unit}" if unit else "left",
    )  # fmt: skip
    end = len(header) - 1
    text = table(header, rows, right=(end - 2, end))
    doubted = any(f.other_reading is not None for f in shown)
    return f"{text}\n{_TWO_READINGS}" if doubted else text


def _tightness(finding: Finding) -> tuple[bool, bool, Fraction]:
    beyond, part = finding.utilisation
    return (finding.verdict is not Verdict.BREACH, not beyond, -part)


def of_limit(finding: Finding) -> str:
    """Return what is measured and its limit, in few characters: `8.17 / 7 %`."""
    if no_flow(finding):
        return "no sale"
    sign = "" if finding.comparison == "<=" else f"{finding.comparison} "
    percent = share(finding)
    if percent:
        return f"{percent.replace(' %', '')} / {sign}{plain(Fraction(finding.limit or 0) * 100)} %"
    limit = grouped(plain(Fraction(finding.limit or 0)))
    return f"{grouped(finding.numerator or '0')} / {sign}{limit}"


def used(finding: Finding) -> str:
    """Return how much of a limit is used, as a bar and in per cent, rounded away from the limit."""
    beyond, part = finding.utilisation
    if beyond:
        return f"{'#' * _BAR}  none allowed"
    return bar(part)


def bar(part: Fraction) -> str:
    """Return a part of a limit as a bar and in per cent, rounded away from all of it."""
    drawn = "#" * min(_BAR, floor(part * _BAR))
    return f"{drawn:.<{_BAR}} {percent_text(part, Fraction(1), 0):>5}"


def figures(findings: Iterable[Finding], view: View = MORE) -> str:
    """Return the table of all evaluated findings: enforced, then worst and tightest first."""
    measured = [f for f in findings if is_measured(f)]
    shown = heapq.nsmallest(view.most(MOST_ROWS), measured, key=_rank)
    rows = [
        (
            f.verdict.value,
            marked(f),
            terminal(f.owner),
            terminal(f.place) + (f" ({terminal(f.item)})" if f.item and _is_of_flow(f) else ""),
            str(f.date),
            "no sale" if no_flow(f) else share(f) or grouped(f.numerator or ""),
            limit_of(f),
            _headroom(f),
            f.unit,
        )
        for f in shown
    ]
    if not rows:
        return ""
    header = ("verdict", "rule", "owner", "place", "date", "measured", "limit", "headroom", "unit")
    text = table(header, rows, right=(5, 6, 7))
    hidden = len(measured) - len(rows)
    if any(f.other_reading is not None for f in shown):
        text += f"\n{_TWO_READINGS}"
    return text + (f"\n... and {hidden} more rows, -vv shows them" if hidden > 0 else "")


def _rank(finding: Finding) -> tuple[bool, int, date, bool, Fraction]:
    beyond, part = finding.utilisation
    worst = WORST_FIRST.index(finding.verdict)
    return (not is_enforced(finding), worst, finding.date, not beyond, -part)


def _headroom(finding: Finding) -> str:
    if finding.headroom is not None:
        return grouped(str(floor(Fraction(finding.headroom))))
    return "" if finding.measure is None else "unlimited"


def _is_of_flow(finding: Finding) -> bool:
    return finding.measure is Measure.SHIPPED


def no_flow(finding: Finding) -> bool:
    """Tell whether a flow is compared with another one of which there is none, in any reading."""
    other = finding.other_reading
    return (
        finding.kind == "ratio"
        and finding.verdict is Verdict.BREACH
        and not Fraction(finding.denominator or 1)
        and (other is None or not Fraction(other.denominator or 1))
    )
