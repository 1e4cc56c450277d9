"""What a plan aims at, one objective after another, each as costs of the columns of a program."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, Objective
from placement.lp.aim import Aim
from placement.lp.exact_arrays import exact_ints
from placement.lp.program import MICRO, AnyProgram, Program
from placement.optimization.data.problem import Problem
from placement.optimization.model.objectives.changes import change_costs, with_changes
from placement.optimization.model.objectives.violation import relaxation_costs, with_relaxation
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.readers.tables.sites import SiteStatus

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


def tiers(grid: PlanSets, law: RuleInstances, program: Program) -> Iterator[Aim]:
    """Return the objectives in order: what is left unplaced, where asked; then the others."""
    problem = grid.problem
    if problem.place == "as_much_as_fits":
        columns, units = _accelerators(grid, program, ColumnKind.INSTALL)
        offered = sum(row.quantity for rows in problem.deliveries.values() for row in rows)
        yield Aim(
            "unplaced accelerators",
            _minimizes(program, columns, -units, offered),
            1,
            "accelerators",
            least=0,
        )
    for objective, slack in zip(problem.objectives, problem.slack, strict=True):
        match objective:
            case Objective.COST:
                yield Aim("cost", program, MICRO, problem.currency, slack)
            case Objective.COMPUTE:
                columns = program.columns.of_kind(ColumnKind.STOCK)
                mtpp, constant = _computing(grid)
                least = _minimizes(program, columns, -mtpp, -constant)
                yield Aim("compute", least, -1000, "TPP", slack)
            case Objective.MOVES:
                columns, units = _accelerators(grid, program, ColumnKind.MOVE_OUT)
                least = _minimizes(program, columns, units, 0)
                yield Aim("moves", least, 1, "accelerators", slack, least=0)
            case Objective.CARBON:
                grams, constant, scale = _carbon(grid)
                columns = program.columns.of_kind(ColumnKind.STOCK)
                least = _minimizes(program, columns, grams, constant)
                yield Aim("carbon", least, 1000 * scale, "kg CO2e", slack)
            case Objective.CHANGES:
                costs, constant = change_costs(grid, program, problem.previous or {})
                least = program.with_costs(costs, constant)
                yield Aim("changes", least, 1, "accelerators", slack, least=0)
            case Objective.RELAXATION:
                costs, unit = relaxation_costs(program, law)
                least = program.with_costs(costs, 0)
                yield Aim("relaxation", least, unit, "limits", slack, least=0)


def add_objective_variables(grid: PlanSets, law: RuleInstances, program: AnyProgram) -> AnyProgram:
    """Return the program with the columns that its objectives need besides."""
    problem = grid.problem
    if Objective.RELAXATION in problem.objectives:
        program = with_relaxation(program, law)
    if Objective.CHANGES in problem.objectives:
        program = with_changes(grid, program, problem.previous or {})
    return program


def _minimizes(program: Program, columns: Ints, values: Ints, constant: int) -> Program:
    objective = np.zeros(len(program.columns), dtype=object)
    objective[columns] = values
    return program.with_costs(objective, constant)


def _accelerators(grid: PlanSets, program: Program, kind: ColumnKind) -> tuple[Ints, Ints]:
    """Return the columns of a change of stock, and the accelerators in a unit of each."""
    if program.steps is None:
        raise AssertionError("a plan's program has stock")
    table = program.steps.columns_of(kind)
    there = table >= 0
    return table[there], np.broadcast_to(grid.unit()[:, None], table.shape)[there]


def _computing(grid: PlanSets) -> tuple[Ints, int]:
    """Return the TPP (thousandths) of a unit that works in a period, in the order of stock.

    And that of what works all of each period without a decision. Kit in storage, or at a site that
    is shut on some day of the period, computes nothing in it.
    """
    problem = grid.problem
    found = []
    for site, model in grid.keys:
        kit = problem.kits[model]
        works = [problem.sites[site].serves_in(period) for period in problem.periods]
        found += [kit.unit * kit.mtpp * work for work in works]
    constant = sum(
        count * problem.kits[model].mtpp
        for t in range(len(grid.periods))
        for (_, model), count in grid.holdings.idle(t).items()
    )
    return exact_ints(found), constant


def _carbon(grid: PlanSets) -> tuple[Ints, int, int]:
    """Return the grams of CO2e that a unit's energy makes in a period, in the order of stock.

    kW x PUE x hours x g/kWh; and those of all that no decision touches. Both times a scale that is
    given. What stands in storage draws nothing.
    """
    problem, holdings = grid.problem, grid.holdings
    found = [
        _grams_a_day(problem, site, model) * problem.kits[model].unit * period.days
        for site, model in grid.keys
        for period in problem.periods
    ]
    constant = Fraction(0)
    for period in problem.periods:
        for lot in problem.lots:
            if lot.own and lot.works:
                each = _grams_a_day(problem, lot.site, lot.model)
                constant += lot.quantity * lot.days_in(period) * each
        for site, model in holdings.starts:
            each = _grams_a_day(problem, site, model)
            constant -= holdings.planned_start((site, model)) * period.days * each
    scale = lcm(constant.denominator, *(value.denominator for value in found))
    return exact_ints([int(value * scale) for value in found]), int(constant * scale), scale


def _grams_a_day(problem: Problem, site: str, model: str) -> Fraction:
    place = problem.sites[site]
    if place.stated is SiteStatus.STORAGE:
        return Fraction(0)
    return problem.kits[model].kw * place.pue * 24 * (place.carbon_g_per_kwh or 0)
