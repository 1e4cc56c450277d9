"""Tiny instances over several periods, as tables and a configuration."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from placement.optimization.plan import Plan
from placement.optimization.run import make_plan

MEASURED = ((2, 1), (8, 1))


@dataclass(frozen=True)
class Span:
    """A period, by formulas of its own."""

    name: str
    first: date
    last: date
    months: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def spans(start: str, count: int) -> list[Span]:
    """Return consecutive quarters (2027Q1) or months (2027-01)."""
    year, months = int(start[:4]), 3 if "Q" in start else 1
    month = 3 * int(start[-1]) - 2 if "Q" in start else int(start[-2:])
    found = []
    for _ in range(count):
        end = month + months - 1
        name = f"{year}Q{end // 3}" if months == 3 else f"{year}-{month:02}"
        last = date(year, end, monthrange(year, end)[1])
        found.append(Span(name, date(year, month, 1), last, months))
        month += months
        if month > 12:
            year, month = year + 1, month - 12
    return found


@dataclass(frozen=True)
class ManySite:
    name: str
    country: str
    power_kw: int = 1000
    status: str = "open"
    racks: int | None = None
    energy: int = 0
    pue: str = "1"
    hosting: int = 0
    fixed: int = 0
    carbon: int | None = None
    accelerators: str = ""
    opens: date | None = None
    closes: date | None = None
    #: (period, kW or None, racks or None)
    limits: tuple[tuple[int, int | None, int | None], ...] = ()

    def power_in(self, t: int) -> int:
        return [self.power_kw, *(kw for u, kw, _ in self.limits if u <= t and kw is not None)][-1]

    def racks_in(self, t: int) -> int | None:
        return [self.racks, *(n for u, _, n in self.limits if u <= t and n is not None)][-1]


@dataclass(frozen=True)
class ManySupply:
    """Units delivered and the price per accelerator, by period; None: no row."""

    model: str
    unit: int
    rows: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class ManyLot:
    site: str
    model: str
    count: int
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class ManyDemand:
    t: int
    quantity: str
    metric: str = "accelerators"
    model: str | None = None
    countries: tuple[str, ...] = ()
    within: int | None = None


@dataclass(frozen=True)
class ManyPromise:
    """`days`: the first and last day, where they are not those of the periods."""

    kind: str
    quantity: int
    since: int
    until: int
    site: str | None = None
    countries: tuple[str, ...] = ()
    model: str | None = None
    days: tuple[date, date] | None = None


@dataclass(frozen=True)
class Many:
    """One kW per accelerator.

    `ms`: milliseconds from the only zone to each site. `adrift`: chips on their way. `transit`: the
    periods that a move takes; `both`: numerators count what is on its way at both ends. `margins`:
    (rule, margin).
    """

    start: str
    count: int
    sites: tuple[ManySite, ...]
    supply: tuple[ManySupply, ...]
    lots: tuple[ManyLot, ...] = ()
    demand: tuple[ManyDemand, ...] = ()
    promises: tuple[ManyPromise, ...] = ()
    move: int | None = None
    most_moved: int | None = None
    retire: int | None = None
    dilution: bool = False
    mode: str = "repair"
    place: str | None = None
    budgets: tuple[int, ...] = ()
    rate: str = "0"
    ms: tuple[int, ...] = ()
    adrift: int = 1
    transit: int = 0
    both: bool = False
    objectives: tuple[str, ...] = ()
    slack: tuple[str, ...] = ()
    margins: tuple[tuple[str, str], ...] = ()

    @property
    def periods(self) -> list[Span]:
        return spans(self.start, self.count)

    @property
    def models(self) -> dict[str, int]:
        """The accelerators per purchase unit by model."""
        return {offer.model: offer.unit for offer in self.supply}

    def tables(self) -> dict[str, pd.DataFrame]:
        country = {site.name: site.country for site in self.sites}
        names = [span.name for span in self.periods]
        stock = [
            (
                "A",
                lot.site,
                country[lot.site],
                lot.model,
                lot.count,
                "installed",
                lot.start,
                lot.end,
            )
            for lot in self.lots
        ]
        # Chips on their way count and serve nobody: every plan is judged.
        stock.append(("A", "elsewhere", "US", "H100 SXM", self.adrift, "transferred", None, None))
        sites = [
            (
                s.name, s.country, f"{s.power_kw / 1000:.3f}", s.status, s.pue, _text(s.racks),
                s.energy, s.hosting, s.fixed, s.accelerators, _text(s.opens), _text(s.closes),
                _text(s.carbon),
            )
            for s in self.sites
        ]  # fmt: skip
        limits = [
            (s.name, names[t], "" if kw is None else f"{kw / 1000:.3f}", _text(racks))
            for s in self.sites
            for t, kw, racks in s.limits
        ]
        supply = [
            (offer.model, names[t], row[0] * offer.unit, row[1], offer.unit, 1)
            for offer in self.supply
            for t, row in enumerate(offer.rows)
            if row is not None
        ]
        demand = [
            (
                names[d.t], "z", d.model or "", "" if d.model else d.metric, d.quantity,
                ";".join(d.countries), _text(d.within),
            )
            for d in self.demand
        ]  # fmt: skip
        promises = [
            (
                p.kind, p.quantity, p.site or "", ";".join(p.countries), p.model or "",
                *(p.days or (names[p.since], names[p.until])),
            )
            for p in self.promises
        ]  # fmt: skip
        ms = [("z", s.name, each) for s, each in zip(self.sites, self.ms, strict=False)]
        made: dict[str, tuple[str, list[Any]]] = {
            "inventory": (
                "owner,site,country,accelerator,quantity,status,in_service,out_of_service", stock
            ),
            "sites": (
                "site,country,power_mw,status,pue,racks,energy_usd_per_mwh,"
                "hosting_usd_per_kw_month,fixed_usd_per_month,accelerators,opens,closes,"
                "carbon_g_per_kwh", sites
            ),
            "site_limits": ("site,period,power_mw,racks", limits),
            "supply": ("accelerator,period,quantity,unit_usd,purchase_unit,kw", supply),
            "demand": (
                "period,zone,accelerator,metric,quantity,countries,max_latency_ms", demand
            ),
            "commitments": ("kind,quantity,site,country,accelerator,from,until", promises),
            "latency": ("zone,site,ms", ms),
        }  # fmt: skip
        always = ("inventory", "sites", "supply")
        tables = {
            name: pd.DataFrame([[_text(cell) for cell in row] for row in rows],
                               columns=columns.split(","))
            for name, (columns, rows) in made.items()
            if rows or name in always
        }  # fmt: skip
        # Rows may be drawn that are equal else: a column that is not read tells them apart.
        for name in {"inventory", "demand"} & tables.keys():
            tables[name]["row"] = range(len(tables[name]))
        return tables

    def config(self) -> dict[str, Any]:
        optimize: dict[str, Any] = {"allow_dilution": self.dilution, "mode": self.mode}
        if self.place:
            optimize["place"] = self.place
        if self.objectives:
            optimize["objective"] = list(self.objectives)
        if self.slack:
            optimize["slack"] = list(self.slack)
        if self.margins:
            optimize["margin"] = dict(self.margins)
        if self.budgets:
            optimize["budget_usd_per_period"] = list(self.budgets)
        moves: dict[str, Any] = {"allowed": self.move is not None}
        if self.move is not None:
            moves["usd_per_accelerator"] = self.move
        if self.transit:
            moves["transit_periods"] = self.transit
        if self.both:
            optimize["transit"] = "both"
        if self.most_moved is not None:
            moves["max_accelerators_per_period"] = self.most_moved
        retire: dict[str, Any] = {"allowed": self.retire is not None}
        if self.retire is not None:
            retire["usd_per_accelerator"] = self.retire
        return {
            "horizon": {"start": self.start, "periods": self.count, "discount_rate": self.rate},
            "optimize": optimize,
            "moves": moves,
            "retire": retire,
        }

    def plan(self, pack: Path, **options: Any) -> Plan:
        return make_plan(self.config(), tables=self.tables(), policy=str(pack), **options)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def judged_days(periods: list[Span]) -> list[date]:
    """Return the reporting dates, and the last day where the last period has none."""
    first, last = periods[0].first, periods[-1].last
    every = [date(y, m, d) for y in range(first.year, last.year + 1) for m, d in MEASURED]
    found = [day for day in every if first <= day <= last]
    return found if found and found[-1] >= periods[-1].first else [*found, last]
