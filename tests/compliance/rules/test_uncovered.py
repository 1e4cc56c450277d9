"""What came by no authorization, exception or licence: judged chip by chip, and by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from placement.compliance.dates import EvaluationDates
from placement.errors import PolicyError
from tests.support import world_charges as wc
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, F, Judged, Lot, World

SINCE = date(2026, 1, 1)
GIVEN: w.Given = {
    "consignee": w.ANY,
    "channel": w.channels,
    "licensed": w.licences,
    "from_country": w.origins,
}
BLANK = wp.option("blank_licence", "assumed", "unlicensed")
RULE = wp.rule(
    "prohibition", 'which = "uncovered"', 'numerator = "abroad"', 'per = "each place"',
    f"received_since = {SINCE}",
)  # fmt: skip
PLAIN = Company("A", "MY")
HOLDER = Company("A", "US", None, ("uveu",))


def uncovered(world: World) -> list[tuple[Lot, F]]:
    """Return each lot, and how much of it nothing covers."""
    found = [(one.lot, one.accelerators) for one in wc.charges(world) if one.channel is None]
    for lot in world.lots:
        stayed = lot.from_country == lot.country and lot.country not in w.HOME
        if lot.counted and stayed and lot.channel is None and lot.licensed is False:
            day, consignee = lot.start or date(2025, 1, 1), lot.consignee or lot.owner
            ways = (
                wc.is_open(world, one, lot.owner, consignee, lot.country, day)
                for one in ("uveu", "aia", "nveu")
            )
            if not any(ways):
                found.append((lot, lot.accelerators))
    return found


@settings(max_examples=50)
@given(w.worlds(GIVEN, whole=True), w.days)
def test_what_nothing_covers(world: World, day: date) -> None:
    expected: Judged = {}
    for top in world.roots():
        if not any(lot.counted for lot in world.of(top, day)):
            continue
        places: dict[str, list[F]] = {}
        for lot, count in uncovered(world):
            mine = world.root(lot.owner).name == top and w.tier(lot.country, day) != 1
            if mine and lot.stands(day) and (lot.start is None or lot.start >= SINCE):
                both = places.setdefault(lot.country, [F(0), F(0)])
                both[lot.start is None] += count * w.TPP[lot.model]
        for place, (sure, perhaps) in places.items():
            expected[top, place] = ("breach", sure or perhaps, None)
        if not places:
            expected[top, "abroad"] = ("ok", F(0), None)
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, RULE)
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@pytest.mark.parametrize(
    ("company", "licensed", "option", "said"),
    [
        (PLAIN, False, "assumed", ("breach", F(100000))),  # 20 BIG, less the 10 of the year
        (PLAIN, None, "assumed", ("ok", F(0))),
        (PLAIN, None, "unlicensed", ("breach", F(100000))),
        (PLAIN, True, "unlicensed", ("ok", F(0))),
        (HOLDER, False, "assumed", ("ok", F(0))),
        (HOLDER, None, "unlicensed", ("ok", F(0))),
    ],
)
def test_what_a_licence_is_needed_for(
    company: Company, licensed: bool | None, option: str, said: tuple[str, F]
) -> None:
    policy = wp.pack(BLANK, wp.LEDGER, wp.LPP_CAP, RULE, options={"blank_licence": option})
    world = World([Lot("MY", 20, start=w.D, licensed=licensed)], (company,))
    (found,) = w.judged(world, policy).values()
    assert found[:2] == said


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (SINCE, "breach"),
        (SINCE - timedelta(days=1), "ok"),
        (None, "breach"),
    ],
)
def test_only_what_came_since_the_rule_began(came: date | None, said: str) -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, RULE)
    world = World([Lot("MY", 20, start=came, licensed=False)], (PLAIN,))
    (found,) = w.found(world, policy)
    assert found.verdict == said
    assert ("fill arrived" in (found.reason or "")) == (came is None)


def test_a_lot_that_left_is_no_breach_any_more() -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, RULE)
    gone = Lot("MY", 20, start=SINCE, end=w.D, licensed=False)
    world = World([gone, Lot("US", 1)], (PLAIN,))
    before = w.judged(world, policy, days=EvaluationDates(as_of=w.D - timedelta(days=1)))
    assert before["A", "MY"][0] == "breach"
    assert w.judged(world, policy)["A", "abroad"][0] == "ok"


def test_a_recorded_channel_that_is_closed_is_the_other_rules_matter() -> None:
    closed = wp.rule("prohibition", 'which = "closed_channel"', name="closed")
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, RULE, closed)
    world = World([Lot("MY", 20, start=w.D, channel="uveu", licensed=False)], (PLAIN,))
    assert [one.verdict for one in w.found(world, policy)] == ["ok"]
    assert [one.verdict for one in w.found(world, policy, "closed")] == ["breach"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (wp.rule("prohibition", 'which = "uncovered"'), "the pack has no ledger"),
        (
            wp.LEDGER + wp.LPP_CAP + wp.rule("prohibition", "received_since = 2026-01-01"),
            "received_since is of what nothing covers",
        ),
        (
            wp.LEDGER + wp.LPP_CAP + wp.rule("prohibition", 'exceptions = ["lpp"]'),
            "exceptions are from the need of a licence",
        ),
        (
            wp.LEDGER + wp.LPP_CAP
            + wp.rule("prohibition", 'which = "unlicensed"', 'exceptions = ["nac"]'),
            "the ledger has no channel 'nac'",
        ),
        (
            wp.LEDGER + wp.LPP_CAP + wp.rule("cap", 'limit = "1"', 'which = "uncovered"'),
            "what nothing covers is barred",
        ),
    ],
)  # fmt: skip
def test_packs_that_ask_what_cannot_be_answered(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        wp.pack(text)


CHANNELS = """
[[ledger.channels]]
id = "aca"
title = "aca"
binds = { headquarters = "not_tier3" }
places = "not_tier3"
counted = { title = "dense", citation = "c", any = [{ tpp_below = "2000" }] }
citation = "test"
[[ledger.channels]]
id = "nac"
title = "nac"
places = "tier3"
seated = "tier3"
counted = { title = "dense", citation = "c", any = [{ tpp_below = "2000" }] }
by_record = true
citation = "test"
[[ledger.channels]]
id = "lpp"
"""
#: DENSE (1,600 TPP) may come by aca and nac, BIG not.
OPENED = wp.LEDGER.replace('[[ledger.channels]]\nid = "lpp"\n', CHANNELS.lstrip())
UNLICENSED = wp.rule(
    "prohibition", 'which = "unlicensed"', 'numerator = "tier3"', 'exceptions = ["nac"]',
    name="t3",
)  # fmt: skip
SEATED = wp.rule(
    "prohibition", 'which = "unlicensed"', 'seated = "tier3"', 'exceptions = ["nac"]', name="hq"
)
CLOSED = wp.rule("prohibition", 'which = "closed_channel"', name="closed")


@pytest.mark.parametrize("licensed", [None, False])
@pytest.mark.parametrize(
    ("model", "seat", "covered"),
    [("DENSE", "MY", True), ("BIG", "MY", False), ("DENSE", "CN", False)],
)
def test_a_channel_for_some_models_only(
    model: str, seat: str, covered: bool, licensed: bool | None
) -> None:
    """100 of them are more than the year's room of lpp: 100,000 TPP."""
    policy = wp.pack(
        BLANK, OPENED, wp.LPP_CAP, RULE, CLOSED, options={"blank_licence": "unlicensed"}
    )
    world = World([Lot("MY", 100, model, start=w.D, licensed=licensed)], (Company("A", seat),))
    assert [one.verdict for one in w.found(world, policy)] == ["ok" if covered else "breach"]
    recorded = World(
        [Lot("MY", 100, model, start=w.D, licensed=licensed, channel="aca")], world.companies
    )
    verdicts = [one.verdict for one in w.found(recorded, policy, "closed")]
    assert verdicts == ["ok" if covered else "breach"]


