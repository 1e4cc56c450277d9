"""Records of the planning problem: sites, models, deliveries, demand. Nothing is a float.

A period is called by its index `t`, 0 for the first one planned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from placement.catalog import H100E_TPP
from placement.fleet.lot_selection import NO_PLACE
from placement.optimization.data.periods import Period
from placement.policy.row import PlaceColumn
from placement.readers.tables.commitments import CommitmentKind
from placement.readers.tables.demand import Metric
from placement.readers.tables.sites import SiteStatus


@dataclass(frozen=True, slots=True)
class Limit:
    """What a site has from a period on, until its next limit: kW at the meter, and places.

    `line`: where site_limits.csv says so.
    """

    t: int
    power_kw: Fraction | None
    racks: int | None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One site. `power_kw` at the meter, None: not known, nothing changes there.

    `accepts`: the models that may come there, None for all. `racks`: places for purchase units.
    `status`, `power_kw` and `racks` are those of the first period; `stated` is the status that
    sites.csv gives, and `limits` what changes from a period on. `before`: what it had until the
    first period; None: the same.
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
    stated: SiteStatus = SiteStatus.FROZEN
    opens: date | None = None
    closes: date | None = None
    limits: tuple[Limit, ...] = ()
    before: Limit | None = None
    carbon_g_per_kwh: Fraction | None = None

    def status_in(self, period: Period) -> SiteStatus:
        """Return what may happen there in a period: all actions are on its first day.

        Nothing changes before it opens. On the first day of the period in which it closes, kit
        may leave, and has to (`closes_by`); after that day nothing changes any more.
        """
        return status_in(period, self.stated, self.opens, self.closes)

    def closes_by(self, period: Period) -> bool:
        """Tell whether it closes before a period ends: nothing stands there all of it."""
        return self.closes is not None and self.closes <= period.last

    def serves_in(self, period: Period) -> bool:
        """Tell whether it may serve in a period: it has power, and is open all of it."""
        opened = self.opens is None or self.opens <= period.first
        return opened and not self.closes_by(period) and self.stated is not SiteStatus.STORAGE

    def is_open_on(self, day: date) -> bool:
        """Tell whether it has opened by a day, and has not closed."""
        return (self.opens is None or self.opens <= day) and not self.is_closed_on(day)

    def is_closed_on(self, day: date) -> bool:
        """Tell whether it has closed by a day."""
        return self.closes is not None and self.closes <= day

    def is_shut_in(self, period: Period) -> bool:
        """Tell whether there is a day of a period on which it is not open."""
        return not (self.is_open_on(period.first) and self.is_open_on(period.last))

    def power_in(self, t: int) -> Fraction | None:
        """Return its kW at the meter in a period, None where they are not known."""
        return self.limit_in(t).power_kw

    def racks_in(self, t: int) -> int | None:
        """Return its places for purchase units in a period, None for no limit."""
        return self.limit_in(t).racks

    def power_falls(self, t: int) -> bool:
        """Tell whether it has less power in a period than before the first one."""
        before = self.power_kw if self.before is None else self.before.power_kw
        now = self.power_in(t)
        return now is not None and before is not None and now < before

    def racks_fall(self, t: int) -> bool:
        """Tell whether it has fewer places in a period than before the first one."""
        before = self.racks if self.before is None else self.before.racks
        now = self.racks_in(t)
        return now is not None and (before is None or now < before)

    def limit_in(self, t: int) -> Limit:
        """Return the limit that holds in a period."""
        reached = [limit for limit in self.limits if limit.t <= t]
        return reached[-1] if reached else Limit(0, self.power_kw, self.racks)

    def takes(self, model: str) -> bool:
        """Tell whether a model may come to the site at all."""
        return self.accepts is None or model in self.accepts

    def place(self, by: PlaceColumn) -> str:
        """Return the place that it is in, by a column of sites.csv."""
        match by:
            case "country":
                return self.country
            case "site":
                return self.name
            case "metro":
                return self.metro or NO_PLACE
            case "region":
                return self.region or NO_PLACE


def status_in(
    period: Period, stated: SiteStatus, opens: date | None, closes: date | None
) -> SiteStatus:
    """Return what may happen in a period at a site of a stated status that opens and closes."""
    if opens is not None and opens > period.first:
        return SiteStatus.FROZEN
    if closes is not None and closes < period.first:
        return SiteStatus.FROZEN
    if closes is not None and closes <= period.last and stated is not SiteStatus.FROZEN:
        return SiteStatus.DRAINING
    return stated


@dataclass(frozen=True, slots=True)
class AcceleratorSpec:
    """One model: accelerators per purchase unit, kW (before PUE) and mTPP per accelerator.

    `h100e`: the TPP of one H100-equivalent.
    """

    model: str
    unit: int
    kw: Fraction
    mtpp: int
    h100e: int = H100E_TPP


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is delivered of a model in a period: it may be bought then or later.

    `unit_usd` is the price per accelerator from that period until the next delivery.
    """

    t: int
    quantity: int
    unit_usd: Fraction


