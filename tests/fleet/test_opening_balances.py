"""Opening balances against sums by hand: what others were charged counts in every account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.catalog import load_catalog
from placement.compliance.dates import EvaluationDates, as_of
from placement.compliance.headroom import headroom
from placement.compliance.judge import judge_day
from placement.compliance.run import check_inventory
from placement.enums import Channel, Verdict
from placement.fleet.context import FleetContext, build_context
from placement.fleet.opening_balances import Balance, Balances
from placement.fleet.side_tables import SideTables
from placement.policy import load_policy
from placement.readers.tables.entities import Entities
from placement.report import Finding
from tests.fleet.test_channel_charges import ENTITIES, LIMIT, PACK, TPP
from tests.support.fleets import Lot, inventory

NATION = 790_000_000
POLICY = load_policy(str(PACK), {})
CATALOG = load_catalog()
H100 = "H100-SXM5-80GB"


def balance(whose: str, channel: str, tpp: str, since: date, line: int = 2) -> Balance:
    """A balance of a country (two letters) or of a consignee."""
    is_country = len(whose) == 2
    return Balance(
        line,
        whose if is_country else None,
        None if is_country else whose,
        Channel(channel),
        Fraction(tpp) * 1000,
        since,
        "a letter",
    )


def records(rows: Sequence[Balance]) -> SideTables:
    return SideTables(balances=Balances(tuple(rows)))


def case_of(lots: Sequence[Lot], rows: Sequence[Balance]) -> FleetContext:
    found = records(rows)
    return build_context(inventory(lots), POLICY, CATALOG, Entities(ENTITIES), records=found)


def judged(lots: Sequence[Lot], rows: Sequence[Balance], day: date) -> dict[str, Finding]:
    """Return the findings on MYco's low-volume year and on Malaysia, by rule."""
    (one_day,) = as_of(POLICY, day)
    found, _ = judge_day(case_of(lots, rows), one_day)
    return {
        one.rule: one
        for one in found
        if one.rule in ("lpp.cap", "country.alloc")
        and (one.owner, one.place) in {("MYco", "everywhere"), ("all owners", "MY")}
    }


