"""`storage` against loops over the lines of weights."""

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


def storage(*lines: str) -> Policy:
    return wp.pack(
        wp.rule(
            "storage",
            'controlled_from = "1e26"',
            'places = "tier1"',
            'run_from = "tier1"',
            'never = "tier3"',
            *lines,
        )
    )


def kept(model: str, owner: str, operations: int, site: str, *, published: bool) -> WeightsRow:
    return WeightsRow(
        model=model,
        owner=owner,
        training_operations=operations,
        published=published,
        storage_site=site,
    )


@st.composite
def vaults(draw: st.DrawFn) -> World:
    """Sites in a table, on some of which kit stands, and weights at them."""
    listed = draw(w.companies())
    names = [one.name for one in listed]
    places = draw(st.lists(st.sampled_from(w.COUNTRIES), min_size=1, max_size=4))
    sites = {f"s{n}": SitePlace(f"s{n}", place, None, None, None) for n, place in enumerate(places)}
    lots = [
        Lot(
            sites[site].country,
            1,
            owner=draw(st.sampled_from(names)),
            operator=draw(st.none() | st.sampled_from(names)),
            site=site,
        )
        for site in draw(st.lists(st.sampled_from(sorted(sites)), max_size=4))
    ]
    weights = [
        kept(
            f"m{n}",
            draw(st.sampled_from(names)),
            CONTROLLED + draw(st.sampled_from([-1, 0, 1])),
            draw(st.sampled_from(sorted(sites))),
            published=draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    return World(lots, listed, weights=weights, sites=sites)


@settings(max_examples=50)
@given(vaults(), w.days, st.booleans())
def test_weights_are_kept_where_the_text_allows(world: World, day: date, bound: bool) -> None:
    policy = storage('binds = { authorization = "uveu" }' if bound else "")
    expected = {}
    for row in world.weights:
        top = world.root(row.owner).name
        closed = not row.published and row.training_operations >= CONTROLLED
        if not closed or (bound and not world.holds(top, "uveu")):
            continue
        place = world.sites[row.storage_site].country
        here = [lot for lot in world.lots if lot.where == row.storage_site]
        pairs = [(lot.owner, lot.run_by) for lot in here] or [(row.owner, row.owner)]
        seated = all(
            any(w.tier(world.root(name).headquarters, day) == 1 for name in pair) for pair in pairs
        )
        allowed = w.tier(place, day) == 1 or (w.tier(place, day) != 3 and seated)
        expected[row.model] = (top, place, w.verdict(allowed))
    found = {
        one.item: (one.owner, one.place, str(one.verdict))
        for one in w.found(world, policy, days=EvaluationDates(as_of=day))
    }
    assert found == expected


@pytest.mark.parametrize(("operations", "count"), [(CONTROLLED - 1, 0), (CONTROLLED, 1)])
def test_exactly_the_operations_are_controlled(operations: int, count: int) -> None:
    sites = {"s": SitePlace("s", "MY", None, None, None)}
    weights = [kept("m", "A", operations, "s", published=False)]
    world = World([Lot("US", 1)], (Company("A", "IN"),), weights=weights, sites=sites)
    found = w.found(world, storage())
    assert [one.verdict for one in found] == ["breach"] * count


def test_an_operator_at_the_site_may_be_named_there_only() -> None:
    sites = {"s": SitePlace("s", "MY", None, None, None)}
    weights = [kept("m", "A", CONTROLLED, "s", published=False)]
    companies = (Company("A", "IN"), Company("B", "DE"))
    lots = [Lot("MY", 1, site="s", operator="B")]
    (found,) = w.found(World(lots, companies, weights=weights, sites=sites), storage())
    assert (found.verdict, found.place, found.item) == ("ok", "MY", "m")


@pytest.mark.parametrize(("seat", "said"), [("US", "ok"), ("IN", "breach")])
def test_a_site_where_nothing_stands_is_run_by_the_owner(seat: str, said: str) -> None:
    sites = {"s": SitePlace("s", "MY", None, None, None)}
    weights = [kept("m", "A", CONTROLLED, "s", published=False)]
    world = World([Lot("US", 1)], (Company("A", seat),), weights=weights, sites=sites)
    assert [one.verdict for one in w.found(world, storage())] == [said]
