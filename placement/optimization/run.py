"""The way from a task to a judged plan: build, search, lay out, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.enums import Objective, PlanStatus
from placement.optimization.cross_check import cross_check
from placement.optimization.data.falling_limits import falling_notes
from placement.optimization.data.load import load_task
from placement.optimization.data.overrides import check_limits, with_overrides
from placement.optimization.data.periods import span
from placement.optimization.data.plannable_rules import is_written
from placement.optimization.data.problem import Problem
from placement.optimization.data.site_closures import closing_notes
from placement.optimization.data.sources import asked_source
from placement.optimization.data.task import Task
from placement.optimization.heuristics.search_budget import Limits
from placement.optimization.infeasibility.conflict import Conflict, explain
from placement.optimization.infeasibility.missing import missing
from placement.optimization.lexicographic import SearchResult, solve_tiers
from placement.optimization.model.build import build
from placement.optimization.model.credit.served_alone import served_alone
from placement.optimization.model.objectives.tiers import add_objective_variables
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import build_sets
from placement.optimization.plan import Plan
from placement.optimization.progress import Progress, ProgressTracker
from placement.optimization.results.costs import (
    Cost,
    by_kind,
    by_year,
    costs_of,
    paid_by_kind,
)
from placement.optimization.results.dilution.find import Dilution, dilution_of, dilution_records
from placement.optimization.results.layout import Layout, build_layout
from placement.optimization.results.notes import hook_notes, overdue, overfull_sites, to_file
from placement.optimization.results.report import report_plan
from placement.optimization.results.search_notes import said_of_search
from placement.optimization.results.served import ServedAmount, served_of
from placement.optimization.results.validate_plan import (
    check_baseline,
    check_layout,
    holds_every_day_from,
    not_mended,
    unmended,
)
from placement.optimization.warm_start import beginning
from placement.report import Horizon, PlanInfo, Report, Size
from placement.solvers.custom_constraints import NamedColumns, hook_of
from placement.solvers.highs import HasCustomConstraints, Relaxer, Solver, solver_named
from placement.solvers.solve_context import SolveContext, Stop, check_effort, trying
from placement.text.decimals import plain

if TYPE_CHECKING:
    pass

_RELAXED = (
    "the objective relaxation lets a plan break rules: this one does, by as little as can be, and "
    "is no compliant plan"
)


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
    hook: str | Callable[[Any, NamedColumns], object] | None = None,
    objective: str | Sequence[str] | None = None,
    previous: str | Path | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    **given: Any,
) -> Plan:
    """Plan a directory, a placement.toml, or its content as a mapping.

    `given` are the other keywords of `load_task`. `gap` (relative), `effort` (steps), `time_limit`
    (seconds, for the search of whole units) and `solver` win over the configuration. With the same
    `threads` and `seed` a search that no time limit ends finds the same plan, however busy the
    machine is. `cross_check` names another solver to be asked, too. `hook`, a function or
    FILE:FUNCTION, adds constraints (see `placement.solvers.custom_constraints`). `objective`
    wins over the configuration; `previous` is a plan's folder or its layout: where the search
    starts, and what `changes` is against. `stop` ends the search with the best plan so far.
    """
    check_limits(time_limit, gap, effort)
    check_effort(threads, seed)
    more = hook_of(hook)
    clock = ProgressTracker(progress)
    with clock.phase("read"):
        task = with_overrides(load_task(source, **given), objective, previous)
    options = task.config.optimize
    with trying(SolveContext(threads, seed, stop or Stop(), clock.better)):
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
    clock: ProgressTracker,
    limits: Limits,
    *,
    second: Relaxer | None = None,
) -> Plan:
    """Plan what was read: the earliest day from which every rule can be kept, then the cheapest.

    `second` is asked for its opinion.
    """
    problem = task.problem
    with clock.phase("judge"):
        before = check_baseline(task)
    with clock.phase("build"):
        grid = build_sets(problem)
        law = RuleInstances(problem)
    with clock.phase("fleet alone"):
        alone = served_alone(grid, law)
    for kept_from in _candidates(problem):
        with clock.phase("build"):
            program = add_objective_variables(grid, law, build(grid, law, kept_from, alone))
        start = None
        if problem.previous is not None:
            with clock.phase("start"):
                start = beginning(grid, program, limits)
        found = solve_tiers(grid, law, program, solver, clock, limits, start=start)
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
    hooked = isinstance(solver, HasCustomConstraints)
    if isinstance(solver, HasCustomConstraints):
        notes += hook_notes(solver, found)
    notes += said_of_search(found, limits, clock)
    if found.x is not None:
        with clock.phase("judge"):
            told = before.breaches if before else ()
            keep_gone = law.has_receipts or len(program.columns.of_kind("charge")) > 0
            dilution = dilution_of(grid, law, kept_from, program, found.x)
            if hooked:  # a constraint of the hook may be about what serves
                dilution = replace(dilution, x=found.x)
            layout = build_layout(grid, program, dilution, told, keep_gone=keep_gone)
            judged = check_layout(task, layout)
        left = [finding for finding in judged.breaches if finding.date >= kept_from]
        relaxed = Objective.RELAXATION in problem.objectives
        if relaxed or all(not law.mends(one) and unmended(before, one) for one in left):
            mended = [one for one in left if law.mends(one) or not unmended(before, one)]
            if mended:
                notes.append(_RELAXED)
                kept = False
            notes += [*not_mended([one for one in left if one not in mended]), *to_file(layout)]
        else:
            layout, found = None, SearchResult(PlanStatus.STOPPED, found.program, aim=found.aim)
        if layout is not None:
            with clock.phase("judge"):
                every_day_from = holds_every_day_from(task, layout, judged)
    elif found.status is PlanStatus.INFEASIBLE and not (hooked and found.certificate is None):
        with clock.phase("explain"):
            roomy = build_sets(problem, roomy=True)
            wider = add_objective_variables(roomy, law, build(roomy, law, kept_from, alone))
            conflict = explain(wider)
            named = [part.name for part in conflict.parts]
            conflict = replace(conflict, first=missing(problem, named))
    served: tuple[ServedAmount, ...] = ()
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
        cross_check=checked,
        source=asked_source(task),
        discount_rate=plain(problem.discount_rate),
        discounted_to=problem.discount_day,
        cost=by_kind(costs),
        paid=paid_by_kind(costs),
        cost_by_year=by_year(costs),
        dilution=dilution_records(dilution) if layout is not None and dilution is not None else (),
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
