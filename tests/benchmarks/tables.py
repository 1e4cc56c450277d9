"""The inputs of an instance as arrays, read with the csv module alone; no part of the planner.

Only what generated instances say is read: one owner group, all lots installed, all sites open.
"""

from __future__ import annotations

import calendar
import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from placement.catalog import load_catalog

H100E_TPP = 15_832.0
PACK = Path(__file__).parents[2] / "placement" / "policy" / "packs" / "ai-diffusion-2025.toml"

Floats = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Line:
    """A demand line in one period: `amount` per purchase unit by model, and the quantity, both in
    H100-equivalents where they are of compute; `countries` None: anywhere.
    """

    amount: Floats
    quantity: float
    countries: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Tables:
    """Sites x models x periods. A unit is a purchase unit of a model.

    `compute` H100-equivalents of a unit (0 where the policy does not count the model), `unit`
    accelerators of a unit, `kw` kW of a unit, `delivered` units that came up to a period's end,
    `price` USD of a unit by model and period; `power` MW at the meter by site and period,
    `running` USD per unit of IT kW by site and period (energy with PUE, and hosting), `opens` first
    period of a site, `stands` units in the starting fleet, `demand` lines by period, `measured`
    periods with a measurement date; `move_usd`, `retire_usd` per accelerator, None: not allowed.
    """

    sites: tuple[str, ...]
    models: tuple[str, ...]
    country: tuple[str, ...]
    compute: Floats
    unit: Whole
    kw: Floats
    delivered: Whole
    price: Floats
    power: Floats
    pue: Floats
    running: Floats
    opens: Whole
    accepts: np.ndarray[Any, np.dtype[np.bool_]]
    stands: Whole
    demand: tuple[tuple[Line, ...], ...]
    measured: tuple[int, ...]
    tier1: frozenset[str]
    move_usd: float | None
    most_moved: float | None
    retire_usd: float | None

    @property
    def periods(self) -> int:
        """The number of periods."""
        return len(self.power[0])


