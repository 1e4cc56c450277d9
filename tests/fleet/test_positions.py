"""Positions: which lots count on a day, and that sums add up."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from placement.enums import Basis
from placement.fleet.positions import Holding, Position, Timeline
from tests.support.fleets import Lot, inventory

D = date(2026, 8, 1)
BEFORE, AFTER = date(2026, 7, 31), date(2026, 8, 2)


def on(lots: list[Lot], day: date = D, **options: object) -> Position:
    owners = {name: name for lot in lots for name in (lot.owner, lot.operator or lot.owner)}
    return Timeline(inventory(lots), owners, **options).on(day)  # type: ignore[arg-type]


def test_a_lot_counts_from_its_start_until_the_day_before_its_end() -> None:
    lot = Lot("NA", 8, start=D, end=AFTER)
    assert on([lot], BEFORE).fleets == {}
    assert on([lot], D).fleets["USco"]["NA"]["H100-SXM5-80GB"] == Holding(8)
    assert on([lot], AFTER).fleets == {}


def test_without_dates_a_lot_counts_always() -> None:
    assert on([Lot("NA", 8)], date(1999, 1, 1)).fleets
    assert on([Lot("NA", 8, status="transferred")]).fleets


def test_a_retired_lot_counts_only_before_it_left() -> None:
    lots = [
        Lot("US", 5, status="retired", end=AFTER),
        Lot("US", 7, status="retired", end=date.min),  # how readers write "retired, no date"
    ]
    assert on(lots).fleets["USco"]["US"]["H100-SXM5-80GB"] == Holding(5)


def test_plans_count_as_forecast_and_can_be_left_out() -> None:
    lots = [Lot("US", 5), Lot("US", 3, status="planned", start=D), Lot("US", 2, status="ordered")]
    assert on(lots).fleets["USco"]["US"]["H100-SXM5-80GB"] == Holding(10, 5)
    assert on(lots, plans=False).fleets["USco"]["US"]["H100-SXM5-80GB"] == Holding(5)


def test_parts_of_an_accelerator_are_exact() -> None:
    lots = [Lot("US", 2, unit=(1, 6)), Lot("US", 1, unit=(1, 6)), Lot("NA", 1, unit=(1, 3))]
    fleet = on(lots).fleets["USco"]
    assert fleet["US"]["H100-SXM5-80GB"].accelerators == Fraction(1, 2)
    assert fleet["NA"]["H100-SXM5-80GB"].accelerators == Fraction(1, 3)


def test_basis_operated_sums_by_operator() -> None:
    lots = [Lot("US", 5, owner="Bank", operator="Cloud")]
    assert set(on(lots).fleets) == {"Bank"}
    assert set(on(lots, basis=Basis.OPERATED).fleets) == {"Cloud"}


def test_sums_do_not_wrap_at_64_bits() -> None:
    lots = [Lot("US", 2**62), Lot("US", 2**62), Lot("US", 2**62)]
    assert on(lots).fleets["USco"]["US"]["H100-SXM5-80GB"] == Holding(3 * 2**62)


lots = st.lists(
    st.builds(
        Lot,
        country=st.sampled_from(["US", "NA", "MY", "DE"]),
        quantity=st.integers(0, 10**6),
        model=st.sampled_from(["H100-SXM5-80GB", "T4", "B200"]),
        owner=st.sampled_from(["A", "B"]),
        status=st.sampled_from(["installed", "planned"]),
    ),
    max_size=12,
)


@given(lots, lots)
def test_positions_add_up(one: list[Lot], two: list[Lot]) -> None:
    assert on(one) + on(two) == on(one + two)


@given(lots, st.randoms(use_true_random=False))
def test_order_and_splitting_do_not_matter(one: list[Lot], random: object) -> None:
    split = [
        Lot(lot.country, part, lot.model, lot.owner, status=lot.status)
        for lot in one
        for part in (lot.quantity // 3, lot.quantity - lot.quantity // 3)
    ]
    random.shuffle(split)  # type: ignore[attr-defined]
    assert on(split) == on(one)
