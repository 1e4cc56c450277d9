"""The second opinion: another solver on the same program, and whether the two agree.

What another solver says is a float and its word, so it is compared to a millionth; a point of its
that keeps every row in whole numbers is compared exactly. Whoever is right, a disagreement changes
no verdict and no exit code: the plan was judged, and its bound was re-evaluated, without either
solver. It says that one of the two solvers, or this program, is wrong.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from placement.enums import PlanStatus
from placement.optimization.heuristics.integer import exact
from placement.optimization.lexicographic import SearchResult
from placement.report import CrossCheck
from placement.solvers.registry import Relaxer
from placement.solvers.solution import Outcome, Solution
from placement.text.decimals import decimal_text

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

MOST_WHOLE = 5000
"""With more whole columns than this, only the relaxation is checked."""

_NEAR = Fraction(1, 10**6)
_PLACES = 6


def cross_check(
    found: SearchResult, solver: Relaxer, *, time_limit: float, gap: Fraction
) -> CrossCheck:
    """Solve the program of a search with another solver, and compare.

    Its relaxation always, which any solver ends soon; besides, where the program is not too large,
    whole units within the time limit. Where that comes to nothing, the relaxation speaks.
    """
    program = found.program
    relaxed = solver.relax(program, time_limit=time_limit)
    loose = _compared_relaxation(found, relaxed)
    said, answer, is_whole = loose, relaxed, False
    if int(program.integer.sum()) <= MOST_WHOLE:
        whole = solver.solve(program, time_limit=time_limit, gap=float(gap))
        point = exact(program, whole.x) if len(whole.x) else None
        if point is not None and not program.is_kept(point):
            point = None
        told = _compared(found, whole, point, gap)
        # Whatever disagrees is told, first of all a plan; what says nothing is not.
        is_whole = bool(told) or (not loose and (told is not None or loose is None))
        if is_whole:
            said, answer = told, whole
    return CrossCheck(
        solver=solver.name,
        of="whole units" if is_whole else "relaxation",
        status=answer.outcome.value,
        value=_text(found, answer.objective),
        bound=_text(found, answer.bound),
        relaxation_status=relaxed.outcome.value,
        relaxation_value=_text(found, relaxed.objective),
        agrees=None if said is None else not said,
        disagreement=said or "",
    )


def _compared(
    found: SearchResult, answer: Solution, point: Ints | None, gap: Fraction
) -> str | None:
    """Say what does not fit together; empty: nothing, None: there was nothing to compare."""
    program = found.program
    theirs = None if point is None else program.cost(point)
    if found.x is None:
        if found.status is not PlanStatus.INFEASIBLE:
            return None
        if theirs is not None:
            return "it has a plan, and we say that there is none"
        return None if answer.outcome is Outcome.STOPPED else _infeasible(answer)
    ours = program.cost(found.x)
    room = _NEAR * abs(ours)
    if answer.outcome is Outcome.INFEASIBLE:
        return "it says that there is no plan, and we have one that was judged"
    if answer.bound is not None and _of(found, answer.bound) > ours + room:
        return "it says that no plan is as good as ours, which was judged"
    below = _below_bound(found, answer)
    if below:
        return below
    if theirs is not None:
        bound = found.certificate.value if found.certificate is not None else None
        if bound is not None and theirs < bound:
            return "its plan keeps every row and is below our proven bound"
        if found.within_gap and theirs < ours - max(gap * abs(ours), room):
            return "its plan keeps every row and is better than ours by more than the gap"
    return None if answer.objective is None else ""


def _compared_relaxation(found: SearchResult, answer: Solution) -> str | None:
    """Say the same of the relaxation, whose optimum is between our bound and our plan."""
    if found.x is None:
        infeasible = found.status is PlanStatus.INFEASIBLE and found.certificate is not None
        return _infeasible(answer) if infeasible and answer.outcome is not Outcome.STOPPED else None
    if answer.outcome is Outcome.INFEASIBLE:
        return "it says that there is no plan, and we have one that was judged"
    if answer.outcome is Outcome.STOPPED or answer.objective is None:
        return None
    ours = found.program.cost(found.x)
    if _of(found, answer.objective) > ours + _NEAR * abs(ours):
        return "it says that no plan is as good as ours, even in parts of units"
    return _below_bound(found, answer)


def _infeasible(answer: Solution) -> str:
    same = answer.outcome is Outcome.INFEASIBLE
    return "" if same else "it finds a point where we say that there is none"


def _below_bound(found: SearchResult, answer: Solution) -> str:
    """Say whether its optimum is below what we proved that nothing is below."""
    if answer.outcome is not Outcome.OPTIMAL or answer.objective is None:
        return ""
    if found.certificate is None:
        return ""
    bound, value = found.certificate.value, _of(found, answer.objective)
    if value >= bound - _NEAR * max(abs(bound), abs(value)):
        return ""
    return "its optimum is below our proven bound"


def _of(found: SearchResult, value: float) -> Fraction:
    """Return a solver's value with the constant that it does not know of."""
    return Fraction(value) + found.program.constant


def _text(found: SearchResult, value: float | None) -> str | None:
    """Write a value as the report writes those of the objective."""
    if value is None or found.aim is None or abs(value) == float("inf"):
        return None
    printed = _of(found, value) / found.aim.unit
    return decimal_text(Fraction(round(printed * 10**_PLACES), 10**_PLACES), _PLACES)
