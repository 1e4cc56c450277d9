"""Passive breaches: the share rose although nothing came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from placement.policy import Policy
from placement.report import Finding
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Lot, World

LATE = date(2026, 3, 1)
EARLY = date(2026, 1, 1)
OLD = date(2025, 3, 1)


def share(*lines: str, per: str = "each place", **options: str) -> Policy:
    return wp.pack(
        wp.option("limit_on", "stock", "transfers"),
        wp.option("passive", "breach", "warning"),
        wp.rule(
            "share",
            'numerator = "abroad"',
            'limit = "0.07"',
            f'per = "{per}"',
            *lines,
            schedule="reporting",
        ),
        options=options,
    )


def judge(lots: list[Lot], policy: Policy | None = None) -> Finding:
    (found,) = w.found(World(lots), policy or share())
    return found


AT_HOME = Lot("US", 80)
LEAVES = Lot("US", 13, end=LATE)


def test_what_left_elsewhere_makes_it_passive() -> None:
    found = judge([AT_HOME, LEAVES, Lot("MY", 7, start=EARLY)])
    assert (found.verdict, found.passive) == ("breach", True)
    assert found.reason is not None
    assert found.reason.startswith(f"passive: nothing came here since {EARLY}, when the share was")


def test_kit_that_was_always_there_rises_passively_too() -> None:
    found = judge([AT_HOME, LEAVES, Lot("MY", 7)])
    assert (found.verdict, found.passive) == ("breach", True)
    above = judge([AT_HOME, LEAVES, Lot("MY", 8)])
    assert (above.verdict, above.passive) == ("breach", False)


def test_a_new_lot_is_not_passive() -> None:
    found = judge([Lot("US", 93), Lot("MY", 7), Lot("MY", 1, start=EARLY)])
    assert (found.verdict, found.passive) == ("breach", False)


def test_both_at_once_and_one_after_the_other() -> None:
    same_day = judge([AT_HOME, LEAVES, Lot("MY", 6), Lot("MY", 1, start=LATE)])
    assert (same_day.verdict, same_day.passive) == ("breach", False)
    left_after = judge([AT_HOME, LEAVES, Lot("MY", 6), Lot("MY", 1, start=EARLY)])
    assert left_after.passive
    came_after = judge([AT_HOME, LEAVES, Lot("MY", 6), Lot("MY", 1, start=date(2026, 4, 1))])
    assert not came_after.passive


def test_what_comes_and_leaves_on_the_very_day() -> None:
    leaves = replace(LEAVES, end=w.D)
    assert judge([AT_HOME, leaves, Lot("MY", 7, start=EARLY)]).passive
    came = [Lot("MY", 6, start=EARLY), Lot("MY", 1, start=w.D)]
    assert not judge([AT_HOME, LEAVES, *came]).passive


def test_a_move_inside_the_country_is_no_arrival() -> None:
    lots = [
        AT_HOME,
        LEAVES,
        Lot("MY", 7, start=EARLY, end=date(2026, 4, 1)),
        Lot("MY", 7, start=date(2026, 4, 1), from_country="MY", site="MY-2"),
    ]
    assert judge(lots).passive
    from_abroad = replace(lots[-1], from_country="IN")
    assert not judge([*lots[:-1], from_abroad]).passive


def test_a_move_within_the_group_is_no_arrival_in_it() -> None:
    lots = [
        AT_HOME,
        LEAVES,
        Lot("MY", 7, start=EARLY, end=date(2026, 4, 1)),
        Lot("IN", 7, start=date(2026, 4, 1), from_country="MY"),
    ]
    assert judge(lots, share(per="group")).passive
    assert not judge(lots).passive


def test_uncounted_chips_are_no_arrival() -> None:
    tiny = Lot("MY", 50, "TINY", start=date(2026, 4, 1))
    assert judge([AT_HOME, LEAVES, Lot("MY", 7, start=EARLY), tiny]).passive


def test_a_model_in_doubt_that_came_is_an_arrival() -> None:
    """The breach rests on what came; that it may not count does not make it passive."""
    lots = [Lot("US", 93), LEAVES, Lot("MY", 7, start=OLD), Lot("MY", 9, "MAYBE", start=EARLY)]
    for options in ({}, {"passive": "warning"}, {"limit_on": "transfers"}):
        found = judge(lots, share(**options))
        assert (found.verdict, found.passive) == ("breach", False)


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "breach"), ({"passive": "warning"}, "warning"), ({"limit_on": "transfers"}, "ok")],
)
def test_what_a_passive_breach_is(options: dict[str, str], said: str) -> None:
    found = judge([AT_HOME, LEAVES, Lot("MY", 7, start=EARLY)], share(**options))
    assert (found.verdict, found.passive) == (said, True)


def test_transfers_alone_are_bound_from_the_first_date_on() -> None:
    transfers = share(limit_on="transfers")
    old = judge([Lot("US", 9), Lot("MY", 1, start=OLD)], transfers)
    assert (old.verdict, old.passive) == ("ok", False)
    new = judge([Lot("US", 9), Lot("MY", 1, start=date(2025, 12, 31))], transfers)
    assert new.verdict == "breach"
    on_the_first = judge([Lot("US", 9), Lot("MY", 1, start=date(2025, 5, 15))], transfers)
    assert on_the_first.verdict == "breach"


def test_lots_without_a_date_are_no_transfers() -> None:
    """They were always there; what came since is bound, with all that stands there."""
    transfers = share(limit_on="transfers")
    undated = judge([Lot("US", 9), Lot("MY", 1)], transfers)
    assert (undated.verdict, undated.passive) == ("ok", False)
    assert undated.reason == (
        "lots without a date are taken as always here, so nothing was brought here: "
        "fill arrived where that is not so; limit_on = transfers"
    )
    above = judge([AT_HOME, LEAVES, Lot("MY", 8)], transfers)
    assert (above.verdict, above.passive) == ("ok", False)
    beside_old = judge([Lot("US", 8), Lot("MY", 1), Lot("MY", 1, start=OLD)], transfers)
    assert beside_old.verdict == "ok"
    beside_new = judge([Lot("US", 97), Lot("MY", 8), Lot("MY", 1, start=EARLY)], transfers)
    assert beside_new.verdict == "breach"
    elsewhere = judge([Lot("US", 9), Lot("MY", 1), Lot("DE", 1, start=EARLY)], transfers)
    assert elsewhere.verdict == "ok"
    assert judge([Lot("US", 9), Lot("MY", 1)]).verdict == "breach"


def test_a_cap_is_never_passive() -> None:
    policy = wp.pack(wp.rule("cap", 'numerator = "abroad"', 'limit = "1"'))
    (found,) = w.found(World([AT_HOME, LEAVES, Lot("MY", 7, start=EARLY)]), policy)
    assert not found.passive


def test_a_share_of_one_kind_of_lots_looks_at_that_kind() -> None:
    """What was unlicensed then decides, not the whole fleet of then."""
    lots = [
        Lot("US", 10),
        Lot("US", 90, licensed=True),
        Lot("MY", 2, start=EARLY),
        Lot("US", 1, licensed=True, end=LATE),
    ]
    found = judge(lots, share('which = "unlicensed"'))
    assert (found.verdict, found.passive) == ("breach", False)


def test_two_metrics_are_not_mixed_up() -> None:
    policy = wp.pack(
        wp.rule("share", 'numerator = "abroad"', 'limit = "0.3"', name="tpp"),
        wp.rule(
            "share", 'numerator = "abroad"', 'limit = "0.3"', 'metric = "accelerators"', name="n"
        ),
    )
    lots = [Lot("US", 4), Lot("US", 4, end=LATE), Lot("MY", 10, "DENSE", start=EARLY)]
    by_power = w.found(World(lots), policy, "tpp")
    by_number = w.found(World(lots), policy, "n")
    assert [one.verdict for one in by_power] == ["ok"]  # 16,000 of 56,000
    assert [(one.verdict, one.passive) for one in by_number] == [("breach", False)]
