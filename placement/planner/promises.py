"""Commitments and budgets: what has to stand in a period, and what may be spent in it.

sum of amount x stock[t]  >=  quantity - what no decision touches and stands all of the period
sum of amount x stock[t]  <=  quantity - the most of it that stands on any day of the period
cost of a period  <=  its budget
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from placement.planner.builder import ProgramBuilder
from placement.planner.columns import Columns
from placement.planner.grid import Grid
from placement.planner.holdings import running_cost
from placement.planner.names import Meaning
from placement.planner.problem import Lot
from placement.planner.records import Commitment


def add_commitments(grid: Grid, made: ProgramBuilder, columns: Columns) -> None:
    """Write a row for each commitment and period."""
    for one in grid.problem.commitments:
        covered = [name for name in grid.sites if one.covers(grid.problem.sites[name])]
        groups = np.flatnonzero(grid.in_sites(frozenset(covered)))
        unit = f"{one.model} accelerators" if one.model else one.metric.value
        for t in one.periods:
            terms = {
                int(columns.stock[group, t]): one.amount(kit) * kit.unit
                for group in groups
                for kit in [grid.problem.kits[grid.models[grid.model[group]]]]
            }
            meaning = Meaning("commitment", (one.label, grid.periods[t]), one.label, unit)
            # Two rows where both ends bind: whole units may reach neither, and a proof needs both.
            if one.has_floor:
                made.row(meaning, terms, one.quantity - _throughout(grid, one, t), None)
            if one.has_ceiling:
                made.row(meaning, terms, None, one.quantity - _most(grid, one, t))


def _throughout(grid: Grid, one: Commitment, t: int) -> Fraction:
    """Return what stands all of a period without a decision, in the commitment's metric."""
    period = grid.problem.periods[t]
    stays = [lot for lot in _covered(grid, one) if lot.days_in(period) == period.days]
    return _amount(grid, one, stays) - _planned(grid, one)


def _most(grid: Grid, one: Commitment, t: int) -> Fraction:
    """Return the most that stands on any day of a period without a decision, in its metric.

    What is there only rises on days on which a lot comes.
    """
    period, lots = grid.problem.periods[t], _covered(grid, one)
    came = {lot.works_since for lot in lots}
    days = [period.first, *(day for day in came if day and period.first < day <= period.last)]
    most = max(_amount(grid, one, [lot for lot in lots if lot.stands_on(day)]) for day in days)
    return most - _planned(grid, one)


def _covered(grid: Grid, one: Commitment) -> list[Lot]:
    """Return the group's lots at the sites that a commitment is about."""
    sites = grid.problem.sites
    return [lot for lot in grid.problem.lots if lot.own and one.covers(sites[lot.site])]


def _amount(grid: Grid, one: Commitment, lots: Iterable[Lot]) -> Fraction:
    """Return what lots add up to in a commitment's metric."""
    kits = grid.problem.kits
    return sum((lot.quantity * one.amount(kits[lot.model]) for lot in lots), Fraction(0))


def _planned(grid: Grid, one: Commitment) -> Fraction:
    """Return what stands at the beginning and is planned, in a commitment's metric."""
    problem, found = grid.problem, Fraction(0)
    for (name, model), units in grid.holdings.starts.items():
        if one.covers(problem.sites[name]):
            kit = problem.kits[model]
            found += units * kit.unit * one.amount(kit)
    return found


def add_budgets(grid: Grid, made: ProgramBuilder, columns: Columns) -> None:
    """Keep what a period costs, running the whole fleet included, within its budget.

    Neither is discounted or rounded: a plan that costs the budget to the last cent keeps it.
    """
    problem = grid.problem
    moving = problem.moves.usd_per_accelerator if problem.moves else Fraction(0)
    leaving = (columns.retire, problem.retire_usd or Fraction(0)), (columns.move_out, moving)
    for t, budget in enumerate(problem.budgets):
        if budget is None:
            continue
        name, period = grid.periods[t], problem.periods[t]
        bought = {model: problem.price_in(model, t) for model in grid.models}
        terms: dict[int, Fraction] = {}
        for group, (site, model) in enumerate(grid.keys):
            kit = problem.kits[model]
            running = running_cost(problem.sites[site], kit, period, period.days)
            for table, price in (
                (columns.stock, running), (columns.install, bought[model]), *leaving,
            ):  # fmt: skip
                if price and table[group, t] >= 0:
                    terms[int(table[group, t])] = price * kit.unit
        meaning = Meaning("budget", (name,), f"budget of {name}", problem.currency)
        made.row(meaning, terms, None, budget - grid.holdings.constant_cost(t))
