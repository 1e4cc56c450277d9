"""What is paid whatever is decided, in micro-units, discounted.

It is rounded as decided cost is: a purchase unit that stands all of a period costs what a decided
one would. So a plan carried on from a later period costs what is left of it, to the last digit.
What fills no purchase unit, what stands for a part of a period and the fixed part are rounded once
for each period and country.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from placement.lp.program import MICRO
from placement.optimization.data.existing_stock import running_cost
from placement.optimization.model.sets import PlanSets

#: (index of the period, country, kind of cost)
Of = tuple[int, str, str]


def constant_costs(grid: PlanSets) -> dict[Of, int]:
    """Return the cost that no decision changes, by period, country and kind."""
    found: dict[Of, int] = {}
    for t, factor in enumerate(grid.factors):
        micro = factor * MICRO
        fixed, running = grid.holdings.constant_costs(t)
        rest = dict(running)
        for country, cost in fixed.items():
            _add(found, (t, country, "fixed"), round(cost * micro))
        for (name, model), units in grid.holdings.constant_units(t).items():
            problem, period = grid.problem, grid.problem.periods[t]
            site, kit = problem.sites[name], problem.kits[model]
            each = kit.unit * running_cost(site, kit, period, period.days)
            rest[site.country] -= units * each
            _add(found, (t, site.country, "running"), units * _half_up(each * micro))
        for country, cost in rest.items():
            _add(found, (t, country, "running"), round(cost * micro))
    return {of: cost for of, cost in found.items() if cost}


def _add(found: dict[Of, int], of: Of, cost: int) -> None:
    found[of] = found.get(of, 0) + cost


def _half_up(cost: Fraction) -> int:
    """Round to a whole number, halves up, as the cost of a decided unit is."""
    return floor(cost + Fraction(1, 2))
