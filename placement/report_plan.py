"""How an optimization ended: the part of a report that only a plan has."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from placement.enums import Ended, PlanStatus, TierStatus


class Record(BaseModel):
    """A frozen record of a run; it is built when it is first used."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid", defer_build=True)


class Tier(Record):
    """One objective of a plan: its value, the bound below it, and how far they are apart.

    `status`: proven (within the gap asked for), stopped before that, or not reached: the search
    ended before it came to this objective, so `value` is what the plan happens to have, and the
    bound what no program of these columns goes below. `proven`: the bound was re-evaluated in exact
    arithmetic, not taken from a solver.
    """

    objective: str
    status: TierStatus
    value: str
    bound: str
    gap: str
    slack: str = "0"
    proven: bool


class SearchEnd(Record):
    """How the search of whole units for an objective ended, after how many of the most steps.

    `repeatable`: the same inputs, seed and threads give the same plan on any machine at any load;
    not so after a time limit, an interruption, or where a solver was lost.
    """

    objective: str
    ended: Ended
    steps: int
    most: int
    repeatable: bool


class Size(Record):
    """The size of the program that was solved."""

    cells: int
    columns: int
    rows: int
    nonzeros: int


class CrossCheck(Record):
    """What another solver says of the same program, in the unit of the last objective.

    `of`: what `status`, `value` and `bound` are of: `whole units`, or the `relaxation` where the
    program is too large for them or they came to nothing; the relaxation is checked always. `bound`
    is by that solver's word. `agrees` None: it came to nothing that can be compared.
    """

    solver: str
    of: Literal["whole units", "relaxation"]
    status: str
    value: str | None = None
    bound: str | None = None
    relaxation_status: str = ""
    relaxation_value: str | None = None
    agrees: bool | None = None
    disagreement: str = ""


class Horizon(Record):
    """The periods planned: the names of the first and the last, and how many there are."""

    first: str
    last: str
    count: int


class YearCost(Record):
    """What a plan costs in a calendar year: as paid, and discounted to the first day."""

    year: int
    cost: str
    discounted: str


class Dilution(Record):
    """Kit that was bought, serves no demand in a period, and on which a share rests.

    `amount` in `unit`, exact. `rules` (each with its place) would not be kept without it on some
    day of the period. `cost` by kind, as paid, and `discounted` in all: parts of the plan's.
    """

    period: str
    amount: str
    unit: str
    rules: tuple[str, ...] = ()
    cost: dict[str, str] = Field(default_factory=dict)
    discounted: str


class Overdue(Record):
    """A notice that a plan needs, nobody filed, and that was due on a day before the run."""

    by: date
    rule: str
    what: str


class PlanSource(Record):
    """What a plan was made from, for whoever carries it on; paths are as they were given.

    `files`: the SHA-256 of each. `tables`: those that were given in place of files beside the
    configuration. The others are what was asked for besides it, or in its place.
    """

    config: str
    files: dict[str, str]
    tables: dict[str, str] = Field(default_factory=dict)
    policy: str | tuple[str, ...] | None = None
    options: dict[str, str] = Field(default_factory=dict)
    entities: str | None = None
    headquarters: str | None = None
    authorization: tuple[str, ...] = ()
    objective: tuple[str, ...] = ()


class PlanInfo(Record):
    """How an optimization ended.

    `compliant_from`: every rule that a plan can keep is kept on its measurement dates from then on.
    `compliant_every_day_from`: every limit holds on every day of the horizon from then on; None:
    from none on, or there is no plan. `cost`: the parts of the objective by kind, discounted by
    `discount_rate` (a ratio per year) to the day `discounted_to`; `paid`: the same as it is paid;
    `cost_by_year`: both by year. `source`: None where tables were given that are no files.
    `overdue`: what the plan cannot be carried out without, as it stands.
    `claimed_bound`: the bound of the last tier by the solver's word (branch and bound), which
    nobody re-evaluated; that of the tier itself is exact. `conflict` says why no plan exists,
    `missing` what the tables do not have that it would take.
    """

    status: PlanStatus
    mode: Literal["repair", "strict"]
    owner: str
    period: str
    periods: Horizon | None = None
    solver: str
    currency: str | None = None
    compliant_from: date | None = None
    compliant_every_day_from: date | None = None
    tiers: tuple[Tier, ...] = ()
    search: tuple[SearchEnd, ...] = ()
    timings: dict[str, float] = Field(default_factory=dict)
    claimed_bound: str | None = None
    size: Size | None = None
    source: PlanSource | None = None
    discount_rate: str | None = None
    discounted_to: date | None = None
    cost: dict[str, str] = Field(default_factory=dict)
    paid: dict[str, str] = Field(default_factory=dict)
    cost_by_year: tuple[YearCost, ...] = ()
    dilution: tuple[Dilution, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    conflict: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    cross_check: CrossCheck | None = None
