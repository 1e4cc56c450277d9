"""What a plan buys to dilute shares is named: how much, its cost, and why; else nothing is."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.errors import InputError
from placement.optimization.plan import Plan, plan_tables
from placement.render.optimize import render
from placement.report import Dilution
from tests.oracles.periods import Brute
from tests.oracles.uses import Units
from tests.support.strategies_periods import instances, quick
from tests.support.tiny_one_period import TPP, Tiny, TinyDemand, TinySite, TinySupply
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply

H100 = Fraction(15832)


def told(plan: Plan) -> tuple[Dilution, ...]:
    assert plan.report.plan is not None
    return plan.report.plan.dilution


def costs(plan: Plan, kind: str) -> Fraction:
    assert plan.report.plan is not None
    return Fraction(plan.report.plan.cost.get(kind, "0"))


def reasons(plan: Plan) -> list[str]:
    text = plan_tables(plan)["actions.csv"]
    return [row["reason"] for row in csv.DictReader(io.StringIO(text, newline=""))]


US = TinySite("us", "US", energy=9)
MY = TinySite("my", "MY", energy=11)
LINES = (TinyDemand("6", countries=("MY",)), TinyDemand("8", countries=("US",)))


def test_kit_that_serves_nobody_is_named_with_its_cost(pack: Path) -> None:
    """6 of 20 are 30 %: of 19 bought, 14 are asked for, and one unit more may serve each line."""
    plan = Tiny((US, MY), (TinySupply("H100 SXM", 30, 1, 5),), LINES, dilution=True).plan(pack)
    (one,) = told(plan)
    assert (one.period, one.unit) == ("2027Q1", "TPP")
    # Another one in MY may serve there, but there is none; in the US nine of 13 serve.
    assert Fraction(one.amount) == 4 * H100
    assert one.rules == ("basic.single_country in MY",)
    # One kW each, 90 days of 24 hours.
    energy = Fraction(4 * 90 * 24 * 9, 1000)
    assert {kind: Fraction(cost) for kind, cost in one.cost.items()} == {
        "purchases": 20, "running": energy,
    }  # fmt: skip
    assert Fraction(one.discounted) == 20 + energy
    text = render(plan)
    assert "           of it: dilution 97.76, for kit that serves no demand\n" in text
    assert "2027Q1     63,328 TPP         20       77   97\n" in text
    assert "without it these would not be kept: basic.single_country in MY\n" in text


def test_a_reason_says_what_is_diluted(pack: Path) -> None:
    lines = (TinyDemand("6", countries=("MY",)), TinyDemand("8", "accelerators", "B200", ("US",)))
    supply = (TinySupply("H100 SXM", 90, 1, 5), TinySupply("B200", 8, 1, 9000))
    sites = (US, TinySite("us2", "US", energy=7, accelerators="H100 SXM"), MY)
    tiny = Tiny(sites, supply, lines, dilution=True)
    found = reasons(tiny.plan(pack))
    assert found == ["demand line 2 (MY)", "demand line 3 (US)"]
    more = replace(tiny, demand=(TinyDemand("12", countries=("MY",)), lines[1]))
    plan = more.plan(pack)
    assert reasons(plan) == [
        "demand line 2 (MY)", "demand line 3 (US)", "dilutes basic.single_country in MY",
    ]  # fmt: skip
    two = replace(tiny, demand=LINES, supply=supply[:1])
    assert "in part dilutes basic.single_country in MY" in reasons(two.plan(pack))[-1]


@pytest.mark.parametrize("dilution", [True, False])
def test_quiet_where_nothing_dilutes(pack: Path, dilution: bool) -> None:
    lines = (TinyDemand("3", countries=("MY",)), TinyDemand("8", countries=("US",)))
    plan = Tiny(
        (US, MY), (TinySupply("H100 SXM", 30, 1, 5),), lines, dilution=dilution
    ).plan(pack)  # fmt: skip
    assert told(plan) == ()
    assert "ilut" not in render(plan)


def test_what_serves_later_was_not_bought_in_vain(pack: Path) -> None:
    """Four racks dilute at first; two of them serve when demand grows, and the others never."""
    sites = (ManySite("s0", "US", energy=1), ManySite("s1", "MY"))
    lots = (ManyLot("s0", "B200", 6),)
    supply = ManySupply("B200", 1, ((20, 5), (20, 7), None))
    demand = tuple(
        ManyDemand(t, str(n), countries=(c,))
        for t in range(3)
        for n, c in ((6, "MY"), ((6, 8, 8)[t], "US"))
    )
    many = Many("2027Q1", 3, sites, (supply,), lots, demand, dilution=True)
    plan = many.plan(pack)
    first, second, third = told(plan)
    each = TPP["B200"]
    # Six in MY are at most 30 % of 20; a chip on its way is H100. One more may serve each line.
    assert [Fraction(one.amount) / each for one in (first, second, third)] == [7, 5, 5]
    assert Fraction(first.cost["purchases"]) == 5 * 5
    assert "purchases" not in {**second.cost, **third.cost}
    days = Fraction(90 * 24, 1000)
    assert Fraction(first.cost["running"]) == 7 * days


@quick(150)
@given(many=instances(), more=st.integers(1, 2))
def test_named_where_a_share_rests_on_it(many: Many, more: int, pack: Path) -> None:
    """It is named exactly where the layout is not allowed with `allow_dilution = false`."""
    demand = tuple(replace(one, quantity=str(Fraction(one.quantity) * more)) for one in many.demand
                   if one.metric != "mw")  # fmt: skip
    many = replace(many, dilution=True, place=None, demand=demand)
    try:
        plan = many.plan(pack)
    except InputError:
        return
    info = plan.report.plan
    if plan.layout is None or not demand or info is None or info.compliant_from is None:
        return
    found = {one.period: one for one in told(plan)}
    brute = Brute(replace(many, dilution=False))
    names = [span.name for span in many.periods]
    is_allowed = True
    for day in brute.days:
        t = brute.period_of(day)
        stock, bought = _stock(brute, plan, names[: t + 1])
        kept, not_worse = brute._shares(day, t, stock, bought, ())
        is_allowed = is_allowed and (kept if day >= info.compliant_from else not_worse)
    assert is_allowed == (not found)
    if many.move is None and many.retire is None:
        for t, name in enumerate(names):
            if name in found:
                _, bought = _stock(brute, plan, names[: t + 1])
                units = sum(n * brute.units[model] * TPP[model] for (_, model), n in bought.items())
                assert 0 < Fraction(found[name].amount) <= units
    purchases = [Fraction(one.cost.get("purchases", "0")) for one in found.values()]
    assert many.rate != "0" or 0 <= sum(purchases) <= costs(plan, "purchases")


def _stock(brute: Brute, plan: Plan, periods: list[str]) -> tuple[Units, Units]:
    """Return the units at each site by the actions of some periods, and those bought."""
    assert plan.layout is not None
    at = {site.name: s for s, site in enumerate(brute.many.sites)}
    models = {plan.task.settings.catalog.find(name).accelerator.model: name for name in brute.units}
    found, bought = dict(brute.starts), dict.fromkeys(brute.starts, 0)
    for action in plan.layout.actions:
        if action.period not in periods:
            continue
        model = models[action.accelerator]
        units = action.quantity // brute.units[model]
        for site, sign in ((action.from_site, -1), (action.to_site, 1)):
            if site:
                found[at[site], model] += sign * units
        if action.action == "install":
            bought[at[action.to_site], model] += units
    return found, bought
