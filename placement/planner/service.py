"""Service: which accelerators serve which line of demand, at the coarsest level that matters.

Sites from which the same lines may be served are one zone of a period. `served[line, zone, model]`
counts accelerators; one serves one line at a time, and no line is served beyond its quantity plus
one purchase unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.planner.builder import ProgramBuilder
from placement.planner.columns import Columns
from placement.planner.grid import Grid
from placement.planner.holdings import Holdings, Key
from placement.planner.names import Meaning
from placement.planner.numbers import total
from placement.planner.problem import Problem
from placement.planner.records import Demand
from placement.planner.rules import is_written
from placement.policy import Row
from placement.policy.kinds import ShareRule
from placement.sources.sites import SiteStatus
from placement.vocabulary import Counted

if TYPE_CHECKING:
    from placement.planner.numbers import Ints
    from placement.planner.program import Program

NO_DILUTION = "no useless kit (allow_dilution = false)"
"""The group of rows that stop kit which serves nobody from diluting a share."""

#: What a share is measured over: the metric and the places of the denominator.
Whole = tuple[str, frozenset[str]]
#: A denominator in a period.
Alone = tuple[int, Whole]


@dataclass(frozen=True, slots=True)
class Zone:
    """Sites from which the same lines of a period may be served."""

    name: str
    lines: tuple[int, ...]
    sites: frozenset[str]
    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Served:
    """One column: accelerators of a model in a zone that serve a line (by its place)."""

    column: int
    t: int
    line: int
    zone: Zone
    model: str


@dataclass(frozen=True, slots=True)
class _Usable:
    """The kit of a model in a zone: constant accelerators, and columns with their units."""

    fixed: int
    columns: Ints
    unit: int


def add_service(grid: Grid, made: ProgramBuilder, columns: Columns) -> list[Served]:
    """Add the columns and rows of service, and what each line asks for."""
    problem, found = grid.problem, list[Served]()
    if not problem.demands:
        return found
    for t in range(len(grid.periods)):
        idle = grid.holdings.idle(t)
        zones = zones_of(problem, t)
        place = {name: number for number, zone in enumerate(zones) for name in zone.sites}
        zone_of = np.array([place.get(name, -1) for name in grid.sites], dtype=np.int64)
        stock, group_zone = columns.stock[:, t], zone_of[grid.site]
        kits: dict[tuple[int, str], _Usable] = {}
        for number in range(len(zones)):
            in_zone = group_zone == number
            fixed: dict[str, int] = {}
            for (name, model), count in idle.items():
                if name in zones[number].sites:
                    fixed[model] = fixed.get(model, 0) + count
            for position, model in enumerate(grid.models):
                at = stock[in_zone & (grid.model == position)]
                unit = problem.kits[model].unit
                kits[number, model] = _Usable(fixed.get(model, 0), at, unit)
        here = _columns(problem, made, t, zones, kits)
        _ask(problem, made, t, here)
        if uses_credit(problem):
            _limit_lines(problem, made, t, here)
        found += here
    return found


def uses_credit(problem: Problem) -> bool:
    """Tell whether kit that serves nobody must not dilute a share."""
    return not problem.allow_dilution and problem.place is None


def serves_alone(problem: Problem, holdings: Holdings, t: int, whole: Whole) -> Program:
    """Write the program of how much the untouched fleet can serve, weighed as a share is.

    What remains of the fleet's total is idle without any plan, and no plan is blamed for it.
    """
    return serves_most(problem, holdings.standing(t), t, whole)


def serves_most(
    problem: Problem, stands: Mapping[Key, int], t: int, whole: Whole, *, asked: bool = False
) -> Program:
    """Write the program of how much some accelerators by (site, model) can serve.

    It maximizes (minimizes the negative of) the weight in `whole` that serves. `asked`: every line
    gets what it asks for.
    """
    metric, places = whole
    made = ProgramBuilder()
    zones = zones_of(problem, t)
    none = np.zeros(0, dtype=np.int64)
    counts: dict[tuple[int, str], int] = {}
    for (name, model), count in stands.items():
        for number, zone in enumerate(zones):
            if name in zone.sites:
                counts[number, model] = counts.get((number, model), 0) + count
    kits = {key: _Usable(count, none, problem.kits[key[1]].unit) for key, count in counts.items()}

    def cost(zone: Zone, model: str) -> int:
        return -weight(problem, model, metric) if zone.countries <= places else 0

    found = _columns(problem, made, t, zones, kits, cost)
    if asked:
        _ask(problem, made, t, found)
    _limit_lines(problem, made, t, found)
    return made.build()


def weight(problem: Problem, model: str, metric: str, unless: str | None = None) -> int:
    """Give the thousandths per accelerator that certainly count, 0 for models in doubt.

    Where a rule frees models by a test of its own, one of which that is unknown counts.
    """
    found = problem.scope.weight(model, metric, unless)
    counts = found.counted is Counted.YES or (
        unless is not None and found.counted is Counted.UNKNOWN
    )
    return found.each if counts else 0


def share_wholes(problem: Problem, t: int) -> list[Whole]:
    """Give the distinct denominators of the group's own share rows of a period."""
    countries = frozenset(site.country for site in problem.sites.values())
    found: dict[Whole, None] = {}
    for day in problem.days_of(t):
        for rule_id in problem.rules_on(day):
            rule = problem.policy.rule(rule_id)
            if not isinstance(rule, ShareRule) or not is_written(rule) or rule.about != "owner":
                continue
            if problem.binds(rule, day.day):
                places = frozenset(site.place(rule.by) for site in problem.sites.values())
                for row in problem.policy.rows(rule, problem.subject, day.day, places):
                    found[whole_of(row, countries)] = None
    return list(found)


