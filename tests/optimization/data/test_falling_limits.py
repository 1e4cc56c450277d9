"""Limits of sites that fall below what stands there: kit leaves, or the input is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.plan import Plan
from tests.oracles.periods import brute_force
from tests.support.tiny_periods import Many, ManyLot, ManySite, ManySupply

US = ManySite("us", "US", power_kw=5, limits=((1, 3, None),))
FLEET = ManyLot("us", "H100 SXM", 4)
NONE = ManySupply("H100 SXM", 1, ((0, 1), None, None))
SHRINKS = Many("2027Q1", 3, (US, ManySite("de", "DE")), (NONE,), (FLEET,), move=5, rate="0.08")


def actions(plan: Plan) -> list[tuple[str, str, int]]:
    assert plan.layout is not None
    return [(one.period, one.action, one.quantity) for one in plan.layout.actions]


def fault(many: Many, pack: Path) -> str:
    with pytest.raises(InputError) as caught:
        many.plan(pack)
    return str(caught.value)


@pytest.mark.parametrize(
    ("many", "expected"),
    [
        (SHRINKS, ("2027Q2", "move", 1)),
        (replace(SHRINKS, move=None, retire=2), ("2027Q2", "retire", 1)),
        (replace(SHRINKS, sites=(replace(US, limits=((0, None, 3),)), SHRINKS.sites[1])),
         ("2027Q1", "move", 1)),
    ],
)  # fmt: skip
def test_kit_leaves_in_time(pack: Path, many: Many, expected: tuple[str, str, int]) -> None:
    plan, best = many.plan(pack), brute_force(many)
    assert actions(plan) == [expected]
    assert best is not None
    assert plan.report.plan is not None
    assert Fraction(plan.report.plan.tiers[-1].value) * 10**6 == best.cost


def test_what_has_to_leave_is_said(pack: Path) -> None:
    said = "us takes 0.004 MW, and power_mw is 0.003 from 2027Q2 on: some has to leave"
    notes = SHRINKS.plan(pack).report.notes
    assert said in notes
    assert not any("nothing comes there" in note for note in notes)


def test_nowhere_to_go_is_a_conflict(pack: Path) -> None:
    full = replace(SHRINKS, sites=(US, ManySite("de", "DE", power_kw=0)))
    plan = full.plan(pack)
    assert plan.report.plan is not None
    assert plan.report.plan.status is PlanStatus.INFEASIBLE
    assert plan.report.plan.conflict == (
        "power in DE sites: 1 kW more would do at de",
        "power in US sites: 1 kW more would do at us",
    )


def test_kit_that_may_not_leave_is_refused(pack: Path) -> None:
    stays = replace(SHRINKS, move=None)
    assert fault(stays, pack) == (
        "site_limits DataFrame:2: power_mw '0.003': us holds 0.004 MW from 2027Q2 on that may not "
        "leave; allow [moves] or [retire], or raise it to 0.004 MW"
    )
    frozen = replace(US, status="frozen", limits=((1, None, 3), (2, 3, 2)))
    assert fault(replace(SHRINKS, sites=(frozen, SHRINKS.sites[1])), pack).splitlines() == [
        "site_limits DataFrame:2: racks '3': us holds 4 places from 2027Q2 on that may not leave; "
        "make the site draining, or raise it to 4 places",
        "site_limits DataFrame:3: power_mw '0.003': us holds 0.004 MW from 2027Q3 on that may not "
        "leave; make the site draining, or raise it to 0.004 MW",
    ]


def test_dated_lots_may_leave_by_their_date_only(pack: Path) -> None:
    lots = (FLEET, ManyLot("us", "H100 SXM", 4, end=replace(SHRINKS).periods[2].first))
    many = replace(SHRINKS, lots=lots, sites=(replace(US, power_kw=9), SHRINKS.sites[1]))
    assert fault(many, pack) == (
        "site_limits DataFrame:2: power_mw '0.003': us holds 0.004 MW from 2027Q2 on that may not "
        "leave; give lots that leave an out_of_service, or raise it to 0.004 MW"
    )


def test_what_is_above_the_limit_all_along_may_stay(pack: Path) -> None:
    """A note, as of any site that is overfull; a limit that falls later is kept from then on."""
    sites = (replace(US, power_kw=3, limits=((2, 2, None),)), SHRINKS.sites[1])
    plan = replace(SHRINKS, sites=sites).plan(pack)
    said = "us already takes 0.004 MW, power_mw is 0.003 in 2027Q1: nothing comes there"
    assert f"{said}, unless enough leaves" in plan.report.notes
    assert actions(plan) == [("2027Q3", "move", 2)]
