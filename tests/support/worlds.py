"""Random worlds for the tests of rule kinds, and the plain arithmetic that judges them again.

Nothing here knows of rows, tables or the ledger: lots are records, totals are loops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import strategies as st

from placement.catalog import Catalog, Override, load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory
from placement.errors import NothingEvaluatedError
from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory
from placement.policy import Policy
from placement.readers.table import Table
from placement.readers.tables.entities import Entities, Entity
from placement.readers.tables.shipments import Shipment
from placement.readers.tables.sites import SitePlace, Sites
from placement.readers.tables.weights import WeightsRow
from placement.report import Finding, Report
from tests.support.fleets import SCHEMA

F = Fraction
D = date(2026, 8, 1)

HOME = {"US", "PR"}
TIER1 = {"US", "PR", "DE", "JP"}
TIER2 = {"MY", "IN", "NA"}
ALWAYS_TIER3 = {"CN", "MO"}
KH_LEAVES = date(2026, 2, 3)
COUNTRIES = [*sorted(TIER1), *sorted(TIER2), *sorted(ALWAYS_TIER3), "KH"]

#: TPP of one accelerator; the last one does not count.
TPP = {"BIG": F(10000), "ODD": F("4800.001"), "DENSE": F(1600), "TINY": F(100)}
UNCOUNTED = {"TINY"}
BANDWIDTH = {"BIG": F(4800), "ODD": F(6499), "DENSE": F(6500), "TINY": F(10)}


def _catalog() -> Catalog:
    listed = [
        Override(
            name,
            tpp=tpp,
            performance_density=F(10),
            datacenter=True,
            memory_bandwidth_gb_s=BANDWIDTH[name],
            source="test",
        )
        for name, tpp in TPP.items()
    ]
    maybe = Override("MAYBE", tpp=F(2000), datacenter=True, source="test")
    return load_catalog([*listed, maybe])


CATALOG = _catalog()


@dataclass(frozen=True)
class Lot:
    """One lot, as a line of an inventory says it."""

    country: str
    quantity: int
    model: str = "BIG"
    owner: str = "A"
    operator: str | None = None
    consignee: str | None = None
    site: str | None = None
    status: str = "installed"
    start: date | None = None
    end: date | None = None
    channel: str | None = None
    licensed: bool | None = None
    from_country: str | None = None
    notice_filed: date | None = None
    unit: tuple[int, int] = (1, 1)

    @property
    def where(self) -> str:
        return self.site or f"{self.country}-1"

    @property
    def run_by(self) -> str:
        return self.operator or self.owner

    @property
    def accelerators(self) -> Fraction:
        return F(self.quantity * self.unit[0], self.unit[1])

    @property
    def counted(self) -> bool:
        return self.model not in UNCOUNTED and self.quantity > 0

    def amount(self, metric: str = "tpp") -> Fraction:
        """Return what it weighs, in whole units."""
        if not self.counted:
            return F(0)
        return self.accelerators * (TPP[self.model] if metric == "tpp" else 1)

    def stands(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Company:
    """One company; `held`: what it is authorized to."""

    name: str
    headquarters: str = "US"
    parent: str | None = None
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    """Companies and what they have."""

    lots: Sequence[Lot]
    companies: Sequence[Company] = (Company("A", "US", None, ("uveu",)),)
    shipments: Sequence[Shipment] = ()
    weights: Sequence[WeightsRow] = ()
    sites: Mapping[str, SitePlace] = field(default_factory=dict)
    site_notices: bool = False
    lot_notices: bool = True

    def company(self, name: str) -> Company:
        return next(one for one in self.companies if one.name == name)

    def root(self, name: str) -> Company:
        """Climb to the ultimate parent."""
        one = self.company(name)
        while one.parent is not None:
            one = self.company(one.parent)
        return one

    def held(self, name: str) -> set[str]:
        """Return what any company of a company's whole group holds."""
        top = self.root(name).name
        return {
            held for one in self.companies if self.root(one.name).name == top for held in one.held
        }

    def holds(self, name: str, authorization: str, country: str | None = None) -> bool:
        held = self.held(name)
        if authorization != "nveu":
            return authorization in held
        if country is None:
            return any(one.startswith("nveu:") for one in held)
        return f"nveu:{country}" in held

    def roots(self) -> list[str]:
        """Return the ultimate parents of all owners."""
        return sorted({self.root(lot.owner).name for lot in self.lots})

    def of(self, top: str, day: date) -> list[Lot]:
        """Return the lots of an owner group that stand on a day."""
        return [lot for lot in self.lots if self.root(lot.owner).name == top and lot.stands(day)]


