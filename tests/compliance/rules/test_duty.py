"""`duty` against loops over charges, lot by lot."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from tests.support import world_charges as wc
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Lot, World

F = Fraction
OTHER = wp.rule("cap", 'limit = "999999999"', name="other")
FIELDS: w.Given = {
    "consignee": w.ANY,
    "channel": w.channels,
    "licensed": w.licences,
    "from_country": w.origins,
}


def duty(*lines: str, schedule: str = "always") -> str:
    return wp.rule("duty", 'what = "tell them"', *lines, schedule=schedule)


@settings(max_examples=40)
@given(w.worlds(FIELDS, whole=True), w.days, st.sampled_from(["aia", "licence", "lpp"]))
def test_what_a_consignee_received(world: World, day: date, channel: str) -> None:
    since = date(2026, 1, 1)
    policy = wp.pack(
        wp.LEDGER,
        wp.LPP_CAP,
        OTHER,
        duty(
            'of = "consignee"',
            'threshold = "40000"',
            f'channels = ["{channel}"]',
            f"received_since = {since}",
            'places = "not_tier3"',
            'binds = { headquarters = "tier1" }',
        ),
    )
    totals: dict[str, Fraction] = {}
    for one in wc.charges(world):
        start, end = one.lot.start, one.lot.end
        if one.channel != channel or not w.in_group(one.lot.country, "not_tier3", day):
            continue
        gone = start is None and end is not None and end <= since
        if gone or (start is not None and not since <= start <= day):
            continue
        top = world.root(one.lot.consignee or one.lot.owner)
        if w.tier(top.headquarters, day) == 1:
            totals[top.name] = totals.get(top.name, F(0)) + one.amount
    found = {
        one.owner: (str(one.verdict), F(one.numerator or 0))
        for one in w.found(world, policy, days=EvaluationDates(as_of=day))
    }
    judged = w.check(world, policy, days=EvaluationDates(as_of=day)) is not None
    expected = {
        name: ("warning" if total >= 40000 else "ok", total) for name, total in totals.items()
    }
    assert found == (expected if judged else {})


@settings(max_examples=40)
@given(w.worlds(FIELDS, whole=True), w.days)
def test_one_shipment_by_itself(world: World, day: date) -> None:
    policy = wp.pack(
        wp.LEDGER,
        wp.LPP_CAP,
        OTHER,
        duty('of = "shipment"', 'threshold = "40000"', 'channels = ["lpp"]'),
    )
    """What is to be told before it comes is due until then; what has come is past."""
    due: list[tuple[str, str, Fraction, int]] = []
    largest: dict[str, Fraction] = {}
    for one in wc.charges(world):
        if one.channel != "lpp":
            continue
        top = world.root(one.lot.consignee or one.lot.owner).name
        if one.amount >= 40000:
            ahead = one.lot.start is None or one.lot.start > day
            due.append((top, "warning" if ahead else "ok", one.amount, one.number))
        else:
            largest[top] = max(largest.get(top, F(0)), one.amount)
    found = w.found(world, policy, days=EvaluationDates(as_of=day))
    told = [
        (one.owner, str(one.verdict), F(one.numerator or 0), one.lines[0].line)
        for one in found
        if F(one.numerator or 0) >= 40000
    ]
    below = {one.owner: F(one.numerator or 0) for one in found if F(one.numerator or 0) < 40000}
    if w.check(world, policy, days=EvaluationDates(as_of=day)) is not None:
        assert sorted(told) == sorted(due)
        assert below == largest


@pytest.mark.parametrize(("count", "said"), [(3, "ok"), (4, "warning"), (5, "warning")])
def test_exactly_at_the_threshold_it_is_due(count: int, said: str) -> None:
    for of in ("consignee", "shipment"):
        text = duty(f'of = "{of}"', 'threshold = "40000"', 'channels = ["aia"]')
        came = w.D if of == "consignee" else date(2026, 8, 2)
        lots = [Lot("DE", count, start=came), Lot("US", 1)]
        world = World(lots, (Company("A", "US"),))
        (found,) = w.found(world, wp.pack(wp.LEDGER, wp.LPP_CAP, OTHER, text))
        assert (found.verdict, found.numerator) == (said, f"{count}0000.000")
        assert [(x.line, x.amount) for x in found.lines] == [(2, f"{count}0000.000")]


def test_a_model_that_may_count_may_make_it_due() -> None:
    text = duty('of = "consignee"', 'threshold = "40000"', 'channels = ["aia"]')
    lots = [Lot("DE", 3, start=date(2026, 3, 1)), Lot("DE", 5, "MAYBE", start=date(2026, 3, 1))]
    (found,) = w.found(World(lots, (Company("A"),)), wp.pack(wp.LEDGER, wp.LPP_CAP, OTHER, text))
    assert (found.verdict, found.numerator) == ("warning", "40000.000")
    rests = "rests on whether MAYBE counts: supply its performance_density"
    assert (found.reason or "").endswith(f"; {rests}")
    enough = World([Lot("DE", 4, start=date(2026, 3, 1)), lots[1]], (Company("A"),))
    (found,) = w.found(enough, wp.pack(wp.LEDGER, wp.LPP_CAP, OTHER, text))
    assert (found.numerator, found.reason) == ("50000.000", "due: tell them")
    text = text.replace("consignee", "shipment")
    planned = Lot("DE", 20, "MAYBE", start=date(2026, 8, 2))
    alone = World([planned, Lot("US", 1)], (Company("A"),))
    (found,) = w.found(alone, wp.pack(wp.LEDGER, wp.LPP_CAP, OTHER, text))
    assert (found.reason or "").endswith(f"; {rests}")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 7, 31), "next due on 2026-08-01: tell them"),
        (date(2026, 8, 1), "due on 2026-08-01: tell them"),
        (date(2026, 8, 2), "next due on 2027-02-01: tell them"),
        (date(2025, 1, 1), "next due on 2025-08-01: tell them"),
    ],
)
def test_dates_come_again(day: date, said: str) -> None:
    policy = wp.pack(OTHER, duty('of = "date"', schedule="reporting"))
    (found,) = w.found(World([Lot("US", 1)]), policy, days=EvaluationDates(as_of=day))
    assert (found.verdict, found.reason) == ("ok", said)


def test_a_duty_alone_is_no_green() -> None:
    policy = wp.pack(duty('of = "date"', schedule="reporting"))
    assert w.check(World([Lot("US", 1)]), policy) is None


def test_a_duty_binds_whom_it_binds() -> None:
    companies = (Company("A", held=("uveu",)), Company("B"))
    lots = [Lot("US", 1), Lot("US", 1, owner="B")]
    policy = wp.pack(OTHER, duty('of = "date"', 'binds = { authorization = "uveu" }'))
    assert [one.owner for one in w.found(World(lots, companies), policy)] == ["A"]


@pytest.mark.parametrize(
    ("came", "said", "reason"),
    [
        (date(2026, 8, 2), "warning", "due before 2026-08-02: tell them"),
        (date(2026, 8, 1), "ok", "was due before 2026-08-01: tell them"),
    ],
)
def test_a_shipment_is_told_before_its_day(came: date, said: str, reason: str) -> None:
    text = duty('of = "shipment"', 'threshold = "40000"', 'channels = ["aia"]')
    world = World([Lot("US", 1), Lot("DE", 4, start=came)], (Company("A"),))
    (found,) = w.found(world, wp.pack(wp.LEDGER, wp.LPP_CAP, OTHER, text))
    assert (found.verdict, found.reason) == (said, reason)


def test_only_what_came_to_its_places_counts() -> None:
    text = duty('of = "consignee"', 'threshold = "40000"', 'places = "tier1"')
    lots = [Lot(place, 3, start=date(2026, 3, 1)) for place in ("DE", "MY")]
    (found,) = w.found(World(lots, (Company("A"),)), wp.pack(wp.LEDGER, wp.LPP_CAP, OTHER, text))
    assert (found.verdict, found.numerator) == ("ok", "30000.000")
