"""The way from a task to a judged plan: build, search, lay out, judge, report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from placement.enums import PlanStatus
from placement.loading.arguments import PlanArguments, SearchArguments
from placement.optimization.acceptance import Accepted, accept
from placement.optimization.cross_check import cross_check
from placement.optimization.data.falling_limits import falling_notes
from placement.optimization.data.load import load_task
from placement.optimization.data.periods import span
from placement.optimization.data.problem import Problem
from placement.optimization.data.site_closures import closing_notes
from placement.optimization.data.sources import asked_source
from placement.optimization.data.task import Task
from placement.optimization.infeasibility.conflict import Conflict, explain
from placement.optimization.infeasibility.missing import missing
from placement.optimization.lexicographic import SearchResult
from placement.optimization.model.build import build
from placement.optimization.model.objectives.tiers import add_objective_variables
from placement.optimization.model.sets import build_sets
from placement.optimization.plan import Plan
from placement.optimization.progress import Progress, ProgressTracker
from placement.optimization.results.costs import (
    by_kind,
    by_year,
    paid_by_kind,
)
from placement.optimization.results.dilution.find import dilution_records
from placement.optimization.results.notes import hook_notes, overdue, overfull_sites, to_file
from placement.optimization.results.report import report_plan
from placement.optimization.results.search_notes import said_of_search
from placement.optimization.results.validate_plan import (
    check_baseline,
)
from placement.optimization.search import Search
from placement.optimization.solving import Solved, solve
from placement.report import Horizon, PlanInfo, Size
from placement.solvers.custom_constraints import Hook, hook_of
from placement.solvers.registry import HasCustomConstraints, Relaxer, Solver, solver_named
from placement.solvers.solve_context import SolveContext, Stop, solving_in
from placement.text.decimals import plain

if TYPE_CHECKING:
    pass

_SEARCH = frozenset(SearchArguments.__annotations__)


def make_plan(
    source: str | Path | Mapping[str, Any],
    *,
    stop: Stop | None = None,
    progress: Progress | None = None,
    ran_on: date | None = None,
    **given: Unpack[PlanArguments],
) -> Plan:
    """Plan a directory, a placement.toml, or its content as a mapping.

    `given` are the fields of `Search` and the keywords of `load_task`. `stop` ends the search with
    the best plan so far; `progress` hears how it stands; `ran_on` is the day of the run.
    """
    arguments: dict[str, Any] = dict(given)
    search = Search.of({name: arguments.pop(name) for name in _SEARCH & arguments.keys()})
    more = hook_of(search.hook)
    clock = ProgressTracker(progress)
    with clock.phase("read"):
        task = search.asked_of(load_task(source, **arguments, ran_on=ran_on))
    return plan_with(task, search, clock, stop=stop, hook=more)


def plan_with(
    task: Task,
    search: Search,
    clock: ProgressTracker,
    *,
    stop: Stop | None = None,
    hook: Hook | None = None,
) -> Plan:
    """Plan what was read as a search says (`Search.asked_of`); `hook`: its hook, loaded."""
    options, other = task.config.optimize, search.cross_check
    with solving_in(SolveContext(search.threads, search.seed, stop or Stop(), clock.better)):
        return plan_task(
            task,
            solver_named(search.solver or options.solver, hook),
            clock,
            search,
            second=None if other is None else solver_named(other, hook),
        )


def plan_task(
    task: Task,
    solver: Solver,
    clock: ProgressTracker,
    search: Search,
    *,
    second: Relaxer | None = None,
) -> Plan:
    """Plan what was read: the earliest day from which every rule can be kept, then the cheapest.

    `second` is asked for its opinion.
    """
    problem, limits = task.problem, search.limits(task.config.optimize)
    with clock.phase("judge"):
        before = check_baseline(task)
    solved = solve(problem, solver, clock, limits)
    found = solved.result
    accepted, conflict = None, None
    if found.x is not None:
        accepted = accept(task, solved, before, clock, found.x)
        if accepted is None:
            found = SearchResult(PlanStatus.STOPPED, found.program, aim=found.aim)
    elif found.status is PlanStatus.INFEASIBLE and not (solved.hooked and not found.certificate):
        with clock.phase("explain"):
            conflict = _explained(problem, solved)
    checked = None
    if second is not None and not found.interrupted:
        with clock.phase("cross-check"):
            gap = limits.gap_of(int(found.program.integer.sum()))
            checked = cross_check(found, second, time_limit=limits.seconds, gap=gap)
    layout = accepted.layout if accepted is not None else None
    holdings = solved.sets.holdings
    overfull = overfull_sites(holdings)
    late = tuple(dict.fromkeys(said for gates in solved.sets.gates for said in gates.late()))
    notes = [*overfull, *late, *falling_notes(holdings), *closing_notes(holdings)]
    if isinstance(solver, HasCustomConstraints):
        notes += hook_notes(solver, solved.result)
    notes += said_of_search(solved.result, limits, clock)
    if accepted is not None:
        notes += [*accepted.notes, *accepted.layout.unplaced(problem)]
    info = _info(task, solver.name, solved, found, accepted, conflict)
    info = info.model_copy(update={"cross_check": checked, "timings": clock.rounded()})
    judged = accepted.judged if accepted is not None else before
    return Plan(
        report_plan(task, info, layout, judged, notes, to_file(layout) if layout else ()),
        task,
        found,
        layout,
        before,
        conflict,
        overfull,
        late,
        accepted.served if accepted is not None else (),
        accepted.costs if accepted is not None else (),
        solved=solved,
        settings=search,
    )


def _explained(problem: Problem, solved: Solved) -> Conflict:
    """Return why no plan exists, and the first thing that is missing."""
    roomy = build_sets(problem, roomy=True)
    wider = build(roomy, solved.rules, solved.kept_from, solved.alone)
    conflict = explain(add_objective_variables(roomy, solved.rules, wider))
    return replace(conflict, first=missing(problem, [part.name for part in conflict.parts]))


def _info(
    task: Task,
    solver: str,
    solved: Solved,
    found: SearchResult,
    accepted: Accepted | None,
    conflict: Conflict | None,
) -> PlanInfo:
    """Return how the plan came out, for the report."""
    problem, program = task.problem, solved.program
    costs = accepted.costs if accepted is not None else ()
    return PlanInfo(
        status=found.status,
        mode=problem.mode,
        owner=problem.subject.name,
        period=span(problem.periods),
        periods=Horizon(
            first=problem.periods[0].name,
            last=problem.periods[-1].name,
            count=len(problem.periods),
        ),
        solver=solver,
        currency=problem.currency,
        compliant_from=solved.kept_from if accepted and accepted.is_compliant else None,
        compliant_every_day_from=accepted.every_day_from if accepted else None,
        tiers=found.tiers,
        search=found.ends,
        claimed_bound=found.claimed,
        size=Size(
            cells=len(problem.sites) * len(problem.kits) * len(problem.periods),
            columns=len(program.columns),
            rows=len(program.rows),
            nonzeros=len(program.values),
        ),
        conflict=conflict.sentences() if conflict else (),
        missing=conflict.first if conflict else (),
        source=asked_source(task),
        discount_rate=plain(problem.discount_rate),
        discounted_to=problem.discount_day,
        cost=by_kind(costs),
        paid=paid_by_kind(costs),
        cost_by_year=by_year(costs),
        dilution=dilution_records(accepted.dilution) if accepted else (),
        overdue=overdue(accepted.layout) if accepted else (),
    )
