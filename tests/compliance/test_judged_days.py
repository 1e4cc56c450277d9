"""On which days the judge judges, and what it says between two measurement dates."""

from __future__ import annotations

from datetime import date

import pytest

from placement.compliance.dates import EvaluationDates
from placement.errors import NothingEvaluatedError, UsageError
from placement.render.check import render
from tests.compliance.test_judge import D, run
from tests.support.fleets import Lot


def test_dates_between_a_range() -> None:
    lots = [
        Lot("US", 93),
        Lot("MY", 7),
        Lot("MY", 5, start=date(2026, 3, 1), end=date(2026, 4, 1)),
    ]
    days = EvaluationDates(since=date(2026, 1, 1), until=date(2026, 12, 31))
    report = run(lots, days=days)
    assert report.exit_code == 0
    (warning,) = (f for f in report.findings if f.verdict == "warning")
    assert (warning.rule, warning.date) == ("uveu.single_country", date(2026, 3, 1))
    assert warning.reason == "between two measurement dates of the rule"
    assert date(2026, 2, 1) in report.dates
    assert D in report.dates
    assert run(lots, days=days, options={"between_dates": "breach"}).exit_code == 1
    ignored = run(lots, days=days, options={"between_dates": "ignore"})
    assert {f.verdict for f in ignored.findings} <= {"ok", "not_applicable"}


def test_a_warning_between_two_dates_is_shown_as_one() -> None:
    """What would be a warning on a measurement date is one between two of them, never less."""
    march = date(2026, 3, 1)
    low = "Gaudi3-PCIe (HL-338)"  # 6.26 %, and 7.70 % if the rate is a quarter higher
    lots = [Lot("US", 1000), Lot("MY", 36, low, start=march, end=date(2026, 4, 1))]
    days = EvaluationDates(since=date(2026, 2, 15), until=date(2026, 6, 30))
    for option in ("warning", "breach"):
        report = run(lots, days=days, options={"between_dates": option})
        (warning,) = (f for f in report.findings if f.verdict == "warning")
        assert (warning.rule, warning.date) == ("uveu.single_country", march)
        assert (warning.reason or "").startswith("between two measurement dates of the rule; kept")
        text = render(report)
        assert "\nWARNING (not enforced) uveu.single_country: USco in MY\n" in text
        assert "\n  2026-03-01: " in text
        assert '"date": "2026-03-01"' in report.as_json()
    assert run(lots, days=days, options={"between_dates": "ignore"}).verdict == "ok"


def test_a_rule_measured_every_day_is_judged_whenever_the_fleet_changes() -> None:
    lots = [Lot("US", 93), Lot("CN", 1, start=date(2026, 3, 1), end=date(2026, 3, 2))]
    report = run(lots, days=EvaluationDates(since=date(2026, 1, 1), until=date(2026, 12, 31)))
    assert [(f.rule, f.date) for f in report.breaches] == [
        ("uveu.t3_location", date(2026, 3, 1)),
        ("t3.licence", date(2026, 3, 1)),
    ]


def test_a_range_without_a_measurement_date_is_no_green() -> None:
    days = EvaluationDates(since=date(2026, 3, 1), until=date(2026, 4, 1))
    with pytest.raises(NothingEvaluatedError):
        run([Lot("US", 1)], "ai-diffusion-2025-basic", entities=None, days=days)


def test_by_default_today_and_every_later_date_are_judged() -> None:
    far = date(date.today().year + 2, 3, 1)  # noqa: DTZ011
    report = run([Lot("US", 1), Lot("US", 1, start=far)], days=EvaluationDates())
    assert report.dates[0] == date.today()  # noqa: DTZ011
    assert date(far.year, 2, 1) in report.dates
    assert len(report.dates) >= 4


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ({"since": D}, "--from and --until go together; give both, or --as-of"),
        ({"as_of": D, "since": D, "until": D}, "--as-of and --from exclude each other"),
    ],
)
def test_half_a_range_is_refused(days: dict[str, date], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        EvaluationDates(**days)


def test_a_range_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(UsageError, match="is before --from 2026-08-01; swap them"):
        run([Lot("US", 1)], days=EvaluationDates(since=D, until=date(2026, 1, 1)))
