"""Solving: relaxation, proof of its bound, whole units; one objective after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction

from placement.amounts import decimal_text
from placement.certificate import Certificate, prove_bound, prove_infeasible
from placement.planner.loosen import loosened
from placement.planner.problem import Problem
from placement.planner.program import MICRO, Meaning, Program
from placement.planner.solution import Image, Outcome, Solution
from placement.planner.solvers import Highs, Solver
from placement.planner.whole import whole_plan
from placement.report import Tier
from placement.vocabulary import PlanStatus

Progress = Callable[[str], None]

OPTIMAL_GAP = Fraction(1, 1_000_000)
"""A plan is optimal where it is proven, or a solver says, that none is better by more than this."""

_PLACES = 6


@dataclass
class Clock:
    """Seconds by phase; `progress` hears of each phase as it begins."""

    progress: Progress | None = None
    started: float = field(default_factory=time.monotonic)
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        if self.progress is not None:
            self.progress(name)
        begun = time.monotonic()
        try:
            yield
        finally:
            self.timings[name] = self.timings.get(name, 0.0) + time.monotonic() - begun

    def rounded(self) -> dict[str, float]:
        """Give the timings to the millisecond, with the total."""
        total = time.monotonic() - self.started
        return {name: round(s, 3) for name, s in {**self.timings, "total": total}.items()}


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: a whole-unit point and what is proven of it, or why there is none.

    `certificate` is of `program`, the last one solved; None where a solver's word is all there is.
    `claimed` is a bound of the last objective by the solver's word, in the objective's unit.
    `within_gap`: every objective's search ended within the gap asked for.
    """

    status: PlanStatus
    program: Program
    x: tuple[int, ...] | None = None
    tiers: tuple[Tier, ...] = ()
    certificate: Certificate | None = None
    claimed: str | None = None
    within_gap: bool = False


@dataclass(frozen=True, slots=True)
class Objective:
    """A name, the program that minimizes it, and the program's units in one printed unit."""

    name: str
    program: Program
    unit: int


def search(
    problem: Problem,
    program: Program,
    solver: Solver,
    clock: Clock,
    *,
    time_limit: float,
    gap: Fraction,
) -> Search:
    """Minimize the objectives in order; each is locked at its value before the next one."""
    tiers: list[Tier] = []
    found = Search(PlanStatus.STOPPED, program)
    locks: list[tuple[Program, int]] = []
    optimal = within = True
    for objective in _objectives(problem, program):
        solved = objective.program
        for locked, value in locks:
            terms = {j: c for j, c in enumerate(locked.objective) if c}
            solved = solved.with_row(Meaning("lock", ()), terms, value - locked.constant)
        with clock.phase("lp"):
            relaxed = Highs().relax(solved)
        if relaxed.outcome is not Outcome.OPTIMAL:
            if relaxed.outcome is Outcome.STOPPED:
                return Search(PlanStatus.STOPPED, solved)
            with clock.phase("proof"):
                proof = _no_point(solved, relaxed)
            return Search(PlanStatus.INFEASIBLE, solved, certificate=proof)
        with clock.phase("proof"):
            bound = prove_bound(solved, relaxed.duals, Image.of(solved))
        with clock.phase("whole"):
            whole = whole_plan(
                solved,
                relaxed,
                solver,
                time_limit=time_limit,
                gap=float(gap),
                bound=bound.value,
            )
        if whole.x is None:
            infeasible = whole.outcome is Outcome.INFEASIBLE
            status = PlanStatus.INFEASIBLE if infeasible else PlanStatus.STOPPED
            return Search(status, solved)
        value = solved.cost(whole.x)
        locks.append((objective.program, value))
        tiers.append(_tier(objective, value, bound.value))
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
            whole.x,
            tuple(tiers),
            bound,
            claimed,
            within,
        )
    return found


def _objectives(problem: Problem, program: Program) -> Iterator[Objective]:
    """Give the objectives in order: what is left unplaced, where that is asked; then cost."""
    if problem.place == "as_much_as_fits":
        placed = {
            column: -problem.kits[meaning.of[1]].unit
            for column, meaning in enumerate(program.columns)
            if meaning.kind == "install"
        }
        offered = sum(offer.quantity for offer in problem.offers.values())
        unplaced = replace(program.with_objective(placed), constant=offered)
        yield Objective("unplaced accelerators", unplaced, 1)
    yield Objective("cost", program, MICRO)


def _no_point(program: Program, relaxed: Solution) -> Certificate | None:
    """Prove that the relaxation has no point: by the solver's ray, else by how far it is from one.

    The multipliers of the least total violation are a proof, too, where that is not zero.
    """
    found = prove_infeasible(program, relaxed.duals, Image.of(program))
    if found is None:
        loose = loosened(program, range(len(program.rows)))
        found = prove_infeasible(program, Highs().relax(loose).duals, Image.of(loose))
    return found


def _tier(objective: Objective, value: int, bound: Fraction) -> Tier:
    """Write a tier; the bound is rounded down and the gap up."""
    bound = min(bound, Fraction(value))
    floor = (bound / objective.unit * 10**_PLACES) // 1
    gap = (value - bound) / abs(value) if value else Fraction(0)
    return Tier(
        objective=objective.name,
        value=decimal_text(Fraction(value, objective.unit), _PLACES),
        bound=decimal_text(Fraction(floor, 10**_PLACES), _PLACES),
        gap=decimal_text(Fraction(-((-gap * 10**9) // 1), 10**9), 9),
        proven=True,
    )
