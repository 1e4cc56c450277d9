"""Notices as dates: what may not come since its notice is too young, and what to file by when.

filed + days > first day of the period: barred
not filed: allowed, to be filed by the first day - days
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from placement.enums import Counted
from placement.optimization.data.problem import Problem, Site
from placement.policy.rules import NoticeRule


class ArrivalKind(StrEnum):
    """How kit comes to a site."""

    BOUGHT = "bought"
    CROSSES = "crosses"  # moved from another country
    INSIDE = "inside"  # moved within the country


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """A notice that an action needs; `filed` None: still to be filed.

    `once`: only the first action of its kind needs it.
    """

    by: date
    rule: str
    what: str
    filed: date | None
    once: bool

    @property
    def is_late(self) -> bool:
        """Whether it was filed too late for the period."""
        return self.filed is not None and self.filed > self.by


class Notices:
    """The notices that the group needs for what comes on the first day of a period.

    What an earlier period of a plan brings to a site is not known here.
    """

    def __init__(self, problem: Problem, t: int) -> None:
        self._problem = problem
        self._first = first = problem.periods[t].first
        policy = problem.policy
        self._groups = policy.groups_on(first)
        self._rules: list[NoticeRule] = []
        for rule in policy.pack.rules:
            if isinstance(rule, NoticeRule):
                begins = policy.schedules[rule.schedule].first or rule.since
                began = begins is None or begins <= first
                if began and policy.not_bound(rule, problem.subject, first) is None:
                    self._rules.append(rule)
        before = [
            lot
            for lot in problem.lots
            if lot.own
            and problem.counts(lot)
            and self._is_counted(lot.model)
            and (lot.start is None or lot.start < first)
        ]
        ledger = problem.case.books.ledger if policy.pack.ledger is not None else None
        #: Where a purchase is no transfer: it is exported nowhere.
        self._home = ledger.home(first) if ledger is not None else frozenset[str]()
        self._known_sites = {lot.site for lot in before}
        self._known_countries = {lot.country for lot in before}
        #: What any counted kit needs, by site and way, once asked.
        self._needed: dict[tuple[str, ArrivalKind], list[Notice]] = {}

    @property
    def longest(self) -> timedelta:
        """The longest time that a notice needs."""
        return timedelta(days=max((rule.days for rule in self._rules), default=0))

    def needed(self, site: Site, model: str, how: ArrivalKind) -> list[Notice]:
        """Return the notices that kit of a model needs to come to a site."""
        if not self._is_counted(model):
            return []
        key = site.name, how
        if key not in self._needed:
            self._needed[key] = self._needed_at(site, how)
        return self._needed[key]

    def _needed_at(self, site: Site, how: ArrivalKind) -> list[Notice]:
        found = []
        for rule in self._rules:
            what = self._what(rule, site, how)
            if what is not None and site.country in self._groups[rule.places]:
                by = rule.file_by(self._first)
                once = rule.of == "new_site" or how is not ArrivalKind.CROSSES
                found.append(Notice(by, rule.id, what, self._filed(rule, site, how), once))
        return sorted(found, key=lambda one: (one.by, one.rule))

    def bars(self, site: Site, model: str, how: ArrivalKind) -> bool:
        """Tell whether kit may not come since a notice was filed too late."""
        return any(one.is_late for one in self.needed(site, model, how))

    def is_new(self, country: str) -> bool:
        """Tell whether the group had no counted kit in a country before the period."""
        return country not in self._known_countries

    def _what(self, rule: NoticeRule, site: Site, how: ArrivalKind) -> str | None:
        """Say what needs the notice, None where nothing does."""
        if rule.of == "new_site":
            return None if site.name in self._known_sites else f"new site {site.name}"
        if how is ArrivalKind.CROSSES:
            return f"transfers to {site.country}"
        if (
            how is ArrivalKind.BOUGHT
            and self.is_new(site.country)
            and site.country not in self._home
        ):
            return f"first kit in {site.country}"
        return None

    def _filed(self, rule: NoticeRule, site: Site, how: ArrivalKind) -> date | None:
        if rule.of == "new_site":
            return site.notice_filed
        if how is ArrivalKind.CROSSES:
            return self._problem.notice_filed
        return self._problem.notice_filed or site.notice_filed

    def _is_counted(self, model: str) -> bool:
        return self._problem.scope.weight(model, "tpp").counted is not Counted.NO
