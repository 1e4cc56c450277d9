"""Which rows of shares can bind: only for those is it asked whether kit is useful.

A row cannot where even all that may come to its numerator, beside no more elsewhere than stays
there whatever is done, keeps its limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from placement.enums import Comparison
from placement.optimization.data.problem import Problem
from placement.optimization.model.credit.zones import Alone, Whole, weight, whole_of
from placement.optimization.model.rule_instances import RuleInstance, RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.policy import Row


def uses_credit(problem: Problem) -> bool:
    """Tell whether kit that serves nobody must not dilute a share."""
    return not problem.allow_dilution and problem.place is None


@dataclass(frozen=True)
class Binding:
    """The rows of shares of a denominator in a period, and the sites that each has inside.

    Inside is where kit raises what the row limits: its numerator; for a floor, the rest.
    """

    rows: tuple[RuleInstance, ...]
    inside: tuple[frozenset[str], ...]

    @cached_property
    def sides(self) -> tuple[frozenset[str], ...]:
        """The distinct ones of these."""
        return tuple(dict.fromkeys(self.inside))


def binding_rows(grid: PlanSets, law: RuleInstances) -> dict[Alone, Binding]:
    """Return the rows of the group's shares that can bind, by period and denominator.

    None where kit need not be useful to count.
    """
    problem, found = grid.problem, dict[Alone, list[tuple[RuleInstance, frozenset[str]]]]()
    if not uses_credit(problem):
        return {}
    countries = frozenset(site.country for site in problem.sites.values())
    known: dict[tuple[object, ...], frozenset[str]] = {}
    for held in law.held:
        row = held.row
        if held.is_received or held.rule.about != "owner" or row.denominator is None:
            continue
        whole = whole_of(row, countries)
        key = row.of.by, row.numerator, row.comparison, whole
        if key not in known:
            known[key] = inside(problem, row, whole)
        if _can_bind(grid, held, whole, known[key]):
            found.setdefault((held.t, whole), []).append((held, known[key]))
    return {
        at: Binding(tuple(one for one, _ in rows), tuple(sites for _, sites in rows))
        for at, rows in found.items()
    }


def inside(problem: Problem, row: Row, whole: Whole) -> frozenset[str]:
    """Return the sites where kit raises what a row limits: for a floor, the rest."""
    floor = row.comparison is Comparison.AT_LEAST
    return frozenset(
        name
        for name, site in problem.sites.items()
        if site.country in whole[1] and (site.place(row.of.by) in row.numerator) != floor
    )


def frees(problem: Problem, model: str, row: Row) -> bool:
    """Tell whether a row's numerator leaves out a model that its denominator has."""
    if row.of.tested_by is None:
        return False
    plain = weight(problem, model, row.metric)
    return weight(problem, model, row.metric, row.of.tested_by) != plain


def limited(problem: Problem, row: Row) -> Row:
    """Return a row with its limit moved inwards by the rule's margin, if it has one."""
    margin = problem.margins.get(row.rule)
    return row if margin is None else replace(row, limit=margin.inside(row.limit, row.comparison))


def _can_bind(grid: PlanSets, held: RuleInstance, whole: Whole, names: frozenset[str]) -> bool:
    problem, row, t = grid.problem, held.row, held.t
    if problem.transit == "both" or row.of.tested_by is not None or row.denominator is None:
        return True
    if row.of.by == "country" and not row.is_nested:
        return True
    metric, places = whole
    each = np.array([weight(problem, model, metric) for model in grid.models], dtype=object)
    size = (each * [problem.kits[model].unit for model in grid.models])[grid.model]
    here = grid.in_sites(names)
    elsewhere = grid.in_sites(
        frozenset(n for n, site in problem.sites.items() if site.country in places) - names
    )
    room = int((size[here] * grid.most[here, t:].max(axis=1, initial=0)).sum())
    stands = np.bincount(grid.model, grid.start, minlength=len(grid.models)).astype(np.int64)
    units = stands + grid.delivered[:, t]
    supply = sum(
        int(each[n]) * problem.kits[model].unit * int(units[n])
        for n, model in enumerate(grid.models)
    )
    starts = size * grid.start
    part, total = held.parts()
    outside = total - part
    if row.comparison is Comparison.AT_LEAST:
        part, outside = outside, part
    most = part - int(starts[here].sum()) + min(room, supply)
    stays = outside - int(starts[elsewhere].sum())
    asked = limited(problem, row)
    if row.comparison is Comparison.AT_LEAST:
        over = asked.linear(stays, stays + most)
    else:
        over = asked.linear(most, stays + most)
    return over + held.doubt() > asked.bound
