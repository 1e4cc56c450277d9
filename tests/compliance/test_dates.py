"""Which rules are judged when: nothing that is still to come may go unmeasured."""

from __future__ import annotations

from datetime import date
from importlib import resources

import pytest

from placement.compliance import dates as agenda
from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory
from placement.errors import NothingEvaluatedError, PolicyError
from placement.policy import Policy, load_policy, parse_policy
from placement.readers.tables.entities import Entities
from placement.report import Report
from tests.compliance.test_judge import CATALOG
from tests.support.fleets import Lot, inventory

TODAY = date(2026, 11, 23)
SHARES = {"uveu.outside_t1", "uveu.single_country", "uveu.outside_us"}
BASIC = (resources.files("placement.policy") / "packs" / "ai-diffusion-2025-basic.toml").read_text()
OWN_HEAD = BASIC.partition("[[rules]]")[0]


def own_pack(rules: str, head: str = OWN_HEAD) -> Policy:
    return parse_policy((head + rules).encode(), "own.toml")


def judge(policy: Policy, lots: list[Lot], **days: date) -> Report:
    return check_inventory(
        inventory(lots),
        policy=policy,
        catalog=CATALOG,
        entities=Entities.assume("US", ["uveu"]),
        days=EvaluationDates(**days),
    )


def test_by_default_every_rule_is_measured_on_or_after_the_last_date() -> None:
    last = date(2027, 3, 1)
    days = agenda.default(load_policy(), TODAY, last, [last])
    assert [day.day for day in days] == [
        TODAY,
        date(2027, 2, 1),
        last,
        date(2027, 8, 1),
    ]
    assert days[-1].measured >= SHARES


def test_a_planned_lot_after_the_last_reporting_date_is_no_false_green(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("placement.compliance.dates.today", lambda: TODAY)
    lots = [Lot("US", 1000), Lot("MY", 500, status="planned", start=date(2027, 3, 1))]
    report = judge(load_policy(), lots)
    assert report.exit_code == 1
    assert {f.date for f in report.breaches} == {date(2027, 8, 1)}


def test_an_end_in_the_year_9999_is_not_ten_thousand_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("placement.compliance.dates.today", lambda: TODAY)
    report = judge(load_policy(), [Lot("US", 1000, end=date(9999, 12, 31))])
    assert len(report.dates) < 30


def test_every_day_rules_are_measured_on_every_day_of_the_agenda() -> None:
    days = agenda.from_until(load_policy(), date(2027, 1, 1), date(2027, 12, 31), [])
    assert [day.day for day in days] == [date(2027, 1, 1), date(2027, 2, 1), date(2027, 8, 1)]
    assert all("uveu.t3_location" in day.measured for day in days)


PROHIBITION = """
[groups.barred]
title = "barred"
members = ["CN", { place = "MY", from = 2026-06-01 }]

[schedules.daily]
title = "daily"
every_day = true
FIRST

[[rules]]
id = "own.barred"
kind = "prohibition"
title = "nothing there"
numerator = "barred"
per = "each place"
schedule = "daily"
citation = "house rule"
"""


def test_a_country_that_joins_a_group_is_judged_on_that_day() -> None:
    policy = own_pack(PROHIBITION.replace("FIRST", ""))
    lots = [Lot("US", 93), Lot("MY", 7)]
    report = judge(policy, lots, since=date(2026, 1, 1), until=date(2026, 12, 31))
    assert next(f.date for f in report.breaches) == date(2026, 6, 1)


def test_an_every_day_schedule_has_a_first_day() -> None:
    policy = own_pack(PROHIBITION.replace("FIRST", "first = 2027-01-01"))
    lots = [Lot("US", 93), Lot("MY", 7)]
    with pytest.raises(NothingEvaluatedError, match="no rule has a measurement date"):
        judge(policy, lots, since=date(2026, 7, 1), until=date(2026, 7, 2))


def test_rules_without_a_date_in_the_range_are_seen() -> None:
    lots = [Lot("US", 1), Lot("MY", 99)]
    report = judge(load_policy(), lots, since=date(2026, 3, 1), until=date(2026, 4, 1))
    unseen = [f for f in report.findings if f.reason and "no measurement date" in f.reason]
    assert {f.rule for f in unseen} == SHARES
    reasons = {f.rule: f.reason for f in unseen}
    none = "this rule has no measurement date from 2026-03-01 until 2026-04-01"
    assert reasons.pop("uveu.outside_us") == none
    assert set(reasons.values()) == {f"{none}; between dates only what breaks it is shown"}
    noted = [note for note in report.notes if "no measurement date on the days judged" in note]
    assert noted == [
        "NOT JUDGED, no measurement date on the days judged: uveu.outside_us",
        "no measurement date on the days judged, and between dates only what breaks it is shown: "
        "uveu.outside_t1, uveu.single_country",
    ]


SHARE = """
[[rules]]
id = "own.share"
kind = "share"
title = "at most 7 %"
numerator = "tier2"
limit = "0.07"
schedule = "reporting"
between_dates = "warning"
citation = "house rule"
"""


def test_a_breach_between_dates_is_no_empty_run() -> None:
    """A range without a measurement date, in which the share stands above its limit."""
    lots = [Lot("US", 93), Lot("MY", 9)]
    report = judge(own_pack(SHARE), lots, since=date(2026, 3, 1), until=date(2026, 4, 1))
    assert (report.verdict, report.dates) == ("warning", (date(2026, 3, 1),))
    kept = [Lot("US", 93), Lot("MY", 7)]
    with pytest.raises(NothingEvaluatedError):
        judge(own_pack(SHARE), kept, since=date(2026, 3, 1), until=date(2026, 4, 1))


def test_a_floor_on_each_place_is_judged_where_nothing_stands() -> None:
    policy = own_pack(
        """
[groups.pair]
title = "pair"
members = ["US", "CA"]

[[rules]]
id = "own.floor"
kind = "share"
title = "a tenth in each"
numerator = "pair"
per = "each place"
limit = "0.1"
comparison = ">="
schedule = "reporting"
citation = "house rule"
"""
    )
    report = judge(policy, [Lot("US", 50), Lot("MY", 50)], as_of=TODAY)
    assert [(f.place, f.verdict) for f in report.findings] == [("CA", "breach"), ("US", "ok")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"19" = "the', '"16" = "x", "19" = "the', "option 'tf32_bits' cannot have the value '16'"),
        ('owned = "legal', 'x = "x", owned = "legal', "option 'basis' cannot have the value 'x'"),
    ],
)
def test_values_that_nobody_understands_are_refused(old: str, new: str, message: str) -> None:
    assert old in BASIC
    with pytest.raises(PolicyError, match=message):
        parse_policy(BASIC.replace(old, new, 1).encode(), "own.toml")


def test_a_between_dates_option_must_be_understood() -> None:
    text = (resources.files("placement.policy") / "packs" / "ai-diffusion-2025.toml").read_text()
    text = text.replace('values = { ignore = "no",', 'values = { no = "no",')
    with pytest.raises(PolicyError, match="option 'between_dates' cannot have the value 'no'"):
        parse_policy(text.encode(), "own.toml")


@pytest.mark.parametrize("text", ["x = " + "1" * 5001, "x = " + "[" * 3000])
def test_toml_that_no_parser_takes_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(PolicyError):
        parse_policy(text.encode(), "own.toml")
