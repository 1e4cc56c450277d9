"""The objective `changes`: how far a plan is from a layout of before, in accelerators.

    sum over sites, models and periods of |stock - previous stock|, on the last day of each period

|a - b| = a + b - 2 x min(a, b), so a column `unchanged` follows from stock: the least of what
stands and what stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.auxiliary import UpperEnds, add_min_variables
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import LabelFamily
from placement.lp.program import AnyProgram, Program
from placement.optimization.data.existing_stock import Key
from placement.optimization.data.previous import Previous, on_last_days
from placement.optimization.model.label_keys import GridKey
from placement.optimization.model.sets import PlanSets

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Ints


def with_changes(grid: PlanSets, program: AnyProgram, previous: Previous) -> AnyProgram:
    """Return the program with the columns that the objective needs."""
    stock, unit = _stock(program), _unit(grid)
    asked = asked_of(grid, previous)
    some = _in_doubt(program, stock, unit, asked)
    if not some.any():
        return program
    group, t = np.nonzero(some)
    at = np.stack([grid.site[group], grid.model[group], t], axis=1)
    most = asked[some]
    return add_min_variables(
        program,
        LabelFamily(ColumnKind.UNCHANGED, GridKey, (grid.sites, grid.models, grid.periods), at),
        np.zeros(len(at), dtype=np.int64),
        most,
        (
            UpperEnds(
                RowKind.UNCHANGED_STOCK, np.zeros(len(at), np.int64), stock[some], unit[some]
            ),
            UpperEnds(RowKind.UNCHANGED_BEFORE, most),
        ),
    )


def change_costs(grid: PlanSets, program: Program, previous: Previous) -> tuple[Ints, int]:
    """Return the objective by column, and its constant, in accelerators."""
    stock, unit = _stock(program), _unit(grid)
    asked = asked_of(grid, previous)
    some = _in_doubt(program, stock, unit, asked)
    costs = np.zeros(len(program.columns), dtype=np.int64)
    above = some | (asked <= 0)
    costs[stock] = np.where(above, unit, -unit)
    costs[program.columns.of_kind(ColumnKind.UNCHANGED)] = -2
    constant = int(np.where(asked <= 0, -asked, asked).sum())
    keys, standing = set(grid.keys), _standing(grid)
    for key in {*previous, *standing} - keys:
        none = (0,) * len(grid.periods)
        pairs = zip(previous.get(key, none), standing.get(key, none), strict=True)
        constant += sum(abs(before - now) for before, now in pairs)
    return exact_ints(costs), constant


def _stock(program: Program) -> Ints:
    if program.steps is None:
        raise AssertionError("a plan's program has stock")
    return program.steps.stock


def _unit(grid: PlanSets) -> Ints:
    return np.broadcast_to(grid.unit()[:, None], (len(grid.site), len(grid.periods)))


def _standing(grid: PlanSets) -> dict[Key, tuple[int, ...]]:
    """Return the group's accelerators that no plan touches, on the last day of each period."""
    problem = grid.problem
    found = on_last_days((lot for lot in problem.lots if lot.own), problem.periods)
    for key in grid.holdings.starts:
        planned = grid.holdings.planned_start(key)
        found[key] = tuple(count - planned for count in found[key])
    return found


def asked_of(grid: PlanSets, previous: Previous) -> Ints:
    """Return what planned stock would be if nothing changed (G x T), in accelerators."""
    standing, none = _standing(grid), (0,) * len(grid.periods)
    rows = [
        np.array(previous.get(key, none)) - np.array(standing.get(key, none)) for key in grid.keys
    ]
    shape = len(grid.site), len(grid.periods)
    return np.array(rows, dtype=np.int64).reshape(shape)


def _in_doubt(program: Program, stock: Ints, unit: Ints, asked: Ints) -> Bools:
    """Tell where stock may be both more and less than before."""
    found: Bools = (asked > 0) & (asked < unit * program.upper[stock])
    return found
