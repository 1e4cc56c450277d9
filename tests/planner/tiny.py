"""Tiny instances and their answer by trying every layout, with formulas of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from placement.planner.plan import Plan, make_plan

TPP = {"H100 SXM": Fraction(15832), "B200": Fraction(36000), "T4": Fraction(1040)}
COUNTED = {"H100 SXM": True, "B200": True, "T4": False}
CAP, FLOOR = Fraction(30, 100), Fraction(40, 100)
DAYS, MONTHS = 90, 3


@dataclass(frozen=True)
class TinySite:
    name: str
    country: str
    power_kw: int | Fraction = 1000
    status: str = "open"
    racks: int | None = None
    energy: int = 0
    pue: str = "1"
    accelerators: str = ""


@dataclass(frozen=True)
class TinySupply:
    model: str
    units: int
    unit: int
    price: int


@dataclass(frozen=True)
class TinyDemand:
    quantity: str
    metric: str = "accelerators"
    model: str | None = None
    countries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tiny:
    """One kW per accelerator, the first quarter of 2027, which holds one reporting date."""

    sites: tuple[TinySite, ...]
    supply: tuple[TinySupply, ...]
    demand: tuple[TinyDemand, ...] = ()
    stock: dict[tuple[str, str], int] = field(default_factory=dict)
    move: int | None = None
    retire: int | None = None
    dilution: bool = False

    def tables(self) -> dict[str, pd.DataFrame]:
        country = {site.name: site.country for site in self.sites}
        stock = [
            ("A", site, country[site], model, str(count), "installed")
            for (site, model), count in self.stock.items()
            if count
        ]
        # A chip on its way, which counts and serves nobody, so that every plan is judged.
        stock.append(("A", "elsewhere", "US", "H100 SXM", "1", "transferred"))
        supply = [(s.model, "2027Q1", s.units * s.unit, s.price, s.unit, 1) for s in self.supply]
        tables = {
            "inventory": pd.DataFrame(
                stock, columns=["owner", "site", "country", "accelerator", "quantity", "status"]
            ),
            "sites": pd.DataFrame(
                [
                    (
                        s.name, s.country, str(Fraction(s.power_kw, 1000)), s.status, s.pue,
                        s.racks, s.energy, s.accelerators,
                    )
                    for s in self.sites
                ],
                columns=[
                    "site", "country", "power_mw", "status", "pue", "racks",
                    "energy_usd_per_mwh", "accelerators",
                ],
            ),
            "supply": pd.DataFrame(
                supply,
                columns=["accelerator", "period", "quantity", "unit_usd", "purchase_unit", "kw"],
            ),
            "demand": pd.DataFrame(
                [
                    ("2027Q1", d.model, None if d.model else d.metric, d.quantity,
                     ";".join(d.countries))
                    for d in self.demand
                ],
                columns=["period", "accelerator", "metric", "quantity", "countries"],
            ),
        }  # fmt: skip
        tables["sites"]["power_mw"] = [f"{float(s.power_kw) / 1000:.6f}" for s in self.sites]
        # Lines may be drawn that are equal else: a column that is not read tells them apart.
        tables["demand"]["row"] = range(len(self.demand))
        if not self.demand:
            del tables["demand"]
        tables["sites"]["racks"] = tables["sites"]["racks"].astype("Int64")
        return tables

    def config(self) -> dict[str, Any]:
        return {
            "horizon": {"start": "2027Q1"},
            "optimize": {"allow_dilution": self.dilution},
            "moves": {"allowed": self.move is not None, "usd_per_accelerator": self.move or 0},
            "retire": {"allowed": self.retire is not None, "usd_per_accelerator": self.retire or 0},
        }

    def plan(self, pack: Path, **options: Any) -> Plan:
        return make_plan(self.config(), tables=self.tables(), policy=str(pack), **options)


def write_pack(folder: Path) -> Path:
    """Write the basic pack with 30 % and 40 %, so that tiny fleets can keep it."""
    text = (resources.files("placement") / "policies/ai-diffusion-2025-basic.toml").read_text()
    path = folder / "pack.toml"
    path.write_text(text.replace('"0.07"', '"0.30"').replace('"0.50"', '"0.40"'))
    return path


def brute_force(tiny: Tiny) -> Fraction | None:
    """Give the least cost over all layouts, None where none is allowed."""
    unit = {s.model: s.unit for s in tiny.supply}
    idle = _alone(tiny, unit)
    layouts = sorted(_layouts(tiny, unit), key=lambda found: found[0])
    for cost, stock in layouts:
        if _allowed(tiny, stock, unit, idle):
            return cost
    return None


def _layouts(
    tiny: Tiny, unit: dict[str, int]
) -> Iterator[tuple[Fraction, dict[tuple[str, str], int]]]:
    """Give (cost, accelerators by site and model) of every layout that fits the sites."""
    parts = []
    for offer in tiny.supply:
        options = []
        for bought in itertools.product(range(offer.units + 1), repeat=len(tiny.sites)):
            if sum(bought) > offer.units or (not tiny.demand and sum(bought) < offer.units):
                continue
            for change, extra in _changes(tiny, offer.model, unit):
                options.append((bought, change, sum(bought) * offer.unit * offer.price + extra))
        parts.append(options)
    for chosen in itertools.product(*parts):
        stock = dict(tiny.stock)
        cost = Fraction(0)
        good = True
        for offer, (bought, change, spent) in zip(tiny.supply, chosen, strict=True):
            cost += spent
            for site, units, more in zip(tiny.sites, bought, change, strict=True):
                was = {m: tiny.stock.get((site.name, m), 0) for m in unit}
                if units and (site.status != "open" or not _takes(site, offer.model)):
                    good = False
                if (units or more > 0) and _full(site, was, unit):
                    good = False
                key = site.name, offer.model
                stock[key] = stock.get(key, 0) + (units + more) * offer.unit
        if good and all(_fits(tiny, site, stock, unit) for site in tiny.sites):
            yield cost + sum((_running(site, stock) for site in tiny.sites), Fraction(0)), stock


def _takes(site: TinySite, model: str) -> bool:
    return not site.accelerators or site.accelerators == model


def _changes(
    tiny: Tiny, model: str, unit: dict[str, int]
) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Give every way to move and retire standing units of a model, with its cost."""
    whole = [tiny.stock.get((s.name, model), 0) // unit[model] for s in tiny.sites]
    free = [w if s.status != "frozen" else 0 for w, s in zip(whole, tiny.sites, strict=True)]
    total = sum(free)
    spans = []
    for site, standing in zip(tiny.sites, free, strict=True):
        low = -standing if tiny.move is not None or tiny.retire is not None else 0
        comes = tiny.move is not None and site.status in ("open", "storage")
        high = total - standing if comes and _takes(site, model) else 0
        spans.append(range(low, high + 1))
    for change in itertools.product(*spans):
        lost = -sum(change)
        arrived = sum(c for c in change if c > 0)
        if lost < 0 or (lost and tiny.retire is None) or (arrived and tiny.move is None):
            continue
        cost = lost * (tiny.retire or 0) + arrived * (tiny.move or 0)
        yield change, Fraction(cost * unit[model])


def _fits(
    tiny: Tiny, site: TinySite, stock: dict[tuple[str, str], int], unit: dict[str, int]
) -> bool:
    """Tell whether a site has power and places; an overfull one may only lose kit."""
    now = {m: stock.get((site.name, m), 0) for m in unit}
    was = {m: tiny.stock.get((site.name, m), 0) for m in unit}
    if any(count < 0 for count in now.values()):
        return False
    if _full(site, was, unit):
        return True  # the layouts of overfull sites are filtered where kit comes
    return not _full(site, now, unit)


def _full(site: TinySite, stock: dict[str, int], unit: dict[str, int]) -> bool:
    kw = sum(stock.values()) * Fraction(site.pue)
    places = sum(-(-count // unit[m]) for m, count in stock.items())
    too_much = site.status != "storage" and kw > site.power_kw
    return too_much or (site.racks is not None and places > site.racks)


def _running(site: TinySite, stock: dict[tuple[str, str], int]) -> Fraction:
    if site.status == "storage":
        return Fraction(0)
    count = sum(n for (name, _), n in stock.items() if name == site.name)
    return count * Fraction(site.pue) * 24 * DAYS * site.energy / 1000


class Asked(Protocol):
    """A line of demand: of a model, or in a metric."""

    @property
    def model(self) -> str | None: ...
    @property
    def metric(self) -> str: ...


def amount_of(line: Asked, model: str) -> Fraction:
    """Give what an accelerator adds to a line."""
    if line.model is not None:
        return Fraction(int(model == line.model))
    return {
        "accelerators": Fraction(1),
        "tpp": TPP[model],
        "h100e": TPP[model] / 15832,
        "mw": Fraction(1, 1000),
    }[line.metric]


def _services(
    tiny: Tiny, stock: dict[tuple[str, str], int], unit: dict[str, int]
) -> set[tuple[tuple[Fraction, ...], Fraction]]:
    """Give every (amount of each line, counted TPP in use) that the stock can give."""
    pools: dict[tuple[str, str], int] = {}
    for site in tiny.sites:
        if site.status != "storage":
            for model in unit:
                key = site.country, model
                pools[key] = pools.get(key, 0) + stock.get((site.name, model), 0)
    ends = [
        Fraction(line.quantity) + max(amount_of(line, m) * unit[m] for m in unit)
        for line in tiny.demand
    ]
    states = {(tuple(Fraction(0) for _ in tiny.demand), Fraction(0))}
    for (country, model), count in pools.items():
        usable = [
            n
            for n, line in enumerate(tiny.demand)
            if (not line.countries or country in line.countries) and amount_of(line, model)
        ]
        more = set()
        for amounts, used in states:
            for split in _splits(count, len(usable)):
                now = list(amounts)
                for n, served in zip(usable, split, strict=True):
                    now[n] += served * amount_of(tiny.demand[n], model)
                if all(a <= end for a, end in zip(now, ends, strict=True)):
                    weight = TPP[model] if COUNTED[model] else Fraction(0)
                    more.add((tuple(now), used + sum(split) * weight))
        states = more
    return states


def _splits(count: int, ways: int) -> Iterator[tuple[int, ...]]:
    if ways == 0:
        yield ()
        return
    for first in range(count + 1):
        for rest in _splits(count - first, ways - 1):
            yield (first, *rest)


def _totals(tiny: Tiny, stock: dict[tuple[str, str], int]) -> dict[str, Fraction]:
    found = {"US": TPP["H100 SXM"]}
    for site in tiny.sites:
        for (name, model), count in stock.items():
            if name == site.name and COUNTED[model]:
                found[site.country] = found.get(site.country, Fraction(0)) + count * TPP[model]
    return found


def _alone(tiny: Tiny, unit: dict[str, int]) -> Fraction:
    """Give the counted TPP that the fleet leaves idle when it serves as much as it can."""
    total = sum(_totals(tiny, tiny.stock).values(), Fraction(0))
    return total - max(used for _, used in _services(tiny, tiny.stock, unit))


def _allowed(
    tiny: Tiny, stock: dict[tuple[str, str], int], unit: dict[str, int], idle: Fraction
) -> bool:
    served = [
        used
        for amounts, used in _services(tiny, stock, unit)
        if all(a >= Fraction(line.quantity) for a, line in zip(amounts, tiny.demand, strict=True))
    ]
    if not served:
        return False
    totals = _totals(tiny, stock)
    whole = sum(totals.values(), Fraction(0))
    credit = whole
    if tiny.demand and not tiny.dilution:
        credit = min(whole, max(served) + idle)
    second = {site.country for site in tiny.sites} - {"US", "DE"}
    outside = whole - totals.get("US", Fraction(0))
    return outside <= (1 - FLOOR) * credit and all(
        totals.get(country, Fraction(0)) <= CAP * credit for country in second
    )
