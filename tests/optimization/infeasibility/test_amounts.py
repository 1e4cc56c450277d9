"""Each amount of a conflict is applied alone to the tables: it suffices, and less does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from placement.enums import PlanStatus
from placement.lp.labels import Label
from placement.optimization.infeasibility.amounts import grain_of
from placement.optimization.infeasibility.conflict import Part
from placement.optimization.run import make_plan
from tests.optimization.against_oracle.test_one_period import instances
from tests.oracles import one_period as brute
from tests.oracles.one_period import brute_force
from tests.support.paths import TESTS
from tests.support.tiny_one_period import CAP, FLOOR, Tiny, write_pack

INPUTS = TESTS / "inputs"
MUCH = Fraction(10**6)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("pack"))


@st.composite
def short(draw: st.DrawFn) -> Tiny:
    """Tiny instances that often lack something."""
    found: Tiny = draw(instances())
    more = draw(st.sampled_from([0, 2, 5]))
    demand = tuple(
        replace(line, quantity=str(int(line.quantity) + more)) if line.metric == "accelerators"
        else line
        for line in found.demand
    )  # fmt: skip
    return replace(found, demand=demand)


def with_more(tiny: Tiny, part: Part, amounts: dict[str, Fraction]) -> Tiny | None:
    """Return way in one part: by site, or under the empty name; None: not said in tables."""
    amount = amounts.get("", Fraction(0))
    match part.kind:
        case "power":
            sites = [
                replace(one, power_kw=one.power_kw + amounts.get(one.name, 0)) for one in tiny.sites
            ]
            return replace(tiny, sites=tuple(sites))
        case "racks":
            sites = [
                replace(one, racks=one.racks + int(amounts.get(one.name, 0)))
                if one.racks is not None else one
                for one in tiny.sites
            ]  # fmt: skip
            return replace(tiny, sites=tuple(sites))
        case "supply":
            supply = []
            for offer in tiny.supply:
                named = part.name == f"supply of {brute_name(offer.model)}"
                more = amount / offer.unit if named else Fraction(0)
                assert more.denominator == 1
                supply.append(replace(offer, units=offer.units + min(int(more), 12)))
            return replace(tiny, supply=tuple(supply))
        case "demand":
            line = int(part.name.split()[2]) - 2
            old = tiny.demand[line]
            left = max(Fraction(old.quantity) - amount, Fraction(0))
            new = replace(old, quantity=str(left))
            return replace(tiny, demand=(*tiny.demand[:line], new, *tiny.demand[line + 1 :]))
        case "service limit" | "credit":
            return replace(tiny, dilution=True)
    return None


def brute_name(model: str) -> str:
    return {"H100 SXM": "H100-SXM5-80GB"}.get(model, model)


def tried(tiny: Tiny, part: Part) -> Iterator[tuple[dict[str, Fraction], bool]]:
    """What is given, and whether a layout has to exist then."""
    if not part.helps:
        sites = [site.name for site in tiny.sites if f" in {site.country} sites" in part.name]
        yield dict.fromkeys(["", *sites], MUCH), False
        return
    told = part.given
    assert told is not None
    assert told.is_least
    assert told.is_enough
    given = dict(told.by_site) or {"": told.amount}
    assert sum(given.values()) == told.amount
    yield given, True
    step = grain_of(Label(part.kind, unit=part.unit))
    if part.kind == "supply":
        step = Fraction(
            next(o.unit for o in tiny.supply if part.name == f"supply of {brute_name(o.model)}")
        )
    if told.amount > step and len(given) == 1:
        yield {name: amount - step for name, amount in given.items()}, False
    if part.kind in ("power", "racks"):
        # Nor does less at any other site.
        country = part.name.split()[2]
        for site in tiny.sites:
            if site.country == country:
                yield {site.name: told.amount - step}, False


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much,
    ],
)  # fmt: skip
@given(tiny=short())
def test_each_amount_is_the_least_that_suffices(tiny: Tiny, pack: Path) -> None:
    assume(brute_force(tiny) is None)
    plan = tiny.plan(pack)
    assert plan.conflict is not None
    assert plan.conflict.irreducible
    for part in plan.conflict.parts:
        for amounts, is_enough in tried(tiny, part):
            changed = with_more(tiny, part, amounts)
            if changed is not None:
                assert (brute_force(changed) is not None) == is_enough, (part, amounts)
            elif part.kind == "rule" and tiny.dilution:
                assert any_layout(tiny, part, amounts[""]) == is_enough, (part, amounts)
    if plan.conflict.each_helps:
        assert all(part.helps for part in plan.conflict.parts)


def any_layout(tiny: Tiny, part: Part, over: Fraction) -> bool:
    """Tell whether a layout exists where one rule may be exceeded by so much TPP."""
    unit = {s.model: s.unit for s in tiny.supply}
    place = part.name.partition(": ")[0].rpartition(" in ")[2]
    return any(
        _kept(tiny, stock, bought, place, over) for _, stock, bought in brute._layouts(tiny, unit)
    )


def _kept(
    tiny: Tiny,
    stock: brute.Stock,
    bought: brute.Stock,
    place: str,
    over: Fraction,
) -> bool:
    uses = brute._Uses(tiny)
    served = bool(uses.uses(0, uses.by_number(stock), uses.by_number(bought)))
    totals = brute._totals(tiny, stock)
    whole = sum(totals.values(), Fraction(0))
    second = {site.country for site in tiny.sites} - {"US", "DE"}
    floor = FLOOR * whole - (over if place == "US" else 0)
    return served and totals.get("US", Fraction(0)) >= floor and all(
        totals.get(c, Fraction(0)) <= CAP * whole + (over if c == place else 0)
        for c in second
    )  # fmt: skip


@pytest.mark.parametrize(
    ("case", "said", "missing"),
    [
        (
            "full-site-not-named",
            (
                "racks in US sites: 2 places more would do at dal",
                "demand line 2 (anywhere): 144 accelerators less would do",
            ),
            (),
        ),
        (
            "short-by-a-little-power",
            (
                "power in US sites: 0.4 kW more would do at dal",
                "demand line 2 (anywhere): 72 accelerators less would do",
            ),
            (),
        ),
        (
            "demand-without-site",
            ("demand line 2 (JP): 12 accelerators less would do",),
            ("demand line 2 (JP): sites.csv has no site in JP",),
        ),
    ],
)
def test_cases(case: str, said: tuple[str, ...], missing: tuple[str, ...]) -> None:
    info = make_plan(INPUTS / case).report.plan
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE
    assert info.conflict == said
    assert info.missing == missing
