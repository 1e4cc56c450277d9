"""Who is judged with whom: parents to any depth, seats, authorizations, siblings, the basis."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings

from placement.compliance.dates import EvaluationDates
from placement.errors import InputError, UsageError
from placement.policy import Policy
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Judged, Lot, World

F = Fraction


def share(*lines: str, **options: str) -> Policy:
    return wp.pack(
        wp.option("siblings", "include", "exclude"),
        wp.option("basis", "owned", "operated"),
        wp.rule("share", 'numerator = "abroad"', 'limit = "0.5"', *lines),
        options=options,
    )


def chain(depth: int, **top: object) -> tuple[Company, ...]:
    made = [Company("c0", **top)]  # type: ignore[arg-type]
    made += [Company(f"c{n}", "CN", f"c{n - 1}") for n in range(1, depth)]
    return tuple(made)


@pytest.mark.parametrize("depth", [2, 3, 30])
def test_the_ultimate_parent_is_judged_at_any_depth(depth: int) -> None:
    lots = [Lot("US", 1, owner="c0"), Lot("MY", 2, owner=f"c{depth - 1}")]
    policy = share('binds = { headquarters = "tier1", authorization = "uveu" }')
    world = World(lots, chain(depth, headquarters="US", held=("uveu",)))
    assert w.judged(world, policy) == {("c0", "abroad"): ("breach", F(20000), F(30000))}
    abroad = World(lots, chain(depth, headquarters="CN", held=("uveu",)))
    assert w.judged(abroad, policy) == {}


def test_an_authorization_of_any_member_is_the_groups() -> None:
    companies = (Company("A"), Company("B", "CN", "A"), Company("C", "CN", "B", ("uveu",)))
    world = World([Lot("MY", 1)], companies)
    assert w.judged(world, share('binds = { authorization = "uveu" }')) == {
        ("A", "abroad"): ("breach", F(10000), F(10000))
    }


@pytest.mark.parametrize(
    ("parent", "holder", "sister", "siblings", "bound"),
    [
        ("IN", "IN", "IN", "include", True),
        ("US", "IN", "IN", "include", False),
        ("IN", "US", "IN", "include", False),
        ("IN", "IN", "US", "include", True),  # the sister holds nothing
        ("IN", "IN", "US", "exclude", True),
        ("IN", "US", "IN", "exclude", False),
    ],
)
def test_seated_nowhere_there(
    parent: str, holder: str, sister: str, siblings: str, bound: bool
) -> None:
    """Neither the ultimate parent is seated there nor a company that holds an authorization."""
    companies = (Company("P", parent), Company("A", holder, "P", ("uveu",)),
                 Company("S", sister, "P"))  # fmt: skip
    binds = 'binds = { authorization = "uveu", seatless = "tier1" }'
    found = w.judged(World([Lot("MY", 1)], companies), share(binds, siblings=siblings))
    assert bool(found) is bound


def test_none_binds_who_holds_nothing() -> None:
    companies = (Company("A"), Company("B", held=("nveu:MY",)))
    world = World([Lot("MY", 1), Lot("MY", 1, owner="B")], companies)
    found = w.judged(world, share('binds = { authorization = "none" }'))
    assert [owner for owner, _ in found] == ["A"]


def test_a_seat_moves_with_its_countrys_tier() -> None:
    world = World([Lot("MY", 1)], (Company("A", "KH"),))
    policy = share('binds = { headquarters = "tier3" }')
    assert w.judged(world, policy, days=EvaluationDates(as_of=date(2026, 2, 2)))
    assert not w.judged(world, policy, days=EvaluationDates(as_of=date(2026, 2, 3)))


@settings(max_examples=40)
@given(w.worlds(), w.days)
def test_siblings_left_out(world: World, day: date) -> None:
    """An authorized company with those above and below it; what is above two is in both."""
    policy = share('binds = { headquarters = "not_tier3" }', siblings="exclude")
    totals: dict[str, dict[str, Fraction]] = {}
    for lot in world.lots:
        if lot.stands(day) and lot.counted:
            for group in w.lines(world, lot.owner):
                places = totals.setdefault(group, {})
                places[lot.country] = places.get(lot.country, F(0)) + lot.amount()
    expected: Judged = {}
    for group, places in totals.items():
        if w.tier(world.root(group).headquarters, day) == 3:
            continue
        part = sum((n for c, n in places.items() if w.tier(c, day) != 1), F(0))
        whole = sum(places.values(), F(0))
        expected[group, "abroad"] = (w.verdict(part <= whole / 2), part, whole)
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


def test_the_parents_fleet_counts_with_both_children() -> None:
    held = ("uveu",)
    companies = (
        Company("P"),
        Company("A", parent="P", held=held),
        Company("B", parent="P", held=held),
        Company("C", parent="P"),
        Company("D", parent="A"),
    )
    lots = [
        Lot("US", 4, owner="P"),
        Lot("MY", 1, owner="A"),
        Lot("MY", 6, owner="B"),
        Lot("MY", 9, owner="C"),
        Lot("US", 1, owner="D"),
    ]
    found = w.judged(World(lots, companies), share(siblings="exclude"))
    assert found == {
        ("A", "abroad"): ("ok", F(10000), F(60000)),
        ("B", "abroad"): ("breach", F(60000), F(100000)),
        ("P", "abroad"): ("breach", F(90000), F(90000)),
    }
    together = w.judged(World(lots, companies), share())
    assert together == {("P", "abroad"): ("breach", F(160000), F(210000))}


def test_an_authorization_binds_only_its_own_line_without_siblings() -> None:
    companies = (Company("P"), Company("A", parent="P", held=("uveu",)), Company("B", parent="P"))
    lots = [Lot("MY", 1, owner="A"), Lot("MY", 1, owner="B")]
    policy = share('binds = { authorization = "uveu" }', siblings="exclude")
    assert [owner for owner, _ in w.judged(World(lots, companies), policy)] == ["A"]


def test_all_owners_together_count_a_lot_of_two_groups_once() -> None:
    held = ("uveu",)
    companies = (
        Company("P"),
        Company("A", parent="P", held=held),
        Company("B", parent="P", held=held),
    )
    policy = share('about = "all"', siblings="exclude")
    world = World([Lot("MY", 3, owner="P"), Lot("US", 4, owner="A")], companies)
    assert w.judged(world, policy) == {("all owners", "abroad"): ("ok", F(30000), F(70000))}


def test_a_note_on_uncounted_chips_counts_them_once() -> None:
    held = ("uveu",)
    companies = (
        Company("P"),
        Company("A", parent="P", held=held),
        Company("B", parent="P", held=held),
    )
    world = World([Lot("US", 7, "TINY", owner="P"), Lot("US", 1)], companies)
    report = w.check(world, share(siblings="exclude"))
    assert report is not None
    assert any("TINY (7)" in note for note in report.notes)


@settings(max_examples=25)
@given(w.worlds({"operator": w.ANY}), w.days)
def test_by_operators(world: World, day: date) -> None:
    """With basis = operated a lot is that of whoever runs it."""
    from dataclasses import replace

    run = replace(world, lots=[replace(lot, owner=lot.run_by, operator=None) for lot in world.lots])
    operated = w.judged(world, share(basis="operated"), days=EvaluationDates(as_of=day))
    assert operated == w.judged(run, share(), days=EvaluationDates(as_of=day))


def test_a_company_without_a_row_is_told() -> None:
    with pytest.raises(InputError, match="'Z': company without headquarters"):
        w.check(World([Lot("US", 1, owner="Z")]), share('binds = { headquarters = "tier1" }'))


def test_seats_are_needed_where_weights_or_charges_ask_for_them() -> None:
    storage = wp.rule(
        "storage",
        'controlled_from = "1e26"',
        'places = "tier1"',
        'run_from = "tier1"',
        'never = "tier3"',
    )
    seats = wp.option("charge_by", "headquarters", "location")
    allocation = wp.rule(
        "cap",
        'limit = "1"',
        'measure = "received"',
        'about = "all"',
        'numerator = "tier2"',
        'per = "each place"',
    )
    channel = '[[ledger.channels]]\nid = "licence"\ntitle = "t"\ncitation = "c"\n'
    ledger = f'[ledger]\nhome = "home"\n{channel}'
    for policy in (wp.pack(storage), wp.pack(seats, ledger, allocation)):
        with pytest.raises(UsageError, match="binds owners by headquarters"):
            w.check(World([Lot("US", 1)]), policy, entities=None)
    unasked = wp.pack(wp.option("charge_by", "location", "headquarters"), ledger, allocation)
    world = World([Lot("MY", 1, start=w.D)])
    assert w.judged(world, unasked, entities=None)["all owners", "MY"][0] == "breach"


def test_a_sisters_authorization_is_not_ones_own_without_siblings() -> None:
    companies = (
        Company("P"),
        Company("A", parent="P", held=("nveu:MY",)),
        Company("B", parent="P", held=("uveu",)),
    )
    lots = [Lot("MY", 1, owner="A"), Lot("MY", 1, owner="B")]
    policy = share('binds = { authorization = "uveu" }', siblings="exclude")
    assert [owner for owner, _ in w.judged(World(lots, companies), policy)] == ["B"]
