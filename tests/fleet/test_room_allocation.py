"""Channels with room: which lots take it, how much is left."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement.catalog import Override, load_catalog
from placement.enums import Channel
from placement.fleet.context import build_context
from placement.policy import load_policy
from placement.readers.inventory.read import read_inventory
from placement.readers.tables.entities import Entities, Entity
from tests.fleet.test_channel_charges import LIMIT, case_of, charged, edited
from tests.support.fleets import Lot


def test_a_lot_is_split_by_single_accelerators() -> None:
    case = case_of([Lot("MY", 5000, owner="MYco", start=date(2026, 3, 1))])
    assert sorted(charged(case), key=str) == [(2, "licence", 3301), (2, "lpp", 1699)]
    assert case.books.ledger.charges["split"].to_list() == [True, True]


def test_a_cap_that_does_not_stand_leaves_room(tmp_path: Path) -> None:
    stands = 'about = "consignee"\nonly_if = { option = "quarters", values = ["no"] }'
    policy = edited(tmp_path, ('about = "consignee"', stands))
    lots = [Lot("MY", 5000, owner="MYco", start=date(2026, 3, 1))]
    assert charged(case_of(lots, policy)) == [(2, "lpp", 5000)]


def test_what_came_before_a_window_takes_no_room_in_it(tmp_path: Path) -> None:
    policy = edited(tmp_path, ("calendar_year = true", "received_since = 2025-01-01"))
    lots = [
        Lot("MY", 3000, owner="MYco", start=date(2024, 12, 31)),
        Lot("MY", 1699, owner="MYco", start=date(2025, 1, 1)),
        Lot("MY", 1, owner="MYco", start=date(2026, 1, 1)),
    ]
    found = charged(case_of(lots, policy))
    assert found == [(2, "lpp", 3000), (3, "lpp", 1699), (4, "licence", 1)]


def test_spare_room_counts_models_of_unknown_scope(tmp_path: Path) -> None:
    """No die area of a TPU v4 is known, so it may count: a plan may not rest on that."""
    or_dense = '{ tpp_at_least = "1600", performance_density_at_least = "5.92" }]'
    policy = edited(tmp_path, ('"4800" }]', f'"4800" }}, {or_dense}'))
    lots = [
        Lot("MY", 1000, owner="MYco", channel="lpp", start=date(2026, 3, 1)),
        Lot("MY", 100, "TPU v4", owner="MYco", channel="lpp", start=date(2026, 3, 1)),
    ]
    case = case_of(lots, policy)
    ledger, parent = case.books.ledger, case.companies.parents["MYco"]
    way = ledger.way(parent, parent, "MY", date(2026, 3, 1), "TPU v4")
    assert [one.id for one in way.roomy] == [Channel.LPP]
    spare = ledger.spare(way.roomy[0], parent, date(2026, 8, 1))
    assert spare == (LIMIT - 15_832_000 - 440_000) * 1000
    assert ledger.spare(way.roomy[0], parent, date(2027, 8, 1)) == LIMIT * 1000


@pytest.mark.parametrize("merge_from", [0, 10**9])
def test_big_files_are_charged_line_by_line_where_order_decides(
    tmp_path: Path, merge_from: int
) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(
        "owner,site,country,accelerator,quantity,arrived,channel\n"
        "A,m,MY,X,2000,2026-03-01,\nB,s,SG,X,690,2026-03-01,\n"
        "A,m,MY,X,690,2026-03-01,\nA,m,MY,X,78311,2026-03-01,licence\n",
        "utf-8",
    )
    own = Override("X", tpp=Fraction(10000), performance_density=Fraction(20), source="test")
    catalog = load_catalog([own])
    parts = [Entity("A", "P", "MY", frozenset()), Entity("B", "P", "MY", frozenset())]
    entities = Entities([Entity("P", None, "MY", frozenset()), *parts])
    lots = read_inventory(path, catalog=catalog, merge_from=merge_from)
    ledger = build_context(lots, load_policy(), catalog, entities).books.ledger
    licensed = ledger.charges.filter(ledger.charges["channel"] == "licence")
    assert sorted(licensed.select("line", "quantity").rows()) == [(4, 690), (5, 78311)]
