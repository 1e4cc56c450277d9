"""What changes no optimum over several periods: order, names, splitting a lot, units of money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.support.strategies_periods import instances, quick
from tests.support.tiny_periods import Many

Result = tuple[PlanStatus, date | None, tuple[Fraction, ...]] | None


def result(plan: Plan) -> Result:
    """Return status, the day from which all is kept, and the value of each objective."""
    info = plan.report.plan
    assert info is not None
    return info.status, info.compliant_from, tuple(Fraction(one.value) for one in info.tiers)


def solved(many: Many, pack: Path) -> Result:
    """Plan; None for what is refused."""
    try:
        return result(many.plan(pack))
    except InputError:
        return None


@quick(40)
@given(many=instances(), seed=st.integers(0, 2**16))
def test_the_order_of_rows(many: Many, seed: int, pack: Path) -> None:
    tables = {
        name: frame.sample(frac=1, random_state=seed) for name, frame in many.tables().items()
    }
    try:
        plan = make_plan(many.config(), tables=tables, policy=str(pack))
    except InputError:
        assert solved(many, pack) is None
        return
    assert result(plan) == solved(many, pack)


@quick(40)
@given(many=instances())
def test_the_names_of_sites(many: Many, pack: Path) -> None:
    names = {site.name: f"z{9 - n} = {site.name}, NA" for n, site in enumerate(many.sites)}
    renamed = replace(
        many,
        sites=tuple(replace(site, name=names[site.name]) for site in many.sites),
        lots=tuple(replace(lot, site=names[lot.site]) for lot in many.lots),
        promises=tuple(
            replace(one, site=names.get(one.site, one.site) if one.site else None)
            for one in many.promises
        ),
    )
    assert solved(renamed, pack) == solved(many, pack)


@quick(40)
@given(many=instances())
def test_a_lot_in_two_lines(many: Many, pack: Path) -> None:
    lots = [
        part
        for lot in many.lots
        for part in (replace(lot, count=1), replace(lot, count=lot.count - 1))
        if part.count
    ]
    assert solved(replace(many, lots=tuple(lots)), pack) == solved(many, pack)


@quick(40)
@given(many=instances())
def test_money_a_billion_times_as_large_stays_exact(many: Many, pack: Path) -> None:
    """Costs are wider than 64 bits then, in millionths."""
    # Open throughout: fixed cost of a part of a month is rounded to a millionth.
    always = tuple(replace(site, opens=None, closes=None) for site in many.sites)
    many, times = replace(many, rate="0", sites=always), 10**9
    dear = replace(
        many,
        sites=tuple(
            replace(
                site,
                energy=site.energy * times,
                hosting=site.hosting * times,
                fixed=site.fixed * times,
            )
            for site in many.sites
        ),
        supply=tuple(
            replace(one, rows=tuple(row and (row[0], row[1] * times) for row in one.rows))
            for one in many.supply
        ),
        move=many.move and many.move * times,
        retire=many.retire and many.retire * times,
        budgets=tuple(budget * times for budget in many.budgets),
    )
    before, after = solved(many, pack), solved(dear, pack)
    assert (before is None) is (after is None)
    if before is None or after is None:
        return
    assert after[:2] == before[:2]
    if before[2]:
        assert after[2][-1] == before[2][-1] * times
        assert after[2][:-1] == before[2][:-1]


@quick(40)
@given(many=instances(), times=st.sampled_from([2, 10**3, 10**9]))
def test_every_accelerator_in_many(many: Many, times: int, pack: Path) -> None:
    """A unit of so many times as much is as good; since it may be shared out, it may be better."""
    many = replace(many, dilution=True, rate="0")
    large = replace(
        many,
        sites=tuple(
            replace(
                site,
                power_kw=site.power_kw * times,
                fixed=site.fixed * times,
                limits=tuple((t, kw and kw * times, racks) for t, kw, racks in site.limits),
            )
            for site in many.sites
        ),
        supply=tuple(replace(one, unit=one.unit * times) for one in many.supply),
        lots=tuple(replace(lot, count=lot.count * times) for lot in many.lots),
        demand=tuple(
            replace(line, quantity=str(Fraction(line.quantity) * times))
            if Fraction(line.quantity).denominator == 1
            else replace(line, quantity=f"{float(line.quantity) * times:.3f}")
            for line in many.demand
        ),
        promises=tuple(replace(one, quantity=one.quantity * times) for one in many.promises),
        most_moved=many.most_moved and many.most_moved * times,
        budgets=tuple(budget * times for budget in many.budgets),
        adrift=times,
    )
    before, after = solved(many, pack), solved(large, pack)
    if before is None or before[0] is not PlanStatus.OPTIMAL:
        return
    assert after is not None
    assert after[0] is PlanStatus.OPTIMAL
    assert before[1] is not None
    assert after[1] is not None
    assert after[1] <= before[1]
    if after[1] == before[1]:
        assert after[2][0] <= before[2][0] * times
        if not many.demand:
            assert after[2] == tuple(value * times for value in before[2])
