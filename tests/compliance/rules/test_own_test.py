"""A rule that says by a test of its own which models count, in the place of the pack's."""

from __future__ import annotations

import pytest

from placement.errors import PolicyError
from placement.policy import describe as words
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, F, Lot, World

#: TINY (100 TPP) is below the pack's test, BIG (10,000) passes it.
WEAK = 'counted = { title = "weak", citation = "c", any = [{ tpp_below = "200" }] }'
RECEIVED = ('measure = "received"', 'channels = ["licence"]', "received_since = 2025-01-01")
#: (kind, its lines) of one rule at MY.
RULES = [
    ("prohibition", ('numerator = "tier2"',)),
    ("prohibition", ('numerator = "tier2"', 'which = "unlicensed"')),
    ("cap", ('numerator = "tier2"', 'limit = "0"')),
    ("cap", ('numerator = "tier2"', 'limit = "0"', *RECEIVED)),
]


@pytest.mark.parametrize(("kind", "lines"), RULES)
@pytest.mark.parametrize(("own", "part"), [(True, F(300)), (False, F(20000))])
def test_only_what_its_own_test_counts(
    kind: str, lines: tuple[str, ...], own: bool, part: F
) -> None:
    """3 TINY are 300 TPP, 2 BIG 20,000: each rule adds up the one or the other, never both."""
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, wp.rule(kind, *lines, WEAK if own else ""))
    channel = "licence" if "received" in " ".join(lines) else None
    lots = [
        Lot("MY", 3, "TINY", start=w.D, channel=channel),
        Lot("MY", 2, "BIG", start=w.D, channel=channel),
    ]
    found = w.found(World(lots, (Company("A", "MY"),)), policy)
    assert [(one.verdict, F(one.numerator or 0)) for one in found] == [("breach", part)]
    assert [one.line for one in found[0].lines] == [2 if own else 3]


def test_it_is_judged_where_the_pack_counts_nothing() -> None:
    policy = wp.pack(wp.rule("prohibition", 'numerator = "tier2"', WEAK))
    found = w.found(World([Lot("MY", 3, "TINY")]), policy)
    assert [(one.verdict, one.numerator) for one in found] == [("breach", "300.000")]


def test_kit_that_only_its_own_test_counts_is_something_to_judge() -> None:
    policy = wp.pack(wp.rule("prohibition", 'numerator = "tier2"', 'which = "unlicensed"', WEAK))
    (found,) = w.found(World([Lot("MY", 3, "TINY", licensed=True)]), policy)
    assert (found.verdict, found.numerator) == ("ok", "0.000")


def test_what_the_pack_does_not_count_takes_no_room_of_a_channel() -> None:
    """The year's room is 100,000 TPP: 10 BIG fill it, and TINY beside them takes none."""
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, wp.rule("prohibition", 'numerator = "tier3"', WEAK))
    lots = [Lot("MY", 10**6, "TINY", start=w.D), Lot("MY", 10, "BIG", start=w.D)]
    found = w.found(World(lots, (Company("A", "MY"),)), policy, "lpp.cap")
    assert [(one.verdict, one.numerator) for one in found] == [("ok", "100000.000")]


def test_a_share_is_of_all_that_the_pack_counts() -> None:
    with pytest.raises(PolicyError, match="a share is of all that the pack counts"):
        wp.pack(wp.rule("share", 'numerator = "tier2"', 'limit = "0.5"', WEAK))


def test_its_sentence_says_what_it_counts() -> None:
    policy = wp.pack(wp.rule("prohibition", 'numerator = "tier2"', WEAK))
    (rule,) = policy.pack.rules
    said = [*words.sentences(rule, policy.pack)]
    assert "Counted here are models that pass 'weak', not the pack's test: TPP < 200." in said
    assert rule.formula() == "tpp of models that pass 'weak'(tier2) = 0"


@pytest.mark.parametrize(
    ("alternative", "said"),
    [
        ('vendors = ["Huawai"]', "the catalogue has no maker 'Huawai'"),
        ('models = ["Ascend 910E"]', "the catalogue has no model 'Ascend 910E'"),
    ],
)
def test_a_maker_or_model_that_nobody_knows_is_refused(alternative: str, said: str) -> None:
    test = f'counted = {{ title = "t", citation = "c", any = [{{ {alternative} }}] }}'
    with pytest.raises(PolicyError, match=said):
        wp.pack(wp.rule("prohibition", 'numerator = "tier2"', test))


def test_a_note_says_which_rule_counts_what_the_pack_does_not() -> None:
    policy = wp.pack(wp.rule("prohibition", 'numerator = "tier2"', WEAK))
    report = w.check(World([Lot("MY", 3, "TINY"), Lot("US", 1)]), policy)
    assert report is not None
    assert "not counted, since no test of 'counted' holds: TINY (3; but by r)" in report.notes
