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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.exact_arrays import product, total
from placement.lp.labels import Label
from placement.lp.program import Program
from placement.optimization.data.existing_stock import Key
from placement.optimization.data.periods import Period
from placement.optimization.model.constraints.demand import (
    beyond,
    serves_alone,
    serves_most,
    serving_kits,
)
from placement.optimization.model.credit.served_alone import most, most_weight
from placement.optimization.model.credit.zones import Whole, share_wholes, weight, zones_of
from placement.optimization.model.label_keys import RuleKey, ServedKey, WholeKey
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.optimization.results.costs import Cost, money_text, summed
from placement.optimization.results.dilution.purchases import Purchases, attributed
from placement.optimization.results.dilution.resting_shares import Resting, resting
from placement.policy.row import PlaceColumn
from placement.policy.rules import ShareRule
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
    grid: PlanSets, law: RuleInstances, kept_from: date, program: Program, x: Ints
) -> Dilution:
    """Find what a plan buys to dilute shares, where that is allowed."""
    problem, found = grid.problem, Dilution(x)
    if not problem.allow_dilution or problem.place is not None or program.steps is None:
        return found
    periods = range(len(problem.periods))
    wholes = dict.fromkeys(one for t in periods for one in share_wholes(problem, t))
    doubted = [one for one in wholes if _Finding(grid, program, x, one, ()).is_doubted()]
    if not doubted:
        return found
    rests = resting(grid, law, kept_from, program, x)
    for whole in dict.fromkeys(one.whole for one in rests):
        mine = [one for one in rests if one.whole == whole]
        one = _Finding(grid, program, x, whole, mine).dilution()
        # Of several denominators the first one arranges the service.
        found = one if not found.periods else _both(found, one)
    return found


def dilution_records(dilution: Dilution) -> tuple[Told, ...]:
    """Return the dilution of each period for the report."""
    found = []
    for one in dilution.periods:
        kinds, discounted = summed(one.costs, lambda _: "").get("", ({}, 0))
        found.append(
            Told(
                period=one.period.name,
                amount=decimal_text(Fraction(one.amount, THOUSAND), 3),
                unit="TPP" if one.metric == "tpp" else one.metric,
                rules=one.rules,
                cost={kind: money_text(paid) for kind, paid in kinds.items()},
                discounted=money_text(discounted),
            )
        )
    return tuple(found)


def _both(a: Dilution, b: Dilution) -> Dilution:
    parts = {**b.parts, **a.parts}
    return Dilution(a.x, (*a.periods, *b.periods), parts)


@dataclass(frozen=True, slots=True)
class _Share:
    """A row of a share: how far it is kept, and what a thousandth in the denominator does to it.

    `parts`: what one does besides that stands at a place (in the terms of `by`).
    """

    name: str
    by: PlaceColumn
    slack: int
    whole: int
    parts: Mapping[str, int]


