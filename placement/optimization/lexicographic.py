"""Solving: relaxation, proof of its bound, whole units; one objective after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, isfinite
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import Ended, PlanStatus, RowKind, TierStatus
from placement.lp.aim import Aim
from placement.lp.elastic import elastic
from placement.lp.exact_arrays import product, total
from placement.lp.labels import Label
from placement.lp.program import Program
from placement.lp.scaling import Scaling
from placement.optimization.heuristics.integer import Whole, best_whole, by_solver, cancel_detours
from placement.optimization.heuristics.search_budget import Budget, Limits
from placement.optimization.model.constraints.overfull import shut
from placement.optimization.model.objectives.tiers import tiers
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.optimization.progress import ProgressTracker
from placement.proof.prove import Certificate, prove_bound, prove_infeasible
from placement.report import SearchEnd, Tier
from placement.solvers.column_generation import relaxation_of
from placement.solvers.highs import Highs
from placement.solvers.registry import HasCustomConstraints, Solver
from placement.solvers.solution import Outcome, Solution
from placement.solvers.solve_context import current_context
from placement.text.decimals import decimal_text

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

OPTIMAL_GAP = Fraction(1, 1_000_000)
"""A plan is optimal where it is proven, or a solver says, that none is better by more than this."""

_PLACES = 6
_STEPS = 20
"""Of the search in which nothing comes to overfull sites, where that with it found no plan."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found: a whole-unit point and what is proven of it, or why there is none.

    `certificate` is of `program`, the last one solved; None where a solver's word is all there is.
    `claimed` is a bound of the last objective by the solver's word, in the objective's unit.
    `within_gap`: every objective's search ended within the gap asked for. `aim`: the objective of
    `program`. `interrupted`: someone asked it to end. `ends`: how the search of each objective
    ended; of one that was not reached there is none.
    """

    status: PlanStatus
    program: Program
    x: Ints | None = None
    tiers: tuple[Tier, ...] = ()
    certificate: Certificate | None = None
    claimed: str | None = None
    within_gap: bool = False
    aim: Aim | None = None
    interrupted: bool = False
    ends: tuple[SearchEnd, ...] = ()


def solve_tiers(
    grid: PlanSets,
    law: RuleInstances,
    program: Program,
    solver: Solver,
    clock: ProgressTracker,
    limits: Limits,
    *,
    start: Ints | None = None,
) -> SearchResult:
    """Minimize the objectives in order; each is locked at its value before the next one.

    `start`: a plan of before, where the search begins.
    """
    found = SearchResult(PlanStatus.STOPPED, program)
    locks: list[tuple[Program, int]] = []
    stop = current_context().stop
    objectives = list(tiers(grid, law, program))
    for at, objective in enumerate(objectives):
        solved = _locked(objective.program, locks)
        if found.x is not None and limits.is_over:
            return _so_far(found, solved, objectives[at:], Ended.TIME)
        clock.aims_at(objective)
        with clock.phase("lp"):
            session = relaxation_of(solved)
            relaxed = session.run()
        if relaxed.outcome is Outcome.STOPPED:
            return _so_far(found, solved, objectives[at:], None)
        if relaxed.outcome is Outcome.INFEASIBLE:
            with clock.phase("proof"):
                proof = _no_point(solved, relaxed, session.image)
            if proof is None and stop.asked:
                return _so_far(found, solved, objectives[at:], Ended.ASKED)
            return SearchResult(PlanStatus.INFEASIBLE, solved, certificate=proof, aim=objective)
        with clock.phase("proof"):
            bound = prove_bound(solved, relaxed.duals, session.image)
        none_below = objective.at_least(bound.value)
        clock.none_below(none_below)
        starts = [x for x in (start, found.x) if x is not None]
        whole_columns = int(solved.integer.sum())
        budget = limits.budget(whole_columns, may_stay=start is not None)
        with clock.phase("whole"):
            whole = _extended(solved, solver, budget) or best_whole(
                solved, relaxed, session, solver, budget, bound=none_below, starts=starts
            )
        if whole.x is None and whole.outcome is not Outcome.INFEASIBLE:
            whole = _where_nothing_comes(solved, solver, limits) or whole
        if whole.x is None:
            if whole.outcome is Outcome.INFEASIBLE:
                return SearchResult(PlanStatus.INFEASIBLE, solved, aim=objective)
            return _so_far(found, solved, objectives[at:], budget.cut or budget.ended, budget)
        x = cancel_detours(solved, whole.x)
        value = solved.cost(x)
        clock.better(value)
        locks.append((objective.program, value + int(objective.slack * abs(value))))
        found = _reached(found, objective, solved, x=x, whole=whole, bound=bound, budget=budget)
    return found


def _locked(program: Program, locks: Sequence[tuple[Program, int]]) -> Program:
    """Return a program with the objectives of others held at no more than a value each."""
    for locked, value in locks:
        terms = np.flatnonzero(locked.objective)
        prices = locked.objective[terms]
        program = program.with_row(Label(RowKind.LOCK), terms, prices, value - locked.constant)
    return program


def _reached(
    found: SearchResult,
    aim: Aim,
    program: Program,
    *,
    x: Ints,
    whole: Whole,
    bound: Certificate,
    budget: Budget,
) -> SearchResult:
    """Return the result with one more objective: a point, how it was found, and a bound."""
    value, none_below = program.cost(x), aim.at_least(bound.value)
    near = value - none_below <= OPTIMAL_GAP * abs(value)
    optimal = near or (whole.optimal and budget.fine <= OPTIMAL_GAP)
    within = near or whole.optimal or budget.is_within(value, none_below)
    end = _end(aim, budget, optimal=optimal)
    is_first = not found.tiers
    optimal = optimal and (is_first or found.status is PlanStatus.OPTIMAL)
    return SearchResult(
        PlanStatus.OPTIMAL if optimal else PlanStatus.FEASIBLE,
        program,
        x,
        (*found.tiers, _tier(aim, value, none_below, within=within)),
        bound,
        _claimed(aim, whole, program.constant, value),
        within and (is_first or found.within_gap),
        aim,
        interrupted=current_context().stop.asked and not optimal,
        ends=(*found.ends, end),
    )


def _where_nothing_comes(program: Program, solver: Solver, limits: Limits) -> Whole | None:
    """Return a point in which nothing comes to overfull sites, where none was found with that.

    What is proven of the program stays what it is; None where it has no such sites, or no point.
    """
    closed = shut(program)
    if closed is None or isinstance(solver, HasCustomConstraints) or limits.is_over:
        return None
    session = relaxation_of(closed)
    relaxed = session.run()
    if relaxed.outcome is not Outcome.OPTIMAL:
        return None
    with limits.aside(_STEPS) as budget:
        x = best_whole(closed, relaxed, session, solver, budget).x
    if x is None or not program.is_kept(x):
        return None
    return Whole(x, Outcome.STOPPED)


def _end(aim: Aim, budget: Budget, *, optimal: bool) -> SearchEnd:
    """Write how the search of an objective ended."""
    ended = budget.cut or budget.ended or Ended.NEAR
    if optimal and budget.cut is None and ended not in (Ended.NEAR, Ended.SOLVED):
        ended = Ended.NEAR
    return SearchEnd(
        objective=aim.name,
        ended=ended,
        steps=budget.used,
        most=budget.steps,
        repeatable=budget.cut is None and ended is not Ended.ASKED,
    )


def _claimed(aim: Aim, whole: Whole, constant: int, value: int) -> str | None:
    """Write a solver's bound: never beyond the plan's own value, and rounded away from it."""
    if whole.claimed is None or not isfinite(whole.claimed):
        return None
    claimed = min(Fraction(whole.claimed) + constant, Fraction(value))
    return decimal_text(_outwards(aim, claimed), _PLACES)


def _extended(program: Program, solver: Solver, budget: Budget) -> Whole | None:
    """Solve with the user's constraints, which the built-in heuristics cannot see, if any."""
    if not isinstance(solver, HasCustomConstraints):
        return None
    whole = by_solver(program, solver, budget)
    is_broken = whole.x is not None and solver.broken(whole.x)
    return Whole(None, Outcome.STOPPED) if is_broken else whole


