"""What each rule measures at each place on each date, and where it is tightest."""

from __future__ import annotations

from collections.abc import Iterable

from placement.optimization.data.periods import Period, index_on
from placement.report import Finding

SHARE_COLUMNS = (
    "date", "period", "rule", "owner", "place", "item", "share", "comparison", "limit", "headroom",
    "unit", "numerator", "denominator", "verdict", "other_share",
)  # fmt: skip


def measured(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that hold a number against a limit, by date, rule and place."""
    found = [
        finding
        for finding in findings
        if finding.numerator is not None and finding.limit is not None and finding.kind != "duty"
    ]
    return sorted(found, key=lambda one: (one.date, one.rule, one.owner, one.place, one.item or ""))


def share_cells(periods: tuple[Period, ...], finding: Finding) -> tuple[str, ...]:
    """Return the row of shares.csv."""
    t = index_on(periods, finding.date)
    return (
        finding.date.isoformat(),
        "" if t is None else periods[t].name,
        finding.rule,
        finding.owner,
        finding.place,
        finding.item or "",
        finding.share or "",
        finding.comparison,
        finding.limit or "",
        finding.headroom or "",
        finding.unit,
        finding.numerator or "",
        finding.denominator or "",
        finding.verdict.value,
        (finding.other_reading.share or "") if finding.other_reading is not None else "",
    )


def tightest_by_rule(findings: Iterable[Finding]) -> list[Finding]:
    """Give, of each rule and owner, the finding that is nearest to its limit, or furthest beyond.

    Rules of which nothing is measured anywhere, and nothing may be, are left out.
    """
    best: dict[tuple[str, str], Finding] = {}
    for one in measured(findings):
        key = one.rule, one.owner
        if one.is_of_something and (key not in best or one.utilisation > best[key].utilisation):
            best[key] = one
    return list(best.values())


def tightest_by_period(periods: tuple[Period, ...], findings: Iterable[Finding]) -> list[Finding]:
    """Return the finding of each period that is nearest to its limit, or furthest beyond."""
    best: dict[int, Finding] = {}
    for one in measured(findings):
        t = index_on(periods, one.date)
        if t is None or not one.is_of_something:
            continue
        if t not in best or one.utilisation > best[t].utilisation:
            best[t] = one
    return [best[t] for t in sorted(best)]
