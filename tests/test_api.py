"""The Python API: DataFrames and dates as people have them, errors that are ours."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest

import placement

FRAME = pd.DataFrame(
    {
        "owner": ["USco", "USco", "USco"],
        "site": ["us-1", "my-1", "na-1"],
        "country": ["US", "MY", "NA"],
        "accelerator": ["H100 SXM", "H100 SXM", "B200"],
        "quantity": [80.0, 20.0, 0.0],
        "in_service": [pd.Timestamp("2025-01-01"), pd.Timestamp("2025-01-01"), pd.NaT],
    }
)
ENTITIES = pd.DataFrame({"entity": ["USco"], "headquarters": ["US"], "authorization": ["uveu"]})


@pytest.mark.parametrize(
    "day",
    ["2026-08-01", date(2026, 8, 1), pd.Timestamp("2026-08-01"), datetime(2026, 8, 1, 12)],  # noqa: DTZ001
)
def test_frames_and_dates(day: date | str) -> None:
    report = placement.check(FRAME, entities=ENTITIES, as_of=day)
    assert (report.exit_code, report.dates) == (1, (date(2026, 8, 1),))
    frame = report.frame()
    breach = frame[frame["verdict"] == "breach"].iloc[0]
    assert (breach["place"], breach["numerator_exact"]) == ("MY", "316640.000")
    # 316,640 of 1,583,200: 20 % to reckon with, and the exact text beside it.
    assert (breach["numerator"], breach["share"], breach["limit"]) == (316640.0, 0.2, 0.07)
    assert {str(frame[name].dtype) for name in ("numerator", "share", "headroom")} == {"float64"}


def test_the_frame_is_left_as_it_was() -> None:
    before = FRAME.copy(deep=True)
    placement.check(FRAME, entities=ENTITIES, as_of="2026-08-01")
    pd.testing.assert_frame_equal(FRAME, before)


def test_wrong_types_are_our_errors() -> None:
    with pytest.raises(placement.UsageError, match=r"as_of '1\.8\.2026': is not a date as YYYY"):
        placement.check(FRAME, entities=ENTITIES, as_of="1.8.2026")
    with pytest.raises(placement.UsageError, match="an inventory cannot be a list"):
        placement.check([{}], entities=ENTITIES)  # type: ignore[arg-type]
    with pytest.raises(placement.UsageError, match="no country is called 'Nowhere'"):
        placement.check(FRAME, headquarters="Nowhere", authorization="uveu")
    with pytest.raises(placement.UsageError, match="headquarters and authorization go together"):
        placement.check(FRAME, headquarters="US")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"as_of": pd.NaT}, r"as_of 'NaT': is no day; give a date"),
        ({"as_of": 5}, r"as_of '5': is not a date"),
        ({"policy": 5}, r"policy '5': cannot be int; give text"),
        ({"headquarters": ["US"], "authorization": "uveu"}, r"headquarters .*cannot be list"),
        ({"headquarters": "US", "authorization": b"uveu"}, r"authorization .*cannot be bytes"),
        ({"headquarters": "US", "authorization": ["uveu", 5]}, r"authorization '5': cannot be int"),
        ({"options": ["basis=owned"]}, r"options .*cannot be list; give a mapping"),
        ({"options": {"basis": 5}}, r"options '5': cannot be int; give texts"),
        ({"sites": 5}, r"sites '5': cannot be int; give a path"),
        ({"entities": 5}, r"entities '5': cannot be int; give a path, or a DataFrame"),
        ({"config": b"placement.toml"}, r"config .*cannot be bytes; give a path"),
    ],
)
def test_a_wrong_type_names_its_argument(given: dict[str, Any], said: str) -> None:
    with pytest.raises(placement.UsageError, match=said):
        placement.check(FRAME, **given)


def test_all_wrong_types_are_told_together() -> None:
    with pytest.raises(placement.UsageError) as caught:
        placement.headroom(FRAME, 5, places=[7], policy=8)  # type: ignore[arg-type,list-item]
    assert [one.column for one in caught.value.problems] == ["accelerator", "places", "policy"]


def test_headroom_is_a_sequence_with_a_frame() -> None:
    found = placement.headroom(
        FRAME, "B200", places="MY", headquarters="US", authorization="uveu", as_of="2026-08-01"
    )
    assert (len(found), found[0].place, [one.place for one in found]) == (1, "MY", ["MY"])
    frame = found.frame()
    assert str(frame["most"].dtype) == str(frame["least"].dtype) == "Int64"
    assert (frame["place"][0], frame["most"][0], frame["complies"][0]) == ("MY", 0, False)
    assert frame["least"].isna()[0]  # 20 of 100 stand there: no amount there complies


def test_a_repr_is_no_wall() -> None:
    many = pd.concat([FRAME.assign(owner=f"o{n}") for n in range(40)])
    report = placement.check(many, headquarters="US", authorization="uveu", as_of="2026-08-01")
    lines = repr(report).splitlines()
    assert len(lines) <= 10
    assert len(repr(report)) < 1000
    assert lines[0] == "Report(breach, exit code 1)"
    assert lines[-1] == "  ... and 35 more breaches"
    assert str(report) == repr(report)