def tier(country: str, day: date) -> int:
    """Return the tier of a country."""
    if country in TIER1:
        return 1
    if country in ALWAYS_TIER3 or (country == "KH" and day < KH_LEAVES):
        return 3
    return 2


def in_group(country: str, group: str, day: date) -> bool:
    """Tell whether a country is in one of the groups of `world_packs.HEAD`."""
    at = tier(country, day)
    return {
        "everywhere": True,
        "home": country in HOME,
        "tier1": at == 1,
        "tier2": at == 2,
        "tier3": at == 3,
        "abroad": at != 1,
        "not_tier3": at != 3,
    }[group]


def by_place(lots: Iterable[Lot], metric: str = "tpp") -> dict[str, Fraction]:
    """Add up what counts, by country."""
    found: dict[str, Fraction] = {}
    for lot in lots:
        if lot.counted:
            found[lot.country] = found.get(lot.country, F(0)) + lot.amount(metric)
    return found


# ------------------------------------------------------------------------------ the judge's side


def inventory(world: World) -> Inventory:
    """Return the lots as an inventory whose lines start at 2."""
    rows = [
        (
            lot.owner, lot.run_by, lot.where, lot.country, lot.model, lot.quantity, *lot.unit,
            lot.status, lot.start, lot.end, lot.consignee or lot.owner, lot.channel, lot.licensed,
            lot.from_country, lot.notice_filed, None, None, number, lot.quantity,
        )
        for number, lot in enumerate(world.lots, start=2)
    ]  # fmt: skip
    columns = frozenset({"notice_filed"} if world.lot_notices else ())
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Inventory(frame, "inventory.csv", len(rows), columns=columns)


def entities(world: World) -> Entities:
    return Entities(
        Entity(one.name, one.parent, one.headquarters, frozenset(one.held))
        for one in world.companies
    )


def records(world: World) -> SideTables:
    rows = tuple(enumerate(world.weights, start=2))
    return SideTables(
        sites=Sites("sites.csv", world.sites, world.site_notices) if world.sites else None,
        shipments=tuple(world.shipments),
        weights=Table("weights.csv", rows) if world.weights else None,
    )


def check(world: World, policy: Policy, **options: Any) -> Report | None:
    """Judge a world; None where nothing was evaluated."""
    options.setdefault("days", EvaluationDates(as_of=D))
    options.setdefault("entities", entities(world))
    try:
        return check_inventory(
            inventory(world), policy=policy, catalog=CATALOG, records=records(world), **options
        )
    except NothingEvaluatedError:
        return None


def found(world: World, policy: Policy, name: str = "r", **options: Any) -> list[Finding]:
    """Return the findings of one rule that was evaluated."""
    report = check(world, policy, **options)
    listed = report.findings if report is not None else ()
    return [one for one in listed if one.rule == name and one.verdict != "not_applicable"]


#: owner, place -> verdict, numerator, denominator
Judged = dict[tuple[str, str], tuple[str, Fraction, Fraction | None]]


def judged(world: World, policy: Policy, name: str = "r", **options: Any) -> Judged:
    """Return the verdict and both sides of every finding of a rule that was evaluated."""
    listed = found(world, policy, name, **options)
    out = {
        (one.owner, one.place): (
            str(one.verdict),
            F(one.numerator or 0),
            None if one.denominator is None else F(one.denominator),
        )
        for one in listed
    }
    assert len(out) == len(listed)
    return out


