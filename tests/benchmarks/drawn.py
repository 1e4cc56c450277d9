"""What an instance consists of, drawn from its seed: see `instances`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from random import Random

from placement.catalog import load_catalog
from tests.benchmarks.lands import (
    MADE_UP_UNITS,
    MODELS,
    REGIONS,
    TIER1,
    TIER2,
    Land,
    models_of_catalogue,
)

FIRST_YEAR = 2027
H100E_TPP = 15_832
BOUGHT = 0.85  # of the supply, by the plan the instance is made with
SPARE = 0.95  # of what that plan could serve is demanded


@dataclass(frozen=True, slots=True)
class Shape:
    """What to generate: numbers of sites, models and periods (quarters), seed, variants."""

    sites: int
    models: int
    periods: int
    seed: int = 1
    over: bool = False
    movable: bool = False

    @staticmethod
    def parse(text: str, seed: int = 1, *, over: bool = False, movable: bool = False) -> Shape:
        """Read `300x20x12`."""
        sites, models, periods = (int(part) for part in text.split("x"))
        return Shape(sites, models, periods, seed, over, movable)

    @property
    def cells(self) -> int:
        """The number of (site, model, period)."""
        return self.sites * self.models * self.periods


@dataclass(slots=True)
class Model:
    """A model: TPP and kW of one accelerator, accelerators per purchase unit, first price, USD."""

    name: str
    tpp: Fraction
    kw: Fraction
    unit: int
    usd: float
    made_up: bool


@dataclass(slots=True)
class Site:
    """A site; `power` in MW by period, `regular` sites take part in the plan that is made along."""

    name: str
    land: Land
    tier: int
    power: list[float]
    pue: float
    energy: float
    hosting: float
    opens: int
    accepts: Sequence[str]
    share: float = 0.0

    @property
    def regular(self) -> bool:
        """Whether it is open from the start and takes every model."""
        return self.opens == 0 and not self.accepts


def quarter(period: int) -> str:
    """Name a period, counted from 0."""
    return f"{FIRST_YEAR + period // 4}Q{period % 4 + 1}"


def first_day(period: int) -> date:
    """Return the first day of a period."""
    return date(FIRST_YEAR + period // 4, period % 4 * 3 + 1, 1)


class Instance:
    """One instance, drawn from its seed."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._random = Random(f"{shape.seed}/{shape.sites}x{shape.models}x{shape.periods}")
        self.models = self._draw_models()
        self.sites = self._draw_sites()
        # IT power of the plan by period, relative to the last; `before` is that of the fleet.
        count = shape.periods
        self._before = 0.42 if count > 1 else 0.8
        steps = [self._random.uniform(0.7, 1.3) for _ in range(count)]
        steps[0] += 0.13 * self._before * sum(steps) / (1 - self._before)
        scale = (1 - self._before) / sum(steps)
        self._curve = [self._before + scale * sum(steps[: period + 1]) for period in range(count)]
        self._full_kw = self._share_out()
        self.fleet = self._draw_fleet()
        self.supply = self._draw_supply()
        self.demand = self._draw_demand()

    def _draw_models(self) -> list[Model]:
        found = []
        for name, tpp, watts, unit in models_of_catalogue(load_catalog(), self.shape.models):
            kw = Fraction(round(watts * Fraction(3, 2) / 10), 100)
            found.append(Model(name, tpp, kw, unit, 0.0, made_up=False))
        for number in range(len(MODELS), self.shape.models):
            tpp = Fraction(self._random.randrange(8_000, 90_000, 10))
            kw = Fraction(max(40, round(float(tpp) / self._random.uniform(160, 320))), 100)
            unit = self._random.choice(MADE_UP_UNITS)
            found.append(Model(f"Model {number + 1}", tpp, kw, unit, 0.0, made_up=True))
        for model in found:
            noise = math.exp(self._random.uniform(-0.22, 0.22))
            model.usd = 1_900 * (float(model.tpp) / 1_000) ** 0.9 * noise
        return found

    def _draw_sites(self) -> list[Site]:
        random = self._random
        order = {1: random.sample(TIER1[1:], len(TIER1) - 1), 2: random.sample(TIER2, len(TIER2))}
        if self.shape.over:  # Malaysia first, so that there is a site
            order[2].sort(key=lambda land: land.code != "MY")
        seen = {0: 0, 1: 0, 2: 0}
        names: dict[str, int] = {}
        found = []
        for number in range(self.shape.sites):
            tier = (0, 1, 2, 0, 1)[number % 5] if number < 20 else self._tier(number)
            pool = [TIER1[0]] if tier == 0 else order[tier]
            turn = seen[tier]
            land = pool[turn] if turn < len(pool) else random.choice(pool)
            seen[tier] += 1
            names[land.code] = names.get(land.code, 0) + 1
            site = self._draw_site(f"{land.code.lower()}-{names[land.code]:03d}", land, tier)
            if turn < 2 or (names[land.code] == 1 and self.shape.over and land.code == "MY"):
                site.opens, site.accepts = 0, ()
            found.append(site)
        return found

    def _tier(self, number: int) -> int:
        """Keep 40 % of the sites in the United States, 35 % in the rest of tier 1."""
        return (0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 0, 1, 2, 0, 2)[number % 20]

    def _draw_site(self, name: str, land: Land, tier: int) -> Site:
        random, count = self._random, self.shape.periods
        full = 10 * 20 ** random.random()
        kind = random.random()
        first, opens = full, 0
        if kind < 0.3:  # ramps up
            first = full * random.uniform(0.4, 0.7)
        elif kind < 0.42 and count > 1:
            opens = random.randint(1, max(1, count * 2 // 3))
        steps = max(1, count - 1)
        power = [round(first + (full - first) * period / steps, 1) for period in range(count)]
        accepts: Sequence[str] = ()
        if random.random() < 0.06 and len(self.models) > 3:
            chosen = random.sample(range(len(self.models)), max(2, len(self.models) // 2))
            accepts = [self.models[place].name for place in sorted(chosen)]
        return Site(
            name,
            land,
            tier,
            power,
            pue=round(random.uniform(*land.pue), 2),
            energy=round(land.energy * random.uniform(0.85, 1.2), 1),
            hosting=round(land.hosting * random.uniform(0.85, 1.2), 1),
            opens=opens,
            accepts=accepts,
        )

    def _share_out(self) -> float:
        """Give every regular site its share of the plan, and the plan's IT power at the end, kW."""
        room = {
            site.name: min(
                power * 1000 / site.pue / grown
                for power, grown in zip(site.power, self._curve, strict=True)
            )
            for site in self.sites
            if site.regular
        }
        tier2 = {site.land.code for site in self.sites if site.tier == 2 and site.regular}
        wanted = {0: 0.58, 2: min(0.16, 0.05 * len(tier2))}
        wanted[1] = 1 - sum(wanted.values())
        least = math.inf
        for sites in self._places():
            whole = sum(room[site.name] for site in sites)
            tier = sites[0].tier
            part = wanted[tier] / (len(tier2) if tier == 2 else 1)
            least = min(least, whole / part)
            for site in sites:
                site.share = part * room[site.name] / whole
        return 0.9 * least

    def _places(self) -> Iterable[list[Site]]:
        """Return the regular sites of the US, of the rest of tier 1, and of each other country."""
        places: dict[str, list[Site]] = {}
        for site in self.sites:
            if site.regular:
                key = site.land.code if site.tier != 1 else "tier 1"
                places.setdefault(key, []).append(site)
        return places.values()

    def _draw_fleet(self) -> dict[tuple[str, str], int]:
        """Return the starting accelerators by site and model, whole purchase units."""
        random, old = self._random, self.models[: min(3, len(self.models))]
        fleet: dict[tuple[str, str], int] = {}
        for site in self.sites:
            filled = site.tier == 0 or random.random() < 0.6
            weights = [random.uniform(0.2, 1.0) for _ in old]
            if not site.regular or not filled:
                continue
            kw = self._full_kw * self._before * site.share
            for model, weight in zip(old, weights, strict=True):
                units = int(kw * weight / sum(weights) / float(model.kw * model.unit))
                if units:
                    fleet[site.name, model.name] = units * model.unit
        for country in sorted({site.land.code for site in self.sites if site.tier == 2}):
            self._hold(fleet, country, 0.062)
        if self.shape.over:
            self._raise(fleet, "MY", 0.073)
        return fleet

    def tpp_in(self, fleet: dict[tuple[str, str], int], country: str | None = None) -> float:
        """Return the TPP of a fleet in a country, or everywhere."""
        tpp = {model.name: float(model.tpp) for model in self.models}
        where = {site.name: site.land.code for site in self.sites}
        return sum(
            count * tpp[model]
            for (site, model), count in fleet.items()
            if country in (None, where[site])
        )

    def _hold(self, fleet: dict[tuple[str, str], int], country: str, most: float) -> None:
        """Drop kit of a country, last lots first, until its share is small enough."""
        where = {site.name: site.land.code for site in self.sites}
        there = [key for key in fleet if where[key[0]] == country]
        while there and self.tpp_in(fleet, country) > most * self.tpp_in(fleet):
            del fleet[there.pop()]

    def _raise(self, fleet: dict[tuple[str, str], int], country: str, share: float) -> None:
        """Fill the first site of a country until it has a share; it gets the power for it."""
        site = next(one for one in self.sites if one.land.code == country)
        others = self.tpp_in(fleet) - self.tpp_in(fleet, country)
        model = self.models[0]
        wanted = others * share / (1 - share) - self.tpp_in(fleet, country)
        units = math.ceil(wanted / float(model.tpp * model.unit))
        here = site.name, model.name
        fleet[here] = fleet.get(here, 0) + max(0, units) * model.unit
        kw = {one.name: float(one.kw) for one in self.models}
        need = sum(count * kw[name] for (at, name), count in fleet.items() if at == site.name)
        least = math.ceil(need * site.pue / 100) / 10
        site.power = [max(power, least) for power in site.power]
        for one in self.sites:  # nothing more comes there in the plan that is made along
            if one.land.code == country:
                one.share = 0.0

    def _draw_supply(self) -> list[list[tuple[int, int]]]:
        """Return (accelerators, USD each) by model and period: newer models take over."""
        random, count = self._random, self.shape.periods
        age = [
            random.uniform(-0.1, 0.1) + place / len(self.models)
            for place in range(len(self.models))
        ]
        found: list[list[tuple[int, int]]] = [[] for _ in self.models]
        before = self._before
        for period in range(count):
            now = (period + 1) / count
            weights = [math.exp(-3 * (one - now) ** 2) * random.uniform(0.6, 1.4) for one in age]
            kw = self._full_kw * (self._curve[period] - before) / BOUGHT
            before = self._curve[period]
            for model, weight, rows in zip(self.models, weights, found, strict=True):
                units = math.floor(kw * weight / sum(weights) / float(model.kw * model.unit))
                usd = model.usd * 0.985**period * random.uniform(0.98, 1.02)
                rows.append((max(1, units) * model.unit, round(usd)))
        return found

    def _draw_demand(self) -> list[tuple[str, str, list[int], str]]:
        """Return (zone, metric, quantity by period, countries), what the plan serves less a bit."""
        random = self._random
        served = self._served()
        chosen = list(REGIONS)
        if self.shape.periods < 8:
            random.shuffle(chosen)
            chosen = chosen[: random.randint(3, len(chosen))]
        codes = {site.land.code for site in self.sites}
        lines, left = (
            [],
            [
                sum(served[code][period] for code in served) * SPARE
                for period in range(self.shape.periods)
            ],
        )
        for zone, countries, metric in chosen:
            here = [code for code in countries.split(";") if code in codes]
            part = random.uniform(0.45, 0.75)
            amounts = [
                part * sum(served.get(code, left)[period] for code in here if code in served)
                for period in range(self.shape.periods)
            ]
            if not here or not min(amounts):
                continue
            each = H100E_TPP if metric == "h100e" else 1
            quantities = [math.floor(amount / each) for amount in amounts]
            left = [rest - each * taken for rest, taken in zip(left, quantities, strict=True)]
            lines.append((zone, metric, quantities, ";".join(here)))
        lines.append(("worldwide", "tpp", [math.floor(rest) for rest in left], ""))
        return lines

    def _served(self) -> dict[str, list[float]]:
        """Return the TPP that the plan has by country and period."""
        bought, total = [], 0.0
        for period in range(self.shape.periods):
            total += BOUGHT * sum(
                float(model.tpp) * rows[period][0]
                for model, rows in zip(self.models, self.supply, strict=True)
            )
            bought.append(total)
        served: dict[str, list[float]] = {}
        for site in self.sites:
            if site.regular:
                before = served.setdefault(site.land.code, [0.0] * self.shape.periods)
                more = [site.share * amount for amount in bought]
                served[site.land.code] = [a + b for a, b in zip(before, more, strict=True)]
        for code, amounts in served.items():
            stood = self.tpp_in(self.fleet, code)
            served[code] = [amount + stood for amount in amounts]
        return served
