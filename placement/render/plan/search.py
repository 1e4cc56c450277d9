"""The objectives of a plan, how far each was pursued, and why the search ended."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from placement.enums import Ended, Objective, TierStatus
from placement.render.formats.escape import terminal
from placement.render.plan import tables
from placement.text.decimals import floor_text, grouped, plain

if TYPE_CHECKING:
    from placement.optimization.plan import Plan
    from placement.report import PlanInfo, SearchEnd, Tier


def objectives(plan: Plan, info: PlanInfo) -> Iterator[str]:
    """Yield a line for each objective: its value, how far it was pursued, and the bound."""
    for tier in info.tiers:
        money = tables.unit(plan) if tier.objective == Objective.COST else ""
        value = f"  {tier.objective:<8} {_money(tier.value)}{money}"
        if tier.status is TierStatus.NOT_REACHED:
            yield f"{value}; not reached: the search ended before this objective"
            continue
        stopped = "stopped; " if tier.status is TierStatus.STOPPED else ""
        yield (
            f"{value}; {stopped}proven: none {_worse(tier)} {_money(tier.bound)} "
            f"(gap {_percent(tier.gap)})"
        )


def claimed(info: PlanInfo) -> Iterator[str]:
    """Yield what the solver says that no whole-unit plan is better than."""
    reached = [tier for tier in info.tiers if tier.status is not TierStatus.NOT_REACHED]
    if info.claimed_bound is not None and reached:
        yield (
            f"           {terminal(info.solver)} claims (not re-verified) that no whole-unit plan "
            f"is {_worse(reached[-1])} {_money(info.claimed_bound)}"
        )


def ends(info: PlanInfo) -> Iterator[str]:
    """Yield why the search ended, for each objective of which the status does not say it."""
    for end in info.search:
        said = _said(end)
        if said:
            objective = f"{end.objective}: " if len(info.search) > 1 else ""
            yield f"  search   {objective}{said}"


def _said(end: SearchEnd) -> str:
    more = f"--effort {2 * end.most} for more"
    match end.ended:
        case Ended.NEAR | Ended.SOLVED:
            return ""
        case Ended.NO_BETTER:
            last = end.steps - end.steps // 2
            return (
                f"no plan better by a tenth of the gap in the last {last} of {end.steps} steps; "
                f"{more}"
            )
        case Ended.EFFORT:
            return f"all {end.steps} steps were made; {more}"
        case Ended.TIME:
            return f"ended by the time limit, after {end.steps} of {end.most} steps"
        case Ended.LOST:
            return f"HiGHS was ended in a part of it, after {end.steps} of {end.most} steps"
        case Ended.ASKED:
            return f"interrupted, after {end.steps} of {end.most} steps"


def _worse(tier: Tier) -> str:
    """Say on which side of the bound no plan is: computing power is made large, all else small."""
    return "above" if tier.objective == Objective.COMPUTE else "below"


def _money(text: str) -> str:
    return grouped(floor_text(Fraction(text), 2))


def _percent(gap: str) -> str:
    percent = Fraction(gap) * 100
    if 0 < percent < Fraction(1, 10**5):
        return "less than 0.00001 %"
    return f"{plain(Fraction(ceil(percent * 10**5), 10**5))} %"
