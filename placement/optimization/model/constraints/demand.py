"""Service: which accelerators serve which line of demand, at the coarsest level that matters.

Sites from which the same lines may be served are one zone of a period. `served[line, zone, model]`
counts accelerators; one serves one line at a time, and no line is served beyond its quantity plus
one purchase unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import total
from placement.lp.labels import Label
from placement.optimization.data.existing_stock import ExistingStock, Key
from placement.optimization.data.problem import Problem
from placement.optimization.data.records import AcceleratorSpec, Demand
from placement.optimization.model.credit.binding_shares import Binding
from placement.optimization.model.credit.committed import (
    Committed,
    Usable,
    add_committed,
    asking,
    pools_of,
)
from placement.optimization.model.credit.zones import (
    Alone,
    Whole,
    Zone,
    lines_of,
    sites_in,
    weight,
    zones_of,
)
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Served, Variables
from placement.readers.tables.sites import SiteStatus

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints
    from placement.lp.program import Program

NO_DILUTION = "no useless kit (allow_dilution = false)"
"""The group of rows that stop kit which serves nobody from diluting a share."""


@dataclass(frozen=True, slots=True)
class ServiceProgram:
    """The program of how much some accelerators can serve, and where its columns are."""

    program: Program
    served: tuple[Served, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What is committed where kit has to be useful to count, and the zones of each period."""

    committed: tuple[Committed, ...] = ()
    zones: tuple[tuple[Zone, ...], ...] = ()


def add_service(
    grid: PlanSets, made: ProgramBuilder, columns: Variables, credited: Mapping[Alone, Binding]
) -> Service:
    """Add the columns and rows of service, and what each line asks for.

    `credited`: the rows of shares for which only useful kit counts.
    """
    problem, committed = grid.problem, list[Committed]()
    by_period: list[tuple[Zone, ...]] = []
    for t in range(len(grid.periods)):
        wholes = {whole: binding for (u, whole), binding in credited.items() if u == t}
        zones = zones_of(problem, t)
        by_period.append(tuple(zones))
        stock = columns.stock[:, t]
        kept: list[Committed] = []
        if wholes and asking(problem, t):
            pools = pools_of(
                problem, zones, grid.holdings.idle(t), grid.holdings.present(t),
                dict(zip(grid.keys, stock.tolist(), strict=True)),
            )  # fmt: skip
            metrics = frozenset(metric for metric, _ in wholes)
            sides = [side for binding in wholes.values() for side in binding.sides]
            sides += [sites_in(problem, whole) for whole in wholes]
            kept = add_committed(problem, made, t, zones, pools, metrics, sides)
        here = _columns(problem, made, t, zones, _kits(grid, t, zones, stock), kept)
        _ask(problem, made, t, here)
        if wholes:
            _limit_lines(problem, made, t, here)
        columns.served.extend(here)
        committed += kept
    return Service(tuple(committed), tuple(by_period))


def _kits(
    grid: PlanSets, t: int, zones: Sequence[Zone], stock: Ints
) -> dict[tuple[int, str], Usable]:
    """Return what can serve by zone and model; `stock`: the columns by group."""
    problem, idle, kits = grid.problem, grid.holdings.idle(t), dict[tuple[int, str], Usable]()
    place = {name: number for number, zone in enumerate(zones) for name in zone.sites}
    zone_of = np.array([place.get(name, -1) for name in grid.sites], dtype=np.int64)
    group_zone = zone_of[grid.site]
    for number in range(len(zones)):
        in_zone = group_zone == number
        fixed: dict[str, int] = {}
        for (name, model), count in idle.items():
            if name in zones[number].sites:
                fixed[model] = fixed.get(model, 0) + count
        for position, model in enumerate(grid.models):
            at = stock[in_zone & (grid.model == position)]
            kits[number, model] = Usable(fixed.get(model, 0), at, problem.kits[model].unit)
    return kits


def uses_credit(problem: Problem) -> bool:
    """Tell whether kit that serves nobody must not dilute a share."""
    return not problem.allow_dilution and problem.place is None


def serves_alone(
    problem: Problem,
    holdings: ExistingStock,
    t: int,
    whole: Whole,
    without: frozenset[str] = frozenset(),
) -> Program:
    """Write the program of how much the untouched fleet can serve, weighed as a share is.

    What remains of the fleet's total is idle without any plan, and no plan is blamed for it.
    `without`: sites whose kit is left out. Where kit may leave, it is held to serve what is asked
    for and no purchase unit more: otherwise a plan that only moves it would be to blame.
    """
    serving, present = (
        {key: count for key, count in found.items() if key[0] not in without}
        for found in (holdings.standing(t), holdings.standing_all(t))
    )
    most = serves_most(problem, serving, present, t, whole, spare=not holdings.starts)
    return most.program


