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

from tests.oracles.standing import Standing
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


class Layouts(Standing):
    """Every layout that follows from what stands and may happen, by model."""

    def __init__(self, many: Many) -> None:
        super().__init__(many)
        self.place = many.place or (None if many.demand else "every_period")
        self.factors = _factors(many)

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
