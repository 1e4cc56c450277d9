"""Cells: exact values, and one sentence for each way to be wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from placement.readers import cells as fields
from placement.readers.cells import BadText


@given(st.integers(0, 10**15))
def test_whole_reads_what_it_writes(number: int) -> None:
    assert fields.whole(f" 00{number} ") == number


@given(st.text(max_size=8))
@example("1000\x1c")
@example("\x1f7")
def test_whole_takes_digits_only(text: str) -> None:
    stripped = pl.Series([text]).str.strip_chars().item()
    if stripped and all(letter in "0123456789" for letter in stripped):
        assert fields.whole(text) == int(stripped)
    else:
        with pytest.raises(BadText):
            fields.whole(text)


MOST = "is more than 1,000,000,000,000,000, the most that a cell may hold"


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("", "is blank", "write a whole number, 0 for none"),
        ("12.5", "is not a whole number", "count whole units"),
        ("12,5", "is not a whole number", "count whole units"),
        ("-5", "is negative", "write a whole number of 0 or more"),
        ("1e3", "is written with an exponent", "write 1000"),
        ("1e999", "is written with an exponent", "count whole units"),
        ("1'000", "has a thousands separator", "write 1000"),
        ("1.024", "is not a whole number", "write 1024 if the point separates thousands"),
        ("1.000", "is not a whole number", "write 1"),
        ("1_000", "has a thousands separator", "write 1000"),
        (str(10**30), MOST, "check the number of digits, or write several rows"),
        (str(10**15 + 1), MOST, "check the number of digits, or write several rows"),
        ("٣", "is not a number", "write a whole number, in digits only"),
        ("NaN", "is not a number", "write a whole number, in digits only"),
    ],
)
def test_whole_refuses(text: str, message: str, fix: str) -> None:
    with pytest.raises(BadText) as caught:
        fields.whole(text)
    assert (caught.value.message, caught.value.fix) == (message, fix)


@given(st.integers(0, 10**12), st.integers(0, 28))
def test_operations_are_exact(head: int, zeros: int) -> None:
    number = head * 10**zeros
    assert fields.operations(str(number)) == number
    assert fields.operations(f" {head}e{zeros} ") == number
    assert fields.operations(f"{head}.0E+{zeros}") == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e26", 10**26),
        ("2.5e25", 25 * 10**24),
        ("1.5E26", 15 * 10**25),
        ("1.123456789012345678901e21", 1123456789012345678901),
        ("1e40", 10**40),
        ("0", 0),
    ],
)
def test_operations(text: str, number: int) -> None:
    assert fields.operations(text) == number


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("", "is blank", "write a whole number, 0 for none"),
        ("-1e26", "is negative", "write a whole number of 0 or more"),
        ("+1e26", "has a plus sign", "write 1e26"),
        ("1.25e1", "is not a whole number", "check the digits and the exponent"),
        ("1e-3", "is not a whole number", "check the digits and the exponent"),
        ("2.5", "is not a whole number", "count whole units"),
        ("1e41", "is more than 1e40", "check the digits and the exponent"),
        ("1e999", "is more than 1e40", "check the digits and the exponent"),
        ("9" * 6000 + "e26", "is more than 1e40", "check the digits and the exponent"),
        ("10^26", "is not a number", "write it as 1e26"),
        ("1e9999", "is not a number", "write a whole number, in digits only"),
        ("nan", "is not a number", "write a whole number, in digits only"),
        ("1,000", "has a thousands separator", "write 1000"),
    ],
)
def test_operations_refuses(text: str, message: str, fix: str) -> None:
    with pytest.raises(BadText) as caught:
        fields.operations(text)
    assert (caught.value.message, caught.value.fix) == (message, fix)


def test_exact() -> None:
    assert fields.exact("0.07") == Fraction(7, 100)
    assert fields.exact("-3") == -3


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("12,5", "has a decimal comma", "write 12.5"),
        ("12,500", "has a comma", "write 12500 or 12.500, whichever is meant"),
        ("1,000,000", "has a thousands separator", "write the digits without it"),
        ("1e3", "is written with an exponent", "write it out in digits"),
        ("inf", "is not a number", "write it in digits, as 12.5"),
        (".5", "is not a number", "write it in digits, as 12.5"),
        ("", "is blank", "write a number"),
    ],
)
def test_exact_refuses(text: str, message: str, fix: str) -> None:
    with pytest.raises(BadText) as caught:
        fields.exact(text)
    assert (caught.value.message, caught.value.fix) == (message, fix)


def test_price() -> None:
    assert fields.price(" 30000 ") == 30000
    assert fields.price("30.0000") == 30
    assert fields.price("0.025") == Fraction(1, 40)
    with pytest.raises(BadText) as caught:
        fields.price("30.000")
    assert (caught.value.message, caught.value.fix) == (
        "has a point before three digits",
        "write 30000, or 30.0000 if it is less",
    )


@pytest.mark.parametrize("read", [fields.exact, fields.price, fields.iso_date])
def test_information_separators_are_no_spaces(read: Callable[[str], object]) -> None:
    text = "2026-01-01" if read is fields.iso_date else "12"
    assert read(f"\u2003{text}\u0085 ") == read(text)
    for separator in "\x1c\x1d\x1e\x1f":
        with pytest.raises(BadText):
            read(text + separator)


@given(st.dates())
def test_dates(day: date) -> None:
    assert fields.iso_date(day.isoformat()) == day


@pytest.mark.parametrize("text", ["2026-8-1", "20260801", "2026-08-01T00:00", "2026-13-01", ""])
def test_dates_refused(text: str) -> None:
    with pytest.raises(BadText):
        fields.iso_date(text)


def test_lists_and_flags() -> None:
    assert [fields.country_code(text) for text in ("de", "Namibia", "NA")] == ["DE", "NA", "NA"]
    assert fields.words(" a ;; b") == ("a", "b")
    assert (fields.flag("Yes"), fields.flag("false")) == (True, False)
    with pytest.raises(BadText, match="could be KR"):
        fields.country_code("Korea")
