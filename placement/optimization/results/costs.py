"""What a plan costs, by period, country and kind: sums of the program's own integers.

`discounted` adds up to the objective exactly. `cost` is the same money as it is paid, undiscounted;
both are rounded as the objective is, once for each purchase unit, to micro-units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.lp.exact_arrays import product, scatter
from placement.lp.program import MICRO
from placement.optimization.data.periods import Period
from placement.optimization.model.constant_cost import constant_costs
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.prices import prices_of, purchases_of, running_of
from placement.optimization.model.sets import PlanSets
from placement.optimization.results.decisions import Decisions, decisions_of
from placement.report import YearCost
from placement.text.decimals import decimal_text

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

COST_COLUMNS = ("period", "year", "country", "kind", "cost", "discounted")

KINDS = ("purchases", "running", "moves", "retirements", "fixed")
"""The kinds of cost, in the order in which they are shown; `running` is energy and hosting."""

#: (index of the period, country, kind)
_Of = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Cost:
    """What is paid in a period for kit in a country, in micro-units; as paid, and discounted.

    A move or a retirement is paid where the kit leaves.
    """

    period: Period
    country: str
    kind: str
    cost: int
    discounted: int

    @property
    def year(self) -> int:
        """The calendar year that the period is in."""
        return self.period.first.year

    def cells(self) -> tuple[str, ...]:
        """Return the row of costs.csv."""
        return (
            self.period.name, str(self.year), self.country, self.kind,
            money_text(self.cost), money_text(self.discounted),
        )  # fmt: skip


def money_text(micro: int) -> str:
    """Write money that is given in micro-units."""
    return decimal_text(Fraction(micro, MICRO), 6)


def summed(
    costs: Iterable[Cost], key: Callable[[Cost], str]
) -> dict[str, tuple[dict[str, int], int]]:
    """Give, by a key, what is paid by kind, and the discounted sum."""
    found: dict[str, tuple[dict[str, int], int]] = {}
    for cost in costs:
        kinds, discounted = found.get(key(cost), ({}, 0))
        kinds[cost.kind] = kinds.get(cost.kind, 0) + cost.cost
        found[key(cost)] = kinds, discounted + cost.discounted
    return found


def by_kind(costs: Iterable[Cost]) -> dict[str, str]:
    """Return the discounted sums by kind as text: the parts of the objective."""
    sums = {kind: discounted for kind, (_, discounted) in summed(costs, lambda c: c.kind).items()}
    return {kind: money_text(sums[kind]) for kind in KINDS if sums.get(kind)}


def paid_by_kind(costs: Iterable[Cost]) -> dict[str, str]:
    """Return the sums by kind as text, as they are paid."""
    paid, _ = summed(costs, lambda _: "").get("", ({}, 0))
    return {kind: money_text(paid[kind]) for kind in KINDS if paid.get(kind)}


def by_year(costs: Iterable[Cost]) -> tuple[YearCost, ...]:
    """Return what is paid in each year."""
    return tuple(
        YearCost(
            year=int(year),
            cost=money_text(sum(kinds.values())),
            discounted=money_text(discounted),
        )
        for year, (kinds, discounted) in summed(costs, lambda one: str(one.year)).items()
    )


def costs_of(grid: PlanSets, program: PlanProgram, x: Ints) -> tuple[Cost, ...]:
    """Break up the cost of a point of the program that minimizes it."""
    undiscounted = replace(grid, factors=(Fraction(1),) * len(grid.factors))
    decided = decisions_of(program, x)
    paid, discounted = _decided(undiscounted, decided), _decided(grid, decided)
    for found, of in ((paid, undiscounted), (discounted, grid)):
        for key, value in constant_costs(of).items():
            found[key] = found.get(key, 0) + value
    apart = sum(discounted.values()) - program.cost(x)
    if apart:
        raise AssertionError(f"costs by kind are {apart} micro-units off the objective")
    costs = [
        Cost(grid.problem.periods[key[0]], *key[1:], paid.get(key, 0), discounted.get(key, 0))
        for key in sorted(
            {*paid, *discounted}, key=lambda key: (key[0], key[1], KINDS.index(key[2]))
        )
    ]
    return tuple(cost for cost in costs if cost.cost or cost.discounted)


def _decided(grid: PlanSets, decided: Decisions) -> dict[_Of, int]:
    """Sum up what is decided at the prices of a grid."""
    problem, moves = grid.problem, grid.problem.moves
    moving = prices_of(grid, moves.usd_per_accelerator if moves else None)
    parts = (
        ("purchases", decided.install, purchases_of(grid)),
        ("running", decided.stock, running_of(grid)),
        ("moves", decided.move_out, moving),
        ("retirements", decided.retire, prices_of(grid, problem.retire_usd)),
    )
    countries = sorted({problem.sites[name].country for name in grid.sites})
    number = {country: place for place, country in enumerate(countries)}
    country = np.array([number[problem.sites[name].country] for name in grid.sites], np.int64)
    found: dict[_Of, int] = {}
    for kind, units, price in parts:
        group, t = np.nonzero(units)
        periods = len(problem.periods)
        at = country[grid.site[group]] * periods + t
        sums = scatter(len(countries) * periods, at, product(price[group, t], units[group, t]))
        for place in np.flatnonzero(sums).tolist():
            where, when = divmod(place, periods)
            found[when, countries[where], kind] = int(sums[place])
    return found
