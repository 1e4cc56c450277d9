"""Moves that take some periods: what is on its way, against every layout that there is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from hypothesis import given

from placement.errors import InputError
from placement.verify import verify
from placement.vocabulary import PlanStatus
from tests.planner.brute_many import brute_force
from tests.planner.drawn_many import quick
from tests.planner.drawn_transit import journeys
from tests.planner.tiny_many import Many


LOG = []
@quick(150)
@given(many=journeys())
def test_same_optimum_as_trying_every_layout(many: Many, pack: Path) -> None:
    best = brute_force(many)
    try:
        plan = many.plan(pack)
    except InputError:
        assert best is None
        return
    info = plan.report.plan
    assert info is not None
    from pathlib import Path as P
    LOG.append(f"{many.transit} {many.both} {info.status} {[ (a.period,a.from_site,a.to_site,a.quantity) for a in (plan.layout.actions if plan.layout else ()) if a.action=='move']}\n")
    P("/tmp/log").write_text("".join(LOG))
    if best is None:
        assert info.status is PlanStatus.INFEASIBLE
        return
    assert info.status is PlanStatus.OPTIMAL
    assert info.compliant_from == best.kept_from
    assert Fraction(info.tiers[-1].value) * 10**6 == best.cost
    assert plan.certificate is not None
    assert verify(plan.program, plan.certificate)
