"""Rows against naive formulas written from the rule's text."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from placement.enums import Comparison
from placement.fleet.classification import PlaceTotals
from placement.policy.row import Measured, Row

F = Fraction
PLACES = ["US", "MY", "NA", "DE", "CN"]
totals = st.dictionaries(st.sampled_from(PLACES), st.integers(0, 10**12), max_size=5)
places = st.frozensets(st.sampled_from(PLACES), min_size=1)
limits = st.fractions(0, 1, max_denominator=1000)


def row(
    part: frozenset[str],
    whole: frozenset[str] | None,
    limit: F,
    comparison: Comparison = Comparison.AT_MOST,
) -> Row:
    return Row(
        "r", "share", "USco", "MY", date(2026, 8, 1), Measured(), part, whole, limit, comparison
    )


@given(totals, places, limits, st.sampled_from(list(Comparison)))
def test_share_row_is_the_text_of_the_rule(
    amounts: dict[str, int], part: frozenset[str], limit: F, comparison: Comparison
) -> None:
    made = row(part, frozenset(PLACES), limit, comparison)
    numerator = sum(amounts.get(p, 0) for p in part)
    denominator = sum(amounts.values())
    kept = made.excess(*PlaceTotals(amounts).parts(made)) <= 0
    if comparison is Comparison.AT_MOST:
        assert kept == (numerator <= limit * denominator)
    else:
        assert kept == (numerator >= limit * denominator)


@given(totals, places, st.integers(0, 10**9))
def test_cap_row_is_the_text_of_the_rule(
    amounts: dict[str, int], part: frozenset[str], limit: int
) -> None:
    made = row(part, None, F(limit))
    kept = made.excess(*PlaceTotals(amounts).parts(made)) <= 0
    assert kept == (sum(amounts.get(p, 0) for p in part) <= limit * 1000)


@given(totals, places, limits, st.sampled_from(list(Comparison)), st.booleans())
def test_coefficients_and_bound_give_the_same_excess(
    amounts: dict[str, int], part: frozenset[str], limit: F, comparison: Comparison, cap: bool
) -> None:
    made = row(part, None if cap else frozenset(PLACES), limit, comparison)
    lhs = sum(made.coefficient(place) * amount for place, amount in amounts.items())
    assert lhs - made.bound == made.excess(*PlaceTotals(amounts).parts(made))


@given(totals, st.sampled_from(PLACES), st.fractions(0, F(99, 100), max_denominator=100))
def test_room_is_the_most_that_fits(amounts: dict[str, int], place: str, limit: F) -> None:
    made = row(frozenset({place}), frozenset(PLACES), limit)
    room = made.room(*PlaceTotals(amounts).parts(made))
    assert room is not None
    whole = room.numerator // room.denominator
    for extra, fits in ((whole, True), (whole + 1, False)):
        changed = {**amounts, place: amounts.get(place, 0) + extra}
        assert (made.excess(*PlaceTotals(changed).parts(made)) <= 0) is fits


def test_room_has_no_end_at_100_percent_and_for_a_floor() -> None:
    part, whole = frozenset({"US"}), frozenset(PLACES)
    assert row(part, whole, F(1)).room(5, 10) is None
    assert row(part, whole, F(1, 2), Comparison.AT_LEAST).room(5, 10) is None
