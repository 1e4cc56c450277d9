"""The shares that a plan keeps only by purchases that serve nobody.

The layout of the plan is held in the program in which only useful kit counts: where that has a
point, nothing dilutes, and the same layout is allowed with `allow_dilution = false`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.elastic import elastic
from placement.lp.exact_arrays import exact_ints
from placement.optimization.heuristics.integer import whole_plan
from placement.optimization.model.build import build
from placement.optimization.model.credit.binding_shares import inside
from placement.optimization.model.credit.served_alone import SECONDS, served_alone
from placement.optimization.model.credit.zones import Whole, whole_of
from placement.optimization.model.label_keys import RuleKey
from placement.optimization.model.objectives.tiers import add_objective_variables
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.solvers.highs import Highs, HighsLp
from placement.solvers.solve_context import Stop, current_context, solving_in

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class Resting:
    """A share on a day of a period that is not kept without some purchases.

    `useless`: the thousandths of them, which are outside the sites `inside`, where kit raises it.
    """

    t: int
    whole: Whole
    rule: str
    place: str
    useless: int
    inside: frozenset[str]


def resting(
    grid: PlanSets, law: RuleInstances, kept_from: date, program: PlanProgram, x: Ints
) -> list[Resting]:
    """Return the shares that rest on purchases that serve nobody, as few as can be.

    `program`, `x`: that of a plan, without a credit. Nothing is returned where the search for what
    serves does not end in time.
    """
    useful = replace(grid, problem=replace(grid.problem, allow_dilution=False))
    alone = served_alone(useful, law)
    strict = _held(
        add_objective_variables(useful, law, build(useful, law, kept_from, alone)), program, x
    )
    rows = _credited(strict)
    if not rows:
        return []
    loose = elastic(strict, rows)
    with solving_in(replace(current_context(), stop=Stop(), better=lambda _: None)):
        session = HighsLp(loose)
        point = whole_plan(
            loose, session.run(), session, Highs(), time_limit=SECONDS, gap=0, bound=Fraction(0)
        ).x
    if point is None or not loose.cost(point):
        return []
    return _found(grid, law, strict, rows, point[: len(strict.columns)])


def _held(strict: PlanProgram, program: PlanProgram, x: Ints) -> PlanProgram:
    """Return a program with the layout of a plan, and with rules broken no further than by it."""
    lower, upper = strict.lower.astype(object), strict.upper.astype(object)
    ours, theirs = strict.variables, program.variables
    for mine, its in zip(
        (ours.install, ours.arrives, *ours.leaves),
        (theirs.install, theirs.arrives, *theirs.leaves),
        strict=True,
    ):
        lower[mine[mine >= 0]] = upper[mine[mine >= 0]] = x[its[its >= 0]]
    at = {of: column for column, of in program.columns.keys(ColumnKind.INSIDE, RuleKey)}
    for column, of in strict.columns.keys(ColumnKind.INSIDE, RuleKey):
        lower[column] = x[at[of]]
    return replace(strict, lower=exact_ints(lower), upper=exact_ints(upper))


def _credited(strict: PlanProgram) -> dict[int, list[int]]:
    """Return the columns of the credit of each row that has one."""
    of_credit = np.zeros(len(strict.columns), dtype=bool)
    of_credit[strict.columns.of_kind(ColumnKind.CREDIT, ColumnKind.SURPLUS)] = True
    found = {}
    for row in strict.rows.of_kind(RowKind.RULE).tolist():
        columns = [column for column, _ in strict.entries(row) if of_credit[column]]
        if columns:
            found[row] = columns
    return found


def _found(
    grid: PlanSets, law: RuleInstances, strict: PlanProgram, rows: dict[int, list[int]], x: Ints
) -> list[Resting]:
    problem = grid.problem
    countries = frozenset(site.country for site in problem.sites.values())
    held = {one.key: one for one in law.held}
    found = []
    for row, columns in rows.items():
        if strict.activity(row, x) <= int(strict.row_upper[row]):
            continue
        one = held[strict.rows[row].key(RuleKey)]
        whole = whole_of(one.row, countries)
        total = strict.variables.whole[one.t, whole]
        useless = int(x[total]) - sum(int(x[column]) for column in columns)
        found.append(
            Resting(
                one.t, whole, one.row.rule, one.row.place, useless, inside(problem, one.row, whole)
            )
        )
    return found
