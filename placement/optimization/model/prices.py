"""Prices of units by group and period (G x T), discounted, in micro-units of the currency."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.lp.exact_arrays import exact_ints, whole_numbers
from placement.lp.program import MICRO
from placement.optimization.data.existing_stock import running_costs
from placement.optimization.model.sets import PlanSets

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints


def purchases_of(grid: PlanSets) -> Ints:
    """Return the price of a unit by group and period, discounted, in micro-units."""
    problem, factors = grid.problem, grid.factors
    found = np.zeros((len(grid.models), len(factors)), dtype=object)
    for place, model in enumerate(grid.models):
        price = Fraction(0)
        rows = {one.t: one for one in problem.deliveries.get(model, ())}
        for t, factor in enumerate(factors):
            price = rows[t].unit_usd if t in rows else price
            found[place, t] = round(price * problem.kits[model].unit * factor * MICRO)
    return _grid_of(found)[grid.model]


def prices_of(grid: PlanSets, usd: Fraction | None) -> Ints:
    """Return a price per accelerator as one of a unit by group and period, discounted."""
    found = np.zeros((len(grid.models), len(grid.periods)), dtype=object)
    for t, factor in enumerate(grid.factors):
        for place, model in enumerate(grid.models):
            unit = grid.problem.kits[model].unit
            found[place, t] = round((usd or Fraction(0)) * unit * factor * MICRO)
    return _grid_of(found)[grid.model]


def running_of(grid: PlanSets) -> Ints:
    """Return what a unit costs to run by group and period, discounted, in micro-units.

    Of IT power (kW) times the price of a kW at the site; halves are rounded up.
    """
    problem = grid.problem
    kw, low = whole_numbers([problem.kits[m].kw * problem.kits[m].unit for m in grid.models])
    by_day, by_month = zip(
        *(running_costs(problem.sites[name]) for name in grid.sites), strict=True
    )
    days, day_scale = whole_numbers(list(by_day))
    months, month_scale = whole_numbers(list(by_month))
    factors, high = whole_numbers([factor * MICRO for factor in grid.factors])
    each = np.stack(
        [
            factors[t] * (days * month_scale * one.days + months * day_scale * one.months)
            for t, one in enumerate(problem.periods)
        ],
        axis=1,
    )
    scale = low * high * day_scale * month_scale
    twice = kw[grid.model][:, None] * each[grid.site] * 2 + scale
    return _grid_of(twice // (2 * scale))


def price_of_use(grid: PlanSets) -> Floats:
    """Return what a group costs bought first and run throughout, by its computing power (or kW)."""
    cost = purchases_of(grid)[:, 0].astype(float) + running_of(grid).astype(float).sum(axis=1)
    kits = [grid.problem.kits[model] for model in grid.models]
    use = np.array([float(kit.unit * (kit.mtpp or kit.kw)) for kit in kits])[grid.model]
    found: Floats = cost / np.maximum(use, 1e-9)
    return found


def _grid_of(values: Ints) -> Ints:
    """Narrow a table of integers where 64 bits hold them."""
    return exact_ints(values.ravel()).reshape(values.shape)
