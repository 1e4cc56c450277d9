"""From a problem to its program, and the best point found of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from placement.enums import PlanStatus
from placement.optimization.data.plannable_rules import is_written
from placement.optimization.data.problem import Problem
from placement.optimization.heuristics.search_budget import Limits
from placement.optimization.lexicographic import SearchResult, solve_tiers
from placement.optimization.model.build import build
from placement.optimization.model.credit.served_alone import Fleet, served_alone
from placement.optimization.model.credit.zones import Alone
from placement.optimization.model.objectives.tiers import add_objective_variables
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets, build_sets
from placement.optimization.progress import ProgressTracker
from placement.optimization.warm_start import beginning
from placement.solvers.registry import HasCustomConstraints, Solver


@dataclass(frozen=True, slots=True)
class Solved:
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


def solve(problem: Problem, solver: Solver, clock: ProgressTracker, limits: Limits) -> Solved:
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
    return Solved(sets, rules, alone, kept_from, program, result, hooked)


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
