"""Plans over several periods against every layout that there is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.proof.verify import verify
from tests.oracles.periods import brute_force
from tests.support.strategies_periods import instances, quick
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply


@quick(60)
@given(many=instances())
def test_same_optimum_as_trying_every_layout(many: Many, pack: Path) -> None:
    best = brute_force(many)
    try:
        plan = many.plan(pack)
    except InputError:
        assert best is None  # what nothing can keep is refused when it is read
        return
    info = plan.report.plan
    assert info is not None
    if best is None:
        assert info.status is PlanStatus.INFEASIBLE
        assert plan.report.exit_code == 3
        if plan.certificate is not None:
            assert verify(plan.program, plan.certificate)
        return
    assert info.status is PlanStatus.OPTIMAL, info
    assert info.compliant_from == best.kept_from
    assert Fraction(info.tiers[-1].value) * 10**6 == best.cost
    if many.place == "as_much_as_fits":
        assert Fraction(info.tiers[0].value) == best.unplaced
    assert all(one.date < best.kept_from for one in plan.report.breaches)
    assert plan.certificate is not None
    assert verify(plan.program, plan.certificate)
    assert plan.certificate.value <= best.cost


@pytest.mark.parametrize("rate", ["0.03", "0.08", "0.2"])
@pytest.mark.parametrize("price", [1, 3, 7])
def test_a_budget_is_kept_to_the_last_cent(rate: str, price: int, pack: Path) -> None:
    supply = ManySupply("H100 SXM", 1, ((0, 9), (1, price), None))
    many = Many(
        "2027Q1", 3, (ManySite("s0", "US"),), (supply,), demand=(ManyDemand(1, "1"),),
        budgets=(0, price, 0), rate=rate,
    )  # fmt: skip
    for budgets, status in (
        ((0, price, 0), PlanStatus.OPTIMAL),
        ((0, price - 1, 0), PlanStatus.INFEASIBLE),
    ):
        info = replace(many, budgets=budgets).plan(pack).report.plan
        assert info is not None
        assert info.status is status


def test_stock_may_pass_through_a_site_that_has_less_room_later(pack: Path) -> None:
    sites = (
        ManySite("s0", "US", energy=50, pue="1.25"),
        ManySite("s1", "US", status="storage", limits=((1, None, 2),)),
    )
    lots = (ManyLot("s0", "H100 SXM", 2), ManyLot("s1", "H100 SXM", 1))
    supply = ManySupply("H100 SXM", 1, ((1, 4), None, None))
    many = Many("2027Q2", 3, sites, (supply,), lots, move=1, place="as_much_as_fits")
    plan = many.plan(pack)
    assert plan.layout is not None
    moves = [
        (action.period, action.quantity, action.from_site, action.to_site)
        for action in plan.layout.actions
        if action.action == "move"
    ]
    # Three stand in storage first, two from the second quarter on.
    assert moves == [("2027Q2", 2, "s0", "s1"), ("2027Q3", 1, "s1", "s0")]
    assert plan.report.plan is not None
    assert Fraction(plan.report.plan.tiers[-1].value) == 421


def test_kit_that_cannot_serve_gives_a_line_no_spare(pack: Path) -> None:
    """The chip on its way is bought by eights; that lets no line use more than it asks for."""
    sites = (ManySite("s0", "US"), ManySite("s1", "MY"))
    lots = (ManyLot("s0", "B200", 1), ManyLot("s1", "B200", 1))
    supply = ManySupply("B200", 1, ((1, 5), None))
    demand = tuple(ManyDemand(t, "15000", "tpp") for t in range(2))
    many = Many("2027Q1", 2, sites, (supply,), lots, demand)
    # With another one, which serves nobody, one of three is in MY.
    assert replace(many, dilution=True).plan(pack).layout is not None
    info = many.plan(pack).report.plan
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE
