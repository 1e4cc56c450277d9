"""Headroom under every kind of row against the judge: one more than fits is one too many."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.policy import Policy
from placement.room import Headroom, headroom
from placement.run import make_case
from tests.kinds import worlds as w
from tests.kinds.worlds import Company, Lot, World

F = Fraction
CAPS = {"stock": F(400000), "licensed": F(60000), "received": F(120000), "national": F(70000)}


def policy(charge_by: str = "location", *more: str) -> Policy:
    received = ('measure = "received"', 'numerator = "tier2"', 'per = "each place"')
    return w.pack(
        w.option("charge_by", "location", "headquarters", "both"),
        w.LEDGER,
        w.LPP_CAP,
        w.rule("share", 'numerator = "abroad"', 'limit = "0.8"', name="share"),
        w.rule("cap", 'numerator = "abroad"', f'limit = "{CAPS["stock"]}"', name="stock"),
        w.rule(
            "cap",
            *received,
            'about = "all"',
            'channels = ["licence"]',
            f'limit = "{CAPS["licensed"]}"',
            name="licensed",
        ),
        w.rule("cap", *received, f'limit = "{CAPS["received"]}"', name="received"),
        w.rule(
            "cap",
            'numerator = "not_tier3"',
            'per = "each place"',
            'binds = { authorization = "nveu" }',
            f'limit = "{CAPS["national"]}"',
            name="national",
        ),
        w.rule("prohibition", 'numerator = "tier3"', 'which = "unlicensed"', name="no"),
        *more,
        options={"charge_by": charge_by},
    )


def solve(world: World, pack: Policy, place: str, model: str) -> Headroom:
    case = make_case(w.inventory(world), pack, w.CATALOG, w.entities(world))
    return headroom(case, case.companies.judged["A"], place, model, w.D)


Measures = dict[tuple[str, str, str], Fraction]


def measures(world: World, pack: Policy) -> Measures:
    report = w.check(world, pack)
    out: Measures = {}
    for one in report.findings if report is not None else ():
        if one.numerator is not None:
            whole = F(1) if one.denominator is None else F(one.denominator)
            out[one.rule, one.owner, one.place] = F(one.numerator) / whole
    return out


LIMITS = {**CAPS, "share": F(4, 5), "no": F(0), "lpp.cap": w.LPP_LIMIT}


def broken(seen: Measures) -> bool:
    return any(n > LIMITS[rule] for (rule, who, _), n in seen.items() if who != "B")


def worse(before: Measures, after: Measures) -> bool:
    return any(
        n > max(LIMITS[key[0]], before.get(key, F(0))) for key, n in after.items() if key[1] != "B"
    )


@st.composite
def fleets(draw: st.DrawFn) -> World:
    held = draw(st.sampled_from([(), ("uveu",), ("nveu:MY",), ("nveu:IN", "nveu:MY")]))
    companies = (
        Company("A", draw(st.sampled_from(["US", "IN", "DE"])), None, held),
        Company("B", "IN"),
    )
    lots = [Lot("US", draw(st.sampled_from([1, 30, 200])), owner="A")]
    lots += [
        Lot(
            draw(st.sampled_from(["US", "DE", "MY", "IN", "CN"])),
            draw(st.integers(0, 5)),
            draw(st.sampled_from(["BIG", "ODD", "TINY"])),
            draw(st.sampled_from(["A", "A", "B"])),
            start=draw(st.sampled_from(w.DATES[:7])),
            licensed=draw(st.sampled_from([None, None, True])),
        )
        for _ in range(draw(st.integers(0, 5)))
    ]
    return World(lots, companies)


@settings(max_examples=25)
@given(
    fleets(),
    st.sampled_from(["US", "DE", "MY", "IN"]),
    st.sampled_from(["BIG", "ODD"]),
    st.sampled_from(["location", "headquarters", "both"]),
)
def test_ends_are_where_the_judge_changes_its_mind(
    world: World, place: str, model: str, charge_by: str
) -> None:
    pack = policy(charge_by)
    found = solve(world, pack, place, model)
    before = measures(world, pack)

    def after(count: int) -> Measures:
        added = Lot(place, count, model, start=w.D)
        return measures(World([*world.lots, added], world.companies), pack)

    if found.most is not None:
        assert not worse(before, after(found.most.amount))
        assert worse(before, after(found.most.amount + 1))
    low = found.least.amount if found.least is not None else 0
    if found.complies:
        assert not broken(after(low))
        assert not low or broken(after(low - 1))


def test_room_of_a_channel_may_be_in_accelerators() -> None:
    """Ten accelerators by the low-volume channel, then six by licence."""
    caps = w.LPP_CAP.replace('limit = "100000"', 'limit = "10"\nmetric = "accelerators"')
    licensed = w.rule(
        "cap",
        'measure = "received"',
        'about = "all"',
        'channels = ["licence"]',
        'limit = "60000"',
    )
    pack = w.pack(w.LEDGER, caps, licensed)
    found = solve(World([Lot("US", 1)], (Company("A", "IN"),)), pack, "MY", "BIG")
    assert found.most is not None
    assert found.most.amount == 16


@pytest.mark.parametrize(("charge_by", "most"), [("location", 16), ("headquarters", 12)])
def test_a_licence_may_be_charged_to_the_seat(charge_by: str, most: int) -> None:
    licensed = w.rule(
        "cap",
        'measure = "received"',
        'about = "all"',
        'per = "each place"',
        'channels = ["licence"]',
        'limit = "60000"',
    )
    pack = w.pack(
        w.option("charge_by", "location", "headquarters"),
        w.LEDGER,
        w.LPP_CAP,
        licensed,
        options={"charge_by": charge_by},
    )
    charged = Lot("NA", 4, start=date(2026, 3, 1), licensed=True)
    found = solve(World([charged], (Company("A", "IN"),)), pack, "MY", "BIG")
    assert found.most is not None
    assert found.most.amount == most


def test_what_has_no_date_takes_room_too() -> None:
    """Ten by the low-volume channel; of six by licence, two may be taken already."""
    licensed = w.rule(
        "cap",
        'measure = "received"',
        'about = "all"',
        'channels = ["licence"]',
        "received_since = 2026-01-01",
        'limit = "60000"',
    )
    pack = w.pack(w.LEDGER, w.LPP_CAP, licensed)
    world = World([Lot("MY", 2, licensed=True)], (Company("A", "IN"),))
    found = solve(world, pack, "MY", "BIG")
    assert found.most is not None
    assert found.most.amount == 14


def test_a_share_of_all_cannot_grow_worse() -> None:
    pack = w.pack(w.rule("share", 'numerator = "abroad"', 'limit = "0.5"'))
    found = solve(World([Lot("MY", 5)]), pack, "MY", "BIG")
    assert (found.most, found.complies) == (None, False)


def test_more_without_a_licence_is_what_a_licence_rule_is_about() -> None:
    pack = w.pack(w.rule("prohibition", 'numerator = "tier3"', 'which = "unlicensed"'))
    found = solve(World([Lot("US", 5)]), pack, "CN", "BIG")
    assert found.most is not None
    assert found.most.amount == 0
    assert solve(World([Lot("US", 5)]), pack, "MY", "BIG").most is None
