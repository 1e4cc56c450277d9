"""From a point to a layout that the judge accepts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from placement.enums import ColumnKind, Objective
from placement.optimization.data.task import Task
from placement.optimization.progress import ProgressTracker
from placement.optimization.results.costs import Cost, costs_of
from placement.optimization.results.dilution.find import Dilution, dilution_of
from placement.optimization.results.layout import Layout, build_layout
from placement.optimization.results.served import ServedAmount, served_of
from placement.optimization.results.validate_plan import (
    check_layout,
    holds_every_day_from,
    not_mended,
    unmended,
)
from placement.optimization.solving import Solved
from placement.report import Report

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

_RELAXED = (
    "the objective relaxation lets a plan break rules: this one does, by as little as can be, and "
    "is no compliant plan"
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A layout that the judge accepted, with what it serves and costs.

    `is_compliant`: it breaks no rule that it could keep; `every_day_from`: the first day from which
    every limit holds on every day, None: on none.
    """

    layout: Layout
    dilution: Dilution
    judged: Report
    is_compliant: bool
    every_day_from: date | None
    notes: tuple[str, ...]
    served: tuple[ServedAmount, ...]
    costs: tuple[Cost, ...]


def accept(
    task: Task, solved: Solved, before: Report | None, clock: ProgressTracker, x: Ints
) -> Accepted | None:
    """Return the layout of a point, judged; None where it leaves a breach that it should not.

    `before`: the report on the fleet that no plan touches.
    """
    sets, rules, program = solved.sets, solved.rules, solved.program
    with clock.phase("judge"):
        told = before.breaches if before else ()
        keep_gone = rules.has_receipts or len(program.columns.of_kind(ColumnKind.CHARGE)) > 0
        dilution = dilution_of(sets, rules, solved.kept_from, program, x)
        if solved.hooked:  # a constraint of the hook may be about what serves
            dilution = replace(dilution, x=x)
        layout = build_layout(sets, program, dilution, told, keep_gone=keep_gone)
        judged = check_layout(task, layout)
    left = [finding for finding in judged.breaches if finding.date >= solved.kept_from]
    relaxed = Objective.RELAXATION in task.problem.objectives
    if not relaxed and any(rules.mends(one) or not unmended(before, one) for one in left):
        return None
    mended = [one for one in left if rules.mends(one) or not unmended(before, one)]
    others = [one for one in left if one not in mended]
    with clock.phase("judge"):
        every_day_from = holds_every_day_from(task, layout, judged)
    return Accepted(
        layout,
        dilution,
        judged,
        is_compliant=not mended,
        every_day_from=every_day_from,
        notes=(*([_RELAXED] if mended else []), *not_mended(others)),
        served=served_of(task.problem, program, dilution.x),
        costs=costs_of(sets, program, dilution.x),
    )
