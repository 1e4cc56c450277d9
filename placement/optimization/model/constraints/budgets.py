"""Budgets: what may be spent in a period, neither discounted nor rounded.

cost of purchases, moves, retirements and running in a period  <=  its budget
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from placement.enums import RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import Label
from placement.optimization.data.existing_stock import running_cost
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    pass


def add_budgets(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
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
        meaning = Label(RowKind.BUDGET, (name,), f"budget of {name}", problem.currency)
        made.row(meaning, terms, None, budget - grid.holdings.constant_cost(t))
