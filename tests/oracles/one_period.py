"""The answer to a tiny instance of one period by trying every layout, with formulas of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction

from tests.oracles.uses import Limit, Units, Uses
from tests.support.tiny_one_period import CAP, COUNTED, DAYS, FLOOR, TPP, Tiny, TinySite
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply

#: Accelerators by site and model.
Stock = dict[tuple[str, str], int]


def brute_force(tiny: Tiny) -> Fraction | None:
    """Return the least cost over all layouts, None where none is allowed."""
    unit = {s.model: s.unit for s in tiny.supply}
    uses = _Uses(tiny)
    layouts = sorted(_layouts(tiny, unit), key=lambda found: found[0])
    for cost, stock, bought in layouts:
        if uses.allows(stock, bought):
            return cost
    return None


class _Uses(Uses):
    """The uses of accelerators by (site, model)."""

    def __init__(self, tiny: Tiny) -> None:
        self.tiny = tiny
        super().__init__(
            Many(
                "2027Q1",
                1,
                tuple(ManySite(s.name, s.country, status=s.status) for s in tiny.sites),
                tuple(ManySupply(s.model, s.unit, ((s.units, s.price),)) for s in tiny.supply),
                tuple(ManyLot(name, model, n) for (name, model), n in tiny.stock.items() if n),
                tuple(
                    ManyDemand(0, d.quantity, d.metric, d.model, d.countries) for d in tiny.demand
                ),
            )
        )
        self.starts = self.by_number(tiny.stock)

    def by_number(self, stock: Stock) -> Units:
        return {
            (s, model): stock.get((site.name, model), 0)
            for s, site in enumerate(self.many.sites)
            for model in self.units
        }

    def _kit(
        self,
        t: int,  # noqa: ARG002 - there is one period
        stock: Units,
        bought: Units,
    ) -> Iterable[tuple[int | None, str, str, int, int]]:
        for (s, model), count in stock.items():
            yield s, self.many.sites[s].country, model, count, bought[s, model]
        yield None, "US", "H100 SXM", 1, 0

    def allows(self, stock: Stock, bought: Stock) -> bool:
        """Tell whether every line is served and every share kept."""
        tiny = self.tiny
        uses = self.uses(0, self.by_number(stock), self.by_number(bought))
        totals, before = _totals(tiny, stock), _totals(tiny, tiny.stock)
        whole = sum(totals.values(), Fraction(0))
        second = {site.country for site in tiny.sites} - {"US", "DE"}
        limits = [
            Limit(frozenset(self.countries) - {"US"}, 1 - FLOOR, whole - totals["US"]),
            *(Limit(frozenset({c}), CAP, totals.get(c, Fraction(0))) for c in sorted(second)),
        ]
        if not tiny.demand or tiny.dilution:
            return bool(uses) and all(one.part <= one.limit * whole for one in limits)
        surplus = whole - sum(before.values()) + self.alone[0]
        return any(
            self.is_kept_without(0, use, whole, surplus - use.useful, limits) for use in uses
        )


def _layouts(tiny: Tiny, unit: dict[str, int]) -> Iterator[tuple[Fraction, Stock, Stock]]:
    """Return (cost, accelerators, those bought) of every layout that fits the sites."""
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
        stock, new = dict(tiny.stock), Stock()
        cost = Fraction(0)
        good, came = True, set()
        for offer, (bought, change, spent) in zip(tiny.supply, chosen, strict=True):
            cost += spent
            for site, units, more in zip(tiny.sites, bought, change, strict=True):
                if units and (site.status != "open" or not _takes(site, offer.model)):
                    good = False
                if units or more > 0:
                    came.add(site.name)
                key = site.name, offer.model
                stock[key] = stock.get(key, 0) + (units + more) * offer.unit
                new[key] = units * offer.unit
        if good and all(_fits(tiny, site, stock, unit, came) for site in tiny.sites):
            running = sum((_running(site, stock) for site in tiny.sites), Fraction(0))
            yield cost + running, stock, new


def _takes(site: TinySite, model: str) -> bool:
    return not site.accelerators or site.accelerators == model


def _changes(
    tiny: Tiny, model: str, unit: dict[str, int]
) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Return every way to move and retire standing units of a model, with its cost."""
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


def _fits(tiny: Tiny, site: TinySite, stock: Stock, unit: dict[str, int], came: set[str]) -> bool:
    """Tell whether a site has power and places; one that holds more may only lose kit."""
    now = {m: stock.get((site.name, m), 0) for m in unit}
    was = {m: tiny.stock.get((site.name, m), 0) for m in unit}
    if any(count < 0 for count in now.values()):
        return False
    if site.name not in came and _full(site, was, unit):
        return True
    return not _full(site, now, unit)


def _full(site: TinySite, stock: dict[str, int], unit: dict[str, int]) -> bool:
    kw = sum(stock.values()) * Fraction(site.pue)
    places = sum(-(-count // unit[m]) for m, count in stock.items())
    too_much = site.status != "storage" and kw > site.power_kw
    return too_much or (site.racks is not None and places > site.racks)


def _running(site: TinySite, stock: Stock) -> Fraction:
    if site.status == "storage":
        return Fraction(0)
    count = sum(n for (name, _), n in stock.items() if name == site.name)
    return count * Fraction(site.pue) * 24 * DAYS * site.energy / 1000


def _totals(tiny: Tiny, stock: Stock) -> dict[str, Fraction]:
    found = {"US": TPP["H100 SXM"]}
    for site in tiny.sites:
        for (name, model), count in stock.items():
            if name == site.name and COUNTED[model]:
                found[site.country] = found.get(site.country, Fraction(0)) + count * TPP[model]
    return found
