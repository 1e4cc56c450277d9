"""Worse: what is measured exceeds max(limit, what it is compared with), exactly."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.finding import Finding
from placement.worse import is_worse


def finding(
    verdict: str,
    part: str | None,
    whole: str | None = None,
    limit: str = "0.07",
    comparison: str = "<=",
    kind: str = "share",
) -> Finding:
    return Finding.model_validate(
        {
            "pack": "p", "rule": "r", "kind": kind, "owner": "o", "place": "MY",
            "date": date(2027, 2, 1), "verdict": verdict, "unit": "TPP", "comparison": comparison,
            "numerator": part, "denominator": whole, "limit": limit,
            "title": "t", "citation": "c", "fix": "f",
        }
    )  # fmt: skip


#: after, before, whether it is worse
CASES = [
    # A share: the ratio counts, not the amount; the same ratio of more is no worse.
    (("breach", "20", "100"), ("breach", "20", "100"), False),
    (("breach", "40", "200"), ("breach", "20", "100"), False),
    (("breach", "20", "99"), ("breach", "20", "100"), True),
    (("breach", "19", "100"), ("breach", "20", "100"), False),
    # One part in 10^30 is worse: nothing is rounded.
    (("breach", f"2{'0' * 29}1", f"1{'0' * 31}"), ("breach", "20", "1000"), True),
    # Within the limit nothing is worse, whatever it was.
    (("ok", "7", "100"), ("ok", "1", "100"), False),
    (("breach", "8", "100"), ("ok", "7", "100"), True),
    (("breach", "8", "100"), None, True),
    (("ok", "7", "100"), None, False),
    # An amount.
    (("breach", "101", None, "90"), ("breach", "100", None, "90"), True),
    (("breach", "1000/3", None, "90"), ("breach", "334", None, "90"), False),
    # A floor is mirrored.
    (("breach", "49", "100", "0.5", ">="), ("breach", "48", "100", "0.5", ">="), False),
    (("breach", "47", "100", "0.5", ">="), ("breach", "48", "100", "0.5", ">="), True),
    # A flow beside which there is no other is beyond any limit; then the amount counts.
    (("breach", "5", "0"), ("breach", "99", "100"), True),
    (("breach", "99", "100"), ("breach", "5", "0"), False),
    (("breach", "6", "0"), ("breach", "5", "0"), True),
    (("breach", "5", "0"), ("breach", "5", "0"), False),
    # A prohibition: more is worse; there where nothing was, it is broken.
    (("breach", "9", None, "0"), ("breach", "8", None, "0"), True),
    (("breach", "8", None, "0"), ("ok", "0", None, "0"), True),
    # A notice: never filed is worst, then fewer days before.
    (("breach", None, None, "60", ">=", "notice"), ("breach", "3", None, "60", ">=", "notice"),
     True),
    (("breach", "3", None, "60", ">=", "notice"), ("breach", None, None, "60", ">=", "notice"),
     False),
    (("breach", "2", None, "60", ">=", "notice"), ("breach", "3", None, "60", ">=", "notice"),
     True),
    # A duty: due where it was not; that more is due is no worse.
    (("warning", "90", None, "50", ">=", "duty"), ("ok", "40", None, "50", ">=", "duty"), True),
    (("warning", "90", None, "50", ">=", "duty"), ("warning", "60", None, "50", ">=", "duty"),
     False),
    # A breach is worse than a warning of the same, a warning than nothing.
    (("breach", "20", "100"), ("warning", "20", "100"), True),
    (("warning", "7", "100"), ("ok", "7", "100"), True),
    (("warning", "7", "100"), ("warning", "6", "100"), False),
    (("warning", "7", "100"), ("breach", "20", "100"), False),
]  # fmt: skip


@pytest.mark.parametrize(("after", "before", "worse"), CASES)
def test_worse(after: tuple[str, ...], before: tuple[str, ...] | None, worse: bool) -> None:
    assert is_worse(finding(*after), None if before is None else finding(*before)) is worse


@given(*[st.integers(0, 30) for _ in range(4)], st.integers(1, 20))
def test_a_share_is_worse_by_the_formula_of_whole_numbers(
    part: int, rest: int, old: int, old_rest: int, percent: int
) -> None:
    """100 * N > p * T and N * T0 > N0 * T, as two loops over whole numbers would write it."""
    whole, old_whole = part + rest + 1, old + old_rest + 1
    broken, was = 100 * part > percent * whole, 100 * old > percent * old_whole
    limit = f"{percent}/100"
    found = is_worse(
        finding("breach" if broken else "ok", str(part), str(whole), limit),
        finding("breach" if was else "ok", str(old), str(old_whole), limit),
    )
    assert found is ((broken and part * old_whole > old * whole) or (broken and not was))
