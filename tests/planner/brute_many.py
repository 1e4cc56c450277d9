"""The answer to a tiny instance of several periods by trying every layout."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from tests.planner.brute_layouts import Choice, Layouts, vectors
from tests.planner.tiny import CAP, COUNTED, FLOOR, TPP, amount_of
from tests.planner.tiny_many import Many, ManyDemand, judged_days

#: What is on its way: (from country, to country, counted TPP).
Flights = tuple[tuple[str, str, Fraction], ...]


@dataclass(frozen=True)
class Answer:
    """The first day from which all is kept, what is not placed, and the least cost (millionths)."""

    kept_from: date
    unplaced: int
    cost: int


def brute_force(many: Many) -> Answer | None:
    """Give the best answer over all layouts, None where none is allowed."""
    return Brute(many).best()


class Brute(Layouts):
    # What is asked of a layout.

    def best(self) -> Answer | None:
        best: Answer | None = None
        choices = [list(self.choices(model)) for model in self.units]
        offered = sum(
            row[0] * offer.unit for offer in self.many.supply for row in offer.rows if row
        )
        first = self.first if self.many.mode == "strict" else self.days[0]
        ordered = []
        for chosen in itertools.product(*choices):
            left = offered - sum(one.bought for one in chosen)
            left = left if self.place == "as_much_as_fits" else 0
            ordered.append((left, sum(one.cost for one in chosen) + self.constant_micro, chosen))
        for left, cost, chosen in sorted(ordered, key=lambda one: one[:2]):
            if best is not None and best.kept_from == first:
                break
            kept_from = self.kept_from(chosen)
            if kept_from is not None:
                found = Answer(kept_from, left, cost)
                best = found if best is None or _key(found) < _key(best) else best
        return best

    @cached_property
    def days(self) -> list[date]:
        return judged_days(self.periods)

    def kept_from(self, chosen: tuple[Choice, ...]) -> date | None:
        """Give the first day from which a layout keeps every rule, None where it is not allowed."""
        used = self.serving(chosen)
        if used is None:
            return None
        flags = []
        for day in self.days:
            t = self.period_of(day)
            stock = self.stock(chosen, t)
            flights = self._flights(chosen, t)
            at = day, used[t], flights, *stock.values()
            if at not in self._flags:
                self._flags[at] = self._shares(day, t, stock, used[t], flights)
            flags.append(self._flags[at])
        kept_from: date | None = None
        for day, (kept, _) in zip(reversed(self.days), reversed(flags), strict=True):
            if not kept:
                break
            kept_from = day
        if kept_from is None:
            return None
        if self.many.mode == "strict":
            return self.first if kept_from == self.days[0] else None
        not_worse = all(
            fine for day, (_, fine) in zip(self.days, flags, strict=True) if day < kept_from
        )
        return kept_from if not_worse else None

    def serving(self, chosen: tuple[Choice, ...]) -> list[Fraction] | None:
        """Give the most counted TPP that serves, by period; None where a layout is impossible."""
        used: list[Fraction] = []
        for t in range(self.many.count):
            stock = self.stock(chosen, t)
            if not self._is_possible(t, chosen, stock):
                return None
            key = t, *stock.values()
            if key not in self._pooled:
                self._pooled[key] = self._pools(t, stock)
            serving = self._serving(t, self._pooled[key])
            if serving is None:
                return None
            used.append(serving)
        return used

    def period_of(self, day: date) -> int:
        return next(t for t, p in enumerate(self.periods) if p.first <= day <= p.last)

    @cached_property
    def _flags(self) -> dict[object, tuple[bool, bool]]:
        return {}

    def stock(self, chosen: tuple[Choice, ...], t: int) -> dict[tuple[int, str], int]:
        return {
            (s, model): one.stock[t][s]
            for one, model in zip(chosen, self.units, strict=True)
            for s in range(len(self.many.sites))
        }

    def _flights(self, chosen: tuple[Choice, ...], t: int) -> Flights:
        """Give what left in a period or before and arrives after it."""
        where = [site.country for site in self.many.sites]
        return tuple(
            (where[s], where[to], units * unit * TPP[model])
            for one, (model, unit) in zip(chosen, self.units.items(), strict=True)
            for left, s, to, units in one.moves
            if left <= t < left + self.many.transit and COUNTED[model]
        )

    def _is_possible(
        self, t: int, chosen: tuple[Choice, ...], stock: dict[tuple[int, str], int]
    ) -> bool:
        many = self.many
        budgets = many.budgets * many.count if len(many.budgets) == 1 else many.budgets
        if budgets and self.constant[t] + sum(one.spent[t] for one in chosen) > budgets[t]:
            return False
        if many.most_moved is not None and sum(one.moved[t] for one in chosen) > many.most_moved:
            return False
        for s in range(len(many.sites)):
            planned = {model: stock[s, model] for model in self.units}
            if not self.fits(t, s, planned) or not self.is_left(t, s, planned):
                return False
        return all(self._promised(t, stock))

    def _promised(self, t: int, stock: dict[tuple[int, str], int]) -> Iterator[bool]:
        for one in self.many.promises:
            if not one.since <= t <= one.until:
                continue
            planned = fixed = 0
            by_day = dict.fromkeys(self.days_in(t), 0)
            for s, site in enumerate(self.many.sites):
                for model, unit in self.units.items():
                    at = not one.site or one.site == site.name
                    inside = not one.countries or site.country in one.countries
                    if at and inside and one.model in (None, model):
                        planned += (stock[s, model] - self.starts[s, model]) * unit
                        fixed += self.all_period(t, site.name, model)
                        for day in by_day:
                            by_day[day] += self.on(day, site.name, model)
            elsewhere = one.site is None and (not one.countries or "US" in one.countries)
            planned += self.many.adrift * (elsewhere and one.model in (None, "H100 SXM"))
            most = planned + max(by_day.values())
            yield one.kind == "at_most" or planned + fixed >= one.quantity
            yield one.kind == "at_least" or most <= one.quantity

    # Service.

    def _lines(self, t: int) -> list[ManyDemand]:
        return [line for line in self.many.demand if line.t == t]

    def _pools(
        self, t: int, stock: dict[tuple[int, str], int]
    ) -> tuple[tuple[tuple[int, ...], str, int], ...]:
        """Give (lines that may use it, model, accelerators) of all that can serve."""
        found: dict[tuple[tuple[int, ...], str], int] = {}
        for s, site in enumerate(self.many.sites):
            if site.status == "storage" or self.is_shut(t, s):
                continue
            for model, unit in self.units.items():
                lines = tuple(
                    n
                    for n, line in enumerate(self._lines(t))
                    if (not line.countries or site.country in line.countries)
                    and (line.within is None or self.many.ms[s] <= line.within)
                    and amount_of(line, model)
                )
                count = self.all_period(t, site.name, model)
                count += (stock[s, model] - self.starts[s, model]) * unit
                found[lines, model] = found.get((lines, model), 0) + count
        return tuple((lines, model, n) for (lines, model), n in sorted(found.items()))

    def _serving(
        self, t: int, pools: tuple[tuple[tuple[int, ...], str, int], ...]
    ) -> Fraction | None:
        """Give the most counted TPP that serves while every line has enough, None: none has."""
        key = t, pools
        if key not in self._known:
            lines = self._lines(t)
            served = [
                used
                for amounts, used in self._services(t, pools)
                if all(a >= Fraction(d.quantity) for a, d in zip(amounts, lines, strict=True))
            ]
            self._known[key] = max(served, default=None)
        return self._known[key]

    @cached_property
    def _pooled(self) -> dict[object, tuple[tuple[tuple[int, ...], str, int], ...]]:
        return {}

    @cached_property
    def _known(self) -> dict[object, Fraction | None]:
        return {}

    def _services(
        self, t: int, pools: tuple[tuple[tuple[int, ...], str, int], ...]
    ) -> set[tuple[tuple[Fraction, ...], Fraction]]:
        """Give every (amount of each line, counted TPP in use)."""
        lines = self._lines(t)
        ends = [
            Fraction(line.quantity) + max(amount_of(line, m) * self.units[m] for m in self._serves)
            for line in lines
        ]
        states = {(tuple(Fraction(0) for _ in lines), Fraction(0))}
        for usable, model, count in pools:
            more = set()
            for amounts, used in states:
                for split in vectors(len(usable), count):
                    now = list(amounts)
                    for n, served in zip(usable, split, strict=True):
                        now[n] += served * amount_of(lines[n], model)
                    if all(a <= end for a, end in zip(now, ends, strict=True)):
                        weight = TPP[model] if COUNTED[model] else Fraction(0)
                        more.add((tuple(now), used + sum(split) * weight))
            states = more
        return states

    @cached_property
    def _serves(self) -> list[str]:
        """Give the models that may serve at all; where there are none, nothing serves anyway."""
        stored = {site.name for site in self.many.sites if site.status == "storage"}
        found = {lot.model for lot in self.many.lots if lot.site not in stored}
        found |= {one.model for one in self.many.supply if any(row and row[0] for row in one.rows)}
        return sorted(found or self.units)

    # Shares.

    def totals(self, day: date, stock: dict[tuple[int, str], int] | None) -> dict[str, Fraction]:
        found = {"US": self.many.adrift * TPP["H100 SXM"]}
        for s, site in enumerate(self.many.sites):
            for model, unit in self.units.items():
                if COUNTED[model]:
                    count = self.on(day, site.name, model)
                    if stock is not None:
                        count += (stock[s, model] - self.starts[s, model]) * unit
                    found[site.country] = found.get(site.country, Fraction(0)) + count * TPP[model]
        return found

    @cached_property
    def _alone(self) -> list[Fraction]:
        """Give the most counted TPP that the untouched fleet serves, by period."""
        stock = dict(self.starts)
        return [
            max(used for _, used in self._services(t, self._pools(t, stock)))
            for t in range(self.many.count)
        ]

    def _shares(
        self,
        day: date,
        t: int,
        stock: dict[tuple[int, str], int],
        used: Fraction,
        flights: Flights,
    ) -> tuple[bool, bool]:
        """Tell whether every share is kept on a day, and whether none is worse than untouched."""
        totals, before = self.totals(day, stock), self.totals(day, None)
        for _, to, weight in flights:
            totals[to] = totals.get(to, Fraction(0)) + weight
        all_before = sum(before.values())
        credit = self.credit(t, totals, before, used)
        kept = not_worse = True
        for parts, limit, asked in self.rules():
            part = sum((totals.get(c, Fraction(0)) for c in parts), Fraction(0))
            if self.many.both:
                part += sum(w for c, to, w in flights if c in parts and to not in parts)
            was = sum((before.get(c, Fraction(0)) for c in parts), Fraction(0)) / all_before
            kept = kept and part <= asked * credit
            not_worse = not_worse and part <= max(limit, was) * credit
        return kept, not_worse

    def credit(
        self, t: int, totals: dict[str, Fraction], before: dict[str, Fraction], used: Fraction
    ) -> Fraction:
        """Give what shares are shares of: no more than serves, and than was idle anyway."""
        whole = sum(totals.values(), Fraction(0))
        if not self.many.demand or self.many.dilution:
            return whole
        return min(whole, used + sum(before.values()) - self._alone[t])

    def rules(self) -> list[tuple[set[str], Fraction, Fraction]]:
        """Give the countries of each share, the most that they may be, and that with the margin."""
        countries = {site.country for site in self.many.sites} | {"US"}
        second = sorted(countries - {"US", "DE"})
        outside, single = self._margin("basic.us", FLOOR), self._margin("basic.single_country", CAP)
        return [
            (countries - {"US"}, 1 - FLOOR, 1 - FLOOR - outside),
            *(({one}, CAP, CAP - single) for one in second),
        ]

    def _margin(self, rule: str, limit: Fraction) -> Fraction:
        margins = dict(self.many.margins)
        text = margins.get(rule, margins.get("*", "0%"))
        if text.endswith("pp"):
            return Fraction(text[:-2]) / 100
        return limit * Fraction(text[:-1]) / 100


def _key(answer: Answer) -> tuple[date, int, int]:
    return answer.kept_from, answer.unplaced, answer.cost
