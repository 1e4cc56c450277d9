"""The answer to a tiny instance with several objectives in order, by trying every layout."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import prod

from tests.oracles.layouts import Choice
from tests.oracles.periods import Brute
from tests.oracles.uses import Limit
from tests.support.tiny_one_period import CAP, FLOOR, TPP
from tests.support.tiny_periods import Many

Chosen = tuple[Choice, ...]
#: Accelerators on the last day of each period, by (site, model).
Before = Mapping[tuple[str, str], tuple[int, ...]]

MOST = 2000
"""So many layouts are tried at most."""

NEAR = Fraction(1, 10**6)


class Aimed(Brute):
    """Every layout of an instance, and what each objective is of it: the less, the better."""

    def __init__(self, many: Many, before: Before | None = None) -> None:
        super().__init__(many)
        self.before = before or {}
        choices = [list(itertools.islice(self.choices(model), MOST + 1)) for model in self.units]
        self.too_many = prod(len(one) for one in choices) > MOST
        self.chosen: list[Chosen] = [] if self.too_many else list(itertools.product(*choices))

    def best(self) -> list[Fraction] | None:  # type: ignore[override]
        """Return the optimum of each objective under those before it; None where no plan is."""
        kept_from = self.earliest
        if kept_from is None:
            return None
        left: list[Chosen] = self.chosen
        found = []
        aims = list(zip(self.many.objectives, self.slack, strict=True))
        if self.place == "as_much_as_fits":
            aims.insert(0, ("unplaced", Fraction(0)))
        for name, slack in aims:
            valued = sorted(((self.value(name, one), n) for n, one in enumerate(left)))
            best = next(value for value, n in valued if self.keeps(left[n], kept_from))
            found.append(best)
            most = best + slack * abs(best)
            left = [left[n] for value, n in valued if value <= most]
        return found

    @cached_property
    def slack(self) -> list[Fraction]:
        given = [Fraction(one) for one in self.many.slack] or [Fraction(0)]
        return given if len(given) > 1 else given * len(self.many.objectives)

    @cached_property
    def earliest(self) -> date | None:
        first = self.first if self.many.mode == "strict" else self.days[0]
        best: date | None = None
        for one in self.chosen:
            found = self.kept(one)
            if found is not None and (best is None or found < best):
                best = found
                if best == first:
                    break
        return best

    def keeps(self, chosen: Chosen, since: date) -> bool:
        found = self.kept(chosen)
        return found is not None and found <= since

    def kept(self, chosen: Chosen) -> date | None:
        if chosen not in self._kept:
            self._kept[chosen] = self.kept_from(chosen)
        return self._kept[chosen]

    @cached_property
    def _kept(self) -> dict[Chosen, date | None]:
        return {}

    # What each objective is, in its printed unit.

    def value(self, name: str, chosen: Chosen) -> Fraction:
        match name:
            case "unplaced":
                rows = [(o.unit, row) for o in self.many.supply for row in o.rows if row]
                offered = sum(unit * row[0] for unit, row in rows)
                return Fraction(offered - sum(one.bought for one in chosen))
            case "cost":
                return Fraction(sum(one.cost for one in chosen) + self.constant_micro, 10**6)
            case "moves":
                return Fraction(sum(sum(one.moved) for one in chosen))
            case "compute":
                return -sum(
                    (TPP[model] * (self.all_period(t, self.many.sites[s].name, model) + more)
                     for t, s, model, more in self._working(chosen) if self._is_open(t, s)),
                    Fraction(0),
                )  # fmt: skip
            case "carbon":
                return self._carbon(chosen)
            case "changes":
                return Fraction(self._changes(chosen))
        raise AssertionError(name)

    def _planned(self, chosen: Chosen) -> Iterator[tuple[int, int, str, int]]:
        """Return (period, site, model, accelerators more than stood there)."""
        for one, (model, unit) in zip(chosen, self.units.items(), strict=True):
            for t, row in enumerate(one.stock):
                for s, units in enumerate(row):
                    yield t, s, model, (units - self.starts[s, model]) * unit

    def _working(self, chosen: Chosen) -> Iterator[tuple[int, int, str, int]]:
        return (one for one in self._planned(chosen) if self.many.sites[one[1]].status != "storage")

    def _is_open(self, t: int, s: int) -> bool:
        """Tell whether a site is open on every day of a period."""
        site, period = self.many.sites[s], self.periods[t]
        opened = site.opens is None or site.opens <= period.first
        return opened and (site.closes is None or site.closes > period.last)

    def _carbon(self, chosen: Chosen) -> Fraction:
        """Return kg: of one kW for each accelerator, all day, at the meter."""
        found = Fraction(0)
        for t, s, model, more in self._working(chosen):
            site, period = self.many.sites[s], self.periods[t]
            days = more * period.days
            for lot in self.many.lots:
                if (lot.site, lot.model) == (site.name, model):
                    first = max(period.first, lot.start or period.first).toordinal()
                    last = min(period.last.toordinal(), (lot.end or date.max).toordinal() - 1)
                    days += lot.count * max(0, last - first + 1)
            found += Fraction(site.pue) * 24 * days * (site.carbon or 0) / 1000
        return found

    def _changes(self, chosen: Chosen) -> int:
        now: dict[tuple[str, str], list[int]] = {
            ("elsewhere", "H100 SXM"): [self.many.adrift] * len(self.periods)
        }
        for t, s, model, more in self._planned(chosen):
            name = self.many.sites[s].name
            counts = now.setdefault((name, model), [0] * len(self.periods))
            counts[t] += self.on(self.periods[t].last, name, model) + more
        none = [0] * len(self.periods)
        return sum(
            abs(a - b)
            for key in {*now, *self.before}
            for a, b in zip(now.get(key, none), self.before.get(key, none), strict=True)
        )


class Relaxed(Aimed):
    """Every layout that is possible and serves, whatever rules it breaks, and by how much."""

    def least(self) -> tuple[Fraction, Fraction, Fraction] | None:
        """Return the least excess, and between which costs the cheapest such layout is.

        Weights are rounded to a part in 10**9 in the program, so layouts may count as equal.
        """
        found = []
        for one in self.chosen:
            excess = self._excess(one)
            if excess is not None:
                found.append((excess, self.value("cost", one)))
        if not found:
            return None
        best = min(found)[0]
        costs = [cost for excess, cost in found if excess <= best + NEAR]
        return best, min(costs), min(cost for excess, cost in found if excess == best)

    def _excess(self, chosen: Chosen) -> Fraction | None:
        if not self.is_possible(chosen):
            return None
        found = Fraction(0)
        for day in self.days:
            t = self.period_of(day)
            stock, bought = self.stock(chosen, t), self.bought(chosen, t)
            totals, before = self.totals(day, stock), self.totals(day, None)
            whole, all_before = sum(totals.values(), Fraction(0)), sum(before.values(), Fraction(0))
            limits, weights = list[Limit](), list[Fraction]()
            for parts, limit, asked in self.rules():
                least = FLOOR if limit == 1 - FLOOR else CAP
                was = sum((before.get(c, Fraction(0)) for c in parts), Fraction(0))
                was = all_before - was if least == FLOOR else was
                part = sum((totals.get(c, Fraction(0)) for c in parts), Fraction(0))
                limits.append(Limit(frozenset(parts), asked, part))
                weights.append(1 / (least * max(all_before, was, Fraction(1))))
            if not self.many.demand or self.many.dilution:
                excess = [max(Fraction(0), one.part - one.limit * whole) for one in limits]
                found += sum(a * b for a, b in zip(excess, weights, strict=True))
                continue
            surplus = whole - all_before + self.alone[t]
            found += min(
                self.excess_without(t, use, whole, surplus - use.useful, limits, weights)
                for use in self.uses(t, stock, bought)
            )
        return found
