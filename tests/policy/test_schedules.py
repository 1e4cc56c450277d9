from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from placement.policy.schedules import Schedule


def test_reporting_dates_start_after_the_compliance_date() -> None:
    schedule = Schedule(title="t", days=["08-01", "02-01"], first=date(2025, 5, 15))
    assert list(schedule.between(date(2025, 1, 1), date(2026, 8, 1))) == [
        date(2025, 8, 1),
        date(2026, 2, 1),
        date(2026, 8, 1),
    ]


def test_a_leap_day_is_kept_in_other_years_on_the_28th() -> None:
    schedule = Schedule(title="t", days=["02-29"])
    assert list(schedule.between(date(2027, 1, 1), date(2028, 12, 31))) == [
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]


@pytest.mark.parametrize("given", [{}, {"days": ["02-01"], "every_day": True}, {"days": ["02-30"]}])
def test_a_schedule_says_when(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Schedule.model_validate({"title": "t", **given})
