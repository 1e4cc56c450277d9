"""The planning problem in exact records: what stands, what may come, what is asked for.

Everything here is data of one period for one owner group. Nothing is a float.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from placement.agenda import Day
from placement.books import NO_PLACE
from placement.catalog import H100E_MTPP
from placement.inventory import Inventory
from placement.judges.case import Case
from placement.planner.period import Period
from placement.planner.rules import is_written
from placement.policy import Policy, Subject
from placement.policy.kinds import RuleOnTotals
from placement.policy.row import PlaceColumn
from placement.scope import Scope
from placement.sources.config import Mode, Place
from placement.sources.demand import Metric
from placement.sources.sites import SiteStatus
from placement.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Site:
    """One site. `power_kw` at the meter, None: not known, nothing changes there.

    `accepts`: the models that may come there, None for all. `racks`: places for purchase units.
    """

    name: str
    country: str
    status: SiteStatus
    power_kw: Fraction | None
    pue: Fraction = Fraction(1)
    racks: int | None = None
    energy_usd_per_mwh: Fraction = Fraction(0)
    hosting_usd_per_kw_month: Fraction = Fraction(0)
    fixed_usd_per_month: Fraction = Fraction(0)
    accepts: frozenset[str] | None = None
    metro: str | None = None
    region: str | None = None
    notice_filed: date | None = None

    def takes(self, model: str) -> bool:
        """Tell whether a model may come to the site at all."""
        return self.accepts is None or model in self.accepts

    def place(self, by: PlaceColumn) -> str:
        """Give the place that it is in, by a column of sites.csv."""
        match by:
            case "country":
                return self.country
            case "site":
                return self.name
            case "metro":
                return self.metro or NO_PLACE
            case "region":
                return self.region or NO_PLACE


@dataclass(frozen=True, slots=True)
class Kit:
    """One model: accelerators per purchase unit, kW (before PUE) and mTPP per accelerator."""

    model: str
    unit: int
    kw: Fraction
    mtpp: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be bought of a model: accelerators, at a price per accelerator."""

    model: str
    quantity: int
    unit_usd: Fraction


@dataclass(frozen=True, slots=True)
class Demand:
    """One line of demand. `model` None: in `metric` over all models. `countries` None: all.

    `label` is how messages call it.
    """

    label: str
    quantity: Fraction
    metric: Metric
    model: str | None = None
    countries: frozenset[str] | None = None

    @property
    def unit(self) -> str:
        """The unit of its quantity."""
        return f"{self.model} accelerators" if self.model else self.metric.value

    def amount(self, kit: Kit) -> Fraction:
        """Give what one accelerator adds to the line, in its metric; 0 for another model."""
        if self.model is not None and kit.model != self.model:
            return Fraction(0)
        match self.metric:
            case Metric.ACCELERATORS:
                return Fraction(1)
            case Metric.TPP:
                return Fraction(kit.mtpp, 1000)
            case Metric.H100E:
                return Fraction(kit.mtpp, H100E_MTPP)
            case Metric.MW:
                return kit.kw / 1000

    def allows(self, country: str) -> bool:
        """Tell whether the line may be served from a country."""
        return self.countries is None or country in self.countries


@dataclass(frozen=True, slots=True)
class Lot:
    """Accelerators of one owner at one site; `own`: of the group that is planned.

    `channel` and `licensed` None: not said. `from_country` None: from abroad, unknown.
    """

    owner: str
    operator: str
    site: str
    country: str
    model: str
    quantity: int
    status: Status
    start: date | None
    end: date | None
    own: bool
    consignee: str
    channel: str | None
    licensed: bool | None
    from_country: str | None
    notice_filed: date | None = None

    def counts_on(self, day: date) -> bool:
        """Tell whether it counts on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def days_in(self, period: Period) -> int:
        """Give the number of days of a period on which it counts."""
        since = max(period.first, self.start or period.first)
        until = period.last.toordinal() + 1
        if self.end is not None:
            until = min(until, self.end.toordinal())
        return max(0, until - since.toordinal())

    @property
    def works(self) -> bool:
        """Whether it draws power and can serve: `transferred` kit only counts."""
        return self.status is not Status.TRANSFERRED


@dataclass(frozen=True, slots=True)
class Moves:
    """Moving is allowed: the price and the most accelerators of the period, None for no limit."""

    usd_per_accelerator: Fraction
    most: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything one plan rests on.

    `owner` buys what is bought; `subject` is its group. `fleet` is the group's part of the
    inventory, `case` has the books of everyone's. `days` are the days judged: rows without a
    measurement date in the period are judged on its last day. `notice_filed`: of the period's
    transfers between countries.
    """

    owner: str
    subject: Subject
    period: Period
    case: Case
    days: tuple[Day, ...]
    fleet: Inventory
    sites: Mapping[str, Site]
    kits: Mapping[str, Kit]
    offers: Mapping[str, Offer]
    demands: tuple[Demand, ...]
    lots: tuple[Lot, ...]
    moves: Moves | None = None
    retire_usd: Fraction | None = None
    place: Place | None = None
    allow_dilution: bool = False
    mode: Mode = "repair"
    by: date | None = None
    notice_filed: date | None = None
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        """The weights of all models under the policy."""
        return self.case.scope

    @property
    def policy(self) -> Policy:
        """The pack with its options chosen."""
        return self.case.policy

    @property
    def measured(self) -> tuple[date, ...]:
        """The days on which a rule is measured."""
        return tuple(day.day for day in self.days if day.measured)

    @property
    def last_start(self) -> date:
        """The last day from which every row that binds the group is still judged once."""
        lasts = []
        for rule in self.policy.pack.rules:
            if is_written(rule):
                bound = [
                    day.day
                    for day in self.days
                    if rule.id in self.rules_on(day) and self.binds(rule, day.day)
                ]
                lasts += bound[-1:]
        return min(lasts, default=self.days[-1].day)

    def binds(self, rule: RuleOnTotals, day: date) -> bool:
        """Tell whether what the group has enters a rule on a day.

        A rule about all owners together binds those of certain headquarters, or everyone.
        """
        if rule.seated is not None:
            there = self.policy.groups_on(day)[rule.seated]
            mine = {self.subject.headquarters, *self.case.companies.seats.get(self.owner, ())}
            if mine.isdisjoint(there):
                return False
        if rule.about != "all":
            return self.policy.not_bound(rule, self.subject, day) is None
        seats = rule.binds.headquarters
        return self.policy.not_in_force(rule, day) is None and (
            seats is None or self.subject.headquarters in self.policy.groups_on(day)[seats]
        )

    def counts(self, lot: Lot) -> bool:
        """Tell whether the policy counts a lot of its status at all."""
        answers = self.policy.answers
        if lot.status is Status.TRANSFERRED:
            return answers.of("in_country") == "transferred"
        return not lot.status.is_forecast or answers.of("planned") == "forecast"

    def rules_on(self, day: Day) -> Iterator[str]:
        """Give the ids of the rules whose breach on a day would be a breach of the run."""
        for rule in self.policy.pack.rules:
            if rule.id in day.measured or (
                rule.id in day.watched and self.policy.between_dates(rule) == "breach"
            ):
                yield rule.id
