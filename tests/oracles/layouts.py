"""Every layout of a tiny instance of several periods, with what it costs.

The formulas are its own: nothing of the planner is used. Money is in millionths, rounded once per
purchase unit after discounting, which is how the problem is defined.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache, cached_property

from tests.support.tiny_periods import Many, ManySite

#: Units by (period, site).
Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Choice:
    """What is done with one model: its cost, what is spent and moved by period, and stock.

    `received`: accelerators by (period, country) that came there from another one, or were bought.
    `moves`: (period, from, to, units). `purchases`: units bought until a period, by site.
    """

    cost: int
    spent: tuple[Fraction, ...]
    bought: int
    moved: tuple[int, ...]
    stock: Table
    moves: tuple[tuple[int, int, int, int], ...]
    received: tuple[tuple[tuple[int, str], int], ...]
    purchases: Table


class Layouts:
    """What stands, what may happen where, and every layout that follows, by model."""

    def __init__(self, many: Many) -> None:
        self.many, self.periods = many, many.periods
        self.units = many.models
        self.first, self.last = self.periods[0].first, self.periods[-1].last
        self.place = many.place or (None if many.demand else "every_period")
        self.factors = _factors(many)
        self.states = {
            (t, s): self._state(site, t)
            for t in range(many.count)
            for s, site in enumerate(many.sites)
        }
        self.starts = {
            (s, model): self._standing(site.name, model) // unit
            if many.move is not None or many.retire is not None
            else 0
            for s, site in enumerate(many.sites)
            for model, unit in self.units.items()
        }
        for (s, model), count in list(self.starts.items()):
            movable = any(
                self.states[t, s] in ("open", "draining", "storage") for t in range(many.count)
            )
            self.starts[s, model] = count if movable else 0

    # What stands, and what may happen where.

    def _state(self, site: ManySite, t: int) -> str:
        period = self.periods[t]
        if site.opens is not None and site.opens > period.first:
            return "frozen"
        if site.closes is not None and site.closes < period.first:
            return "frozen"
        if site.closes is not None and site.closes <= period.last and site.status != "frozen":
            return "draining"
        return site.status

    def _standing(self, name: str, model: str) -> int:
        return sum(
            lot.count
            for lot in self.many.lots
            if (lot.site, lot.model) == (name, model)
            and (lot.start is None or lot.start <= self.first)
            and (lot.end is None or lot.end > self.last)
        )

    def on(self, day: date, name: str, model: str) -> int:
        """Return the accelerators of the inventory on a day."""
        return sum(
            lot.count
            for lot in self.many.lots
            if (lot.site, lot.model) == (name, model)
            and (lot.start is None or lot.start <= day)
            and (lot.end is None or day < lot.end)
        )

    def days_in(self, t: int) -> list[date]:
        """Return the days of a period on which something of the inventory may change."""
        period = self.periods[t]
        found = {period.first}
        for lot in self.many.lots:
            found |= {d for d in (lot.start, lot.end) if d and period.first <= d <= period.last}
        return sorted(found)

    def all_period(self, t: int, name: str, model: str) -> int:
        """Return the accelerators of the inventory that stand all of a period."""
        period = self.periods[t]
        return sum(
            lot.count
            for lot in self.many.lots
            if (lot.site, lot.model) == (name, model)
            and (lot.start is None or lot.start <= period.first)
            and (lot.end is None or lot.end > period.last)
        )

    def is_shut(self, t: int, s: int) -> bool:
        """Tell whether there is a day of a period on which a site has not opened, or has closed."""
        site, period = self.many.sites[s], self.periods[t]
        return not (
            (site.opens is None or site.opens <= period.first)
            and (site.closes is None or site.closes > period.last)
        )

    def is_left(self, t: int, s: int, planned: dict[str, int]) -> bool:
        """Tell whether nothing stands at a site once it has closed.

        What a plan may touch is gone on the first day of the period in which it closes.
        """
        closes, last = self.many.sites[s].closes, self.periods[t].last
        if closes is None or closes > last:
            return True
        days = [max(closes, self.periods[t].first), *(d for d in self.days_in(t) if d >= closes)]
        name = self.many.sites[s].name
        return not any(planned.values()) and not any(
            self.on(day, name, model) > self.starts[s, model] * unit
            for day in days
            for model, unit in self.units.items()
        )

    def fits(self, t: int, s: int, planned: dict[str, int], came: int) -> bool:
        """Tell whether a site has room for planned units beside all that no decision touches.

        What it holds beyond a limit that it has had from the beginning may stay, until something
        has come.
        """
        return self.lacks(t, s, planned) <= (set() if came else self._beyond.get((t, s), set()))

    def lacks(self, t: int, s: int, planned: dict[str, int]) -> set[str]:
        """Name what a site lacks for planned units: power, racks."""
        key = t, s, *planned.values()
        if key not in self._lacking:
            self._lacking[key] = self._lacks(t, s, planned)
        return self._lacking[key]

    @cached_property
    def _lacking(self) -> dict[tuple[int, ...], set[str]]:
        return {}

    def _lacks(self, t: int, s: int, planned: dict[str, int]) -> set[str]:
        site, found = self.many.sites[s], set()
        power, racks = site.power_in(t), site.racks_in(t)
        for day in self.days_in(t):
            counts = {
                model: self.on(day, site.name, model)
                + (planned[model] - self.starts[s, model]) * unit
                for model, unit in self.units.items()
            }
            if site.status != "storage" and sum(counts.values()) * Fraction(site.pue) > power:
                found.add("power")
            places = sum(-(-count // self.units[model]) for model, count in counts.items())
            if racks is not None and places > racks:
                found.add("racks")
        return found

    @cached_property
    def _beyond(self) -> dict[tuple[int, int], set[str]]:
        """What a site lacks untouched, of limits that are no lower than at the beginning."""
        found = {}
        for t in range(self.many.count):
            for s, site in enumerate(self.many.sites):
                power, racks = site.power_in(t), site.racks_in(t)
                falls = {"power"} if power < site.power_kw else set()
                if racks is not None and (site.racks is None or racks < site.racks):
                    falls.add("racks")
                untouched = {model: self.starts[s, model] for model in self.units}
                found[t, s] = self.lacks(t, s, untouched) - falls
        return found

    @cached_property
    def overfull(self) -> set[tuple[int, int]]:
        return {at for at, beyond in self._beyond.items() if beyond}

    def _may_come(self, t: int, s: int, model: str, states: tuple[str, ...]) -> bool:
        site = self.many.sites[s]
        closes = site.closes is not None and site.closes <= self.last
        full = any((u, s) in self.overfull for u in range(t, self.many.count))
        full = full and not any(self.starts[s, one] for one in self.units)
        takes = not site.accelerators or site.accelerators == model
        return self.states[t, s] in states and takes and not closes and not full

    @cached_property
    def barred(self) -> set[tuple[int, int | None, int, str]]:
        """What rules bar whatever stands where: (period, from or None: bought, to, model)."""
        return set()

    # Every layout.

    def choices(self, model: str) -> Iterator[Choice]:
        """Return everything that may be done with a model."""
        many, unit = self.many, self.units[model]
        offer = next(one for one in many.supply if one.model == model)
        cells = [
            (t, s)
            for t in range(many.count)
            for s in range(len(many.sites))
            if self._may_come(t, s, model, ("open",)) and (t, None, s, model) not in self.barred
        ]
        delivered, prices, price = [], [], 0
        total = 0
        for row in offer.rows:
            total += row[0] if row else 0
            price = row[1] if row else price
            delivered.append(total)
            prices.append(price)
        for bought in vectors(len(cells), delivered[-1]):
            until = [
                sum(n for n, (u, _) in zip(bought, cells, strict=True) if u <= t)
                for t in range(many.count)
            ]
            if any(n > most for n, most in zip(until, delivered, strict=True)):
                continue
            if self.place == "every_period" and until != delivered:
                continue
            if self.place == "by_end" and until[-1] != delivered[-1]:
                continue
            for changes in self._leaving(model):
                yield self._choice(model, unit, prices, cells, bought, changes)

    def _leaving(self, model: str) -> Iterator[list[tuple[int, int, int | None, int]]]:
        """Return every way in which standing units leave: (period, from, to or None, units)."""
        many = self.many
        parts: list[list[list[tuple[int, int, int | None, int]]]] = []
        for s in range(len(many.sites)):
            units = self.starts[s, model]
            ways: list[tuple[int, int | None]] = []
            for t in range(many.count):
                if self.states[t, s] not in ("open", "draining", "storage"):
                    continue
                if many.retire is not None:
                    ways.append((t, None))
                if many.move is not None:
                    ways += [
                        (t, d)
                        for d in range(len(many.sites))
                        if d != s
                        and t + many.transit < many.count
                        and self._may_come(t + many.transit, d, model, ("open", "storage"))
                        and (t, s, d, model) not in self.barred
                    ]
            parts.append(
                [
                    [(t, s, d, n) for (t, d), n in zip(ways, vector, strict=True) if n]
                    for vector in vectors(len(ways), units)
                ]
            )
        for chosen in itertools.product(*parts):
            yield [one for part in chosen for one in part]

    def _choice(
        self,
        model: str,
        unit: int,
        prices: list[int],
        cells: list[tuple[int, int]],
        bought: tuple[int, ...],
        changes: list[tuple[int, int, int | None, int]],
    ) -> Choice:
        many, count = self.many, self.many.count
        stock = [[self.starts[s, model] for s in range(len(many.sites))] for _ in range(count)]
        spent, cost, moved = [Fraction(0)] * count, 0, [0] * count
        country = [site.country for site in many.sites]
        received: dict[tuple[int, str], int] = {}
        purchases = [[0] * len(many.sites) for _ in range(count)]

        def receive(t: int, s: int, units: int) -> None:
            at = t, country[s]
            received[at] = received.get(at, 0) + units * unit

        def pay(t: int, units: int, each: Fraction) -> None:
            nonlocal cost
            if many.budgets:
                spent[t] += units * each
            key = t, each.numerator, each.denominator
            if key not in self._millionths:
                self._millionths[key] = _rounded(each * self.factors[t] * 10**6)
            cost += units * self._millionths[key]

        for units, (t, s) in zip(bought, cells, strict=True):
            pay(t, units, Fraction(prices[t] * unit))
            receive(t, s, units)
            for u in range(t, count):
                stock[u][s] += units
                purchases[u][s] += units
        for t, s, to, units in changes:
            pay(t, units, Fraction((many.retire if to is None else many.move) or 0) * unit)
            if to is not None:
                moved[t] += units * unit
                if country[to] != country[s]:
                    receive(t, to, units)
            for u in range(t, count):
                stock[u][s] -= units
                if to is not None and u >= t + many.transit:
                    stock[u][to] += units
        for t in range(count):
            for s, units in enumerate(stock[t]):
                if units:
                    pay(t, units, self._running_all(t, s, unit))
        return Choice(
            cost, tuple(spent), sum(bought) * unit, tuple(moved), tuple(map(tuple, stock)),
            tuple((t, s, to, units) for t, s, to, units in changes if to is not None),
            tuple(sorted((at, n) for at, n in received.items() if n)),
            tuple(map(tuple, purchases)),
        )  # fmt: skip

    @cached_property
    def _millionths(self) -> dict[tuple[int, int, int], int]:
        return {}

    @cached_property
    def _runs(self) -> dict[tuple[int, int, int], Fraction]:
        return {}

    def _running_all(self, t: int, s: int, unit: int) -> Fraction:
        """Return what a unit costs over all of a period."""
        if (t, s, unit) not in self._runs:
            self._runs[t, s, unit] = self._running(t, s, self.periods[t].days) * unit
        return self._runs[t, s, unit]

    def _running(self, t: int, s: int, days: int) -> Fraction:
        """Return what an accelerator (1 kW) costs over some days of a period."""
        site, period = self.many.sites[s], self.periods[t]
        if site.status == "storage":
            return Fraction(0)
        energy = Fraction(site.pue) * 24 * days * site.energy / 1000
        return energy + site.hosting * Fraction(period.months * days, period.days)

    def _open(self, t: int, site: ManySite) -> int:
        """Return the days of a period on which a site is open or, before that, holds something."""
        first, last = self.periods[t].first, self.periods[t].last
        days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
        return sum(
            (
                site.opens is None
                or day >= site.opens
                or any(self.on(day, site.name, model) for model in self.units)
            )
            and (site.closes is None or day < site.closes)
            for day in days
        )

    @cached_property
    def constant(self) -> tuple[Fraction, ...]:
        """What each period costs whatever is decided."""
        found = []
        for t, period in enumerate(self.periods):
            cost = Fraction(0)
            for s, site in enumerate(self.many.sites):
                cost += site.fixed * Fraction(period.months * self._open(t, site), period.days)
                for lot in self.many.lots:
                    if lot.site == site.name:
                        here = [
                            d for d in range(period.first.toordinal(), period.last.toordinal() + 1)
                            if (lot.start is None or lot.start.toordinal() <= d)
                            and (lot.end is None or d < lot.end.toordinal())
                        ]  # fmt: skip
                        cost += lot.count * self._running(t, s, len(here))
                for model, unit in self.units.items():
                    cost -= self.starts[s, model] * unit * self._running(t, s, period.days)
            found.append(cost)
        return tuple(found)

    @cached_property
    def constant_micro(self) -> int:
        """The same discounted, in millionths: rounded for each unit that stands all of a period.

        The rest is rounded once for each period and country: fixed costs, and the others.
        """
        found = 0
        for t, period in enumerate(self.periods):
            factor = self.factors[t] * 10**6
            for country in {site.country for site in self.many.sites}:
                fixed = rest = Fraction(0)
                for s, site in enumerate(self.many.sites):
                    if site.country != country:
                        continue
                    fixed += site.fixed * Fraction(period.months * self._open(t, site), period.days)
                    for model, unit in self.units.items():
                        each = unit * self._running(t, s, period.days)
                        full = self.all_period(t, site.name, model) // unit
                        found += (full - self.starts[s, model]) * _rounded(each * factor)
                        rest -= full * each
                    for lot in self.many.lots:
                        if lot.site == site.name:
                            days = sum(
                                (lot.start is None or lot.start.toordinal() <= d)
                                and (lot.end is None or d < lot.end.toordinal())
                                for d in range(
                                    period.first.toordinal(), period.last.toordinal() + 1
                                )
                            )
                            rest += lot.count * self._running(t, s, days)
                found += round(fixed * factor) + round(rest * factor)
        return found


def _rounded(value: Fraction) -> int:
    return (2 * value + 1) // 2


def _factors(many: Many) -> tuple[Fraction, ...]:
    """Return what a unit of money in each period is worth on the first day, to 12 places."""
    found, months = [], 0
    with localcontext() as context:
        context.prec = 40
        for period in many.periods:
            power = Decimal(months) / 12
            found.append(Fraction(round(1 / (1 + Decimal(many.rate)) ** power, 12)))
            months += period.months
    return tuple(found)


@cache
def vectors(length: int, most: int) -> tuple[tuple[int, ...], ...]:
    """Return every vector of whole numbers whose sum is at most so many."""
    if length == 0:
        return ((),)
    return tuple(
        (first, *rest) for first in range(most + 1) for rest in vectors(length - 1, most - first)
    )
