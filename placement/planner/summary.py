"""What a plan changes, by country, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from placement.planner.layout import Layout
from placement.planner.problem import Lot, Problem
from placement.planner.zones import weight
from placement.report import Finding, use


@dataclass(frozen=True, slots=True)
class CountryLine:
    """One country: accelerators without and with the plan, counted mTPP and its share of all.

    `tightest`: of the last findings of each rule on the country itself, the one that is nearest to
    its limit, if any.
    """

    country: str
    before: int
    after: int
    mtpp: int
    share: Fraction
    tightest: Finding | None


def by_country(problem: Problem, layout: Layout, findings: Iterable[Finding]) -> list[CountryLine]:
    """Sum up the last day judged, the country with most counted TPP first."""
    day = problem.days[-1].day
    before = _counts([lot for lot in problem.lots if lot.own], day)
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
        if known is None or use(finding) > use(known):
            tightest[finding.place] = finding
    lines = [
        CountryLine(
            country,
            before.get(country, 0),
            after.get(country, 0),
            mtpp.get(country, 0),
            Fraction(mtpp.get(country, 0), whole) if whole else Fraction(0),
            tightest.get(country),
        )
        for country in {*before, *after}
    ]
    return sorted(lines, key=lambda line: (-line.mtpp, line.country))


def _last(findings: Iterable[Finding]) -> list[Finding]:
    """Give the shares that each rule measures last: a plan of many periods has many dates.

    A place of which that day says nothing holds nothing any more, whatever an earlier day said.
    """
    shares = [one for one in findings if one.share is not None]
    last: dict[tuple[str, str, str | None], date] = {}
    for one in shares:
        key = one.rule, one.owner, one.item
        last[key] = max(one.date, last.get(key, one.date))
    return [one for one in shares if one.date == last[one.rule, one.owner, one.item]]


def _counts(lots: Iterable[Lot], day: date) -> dict[str, int]:
    found: dict[str, int] = {}
    for lot in lots:
        if lot.counts_on(day):
            found[lot.country] = found.get(lot.country, 0) + lot.quantity
    return found
