"""What a caller asks for in place of the configuration: objectives, time limit, gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import isfinite
from pathlib import Path

from placement.enums import Objective
from placement.errors import Fault, UsageError
from placement.optimization.data.previous import read_previous
from placement.optimization.data.targets import given_objectives
from placement.optimization.data.task import Task
from placement.readers.cells import BadText
from placement.readers.config.values import MOST_STEPS, check_gap, check_time_limit


def with_overrides(
    task: Task, objective: str | Sequence[str] | None, previous: str | Path | None
) -> Task:
    """Return the task with the objectives asked for, and the layout of before.

    The search starts there, and the objective changes is against it.
    """
    problem, slack = task.problem, task.config.optimize.slack
    if objective is not None:
        chosen = given_objectives(objective)
        if len(slack) not in (1, len(chosen)):
            message = f"{len(chosen)} objectives, and [optimize] slack has {len(slack)} numbers"
            raise UsageError(Fault(message, "name as many", column="objective"))
        every = slack if len(slack) > 1 else slack * len(chosen)
        problem = replace(problem, objectives=chosen, slack=tuple(every))
    asked = Objective.CHANGES in problem.objectives
    if asked and previous is None:
        fix = "give --previous PLAN, its folder or its layout.csv"
        raise UsageError(Fault("changes are against a layout of before", fix, column="objective"))
    if previous is not None:
        before, notes = read_previous(previous, replace(task, problem=problem))
        problem = replace(problem, previous=before, notes=(*problem.notes, *notes))
    return task if problem is task.problem else replace(task, problem=problem)


def check_limits(time_limit: float | None, gap: Fraction | None, steps: object) -> None:
    """Refuse a time limit, a gap or an effort that no search can have."""
    if steps is not None and (
        not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= steps <= MOST_STEPS
    ):
        fix = f"write a whole number of steps from 1 to {MOST_STEPS}"
        fault = Fault("is no effort", fix, column="effort", value=str(steps))
        raise UsageError(fault)
    given: tuple[tuple[str, float | Fraction | None, Callable[[Fraction], Fraction]], ...] = (
        ("time_limit", time_limit, check_time_limit),
        ("gap", gap, check_gap),
    )
    for name, value, check in given:
        if value is None:
            continue
        try:
            if isinstance(value, float) and not isfinite(value):
                raise BadText("is not a number", "write it in digits, as 12.5")
            check(Fraction(value))
        except BadText as error:
            fault = Fault(error.message, error.fix, column=name, value=str(value))
            raise UsageError(fault) from None
