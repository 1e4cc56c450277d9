from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement.enums import PlanStatus, Verdict
from placement.optimization.plan import Plan
from placement.proof.verify import verify
from tests.oracles.one_period import brute_force
from tests.support.tiny_one_period import Tiny, TinyDemand, TinySite, TinySupply

QUICK = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def sites(draw: st.DrawFn, most: int) -> tuple[TinySite, ...]:
    count = draw(st.integers(2, most))
    found = []
    for n in range(count):
        country = draw(st.sampled_from(["US", "MY", "NA", "DE"])) if n else "US"
        found.append(
            TinySite(
                name=f"s{n}",
                country=country,
                power_kw=draw(st.sampled_from([3, 5, 8, 20, 1000, 1000])),
                status=draw(st.sampled_from(["open"] * 5 + ["frozen", "draining", "storage"])),
                racks=draw(st.sampled_from([None, None, 1, 3])),
                energy=draw(st.sampled_from([0, 50, 125, -25])),
                pue=draw(st.sampled_from(["1", "1.25"])),
            )
        )
    return tuple(found)


@st.composite
def instances(draw: st.DrawFn) -> Tiny:
    change = draw(st.booleans())
    models = draw(
        st.sampled_from(
            [["H100 SXM"], ["B200"]]
            if change
            else [["H100 SXM", "B200"], ["B200", "T4"], ["H100 SXM"]]
        )
    )
    where = draw(sites(3 if change or len(models) > 1 else 4))
    supply = tuple(
        TinySupply(
            model,
            units=draw(st.integers(1, 2 if change else 3)),
            unit=draw(st.sampled_from([1, 2, 3])),
            price=draw(st.integers(1, 9)),
        )
        for model in models
    )
    stock = {
        (site.name, offer.model): draw(st.sampled_from([0, 0, 1, 2, 4]))
        for site in where
        for offer in supply
    }
    demand = []
    for _ in range(draw(st.integers(0, 2))):
        metric = draw(st.sampled_from(["accelerators", "tpp", "h100e", "mw"]))
        scale = {"tpp": Fraction(15000), "mw": Fraction(1, 1000)}.get(metric, Fraction(1))
        quantity = draw(st.integers(1, 7)) * scale
        named = draw(st.sampled_from([None, None, models[0]]))
        demand.append(
            TinyDemand(
                quantity=str(float(quantity)) if quantity.denominator > 1 else str(quantity),
                metric="accelerators" if named else metric,
                model=named,
                countries=draw(st.sampled_from([(), (), ("US",), ("MY", "NA"), ("DE",)])),
            )
        )
        if named and quantity.denominator > 1:
            demand[-1] = TinyDemand("2", model=named, countries=demand[-1].countries)
    return Tiny(
        sites=where,
        supply=supply,
        demand=tuple(demand),
        stock=stock,
        move=draw(st.sampled_from([None, 1, 5])) if change else None,
        retire=draw(st.sampled_from([None, 0, 2])) if change else None,
        dilution=draw(st.booleans()),
    )


def cost_of(plan: Plan) -> Fraction | None:
    info = plan.report.plan
    assert info is not None
    if info.status is PlanStatus.INFEASIBLE:
        assert plan.layout is None
        assert plan.report.exit_code == 3
        return None
    assert info.status is PlanStatus.OPTIMAL
    assert plan.report.exit_code == 0
    return Fraction(info.tiers[-1].value)


@QUICK
@given(tiny=instances())
def test_same_optimum_as_trying_every_layout(tiny: Tiny, pack: Path) -> None:
    plan = tiny.plan(pack)
    found = cost_of(plan)
    assert found == brute_force(tiny)
    if plan.layout is not None:
        assert not plan.report.breaches
        assert all(f.verdict is not Verdict.BREACH for f in plan.report.findings)
    if plan.certificate is not None:
        assert verify(plan.program, plan.certificate)
        if found is not None:
            assert plan.certificate.value <= found * 10**6