def whole_of(row: Row, countries: frozenset[str]) -> Whole:
    """Give the denominator of a share row among the countries that matter.

    Rules by another column are about everywhere, whatever the column.
    """
    if row.of.by != "country":
        return row.metric, countries
    return row.metric, (row.denominator or frozenset()) & countries


def zones_of(problem: Problem, t: int) -> list[Zone]:
    """Give the zones of a period: sites that the same lines, and the same shares, treat alike."""
    wholes = share_wholes(problem, t) if problem.demands else []
    lines = _lines(problem, t)
    found: dict[tuple[tuple[int, ...], tuple[bool, ...]], list[str]] = {}
    by_site = any(problem.demands[n].sites is not None for n in lines)
    known: dict[str, tuple[tuple[int, ...], tuple[bool, ...]]] = {}
    for name, site in problem.sites.items():
        if not site.serves_in(problem.periods[t]):
            continue
        if by_site or site.country not in known:
            allowed = tuple(n for n in lines if problem.demands[n].allows_site(site))
            sides = tuple(site.country in places for _, places in wholes)
            known[site.country] = allowed, sides
        key = known[site.country]
        if key[0]:
            found.setdefault(key, []).append(name)
    zones = [_zone(problem, key[0], names, by_site) for key, names in found.items()]
    return sorted(zones, key=lambda zone: zone.name)


def _zone(problem: Problem, lines: tuple[int, ...], names: list[str], by_site: bool) -> Zone:
    countries = frozenset(problem.sites[name].country for name in names)
    called = ";".join(sorted(countries))
    if by_site:
        called = f"{called} ({', '.join(sorted(names))})"
    return Zone(called, lines, frozenset(names), countries)


def _lines(problem: Problem, t: int) -> list[int]:
    return [number for number, line in enumerate(problem.demands) if line.t == t]


def _terms(problem: Problem, served: Sequence[Served], number: int) -> dict[int, Fraction]:
    """Give what each served column adds to a line."""
    line: Demand = problem.demands[number]
    return {
        one.column: line.amount(problem.kits[one.model]) for one in served if one.line == number
    }


def _ask(problem: Problem, made: ProgramBuilder, t: int, served: Sequence[Served]) -> None:
    """Serve every line of a period with what it asks for, or more."""
    for number in _lines(problem, t):
        line = problem.demands[number]
        of = (line.label, problem.periods[t].name)
        meaning = Meaning("demand", of, line.label, line.unit)
        made.row(meaning, _terms(problem, served, number), line.quantity, None)


def beyond(problem: Problem, line: Demand) -> Fraction:
    """Give how far a line may be served: its quantity and one purchase unit of any model."""
    kits = [problem.kits[model] for model in sorted(_serving(problem))]
    return line.quantity + max((line.amount(kit) * kit.unit for kit in kits), default=Fraction(0))


def _limit_lines(problem: Problem, made: ProgramBuilder, t: int, served: Sequence[Served]) -> None:
    """Serve no line beyond its quantity plus one purchase unit of any model that may serve."""
    for number in _lines(problem, t):
        line, terms = problem.demands[number], _terms(problem, served, number)
        if terms:
            meaning = Meaning("service limit", (line.label, problem.periods[t].name), NO_DILUTION)
            made.row(meaning, terms, None, beyond(problem, line))


def _serving(problem: Problem) -> set[str]:
    """Give the models that may serve in some plan: those delivered, and those that stand."""
    found = {model for model, rows in problem.deliveries.items() if any(r.quantity for r in rows)}
    return found | {
        lot.model
        for lot in problem.lots
        if lot.own and lot.works and problem.sites[lot.site].stated is not SiteStatus.STORAGE
    }


def _no_cost(_zone: Zone, _model: str) -> int:
    return 0


def _columns(
    problem: Problem,
    made: ProgramBuilder,
    t: int,
    zones: Sequence[Zone],
    kits: Mapping[tuple[int, str], _Usable],
    cost: object = _no_cost,
) -> list[Served]:
    """Add the served columns and the rows by which they share what stands."""
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
                column = made.column(Meaning("served", of), most, cost=cost(zone, model))  # type: ignore[operator]
                found.append(Served(column, t, line, zone, model))
                lines.append(column)
            made.row_of(
                Meaning("in use", (zone.name, model, period)),
                np.concatenate([lines, here.columns]).astype(np.int64),
                np.concatenate(
                    [np.ones(len(lines), np.int64), np.full(len(here.columns), -here.unit)]
                ),
                None,
                here.fixed,
            )
    return found
