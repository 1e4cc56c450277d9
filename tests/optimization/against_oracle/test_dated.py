"""What has dates against every layout that there is: part-period stock, sites that are shut.

With commitments of all kinds, limits of sites by period, latencies and margins.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import given

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.plan import Plan
from placement.proof.verify import verify
from tests.oracles.periods import brute_force
from tests.support.strategies_dated import dated
from tests.support.strategies_periods import quick
from tests.support.tiny_one_period import CAP, COUNTED, FLOOR, TPP
from tests.support.tiny_periods import Many


@quick(60)
@given(many=dated())
def test_same_optimum_as_trying_every_layout(many: Many, pack: Path) -> None:
    agree(many, pack)


def every_day_from(many: Many, plan: Plan) -> date | None:
    """Return the first day from which all shares are kept on every day, by looking at each."""
    assert plan.layout is not None
    day, found = many.periods[-1].last, None
    while day >= many.periods[0].first:
        totals: dict[str, Fraction] = {}
        for lot in plan.layout.lots:
            model = next(name for name in TPP if lot.model.startswith(name.split()[0]))
            if lot.counts_on(day) and COUNTED[model]:
                weight = lot.quantity * TPP[model]
                totals[lot.country] = totals.get(lot.country, Fraction(0)) + weight
        whole = sum(totals.values(), Fraction(0))
        outside = whole - totals.get("US", Fraction(0))
        second = [amount for place, amount in totals.items() if place not in ("US", "DE")]
        if outside > (1 - FLOOR) * whole or any(one > CAP * whole for one in second):
            break
        found, day = day, day - timedelta(days=1)
    return found


def agree(many: Many, pack: Path) -> str:
    """Compare one instance; return how it ended."""
    best = brute_force(many)
    try:
        plan = many.plan(pack)
    except InputError:
        assert best is None  # what nothing can keep is refused when it is read
        return "refused"
    info = plan.report.plan
    assert info is not None
    if best is None:
        assert info.status is PlanStatus.INFEASIBLE
        assert plan.report.exit_code == 3
        return "infeasible"
    assert info.status is PlanStatus.OPTIMAL, info
    assert info.compliant_from == best.kept_from
    assert Fraction(info.tiers[-1].value) * 10**6 == best.cost
    assert all(one.date < best.kept_from for one in plan.report.breaches)
    assert info.compliant_every_day_from == every_day_from(many, plan)
    assert plan.certificate is not None
    assert verify(plan.program, plan.certificate)
    assert plan.certificate.value <= best.cost
    return "optimal"
