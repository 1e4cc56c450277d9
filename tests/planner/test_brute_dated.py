"""What has dates against every layout that there is: part-period stock, sites that are shut.

With commitments of all kinds, limits of sites by period, latencies and margins.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from hypothesis import given

from placement.errors import InputError
from placement.verify import verify
from placement.vocabulary import PlanStatus
from tests.planner.brute_many import brute_force
from tests.planner.drawn_dated import dated
from tests.planner.drawn_many import quick
from tests.planner.tiny_many import Many


@quick(60)
@given(many=dated())
def test_same_optimum_as_trying_every_layout(many: Many, pack: Path) -> None:
    agree(many, pack)


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
    assert plan.certificate is not None
    assert verify(plan.program, plan.certificate)
    assert plan.certificate.value <= best.cost
    return "optimal"
