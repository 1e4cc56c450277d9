"""What may be changed in a world without changing what is found in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from placement.policy import Policy
from placement.report import Finding
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Lot, World

F = Fraction
FIELDS: w.Given = {
    "operator": w.ANY,
    "consignee": w.ANY,
    "licensed": w.licences,
    "from_country": w.origins,
}

#: One rule of each kind that is a row, none of which depends on the order of lines.
ALL = wp.pack(
    wp.LEDGER,
    wp.LPP_CAP,
    wp.rule("share", 'numerator = "abroad"', 'limit = "0.25"', 'per = "each place"', name="share"),
    wp.rule("cap", 'numerator = "abroad"', 'limit = "50000"', name="cap"),
    wp.rule("prohibition", 'numerator = "tier3"', 'which = "unlicensed"', name="no"),
    wp.rule("cap", 'measure = "received"', 'limit = "60000"', name="received"),
    wp.rule(
        "prohibition",
        'which = "unauthorized_operator"',
        'binds = { authorization = "uveu" }',
        name="operator",
    ),
)


def seen(world: World, policy: Policy, day: date) -> list[tuple[object, ...]]:
    report = w.check(world, policy, days=EvaluationDates(as_of=day))
    findings: tuple[Finding, ...] = report.findings if report is not None else ()
    return sorted(
        (f.rule, f.owner, f.place, str(f.verdict), str(f.numerator), str(f.denominator))
        for f in findings
        if f.rule != "lpp.cap"
    )


@settings(max_examples=20)
@given(w.worlds(FIELDS), w.days, st.integers(0, 99))
def test_the_order_of_lines(world: World, day: date, seed: int) -> None:
    mixed = list(world.lots)
    Random(seed).shuffle(mixed)
    assert seen(replace(world, lots=mixed), ALL, day) == seen(world, ALL, day)


@settings(max_examples=20)
@given(w.worlds({**FIELDS, "channel": w.channels}, whole=True), w.days, st.integers(0, 99))
def test_a_lot_split_in_two(world: World, day: date, number: int) -> None:
    assert seen(w.halves(world, number), ALL, day) == seen(world, ALL, day)
    whole = w.judged(world, ALL, "lpp.cap", days=EvaluationDates(as_of=day))
    split = w.judged(w.halves(world, number), ALL, "lpp.cap", days=EvaluationDates(as_of=day))
    assert whole == split


@settings(max_examples=20)
@given(w.worlds(FIELDS), w.days)
def test_other_names(world: World, day: date) -> None:
    """Z is read where A was, and so on; only the names differ."""

    def other(name: str | None) -> str | None:
        return None if name is None else {"A": "Z", "B": "Y", "C": "B"}.get(name, name)

    companies = [
        replace(one, name=other(one.name) or "", parent=other(one.parent))
        for one in world.companies
    ]
    lots = [
        replace(
            lot,
            owner=other(lot.owner) or "",
            operator=other(lot.operator),
            consignee=other(lot.consignee),
        )
        for lot in world.lots
    ]
    renamed = World(lots, companies)
    expected = sorted((rule, other(str(who)), *rest) for rule, who, *rest in seen(world, ALL, day))
    assert seen(renamed, ALL, day) == expected


@settings(max_examples=20)
@given(w.worlds(), w.days, st.integers(2, 10**12))
def test_a_share_of_a_fleet_many_times_as_large(world: World, day: date, factor: int) -> None:
    policy = wp.pack(
        wp.rule("share", 'numerator = "abroad"', 'limit = "0.25"', 'per = "each place"')
    )
    large = [replace(lot, quantity=lot.quantity * factor) for lot in world.lots]
    one = w.found(world, policy, days=EvaluationDates(as_of=day))
    two = w.found(replace(world, lots=large), policy, days=EvaluationDates(as_of=day))
    assert [(f.owner, f.place, f.verdict, f.share) for f in one] == [
        (f.owner, f.place, f.verdict, f.share) for f in two
    ]


@settings(max_examples=20)
@given(w.worlds(FIELDS), w.days)
def test_what_was_received_never_falls_as_kit_leaves(world: World, day: date) -> None:
    def totals(lots: list[Lot]) -> dict[tuple[str, str], Fraction]:
        found = w.judged(
            replace(world, lots=lots), ALL, "received", days=EvaluationDates(as_of=day)
        )
        return {key: number for key, (_, number, _) in found.items()}

    for_ever = [replace(lot, end=None) for lot in world.lots]
    stays = totals(for_ever)
    gone = [
        replace(lot, end=day if lot.start is None or lot.start < day else lot.end)
        for lot in for_ever
    ]
    standing = Lot("US", 1, owner=world.lots[0].owner)
    assert totals([*gone, standing]) == totals([*for_ever, standing])
    assert stays == totals(for_ever)


@settings(max_examples=20)
@given(w.worlds(FIELDS), w.days, st.integers(0, 99))
def test_a_move_inside_a_country_changes_nothing_received(
    world: World, day: date, number: int
) -> None:
    lots = list(world.lots)
    lot = lots[number % len(lots)]
    moved = replace(lot, site="elsewhere", start=w.DATES[3], end=None, from_country=lot.country)
    here = EvaluationDates(as_of=day)
    before = w.judged(world, ALL, "received", days=here)
    after = w.judged(replace(world, lots=[*lots, moved]), ALL, "received", days=here)
    assert {k: v for k, v in after.items() if v[1]} == {k: v for k, v in before.items() if v[1]}


@settings(max_examples=20)
@given(w.worlds(), w.worlds(), w.days)
def test_positions_of_two_fleets_add_up(one: World, two: World, day: date) -> None:
    """What two fleets have is what they have together: figures are sums."""
    policy = wp.pack(wp.rule("cap", 'per = "each place"', 'limit = "0"'))
    apart: dict[tuple[str, str], Fraction] = {}
    companies = tuple(w.Company(name) for name in "ABCDEF")
    for world in (one, two):
        found = w.judged(World(world.lots, companies), policy, days=EvaluationDates(as_of=day))
        for key, (_, amount, _) in found.items():
            apart[key] = apart.get(key, F(0)) + amount
    both = w.judged(
        World([*one.lots, *two.lots], companies), policy, days=EvaluationDates(as_of=day)
    )
    assert {key: amount for key, (_, amount, _) in both.items()} == apart
