"""The way from a task to a judged plan: build, search, lay out, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.amounts import decimal_text
from placement.certificate import Certificate
from placement.errors import Problem as Fault
from placement.errors import UsageError
from placement.explain.conflict import Conflict, explain
from placement.planner.build import build
from placement.planner.cells import Cells
from placement.planner.gates import Gates
from placement.planner.judging import judge_fleet, judge_layout, not_mended, unmended
from placement.planner.law import Law
from placement.planner.layout import ACTION_COLUMNS, LAYOUT_COLUMNS, Layout, lay_out
from placement.planner.problem import Problem
from placement.planner.program import MICRO, Program
from placement.planner.read import Task, read_task
from placement.planner.rules import is_written
from placement.planner.search import Clock, Progress, Search, search
from placement.planner.service import Whole, serves_alone, share_wholes, uses_credit
from placement.planner.solvers import Highs, Solver, solver_named
from placement.planner.whole import whole_plan
from placement.report import PlanInfo, Report, Size
from placement.run import report, today
from placement.sources.config import check_gap, check_time_limit
from placement.sources.fields import BadText
from placement.vocabulary import PlanStatus, Verdict

if TYPE_CHECKING:
    import pandas as pd

INFEASIBLE_EXIT, STOPPED_EXIT = 3, 4

_SERVICE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A judged plan, or why there is none; `layout` is None unless the judge accepted it.

    `before` judges the fleet that no plan touches, None where it is empty. `certificate` proves
    the bound of the last tier over `program`, or that no plan exists. `overfull` says which sites
    hold more than they have room for, `late` which notices are too late for the period.
    `within_gap`: the search ended within the gap asked for.
    """

    report: Report
    task: Task
    program: Program
    layout: Layout | None = None
    before: Report | None = None
    certificate: Certificate | None = None
    conflict: Conflict | None = None
    overfull: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    within_gap: bool = False

    def layout_frame(self) -> pd.DataFrame:
        """Give layout.csv as a DataFrame of text; empty where there is no plan."""
        import pandas as pd

        if self.layout is None:
            return pd.DataFrame(columns=list(LAYOUT_COLUMNS))
        problem = self.task.problem
        return pd.DataFrame(self.layout.rows(problem), columns=list(self.layout.columns(problem)))

    def actions_frame(self) -> pd.DataFrame:
        """Give actions.csv as a DataFrame of text; empty where there is no plan."""
        import pandas as pd

        rows = [action.cells() for action in self.layout.actions] if self.layout else []
        return pd.DataFrame(rows, columns=list(ACTION_COLUMNS))


def make_plan(
    source: str | Path | Mapping[str, Any],
    *,
    solver: str | None = None,
    time_limit: float | None = None,
    gap: Fraction | None = None,
    progress: Progress | None = None,
    **given: Any,
) -> Plan:
    """Plan a directory, a placement.toml, or its content as a mapping.

    `given` are the keywords of `read_task`: tables, policy, options, entities, headquarters,
    authorization. `time_limit` (seconds, for the search of whole units), `gap` (relative) and
    `solver` win over the configuration. Raises InputError, SolverError, NothingEvaluatedError.
    """
    _check_limits(time_limit, gap)
    clock = Clock(progress)
    with clock.phase("read"):
        task = read_task(source, **given)
    options = task.config.optimize
    return plan_task(
        task,
        solver_named(solver or options.solver),
        clock,
        time_limit=float(options.time_limit) if time_limit is None else time_limit,
        gap=options.gap if gap is None else gap,
    )


def _check_limits(time_limit: float | None, gap: Fraction | None) -> None:
    """Refuse a time limit or a gap that no search can have."""
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


