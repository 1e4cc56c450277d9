"""The way from a task to a judged plan: build, search, lay out, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from placement.enums import ColumnKind, Objective, PlanStatus
from placement.loading.arguments import PlanArguments, SearchArguments
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
from placement.optimization.model.credit.served_alone import Fleet, served_alone
from placement.optimization.model.credit.zones import Alone
from placement.optimization.model.objectives.tiers import add_objective_variables
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets, build_sets
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
from placement.solvers.custom_constraints import Hook, NamedColumns, hook_of
from placement.solvers.registry import HasCustomConstraints, Relaxer, Solver, solver_named
from placement.solvers.solve_context import SolveContext, Stop, check_effort, solving_in
from placement.text.decimals import plain

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints
    from placement.readers.config.placement_toml import OptimizeSection

_RELAXED = (
    "the objective relaxation lets a plan break rules: this one does, by as little as can be, and "
    "is no compliant plan"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a plan is searched, in place of what the configuration says.

    `gap` is relative, `effort` in steps, `time_limit` in seconds of the search of whole units. With
    the same `threads` and `seed` a search that no time limit ends finds the same plan, however busy
    the machine is. `cross_check` names another solver to be asked, too. `hook`, a function or
    FILE:FUNCTION, adds constraints (see `placement.solvers.custom_constraints`). `previous` is a
    plan's folder or its layout: where the search starts, and what the objective `changes` is
    against.
    """

    solver: str | None = None
    time_limit: float | None = None
    gap: Fraction | None = None
    effort: int | None = None
    threads: int = 1
    seed: int = 0
    cross_check: str | None = None
    hook: str | Callable[[Any, NamedColumns], object] | None = None
    objective: str | Sequence[str] | None = None
    previous: str | Path | None = None

    def __post_init__(self) -> None:
        """Refuse what no search can have."""
        check_limits(self.time_limit, self.gap, self.effort)
        check_effort(self.threads, self.seed)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Search:
        """Return a search of what is given; None is as if nothing were."""
        return cls(**{name: value for name, value in given.items() if value is not None})

    def asked_of(self, task: Task) -> Task:
        """Return a task with the objectives asked for, and the plan of before."""
        return with_overrides(task, self.objective, self.previous)

    def limits(self, options: OptimizeSection) -> Limits:
        """Return the limits of the search, of the configuration where none are given."""
        return Limits(
            float(options.time_limit) if self.time_limit is None else self.time_limit,
            options.gap if self.gap is None else self.gap,
            options.effort if self.effort is None else self.effort,
        )


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
            search.limits(options),
            second=None if other is None else solver_named(other, hook),
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
    solved = _solve(problem, solver, clock, limits)
    found = solved.result
    accepted, conflict = None, None
    if found.x is not None:
        accepted = _accepted(task, solved, before, clock, found.x)
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
    )


@dataclass(frozen=True, slots=True)
class _Solved:
    """A problem as a program that keeps every rule from `kept_from` on, and what was found of it.

    `alone`: what the fleet serves by itself. `hooked`: a user's function added constraints.
    """

    sets: PlanSets
    rules: RuleInstances
    alone: Mapping[Alone, Fleet]
    kept_from: date
    program: PlanProgram
    result: SearchResult
    hooked: bool


@dataclass(frozen=True, slots=True)
class _Accepted:
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


def _solve(problem: Problem, solver: Solver, clock: ProgressTracker, limits: Limits) -> _Solved:
    """Build and solve the program of the earliest day from which every rule can be kept."""
    with clock.phase("build"):
        sets = build_sets(problem)
        rules = RuleInstances(problem)
    with clock.phase("fleet alone"):
        alone = served_alone(sets, rules)
    for kept_from in candidates(problem):
        with clock.phase("build"):
            program = add_objective_variables(sets, rules, build(sets, rules, kept_from, alone))
        start = None
        if problem.previous is not None:
            with clock.phase("start"):
                start = beginning(sets, program, limits)
        result = solve_tiers(sets, rules, program, solver, clock, limits, start=start)
        if result.status is not PlanStatus.INFEASIBLE:
            break
    hooked = isinstance(solver, HasCustomConstraints)
    return _Solved(sets, rules, alone, kept_from, program, result, hooked)


def _accepted(
    task: Task, solved: _Solved, before: Report | None, clock: ProgressTracker, x: Ints
) -> _Accepted | None:
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
    return _Accepted(
        layout,
        dilution,
        judged,
        is_compliant=not mended,
        every_day_from=every_day_from,
        notes=(*([_RELAXED] if mended else []), *not_mended(others)),
        served=served_of(task.problem, program, dilution.x),
        costs=costs_of(sets, program, dilution.x),
    )


def _explained(problem: Problem, solved: _Solved) -> Conflict:
    """Return why no plan exists, and the first thing that is missing."""
    roomy = build_sets(problem, roomy=True)
    wider = build(roomy, solved.rules, solved.kept_from, solved.alone)
    conflict = explain(add_objective_variables(roomy, solved.rules, wider))
    return replace(conflict, first=missing(problem, [part.name for part in conflict.parts]))


def _info(
    task: Task,
    solver: str,
    solved: _Solved,
    found: SearchResult,
    accepted: _Accepted | None,
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


def candidates(problem: Problem) -> list[date]:
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
