"""Which purchases dilute, and what they cost.

Of a surplus that never falls below some amount again, that amount was bought to stay: in each
period as much as it rises, out of what is bought then. What else is surplus in a period is of the
latest purchases, and serves later: its purchase is not counted, what it takes to run is. Of the
purchases of a period those that serve nothing come first, the cheapest before the others.

A purchase unit that dilutes in part has that part of its cost, rounded down to a millionth once for
each site, model, period of purchase and period.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.optimization.data.existing_stock import Key
from placement.optimization.model.prices import purchases_of, running_of
from placement.optimization.model.sets import PlanSets
from placement.optimization.results.costs import KINDS, Cost

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

#: A purchase: the group, and the period in which it is bought.
_Lot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Purchases:
    """Units bought by group and period, and the thousandths of a unit by group (0: none)."""

    units: Ints
    size: Ints


@dataclass(frozen=True, slots=True)
class Attributed:
    """The surplus as purchases: by period what stands at a site, in thousandths; and its cost.

    `parts`: which part of an install (site, model, period) is surplus when it comes.
    """

    sites: tuple[Mapping[str, int], ...]
    parts: Mapping[tuple[str, str, str], Fraction]
    costs: tuple[Cost, ...]


def attributed(
    grid: PlanSets,
    purchases: Purchases,
    surplus: Sequence[int],
    pools: Sequence[Sequence[str]],
    idle: Sequence[Mapping[Key, int]],
) -> Attributed:
    """Attribute the surplus of each period to purchases, at most all of them.

    `pools`: by period and site, the zone; `idle`: by period, the accelerators of a (zone, model)
    that serve nothing.
    """
    made = _Attribution(grid, purchases, pools, idle)
    stays: dict[_Lot, int] = {}
    parts: dict[tuple[str, str, str], Fraction] = {}
    sites: list[dict[str, int]] = []
    for t, amount in enumerate(surplus):
        made.begin(t, stays)
        new = made.bought(t)
        rises = min(surplus[t:]) - sum(stays.values())
        taken = made.spread(new, max(0, rises))
        made.buy(taken)
        stays.update(taken)
        here = dict(stays)
        for since in range(t, -1, -1):
            left = amount - sum(here.values())
            rest = {lot: most - here.get(lot, 0) for lot, most in made.bought(since).items()}
            for lot, more in made.spread(rest, left).items():
                here[lot] = here.get(lot, 0) + more
        made.run(here)
        sites.append({})
        for (group, _), part in here.items():
            name = grid.sites[grid.site[group]]
            sites[t][name] = sites[t].get(name, 0) + part
        for lot in new.keys() & here.keys():
            site, model = grid.keys[lot[0]]
            parts[site, model, grid.periods[t]] = Fraction(here[lot], new[lot])
    return Attributed(tuple(sites), parts, made.costs())


class _Attribution:
    """Purchases, what is idle, and the costs gathered so far."""

    def __init__(
        self,
        grid: PlanSets,
        purchases: Purchases,
        pools: Sequence[Sequence[str]],
        idle: Sequence[Mapping[Key, int]],
    ) -> None:
        self._grid, self._purchases = grid, purchases
        self._pools, self._idle_by_period = pools, idle
        #: The period looked at, and what is idle in it and not attributed yet.
        self._t, self._idle = 0, dict[Key, int]()
        paid = replace(grid, factors=(Fraction(1),) * len(grid.factors))
        #: What a unit costs as paid and discounted: to buy, and to run.
        self._buy = purchases_of(paid), purchases_of(grid)
        self._run = running_of(paid), running_of(grid)
        self._found: dict[tuple[int, str, str], list[int]] = {}

    def begin(self, t: int, stays: Mapping[_Lot, int]) -> None:
        """Look at a period, in which some purchases of before are known to serve nothing."""
        self._t, self._idle = t, dict(self._idle_by_period[t])
        for lot, amount in stays.items():
            self._take(lot, amount)

    def bought(self, t: int) -> dict[_Lot, int]:
        """Return the thousandths of what is bought in a period, the cheapest first."""
        units, size = self._purchases.units, self._purchases.size
        lots = [group for group in range(len(size)) if units[group, t] and size[group]]

        def price(group: int) -> Fraction:
            runs = sum(self._run[1][group, t:].tolist())
            return Fraction(int(self._buy[1][group, t]) + runs, int(size[group]))

        order = sorted(lots, key=lambda group: (price(group), group))
        return {(group, t): int(units[group, t]) * int(size[group]) for group in order}

    def spread(self, lots: Mapping[_Lot, int], amount: int) -> dict[_Lot, int]:
        """Spread an amount over purchases, first over those that serve nothing."""
        found: dict[_Lot, int] = {}
        for only_idle in (True, False):
            for lot, most in lots.items():
                part = min(most - found.get(lot, 0), amount)
                if only_idle:
                    pool, each = self._pool(lot)
                    part = min(part, self._idle.get(pool, 0) * each)
                if part > 0:
                    found[lot] = found.get(lot, 0) + part
                    amount -= part
                    self._take(lot, part)
        return found

    def _pool(self, lot: _Lot) -> tuple[Key, int]:
        """Return the zone and model of a purchase, and the thousandths of an accelerator."""
        grid, group = self._grid, lot[0]
        model = grid.models[grid.model[group]]
        each = int(self._purchases.size[group]) // grid.problem.kits[model].unit
        return (self._pools[self._t][grid.site[group]], model), each

    def _take(self, lot: _Lot, amount: int) -> None:
        pool, each = self._pool(lot)
        self._idle[pool] = max(0, self._idle.get(pool, 0) - -(-amount // each))

    def buy(self, lots: Mapping[_Lot, int]) -> None:
        """Count what some purchases cost."""
        for lot, amount in lots.items():
            self._count("purchases", lot, amount, lot[1], self._buy)

    def run(self, lots: Mapping[_Lot, int]) -> None:
        """Count what it costs to run some purchases in the period."""
        for lot, amount in lots.items():
            self._count("running", lot, amount, self._t, self._run)

    def _count(self, kind: str, lot: _Lot, amount: int, t: int, prices: tuple[Ints, Ints]) -> None:
        group = lot[0]
        country = self._grid.problem.sites[self._grid.keys[group][0]].country
        found = self._found.setdefault((t, country, kind), [0, 0])
        for place, price in enumerate(prices):
            found[place] += int(price[group, t]) * amount // int(self._purchases.size[group])

    def costs(self) -> tuple[Cost, ...]:
        """Return the costs in the order of costs.csv."""
        order = sorted(self._found, key=lambda key: (key[0], key[1], KINDS.index(key[2])))
        return tuple(
            Cost(self._grid.problem.periods[t], country, kind, *self._found[t, country, kind])
            for t, country, kind in order
        )