def _so_far(
    found: SearchResult,
    program: Program,
    missed: Sequence[Aim],
    why: Ended | None,
    budget: Budget | None = None,
) -> SearchResult:
    """Return the plan of the objectives before those missed, whose search did not end."""
    asked = current_context().stop.asked
    tiers = () if found.x is None else tuple(_not_reached(aim, found.x) for aim in missed)
    ended = Ended.ASKED if asked else why or Ended.LOST
    end = SearchEnd(
        objective=missed[0].name,
        ended=ended,
        steps=budget.used if budget else 0,
        most=budget.steps if budget else 0,
        repeatable=ended in (Ended.EFFORT, Ended.NO_BETTER),
    )
    found = replace(
        found, tiers=(*found.tiers, *tiers), ends=(*found.ends, end), interrupted=asked
    )  # fmt: skip
    if found.x is None:
        return replace(found, program=program, aim=missed[0])
    return replace(found, status=PlanStatus.FEASIBLE, within_gap=False)


def _not_reached(aim: Aim, x: Ints) -> Tier:
    """Write a tier that was not pursued: what the plan has, and what follows from bounds alone."""
    program = aim.program
    nothing = np.zeros(len(program.rows))
    bound = prove_bound(program, nothing, Scaling.of(program))
    none_below = aim.at_least(bound.value)
    found = _tier(aim, program.cost(x), none_below, within=False)
    return found.model_copy(update={"status": TierStatus.NOT_REACHED})