def plan_task(
    task: Task, solver: Solver, clock: Clock, *, time_limit: float, gap: Fraction
) -> Plan:
    """Plan what was read: the earliest day from which every rule can be kept, then the cheapest."""
    problem = task.problem
    with clock.phase("judge"):
        before = judge_fleet(task)
    with clock.phase("build"):
        law = Law(problem)
        alone = _served_alone(problem)
    for kept_from in _candidates(problem):
        with clock.phase("build"):
            program = build(problem, law, kept_from, alone)
        found = search(problem, program, solver, clock, time_limit=time_limit, gap=gap)
        if found.status is not PlanStatus.INFEASIBLE:
            break
    layout: Layout | None = None
    judged: Report | None = None
    conflict: Conflict | None = None
    overfull, late = _overfull(problem), Gates(problem).late()
    notes = [*overfull, *late]
    if found.x is not None:
        with clock.phase("judge"):
            told = before.breaches if before else ()
            keep_gone = law.has_receipts or any(m.kind == "charge" for m in program.columns)
            layout = lay_out(problem, program, found.x, told, keep_gone=keep_gone)
            judged = judge_layout(task, layout)
        left = [finding for finding in judged.breaches if finding.date >= kept_from]
        if all(not law.mends(finding) and unmended(before, finding) for finding in left):
            notes += [*not_mended(left), *_to_file(layout)]
        else:
            layout, found = None, Search(PlanStatus.STOPPED, found.program)
    elif found.status is PlanStatus.INFEASIBLE:
        with clock.phase("explain"):
            conflict = explain(found.program, whole_units=found.certificate is None)
    info = PlanInfo(
        status=found.status,
        mode=problem.mode,
        owner=problem.subject.name,
        period=problem.period.name,
        solver=solver.name,
        compliant_from=kept_from if layout is not None else None,
        tiers=found.tiers,
        claimed_bound=found.claimed,
        timings=clock.rounded(),
        size=Size(
            cells=len(problem.sites) * len(problem.kits),
            columns=len(program.columns),
            rows=len(program.rows),
            nonzeros=len(program.values),
        ),
        conflict=conflict.sentences() if conflict else (),
        cost=_cost(program, found.x) if layout is not None and found.x is not None else {},
    )
    if layout is not None:
        notes += layout.unplaced(problem)
    report = _report(task, info, layout, judged if layout is not None else before, notes)
    return Plan(
        report,
        task,
        found.program,
        layout,
        before,
        found.certificate,
        conflict,
        overfull,
        late,
        found.within_gap,
    )


def _candidates(problem: Problem) -> list[date]:
    """Give the days from which every rule may be kept, first choice first.

    Keeping rules from a later day is never harder, so the first one with a plan is the earliest.
    From each of them on, every rule that binds the group is still judged at least once.
    """
    if problem.mode == "strict":
        return [problem.period.first]
    if problem.by is not None:
        return [problem.by]
    last = problem.last_start
    rows = {rule.id for rule in problem.policy.pack.rules if is_written(rule)}
    found = [
        day.day
        for day in problem.days
        if day.day <= last and not rows.isdisjoint(problem.rules_on(day))
    ]
    return found or [problem.period.first]


def _served_alone(problem: Problem) -> dict[Whole, int]:
    """Give, by denominator, the most weight that the untouched fleet serves alone."""
    if not uses_credit(problem):
        return {}
    found = {}
    for whole in share_wholes(problem):
        program = serves_alone(problem, whole)
        if not any(program.objective):
            found[whole] = 0
            continue
        relaxed = Highs().relax(program)
        answer = whole_plan(program, relaxed, Highs(), time_limit=_SERVICE_SECONDS, gap=0.0)
        found[whole] = -program.cost(answer.x) if answer.x is not None else 0
    return found


def _overfull(problem: Problem) -> tuple[str, ...]:
    cells = Cells(problem)
    return tuple(cells.overfull_text(name) for name in cells.overfull)


def _to_file(layout: Layout) -> list[str]:
    """Name the notices that the plan needs and nobody has filed."""
    now = today()
    return [
        f"{'has passed: ' if one.by < now else ''}file by {one.by}: {one.rule}, {one.what}"
        for one in layout.to_file()
    ]


def _cost(program: Program, x: Sequence[int]) -> dict[str, str]:
    """Break the cost up: what is bought, moved, retired, and what the whole fleet takes to run."""
    names = {"install": "purchases", "move_out": "moves", "retire": "retirements"}
    parts: dict[str, int] = {}
    for meaning, each, count in zip(program.columns, program.objective, x, strict=True):
        if each and count:
            name = names.get(meaning.kind, "running")
            parts[name] = parts.get(name, 0) + each * count
    parts["running"] = parts.get("running", 0) + program.constant
    return {name: decimal_text(Fraction(part, MICRO), 6) for name, part in parts.items() if part}


def _report(
    task: Task,
    info: PlanInfo,
    layout: Layout | None,
    judged: Report | None,
    notes: Sequence[str],
) -> Report:
    """Put the judged fleet, the plan and everything assumed into one report."""
    problem = task.problem
    made = report(
        task.settings.policy,
        judged.findings if judged else (),
        dates=problem.measured,
        assumptions=(
            *task.settings.assumptions,
            *problem.assumptions,
            *(judged.assumptions if judged else ()),
        ),
        notes=(
            *problem.fleet.notes,
            *problem.notes,
            *notes,
            *(judged.notes if judged else ()),
        ),
    )
    changes: dict[str, Any] = {"plan": info}
    if layout is None:
        infeasible = info.status is PlanStatus.INFEASIBLE
        changes["verdict"] = Verdict.NOT_APPLICABLE
        changes["exit_code"] = INFEASIBLE_EXIT if infeasible else STOPPED_EXIT
    return made.model_copy(update=changes)
