"""The ledger against plain loops over lots: who is charged what, by which channel, in which order.

`naive` knows nothing of the ledger's tables: tiers are lists, a year's room is a dictionary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.catalog import load_catalog
from placement.enums import Channel, Measure
from placement.fleet.context import FleetContext, build_context
from placement.policy import Policy, load_policy, parse_policy
from placement.policy.row import Measured
from placement.readers.tables.entities import Entities, Entity
from tests.support.fleets import Lot, inventory
from tests.support.paths import TESTS

PACK = TESTS / "packs" / "accounts.toml"
LIMIT = 26_900_000
TPP = {"H100-SXM5-80GB": 15_832, "B200": 36_000, "A100-SXM4-80GB": 4_992, "T4": 0}
TIER1 = {"US", "DE", "JP", "NO"}
POLAND, CAMBODIA = date(2024, 6, 1), date(2026, 2, 3)
DATELESS = date(2025, 1, 1)

#: company -> (ultimate parent, its seat, what the group holds)
COMPANIES = {
    "USco": ("USco", "US", {"uveu"}),
    "USplain": ("USplain", "US", set()),
    "PLco": ("PLco", "PL", {"uveu"}),
    "INco": ("INco", "IN", {"nveu:IN"}),
    "INchild": ("INco", "IN", {"nveu:IN"}),
    "MYco": ("MYco", "MY", set()),
    "CNco": ("CNco", "CN", set()),
    "KHco": ("KHco", "KH", set()),
}
ENTITIES = [
    Entity("USco", None, "US", frozenset({"uveu"})),
    Entity("USplain", None, "US", frozenset()),
    Entity("PLco", None, "PL", frozenset({"uveu"})),
    Entity("INco", None, "IN", frozenset()),
    Entity("INchild", "INco", "SG", frozenset({"nveu:IN"})),
    Entity("MYco", None, "MY", frozenset()),
    Entity("CNco", None, "CN", frozenset()),
    Entity("KHco", None, "KH", frozenset()),
]

#: line, channel, accelerators
Part = tuple[int, str | None, int | Fraction]


def tier(country: str, day: date | None) -> int:
    day = day or DATELESS
    if country in TIER1 or (country == "PL" and day >= POLAND):
        return 1
    return 3 if country == "CN" or (country == "KH" and day < CAMBODIA) else 2


def is_open(channel: str, lot: Lot) -> bool:
    _, seat, held = COMPANIES[lot.owner]
    here, home = tier(lot.country, lot.start), tier(seat, lot.start)
    if channel == "uveu":
        return "uveu" in held and home == 1 and here != 3
    if channel == "aia":
        return home == 1 and here == 1
    if channel == "nveu":
        return f"nveu:{lot.country}" in held and home != 3 and here != 3
    if channel == "lpp":
        receiver = COMPANIES[lot.consignee or lot.owner][1]
        return here != 3 and home != 3 and tier(receiver, lot.start) != 3
    return True


def naive(lots: Sequence[Lot], *, blank: bool = True) -> list[Part]:
    """Charge lots one after another, as the text says it; `blank`: what it is licensed as."""
    parts: list[Part] = []
    used: defaultdict[tuple[str, int], Fraction] = defaultdict(Fraction)
    numbered = [
        (lot.channel is None, lot.start or date.max, line, lot)
        for line, lot in enumerate(lots, start=2)
    ]
    for *_, line, lot in sorted(numbered, key=lambda one: one[:3]):
        if lot.country in ("US", lot.from_country) or not TPP[lot.model]:
            continue
        if lot.end == date.min and lot.start is None:
            continue
        count = Fraction(lot.quantity * lot.unit[0], lot.unit[1])
        year = COMPANIES[lot.consignee or lot.owner][0], lot.start.year if lot.start else 0
        wanted = lot.channel or ("licence" if lot.licensed else None)
        if wanted is not None:
            parts.append((line, wanted, count))
            if wanted == "lpp":  # without a date: kept free in every year
                used[year] += count * TPP[lot.model]
            continue
        for channel in ("uveu", "aia", "nveu", "lpp", "licence"):
            licensed = blank if lot.licensed is None else lot.licensed
            if not is_open(channel, lot) or (channel == "licence" and not licensed):
                continue
            taken = count
            if channel == "lpp":
                if lot.start is None:
                    continue
                spent = used[year] + used[year[0], 0]
                whole = max(0, int((LIMIT - spent) // TPP[lot.model]))
                taken = min(count, Fraction(whole))
                used[year] += taken * TPP[lot.model]
            if taken or channel != "lpp":
                parts.append((line, channel, taken))
            count -= taken
            if not count:
                break
        parts.append((line, None, count))
    return [part for part in parts if part[2]]


def case_of(
    lots: Sequence[Lot],
    policy: Policy | None = None,
    entities: Sequence[Entity] = ENTITIES,
) -> FleetContext:
    policy = policy or load_policy(str(PACK), {})
    return build_context(inventory(lots), policy, load_catalog(), Entities(entities))


def charged(case: FleetContext) -> list[Part]:
    columns = ["line", "channel", "quantity", "unit_num", "unit_den"]
    return [
        (line, channel, Fraction(quantity * num, den))
        for line, channel, quantity, num, den in case.books.ledger.charges.select(
            columns
        ).iter_rows()
        if quantity
    ]


DAYS = st.sampled_from(
    [
        None,
        date(2024, 5, 31),
        date(2024, 6, 1),
        date(2025, 1, 1),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 2, 2),
        date(2026, 2, 3),
        date(2026, 7, 1),
    ]
)
PLACES = st.sampled_from(["US", "DE", "PL", "MY", "IN", "KH", "CN"])
LOTS = st.builds(
    Lot,
    country=PLACES,
    quantity=st.integers(0, 3000),
    model=st.sampled_from(sorted(TPP)),
    owner=st.sampled_from(sorted(COMPANIES)),
    start=DAYS,
    unit=st.sampled_from([(1, 1), (1, 1), (8, 1), (1, 8), (3, 7)]),
    consignee=st.none() | st.sampled_from(sorted(COMPANIES)),
    channel=st.none() | st.none() | st.sampled_from([one.value for one in Channel]),
    licensed=st.sampled_from([None, None, True, False]),
    from_country=st.none() | PLACES,
)


def retired(lot: Lot, end: date | None) -> Lot:
    if end is None or (lot.start is not None and end <= lot.start):
        return lot
    return replace(lot, end=end, status="retired")


FLEETS = st.lists(
    st.builds(
        retired, LOTS, st.sampled_from([None, None, date.min, date(2025, 1, 1), date(2026, 8, 1)])
    ),
    min_size=1,
    max_size=12,
)


@given(FLEETS)
def test_charges_are_those_of_plain_loops(lots: list[Lot]) -> None:
    assert sorted(charged(case_of(lots)), key=str) == sorted(naive(lots), key=str)


@given(FLEETS)
def test_a_blank_may_say_that_there_is_no_licence(lots: list[Lot]) -> None:
    answers = (
        "[options.charge_by]",
        '[options.blank_licence]\nquestion = "?"\ndefault = "unlicensed"\n'
        'values = { unlicensed = "no licence" }\n[options.charge_by]',
    )
    policy = parse_policy(PACK.read_text("utf-8").replace(*answers).encode(), "p.toml", {})
    found = charged(case_of(lots, policy))
    assert sorted(found, key=str) == sorted(naive(lots, blank=False), key=str)


def licensed_to(lots: Sequence[Lot], day: date, charge_by: str) -> Mapping[str, Fraction]:
    found: defaultdict[str, Fraction] = defaultdict(Fraction)
    for line, channel, count in naive(lots):
        lot = lots[line - 2]
        if channel != "licence" or lot.start is None or not date(2025, 1, 1) <= lot.start <= day:
            continue
        seat = COMPANIES[lot.owner][1]
        places = {
            "location": [lot.country],
            "headquarters": [seat],
            "both": sorted({lot.country, seat}),
        }[charge_by]
        for place in places:
            found[place] += count * TPP[lot.model]
    return {place: amount for place, amount in found.items() if amount}


@given(FLEETS, st.sampled_from(["location", "headquarters", "both"]))
def test_licences_of_a_country(lots: list[Lot], charge_by: str) -> None:
    day = date(2026, 6, 30)
    case = case_of(lots, load_policy(str(PACK), {"charge_by": charge_by}))
    of = Measured(
        measure=Measure.RECEIVED, channels=frozenset({Channel.LICENCE}), since=date(2025, 1, 1)
    )
    found: defaultdict[str, Fraction] = defaultdict(Fraction)
    for row in case.books.ledger.received(of, day, "all").iter_rows(named=True):
        assert row["subject"] == "all owners"
        if not row["undated"]:
            count = Fraction(row["quantity"] * row["unit_num"], row["unit_den"])
            found[row["country"]] += count * TPP[row["model"]]
    assert {place: amount for place, amount in found.items() if amount} == licensed_to(
        lots, day, charge_by
    )


@given(FLEETS)
def test_the_order_of_lines_on_different_days_changes_no_total(lots: list[Lot]) -> None:
    lots = [replace(lot, start=date(2025, 1, 1 + place)) for place, lot in enumerate(lots)]

    def totals(fleet: list[Lot]) -> dict[tuple[str, str | None], Fraction]:
        found: defaultdict[tuple[str, str | None], Fraction] = defaultdict(Fraction)
        for line, channel, count in charged(case_of(fleet)):
            found[fleet[line - 2].country, channel] += count
        return found

    assert totals(lots) == totals(lots[::-1])


def test_a_group_that_changed_before_2025_is_that_of_the_day() -> None:
    """Poland joined tier 1 on 2024-06-01: no universal authorization before."""
    lots = [
        Lot("MY", 10, owner="PLco", start=date(2024, 5, 31)),
        Lot("MY", 10, owner="PLco", start=date(2024, 6, 1)),
        Lot("MY", 10, owner="PLco"),
    ]
    assert charged(case_of(lots)) == [(2, "lpp", 10), (3, "uveu", 10), (4, "uveu", 10)]


def edited(tmp_path: Path, *pairs: tuple[str, str]) -> Policy:
    text = PACK.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "pack.toml"
    path.write_text(text, "utf-8")
    return load_policy(str(path), {})


def test_nothing_is_exported_to_a_home_of_the_day(tmp_path: Path) -> None:
    member = 'members = ["US", { place = "CA", from = 2026-01-01 }]'
    policy = edited(
        tmp_path,
        ('title = "United States"\nmembers = ["US"]', f'title = "United States"\n{member}'),
    )
    lots = [
        Lot("CA", 1, owner="MYco", start=date(2025, 12, 31)),
        Lot("CA", 1, owner="MYco", start=date(2026, 1, 1)),
    ]
    assert charged(case_of(lots, policy)) == [(2, "lpp", 1)]


def test_what_was_gone_when_a_window_began_did_not_come_in_it() -> None:
    of = Measured(measure=Measure.RECEIVED, since=date(2025, 1, 1))
    lots = [
        Lot("MY", 1, owner="MYco", end=date(2025, 1, 1), status="retired"),
        Lot("MY", 1, owner="MYco", end=date(2025, 1, 2), status="retired"),
    ]
    found = case_of(lots).books.ledger.received(of, date(2026, 1, 1), "all")
    assert found.select("line", "undated").rows() == [(3, True)]


def test_a_cap_on_receipts_at_each_site(tmp_path: Path) -> None:
    """Sites are asked for by `by`; the ledger keeps them."""
    policy = edited(
        tmp_path,
        ('numerator = "everywhere"\nmeasure', 'numerator = "everywhere"\nby = "site"\nmeasure'),
        ('about = "consignee"', 'about = "consignee"\nper = "each place"'),
    )
    case = case_of([Lot("MY", 7, owner="MYco", start=date(2026, 3, 1))], policy)
    rule = next(one for one in policy.on_totals if one.id == "lpp.cap")
    assert list(case.books.account(rule, date(2026, 8, 1)).fleets["MYco"]) == ["MY-1"]


def test_receipts_of_groups_that_leave_siblings_out() -> None:
    entities = [
        Entity("Top", None, "MY", frozenset()),
        Entity("A", "Top", "MY", frozenset({"nveu:MY"})),
        Entity("B", "Top", "MY", frozenset()),
    ]
    lots = [
        Lot("MY", 1, owner="A", start=date(2026, 3, 1)),
        Lot("MY", 2, owner="B", start=date(2026, 3, 1)),
        Lot("MY", 4, owner="Top", start=date(2026, 3, 1)),
    ]
    of = Measured(measure=Measure.RECEIVED)
    for siblings, expected in (
        ("include", [("Top", 1), ("Top", 2), ("Top", 4)]),
        ("exclude", [("A", 1), ("A", 4), ("Top", 2)]),
    ):
        case = case_of(lots, load_policy(str(PACK), {"siblings": siblings}), entities)
        found = case.books.ledger.received(of, date(2026, 8, 1), "owner")
        assert sorted(found.select("subject", "quantity").rows()) == expected


def test_a_recorded_channel_that_is_not_open_is_charged_and_marked() -> None:
    lots = [
        Lot("CN", 1, owner="CNco", channel="lpp", start=date(2026, 3, 1)),
        Lot("DE", 1, owner="MYco", channel="aia", start=date(2026, 3, 1)),
        Lot("MY", 1, owner="USco", channel="uveu", start=date(2026, 3, 1)),
    ]
    found = case_of(lots).books.ledger.charges.select("line", "channel", "recorded", "open")
    assert found.rows() == [
        (2, "lpp", True, False),
        (3, "aia", True, False),
        (4, "uveu", True, True),
    ]


@pytest.mark.parametrize("seats", [None, frozenset({"MY"})])
def test_only_owners_seated_somewhere(seats: frozenset[str] | None) -> None:
    lots = [
        Lot("IN", 1, owner="MYco", channel="licence", start=date(2026, 3, 1)),
        Lot("IN", 2, owner="USplain", channel="licence", start=date(2026, 3, 1)),
    ]
    of = Measured(measure=Measure.RECEIVED)
    found = case_of(lots).books.ledger.received(of, date(2026, 8, 1), "all", seats)
    assert found.select(pl.col("quantity").sum()).item() == (3 if seats is None else 1)
