"""`cap` against loops: what stands, by steps, and what was received, chip by chip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from tests.support import world_charges as wc
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Judged, Lot, World

F = Fraction


def rows(
    amounts: dict[str, Fraction], group: str, day: date, limit: Fraction, *, each: bool
) -> dict[str, tuple[str, Fraction, None]]:
    """Judge the totals of one subject."""
    inside = {c: n for c, n in amounts.items() if w.in_group(c, group, day)}
    parts = inside if each and inside else {group: sum(inside.values(), F(0))}
    return {place: (w.verdict(n <= limit), n, None) for place, n in parts.items()}


# ----------------------------------------------------------------------------------------- stock


@settings(max_examples=40)
@given(
    w.worlds(), w.days, st.sampled_from(["0", "10000", "50000", "12.5", "96000.02"]), st.booleans(),
    st.sampled_from(["tpp", "accelerators"]), st.booleans(),
)  # fmt: skip
def test_a_cap_on_stock_is_the_text_of_the_rule(
    world: World, day: date, limit: str, each: bool, metric: str, national: bool
) -> None:
    policy = wp.pack(
        wp.rule(
            "cap",
            'numerator = "not_tier3"',
            f'limit = "{limit}"',
            f'metric = "{metric}"',
            f'per = "{"each place" if each else "group"}"',
            'binds = { authorization = "nveu" }' if national else "",
        )
    )
    expected: Judged = {}
    for top in world.roots():
        totals = w.by_place(world.of(top, day), metric)
        if not totals or (national and not world.holds(top, "nveu")):
            continue
        if national:
            totals = {c: n for c, n in totals.items() if world.holds(top, "nveu", c)}
        found = rows(totals, "not_tier3", day, F(limit), each=each)
        expected |= {(top, place): one for place, one in found.items()}
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


STEPS = [
    (date(2026, 1, 1), date(2026, 2, 2), F(50000)),
    (date(2026, 2, 3), date(2026, 8, 1), F(100000)),
    (date(2026, 8, 2), date(2026, 12, 31), F(30000)),
]
STEPPED = "steps = [" + ", ".join(
    f'{{ from = {a}, to = {b}, limit = "{n}" }}' for a, b, n in STEPS
) + "]"  # fmt: skip


@settings(max_examples=40)
@given(
    w.worlds(most=6),
    st.sampled_from(
        [day + timedelta(n) for a, b, _ in STEPS for day in (a, b) for n in (-1, 0, 1)]
    ),
)
def test_steps_hold_from_their_first_day_to_their_last(world: World, day: date) -> None:
    policy = wp.pack(wp.rule("cap", 'numerator = "abroad"', STEPPED))
    limits = [n for a, b, n in STEPS if a <= day <= b]
    expected: Judged = {}
    for top in world.roots():
        totals = w.by_place(world.of(top, day))
        if totals and limits:
            found = rows(totals, "abroad", day, limits[0], each=False)
            expected |= {(top, place): one for place, one in found.items()}
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@pytest.mark.parametrize(("count", "said"), [(4, "ok"), (5, "ok"), (6, "breach")])
def test_exactly_at_the_limit_is_kept(count: int, said: str) -> None:
    policy = wp.pack(wp.rule("cap", 'numerator = "abroad"', 'limit = "50000"'))
    assert w.judged(World([Lot("MY", count)]), policy)["A", "abroad"][0] == said


def test_a_thousandth_above_the_limit_is_too_much() -> None:
    world = World([Lot("MY", 1, "ODD")])
    at = wp.pack(wp.rule("cap", 'numerator = "abroad"', 'limit = "4800.001"'))
    below = wp.pack(wp.rule("cap", 'numerator = "abroad"', 'limit = "4800.0009"'))
    assert w.judged(world, at)["A", "abroad"][0] == "ok"
    assert w.judged(world, below)["A", "abroad"][0] == "breach"


def test_one_company_may_hold_several_national_authorizations() -> None:
    companies = (Company("A", "IN", None, ("nveu:MY",)), Company("B", "IN", "A", ("nveu:IN",)))
    lots = [Lot("MY", 5), Lot("IN", 6, owner="B"), Lot("NA", 50), Lot("CN", 50)]
    policy = wp.pack(
        wp.rule(
            "cap",
            'numerator = "not_tier3"',
            'per = "each place"',
            'limit = "50000"',
            'binds = { authorization = "nveu" }',
        )
    )
    assert w.judged(World(lots, companies), policy) == {
        ("A", "MY"): ("ok", F(50000), None),
        ("A", "IN"): ("breach", F(60000), None),
    }


@settings(max_examples=25)
@given(w.worlds(), w.days, st.sampled_from([None, "tier1"]))
def test_all_owners_together(world: World, day: date, seats: str | None) -> None:
    policy = wp.pack(
        wp.rule(
            "cap",
            'numerator = "tier2"',
            'per = "each place"',
            'about = "all"',
            'limit = "60000"',
            f'binds = {{ headquarters = "{seats}" }}' if seats else "",
        )
    )
    here = [
        lot
        for top in world.roots()
        for lot in world.of(top, day)
        if seats is None or w.in_group(world.company(top).headquarters, seats, day)
    ]
    totals = w.by_place(here)
    found = rows(totals, "tier2", day, F(60000), each=True) if totals else {}
    expected = {("all owners", place): one for place, one in found.items()}
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


# -------------------------------------------------------------------------------------- received

RECEIVED: w.Given = {
    "consignee": w.ANY,
    "channel": w.channels,
    "licensed": w.licences,
    "from_country": w.origins,
}
SINCE = date(2026, 1, 1)


def country_cap(*lines: str) -> str:
    return wp.rule(
        "cap",
        'numerator = "tier2"',
        'per = "each place"',
        'measure = "received"',
        f"received_since = {SINCE}",
        'limit = "60000"',
        *lines,
    )


def in_window(charge: wc.Charge, since: date | None, day: date) -> bool | None:
    """Tell whether a charge is in a window; None: nobody knows."""
    start, end = charge.lot.start, charge.lot.end
    if start is None and since is not None:
        return False if end is not None and end <= since else None
    if start is None:
        return True
    return start <= day and (since is None or since <= start)


def judge_received(
    found: list[tuple[str, str, wc.Charge]],
    since: date,
    day: date,
    limit: Fraction,
    group: str | None,
) -> Judged:
    """Judge charges with their subject and place; what has no date counts where that decides."""
    out: Judged = {}
    subjects = {subject for subject, _, one in found if in_window(one, since, day) is not False}
    for subject in subjects:
        sure: dict[str, Fraction] = {}
        perhaps: dict[str, Fraction] = {}
        for who, place, one in found:
            known = in_window(one, since, day)
            if who != subject or known is False:
                continue
            where = perhaps if known is None else sure
            where[place] = where.get(place, F(0)) + one.amount
        places = {*sure, *perhaps}
        inside = {place for place in places if group is None or w.in_group(place, group, day)}
        parts: dict[str, set[str]] = {place: {place} for place in inside}
        if group is None:
            parts = {"everywhere": inside}
        elif not inside:
            parts = {group: set()}
        for name, of in parts.items():
            certain = sum((sure.get(place, F(0)) for place in of), F(0))
            doubt = sum((perhaps.get(place, F(0)) for place in of), F(0))
            if certain > limit:
                out[subject, name] = ("breach", certain, None)
            elif certain + doubt > limit:
                out[subject, name] = ("breach", certain + doubt, None)
            else:
                out[subject, name] = ("warning" if doubt else "ok", certain, None)
    return out


@settings(max_examples=50)
@given(
    w.worlds(RECEIVED, whole=True), w.days, st.sampled_from(["location", "headquarters", "both"])
)
def test_what_a_country_received_by_licence(world: World, day: date, charge_by: str) -> None:
    policy = wp.pack(
        wp.option("charge_by", "location", "headquarters", "both"),
        wp.LEDGER,
        wp.LPP_CAP,
        country_cap('about = "all"', 'channels = ["licence"]'),
        options={"charge_by": charge_by},
    )
    charged = []
    for one in wc.charges(world):
        if one.channel != "licence":
            continue
        seat = world.root(one.lot.owner).headquarters
        places = {
            "location": {one.lot.country}, "headquarters": {seat}, "both": {one.lot.country, seat}
        }[charge_by]  # fmt: skip
        charged += [("all owners", place, one) for place in places]
    expected = judge_received(charged, SINCE, day, F(60000), "tier2")
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=40)
@given(w.worlds(RECEIVED, whole=True), w.days)
def test_what_a_consignee_received_in_the_year(world: World, day: date) -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP)
    charged = []
    for one in wc.charges(world):
        top = world.root(one.lot.consignee or one.lot.owner)
        if one.channel == "lpp":
            charged.append((top.name, one.lot.country, one))
    first = date(day.year, 1, 1)
    expected = {
        (subject, place): one
        for (subject, place), one in judge_received(charged, first, day, wp.LPP_LIMIT, None).items()
        if w.tier(world.company(subject).headquarters, day) != 3
    }
    assert w.judged(world, policy, "lpp.cap", days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=40)
@given(w.worlds(RECEIVED, whole=True), w.days)
def test_what_an_owner_group_received_by_any_channel(world: World, day: date) -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, country_cap())
    charged = [(world.root(one.lot.owner).name, one.lot.country, one) for one in wc.charges(world)]
    expected = judge_received(charged, SINCE, day, F(60000), "tier2")
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=25)
@given(w.worlds({"consignee": w.ANY, "from_country": w.origins}, whole=True), w.days)
def test_without_a_ledger_all_that_came_is_received(world: World, day: date) -> None:
    policy = wp.pack(
        wp.rule(
            "cap",
            'numerator = "everywhere"',
            'measure = "received"',
            'about = "consignee"',
            f"received_since = {SINCE}",
            'limit = "60000"',
        )
    )
    charged = [
        (
            world.root(lot.consignee or lot.owner).name,
            lot.country,
            wc.Charge(lot, 0, lot.accelerators, ""),
        )
        for lot in world.lots
        if lot.counted and lot.from_country != lot.country
    ]
    expected = judge_received(charged, SINCE, day, F(60000), None)
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@pytest.mark.parametrize(("count", "said"), [(5, "ok"), (6, "ok"), (7, "breach")])
def test_exactly_at_the_limit_of_receipts(count: int, said: str) -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, country_cap('about = "all"', 'channels = ["licence"]'))
    world = World([Lot("MY", count, start=SINCE, licensed=True)])
    assert w.judged(world, policy)["all owners", "MY"][0] == said


def test_retiring_gives_nothing_back_and_a_move_inside_a_country_takes_nothing() -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, country_cap('about = "all"', 'channels = ["licence"]'))
    gone = Lot("MY", 4, start=SINCE, end=date(2026, 3, 1), licensed=True)
    moved = Lot("MY", 4, start=date(2026, 3, 1), from_country="MY", site="MY-2", licensed=True)
    new = Lot("MY", 3, start=date(2026, 4, 1), licensed=True)
    assert w.judged(World([gone, moved]), policy)["all owners", "MY"] == ("ok", F(40000), None)
    assert w.judged(World([gone, moved, new]), policy)["all owners", "MY"] == (
        "breach",
        F(70000),
        None,
    )
    away = replace(moved, country="IN")
    assert w.judged(World([gone, away]), policy)["all owners", "IN"][1] == 40000


def test_low_volumes_are_of_a_year_and_the_rest_goes_on() -> None:
    """Ten chips a year under the low-volume channel; two more of them need a licence."""
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, country_cap('about = "all"', 'channels = ["licence"]'))
    companies = (Company("A", "IN"),)
    lots = [
        Lot("MY", 7, start=date(2026, 1, 1)),
        Lot("MY", 5, start=date(2026, 2, 1)),
        Lot("MY", 9, start=date(2025, 12, 31)),
    ]
    world = World(lots, companies)
    assert w.judged(world, policy)["all owners", "MY"] == ("ok", F(20000), None)
    assert w.judged(world, policy, "lpp.cap") == {("A", "everywhere"): ("ok", F(100000), None)}
    late = EvaluationDates(as_of=date(2025, 12, 31))
    assert w.judged(world, policy, "lpp.cap", days=late) == {
        ("A", "everywhere"): ("ok", F(90000), None)
    }


def test_national_caps_count_all_owners_and_company_caps_each_group() -> None:
    companies = (Company("A", "US"), Company("B", "US"), Company("C", "US", "B"))
    lots = [Lot("MY", 3, owner=name, start=SINCE, licensed=True) for name in "ABC"]
    together = wp.pack(
        wp.LEDGER, wp.LPP_CAP, country_cap('about = "all"', 'channels = ["licence"]')
    )
    apart = wp.pack(wp.LEDGER, wp.LPP_CAP, country_cap('channels = ["licence"]'))
    world = World(lots, companies)
    assert w.judged(world, together) == {("all owners", "MY"): ("breach", F(90000), None)}
    assert w.judged(world, apart) == {
        ("A", "MY"): ("ok", F(30000), None),
        ("B", "MY"): ("ok", F(60000), None),
    }


@settings(max_examples=30)
@given(w.worlds(RECEIVED, whole=True), w.days)
def test_who_left_siblings_out_receives_with_its_line(world: World, day: date) -> None:
    """With siblings left out a group is an authorized company, those below and those above it."""
    policy = wp.pack(
        wp.option("siblings", "include", "exclude"),
        wp.LEDGER,
        wp.LPP_CAP,
        country_cap(),
        options={"siblings": "exclude"},
    )
    charged = [
        (group, one.lot.country, one)
        for one in wc.charges(world)
        for group in w.lines(world, one.lot.owner)
    ]
    expected = judge_received(charged, SINCE, day, F(60000), "tier2")
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


def test_what_has_no_date_and_what_may_not_count_may_break_it_together() -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, country_cap())
    dated = [Lot("MY", 4, start=SINCE), Lot("MY", 5, "MAYBE", start=SINCE)]
    assert w.judged(World(dated), policy)["A", "MY"] == ("ok", F(50000), None)
    found = w.judged(World([*dated, Lot("MY", 1)]), policy)
    assert found["A", "MY"] == ("warning", F(50000), None)
    found = w.judged(World([*dated, Lot("MY", 2)]), policy)
    assert found["A", "MY"] == ("breach", F(70000), None)


@pytest.mark.parametrize(("left", "said"), [(SINCE, "ok"), (date(2026, 1, 2), "warning")])
def test_what_was_gone_when_the_window_began_came_before_it(left: date, said: str) -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, country_cap())
    lots = [Lot("MY", 1, start=SINCE), Lot("MY", 2, end=left)]
    assert w.judged(World(lots), policy)["A", "MY"] == (said, F(10000), None)


def test_charged_to_both_places_but_never_twice_to_one() -> None:
    policy = wp.pack(
        wp.option("charge_by", "both", "location"),
        wp.LEDGER,
        wp.LPP_CAP,
        country_cap('about = "all"', 'channels = ["licence"]'),
    )
    lots = [Lot("MY", 1, start=SINCE, licensed=True), Lot("IN", 2, start=SINCE, licensed=True)]
    assert w.judged(World(lots, (Company("A", "IN"),)), policy) == {
        ("all owners", "MY"): ("ok", F(10000), None),
        ("all owners", "IN"): ("ok", F(30000), None),
    }
