"""From the problem to its program: cells, capacity, service, totals, policy rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from placement.planner.cells import Cell, Cells
from placement.planner.columns import Columns, of_model
from placement.planner.law import Law
from placement.planner.policy_rows import add_policy_rows
from placement.planner.problem import Problem
from placement.planner.program import MICRO, Meaning, Program, ProgramBuilder
from placement.planner.receipts import add_receipts
from placement.planner.service import Whole, add_service
from placement.sources.sites import SiteStatus


def build(problem: Problem, law: Law, kept_from: date, alone: Mapping[Whole, int]) -> Program:
    """Write the program in which every rule is kept from a day on, and not worse before.

    `alone`: the weight that the untouched fleet serves (`service.serves_alone`), used only where
    dilution is not allowed.
    """
    cells = Cells(problem)
    made = ProgramBuilder()
    columns = Columns()
    for cell in cells.planned:
        _cell(problem, cell, made, columns)
    _supply(problem, cells, made, columns)
    _moves(problem, cells, made, columns)
    add_receipts(problem, cells, law, made, columns)
    _capacity(problem, cells, made, columns.stock)
    served = add_service(problem, cells, made, columns.stock)
    add_policy_rows(problem, cells, law, made, columns, served, kept_from, alone)
    return made.build(round(cells.constant_cost() * MICRO))


def _cell(problem: Problem, cell: Cell, made: ProgramBuilder, columns: Columns) -> None:
    """Add the decisions and the stock of one (site, model), in purchase units."""
    of = (cell.site.name, cell.kit.model)
    unit, model = cell.kit.unit, cell.kit.model
    change: dict[int, int] = {}
    gone: dict[int, int] = {}
    if cell.may_install:
        price = problem.offers[model].unit_usd * unit
        column = made.column(Meaning("install", of), cell.may_install, cost=round(price * MICRO))
        columns.install[of] = column
        change[column] = 1
    if cell.start and problem.retire_usd is not None and cell.may_leave:
        price = problem.retire_usd * unit
        column = made.column(
            Meaning("retire", of), cell.start, cost=round(price * MICRO), implied=False
        )
        columns.retire[of] = column
        change[column] = -1
        gone[column] = 1
    if cell.start and cell.may_leave and problem.moves is not None:
        price = problem.moves.usd_per_accelerator * unit
        column = made.column(
            Meaning("move_out", of), cell.start, cost=round(price * MICRO), implied=False
        )
        columns.move_out[of] = column
        change[column] = -1
        gone[column] = 1
    if cell.may_move_in:
        column = made.column(Meaning("move_in", of), cell.may_move_in)
        columns.move_in[of] = column
        change[column] = 1
    if len(gone) > 1:
        made.row(Meaning("leaving", of), gone, None, cell.start)
    column = made.total(Meaning("stock", of), change, cell.start)
    made.objective[column] = round(cell.running_cost(problem.period) * MICRO)
    made.lower[column] = 0
    columns.stock[of] = column


def _supply(problem: Problem, cells: Cells, made: ProgramBuilder, columns: Columns) -> None:
    """Sum of installs <= delivered; = delivered where every delivery is placed."""
    every = problem.place in ("every_period", "by_end")
    for model, offer in problem.offers.items():
        unit = cells.kits[model].unit
        units = offer.quantity // unit
        terms = dict.fromkeys(of_model(columns.install, model), 1)
        if every and units:
            group = f"every delivery of {model} is placed"
            meaning = Meaning("place", (model,), group, "accelerators", Fraction(1, unit))
            made.row(meaning, terms, units, None)
        if terms:
            group = f"supply of {model}"
            meaning = Meaning("supply", (model,), group, "accelerators", Fraction(1, unit))
            made.row(meaning, terms, None, units)


def _moves(problem: Problem, cells: Cells, made: ProgramBuilder, columns: Columns) -> None:
    """Tie arrivals to departures, and limit the accelerators moved in all."""
    for model in sorted({model for _, model in (*columns.move_out, *columns.move_in)}):
        terms = {
            **dict.fromkeys(of_model(columns.move_out, model), 1),
            **dict.fromkeys(of_model(columns.move_in, model), -1),
        }
        made.row(Meaning("moves", (model,)), terms, 0, 0)
    if problem.moves is not None and problem.moves.most is not None and columns.move_out:
        every = {column: cells.kits[model].unit for (_, model), column in columns.move_out.items()}
        group = f"at most {problem.moves.most} accelerators moved"
        made.row(Meaning("move_limit", (), group, "accelerators"), every, None, problem.moves.most)


def _capacity(
    problem: Problem, cells: Cells, made: ProgramBuilder, stock: Mapping[tuple[str, str], int]
) -> None:
    """Keep each site within its power and places; an overfull one receives nothing anyway."""
    here: dict[str, dict[str, int]] = {}
    for (name, model), column in stock.items():
        if name not in cells.overfull:
            here.setdefault(name, {})[model] = column
    for name, columns in here.items():
        site = problem.sites[name]
        if site.power_kw is not None and site.status is not SiteStatus.STORAGE:
            each = {
                column: cells.kits[model].kw * cells.kits[model].unit * site.pue
                for model, column in columns.items()
            }
            group = f"power in {site.country} sites"
            free = site.power_kw - cells.constant_power(name)
            made.row(Meaning("power", (name,), group, "kW"), each, None, free)
        if site.racks is not None:
            group = f"racks in {site.country} sites"
            terms = dict.fromkeys(columns.values(), 1)
            places = site.racks - cells.constant_racks(name)
            made.row(Meaning("racks", (name,), group, "places"), terms, None, places)