class _Finding:
    """The search for what dilutes one denominator; amounts in thousandths."""

    def __init__(
        self, grid: PlanSets, program: Program, x: Ints, whole: Whole, rests: Sequence[Resting]
    ) -> None:
        if program.steps is None:
            raise AssertionError("a program without stock buys nothing")
        self._grid, self._problem, self._program, self._x = grid, grid.problem, program, x
        self._whole, self._rests = whole, rests
        metric, places = whole
        problem, steps = grid.problem, program.steps
        self._units = x[steps.stock]
        there = [problem.sites[name].country in places for name in grid.sites]
        each = [weight(problem, model, metric) for model in grid.models]
        size = grid.unit() * np.array(each, dtype=object)[grid.model]
        size = np.where(np.array(there, dtype=bool)[grid.site], size, 0)
        moved = (self._units - steps.start[:, None]) * size[:, None]
        self._added = [int(one) for one in moved.sum(axis=0, dtype=object)]
        # What raises every share that rests on something dilutes none.
        raises = frozenset.intersection(*(one.inside for one in rests)) if rests else frozenset()
        self._size: Ints = np.where(grid.in_sites(raises), 0, size)
        table = next(table for kind, _, table in steps.changes if kind is ColumnKind.INSTALL)
        self._bought: Ints = np.where(table >= 0, x[np.maximum(table, 0)], 0)
        by_period = (self._bought * self._size[:, None]).sum(axis=0, dtype=object)
        self._until = [int(one) for one in np.cumsum(by_period)]
        self._tests = self._shares()
        #: The service of a period, found once: (program, point).
        self._services: dict[int, tuple[Program, Ints | None]] = {}

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
            max((one.useless for one in self._rests if one.t == t), default=0) for t in periods
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

    def _shares(self) -> dict[str, list[_Share]]:
        """Return the rows of shares by the name of their period."""
        program, found = self._program, dict[str, list[_Share]]()
        metric, places = self._whole
        name = ";".join(sorted(places))
        place_of = {
            column: program.columns[column].of[1]
            for column in program.columns.of_kind(ColumnKind.TOTAL).tolist()
        }
        wholes = {
            column: of.period
            for column, of in program.columns.keys(ColumnKind.WHOLE, WholeKey)
            if (of.metric, of.places) == (metric, name)
        }
        for row, (rule, place, _) in program.rows.keys(RowKind.RULE, RuleKey):
            kind = self._problem.policy.rule(rule)
            entries = list(program.entries(row))
            at = next((one for one in entries if one[0] in wholes), None)
            if at is None or not isinstance(kind, ShareRule) or kind.about != "owner":
                continue
            slack = int(program.row_upper[row]) - program.activity(row, self._x)
            parts = {place_of[column]: value for column, value in entries if column in place_of}
            share = _Share(f"{rule} in {place}", kind.by, slack, at[1], parts)
            found.setdefault(wholes[at[0]], []).append(share)
        return found

    def _may_rest(self, t: int, amount: int) -> bool:
        """Tell whether some rule could be kept only by so much, wherever it stands."""
        tests = self._tests.get(self._problem.periods[t].name, ())
        return any(
            one.slack + (one.whole + min((0, *one.parts.values()))) * amount < 0 for one in tests
        )

    def _rules(self, t: int, sites: Mapping[str, int]) -> tuple[str, ...]:
        """Name the rules that would not be kept without so much at some sites."""
        found = [f"{one.rule} in {one.place}" for one in self._rests if one.t == t]
        for one in self._tests.get(self._problem.periods[t].name, ()):
            less = sum(sites.values()) * one.whole
            for name, amount in sites.items():
                less += amount * one.parts.get(self._problem.sites[name].place(one.by), 0)
            if one.slack + less < 0:
                found.append(one.name)
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
        zones = {zone.name: zone for zone in zones_of(problem, t)}
        lines = {one.label: one for one in problem.demands if one.t == t}
        serving: dict[str, list[tuple[int, str, int]]] = {}
        for column in self._served(t):
            label, zone, model, _ = self._program.columns[column].key(ServedKey)
            each = weight(problem, model, metric) if zones[zone].countries <= places else 0
            serving.setdefault(label, []).append((each, model, int(self._x[column])))
        found, kits = 0, serving_kits(problem)
        for label, parts in serving.items():
            line = lines[label]
            amounts = {model: line.amount(problem.kits[model]) for _, model, _ in parts}
            over = sum(amounts[model] * count for _, model, count in parts)
            over -= beyond(kits, line)
            for each, model, count in sorted(parts, reverse=True):
                leaves = min(count, max(0, -(-over // amounts[model])))
                over -= leaves * amounts[model]
                found += each * (count - leaves)
        return found

    def _served(self, t: int) -> Iterable[int]:
        columns = self._program.columns.of_kind(ColumnKind.SERVED)
        name = self._problem.periods[t].name
        return [
            c for c in columns.tolist() if self._program.columns[c].key(ServedKey).period == name
        ]

    def _capped(self, t: int, amount: int) -> int:
        return max(0, min(amount, self._until[t]))

    def _surplus(self, t: int) -> int:
        """Return what the plan adds and nothing uses."""
        if not self._until[t]:
            return 0
        alone = most_weight(serves_alone(self._problem, self._grid.holdings, t, self._whole))
        program = serves_most(
            self._problem, self._stands(t), self._present(t), t, self._whole, asked=True
        )
        best = most(program, gap=_NEAR)
        self._services[t] = program, best
        served = 0 if best is None else -program.cost(best)
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
        program, best = self._services[t]
        if best is None:
            return idle
        used = np.flatnonzero(program.objective)
        locked = program.with_row(
            Label(RowKind.LOCK), used, program.objective[used],
            total(product(program.objective, best)),
        )  # fmt: skip
        ranks = self._ranks(t, zones)
        names = dict(program.columns.keys(ColumnKind.SERVED, ServedKey))
        prices = {column: ranks.get((of.zone, of.model), 0) for column, of in names.items()}
        better = most(locked.with_objective(prices), gap=_NEAR_ENOUGH)
        point = best if better is None else better
        for column in self._served(t):
            x[column] = 0
        at = {self._program.columns[column].of: column for column in self._served(t)}
        for column, of in names.items():
            x[at[of]] = point[column]
            idle[of.zone, of.model] -= int(point[column])
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