@pytest.mark.parametrize(
    ("model", "seat", "place", "channel", "t3", "hq", "closed"),
    [
        ("DENSE", "US", "CN", "nac", "ok", "ok", "ok"),
        ("DENSE", "US", "CN", None, "breach", "ok", "ok"),
        ("BIG", "US", "CN", "nac", "breach", "ok", "breach"),
        ("DENSE", "CN", "MY", "nac", "ok", "ok", "ok"),
        ("DENSE", "CN", "MY", None, "ok", "breach", "ok"),
        ("DENSE", "US", "MY", "nac", "ok", "ok", "breach"),
        ("DENSE", "US", "CN", "aca", "breach", "ok", "breach"),
    ],
)
def test_an_exception_that_only_a_record_opens(
    model: str, seat: str, place: str, channel: str | None, t3: str, hq: str, closed: str
) -> None:
    policy = wp.pack(OPENED, wp.LPP_CAP, UNLICENSED, SEATED, CLOSED)
    world = World([Lot(place, 1, model, start=w.D, channel=channel)], (Company("A", seat),))
    found = [w.found(world, policy, name)[0].verdict for name in ("t3", "hq", "closed")]
    assert found == [t3, hq, closed]


def test_nobody_takes_an_exception_that_is_not_recorded() -> None:
    """Of two lots in CN the one under nac is left out, and no plan counts on it either."""
    policy = wp.pack(OPENED, wp.LPP_CAP, UNLICENSED)
    lots = [
        Lot("CN", 3, "DENSE", start=w.D, channel="nac"),
        Lot("CN", 2, "DENSE", start=w.D),
    ]
    (found,) = w.found(World(lots, (PLAIN,)), policy, "t3")
    assert (found.verdict, F(found.numerator or 0)) == ("breach", F(3200))
    assert [one.line for one in found.lines] == [3]
