"""Tiny instances and their answer by trying every layout, with formulas of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from placement.optimization.plan import Plan
from placement.optimization.run import make_plan

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
    """Write the basic pack with 30 % and 40 %, so that tiny fleets can keep it.

    All its rules are looked at on the reporting dates alone, as the oracles do.
    """
    text = (resources.files("placement.policy") / "packs/ai-diffusion-2025-basic.toml").read_text()
    text = text.replace('"0.07"', '"0.30"').replace('"0.50"', '"0.40"')
    path = folder / "pack.toml"
    path.write_text(text.replace('between_dates = "breach"\n', ""))
    return path


class Asked(Protocol):
    """A line of demand: of a model, or in a metric."""

    @property
    def model(self) -> str | None: ...
    @property
    def metric(self) -> str: ...


def amount_of(line: Asked, model: str) -> Fraction:
    """Return what an accelerator adds to a line."""
    if line.model is not None:
        return Fraction(int(model == line.model))
    return {
        "accelerators": Fraction(1),
        "tpp": TPP[model],
        "h100e": TPP[model] / 15832,
        "mw": Fraction(1, 1000),
    }[line.metric]
