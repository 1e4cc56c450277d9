"""A layout of before as the start of the search: the plan that has it, or is nearest to it.

Whatever stood by it may no longer be possible: sites closed, demand grew, rules changed. The stock
of every period is held where it was; where that has no plan, the plan is taken whose stock differs
least (the objective `changes`), and among those with that stock the one that the objective likes.
The point is one like any other: every row is kept exactly, and the plan that it becomes is judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placement.lp.program import Program
from placement.optimization.data.previous import Previous
from placement.optimization.heuristics.integer import best_whole, by_solver
from placement.optimization.heuristics.search_budget import Limits
from placement.optimization.model.objectives.changes import asked_of, change_costs, with_changes
from placement.optimization.model.sets import PlanSets
from placement.solvers.column_generation import relaxation_of
from placement.solvers.highs import Highs
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import current_context, solving_in

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

_STEPS = 20
"""Of the search for the plan, and of that for the nearest one."""


def beginning(grid: PlanSets, program: Program, limits: Limits) -> Ints | None:
    """Return a point of the program that has the stock of before, or comes near to it.

    None where there was none before, or no point was found. The program minimizes the objective.
    """
    previous = grid.problem.previous
    if previous is None:
        return None
    with solving_in(replace(current_context(), better=lambda _: None)):
        stock = _units(grid, program, previous)
        found = None if stock is None else _with_stock(program, stock, limits)
        if found is None:
            nearest = _nearest(grid, program, previous, limits)
            if nearest is None or program.steps is None:
                return None
            better = _with_stock(program, nearest[program.steps.stock], limits)
            found = nearest if better is None else better
        return found if program.is_kept(found) else None


def _units(grid: PlanSets, program: Program, previous: Previous) -> Ints | None:
    """Return the stock of before in purchase units (G x T), None where it is none of a plan."""
    if program.steps is None:
        return None
    stock, unit = program.steps.stock, grid.unit()[:, None]
    asked = asked_of(grid, previous)
    if (asked % unit).any():
        return None
    units: Ints = asked // unit
    low, high = program.lower[stock], program.upper[stock]
    return None if (units < low).any() or (units > high).any() else units


def _with_stock(program: Program, units: Ints, limits: Limits) -> Ints | None:
    """Return the best point found that has so many units, None where there is none."""
    if program.steps is None:
        return None
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[program.steps.stock] = upper[program.steps.stock] = units
    held = replace(program, lower=lower, upper=upper, steps=None)
    with limits.aside(_STEPS) as budget:
        return by_solver(held, Highs(), budget).x


def _nearest(grid: PlanSets, program: Program, previous: Previous, limits: Limits) -> Ints | None:
    """Return a point whose stock differs little from that of before, None where none is found."""
    wide = with_changes(grid, program, previous)
    costs, constant = change_costs(grid, wide, previous)
    nearest = wide.with_costs(costs, constant)
    session = relaxation_of(nearest)
    relaxed = session.run()
    if relaxed.outcome is not Outcome.OPTIMAL:
        return None
    with limits.aside(_STEPS) as budget:
        x = best_whole(nearest, relaxed, session, Highs(), budget).x
    if x is None:
        return None
    decided: Ints = program.complete(np.asarray(x[: len(program.columns)]))
    return decided
