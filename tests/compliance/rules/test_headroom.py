"""Headroom under every kind of row against the judge: one more than fits is one too many."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.headroom import Headroom, Headrooms, headroom
from placement.compliance.run import report
from placement.fleet.context import build_context
from placement.fleet.owner_groups import Acquirer
from placement.policy import Policy
from placement.render import headroom as render
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Lot, World

F = Fraction
CAPS = {"stock": F(400000), "licensed": F(60000), "received": F(120000), "national": F(70000)}


def policy(charge_by: str = "location", *more: str, siblings: str = "include") -> Policy:
    received = ('measure = "received"', 'numerator = "tier2"', 'per = "each place"')
    return wp.pack(
        wp.option("charge_by", "location", "headquarters", "both"),
        wp.option("siblings", "include", "exclude"),
        wp.LEDGER,
        wp.LPP_CAP,
        wp.rule("share", 'numerator = "abroad"', 'limit = "0.8"', name="share"),
        wp.rule("cap", 'numerator = "abroad"', f'limit = "{CAPS["stock"]}"', name="stock"),
        wp.rule(
            "cap",
            *received,
            'about = "all"',
            'channels = ["licence"]',
            f'limit = "{CAPS["licensed"]}"',
            name="licensed",
        ),
        wp.rule("cap", *received, f'limit = "{CAPS["received"]}"', name="received"),
        wp.rule(
            "cap",
            'numerator = "not_tier3"',
            'per = "each place"',
            'binds = { authorization = "nveu" }',
            f'limit = "{CAPS["national"]}"',
            name="national",
        ),
        wp.rule("prohibition", 'numerator = "tier3"', 'which = "unlicensed"', name="no"),
        *more,
        options={"charge_by": charge_by, "siblings": siblings},
    )


def solve(world: World, pack: Policy, place: str, model: str, who: str = "A") -> Headroom:
    case = build_context(w.inventory(world), pack, w.CATALOG, w.entities(world))
    (adder,) = [one for one in case.companies.adders() if one.name == who]
    return headroom(case, adder, place, model, w.D)


Measures = dict[tuple[str, str, str], Fraction]


def measures(world: World, pack: Policy) -> Measures:
    report = w.check(world, pack)
    out: Measures = {}
    for one in report.findings if report is not None else ():
        if one.numerator is not None:
            whole = F(1) if one.denominator is None else F(one.denominator)
            out[one.rule, one.owner, one.place] = F(one.numerator) / whole
    return out


LIMITS = {**CAPS, "share": F(4, 5), "no": F(0), "lpp.cap": wp.LPP_LIMIT}


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


@st.composite
def families(draw: st.DrawFn) -> tuple[World, str]:
    """Companies of up to two families, a parent that owns chips among them; and who adds."""
    listed = draw(w.companies())
    names = [one.name for one in listed]
    made = [
        Lot(
            draw(st.sampled_from(["US", "US", "DE", "MY", "IN", "CN"])),
            draw(st.sampled_from([1, 2, 5, 30])),
            draw(st.sampled_from(["BIG", "ODD", "TINY"])),
            draw(st.sampled_from(names)),
            start=draw(st.sampled_from(w.DATES[:7])),
            licensed=draw(st.sampled_from([None, None, True])),
        )
        for _ in range(draw(st.integers(1, 7)))
    ]
    return World(made, listed), draw(st.sampled_from([lot.owner for lot in made]))


@settings(max_examples=60, deadline=None)
@given(
    families(),
    st.sampled_from(["US", "DE", "MY", "IN"]),
    st.sampled_from(["BIG", "ODD"]),
    st.sampled_from(["location", "headquarters", "both"]),
)
def test_without_siblings_the_ends_are_those_of_every_group_that_it_adds_to(
    given: tuple[World, str], place: str, model: str, charge_by: str
) -> None:
    world, who = given
    held = wp.rule(
        "share",
        'numerator = "abroad"',
        'per = "each place"',
        'limit = "0.3"',
        'binds = { authorization = "uveu" }',
        name="held",
    )
    seated = wp.rule("prohibition", 'seated = "tier3"', 'which = "unlicensed"', name="seated")
    pack = policy(charge_by, held, seated, siblings="exclude")
    found = solve(world, pack, place, model, who)
    limits = {**LIMITS, "held": F(3, 10), "seated": F(0)}
    groups = w.lines(world, who)
    assert sorted(found.adds_to) == sorted(groups)
    ours = {"lpp.cap": [world.root(who).name], "licensed": ["all owners"]}

    def seen(more: int) -> Measures:
        lots = [*world.lots, *([Lot(place, more, model, who, start=w.D)] if more else [])]
        every = measures(World(lots, world.companies), pack)
        return {key: n for key, n in every.items() if key[1] in ours.get(key[0], groups)}

    def complies(more: int) -> bool:
        return all(n <= limits[key[0]] for key, n in seen(more).items())

    before = seen(0)

    def worse(more: int) -> bool:
        every = seen(more)
        return any(n > max(limits[key[0]], before.get(key, F(0))) for key, n in every.items())

    if found.most is None:
        assert not worse(1_000)
    else:
        assert not worse(found.most.amount)
        assert worse(found.most.amount + 1)
    low = found.least.amount if found.least is not None else 0
    assert complies(low) is found.complies
    assert not (found.complies and low) or not complies(low - 1)


def test_a_parents_chips_dilute_one_daughter_and_burden_the_other() -> None:
    """A has too much abroad, B may take a little more: what Top adds counts for both."""
    companies = (
        Company("Top"),
        Company("A", "US", "Top", ("uveu",)),
        Company("B", "US", "Top", ("uveu",)),
    )
    pack = wp.pack(
        wp.option("siblings", "exclude", "include"),
        wp.rule("share", 'numerator = "abroad"', 'per = "each place"', 'limit = "0.5"'),
    )
    lots = [
        Lot("US", 10, owner="Top"), Lot("MY", 20, owner="A"), Lot("US", 6, owner="B"),
        Lot("IN", 12, owner="B"),
    ]  # fmt: skip
    world = World(lots, companies)
    top, one, other = (solve(world, pack, "IN", "BIG", who) for who in ("Top", "A", "B"))
    # Top's own ten count for both: A has 20 / 30 in MY, B 12 / 28 in IN.
    assert top.adds_to == ("A", "B")
    assert top.least is not None
    assert (top.least.amount, top.least.place, top.least.subject) == (10, "MY", "A")
    assert top.most is not None
    assert (top.most.amount, top.most.place, top.most.subject) == (4, "IN", "B")
    assert not top.complies
    assert (one.adds_to, other.adds_to) == (("A",), ("B",))
    assert one.least is not None
    assert (one.least.amount, one.complies) == (10, True)
    assert other.least is None
    assert other.most is not None
    assert other.most.amount == 4
    text = render.text(Headrooms((top, one), report(pack, (), dates=()).packs))
    assert "no amount here complies: r in MY (A) against r in IN (B)" in text
    assert text.endswith("what Top adds counts for A, B\n")


def test_a_company_whose_own_group_is_judged_as_its_parents() -> None:
    """Without siblings, Solo's chips are judged with Top, which holds nothing and owns nothing."""
    companies = (Company("Top"), Company("A", "US", "Top", ("uveu",)), Company("Solo", "US", "Top"))
    pack = policy(siblings="exclude")
    world = World([Lot("US", 10, owner="Solo"), Lot("US", 10)], companies)
    case = build_context(w.inventory(world), pack, w.CATALOG, w.entities(world))
    assert [(one.name, [g.name for g in one.groups]) for one in case.companies.adders()] == [
        ("A", ["A"]),
        ("Solo", ["Top"]),
    ]
    assert all(isinstance(one, Acquirer) for one in case.companies.adders())


