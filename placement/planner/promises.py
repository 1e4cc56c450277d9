"""Commitments and budgets: what has to stand in a period, and what may be spent in it.

sum of amount x stock[t]  >= or <=  quantity - what no decision touches
cost of a period  <=  its budget
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from placement.planner.builder import ProgramBuilder
from placement.planner.columns import Columns
from placement.planner.grid import Grid
from placement.planner.holdings import running_cost
from placement.planner.names import Meaning
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
            rest = one.quantity - _constant(grid, one, t)
            meaning = Meaning("commitment", (one.label, grid.periods[t]), one.label, unit)
            # Two rows where both ends bind: whole units may reach neither, and a proof needs both.
            if one.has_floor:
                made.row(meaning, terms, rest, None)
            if one.has_ceiling:
                made.row(meaning, terms, None, rest)


def _constant(grid: Grid, one: Commitment, t: int) -> Fraction:
    """Give what stands all of a period without a decision, in the commitment's metric."""
    problem, period = grid.problem, grid.problem.periods[t]
    found = Fraction(0)
    for lot in problem.lots:
        stands = lot.own and lot.days_in(period) == period.days
        if stands and one.covers(problem.sites[lot.site]):
            found += lot.quantity * one.amount(problem.kits[lot.model])
    for (name, model), units in grid.holdings.starts.items():
        if one.covers(problem.sites[name]):
            kit = problem.kits[model]
            found -= units * kit.unit * one.amount(kit)
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
