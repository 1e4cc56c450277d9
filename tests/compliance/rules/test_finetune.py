"""`finetune` against loops over the lines of weights."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from placement.policy import Policy
from placement.readers.tables.sites import SitePlace
from placement.readers.tables.weights import WeightsRow
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Lot, World

F = Fraction
CONTROLLED = 10**26


def finetune(limit: str = "0.25", *lines: str) -> Policy:
    return wp.pack(
        wp.rule(
            "finetune", 'controlled_from = "1e26"', 'places = "tier1"', f'limit = "{limit}"', *lines
        )
    )


def tuned(
    model: str,
    owner: str,
    operations: int,
    added: int | None,
    site: str,
    customer: str | None = None,
    *,
    published: bool = False,
) -> WeightsRow:
    return WeightsRow(
        model=model,
        owner=owner,
        training_operations=operations,
        published=published,
        storage_site=site,
        finetune_operations=added,
        finetune_site=None if added is None else site,
        customer_headquarters=customer,
    )


@st.composite
def laboratories(draw: st.DrawFn) -> World:
    listed = draw(w.companies())
    names = [one.name for one in listed]
    places = draw(st.lists(st.sampled_from(w.COUNTRIES), min_size=1, max_size=4))
    sites = {f"s{n}": SitePlace(f"s{n}", place, None, None, None) for n, place in enumerate(places)}
    weights = []
    for n in range(draw(st.integers(1, 4))):
        operations = CONTROLLED * draw(st.integers(1, 3)) - draw(st.integers(0, 1))
        added = draw(
            st.none() | st.sampled_from([0, operations // 4, operations // 4 + 1, operations])
        )
        weights.append(
            tuned(
                f"m{n}",
                draw(st.sampled_from(names)),
                operations,
                added,
                draw(st.sampled_from(sorted(sites))),
                draw(st.none() | st.sampled_from(w.COUNTRIES)),
                published=draw(st.booleans()),
            )
        )
    return World([Lot("US", 1)], listed, weights=weights, sites=sites)


@settings(max_examples=50)
@given(laboratories(), w.days, st.sampled_from(["0.25", "0", "1"]))
def test_fine_tuning_is_judged_by_the_text(world: World, day: date, limit: str) -> None:
    policy = finetune(limit, 'binds = { authorization = "uveu" }')
    expected = {}
    for row in world.weights:
        top = world.root(row.owner).name
        closed = not row.published and row.training_operations >= CONTROLLED
        if not closed or row.finetune_operations is None or not world.holds(top, "uveu"):
            continue
        place = world.sites[row.finetune_site or ""].country
        customer = row.customer_headquarters
        abroad = w.tier(place, day) != 1 or (customer is not None and w.tier(customer, day) != 1)
        if abroad:
            allowed = row.finetune_operations <= F(limit) * row.training_operations
            expected[row.model] = (
                top,
                place,
                w.verdict(allowed),
                str(row.finetune_operations),
                str(row.training_operations),
            )
    found = {
        one.item: (one.owner, one.place, str(one.verdict), one.numerator, one.denominator)
        for one in w.found(world, policy, days=EvaluationDates(as_of=day))
    }
    assert found == expected


@pytest.mark.parametrize(("more", "said"), [(-1, "ok"), (0, "ok"), (1, "breach")])
def test_exactly_a_quarter_is_kept(more: int, said: str) -> None:
    sites = {"s": SitePlace("s", "MY", None, None, None)}
    weights = [tuned("m", "A", 4 * CONTROLLED, CONTROLLED + more, "s")]
    world = World([Lot("US", 1)], (Company("A"),), weights=weights, sites=sites)
    (found,) = w.found(world, finetune())
    assert (found.verdict, found.unit, found.limit) == (said, "operations", "0.25")


def test_at_home_for_a_customer_abroad_and_for_one_at_home() -> None:
    sites = {"s": SitePlace("s", "US", None, None, None)}
    weights = [
        tuned("at home", "A", CONTROLLED, CONTROLLED, "s", "DE"),
        tuned("nobody", "A", CONTROLLED, CONTROLLED, "s"),
        tuned("abroad", "A", CONTROLLED, CONTROLLED, "s", "IN"),
    ]
    world = World([Lot("US", 1)], (Company("A"),), weights=weights, sites=sites)
    assert [(one.item, one.verdict) for one in w.found(world, finetune())] == [("abroad", "breach")]
