"""Objectives in order with their slack, margins and relaxation, against every layout there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.plan import Plan
from tests.oracles.tiers import NEAR, Aimed, Before, Relaxed
from tests.support.strategies_periods import instances, quick
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply

MARGINS: list[tuple[tuple[str, str], ...]] = [
    (), (), (("basic.single_country", "5pp"),), (("basic.us", "10%"),),
    (("*", "2pp"), ("basic.us", "20pp")), (("*", "3%"),),
]  # fmt: skip


OBJECTIVES = [
    ["cost", "compute"], ["compute", "cost"], ["changes", "cost"], ["carbon", "compute"],
    ["cost", "carbon", "moves"], ["moves", "compute", "cost"], ["cost", "changes"], ["carbon"],
]  # fmt: skip


@st.composite
def aimed(draw: st.DrawFn, *, relaxed: bool = False) -> Many:
    many = draw(instances())
    names = ["relaxation", "cost"] if relaxed else draw(st.sampled_from(OBJECTIVES))
    slack = [draw(st.sampled_from(["0.1", "0.5", "0"])) for _ in names]
    return replace(
        many,
        sites=tuple(
            replace(site, carbon=draw(st.sampled_from([None, 0, 300, 450]))) for site in many.sites
        ),
        objectives=tuple(names),
        slack=() if relaxed else tuple(slack[: draw(st.sampled_from([1, len(slack)]))]),
        margins=draw(st.sampled_from(MARGINS)),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Many, Before]:
    """Draw an instance, and a layout of before for `changes`."""
    many = draw(aimed())
    places = [*((site.name, model) for site in many.sites for model in many.models)]
    places += [("elsewhere", "H100 SXM"), ("gone", "B200")]
    chosen = draw(st.lists(st.sampled_from(places), min_size=1, max_size=4, unique=True))
    count = st.integers(0, 4)
    before = {place: tuple(draw(count) for _ in range(many.count)) for place in chosen}
    before[chosen[0]] = (draw(st.integers(1, 4)), *before[chosen[0]][1:])
    return many, before


def written(folder: Path, many: Many, before: Before) -> Path:
    rows = ["owner,site,country,accelerator,quantity,in_service,out_of_service"]
    country = {site.name: site.country for site in many.sites}
    for (site, model), counts in before.items():
        for period, count in zip(many.periods, counts, strict=True):
            if count:
                after = period.last + timedelta(days=1)
                at = f"{site},{country.get(site, 'US')},{model}"
                first = period.first + timedelta(days=1)  # the last day is what is compared
                rows.append(f"A,{at},{count},{first},{after}")
    path = folder / "before.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def tiers(plan: Plan) -> list[Fraction]:
    assert plan.report.plan is not None
    signs = {"compute": -1}
    return [Fraction(one.value) * signs.get(one.objective, 1) for one in plan.report.plan.tiers]


def planned(many: Many, pack: Path, **given: object) -> Plan | None:
    """Plan; None where there is no plan, or nothing that could keep what is asked for."""
    try:
        plan = many.plan(pack, gap=Fraction(0), **given)
    except InputError:
        return None
    assert plan.report.plan is not None
    if plan.report.plan.status is PlanStatus.INFEASIBLE:
        return None
    assert plan.report.plan.status is PlanStatus.OPTIMAL
    return plan


@quick(60)
@given(case=cases())
def test_every_objective_is_at_its_best_under_those_before_it(
    case: tuple[Many, Before], pack: Path, tmp_path: Path
) -> None:
    many, before = case
    against = "changes" in many.objectives
    brute = Aimed(many, before if against else None)
    assume(not brute.too_many)
    given = {"previous": written(tmp_path, many, before)} if against else {}
    plan, best = planned(many, pack, **given), brute.best()
    assert (plan is None) == (best is None)
    if plan is None or best is None:
        return
    assert plan.report.plan is not None
    assert plan.report.plan.compliant_from == brute.earliest
    assert len(tiers(plan)) == len(best)
    for found, wanted in zip(tiers(plan), best, strict=True):
        assert abs(found - wanted) <= NEAR


@quick(25)
@given(many=aimed(relaxed=True))
def test_relaxation_breaks_rules_by_the_least_that_any_layout_does(many: Many, pack: Path) -> None:
    assume(many.place != "as_much_as_fits")
    brute = Relaxed(many)
    assume(not brute.too_many)
    plan, best = planned(many, pack), brute.least()
    assert (plan is None) == (best is None)
    if plan is None or best is None:
        return
    excess, least, most = best
    found, cost = tiers(plan)
    assert abs(found - excess) <= NEAR
    assert least <= cost <= most
    assert (plan.report.exit_code == 0) == (not plan.report.breaches)


@pytest.mark.parametrize(("margin", "inside"), [("0pp", "0.30"), ("5pp", "0.25"), ("10%", "0.27")])
def test_a_conflict_says_by_how_much_the_limit_with_its_margin_is_missed(
    margin: str, inside: str, pack: Path
) -> None:
    """Three of nine chips are asked for in Malaysia."""
    many = Many(
        "2027Q1", 1, (ManySite("s0", "US"), ManySite("s1", "MY")),
        (ManySupply("H100 SXM", 1, ((3, 3),)),), (ManyLot("s0", "H100 SXM", 5),),
        (ManyDemand(0, "3", countries=("MY",)),), margins=(("basic.single_country", margin),),
    )  # fmt: skip
    plan = many.plan(pack)
    assert plan.report.plan is not None
    over = ceil((3 - 9 * Fraction(inside)) * 15832)
    (said,) = [one for one in plan.report.plan.conflict if "basic.single_country in MY" in one]
    assert said.endswith(f"{over:,} TPP over the limit would do")