def serves_most(
    problem: Problem,
    serving: Mapping[Key, int],
    present: Mapping[Key, int],
    t: int,
    whole: Whole,
    *,
    asked: bool = False,
    spare: bool = True,
) -> ServiceProgram:
    """Write the program of how much of some accelerators by (site, model) can be useful.

    `serving` can serve; `present` stands throughout, and may be committed. It maximizes (minimizes
    the negative of) the weight in `whole` that serves or is committed. `asked`: every line gets
    what it asks for. `spare`: a line may be served a purchase unit beyond that.
    """
    metric, places = whole
    made = ProgramBuilder()
    zones = zones_of(problem, t)
    none = np.zeros(0, dtype=np.int64)
    counts: dict[tuple[int, str], int] = {}
    for (name, model), count in serving.items():
        for number, zone in enumerate(zones):
            if name in zone.sites:
                counts[number, model] = counts.get((number, model), 0) + count
    kits = {key: Usable(count, none, problem.kits[key[1]].unit) for key, count in counts.items()}

    def cost(zone: Zone, model: str) -> int:
        return -weight(problem, model, metric) if zone.countries <= places else 0

    def kept_cost(sites: frozenset[str], model: str) -> int:
        inside = all(problem.sites[name].country in places for name in sites)
        return -weight(problem, model, metric) if inside else 0

    kept: list[Committed] = []
    if asking(problem, t):
        pools = pools_of(problem, zones, serving, present, {})
        there = [sites_in(problem, whole)]
        kept = add_committed(problem, made, t, zones, pools, frozenset({metric}), there, kept_cost)
    found = _columns(problem, made, t, zones, kits, kept, cost)
    if asked:
        _ask(problem, made, t, found)
    _limit_lines(problem, made, t, found, spare=spare)
    return ServiceProgram(made.build(), tuple(found))


def _terms(problem: Problem, served: Sequence[Served], number: int) -> dict[int, Fraction]:
    """Return what each served column adds to a line."""
    line: Demand = problem.demands[number]
    return {
        one.column: line.amount(problem.kits[one.model]) for one in served if one.line == number
    }


def _ask(problem: Problem, made: ProgramBuilder, t: int, served: Sequence[Served]) -> None:
    """Serve every line of a period with what it asks for, or more."""
    for number in lines_of(problem, t):
        line = problem.demands[number]
        of = (line.label, problem.periods[t].name)
        meaning = Label(RowKind.DEMAND, of, line.label, line.unit)
        made.row(meaning, _terms(problem, served, number), line.quantity, None)


def beyond(kits: Iterable[AcceleratorSpec], line: Demand) -> Fraction:
    """Return how far a line may be served: its quantity and one purchase unit of any model."""
    return line.quantity + max((line.amount(kit) * kit.unit for kit in kits), default=Fraction(0))


def filled(kits: Sequence[AcceleratorSpec], line: Demand) -> Fraction:
    """Return what a line takes at most until it has what it asks for."""
    amounts = [line.amount(kit) for kit in kits]
    least = Fraction(1, lcm(line.quantity.denominator, *(each.denominator for each in amounts)))
    return line.quantity + max(Fraction(0), max(amounts, default=least) - least)


def serving_kits(problem: Problem) -> list[AcceleratorSpec]:
    """Return the models that may serve in some plan: those delivered, and those that stand."""
    found = {model for model, rows in problem.deliveries.items() if any(r.quantity for r in rows)}
    found |= {
        lot.model
        for lot in problem.lots
        if lot.own and lot.works and problem.sites[lot.site].stated is not SiteStatus.STORAGE
    }
    return [problem.kits[model] for model in sorted(found)]


def _limit_lines(
    problem: Problem,
    made: ProgramBuilder,
    t: int,
    served: Sequence[Served],
    *,
    spare: bool = True,
) -> None:
    """Serve no line beyond its quantity plus one purchase unit of any model that may serve.

    Without `spare`: less than one accelerator beyond its quantity.
    """
    kits = serving_kits(problem)
    for number in lines_of(problem, t):
        line, terms = problem.demands[number], _terms(problem, served, number)
        if terms:
            meaning = Label(
                RowKind.SERVICE_LIMIT, (line.label, problem.periods[t].name), NO_DILUTION
            )
            made.row(meaning, terms, None, beyond(kits, line) if spare else filled(kits, line))


def _columns(
    problem: Problem,
    made: ProgramBuilder,
    t: int,
    zones: Sequence[Zone],
    kits: Mapping[tuple[int, str], Usable],
    kept: Iterable[Committed] = (),
    cost: Callable[[Zone, str], int] = lambda _zone, _model: 0,
) -> list[Served]:
    """Add the served columns and the rows by which they share what stands.

    `kept`: what is committed, and so does not serve.
    """
    found: list[Served] = []
    period = problem.periods[t].name
    models: Iterable[str] = sorted({model for _, model in kits})
    for number, zone in enumerate(zones):
        for model in models:
            here = kits.get((number, model))
            usable = [n for n in zone.lines if problem.demands[n].amount(problem.kits[model])]
            if here is None or not usable:
                continue
            most = here.fixed + total(made.most(here.columns)) * here.unit
            if not most:
                continue
            lines = []
            for line in usable:
                of = (problem.demands[line].label, zone.name, model, period)
                column = made.column(Label(ColumnKind.SERVED, of), most, cost=cost(zone, model))
                found.append(Served(column, t, line, zone, model))
                lines.append(column)
            lines += [one.column for one in kept if (one.zone, one.model) == (number, model)]
            made.row_of(
                Label(RowKind.SERVICE_USE, (zone.name, model, period)),
                np.concatenate([lines, here.columns]).astype(np.int64),
                np.concatenate(
                    [np.ones(len(lines), np.int64), np.full(len(here.columns), -here.unit)]
                ),
                None,
                here.fixed,
            )
    return found
