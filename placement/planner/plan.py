"""The way from a task to a judged plan: build, search, lay out, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.amounts import plain
from placement.certificate import Certificate
from placement.errors import Problem as Fault
from placement.errors import UsageError
from placement.explain.conflict import Conflict, explain
from placement.explain.missing import missing
from placement.frames import frame_of
from placement.planner.alone import served_alone
from placement.planner.asked import aimed, check_limits
from placement.planner.beginning import beginning
from placement.planner.budget import Limits
from placement.planner.build import build
from placement.planner.clock import Clock, Progress
from placement.planner.closing import closing_notes
from placement.planner.cross_check import cross_check
from placement.planner.dilution import Dilution, dilution_of, told_of
from placement.planner.effort import Effort, Stop, check_effort, trying
from placement.planner.falling import falling_notes
from placement.planner.figures import COST_COLUMNS, Cost, by_kind, by_year, costs_of, paid_by_kind
from placement.planner.grid import make_grid
from placement.planner.hook import Named, hook_of
from placement.planner.judging import (
    holds_every_day_from,
    judge_fleet,
    judge_layout,
    not_mended,
    unmended,
)
from placement.planner.law import Law
from placement.planner.layout import ACTION_COLUMNS, LAYOUT_COLUMNS, Layout, lay_out
from placement.planner.notes import overdue, overfull_sites, said_of_hook, to_file
from placement.planner.objectives import Aim, prepared
from placement.planner.period import span
from placement.planner.problem import Problem
from placement.planner.program import Program
from placement.planner.read import Task, read_task
from placement.planner.reporting import report_plan
from placement.planner.rules import is_written
from placement.planner.said import said_of_search
from placement.planner.search import Search, search
from placement.planner.served import SERVED_COLUMNS, Serving, served_of, served_rows
from placement.planner.shares import SHARE_COLUMNS, measured, share_cells
from placement.planner.solvers import Extended, Relaxer, Solver, solver_named
from placement.planner.source import asked_source
from placement.report import Horizon, PlanInfo, Report, Size
from placement.vocabulary import Objective, PlanStatus

if TYPE_CHECKING:
    import pandas as pd

_RELAXED = (
    "the objective relaxation lets a plan break rules: this one does, by as little as can be, and "
    "is no compliant plan"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A judged plan, or why there is none; `layout` is None unless the judge accepted it.

    `served` and `costs` are those of the layout, none without one.
    `before` judges the fleet that no plan touches, None where it is empty. `certificate` proves
    the bound of the last tier over `program`, or that no plan exists. `overfull` says which sites
    hold more than they have room for, `late` which notices are too late for the period.
    `within_gap`: the search ended within the gap asked for. `aim`: the objective of `program`.
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
    aim: Aim | None = None
    served: tuple[Serving, ...] = ()
    costs: tuple[Cost, ...] = ()

    def export(self, path: str | Path) -> tuple[Path, Path]:
        """Write `program` for other solvers, as .mps or .lp, and a table of names beside it.

        Of several objectives it is the last one's, with the ones before as rows.
        """
        from placement.planner.export import export

        if self.aim is None:
            raise AssertionError("a search without an objective")
        return export(self.program, self.aim, Path(path))

    def layout_frame(self) -> pd.DataFrame:
        """Return layout.csv as a DataFrame (`placement.frames`); empty where there is no plan."""
        if self.layout is None:
            return frame_of(LAYOUT_COLUMNS, [])
        problem = self.task.problem
        return frame_of(self.layout.columns(problem), self.layout.rows(problem))

    def actions_frame(self) -> pd.DataFrame:
        """Return actions.csv as a DataFrame; empty where there is no plan."""
        rows = [action.cells() for action in self.layout.actions] if self.layout else []
        return frame_of(ACTION_COLUMNS, rows)

    def served_frame(self) -> pd.DataFrame:
        """Return served.csv as a DataFrame; empty where there is no plan."""
        return frame_of(SERVED_COLUMNS, served_rows(self.served))

    def costs_frame(self) -> pd.DataFrame:
        """Return costs.csv as a DataFrame; empty where there is no plan."""
        return frame_of(COST_COLUMNS, [one.cells() for one in self.costs])

    def shares_frame(self) -> pd.DataFrame:
        """Return shares.csv as a DataFrame; empty where there is no plan."""
        return frame_of(SHARE_COLUMNS, self.share_rows())

    def save(self, folder: str | Path) -> list[Path]:
        """Write the files of the plan into a folder, all or none; return their paths.

        UsageError where there is no layout to write, or the folder cannot be written.
        """
        from placement.planner.files import plan_texts, write_files

        texts = plan_texts(self)
        if not texts:
            raise UsageError(Fault("there is no plan to save", "see report.plan.conflict for why"))
        return write_files(Path(folder), texts)

    def __repr__(self) -> str:
        """Return what the plan is in a few lines."""
        info = self.report.plan
        status, tiers = (info.status.value, info.tiers) if info is not None else ("none", ())
        lines = [f"Plan({status}, exit code {self.report.exit_code})"]
        lines += [f"  {one.objective}: {one.value}, gap {one.gap}" for one in tiers]
        if self.layout is not None:
            lines.append(f"  {len(self.layout.actions)} actions: see .actions_frame()")
        return "\n".join([*lines[:9], f"  {self.report.verdict.value}: see .report"])

    def share_rows(self) -> list[tuple[str, ...]]:
        """Return the rows of shares.csv: what the judge measured; none without a plan."""
        if self.layout is None:
            return []
        periods = self.task.problem.periods
        return [share_cells(periods, one) for one in measured(self.report.by_pack().findings)]


def make_plan(
    source: str | Path | Mapping[str, Any],
    *,
    solver: str | None = None,
    time_limit: float | None = None,
    gap: Fraction | None = None,
    effort: int | None = None,
    threads: int = 1,
    seed: int = 0,
    cross_check: str | None = None,
    hook: str | Callable[[Any, Named], object] | None = None,
    objective: str | Sequence[str] | None = None,
    previous: str | Path | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    **given: Any,
) -> Plan:
    """Plan a directory, a placement.toml, or its content as a mapping.

    `given` are the other keywords of `read_task`. `gap` (relative), `effort` (steps), `time_limit`
    (seconds, for the search of whole units) and `solver` win over the configuration. With the same
    `threads` and `seed` a search that no time limit ends finds the same plan, however busy the
    machine is. `cross_check` names another solver to be asked, too. `hook`, a function or
    FILE:FUNCTION, adds constraints (see `placement.planner.hook`). `objective` wins over the
    configuration; `previous` is a plan's folder or its layout: where the search starts, and what
    `changes` is against. `stop` ends the search with the best plan so far.
    """
    check_limits(time_limit, gap, effort)
    check_effort(threads, seed)
    more = hook_of(hook)
    clock = Clock(progress)
    with clock.phase("read"):
        task = aimed(read_task(source, **given), objective, previous)
    options = task.config.optimize
    with trying(Effort(threads, seed, stop or Stop(), clock.better)):
        return plan_task(
            task,
            solver_named(solver or options.solver, more),
            clock,
            Limits(
                float(options.time_limit) if time_limit is None else time_limit,
                options.gap if gap is None else gap,
                options.effort if effort is None else effort,
            ),
            second=None if cross_check is None else solver_named(cross_check, more),
        )


def plan_task(
    task: Task,
    solver: Solver,
    clock: Clock,
    limits: Limits,
    *,
    second: Relaxer | None = None,
) -> Plan:
    """Plan what was read: the earliest day from which every rule can be kept, then the cheapest.

    `second` is asked for its opinion.
    """
    problem = task.problem
    with clock.phase("judge"):
        before = judge_fleet(task)
    with clock.phase("build"):
        grid = make_grid(problem)
        law = Law(problem)
    with clock.phase("fleet alone"):
        alone = served_alone(grid, law)
    for kept_from in _candidates(problem):
        with clock.phase("build"):
            program = prepared(grid, law, build(grid, law, kept_from, alone))
        start = None
        if problem.previous is not None:
            with clock.phase("start"):
                start = beginning(grid, program, limits)
        found = search(grid, law, program, solver, clock, limits, start=start)
        if found.status is not PlanStatus.INFEASIBLE:
            break
    layout: Layout | None = None
    every_day_from: date | None = None
    dilution: Dilution | None = None
    judged: Report | None = None
    conflict: Conflict | None = None
    kept = True
    overfull = overfull_sites(grid.holdings)
    late = tuple(dict.fromkeys(said for gates in grid.gates for said in gates.late()))
    notes = [*overfull, *late, *falling_notes(grid.holdings), *closing_notes(grid.holdings)]
    hooked = isinstance(solver, Extended)
    if isinstance(solver, Extended):
        notes += said_of_hook(solver, found)
    notes += said_of_search(found, limits, clock)
    if found.x is not None:
        with clock.phase("judge"):
            told = before.breaches if before else ()
            keep_gone = law.has_receipts or len(program.columns.of_kind("charge")) > 0
            dilution = dilution_of(grid, law, kept_from, program, found.x)
            if hooked:  # a constraint of the hook may be about what serves
                dilution = replace(dilution, x=found.x)
            layout = lay_out(grid, program, dilution, told, keep_gone=keep_gone)
            judged = judge_layout(task, layout)
        left = [finding for finding in judged.breaches if finding.date >= kept_from]
        relaxed = Objective.RELAXATION in problem.objectives
        if relaxed or all(not law.mends(one) and unmended(before, one) for one in left):
            mended = [one for one in left if law.mends(one) or not unmended(before, one)]
            if mended:
                notes.append(_RELAXED)
                kept = False
            notes += [*not_mended([one for one in left if one not in mended]), *to_file(layout)]
        else:
            layout, found = None, Search(PlanStatus.STOPPED, found.program, aim=found.aim)
        if layout is not None:
            with clock.phase("judge"):
                every_day_from = holds_every_day_from(task, layout, judged)
    elif found.status is PlanStatus.INFEASIBLE and not (hooked and found.certificate is None):
        with clock.phase("explain"):
            roomy = make_grid(problem, roomy=True)
            wider = prepared(roomy, law, build(roomy, law, kept_from, alone))
            conflict = explain(wider)
            named = [part.name for part in conflict.parts]
            conflict = replace(conflict, first=missing(problem, named))
    served: tuple[Serving, ...] = ()
    costs: tuple[Cost, ...] = ()
    if layout is not None and dilution is not None:
        served = served_of(problem, program, dilution.x)
        costs = costs_of(grid, program, dilution.x)
    checked = None
    if second is not None and not found.interrupted:
        with clock.phase("cross-check"):
            gap = limits.gap_of(int(found.program.integer.sum()))
            checked = cross_check(found, second, time_limit=limits.seconds, gap=gap)
    info = PlanInfo(
        status=found.status,
        mode=problem.mode,
        owner=problem.subject.name,
        period=span(problem.periods),
        periods=Horizon(
            first=problem.periods[0].name,
            last=problem.periods[-1].name,
            count=len(problem.periods),
        ),
        solver=solver.name,
        currency=problem.currency,
        compliant_from=kept_from if layout is not None and kept else None,
        compliant_every_day_from=every_day_from,
        tiers=found.tiers,
        search=found.ends,
        claimed_bound=found.claimed,
        timings=clock.rounded(),
        size=Size(
            cells=len(problem.sites) * len(problem.kits) * len(problem.periods),
            columns=len(program.columns),
            rows=len(program.rows),
            nonzeros=len(program.values),
        ),
        conflict=conflict.sentences() if conflict else (),
        missing=conflict.first if conflict else (),
        closed_to_arrivals=grid.holdings.closed_to_arrivals,
        cross_check=checked,
        source=asked_source(task),
        discount_rate=plain(problem.discount_rate),
        discounted_to=problem.discount_day,
        cost=by_kind(costs),
        paid=paid_by_kind(costs),
        cost_by_year=by_year(costs),
        dilution=told_of(dilution) if layout is not None and dilution is not None else (),
        overdue=overdue(layout) if layout is not None else (),
    )
    if layout is not None:
        notes += layout.unplaced(problem)
    report = report_plan(task, info, layout, judged if layout is not None else before, notes)
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
        found.aim,
        served,
        costs,
    )


def _candidates(problem: Problem) -> list[date]:
    """Return the days from which every rule may be kept, first choice first.

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
