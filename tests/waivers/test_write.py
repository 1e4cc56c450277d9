"""Waivers that are written for breaches cover them, and nothing more."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import placement
from placement.errors import UsageError
from placement.readers.waivers import WaiverRow, read_waivers, waiver_text
from placement.waivers.write import for_breaches
from tests.compliance.terms.fleets import PACK, TODAY, fleet

TERMS = {
    "granted": date(2026, 12, 1),
    "expires": date(2027, 6, 30),
    "reason": "r",
    "author": "a",
    "approver": "b",
}


@pytest.mark.parametrize("us", [900, 901, 907, 911])
def test_what_is_written_covers_what_it_was_written_for(tmp_path: Path, us: int) -> None:
    japan = "Acme,jp-1,JP,H100 SXM,1100,installed,,"
    lots = fleet(tmp_path, "inventory.csv", 200, japan, us=us)
    made = placement.check(lots, policy=PACK, today=TODAY)
    assert {one.place for one in made.breaches} == {"MY", "us"}
    rows = for_breaches(made.findings, **TERMS)  # type: ignore[arg-type]
    (tmp_path / "waivers.toml").write_text("\n".join(map(waiver_text, rows)))
    covered = placement.check(lots, policy=PACK, today=TODAY)
    assert (covered.exit_code, sum(one.waived for one in covered.findings)) == (0, 2)
    # One more in Malaysia is too many, and so is one less in the US.
    fleet(tmp_path, "inventory.csv", 201, japan, us=us)
    assert placement.check(lots, policy=PACK, today=TODAY).exit_code == 1


def test_what_is_broken_after_the_expiry_is_not_written(tmp_path: Path) -> None:
    later = "Acme,my-1,MY,H100 SXM,20,ordered,2027-01-15,"
    made = placement.check(fleet(tmp_path, "i.csv", 100, later), policy=PACK, today=TODAY)
    for expires, at_most in ((date(2027, 1, 31), "10 %"), (date(2027, 2, 1), "11.7648 %")):
        (row,) = for_breaches(made.findings, **{**TERMS, "expires": expires})  # type: ignore[arg-type]
        assert row.at_most == at_most


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"approver": " A "}, "author and approver are one; have someone else approve it"),
        ({"expires": date(2027, 12, 2)}, "write 2027-12-01 or before"),
        ({"expires": date(2026, 11, 30)}, "expires before it is granted"),
        ({"reason": ""}, "--reason: is blank"),
    ],
)
def test_terms_that_no_waiver_may_have(changed: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        for_breaches([], **{**TERMS, **changed})  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_name_is_read_back(name: str) -> None:
    row = WaiverRow.model_validate(
        {**TERMS, "rule": "r", "owner": name, "place": name, "at_most": 1}
    )
    (back,) = tomllib.loads(waiver_text(row))["waiver"]
    assert WaiverRow.model_validate(back).owner == row.owner == name.strip()


def test_the_year_of_a_leap_day(tmp_path: Path) -> None:
    row = WaiverRow.model_validate(
        {**TERMS, "rule": "r", "owner": "o", "place": "p",
         "granted": date(2028, 2, 29), "expires": date(2029, 2, 28)}
    )  # fmt: skip
    (tmp_path / "w.toml").write_text(waiver_text(row))
    assert read_waivers(tmp_path / "w.toml") == [(1, row)]
