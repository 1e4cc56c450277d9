"""Ranges of days: what is wrong on some day of a range must be found by judging the range."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from placement.policy import Policy
from placement.readers.tables.shipments import Shipment
from placement.readers.tables.sites import SitePlace
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Lot, World

FIRST, LAST = date(2026, 1, 27), date(2026, 2, 9)
RANGE = EvaluationDates(since=FIRST, until=LAST)
DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
NEAR = [FIRST - timedelta(3), FIRST, *DAYS[3::3], LAST, LAST + timedelta(3)]


def breaches(world: World, policy: Policy, days: EvaluationDates) -> set[tuple[str, str, str, str]]:
    report = w.check(world, policy, days=days)
    listed = report.findings if report is not None else ()
    return {
        (one.rule, one.owner, one.place, one.item or "")
        for one in listed
        if one.verdict == "breach"
    }


def on_some_day(world: World, policy: Policy) -> set[tuple[str, str, str, str]]:
    """Look at each day by itself; a rule whose schedule has not begun is not looked at."""
    found = set()
    for day in DAYS:
        seen = breaches(world, policy, EvaluationDates(as_of=day))
        found |= {one for one in seen if one[0] != "after" or day >= date(2026, 2, 8)}
    return found


near = st.none() | st.sampled_from(NEAR)
STEPS = (
    "steps = ["
    '{ from = 2026-01-28, to = 2026-02-04, limit = "50000" },'
    '{ from = 2026-02-05, to = 2026-12-31, limit = "20000" }]'
)
POLICY = wp.pack(
    '[schedules.later]\ntitle = "later"\nevery_day = true\nfirst = 2026-02-08\n',
    wp.rule("cap", 'limit = "999999999"', name="other"),
    wp.rule("share", 'numerator = "tier3"', 'limit = "0.3"', 'per = "each place"', name="share"),
    wp.rule("cap", 'numerator = "abroad"', STEPS, name="steps"),
    wp.rule(
        "prohibition",
        'numerator = "tier3"',
        "from = 2026-01-30",
        "until = 2026-02-03",
        name="while",
    ),
    wp.rule("prohibition", 'numerator = "tier2"', name="after", schedule="later"),
    wp.rule(
        "cap",
        'limit = "40000"',
        'measure = "received"',
        "received_since = 2026-01-26",
        'numerator = "tier2"',
        name="received",
    ),
    wp.rule(
        "ratio",
        'numerator = "tier3"',
        'denominator = "home"',
        'origin = "home"',
        'limit = "0.5"',
        'window = "ever"',
        name="ratio",
    ),
    wp.rule("notice", 'of = "new_site"', "days = 5", name="notice"),
)


@st.composite
def short_worlds(draw: st.DrawFn) -> World:
    lots = []
    for _ in range(draw(st.integers(1, 5))):
        start = draw(near)
        end = draw(near)
        if start is not None and end is not None and end <= start:
            end = None
        place = draw(st.sampled_from(["US", "MY", "CN", "KH"]))
        lots.append(Lot(place, draw(st.integers(1, 6)), start=start, end=end))
    shipments = []
    for n, to in enumerate(draw(st.lists(st.sampled_from(["US", "CN"]), max_size=4)), start=2):
        day, count = draw(st.sampled_from(NEAR)), draw(st.integers(1, 5))
        shipments.append(Shipment(n, day, "A", "BIG", count, "US", to, to, None))
    sites = {
        f"{c}-1": SitePlace(f"{c}-1", c, None, None, draw(st.sampled_from([None, FIRST])))
        for c in ("US", "MY", "CN", "KH")
    }
    return World(lots, shipments=shipments, sites=sites, site_notices=True)


@settings(max_examples=10)
@given(short_worlds())
def test_a_range_sees_what_any_of_its_days_sees(world: World) -> None:
    assert breaches(world, POLICY, RANGE) == on_some_day(world, POLICY)


def test_a_shipment_too_much_is_seen_although_another_mends_it() -> None:
    shipments = [
        Shipment(2, date(2026, 1, 28), "A", "BIG", 1, "US", "CN", "CN", None),
        Shipment(3, date(2026, 1, 30), "A", "BIG", 2, "US", "US", "US", None),
    ]
    policy = wp.pack(
        wp.rule("cap", 'limit = "999999999"', name="other"),
        wp.rule(
            "ratio",
            'numerator = "tier3"',
            'denominator = "home"',
            'origin = "home"',
            'limit = "0.5"',
        ),
    )
    assert breaches(World([Lot("US", 1)], shipments=shipments), policy, RANGE) == {
        ("r", "A", "tier3", "BIG")
    }


def test_a_rule_that_begins_within_the_range_is_judged_from_its_first_day() -> None:
    lots = [Lot("US", 9), Lot("CN", 1, end=date(2026, 1, 31))]
    assert breaches(World(lots), POLICY, RANGE) == {("while", "A", "tier3", "")}
    lots = [Lot("US", 9), Lot("MY", 1, end=date(2026, 2, 9))]
    assert ("after", "A", "tier2", "") in breaches(World(lots), POLICY, RANGE)


def test_a_first_step_that_begins_within_the_range_is_judged() -> None:
    lots = [Lot("US", 9), Lot("MY", 6, end=date(2026, 1, 29))]
    assert ("steps", "A", "abroad", "") in breaches(World(lots), POLICY, RANGE)


def test_a_notice_that_is_due_within_the_range_is_judged_there() -> None:
    lots = [Lot("US", 9), Lot("MY", 1, start=LAST + timedelta(3))]
    sites = {"MY-1": SitePlace("MY-1", "MY", None, None, None)}
    world = World(lots, sites=sites, site_notices=True)
    other = wp.rule("cap", 'limit = "999999999"', name="other")
    policy = wp.pack(other, wp.rule("notice", 'of = "new_site"', "days = 5"))
    assert breaches(world, policy, RANGE) == {("r", "A", "MY", "MY-1")}


def test_the_year_of_a_calendar_begins_anew() -> None:
    policy = wp.pack(
        wp.rule("cap", 'limit = "30000"', 'measure = "received"', "calendar_year = true")
    )
    lots = [Lot("MY", 2, start=date(2025, 12, 31)), Lot("MY", 3, start=date(2026, 1, 1))]
    days = EvaluationDates(since=date(2025, 12, 1), until=date(2026, 2, 1))
    assert breaches(World(lots), policy, days) == set()
    more = [*lots, replace(lots[1], quantity=1, start=date(2026, 1, 2))]
    assert breaches(World(more), policy, days) == {("r", "A", "everywhere", "")}
