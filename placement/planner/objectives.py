"""What a plan aims at, one objective after another, each as costs of the columns of a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.planner.changes import change_costs, with_changes
from placement.planner.grid import Grid
from placement.planner.law import Law
from placement.planner.numbers import ints
from placement.planner.program import MICRO, Program
from placement.planner.records import Kit
from placement.planner.relaxing import relaxation_costs, with_relaxation
from placement.vocabulary import Objective

if TYPE_CHECKING:
    from placement.planner.numbers import Ints


@dataclass(frozen=True, slots=True)
class Aim:
    """An objective: the program that minimizes it, and the program's units in one printed unit.

    `unit` below 0: the printed value is the more, the better. `measured_in`: the printed unit.
    `slack`: by which part of its value later objectives may worsen it.
    """

    name: str
    program: Program
    unit: int
    measured_in: str
    slack: Fraction = Fraction(0)


def aims(grid: Grid, law: Law, program: Program) -> Iterator[Aim]:
    """Give the objectives in order: what is left unplaced, where that is asked; then the others."""
    problem = grid.problem
    if problem.place == "as_much_as_fits":
        columns = program.columns.of_kind("install")
        units = _by_model(grid, program, columns, [kit.unit for kit in _kits(grid)])
        offered = sum(one.quantity for rows in problem.deliveries.values() for one in rows)
        yield Aim(
            "unplaced accelerators",
            _minimizes(program, columns, -units, offered),
            1,
            "accelerators",
        )
    for objective, slack in zip(problem.objectives, problem.slack, strict=True):
        match objective:
            case Objective.COST:
                yield Aim("cost", program, MICRO, problem.currency, slack)
            case Objective.COMPUTE:
                columns = program.columns.of_kind("stock")
                tpp = _by_model(grid, program, columns, [k.unit * k.mtpp for k in _kits(grid)])
                least = _minimizes(program, columns, -tpp, 0)
                yield Aim("compute", least, -1000, "TPP", slack)
            case Objective.MOVES:
                columns = program.columns.of_kind("move_out")
                units = _by_model(grid, program, columns, [kit.unit for kit in _kits(grid)])
                least = _minimizes(program, columns, units, 0)
                yield Aim("moves", least, 1, "accelerators", slack)
            case Objective.CARBON:
                grams, scale = _carbon(grid)
                columns = program.columns.of_kind("stock")
                least = _minimizes(program, columns, grams, 0)
                yield Aim("carbon", least, 1000 * scale, "kg CO2e", slack)
            case Objective.CHANGES:
                costs, constant = change_costs(grid, program, problem.previous or {})
                least = program.with_costs(costs, constant)
                yield Aim("changes", least, 1, "accelerators", slack)
            case Objective.RELAXATION:
                costs, unit = relaxation_costs(program, law)
                least = program.with_costs(costs, 0)
                yield Aim("relaxation", least, unit, "limits", slack)


def prepared(grid: Grid, law: Law, program: Program) -> Program:
    """Give the program with the columns that its objectives need besides."""
    problem = grid.problem
    if Objective.RELAXATION in problem.objectives:
        program = with_relaxation(program, law)
    if Objective.CHANGES in problem.objectives:
        program = with_changes(grid, program, problem.previous or {})
    return program


def _kits(grid: Grid) -> list[Kit]:
    return [grid.problem.kits[model] for model in grid.models]


def _minimizes(program: Program, columns: Ints, values: Ints, constant: int) -> Program:
    objective = np.zeros(len(program.columns), dtype=object)
    objective[columns] = values
    return program.with_costs(objective, constant)


def _by_model(grid: Grid, program: Program, columns: Ints, values: list[int]) -> Ints:
    """Give a value of each column by its model."""
    known = dict(zip(grid.models, values, strict=True))
    return ints([known[program.columns[column].of[1]] for column in columns.tolist()])


def _carbon(grid: Grid) -> tuple[Ints, int]:
    """Give the grams of CO2e that a unit's energy makes in a period, times a scale that is given.

    kW x PUE x hours x g/kWh, of the stock in the order of its columns: group by group.
    """
    problem = grid.problem
    found = []
    for site, model in grid.keys:
        place, kit = problem.sites[site], problem.kits[model]
        each = kit.kw * kit.unit * place.pue * 24 * (place.carbon_g_per_kwh or 0)
        found += [each * period.days for period in problem.periods]
    scale = lcm(*(value.denominator for value in found))
    return ints([int(value * scale) for value in found]), scale