def read(folder: Path) -> Tables:
    """Read a folder that `instances` wrote."""
    config = tomllib.loads((folder / "placement.toml").read_text("utf-8"))
    pack = tomllib.loads(PACK.read_text("utf-8"))
    periods = _periods(config["horizon"]["start"], config["horizon"]["periods"])
    at = {name: place for place, (name, _, _) in enumerate(periods)}
    sites = _rows(folder / "sites.csv")
    models, kw, unit, delivered, price = _supply(_rows(folder / "supply.csv"), at)
    tpp = _tpp(folder, models)
    places = {row["site"]: place for place, row in enumerate(sites)}
    stands = np.zeros((len(sites), len(models)), dtype=np.int64)
    for row in _rows(folder / "inventory.csv"):
        assert row["status"] == "installed"
        stands[places[row["site"]], models.index(row["accelerator"])] += int(row["quantity"])
    assert not (stands % unit).any()
    power = np.array([[float(row["power_mw"])] * len(periods) for row in sites])
    if (folder / "site_limits.csv").is_file():
        for row in _rows(folder / "site_limits.csv"):
            power[places[row["site"]], at[row["period"]] :] = float(row["power_mw"])
    pue = np.array([float(row["pue"]) for row in sites])
    hours = np.array([((last - first).days + 1) * 24 for _, first, last in periods])
    energy = np.array([float(row["energy_usd_per_mwh"]) / 1000 for row in sites])
    hosting = np.array([float(row["hosting_usd_per_kw_month"]) for row in sites])
    moves, retire = config.get("moves", {}), config.get("retire", {})
    return Tables(
        sites=tuple(places),
        models=tuple(models),
        country=tuple(row["country"] for row in sites),
        compute=np.where(_counted(models, tpp), tpp, 0.0) * unit / H100E_TPP,
        unit=unit,
        kw=kw * unit,
        delivered=np.cumsum(delivered, axis=1) // unit[:, None],
        price=price * unit[:, None],
        power=power,
        pue=pue,
        running=(energy * pue)[:, None] * hours + hosting[:, None] * 3,
        opens=np.array([_opens(row["opens"], periods) for row in sites]),
        accepts=np.array(
            [[_takes(row["accelerators"], model) for model in models] for row in sites]
        ),
        stands=stands // unit,
        demand=_demand(_rows(folder / "demand.csv"), at, models, tpp * unit / H100E_TPP),
        measured=_measured(pack, periods),
        tier1=frozenset(pack["groups"]["tier1"]["members"]),
        move_usd=moves.get("usd_per_accelerator") if moves.get("allowed") else None,
        most_moved=moves.get("max_accelerators_per_period"),
        retire_usd=retire.get("usd_per_accelerator") if retire.get("allowed") else None,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _periods(start: str, count: int) -> list[tuple[str, date, date]]:
    """Return name, first and last day of every quarter."""
    year, quarter = int(start[:4]), int(start[5]) - 1
    found = []
    for number in range(quarter, quarter + count):
        now, month = year + number // 4, number % 4 * 3 + 1
        last = date(now, month + 2, calendar.monthrange(now, month + 2)[1])
        found.append((f"{now}Q{number % 4 + 1}", date(now, month, 1), last))
    return found


def _opens(text: str, periods: list[tuple[str, date, date]]) -> int:
    """Return the first period whose first day is not before the opening."""
    if not text:
        return 0
    firsts = [first for _, first, _ in periods]
    return sum(first < date.fromisoformat(text) for first in firsts)


def _takes(text: str, model: str) -> bool:
    return not text or model in text.split(";")


def _supply(
    rows: list[dict[str, str]], at: dict[str, int]
) -> tuple[list[str], Floats, Whole, Whole, Floats]:
    """Return models, kW of an accelerator, purchase unit, deliveries and prices by period.

    A price stands until the next row; before the first row it is infinite.
    """
    models = list(dict.fromkeys(row["accelerator"] for row in rows))
    kw, unit = np.zeros(len(models)), np.zeros(len(models), dtype=np.int64)
    delivered = np.zeros((len(models), len(at)), dtype=np.int64)
    price = np.full((len(models), len(at)), np.inf)
    for row in sorted(rows, key=lambda row: at[row["period"]]):
        model, period = models.index(row["accelerator"]), at[row["period"]]
        kw[model], unit[model] = float(row["kw"]), int(row["purchase_unit"])
        delivered[model, period] += int(row["quantity"])
        price[model, period:] = float(row["unit_usd"])
    return models, kw, unit, delivered, price


def _tpp(folder: Path, models: list[str]) -> Floats:
    catalog = load_catalog().accelerators
    own: dict[str, float] = {}
    if (folder / "accelerators.csv").is_file():
        own = {row["accelerator"]: float(row["tpp"]) for row in _rows(folder / "accelerators.csv")}
    return np.array(
        [own[name] if name in own else (catalog[name].mtpp() or 0) / 1000 for name in models]
    )


def _counted(models: list[str], tpp: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which models reach ECCN 3A090.a."""
    catalog = load_catalog().accelerators
    dense = [
        name in catalog
        and catalog[name].datacenter is True
        and float(catalog[name].performance_density or 0) >= 5.92
        for name in models
    ]
    return np.asarray((tpp >= 4800) | ((tpp >= 1600) & np.array(dense)), dtype=np.bool_)


def _demand(
    rows: list[dict[str, str]], at: dict[str, int], models: list[str], compute: Floats
) -> tuple[tuple[Line, ...], ...]:
    found: list[list[Line]] = [[] for _ in at]
    for row in rows:
        each = 1.0 if row["metric"] == "h100e" else 1 / H100E_TPP
        assert row["metric"] in ("h100e", "tpp")
        countries = frozenset(row["countries"].split(";")) if row["countries"] else None
        found[at[row["period"]]].append(Line(compute, float(row["quantity"]) * each, countries))
    assert all(len(line.amount) == len(models) for lines in found for line in lines)
    return tuple(tuple(lines) for lines in found)


def _measured(pack: dict[str, Any], periods: list[tuple[str, date, date]]) -> tuple[int, ...]:
    """Return the periods with a reporting date, and the last: what a plan leaves counts, too."""
    days = [tuple(map(int, text.split("-"))) for text in pack["schedules"]["reporting"]["days"]]
    return tuple(
        place
        for place, (_, first, last) in enumerate(periods)
        if place == len(periods) - 1
        or any(first <= date(first.year, month, day) <= last for month, day in days)
    )