def _no_point(program: Program, relaxed: Solution, image: Scaling) -> Certificate | None:
    """Prove that the relaxation has no point: by the solver's ray, else by how far it is from one.

    The multipliers of the least total violation are a proof, too, where that is not zero.
    """
    found = prove_infeasible(program, relaxed.duals, image)
    if found is None:
        loose = elastic(program, range(len(program.rows)))
        found = prove_infeasible(program, Highs().relax(loose).duals, Scaling.of(loose))
    return found


def _outwards(aim: Aim, bound: Fraction) -> Fraction:
    """Return a bound in the printed unit, rounded away from the values that it bounds."""
    end = bound / aim.unit * 10**_PLACES
    return Fraction(end // 1 if aim.unit > 0 else -((-end) // 1), 10**_PLACES)


def _in_box(program: Program) -> int:
    """Return what the objective is no less than, whatever the rows say."""
    ends = (product(program.objective, end) for end in (program.lower, program.upper))
    return program.constant + total(np.minimum(*ends))


def _tier(aim: Aim, value: int, bound: Fraction, *, within: bool) -> Tier:
    """Write a tier; the bound is rounded away from the value, and the gap up.

    What follows from bounds of columns alone holds, too, and a count is whole.
    """
    if bound < 0:
        bound = max(bound, Fraction(_in_box(aim.program)))
    if aim.unit == 1:
        bound = Fraction(ceil(bound))
    bound = min(bound, Fraction(value))
    gap = (value - bound) / abs(value) if value else Fraction(0)
    return Tier(
        objective=aim.name,
        status=TierStatus.PROVEN if within else TierStatus.STOPPED,
        value=decimal_text(Fraction(value, aim.unit), _PLACES),
        bound=decimal_text(_outwards(aim, bound), _PLACES),
        gap=decimal_text(Fraction(-((-gap * 10**9) // 1), 10**9), 9),
        slack=decimal_text(aim.slack, 9),
        proven=True,
    )