def by_hand(lots: Sequence[Lot], rows: Sequence[Balance], day: date) -> tuple[Fraction, Fraction]:
    """Sum up what MYco's year and Malaysia are charged with on a day, in TPP; plain loops."""
    tpp = [(one, one.amount / 1000) for one in rows]
    year = nation = Fraction(0)
    for one, amount in tpp:
        if one.as_of <= day and one.consignee == "MYco" and one.channel is Channel.LPP:
            year += amount if one.as_of.year == day.year else 0
        if one.as_of <= day and one.country == "MY" and one.channel is Channel.LICENCE:
            nation += amount if one.as_of >= date(2025, 1, 1) else 0
    for when in (2025, 2026):
        room = LIMIT - sum(
            amount
            for one, amount in tpp
            if one.consignee == "MYco" and one.channel is Channel.LPP and one.as_of.year == when
        )
        mine = [lot for lot in lots if lot.start is not None and lot.start.year == when]
        mine.sort(key=lambda lot: (lot.channel is None, lot.start, lots.index(lot)))
        for lot in mine:
            assert lot.start is not None
            each, low = TPP[lot.model], lot.quantity
            if lot.channel is None:
                low = min(lot.quantity, max(0, int(room // each)))
            elif lot.channel == "licence":
                low = 0
            room -= low * each
            if lot.start <= day and when == day.year:
                year += low * each
            if lot.start <= day:
                nation += (lot.quantity - low) * each
    return year, nation


DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
ROWS = st.lists(
    st.tuples(
        st.sampled_from([("MY", "licence"), ("MY", "lpp"), ("IN", "licence"), ("MYco", "lpp"),
                         ("MYco", "licence"), ("INco", "lpp")]),
        st.sampled_from(["0", "0.0005", "1", "15832", "20000000", "26900000", "773000000.25"]),
        st.dates(date(2024, 12, 1), date(2026, 12, 31)),
    ),
    max_size=4,
)  # fmt: skip
LOTS = st.lists(
    st.builds(
        lambda quantity, model, start, channel: Lot(
            "MY", quantity, model, "MYco", start=start, channel=channel
        ),
        st.sampled_from([1, 400, 1699, 1700]),
        st.sampled_from([H100, "B200"]),
        DAYS,
        st.sampled_from([None, None, "lpp", "licence"]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda lot: (lot.start, lot.quantity, lot.model, lot.channel),
)


@given(LOTS, ROWS, DAYS)
@settings(max_examples=60)
def test_findings_are_the_sums_by_hand(
    lots: list[Lot], drawn: list[tuple[tuple[str, str], str, date]], day: date
) -> None:
    rows = [balance(*of, tpp, since, line) for line, (of, tpp, since) in enumerate(drawn, start=2)]
    found = judged(lots, rows, day)
    year, nation = by_hand(lots, rows, day)
    for rule, amount, limit in (("lpp.cap", year, LIMIT), ("country.alloc", nation, NATION)):
        if rule in found and found[rule].numerator is not None:
            assert Fraction(found[rule].numerator or 0) == amount
            assert (found[rule].verdict is Verdict.BREACH) == (amount > limit)
        else:
            assert amount == 0


def test_a_part_of_a_thousandth_decides() -> None:
    """Ten B200 by licence are 360,000 TPP; the balance leaves room for them, or not quite."""
    lots = [Lot("MY", 10, "B200", "MYco", start=date(2026, 3, 1), channel="licence")]
    for tpp, verdict in (("789640000", Verdict.OK), ("789640000.0000001", Verdict.BREACH)):
        found = judged(lots, [balance("MY", "licence", tpp, date(2026, 1, 1))], date(2026, 8, 1))
        assert found["country.alloc"].verdict is verdict


def test_it_counts_from_its_day_on_and_its_lines_are_of_its_own_file() -> None:
    lots = [Lot("MY", 10, "B200", "MYco", start=date(2026, 1, 1), channel="licence")]
    rows = [balance("MY", "licence", "1000000", date(2026, 7, 1), line=9)]
    before, after = (judged(lots, rows, day)["country.alloc"]
                     for day in (date(2026, 6, 30), date(2026, 7, 1)))  # fmt: skip
    assert (before.numerator, after.numerator) == ("360000.000", "1360000.000")
    assert [(one.file, one.line, one.amount) for one in after.lines] == [
        ("opening.csv", 9, "1000000.000"),
        ("inventory.csv", 2, "360000.000"),
    ]


def test_the_year_of_a_consignee_has_less_room() -> None:
    """26.9 million less 20 million leave 435 H100 of 15,832 TPP by low volume; the rest goes on."""
    lots = [Lot("MY", 1000, owner="MYco", start=date(2026, 3, 1))]
    case = case_of(lots, [balance("MYco", "lpp", "20000000", date(2026, 9, 1))])
    charges = case.books.ledger.charges.select("channel", "quantity").rows()
    assert sorted(charges) == [("licence", 565), ("lpp", 435)]


def test_a_balance_of_a_subsidiary_is_its_parents() -> None:
    lots = [Lot("SG", 1, owner="INco", start=date(2026, 3, 1), channel="lpp")]
    day = date(2026, 8, 1)
    report = check_inventory(
        inventory(lots), policy=POLICY, catalog=CATALOG, entities=Entities(ENTITIES),
        days=EvaluationDates(as_of=day),
        records=records([balance("INchild", "lpp", "26884168.001", date(2026, 2, 1))]),
    )  # fmt: skip
    (found,) = (one for one in report.findings if one.rule == "lpp.cap" and one.owner == "INco")
    # 26,900,000 - 26,884,168 is exactly the 15,832 TPP of one H100; a thousandth more is too much.
    assert (found.verdict, found.numerator) == (Verdict.BREACH, "26900000.001")


@pytest.mark.parametrize("tpp", ["0", "500000000", "785000000.5", "789999999"])
def test_the_end_of_the_room_is_kept_and_one_more_breaks(tpp: str) -> None:
    """What MYco adds in Malaysia comes first by low volume, the rest by licence."""
    day = date(2026, 8, 1)
    rows = [
        balance("MY", "licence", tpp, date(2026, 1, 1)),
        balance("MYco", "lpp", "10000000", date(2026, 5, 1)),
    ]
    here = [Lot("MY", 1, "B200", "MYco", start=date(2026, 3, 1), channel="licence")]
    case = case_of(here, rows)
    (adder,) = case.companies.adders()
    found = headroom(case, adder, "MY", "B200", day)
    low = int((LIMIT - 10_000_000) // 36_000)
    licensed = int((NATION - Fraction(tpp)) // 36_000) - 1
    if licensed < 0:
        assert not found.complies
        return
    assert found.most is not None
    assert found.most.amount == low + licensed
    for more, verdict in ((0, Verdict.OK), (1, Verdict.BREACH)):
        added = Lot("MY", found.most.amount + more, "B200", "MYco", start=day)
        after = judged([*here, added], rows, day)
        assert after["country.alloc"].verdict is verdict
        assert after["lpp.cap"].verdict is Verdict.OK
