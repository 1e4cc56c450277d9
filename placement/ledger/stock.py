"""Caps on stock, quarter by quarter: the limit, the most that stood there, and what was left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from placement.fleet.context import FleetContext
from placement.policy import ALL_OWNERS, Subject
from placement.policy.row import Amount
from placement.policy.rules import CapRule
from placement.text.decimals import THOUSAND, thousandths_text


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter, or the part of one under one limit; amounts exact, in the cap's unit.

    `highest`: the most that stood there on any day, first on `highest_on` (None: nothing did).
    """

    since: date
    until: date
    limit: str
    highest: str
    highest_on: date | None
    left: str

    @property
    def overdrawn(self) -> bool:
        """Whether more stood there than the limit."""
        return self.left.startswith("-")


@dataclass(frozen=True, slots=True)
class StockAccount:
    """A cap on what one holder may have in a place."""

    rule: str
    title: str
    citation: str
    unit: str
    holder: str
    place: str
    quarters: tuple[Quarter, ...]

    @property
    def overdrawn(self) -> bool:
        """Whether more stood there than the limit in any quarter."""
        return any(quarter.overdrawn for quarter in self.quarters)


#: (holder, place) -> (the most in thousandths, the first day of it)
_Highest = dict[tuple[str, str], tuple[Amount, date]]


def stock_accounts(
    case: FleetContext, rules: Iterable[CapRule], since: date | None, until: date
) -> list[StockAccount]:
    """Return the accounts of caps on stock from `since` (None: the cap's first day) to `until`."""
    return [account for rule in rules for account in _accounts(case, rule, since, until)]


def _accounts(
    case: FleetContext, rule: CapRule, since: date | None, until: date
) -> Iterator[StockAccount]:
    counted = [
        (first, last, _highest(case, rule, first, last))
        for first, last in _periods(case, rule, since, until)
        if case.policy.not_in_force(rule, first) is None
    ]
    holders = sorted({key for _, _, found in counted for key in found})
    for holder, place in holders:
        quarters = []
        for first, last, found in counted:
            limit = Fraction(rule.limit_on(first) or 0) * THOUSAND
            most, on = found.get((holder, place), (0, None))
            at_most, highest, left = map(thousandths_text, (limit, most, limit - most))
            quarters.append(Quarter(first, last, at_most, highest, on, left))
        yield StockAccount(
            rule.id, rule.title, rule.citation, rule.unit(), holder, place, tuple(quarters)
        )


def _periods(
    case: FleetContext, rule: CapRule, since: date | None, until: date
) -> Iterator[tuple[date, date]]:
    """Cut the range into quarters, and these where the limit steps."""
    first = since or min(_beginning(case, rule) or until, until)
    steps = {step.since for step in rule.steps}
    if rule.until is not None:
        steps.add(rule.until)
    if rule.since is not None:
        steps.add(rule.since)
    if rule.steps:
        steps.add(rule.steps[-1].to + timedelta(days=1))
    while first <= until:
        month = first.month + 3 - (first.month - 1) % 3
        turn = date(first.year + month // 13, (month - 1) % 12 + 1, 1)
        following = min([turn, *(day for day in steps if first < day)])
        yield first, min(following - timedelta(days=1), until)
        first = following


def _beginning(case: FleetContext, rule: CapRule) -> date | None:
    """Return the first day of a cap, or that of the first lot where it has always stood."""
    if rule.since is not None:
        return rule.since
    if rule.steps:
        return rule.steps[0].since
    found = case.books.timeline.once["start"].min()
    return found if isinstance(found, date) else None


def _highest(case: FleetContext, rule: CapRule, first: date, last: date) -> _Highest:
    """Return the most that each holder whom the cap binds has in each place between two days."""
    policy = case.policy
    judged = case.companies.judged.values()
    subjects: list[Subject] = [ALL_OWNERS] if rule.about == "all" else list(judged)
    found: _Highest = {}
    for day in sorted({first, *case.books.timeline.changes(first, last)}):
        bound = [
            subject
            for subject in subjects
            if rule.about == "all" or policy.not_bound(rule, subject, day) is None
        ]
        if not bound:
            continue
        account = case.books.account(rule, day)
        of = policy.measured(rule, day)
        for subject in bound:
            own = account.tally(subject.name, case.scope, of)
            for row in policy.rows(rule, subject, day, own.places):
                # What stands there, models that may not count included.
                part = own.parts(row)[0] + own.unknown.part(row)
                key = (row.subject, row.place)
                if part > found.get(key, (0, day))[0]:
                    found[key] = (part, day)
    return found
