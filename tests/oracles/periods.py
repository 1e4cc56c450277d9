"""The answer to a tiny instance of several periods by trying every layout."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from tests.oracles.layouts import Choice
from tests.oracles.uses import Limit, Units, Use, Uses
from tests.support.tiny_one_period import CAP, COUNTED, FLOOR, TPP
from tests.support.tiny_periods import Many, judged_days

#: What is on its way: (from country, to country, counted TPP).
Flights = tuple[tuple[str, str, Fraction], ...]


@dataclass(frozen=True)
class Answer:
    """The first day from which all is kept, what is not placed, and the least cost (millionths)."""

    kept_from: date
    unplaced: int
    cost: int


def brute_force(many: Many) -> Answer | None:
    """Return the best answer over all layouts, None where none is allowed."""
    return Brute(many).best()


class Brute(Uses):
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
        """Return the first day from which a layout keeps every rule, None where it breaks any."""
        if not self.is_possible(chosen):
            return None
        flags = []
        for day in self.days:
            t = self.period_of(day)
            stock, bought = self.stock(chosen, t), self.bought(chosen, t)
            flights = self._flights(chosen, t)
            at = day, flights, *stock.values(), *bought.values()
            if at not in self._flags:
                self._flags[at] = self._shares(day, t, stock, bought, flights)
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

    def is_possible(self, chosen: tuple[Choice, ...]) -> bool:
        """Tell whether a layout fits everywhere and serves every line, whatever the shares are."""
        return all(
            self._is_possible(t, chosen, self.stock(chosen, t))
            and bool(self.uses(t, self.stock(chosen, t), self.bought(chosen, t)))
            for t in range(self.many.count)
        )

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

    def bought(self, chosen: tuple[Choice, ...], t: int) -> Units:
        """Return the units bought until a period."""
        return {
            (s, model): one.purchases[t][s]
            for one, model in zip(chosen, self.units, strict=True)
            for s in range(len(self.many.sites))
        }

    def _flights(self, chosen: tuple[Choice, ...], t: int) -> Flights:
        """Return what left in a period or before and arrives after it."""
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
            came = sum(one.purchases[t][s] for one in chosen) + sum(
                units
                for one in chosen
                for left, _, to, units in one.moves
                if to == s and left + many.transit <= t
            )
            if not self.fits(t, s, planned, came) or not self.is_left(t, s, planned):
                return False
        return all(self._promised(t, stock))

    def _promised(self, t: int, stock: dict[tuple[int, str], int]) -> Iterator[bool]:
        for one in self.many.promises:
            if not one.since <= t <= one.until:
                continue
            planned = 0
            first, last = one.days or (self.periods[t].first, self.periods[t].last)
            every = range((self.periods[t].last - self.periods[t].first).days + 1)
            days = (self.periods[t].first + timedelta(days=n) for n in every)
            by_day = {day: 0 for day in days if first <= day <= last}
            for s, site in enumerate(self.many.sites):
                for model, unit in self.units.items():
                    at = not one.site or one.site == site.name
                    inside = not one.countries or site.country in one.countries
                    if at and inside and one.model in (None, model):
                        planned += (stock[s, model] - self.starts[s, model]) * unit
                        for day in by_day:
                            by_day[day] += self.on(day, site.name, model)
            elsewhere = one.site is None and (not one.countries or "US" in one.countries)
            planned += self.many.adrift * (elsewhere and one.model in (None, "H100 SXM"))
            yield one.kind == "at_most" or planned + min(by_day.values()) >= one.quantity
            yield one.kind == "at_least" or planned + max(by_day.values()) <= one.quantity

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

    def _shares(
        self, day: date, t: int, stock: Units, bought: Units, flights: Flights
    ) -> tuple[bool, bool]:
        """Tell whether every share is kept on a day, and whether none is worse than untouched."""
        totals, before = self.totals(day, stock), self.totals(day, None)
        for _, to, weight in flights:
            totals[to] = totals.get(to, Fraction(0)) + weight
        all_before = sum(before.values())
        kept, not_worse = list[Limit](), list[Limit]()
        for parts, limit, asked in self.rules():
            part = sum((totals.get(c, Fraction(0)) for c in parts), Fraction(0))
            if self.many.both:
                part += sum(w for c, to, w in flights if c in parts and to not in parts)
            was = sum((before.get(c, Fraction(0)) for c in parts), Fraction(0)) / all_before
            kept.append(Limit(frozenset(parts), asked, part))
            not_worse.append(Limit(frozenset(parts), max(limit, was), part))
        whole, uses = sum(totals.values(), Fraction(0)), self.uses(t, stock, bought)
        surplus = whole - all_before + self.alone[t]
        return (
            self._is_kept(t, whole, surplus, uses, kept),
            self._is_kept(t, whole, surplus, uses, not_worse),
        )

    def _is_kept(
        self, t: int, whole: Fraction, surplus: Fraction, uses: list[Use], limits: list[Limit]
    ) -> bool:
        """Tell whether shares are kept in some use; `surplus`: that of one in which nothing is."""
        if not self.many.demand or self.many.dilution:
            return all(one.part <= one.limit * whole for one in limits)
        return any(
            self.is_kept_without(t, use, whole, surplus - use.useful, limits) for use in uses
        )

    def rules(self) -> list[tuple[set[str], Fraction, Fraction]]:
        """Return the countries of each share, the most that they may be, also with the margin."""
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
