"""Dilution: kit that a plan buys, that serves no demand, and on which a share rests.

Where it is allowed (`allow_dilution = true`), it is named where a share rests on it (`resting`): it
is what the credit of that share would leave out. In periods in which none does it is

    what the plan adds to the denominator
    - the most of all that stands that can serve or is committed, with every line of demand served
    + the most of the untouched fleet that can serve or is committed alone

never below 0, and never more than was bought where it raises no share that rests on it.
`attribution` says which purchases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import RowKind
from placement.lp.exact_arrays import product, total
from placement.lp.labels import Label
from placement.optimization.data.existing_stock import Key
from placement.optimization.data.periods import Period
from placement.optimization.model.constraints.demand import (
    ServiceProgram,
    beyond,
    serves_alone,
    serves_most,
    serving_kits,
)
from placement.optimization.model.credit.served_alone import most, most_weight
from placement.optimization.model.credit.zones import Whole, share_wholes, weight, zones_of
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.optimization.results.costs import Cost, money_text, summed
from placement.optimization.results.decisions import decisions_of
from placement.optimization.results.dilution.purchases import Purchases, attributed
from placement.optimization.results.dilution.resting_shares import Resting, resting
from placement.optimization.results.dilution.share_rows import share_rows
from placement.readers.tables.sites import SiteStatus
from placement.report import Dilution as Told
from placement.text.decimals import THOUSAND, decimal_text

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

_NEAR = 1e-6
"""The most that a plan can serve is found to this part of it: nothing is decided by it."""
_NEAR_ENOUGH = 0.01


@dataclass(frozen=True, slots=True)
class Diluting:
    """What dilutes in a period: thousandths of `metric`, its cost, the rules that rest on it."""

    period: Period
    metric: str
    amount: int
    rules: tuple[str, ...]
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Dilution:
    """The dilution of a plan; all is empty where there is none.

    `x` is the plan with its service rearranged, so that what dilutes serves nothing. `parts`: which
    part of an install (site, model, period) serves nothing when it comes.
    """

    x: Ints
    periods: tuple[Diluting, ...] = ()
    parts: Mapping[tuple[str, str, str], Fraction] = field(default_factory=dict)

    def rules_from(self, period: Period) -> tuple[str, ...]:
        """Return the rules that rest on it in a period, or in the first later one where some do."""
        later = [one.rules for one in self.periods if one.period >= period and one.rules]
        return later[0] if later else ()


def dilution_of(
    grid: PlanSets, law: RuleInstances, kept_from: date, program: PlanProgram, x: Ints
) -> Dilution:
    """Find what a plan buys to dilute shares, where that is allowed."""
    problem, found = grid.problem, Dilution(x)
    if not problem.allow_dilution or problem.place is not None:
        return found
    periods = range(len(problem.periods))
    wholes = dict.fromkeys(one for t in periods for one in share_wholes(problem, t))
    doubted = [whole for whole in wholes if _Finding(grid, program, x, whole, ()).is_doubted()]
    if not doubted:
        return found
    rests = resting(grid, law, kept_from, program, x)
    for whole in dict.fromkeys(rest.whole for rest in rests):
        mine = [rest for rest in rests if rest.whole == whole]
        one = _Finding(grid, program, x, whole, mine).dilution()
        # Of several denominators the first one arranges the service.
        found = one if not found.periods else _both(found, one)
    return found


def dilution_records(dilution: Dilution) -> tuple[Told, ...]:
    """Return the dilution of each period for the report."""
    found = []
    for period in dilution.periods:
        kinds, discounted = summed(period.costs, lambda _: "").get("", ({}, 0))
        found.append(
            Told(
                period=period.period.name,
                amount=decimal_text(Fraction(period.amount, THOUSAND), 3),
                unit="TPP" if period.metric == "tpp" else period.metric,
                rules=period.rules,
                cost={kind: money_text(paid) for kind, paid in kinds.items()},
                discounted=money_text(discounted),
            )
        )
    return tuple(found)


def _both(a: Dilution, b: Dilution) -> Dilution:
    parts = {**b.parts, **a.parts}
    return Dilution(a.x, (*a.periods, *b.periods), parts)


class _Finding:
    """The search for what dilutes one denominator; amounts in thousandths."""

    def __init__(
        self, grid: PlanSets, program: PlanProgram, x: Ints, whole: Whole, rests: Sequence[Resting]
    ) -> None:
        self._grid, self._problem, self._program, self._x = grid, grid.problem, program, x
        self._whole, self._rests = whole, rests
        metric, places = whole
        problem, decided = grid.problem, decisions_of(program, x)
        self._units, self._bought, self._served = decided.stock, decided.install, decided.served
        there = [problem.sites[name].country in places for name in grid.sites]
        each = [weight(problem, model, metric) for model in grid.models]
        size = grid.unit() * np.array(each, dtype=object)[grid.model]
        size = np.where(np.array(there, dtype=bool)[grid.site], size, 0)
        moved = (self._units - grid.start[:, None]) * size[:, None]
        self._added = [int(one) for one in moved.sum(axis=0, dtype=object)]
        # What raises every share that rests on something dilutes none.
        raises = frozenset.intersection(*(rest.inside for rest in rests)) if rests else frozenset()
        self._size: Ints = np.where(grid.in_sites(raises), 0, size)
        by_period = (self._bought * self._size[:, None]).sum(axis=0, dtype=object)
        self._until = [int(one) for one in np.cumsum(by_period)]
        self._tests = share_rows(problem, program, x, whole)
        #: The service of a period, found once, and its best point.
        self._services: dict[int, tuple[ServiceProgram, Ints | None]] = {}

    def is_doubted(self) -> bool:
        """Tell whether some share may rest on purchases, by a bound that takes no search."""
        periods = range(len(self._problem.periods))
        # What is idle since it was moved is told by the search alone.
        moved = bool((self._units != self._grid.start[:, None] + self._bought.cumsum(axis=1)).any())
        return any(self._may_rest(t, self._most_surplus(t, capped=not moved)) for t in periods)

    def dilution(self) -> Dilution:
        """Return it."""
        problem, periods = self._problem, range(len(self._problem.periods))
        least = [
            max((rest.useless for rest in self._rests if rest.t == t), default=0) for t in periods
        ]
        found = [self._surplus(t) for t in periods]
        surplus = [self._capped(t, least[t]) if least[t] else found[t] for t in periods]
        x = self._x.copy()
        idle = [self._arrange(t, x) if surplus[t] else {} for t in periods]
        zones = [self._zone_names(t) for t in periods]
        pools = [[zones[t].get(name, name) for name in self._grid.sites] for t in periods]
        made = attributed(self._grid, Purchases(self._bought, self._size), surplus, pools, idle)
        lines = tuple(
            Diluting(
                period,
                self._whole[0],
                max(surplus[t], least[t]),
                self._rules(t, made.sites[t]),
                tuple(cost for cost in made.costs if cost.period == period),
            )
            for t, period in enumerate(problem.periods)
            if surplus[t] or least[t]
        )
        return Dilution(x, lines, made.parts)

    def _may_rest(self, t: int, amount: int) -> bool:
        """Tell whether some rule could be kept only by so much, wherever it stands."""
        return any(one.may_rest(amount) for one in self._tests.get(t, ()))

    def _rules(self, t: int, sites: Mapping[str, int]) -> tuple[str, ...]:
        """Name the rules that would not be kept without so much at some sites."""
        found = [f"{rest.rule} in {rest.place}" for rest in self._rests if rest.t == t]
        tests = self._tests.get(t, ())
        found += [test.name for test in tests if test.rests(self._problem, sites)]
        return tuple(dict.fromkeys(found))

    def _most_surplus(self, t: int, *, capped: bool = True) -> int:
        """Return a bound on the surplus that takes no search."""
        problem, (metric, places) = self._problem, self._whole
        alone = sum(
            count * weight(problem, model, metric)
            for (name, model), count in self._grid.holdings.standing(t).items()
            if problem.sites[name].country in places
        )
        found = self._added[t] + alone - self._served_at_least(t)
        return self._capped(t, found) if capped else max(0, found)

    def _served_at_least(self, t: int) -> int:
        """Return what serves in the plan, without what serves beyond the limit of a line."""
        problem, (metric, places) = self._problem, self._whole
        serving: dict[int, list[tuple[int, str, int]]] = {}
        for one, count in self._served:
            if one.t == t:
                inside = one.zone.countries <= places
                each = weight(problem, one.model, metric) if inside else 0
                serving.setdefault(one.line, []).append((each, one.model, count))
        found, kits = 0, serving_kits(problem)
        for number, parts in serving.items():
            line = problem.demands[number]
            amounts = {model: line.amount(problem.kits[model]) for _, model, _ in parts}
            over = sum(amounts[model] * count for _, model, count in parts)
            over -= beyond(kits, line)
            for each, model, count in sorted(parts, reverse=True):
                leaves = min(count, max(0, -(-over // amounts[model])))
                over -= leaves * amounts[model]
                found += each * (count - leaves)
        return found

    def _capped(self, t: int, amount: int) -> int:
        return max(0, min(amount, self._until[t]))

    def _surplus(self, t: int) -> int:
        """Return what the plan adds and nothing uses."""
        if not self._until[t]:
            return 0
        alone = most_weight(serves_alone(self._problem, self._grid.holdings, t, self._whole))
        service = serves_most(
            self._problem, self._stands(t), self._present(t), t, self._whole, asked=True
        )
        best = most(service.program, gap=_NEAR)
        self._services[t] = service, best
        served = 0 if best is None else -service.program.cost(best)
        # A search that was cut short gives too much of what nothing uses.
        found = self._capped(t, self._added[t] - served + alone)
        return min(found, self._most_surplus(t))

    def _stands(self, t: int) -> dict[Key, int]:
        """Return what stands by the plan and can serve."""
        found, unit = self._grid.holdings.idle(t), self._grid.unit()
        for group, key in enumerate(self._grid.keys):
            count = int(self._units[group, t]) * int(unit[group])
            if count and self._problem.sites[key[0]].stated is not SiteStatus.STORAGE:
                found[key] = found.get(key, 0) + count
        return found

    def _present(self, t: int) -> dict[Key, int]:
        """Return what stands throughout by the plan."""
        found, unit = self._grid.holdings.present(t), self._grid.unit()
        for group, key in enumerate(self._grid.keys):
            count = int(self._units[group, t]) * int(unit[group])
            if count:
                found[key] = found.get(key, 0) + count
        return found

    def _zone_names(self, t: int) -> dict[str, str]:
        return {name: zone.name for zone in zones_of(self._problem, t) for name in zone.sites}

    def _arrange(self, t: int, x: Ints) -> dict[Key, int]:
        """Let what stood before serve first, and of what is bought the dearest.

        Give what is idle then by (zone, or site that is in none, and model).
        """
        zones = self._zone_names(t)
        idle: dict[Key, int] = {}
        for (name, model), count in self._stands(t).items():
            pool = zones.get(name, name), model
            idle[pool] = idle.get(pool, 0) + count
        service, best = self._services[t]
        if best is None:
            return idle
        program = service.program
        used = np.flatnonzero(program.objective)
        locked = program.with_row(
            Label(RowKind.LOCK), used, program.objective[used],
            total(product(program.objective, best)),
        )  # fmt: skip
        ranks = self._ranks(t, zones)
        prices = {one.column: ranks.get((one.zone.name, one.model), 0) for one in service.served}
        better = most(locked.with_objective(prices), gap=_NEAR_ENOUGH)
        point = best if better is None else better
        mine = [one for one in self._program.variables.served if one.t == t]
        x[[one.column for one in mine]] = 0
        at = {(one.line, one.zone.name, one.model): one.column for one in mine}
        for one in service.served:
            x[at[one.line, one.zone.name, one.model]] = point[one.column]
            idle[one.zone.name, one.model] -= int(point[one.column])
        return idle

    def _ranks(self, t: int, zones: Mapping[str, str]) -> dict[Key, int]:
        """Rank the zones and models in which kit was bought: the cheapest has the highest rank."""
        problem = self._problem
        bought = self._bought[:, : t + 1].sum(axis=1, dtype=object)
        pools = {
            (zones.get(name, name), model)
            for group, (name, model) in enumerate(self._grid.keys)
            if bought[group] and self._size[group]
        }

        def price(pool: Key) -> Fraction:
            each = weight(problem, pool[1], self._whole[0])
            return Fraction(problem.price_in(pool[1], t)) / each

        order = sorted(pools, key=lambda pool: (-price(pool), pool))
        return {pool: place + 1 for place, pool in enumerate(order)}
