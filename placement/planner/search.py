"""Solving: relaxation, proof of its bound, whole units; one objective after another."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.amounts import decimal_text
from placement.certificate import Certificate, prove_bound, prove_infeasible
from placement.planner.clock import Clock
from placement.planner.effort import effort
from placement.planner.grid import Grid
from placement.planner.law import Law
from placement.planner.loosen import loosened
from placement.planner.names import Meaning
from placement.planner.objectives import Aim, aims
from placement.planner.program import Program
from placement.planner.solution import Image, Outcome, Solution
from placement.planner.solvers import Extended, Highs, Solver
from placement.planner.solvers_steps import relaxation_of
from placement.planner.whole import Whole, by_solver, straight, whole_plan
from placement.report import Tier
from placement.vocabulary import PlanStatus

if TYPE_CHECKING:
    from placement.planner.numbers import Ints

OPTIMAL_GAP = Fraction(1, 1_000_000)
"""A plan is optimal where it is proven, or a solver says, that none is better by more than this."""

_PLACES = 6


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: a whole-unit point and what is proven of it, or why there is none.

    `certificate` is of `program`, the last one solved; None where a solver's word is all there is.
    `claimed` is a bound of the last objective by the solver's word, in the objective's unit.
    `within_gap`: every objective's search ended within the gap asked for. `aim`: the objective of
    `program`. `interrupted`: someone asked it to end.
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


def search(
    grid: Grid,
    law: Law,
    program: Program,
    solver: Solver,
    clock: Clock,
    *,
    time_limit: float,
    gap: Fraction,
) -> Search:
    """Minimize the objectives in order; each is locked at its value before the next one."""
    found = Search(PlanStatus.STOPPED, program)
    locks: list[tuple[Program, int]] = []
    optimal = within = True
    stop = effort().stop
    for objective in aims(grid, law, program):
        solved = objective.program
        for locked, value in locks:
            terms = np.flatnonzero(locked.objective)
            prices = locked.objective[terms]
            solved = solved.with_row(Meaning("lock"), terms, prices, value - locked.constant)
        clock.aims_at(objective)
        with clock.phase("lp"):
            session = relaxation_of(solved)
            relaxed = session.run()
        if relaxed.outcome is Outcome.STOPPED:
            return _so_far(found, solved, objective, interrupted=stop.asked)
        if relaxed.outcome is Outcome.INFEASIBLE:
            with clock.phase("proof"):
                proof = _no_point(solved, relaxed, session.image)
            if proof is None and stop.asked:
                return _so_far(found, solved, objective, interrupted=True)
            return Search(PlanStatus.INFEASIBLE, solved, certificate=proof, aim=objective)
        with clock.phase("proof"):
            bound = prove_bound(solved, relaxed.duals, session.image)
        clock.none_below(bound.value)
        with clock.phase("whole"):
            if isinstance(solver, Extended):
                whole = _extended(solved, solver, time_limit=time_limit, gap=float(gap))
            else:
                whole = whole_plan(
                    solved,
                    relaxed,
                    session,
                    solver,
                    time_limit=time_limit,
                    gap=float(gap),
                    bound=bound.value,
                )
        if whole.x is None:
            if whole.outcome is Outcome.INFEASIBLE:
                return Search(PlanStatus.INFEASIBLE, solved, aim=objective)
            return _so_far(found, solved, objective, interrupted=stop.asked)
        x = straight(solved, whole.x)
        value = solved.cost(x)
        clock.better(value)
        allowed = value + int(objective.slack * abs(value))
        locks.append((objective.program, allowed))
        apart = value - bound.value
        near = apart <= OPTIMAL_GAP * abs(value)
        optimal = optimal and (near or (whole.optimal and gap <= OPTIMAL_GAP))
        within = within and (near or whole.optimal or apart <= gap * abs(value))
        claimed = None
        if whole.optimal and whole.claimed is not None:
            floor = Fraction(whole.claimed + solved.constant) / objective.unit
            claimed = decimal_text(Fraction(round(floor * 10**_PLACES), 10**_PLACES), _PLACES)
        found = Search(
            PlanStatus.OPTIMAL if optimal else PlanStatus.FEASIBLE,
            solved,
            x,
            (*found.tiers, _tier(objective, value, bound.value)),
            bound,
            claimed,
            within,
            objective,
            interrupted=stop.asked and not optimal,
        )
    return found


def _extended(program: Program, solver: Solver, *, time_limit: float, gap: float) -> Whole:
    """Ask a solver for a point of the program with what a hook adds; ours know nothing of that."""
    whole = by_solver(program, solver, until=time.monotonic() + time_limit, gap=gap)
    if whole.x is not None and isinstance(solver, Extended) and solver.broken(whole.x):
        return Whole(None, Outcome.STOPPED)
    return whole


def _so_far(found: Search, program: Program, aim: Aim, *, interrupted: bool) -> Search:
    """Give the plan of the objectives before this one, whose search did not end; none: stopped."""
    if found.x is None:
        return Search(PlanStatus.STOPPED, program, aim=aim, interrupted=interrupted)
    status = PlanStatus.FEASIBLE
    return replace(found, status=status, within_gap=False, interrupted=interrupted)


def _no_point(program: Program, relaxed: Solution, image: Image) -> Certificate | None:
    """Prove that the relaxation has no point: by the solver's ray, else by how far it is from one.

    The multipliers of the least total violation are a proof, too, where that is not zero.
    """
    found = prove_infeasible(program, relaxed.duals, image)
    if found is None:
        loose = loosened(program, range(len(program.rows)))
        found = prove_infeasible(program, Highs().relax(loose).duals, Image.of(loose))
    return found


def _tier(aim: Aim, value: int, bound: Fraction) -> Tier:
    """Write a tier; the bound is rounded away from the value, and the gap up."""
    bound = min(bound, Fraction(value))
    end = bound / aim.unit * 10**_PLACES
    outwards = end // 1 if aim.unit > 0 else -((-end) // 1)
    gap = (value - bound) / abs(value) if value else Fraction(0)
    return Tier(
        objective=aim.name,
        value=decimal_text(Fraction(value, aim.unit), _PLACES),
        bound=decimal_text(Fraction(outwards, 10**_PLACES), _PLACES),
        gap=decimal_text(Fraction(-((-gap * 10**9) // 1), 10**9), 9),
        slack=decimal_text(aim.slack, 9),
        proven=True,
    )