def verdict(kept: bool) -> str:
    return "ok" if kept else "breach"


# ------------------------------------------------------------------------------------- strategies

Given = Mapping[str, st.SearchStrategy[Any]]
EMPTY: Given = {}

DATES = [
    date(2025, 3, 1), date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 2), date(2026, 2, 3),
    date(2026, 7, 31), date(2026, 8, 1), date(2026, 8, 2), date(2026, 12, 31),
]  # fmt: skip
days = st.sampled_from([date(2026, 1, 1), date(2026, 2, 2), date(2026, 2, 3), D])
AUTHORIZATIONS = ["uveu", "nveu:MY", "nveu:IN", "nveu:KH"]


@st.composite
def companies(draw: st.DrawFn, most: int = 5) -> tuple[Company, ...]:
    """Companies whose parents, to any depth, stand before them."""
    names = "ABCDEF"[: draw(st.integers(2, most))]
    made: list[Company] = []
    for name in names:
        parent = draw(st.sampled_from([None, *(one.name for one in made)]))
        seat = draw(st.sampled_from(["US", "DE", "IN", "CN", "KH"]))
        held = draw(st.lists(st.sampled_from(AUTHORIZATIONS), max_size=2, unique=True))
        made.append(Company(name, seat, parent, tuple(held)))
    return tuple(made)


@st.composite
def lots(draw: st.DrawFn, owners: Sequence[str], given: Given = EMPTY, whole: bool = False) -> Lot:
    """One lot whose dates are in order; `given`: further fields; `whole`: no parts of a chip."""
    start = draw(st.none() | st.sampled_from(DATES))
    later = [day for day in DATES if start is None or day > start]
    end = draw(st.none() | st.sampled_from(later)) if later else None
    quantity = draw(st.integers(1, 12))
    status = draw(st.sampled_from(["installed", "transferred"] + ["planned"] * (start is not None)))
    unit = draw(st.sampled_from([(1, 1), (2, 1)] + [(1, 3)] * (not whole)))
    fields = {name: draw(one) for name, one in given.items()}
    return Lot(
        country=draw(st.sampled_from(COUNTRIES)),
        quantity=quantity,
        model=draw(st.sampled_from(list(TPP))),
        owner=draw(st.sampled_from(list(owners))),
        status=status,
        start=start,
        end=end,
        unit=unit,
        **fields,
    )


@st.composite
def worlds(draw: st.DrawFn, given: Given = EMPTY, whole: bool = False, most: int = 10) -> World:
    """Companies and their lots; operators and consignees are any of them, where asked for."""
    listed = draw(companies())
    names = [one.name for one in listed]
    people = {c: st.none() | st.sampled_from(names) for c in ("operator", "consignee")}
    given = {name: people.get(name, one) for name, one in given.items()}
    made = draw(st.lists(lots(names, given, whole), min_size=1, max_size=most))
    return World(made, listed)


ANY: st.SearchStrategy[Any] = st.none()
channels = st.none() | st.sampled_from(["uveu", "aia", "nveu", "lpp", "licence"])
licences = st.sampled_from([None, True, False])
origins = st.none() | st.sampled_from(COUNTRIES)


def halves(world: World, number: int) -> World:
    """Split one lot in two that stand next to each other."""
    listed = list(world.lots)
    lot = listed[number % len(listed)]
    half = lot.quantity // 2
    listed[number % len(listed) : number % len(listed) + 1] = [
        replace(lot, quantity=half),
        replace(lot, quantity=lot.quantity - half),
    ]
    return replace(world, lots=listed)


def above(world: World, name: str) -> list[str]:
    """Return a company and its parents."""
    found = [name]
    parent = world.company(name).parent
    while parent is not None:
        found.append(parent)
        parent = world.company(parent).parent
    return found


def lines(world: World, owner: str) -> list[str]:
    """Return the groups an owner adds to where siblings are left out."""
    holders = [one.name for one in world.companies if one.held]
    found = [name for name in holders if name in above(world, owner) or owner in above(world, name)]
    return found or [world.root(owner).name]