@dataclass(frozen=True, slots=True)
class Demand:
    """One line of demand. `model` None: in `metric` over all models. `countries` None: all.

    `row` is its row in demand.csv, as `demand line 3`, and `where` its countries as they stand
    there. `period` is the name of its period, empty where only one is planned. `sites`: those that
    may serve it, None for all that are in its countries; a line with a `max_latency_ms` names those
    from which its zone is reached in time.
    """

    row: str
    where: str
    quantity: Fraction
    metric: Metric
    model: str | None = None
    countries: frozenset[str] | None = None
    t: int = 0
    zone: str = ""
    max_latency_ms: Fraction | None = None
    sites: frozenset[str] | None = None
    period: str = ""

    @property
    def label(self) -> str:
        """How messages call it."""
        return self.label_in("")

    def label_in(self, period: str) -> str:
        """Return how messages call it that are about a period already."""
        own = "" if self.period == period else self.period
        return f"{self.row} ({', '.join(filter(None, (own, self.zone, self.where)))})"

    @property
    def unit(self) -> str:
        """The unit of its quantity."""
        return f"{self.model} accelerators" if self.model else self.metric.value

    def amount(self, kit: AcceleratorSpec) -> Fraction:
        """Return what one accelerator adds to the line, in its metric; 0 for another model."""
        return amount_of(kit, self.metric, self.model)

    def allows(self, country: str) -> bool:
        """Tell whether the line may be served from a country."""
        return self.countries is None or country in self.countries

    def allows_site(self, site: Site) -> bool:
        """Tell whether the line may be served from a site."""
        return self.allows(site.country) and (self.sites is None or site.name in self.sites)


@dataclass(frozen=True, slots=True)
class Commitment:
    """What has to stand in some periods: at least, at most or exactly so much.

    Of one model, or (`model` None) in `metric` over all. At one site, in some countries, or
    (both None) anywhere. `since` and `until`: the first and last day on which it holds, None for
    all of its periods. `label` is how messages call it.
    """

    label: str
    kind: CommitmentKind
    quantity: Fraction
    metric: Metric
    periods: tuple[int, ...]
    model: str | None = None
    site: str | None = None
    countries: frozenset[str] | None = None
    note: str = ""
    since: date | None = None
    until: date | None = None

    def days_in(self, period: Period) -> tuple[date, date]:
        """Return the first and last day of a period on which it holds, where there is one."""
        return max(period.first, self.since or period.first), min(
            period.last, self.until or period.last
        )

    def shares_a_day(self, other: Commitment) -> bool:
        """Tell whether there is a day on which two hold."""
        since = max(one.since or date.min for one in (self, other))
        until = min(one.until or date.max for one in (self, other))
        return since <= until and not {*self.periods}.isdisjoint(other.periods)

    @property
    def has_floor(self) -> bool:
        """Whether less would break it."""
        return self.kind is not CommitmentKind.AT_MOST

    @property
    def has_ceiling(self) -> bool:
        """Whether more would break it."""
        return self.kind is not CommitmentKind.AT_LEAST

    def amount(self, kit: AcceleratorSpec) -> Fraction:
        """Return what one accelerator adds to it, in its metric; 0 for another model."""
        return amount_of(kit, self.metric, self.model)

    def covers(self, site: Site) -> bool:
        """Tell whether what stands at a site enters it."""
        if self.site is not None:
            return self.site == site.name
        return self.countries is None or site.country in self.countries


def amount_of(kit: AcceleratorSpec, metric: Metric, model: str | None = None) -> Fraction:
    """Return what one accelerator is in a metric; 0 where it is not of the model asked for."""
    if model is not None and kit.model != model:
        return Fraction(0)
    match metric:
        case Metric.ACCELERATORS:
            return Fraction(1)
        case Metric.TPP:
            return Fraction(kit.mtpp, 1000)
        case Metric.H100E:
            return Fraction(kit.mtpp, kit.h100e * 1000)
        case Metric.MW:
            return kit.kw / 1000
