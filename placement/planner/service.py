"""Service: which accelerators serve which line of demand, at the coarsest level that matters.

Countries that the same lines allow are one zone. `served[line, zone, model]` counts accelerators;
one serves one line at a time, and no line is served beyond its quantity plus one purchase unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from placement.planner.cells import Cells
from placement.planner.problem import Problem
from placement.planner.program import Meaning, Program, ProgramBuilder
from placement.planner.rules import is_written
from placement.policy import Row
from placement.policy.kinds import ShareRule
from placement.sources.sites import SiteStatus
from placement.vocabulary import Counted

NO_DILUTION = "no useless kit (allow_dilution = false)"
"""The group of rows that stop kit which serves nobody from diluting a share."""

#: What a share is measured over: the metric and the places of the denominator.
Whole = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Served:
    """One column: accelerators of a model in a zone (some countries) that serve a line."""

    column: int
    line: int
    countries: frozenset[str]
    model: str


def add_service(
    problem: Problem,
    cells: Cells,
    made: ProgramBuilder,
    stock: Mapping[tuple[str, str], int],
) -> list[Served]:
    """Add the columns and rows of service, and what each line asks for."""
    fixed = cells.idle_capacity()
    planned: dict[tuple[str, str], dict[int, int]] = {}
    for (name, model), column in stock.items():
        site = problem.sites[name]
        if site.status is not SiteStatus.STORAGE:
            key = site.country, model
            planned.setdefault(key, {})[column] = cells.kits[model].unit
    found = _columns(problem, made, {*fixed, *planned}, fixed, planned)
    for number, line in enumerate(problem.demands):
        meaning = Meaning("demand", (line.label,), line.label, line.unit)
        made.row(meaning, _terms(problem, found, number), line.quantity, None)
    if uses_credit(problem):
        _limit_lines(problem, made, found)
    return found


def uses_credit(problem: Problem) -> bool:
    """Tell whether kit that serves nobody must not dilute a share."""
    return not problem.allow_dilution and problem.place is None


def serves_alone(problem: Problem, whole: Whole) -> Program:
    """Write the program of how much the untouched fleet can serve, weighed as a share is.

    It maximizes (minimizes the negative of) the weight in `whole` that serves; what remains of
    the fleet's total is idle without any plan, and no plan is blamed for it.
    """
    metric, places = whole
    made = ProgramBuilder()
    fixed = Cells(problem).standing()
    found = _columns(problem, made, set(fixed), fixed, {})
    _limit_lines(problem, made, found)
    for one in found:
        if one.countries <= places:
            made.objective[one.column] = -weight(problem, one.model, metric)
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


def share_wholes(problem: Problem) -> list[Whole]:
    """Give the distinct denominators of the group's own share rows of the period."""
    countries = frozenset(site.country for site in problem.sites.values())
    found: dict[Whole, None] = {}
    for day in problem.days:
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


def _terms(problem: Problem, served: Sequence[Served], number: int) -> dict[int, Fraction]:
    """Give what each served column adds to a line."""
    line = problem.demands[number]
    return {
        one.column: line.amount(problem.kits[one.model]) for one in served if one.line == number
    }


def _limit_lines(problem: Problem, made: ProgramBuilder, served: Sequence[Served]) -> None:
    """Serve no line beyond its quantity plus one purchase unit of any model."""
    for number, line in enumerate(problem.demands):
        terms = _terms(problem, served, number)
        if terms:
            spare = max(line.amount(kit) * kit.unit for kit in problem.kits.values())
            meaning = Meaning("service limit", (line.label,), NO_DILUTION)
            made.row(meaning, terms, None, line.quantity + spare)


def _columns(
    problem: Problem,
    made: ProgramBuilder,
    keys: Iterable[tuple[str, str]],
    fixed: Mapping[tuple[str, str], int],
    planned: Mapping[tuple[str, str], Mapping[int, int]],
) -> list[Served]:
    """Add the served columns and the rows by which they share what stands."""
    zones: dict[tuple[tuple[int, ...], tuple[bool, ...]], set[str]] = {}
    wholes = share_wholes(problem) if problem.demands else []
    for country in {country for country, _ in keys}:
        lines = tuple(n for n, line in enumerate(problem.demands) if line.allows(country))
        sides = tuple(country in places for _, places in wholes)
        if lines:
            zones.setdefault((lines, sides), set()).add(country)
    found: list[Served] = []
    models = sorted({model for _, model in keys})
    for (lines, _), members in sorted(zones.items(), key=lambda item: min(item[1])):
        countries = frozenset(members)
        for model in models:
            usable = [n for n in lines if problem.demands[n].amount(problem.kits[model])]
            here = sum(fixed.get((country, model), 0) for country in countries)
            terms: dict[int, int] = {}
            for country in countries:
                terms.update(planned.get((country, model), {}))
            most = here + sum(made.upper[column] * unit for column, unit in terms.items())
            if not usable or not most:
                continue
            row: dict[int, int] = {column: -unit for column, unit in terms.items()}
            for number in usable:
                name = problem.demands[number].label
                of = (name, ";".join(sorted(countries)), model)
                column = made.column(Meaning("served", of), most)
                found.append(Served(column, number, countries, model))
                row[column] = 1
            made.row(Meaning("in use", (";".join(sorted(countries)), model)), row, None, here)
    return found
