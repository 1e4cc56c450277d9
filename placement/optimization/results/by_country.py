"""What a plan changes, by country, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from placement.optimization.data.problem import Lot, Problem
from placement.optimization.model.credit.zones import weight
from placement.optimization.results.layout import Layout
from placement.report import Finding


@dataclass(frozen=True, slots=True)
class CountryLine:
    """One country on the last day judged: accelerators, counted mTPP and its share of all.

    `stands`: what stands on the day on which the plan begins, some of which may end by itself;
    `to_come`: what is ordered or on its way besides; `after`: what is left of both on the last day
    judged, with what the plan brings and takes away.
    `tightest`: of the last findings of each rule on the country itself, the one that is nearest to
    its limit, if any.
    """

    country: str
    stands: int
    to_come: int
    after: int
    mtpp: int
    share: Fraction
    tightest: Finding | None


def by_country(problem: Problem, layout: Layout, findings: Iterable[Finding]) -> list[CountryLine]:
    """Sum up the last day judged, the country with most counted TPP first."""
    day = problem.days[-1].day
    own = [lot for lot in problem.lots if lot.own]
    coming = {lot for lot in own if _comes_later(problem, lot)}
    stands = _counts([lot for lot in own if lot not in coming], problem.first)
    to_come = _counts([lot for lot in own if lot in coming], day)
    after = _counts(layout.lots, day)
    mtpp: dict[str, int] = {}
    for lot in layout.lots:
        if lot.counts_on(day):
            amount = lot.quantity * weight(problem, lot.model, "tpp")
            mtpp[lot.country] = mtpp.get(lot.country, 0) + amount
    whole = sum(mtpp.values())
    tightest: dict[str, Finding] = {}
    for finding in _last(findings):
        known = tightest.get(finding.place)
        if known is None or finding.utilisation > known.utilisation:
            tightest[finding.place] = finding
    lines = [
        CountryLine(
            country,
            stands.get(country, 0),
            to_come.get(country, 0),
            after.get(country, 0),
            mtpp.get(country, 0),
            Fraction(mtpp.get(country, 0), whole) if whole else Fraction(0),
            tightest.get(country),
        )
        for country in {*stands, *to_come, *after}
    ]
    return sorted(lines, key=lambda line: (-line.mtpp, line.country))


def _comes_later(problem: Problem, lot: Lot) -> bool:
    """Tell whether a lot is ordered or planned, or stands at its site after the first day only."""
    late = lot.works_since is not None and lot.works_since > problem.first
    return lot.status.is_forecast or late


def _last(findings: Iterable[Finding]) -> list[Finding]:
    """Return the shares that each rule measures last: a plan of many periods has many dates.

    A place of which that day says nothing holds nothing any more, whatever an earlier day said.
    """
    shares = [finding for finding in findings if finding.share is not None]
    last: dict[tuple[str, str, str | None], date] = {}
    for one in shares:
        key = one.rule, one.owner, one.item
        last[key] = max(one.date, last.get(key, one.date))
    return [share for share in shares if share.date == last[share.rule, share.owner, share.item]]


def _counts(lots: Iterable[Lot], day: date) -> dict[str, int]:
    found: dict[str, int] = {}
    for lot in lots:
        if lot.counts_on(day):
            found[lot.country] = found.get(lot.country, 0) + lot.quantity
    return found
