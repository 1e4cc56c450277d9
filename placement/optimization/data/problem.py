"""The planning problem in exact records: what stands, what may come, what is asked for.

Everything here is data of one owner group over consecutive periods. A period is called by its
index `t`, 0 for the first. Nothing is a float.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from placement.compliance.dates import Day
from placement.enums import Objective, Status
from placement.fleet.classification import Classification
from placement.fleet.context import FleetContext
from placement.inventory import Inventory
from placement.optimization.data.periods import Period, index_on
from placement.optimization.data.plannable_rules import is_written
from placement.optimization.data.records import (
    AcceleratorSpec,
    Commitment,
    Delivery,
    Demand,
    Limit,
    Site,
)
from placement.policy import Policy, Subject
from placement.policy.rules import RuleOnTotals
from placement.readers.config.margins import Margin
from placement.readers.config.money import CURRENCY
from placement.readers.config.placement_toml import Mode, Place, Transit
from placement.waivers.records import Waiver

__all__ = [
    "AcceleratorSpec",
    "Commitment",
    "Delivery",
    "Demand",
    "Limit",
    "Lot",
    "Moves",
    "Problem",
    "Site",
]


@dataclass(frozen=True, slots=True)
class Lot:
    """Accelerators of one owner at one site; `own`: of the group that is planned.

    `channel` and `licensed` None: not said. `from_country` None: from abroad, unknown.
    `in_service`: from when on it works, where that is later than its `start`. `stays`: no plan may
    move or retire it. `uncovered`: it came by no authorization, exception or licence; `excepted`:
    by an exception from the need of one.
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
    in_service: date | None = None
    stays: bool = False
    uncovered: bool = False
    excepted: bool = False

    @property
    def needs_licence(self) -> bool:
        """Whether a rule on kit without a licence looks at it."""
        return not (self.licensed or self.excepted)

    def counts_on(self, day: date) -> bool:
        """Tell whether it counts on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    @property
    def works_since(self) -> date | None:
        """The first day on which it may draw power and serve, None for always."""
        return self.in_service or self.start

    def stands_on(self, day: date) -> bool:
        """Tell whether it is at its site on a day: what is on its way there only counts."""
        since = self.works_since
        return (since is None or since <= day) and (self.end is None or day < self.end)

    def days_in(self, period: Period) -> int:
        """Return the number of days of a period on which it is at its site."""
        since = max(period.first, self.works_since or period.first)
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
    """Moving is allowed: the price and the most accelerators of each period, None for no limit.

    What leaves in a period arrives so many `transit_periods` later, wherever it goes.
    """

    usd_per_accelerator: Fraction
    most: int | None
    transit_periods: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything one plan rests on.

    `periods` follow each other and are of one kind. `deliveries` by model are in the order of
    periods. `owner` buys what is bought; `subject` is its group.
    `fleet` is the group's part of the inventory, `case` has the books of everyone's. `uncovered`
    are the country and model of each of the group's lots that nothing covers. `days` are
    the days judged, in the order of dates; the last one of all is judged as if every rule were
    measured on it. `notice_filed`: of the plan's
    transfers between countries. `slack` has one ratio for each of the objectives, `budgets` one
    amount for each period, None for no limit. `margins`: by the id of a rule, how far inside its
    limit the plan stays. `discount_rate` is per year, to the day `discounted_to`. `previous`: of a
    layout of before, the accelerators on the last day of each period, by (site, model). `transit`:
    where a rule's numerator counts what is on its way. `baseline`: the books of the fleet than
    which no rule may be broken worse; None: of the one that stands. `waivers`: what rules allow
    besides, by the names of the policy, on a run of the day `ran_on`. `lesser_notes`: those of
    `notes` that leave nothing in doubt.
    """

    owner: str
    subject: Subject
    periods: tuple[Period, ...]
    case: FleetContext
    days: tuple[Day, ...]
    fleet: Inventory
    sites: Mapping[str, Site]
    kits: Mapping[str, AcceleratorSpec]
    deliveries: Mapping[str, tuple[Delivery, ...]]
    demands: tuple[Demand, ...]
    commitments: tuple[Commitment, ...]
    lots: tuple[Lot, ...]
    uncovered: frozenset[tuple[str, str]] = frozenset()
    moves: Moves | None = None
    retire_usd: Fraction | None = None
    place: Place | None = None
    allow_dilution: bool = False
    mode: Mode = "repair"
    by: date | None = None
    notice_filed: date | None = None
    objectives: tuple[Objective, ...] = (Objective.COST,)
    slack: tuple[Fraction, ...] = (Fraction(0),)
    budgets: tuple[Fraction | None, ...] = (None,)
    margins: Mapping[str, Margin] = field(default_factory=dict)
    transit: Transit = "destination"
    discount_rate: Fraction = Fraction(0)
    discounted_to: date | None = None
    previous: Mapping[tuple[str, str], tuple[int, ...]] | None = None
    baseline: FleetContext | None = None
    waivers: tuple[Waiver, ...] = ()
    ran_on: date | None = None
    currency: str = CURRENCY
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lesser_notes: tuple[str, ...] = ()

    @property
    def period(self) -> Period:
        """The first period."""
        return self.periods[0]

    @property
    def first(self) -> date:
        """The first day of all periods."""
        return self.periods[0].first

    @property
    def discount_day(self) -> date:
        """The day to which money is discounted."""
        return self.discounted_to or self.first

    @property
    def last(self) -> date:
        """The last day of all periods."""
        return self.periods[-1].last

    def index_on(self, day: date) -> int | None:
        """Return the index of the period that a day lies in, None outside all of them."""
        return index_on(self.periods, day)

    def price_in(self, model: str, t: int) -> Fraction:
        """Return the price per accelerator in a period: that of the latest delivery."""
        rows = [one for one in self.deliveries.get(model, ()) if one.t <= t]
        return rows[-1].unit_usd if rows else Fraction(0)

    def days_of(self, t: int) -> tuple[Day, ...]:
        """Return the days judged that lie in a period."""
        return tuple(day for day in self.days if self.index_on(day.day) == t)

    @property
    def transit_periods(self) -> int:
        """How many periods a move takes."""
        return self.moves.transit_periods if self.moves is not None else 0

    def arrival(self, t: int) -> Period:
        """Return the period in which what leaves in a period arrives."""
        return self.periods[t + self.transit_periods]

    @property
    def scope(self) -> Classification:
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
        seats = self.policy.seats(rule.binds, day)
        return self.policy.not_in_force(rule, day) is None and (
            seats is None or self.subject.headquarters in seats
        )

    def counts(self, lot: Lot) -> bool:
        """Tell whether the policy counts a lot of its status at all."""
        answers = self.policy.answers
        if lot.status is Status.TRANSFERRED:
            return answers.of("in_country") == "transferred"
        return not lot.status.is_forecast or answers.of("planned") == "forecast"

    def rules_on(self, day: Day) -> Iterator[str]:
        """Return the ids of the rules whose breach on a day would be a breach of the run."""
        for rule in self.policy.pack.rules:
            if rule.id in day.measured or (
                rule.id in day.watched and self.policy.between_dates(rule) == "breach"
            ):
                yield rule.id
