"""Sites, supply and demand as records of the problem; what was assumed is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from placement.amounts import plain
from placement.catalog import Accelerator, Catalog, UnknownName, country, refusal
from placement.errors import InputError, did_you_mean
from placement.errors import Problem as Fault
from placement.planner.period import Period, parse_period
from placement.planner.problem import Demand, Kit, Lot, Offer, Site
from placement.policy import Policy
from placement.sources.demand import DemandRow, Metric, read_demand
from placement.sources.sites import SiteRow, SiteStatus
from placement.sources.supply import SupplyRow, read_supply
from placement.sources.table import Table
from placement.vocabulary import Counted

SERVER_SHARE = Fraction(3, 2)
"""kW per accelerator with its server, over its TDP, where nothing better is known."""

_MOST_NAMED = 5
Read = TypeVar("Read")
Paths = Mapping[str, tuple[Path, str]]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a problem, and what was assumed on the way."""

    sites: Mapping[str, Site]
    kits: Mapping[str, Kit]
    offers: Mapping[str, Offer]
    demands: tuple[Demand, ...]
    has_demand: bool
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class Gathered:
    """The faults of several readers, raised as one error."""

    problems: list[Fault] = field(default_factory=list)
    unlisted: int = 0

    def of(self, read: Callable[[], Read]) -> Read | None:
        """Give what is read, None where it has faults."""
        try:
            return read()
        except InputError as error:
            self.problems += error.problems
            self.unlisted += error.total - len(error.problems)
            return None

    def require_none(self) -> None:
        """Raise InputError with every fault, where there is one."""
        if self.problems:
            raise InputError(self.problems, len(self.problems) + self.unlisted)


@dataclass
class _Reading:
    """What is gathered while reading."""

    catalog: Catalog
    policy: Policy
    period: Period
    gathered: Gathered = field(default_factory=Gathered)
    assumed: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[Fault]:
        return self.gathered.problems

    def assume(self, what: str, whose: str) -> None:
        self.assumed.setdefault(what, []).append(whose)

    def note(self, table: Table[SiteRow] | Table[SupplyRow] | Table[DemandRow]) -> None:
        self.notes.extend(table.notes)

    def model(self, text: str, file: str, line: int, column: str) -> Accelerator | None:
        """Resolve a model that has a rate; a fault and None otherwise."""
        try:
            match = self.catalog.find(text)
        except UnknownName as error:
            self.faults.append(Fault(error.message, error.fix, file, line, column, text))
            return None
        if match.note:
            self.notes.append(match.note)
        if match.accelerator.mtpp(self.policy.tf32_bits) is None:
            self.faults.append(Fault(refusal(match.accelerator), "", file, line, column, text))
            return None
        return match.accelerator

    def is_now(self, text: str, file: str, line: int) -> bool:
        """Tell whether a period is the one planned; a fault where it is none."""
        period = parse_period(text)
        if period is None:
            fix = "write 2027Q1, 2027-02 or 2027"
            self.faults.append(Fault("is no period", fix, file, line, "period", text))
            return False
        if period == self.period:
            return True
        if period.first <= self.period.last and self.period.first <= period.last:
            fix = f"write {self.period.name}"
            message = f"overlaps the planned period {self.period.name}, and is another one"
            self.faults.append(Fault(message, fix, file, line, "period", text))
        else:
            self.assume("rows of other periods are left out", f"{Path(file).name}: {period.name}")
        return False