@pytest.mark.parametrize("siblings", ["include", "exclude"])
def test_what_a_company_seated_in_tier_3_has_is_not_mended_by_its_parent(siblings: str) -> None:
    companies = (Company("Top"), Company("B", "CN", "Top"))
    seated = wp.rule("prohibition", 'seated = "tier3"', 'which = "unlicensed"', name="seated")
    pack = policy("location", seated, siblings=siblings)
    alone = World([Lot("US", 5, owner="Top")], companies)
    assert solve(alone, pack, "US", "BIG", "Top").complies
    both = World([Lot("US", 5, owner="Top"), Lot("US", 1, owner="B")], companies)
    assert solve(both, pack, "US", "BIG", "Top").hopeless == (("seated", "everywhere"),)
    assert solve(both, pack, "US", "BIG", "Top").most is None


def test_room_of_a_channel_may_be_in_accelerators() -> None:
    """Ten accelerators by the low-volume channel, then six by licence."""
    caps = wp.LPP_CAP.replace('limit = "100000"', 'limit = "10"\nmetric = "accelerators"')
    licensed = wp.rule(
        "cap",
        'measure = "received"',
        'about = "all"',
        'channels = ["licence"]',
        'limit = "60000"',
    )
    pack = wp.pack(wp.LEDGER, caps, licensed)
    found = solve(World([Lot("US", 1)], (Company("A", "IN"),)), pack, "MY", "BIG")
    assert found.most is not None
    assert found.most.amount == 16


@pytest.mark.parametrize(("charge_by", "most"), [("location", 16), ("headquarters", 12)])
def test_a_licence_may_be_charged_to_the_seat(charge_by: str, most: int) -> None:
    licensed = wp.rule(
        "cap",
        'measure = "received"',
        'about = "all"',
        'per = "each place"',
        'channels = ["licence"]',
        'limit = "60000"',
    )
    pack = wp.pack(
        wp.option("charge_by", "location", "headquarters"),
        wp.LEDGER,
        wp.LPP_CAP,
        licensed,
        options={"charge_by": charge_by},
    )
    charged = Lot("NA", 4, start=date(2026, 3, 1), licensed=True)
    found = solve(World([charged], (Company("A", "IN"),)), pack, "MY", "BIG")
    assert found.most is not None
    assert found.most.amount == most


def test_what_has_no_date_takes_room_too() -> None:
    """Ten by the low-volume channel; of six by licence, two may be taken already."""
    licensed = wp.rule(
        "cap",
        'measure = "received"',
        'about = "all"',
        'channels = ["licence"]',
        "received_since = 2026-01-01",
        'limit = "60000"',
    )
    pack = wp.pack(wp.LEDGER, wp.LPP_CAP, licensed)
    world = World([Lot("MY", 2, licensed=True)], (Company("A", "IN"),))
    found = solve(world, pack, "MY", "BIG")
    assert found.most is not None
    assert found.most.amount == 14


def test_a_share_of_all_cannot_grow_worse() -> None:
    pack = wp.pack(wp.rule("share", 'numerator = "abroad"', 'limit = "0.5"'))
    found = solve(World([Lot("MY", 5)]), pack, "MY", "BIG")
    assert (found.most, found.complies) == (None, False)


def test_more_without_a_licence_is_what_a_licence_rule_is_about() -> None:
    pack = wp.pack(wp.rule("prohibition", 'numerator = "tier3"', 'which = "unlicensed"'))
    found = solve(World([Lot("US", 5)]), pack, "CN", "BIG")
    assert found.most is not None
    assert found.most.amount == 0
    assert solve(World([Lot("US", 5)]), pack, "MY", "BIG").most is None
