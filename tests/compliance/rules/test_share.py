"""`share` against loops over plain lots."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Judged, Lot, World

F = Fraction


def naive(
    world: World,
    day: date,
    *,
    part: str,
    whole: str,
    limit: Fraction,
    each: bool,
    at_least: bool = False,
    metric: str = "tpp",
    binds: tuple[str | None, str | None] = (None, None),
) -> Judged:
    """Judge every owner group by the text of the rule."""
    out: Judged = {}
    authorization, seats = binds
    for top in world.roots():
        if authorization is not None and not world.holds(top, authorization):
            continue
        if seats is not None and not w.in_group(world.company(top).headquarters, seats, day):
            continue
        totals = w.by_place(world.of(top, day), metric)
        total = sum((n for c, n in totals.items() if w.in_group(c, whole, day)), F(0))
        inside = {c: n for c, n in totals.items() if w.in_group(c, part, day)}
        if authorization == "nveu":
            inside = {c: n for c, n in inside.items() if world.holds(top, "nveu", c)}
        if total == 0:
            continue
        parts = inside if each and inside else {part: sum(inside.values(), F(0))}
        for place, amount in parts.items():
            if each and inside and not w.in_group(place, whole, day):
                amount = F(0)
            kept = amount >= limit * total if at_least else amount <= limit * total
            out[top, place] = (w.verdict(kept), amount, total)
    return out


LIMITS = ["0.07", "0.25", "0.5", "1", "0", "0.333"]


@settings(max_examples=40)
@given(
    w.worlds(), w.days, st.sampled_from(LIMITS), st.booleans(),
    st.sampled_from(["tpp", "accelerators"]),
    st.sampled_from([(None, None), ("uveu", None), (None, "tier1"), ("nveu", "not_tier3")]),
)  # fmt: skip
def test_a_share_is_the_text_of_the_rule(
    world: World,
    day: date,
    limit: str,
    each: bool,
    metric: str,
    binds: tuple[str | None, str | None],
) -> None:
    said = [
        f'{k} = "{v}"' for k, v in zip(("authorization", "headquarters"), binds, strict=True) if v
    ]
    policy = wp.pack(
        wp.rule(
            "share",
            'numerator = "abroad"',
            f'limit = "{limit}"',
            f'metric = "{metric}"',
            f'per = "{"each place" if each else "group"}"',
            f"binds = {{ {', '.join(said)} }}",
        )
    )
    expected = naive(
        world, day, part="abroad", whole="everywhere", limit=F(limit), each=each, metric=metric,
        binds=binds,
    )  # fmt: skip
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=40)
@given(w.worlds(), w.days, st.sampled_from(LIMITS))
def test_a_floor_of_a_part_of_the_fleet_is_the_text_of_the_rule(
    world: World, day: date, limit: str
) -> None:
    policy = wp.pack(
        wp.rule(
            "share",
            'numerator = "home"',
            'denominator = "not_tier3"',
            f'limit = "{limit}"',
            'comparison = ">="',
        )
    )
    expected = naive(
        world, day, part="home", whole="not_tier3", limit=F(limit), each=False, at_least=True
    )
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@pytest.mark.parametrize(("abroad", "said"), [(6, "ok"), (7, "ok"), (8, "breach")])
def test_exactly_at_the_limit_is_kept(abroad: int, said: str) -> None:
    policy = wp.pack(
        wp.rule("share", 'numerator = "abroad"', 'limit = "0.07"', 'per = "each place"')
    )
    world = World([Lot("US", 100 - abroad), Lot("MY", abroad)])
    assert w.judged(world, policy)["A", "MY"][0] == said


@pytest.mark.parametrize(("home", "said"), [(49, "breach"), (50, "ok"), (51, "ok")])
def test_exactly_at_the_floor_is_kept(home: int, said: str) -> None:
    policy = wp.pack(wp.rule("share", 'numerator = "home"', 'limit = "0.5"', 'comparison = ">="'))
    world = World([Lot("US", home), Lot("MY", 100 - home)])
    assert w.judged(world, policy)["A", "home"][0] == said


def test_a_floor_for_each_country_names_those_that_have_nothing() -> None:
    policy = wp.pack(
        wp.rule(
            "share",
            'numerator = "home"',
            'limit = "0.1"',
            'comparison = ">="',
            'per = "each place"',
        )
    )
    found = w.judged(World([Lot("US", 1)]), policy)
    assert found == {
        ("A", "US"): ("ok", F(10000), F(10000)),
        ("A", "PR"): ("breach", F(0), F(10000)),
    }


def test_a_country_changes_its_tier_on_the_day() -> None:
    policy = wp.pack(wp.rule("share", 'numerator = "tier3"', 'limit = "0.5"', 'per = "each place"'))
    world = World([Lot("KH", 9), Lot("US", 1)])
    before = w.judged(world, policy, days=EvaluationDates(as_of=date(2026, 2, 2)))
    after = w.judged(world, policy, days=EvaluationDates(as_of=date(2026, 2, 3)))
    assert before == {("A", "KH"): ("breach", F(90000), F(100000))}
    assert after == {("A", "tier3"): ("ok", F(0), F(100000))}


def test_two_metrics_of_one_owner_on_one_day() -> None:
    policy = wp.pack(
        wp.rule("share", 'numerator = "abroad"', 'limit = "0.5"', name="power"),
        wp.rule(
            "share", 'numerator = "abroad"', 'limit = "0.5"', 'metric = "accelerators"', name="n"
        ),
    )
    world = World([Lot("US", 2), Lot("MY", 3, "DENSE")])
    assert w.judged(world, policy, "power") == {("A", "abroad"): ("ok", F(4800), F(24800))}
    assert w.judged(world, policy, "n") == {("A", "abroad"): ("breach", F(3), F(5))}


def test_lots_of_one_kind_are_a_part_of_that_kind() -> None:
    """A share of what is unlicensed has both sides unlicensed."""
    policy = wp.pack(
        wp.rule("share", 'numerator = "abroad"', 'limit = "0.5"', 'which = "unlicensed"')
    )
    world = World(
        [Lot("US", 50, licensed=True), Lot("US", 1), Lot("MY", 2), Lot("IN", 9, licensed=True)]
    )
    assert w.judged(world, policy) == {("A", "abroad"): ("breach", F(20000), F(30000))}


def test_all_owners_together_and_only_those_that_are_bound() -> None:
    companies = (
        Company("A", "US", None, ("uveu",)),
        Company("B", "DE"),
        Company("C", "CN", None, ("uveu",)),
    )
    world = World([Lot("US", 10), Lot("MY", 10, owner="B"), Lot("MY", 80, owner="C")], companies)

    def judge(*lines: str) -> Judged:
        said = ('numerator = "abroad"', 'limit = "0.5"', 'about = "all"', *lines)
        return w.judged(world, wp.pack(wp.rule("share", *said)))

    everyone = ("all owners", "abroad")
    assert judge() == {everyone: ("breach", F(900000), F(1000000))}
    assert judge('binds = { headquarters = "tier1" }') == {everyone: ("ok", F(100000), F(200000))}
    assert judge('binds = { authorization = "uveu" }') == {
        everyone: ("breach", F(800000), F(900000))
    }


def test_figures_hold_only_what_makes_it_worse_of_what_is_in_doubt() -> None:
    """At home a model in doubt helps where it counts: the figures are without it."""
    policy = wp.pack(wp.rule("share", 'numerator = "abroad"', 'limit = "0.07"'))
    world = World([Lot("US", 92), Lot("MY", 7), Lot("US", 9, "MAYBE")])
    (found,) = w.found(world, policy)
    assert (found.verdict, found.denominator) == ("breach", "990000.000")
    assert found.reason == "rests on whether MAYBE counts: supply its performance_density"
    abroad = World([Lot("US", 93), Lot("MY", 7), Lot("MY", 1, "MAYBE")])
    (found,) = w.found(abroad, policy)
    assert (found.verdict, found.numerator, found.denominator) == (
        "breach",
        "72000.000",
        "1002000.000",
    )