def read_tables(
    sites: Table[SiteRow] | None,
    paths: Paths,
    period: Period,
    catalog: Catalog,
    policy: Policy,
    lots: Iterable[Lot],
) -> Tables:
    """Read sites, supply and demand against the lots; InputError with every fault.

    `sites` None: they have faults of their own, and only those of the others are wanted.
    """
    lots = tuple(lots)
    reading = _Reading(catalog, policy, period)
    found: dict[str, Site] = {}
    if sites is not None:
        reading.note(sites)
        found = _sites(sites, lots, reading)
    supply = _supply(paths, reading)
    offers: dict[str, Offer] = {}
    kits: dict[str, Kit] = {}
    file = paths["supply"][1] if "supply" in paths else ""
    for model, (line, row) in supply.items():
        kits[model] = _kit(catalog.accelerators[model], row, reading, file, line)
        offers[model] = Offer(model, row.quantity, row.unit_usd)
        if row.quantity % kits[model].unit:
            reading.notes.append(
                f"supply of {model}: {row.quantity} accelerators are no multiple of its purchase "
                f"unit {kits[model].unit}; {row.quantity % kits[model].unit} cannot be bought"
            )
    for model in sorted({lot.model for lot in lots} - kits.keys()):
        kits[model] = _kit(catalog.accelerators[model], None, reading, None, None)
    demands = _demands(paths, reading)
    reading.gathered.require_none()
    said = [f"{what}: {_some(whose)}" for what, whose in reading.assumed.items()]
    if any(one.metric is Metric.H100E for one in demands):
        said.append("h100e = TPP / 15,832 (H100-SXM5-80GB)")
    return Tables(
        found, kits, offers, demands, "demand" in paths, tuple(said), tuple(reading.notes)
    )


