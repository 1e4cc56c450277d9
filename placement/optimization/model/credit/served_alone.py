"""How much some kit can be good for: the most that serves, or that is committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from placement.lp.program import Program
from placement.optimization.heuristics.integer import whole_plan
from placement.optimization.model.constraints.demand import serves_alone
from placement.optimization.model.credit.binding_shares import binding_rows
from placement.optimization.model.credit.zones import Alone, weight
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.proof.prove import prove_bound
from placement.solvers.highs import Highs, HighsLp
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import Stop, current_context, solving_in

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

SECONDS = 120.0
"""The longest that one such search takes: its counted steps end it before, whatever the load,
so that the same inputs give the same answer."""
_NEAR = 1e-6
"""Where a search ends: so near to what is proven that in fleets below a million it is the same."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the untouched fleet is good for alone, as the weight in a denominator.

    `serves`: the most that serves or is committed. `needs`: by the sites that a row has inside, how
    much less that is without what stands there; those without which it is as much are left out.
    """

    serves: int
    needs: Mapping[frozenset[str], int]


def served_alone(grid: PlanSets, law: RuleInstances) -> dict[Alone, Fleet]:
    """Return, by period and denominator, what the untouched fleet serves alone.

    Only of those where a row can bind, and may not count kit that serves nobody. A search that is
    cut short finds too little, so that more may stand idle: no plan is refused for it.
    """
    known: dict[str, int] = {}
    found = {}

    def most_of(program: Program) -> int:
        # Where lines and fleet stay the same from period to period, so does what serves.
        if program.digest not in known:
            known[program.digest] = most_weight(program)
        return known[program.digest]

    for at, binding in binding_rows(grid, law).items():
        t, whole = at
        stands = {
            name
            for (name, model), count in grid.holdings.standing_all(t).items()
            if count and weight(grid.problem, model, whole[0])
        }
        most = most_of(serves_alone(grid.problem, grid.holdings, t, whole))
        needs = {}
        for side in binding.sides if most else ():
            if not side.isdisjoint(stands):
                program = serves_alone(grid.problem, grid.holdings, t, whole, without=side)
                needs[side] = most - most_of(program)
        found[at] = Fleet(most, {side: need for side, need in needs.items() if need > 0})
    return found


def most_weight(program: Program) -> int:
    """Return the most weight of a program of service, 0 where nothing serves."""
    best = most(program, gap=_NEAR)
    return 0 if best is None else -program.cost(best)


def most(program: Program, *, gap: float = 0.0) -> Ints | None:
    """Return the best point of a program of service; None: nothing serves.

    It is no search for a plan: nobody hears of it, and a stop of that search does not cut it.
    """
    if not program.objective.any():
        return None
    with solving_in(replace(current_context(), stop=Stop(), better=lambda _: None)):
        session = HighsLp(program)
        relaxed = session.run()
        bound = None
        if relaxed.outcome is Outcome.OPTIMAL:
            # Weights are multiples of a common one.
            least = gcd(*(int(one) for one in program.objective.tolist()))
            proven = prove_bound(program, relaxed.duals, session.image).value
            bound = Fraction(-(-proven // least) * least)
        return whole_plan(
            program, relaxed, session, Highs(), time_limit=SECONDS, gap=gap, bound=bound
        ).x
