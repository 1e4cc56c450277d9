"""What became of each rule from a base to what was judged, what is waived, and what is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.enums import Outcome
from placement.render.formats.escape import terminal
from placement.report import Change, Finding, Report
from placement.text.decimals import grouped, percent_text

if TYPE_CHECKING:
    from placement.readers.waivers import WaiverRow

MOST_CHANGES = 20
_WORST_FIRST = (Outcome.BROKEN, Outcome.STILL_BROKEN, Outcome.FIXED, Outcome.OK)


def changes(report: Report) -> str:
    """Return what a change does: a line that counts, and one for each rule and place that moved.

    Several dates of one rule and place are one line, that of the first of the worst. Empty where
    there was no base.
    """
    if report.compared_with is None:
        return ""
    counts = Counter(change.outcome for change in report.changes)
    tally = ", ".join(
        f"{counts[outcome]} {_word(outcome)}" for outcome in _WORST_FIRST if counts[outcome]
    )
    head = f"against {terminal(report.compared_with)}: {tally or 'nothing was measured'}"
    told = [one for one in report.changes if one.outcome is not Outcome.OK]
    several: dict[tuple[str, ...], list[Change]] = {}
    for one in sorted(told, key=_rank):
        at = (one.pack, one.rule, one.owner, one.place, one.item or "", one.outcome)
        several.setdefault(at, []).append(one)
    named = len(report.packs) > 1
    lines = [_line(same, named=named) for same in several.values()]
    if not any(one.outcome in (Outcome.BROKEN, Outcome.FIXED) or one.worse for one in told):
        head += "; no limit was broken, mended or made worse"
    hidden = len(lines) - MOST_CHANGES
    if hidden > 0:
        lines[MOST_CHANGES:] = [f"  ... and {hidden} more, all in the JSON report"]
    return "\n".join([head, *lines])


def known(findings: Iterable[Finding]) -> str:
    """Return the line that counts what fails and was known before; empty where nothing was."""
    count = sum(one.known for one in findings)
    return f"known before and no worse, so no failure: {count}" if count else ""


def waived(findings: Iterable[Finding]) -> str:
    """Return each finding that a waiver covers, with its amount and what the waiver says."""
    several: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        if one.waived:
            at = (one.pack, one.rule, one.owner, one.place, one.item or "", one.reason or "")
            several.setdefault(at, []).append(one)
    return "\n".join(_waived(same) for same in several.values())


def waivers_written(rows: Sequence[WaiverRow], file: str) -> str:
    """Return what waivers were written, one a line."""
    lines = [
        f"{terminal(row.rule)}: {terminal(row.owner)} in {terminal(row.place)}"
        + (f", up to {terminal(str(row.at_most))}" if row.at_most is not None else "")
        for row in rows
    ]
    what = "1 waiver" if len(rows) == 1 else f"{len(rows)} waivers"
    return "\n".join([f"{terminal(file)}: {what}", *lines]) + "\n"


def _waived(same: list[Finding]) -> str:
    one = max(same, key=lambda finding: finding.utilisation)
    limit = Fraction(one.limit or 0)
    measured = ""
    if one.numerator is not None and one.denominator is not None:
        measured = f" {percent_text(one.measured, limit)}"
    elif one.numerator is not None:
        measured = f" {grouped(one.numerator)} {one.unit}"
    item = f" ({terminal(one.item)})" if one.item else ""
    return (
        f"WAIVED {terminal(one.rule)}: {terminal(one.owner)} in {terminal(one.place)}{item} "
        f"{_days(sorted(str(finding.date) for finding in same))}:{measured}"
        f"; {terminal(one.reason or '')}"
    )


def _line(same: list[Change], *, named: bool) -> str:
    """Return one line for some dates; `named`: rules are named with their packs."""
    one = same[0]
    rule = f"{one.pack}:{one.rule}" if named else one.rule
    item = f" ({terminal(one.item)})" if one.item else ""
    worse = ", worse" if one.worse and one.outcome is Outcome.STILL_BROKEN else ""
    moved = f"{_side(one, one.before)} -> {_side(one, one.after)}"
    return (
        f"  {_word(one.outcome)}{worse}: {terminal(rule)}: {terminal(one.owner)} in "
        f"{terminal(one.place)}{item} {_days(sorted(str(day.date) for day in same))}: {moved}"
    )


def _side(change: Change, measured: str | None) -> str:
    if measured is None:
        return "nothing"
    if change.is_share:
        return percent_text(Fraction(measured), Fraction(change.limit or 0))
    return f"{grouped(measured)} {change.unit}"


def _days(days: list[str]) -> str:
    more = len(days) - 1
    return f"on {days[0]}" + (f" and {more} more {'day' if more == 1 else 'days'}" if more else "")


def _rank(change: Change) -> tuple[int, bool]:
    return _WORST_FIRST.index(change.outcome), not change.worse


def _word(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ").upper()
