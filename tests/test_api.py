"""The Python API: DataFrames and dates as people have them, errors that are ours."""

from __future__ import annotations

from datetime import date, datetime

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
    assert (breach["place"], breach["numerator"]) == ("MY", "316640.000")


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