def _some(names: Iterable[str]) -> str:
    listed = list(dict.fromkeys(names))
    more = len(listed) - _MOST_NAMED
    return ", ".join(listed[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _sites(table: Table[SiteRow], lots: tuple[Lot, ...], reading: _Reading) -> dict[str, Site]:
    sites: dict[str, Site] = {}
    for line, row in table.rows:
        if row.pue is None:
            reading.assume("PUE 1 where sites.csv gives none", row.site)
        _check_closed(table.file, line, row, lots, reading)
        models = [
            reading.model(text, table.file, line, "accelerators") for text in row.accelerators
        ]
        sites[row.site] = Site(
            name=row.site,
            country=row.country,
            status=_status(row, reading),
            power_kw=row.power_mw * 1000,
            pue=row.pue or Fraction(1),
            racks=row.racks,
            energy_usd_per_mwh=row.energy_usd_per_mwh,
            hosting_usd_per_kw_month=row.hosting_usd_per_kw_month,
            fixed_usd_per_month=row.fixed_usd_per_month,
            accepts=frozenset(m.model for m in models if m) if row.accelerators else None,
            metro=row.metro,
            region=row.region,
            notice_filed=row.notice_filed,
        )
    unlisted = {lot.site: lot.country for lot in lots if lot.site not in sites}
    if unlisted:
        named = [
            f"{name} ({did_you_mean(name, sites)})" if did_you_mean(name, sites) else name
            for name in sorted(unlisted)
        ]
        reading.notes.append(f"frozen, since sites.csv lacks them: {_some(named)}")
    for name, where in sorted(unlisted.items()):
        sites[name] = Site(name, where, SiteStatus.FROZEN, None)
    return sites


def _check_closed(
    file: str, line: int, row: SiteRow, lots: tuple[Lot, ...], reading: _Reading
) -> None:
    """Refuse a site that closed before the period and still holds lots in it."""
    if row.closes is None or row.closes > reading.period.first:
        return
    held = sum(lot.quantity for lot in lots if lot.site == row.site and lot.days_in(reading.period))
    if held:
        message = f"the site closes then, and {held} accelerators stand there in "
        fix = (
            f"give their lots out_of_service {row.closes} or earlier, or move them to another "
            "site in the inventory"
        )
        fault = Fault(
            message + reading.period.name, fix, file, line, "closes", row.closes.isoformat()
        )
        reading.faults.append(fault)


def _status(row: SiteRow, reading: _Reading) -> SiteStatus:
    """Give what may happen at a site in the period: all actions are on its first day."""
    first, last = reading.period.first, reading.period.last
    if row.opens is not None and row.opens > first:
        reading.notes.append(f"{row.site} opens on {row.opens}, after the period's first day")
        return SiteStatus.FROZEN
    if row.closes is not None and row.closes <= last and row.status is not SiteStatus.FROZEN:
        reading.notes.append(f"{row.site} closes on {row.closes}: nothing new comes there")
        return SiteStatus.DRAINING
    return row.status


def _supply(paths: Paths, reading: _Reading) -> dict[str, tuple[int, SupplyRow]]:
    if "supply" not in paths:
        reading.notes.append("no supply.csv: nothing is bought")
        return {}
    path, name = paths["supply"]
    table = reading.gathered.of(lambda: read_supply(path, name=name))
    if table is None:
        return {}
    reading.note(table)
    found: dict[str, tuple[int, SupplyRow]] = {}
    for line, row in table.rows:
        model = reading.model(row.accelerator, table.file, line, "accelerator")
        if model is None or not reading.is_now(row.period, table.file, line):
            continue
        answer = reading.policy.counts(model)
        if answer.counted is Counted.UNKNOWN:
            reading.faults.append(
                Fault(
                    f"nobody can say whether {model.model} counts: its "
                    f"{', '.join(answer.missing)} is not known",
                    "supply it in accelerators.csv",
                    table.file,
                    line,
                    "accelerator",
                    row.accelerator,
                )
            )
        elif model.model in found:
            reading.faults.append(
                Fault(
                    f"{model.model} in {row.period} is already on line {found[model.model][0]}",
                    "add the quantities up in one row",
                    table.file,
                    line,
                    "accelerator",
                    row.accelerator,
                )
            )
        else:
            found[model.model] = line, row
    return found


def _kit(
    accelerator: Accelerator,
    row: SupplyRow | None,
    reading: _Reading,
    file: str | None,
    line: int | None,
) -> Kit:
    """Give power and purchase unit: of the supply row, else the catalogue, else assumed."""
    model, mtpp = accelerator.model, accelerator.mtpp(reading.policy.tf32_bits) or 0
    kw = (row.kw if row else None) or accelerator.kw
    if kw is None and accelerator.tdp_w is not None:
        kw = accelerator.tdp_w * SERVER_SHARE / 1000
        reading.assume("kW per accelerator = TDP x 1.5", f"{model} ({plain(kw)})")
    if kw is None:
        fix = f"supply kw for {model} in {'supply.csv or ' if row else ''}accelerators.csv"
        reading.faults.append(Fault(f"the power of {model} is not known", fix, file, line))
    unit = (row.purchase_unit if row else None) or accelerator.purchase_unit
    if unit is None:
        unit = 1
        reading.assume("purchase unit 1 where the catalogue has none", model)
    elif row is not None and row.purchase_unit is None:
        reading.assume("purchase units of the catalogue", f"{model} ({unit})")
    return Kit(model, unit, kw or Fraction(0), mtpp)


def _demands(paths: Paths, reading: _Reading) -> tuple[Demand, ...]:
    if "demand" not in paths:
        return ()
    path, name = paths["demand"]
    table = reading.gathered.of(lambda: read_demand(path, name=name))
    if table is None:
        return ()
    reading.note(table)
    groups = reading.policy.groups_on(reading.period.last)
    found = []
    for line, row in table.rows:
        if not reading.is_now(row.period, table.file, line):
            continue
        model = None
        if row.accelerator is not None:
            named = reading.model(row.accelerator, table.file, line, "accelerator")
            model = named.model if named else None
        where: set[str] = set()
        for text in row.countries:
            if text in groups:
                where |= groups[text]
                continue
            try:
                where.add(country(text))
            except UnknownName as error:
                near = did_you_mean(text, groups)
                fix = near or f"{error.fix}; groups of the pack: {', '.join(sorted(groups))}"
                reading.faults.append(
                    Fault(error.message, fix, table.file, line, "countries", text)
                )
        if row.quantity == 0:
            reading.notes.append(f"{table.file}:{line}: a demand of 0 asks for nothing")
            continue
        places = ";".join(row.countries) or "anywhere"
        label = f"demand line {line} ({row.zone + ', ' if row.zone else ''}{places})"
        countries = frozenset(where) if row.countries else None
        metric = row.metric or Metric.ACCELERATORS
        found.append(Demand(label, row.quantity, metric, model, countries))
    return tuple(found)
