from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.text.decimals import (
    decimal_text,
    floor_text,
    grouped,
    parse_decimal,
    percent_text,
    plain,
    share_text,
)

F = Fraction


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (F(7, 100), "0.070000"),
        (F(1, 5), "0.200000"),
        (F(1, 3), "0.333334"),
        (F(70_000_001, 10**9), "0.070000001"),
        (F(69_999_999, 10**9), "0.069999999"),
        (F(7, 100) + F(1, 10**30), "0.070000000000000001"),
        (F(0), "0.000000"),
    ],
)
def test_share_text_keeps_the_sides_of_a_limit_apart(share: F, text: str) -> None:
    assert share_text(share, F(7, 100), 6) == text


@given(st.fractions(0, 1), st.sampled_from([F(7, 100), F(1, 4), F(1, 2), F(1, 3)]))
def test_printed_share_is_on_the_side_of_the_share(share: F, limit: F) -> None:
    printed = F(share_text(share, limit, 6))
    assert (printed > limit) == (share > limit)
    assert (printed == limit) == (share == limit)


def test_percent_text() -> None:
    assert percent_text(F(1, 5), F(7, 100)) == "20.00 %"
    assert percent_text(F(7, 100), F(7, 100)) == "7.00 %"
    assert percent_text(F(70_000_001, 10**9), F(7, 100)) == "7.0000001 %"


def test_floor_text_rounds_down_below_zero_too() -> None:
    assert floor_text(F(-20581600, 93), 3) == "-221307.527"
    assert floor_text(F(1, 3), 3) == "0.333"


def test_decimal_text_is_exact() -> None:
    assert decimal_text(F(316640), 3) == "316640.000"
    assert decimal_text(F(-1, 8), 3) == "-0.125"
    assert decimal_text(F(1000, 3), 3) == "1000/3"


@given(st.fractions())
def test_exact_texts_read_back(value: F) -> None:
    assert F(plain(value)) == value
    assert F(decimal_text(value, 3)) == value


def test_plain_uses_no_more_decimals_than_needed() -> None:
    assert [plain(F(n)) for n in ("0.07", "0.50", "790000000", "1/3")] == [
        "0.07",
        "0.5",
        "790000000",
        "1/3",
    ]


@pytest.mark.parametrize("text", ["1e3", "1,000", "", " 1", "0x1", "1.", ".5", "--1"])
def test_only_plain_decimals_are_read(text: str) -> None:
    assert parse_decimal(text) is None


def test_decimals_are_read_exactly() -> None:
    assert parse_decimal("0.07") == F(7, 100)
    assert parse_decimal("-12.50") == F(-25, 2)


def test_grouped() -> None:
    assert grouped("-1234567.125") == "-1,234,567.125"
    assert grouped("1000/3") == "1000/3"
