"""`ratio` against loops over shipments."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from placement.policy import Policy
from placement.readers.tables.shipments import Shipment
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Lot, World

F = Fraction
BEGINS = date(2026, 1, 1)


def ratio(window: str = "since_rule", limit: str = "0.5") -> Policy:
    return wp.pack(
        '[groups.china]\ntitle = "china"\nmembers = ["CN", "MO"]\n',
        wp.option("window", "since_rule", "ever", "calendar_year"),
        wp.rule(
            "ratio",
            'numerator = "china"',
            'denominator = "home"',
            'origin = "home"',
            f'limit = "{limit}"',
            'window = { option = "window" }',
            f"from = {BEGINS}",
        ),
        options={"window": window},
    )


@st.composite
def flows(draw: st.DrawFn) -> World:
    listed = draw(w.companies())
    names = [one.name for one in listed]
    shipments = [
        Shipment(
            line=number,
            day=draw(st.sampled_from(w.DATES)),
            exporter=draw(st.sampled_from(names)),
            model=draw(st.sampled_from(list(w.TPP))),
            quantity=draw(st.integers(0, 9)),
            from_country=draw(st.sampled_from(["US", "PR", "DE", "CN"])),
            to_country=draw(st.sampled_from(["US", "PR", "CN", "MO", "MY"])),
            end_use=draw(st.sampled_from(["US", "PR", "CN", "MY"])),
            application=None,
        )
        for number in range(2, 2 + draw(st.integers(1, 12)))
    ]
    return World([Lot("US", 1)], listed, shipments)


@settings(max_examples=50)
@given(
    flows(),
    w.days,
    st.sampled_from(["since_rule", "ever", "calendar_year"]),
    st.sampled_from(["0.5", "1", "0.3"]),
)
def test_a_ratio_is_the_text_of_the_rule(world: World, day: date, window: str, limit: str) -> None:
    first = {"since_rule": BEGINS, "ever": date.min, "calendar_year": date(day.year, 1, 1)}[window]
    to_china: dict[tuple[str, str], Fraction] = {}
    at_home: dict[tuple[str, str], Fraction] = {}
    for one in world.shipments:
        if not first <= one.day <= day or one.model in w.UNCOUNTED or not one.quantity:
            continue
        key = (world.root(one.exporter).name, one.model)
        amount = one.quantity * w.TPP[one.model]
        if {one.to_country, one.end_use} & {"CN", "MO"} and one.from_country in w.HOME:
            to_china[key] = to_china.get(key, F(0)) + amount
        if one.to_country in w.HOME and one.end_use in w.HOME:
            at_home[key] = at_home.get(key, F(0)) + amount
    expected = {}
    for key in {*to_china, *at_home}:
        part, whole = to_china.get(key, F(0)), at_home.get(key, F(0))
        expected[key] = (w.verdict(part <= F(limit) * whole), part, whole)
    found = {
        (one.owner, one.item): (one.verdict, F(one.numerator or 0), F(one.denominator or 0))
        for one in w.found(world, ratio(window, limit), days=EvaluationDates(as_of=day))
    }
    assert found == expected


def shipped(number: int, to: str, quantity: int, day: date = w.D, use: str = "") -> Shipment:
    return Shipment(number, day, "A", "BIG", quantity, "US", to, use or to, None)


@pytest.mark.parametrize(("count", "said"), [(4, "ok"), (5, "ok"), (6, "breach")])
def test_exactly_half_is_kept(count: int, said: str) -> None:
    world = World([Lot("US", 1)], shipments=[shipped(2, "US", 10), shipped(3, "CN", count)])
    (found,) = w.found(world, ratio())
    assert (found.verdict, found.item) == (said, "BIG")
    assert found.headroom == f"{(5 - count) * 10000}.000"  # the other side does not grow with it
    assert [one.line for one in found.lines] == [3]


def test_nothing_at_home_allows_nothing() -> None:
    world = World([Lot("US", 1)], shipments=[shipped(2, "CN", 1), shipped(3, "US", 9, use="MY")])
    (found,) = w.found(world, ratio())
    assert (found.verdict, found.share, found.denominator) == ("breach", None, "0.000")


def test_a_group_ships_as_one_and_each_product_by_itself() -> None:
    companies = (Company("A"), Company("B", parent="A"))
    sister = Shipment(3, w.D, "B", "BIG", 6, "US", "CN", "CN", None)
    other = Shipment(4, w.D, "B", "ODD", 1, "US", "CN", "CN", None)
    world = World([Lot("US", 1)], companies, [shipped(2, "US", 12), sister, other])
    found = {(one.owner, one.item): one.verdict for one in w.found(world, ratio())}
    assert found == {("A", "BIG"): "ok", ("A", "ODD"): "breach"}


def test_siblings_left_out_ship_with_their_own_line() -> None:
    companies = (
        Company("P"),
        Company("A", "US", "P", ("uveu",)),
        Company("B", "US", "P", ("uveu",)),
    )
    home = Shipment(2, w.D, "A", "BIG", 10, "US", "US", "US", None)
    abroad = Shipment(3, w.D, "B", "BIG", 5, "US", "CN", "CN", None)
    parent = Shipment(4, w.D, "P", "BIG", 2, "US", "US", "US", None)
    world = World([Lot("US", 1)], companies, [home, abroad, parent])
    policy = wp.pack(
        wp.option("siblings", "exclude", "include"),
        wp.rule(
            "ratio",
            'numerator = "tier3"',
            'denominator = "home"',
            'origin = "home"',
            'limit = "0.5"',
        ),
    )
    found = {one.owner: (one.verdict, one.denominator) for one in w.found(world, policy)}
    assert found == {"A": ("ok", "120000.000"), "B": ("breach", "20000.000")}
