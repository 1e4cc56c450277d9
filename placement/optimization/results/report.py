"""The report of a plan: what was judged, how the plan came out, and everything assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from placement.compliance.several import report_of
from placement.enums import Verdict
from placement.loading.inputs import read_of
from placement.optimization.data.task import Task
from placement.optimization.results.assumptions import assumed
from placement.optimization.results.layout import Layout
from placement.optimization.results.rule_names import as_judged
from placement.optimization.results.validate_plan import found_in_force
from placement.report import PlanInfo, Report, exit_code


def report_plan(
    task: Task,
    info: PlanInfo,
    layout: Layout | None,
    judged: Report | None,
    notes: Sequence[str],
    lesser_notes: Sequence[str] = (),
) -> Report:
    """Return the judged fleet, the plan and everything assumed in one report.

    `lesser_notes`: those that say nothing of the verdict.
    """
    problem = task.problem
    made = report_of(
        task.settings.policies,
        tuple(map(as_judged, judged.findings)) if judged else (),
        dates=problem.measured,
        read=read_of(task.inventory, task.read),
        assumptions=assumed(task, layout, judged),
        notes=(
            *problem.notes,
            *problem.fleet.notes,
            *notes,
            *lesser_notes,
            *(judged.notes if judged else ()),
        ),
        lesser_notes=(
            *problem.lesser_notes,
            *problem.fleet.lesser_notes,
            *lesser_notes,
            *(judged.lesser_notes if judged else ()),
        ),
    )
    changes: dict[str, Any] = {"plan": info, "in_force": found_in_force(task, layout)}
    if judged is not None and judged.verdict is Verdict.NOT_APPLICABLE:
        changes["verdict"] = Verdict.NOT_APPLICABLE  # nothing is left to judge
    if layout is None:
        changes["verdict"] = Verdict.NOT_APPLICABLE
        changes["exit_code"] = exit_code(Verdict.NOT_APPLICABLE, info.status)
    return made.model_copy(update=changes)
