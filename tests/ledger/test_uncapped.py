"""`placement ledger` on what is in no account, on opening balances, and on whose tally it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import placement
from placement.ledger.records import Accounts
from placement.render import ledger as render

HEADER = "owner,site,country,accelerator,quantity,arrived,channel,licensed\n"
COMPANIES = "entity,headquarters,authorization\nUS1,US,none\nMY1,MY,none\nNat,AE,nveu:AE\n"


def accounts(folder: Path, lots: str, opening: str = "", **given: object) -> Accounts:
    (folder / "inventory.csv").write_text(HEADER + lots, "utf-8")
    (folder / "entities.csv").write_text(COMPANIES, "utf-8")
    if opening:
        table = "country,consignee,channel,tpp,as_of,source\n" + opening
        (folder / "opening.csv").write_text(table, "utf-8")
    return placement.accounts(
        folder / "inventory.csv",
        entities=folder / "entities.csv",
        **{"until": "2026-08-01", **given},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("lot", "option", "because"),
    [
        (
            "US1,my,MY,B200,1,2024-12-31,licence,",
            {},
            "country.alloc does not stand before 2025-01-01",
        ),
        (
            "US1,my,MY,B200,1,2025-03-01,licence,",
            {"alloc_from": "2025-05-15"},
            "it came before 2025-05-15, the first day that country.alloc counts",
        ),
        (
            "US1,my,MY,B200,1,2026-03-01,licence,",
            {"charge_by": "headquarters"},
            "country.alloc charges it to US, where the headquarters are",
        ),
        (
            "US1,my,MY,B200,1,2026-03-01,licence,",
            {"tier1_licences": "exempt"},
            "country.alloc leaves out companies with headquarters in US",
        ),
        ("Nat,ae,AE,B200,1,2026-03-01,nveu,", {}, "what stands there is under nveu.cap"),
        ("US1,de,DE,B200,1,2026-03-01,aia,", {}, ""),
    ],
)
def test_no_cap_is_never_said_beside_a_cap(
    tmp_path: Path, lot: str, option: dict[str, str], because: str
) -> None:
    """A lot of MY1 in Malaysia draws up its account, whatever becomes of the other one."""
    found = accounts(tmp_path, f"{lot}\nMY1,my,MY,B200,2,2026-03-01,licence,\n", options=option)
    (one,) = found.uncapped
    assert one.because.startswith(because)
    assert bool(one.because) == bool(because)
    text = render.text(found)
    assert ("no cap\n" in text) == (not because)
    assert "country.alloc in MY" in text
    entries = {row.split(",")[0] for row in render.to_csv(found).splitlines()[1:]}
    assert ("no_account" if because else "no_cap") in entries


def test_balances_stand_in_the_account_with_their_source(tmp_path: Path) -> None:
    """790,000,000 - 700,000,000.5 = 89,999,999.5; less 2,000 B200 of 36,000 TPP: 17,999,999.5."""
    found = accounts(
        tmp_path,
        "MY1,my,MY,B200,2000,2026-03-01,licence,\n",
        'MY,,licence,700000000.5,2026-03-01,"BIS, by letter"\nMY,,licence,1,2026-07-01,press\n'
        "MY,,licence,9,2026-08-02,later\n",
    )
    (account,) = found.accounts
    assert [(one.amount, one.left, one.source) for one in account.balances] == [
        ("700000000.500", "89999999.500", "BIS, by letter"),
        ("1.000", "17999998.500", "press"),
    ]
    assert [one.left for one in account.charges] == ["17999999.500"]
    assert (account.opening, account.charged) == ("790000000.000", "772000001.500")
    assert account.left == "17999998.500"
    text = render.text(found)
    opened = [line.split() for line in text.splitlines() if "opening balance" in line]
    assert [(line[0], line[2:5]) for line in opened] == [
        ("2026-03-01", ["BIS,", "by", "letter"]),
        ("2026-07-01", ["press", "licence,", "opening"]),
    ]
    (record,) = json.loads(render.to_json(found))["accounts"]
    assert record["balances"][1]["source"] == "press"
    balances = [row for row in render.to_csv(found).splitlines() if row.startswith("balance,")]
    assert len(balances) == 2
    assert balances[0].endswith('700000000.500,89999999.500,"BIS, by letter"')


def test_a_range_leaves_no_balance_out(tmp_path: Path) -> None:
    """With --from, charges of before are a sum; a balance of before stands there all the same."""
    found = accounts(
        tmp_path,
        "MY1,my,MY,B200,1,2026-03-01,licence,\nMY1,my,MY,B200,2,2026-07-01,licence,\n",
        "MY,,licence,1000,2026-02-01,x\n",
        since="2026-06-01",
    )
    (account,) = found.accounts
    assert (account.before, account.opening) == ("36000.000", "789964000.000")
    assert [one.left for one in account.balances] == ["789963000.000"]
    assert account.left == "789891000.000"


def test_an_account_of_balances_alone_and_a_consignees_years(tmp_path: Path) -> None:
    found = accounts(
        tmp_path,
        "MY1,us,US,B200,1,2026-03-01,,\n",
        "IN,,licence,790000001,2026-02-01,x\n,MY1,lpp,5,2025-12-31,x\n,MY1,lpp,7,2026-01-01,x\n",
    )
    assert [(one.rule, one.holder, one.place, one.left) for one in found.accounts] == [
        ("country.alloc", "all owners", "IN", "-1.000"),
        ("lpp.cap", "MY1", "everywhere", "26899995.000"),
        ("lpp.cap", "MY1", "everywhere", "26899993.000"),
    ]


def test_whose_tally_it_is_is_said_once_for_each_rule(tmp_path: Path) -> None:
    lots = "MY1,my,MY,B200,2,2026-03-01,licence,\nMY1,in,IN,B200,2,2026-03-01,licence,\n"
    found = accounts(tmp_path, lots)
    assert [one for one in found.notes if "counts everyone's" in one] == [
        "country.alloc: of this inventory; BIS counts everyone's"
    ]
    assert render.text(found).count("BIS counts everyone's") == 1
    report = placement.check(
        tmp_path / "inventory.csv", entities=tmp_path / "entities.csv", as_of="2026-08-01"
    )
    assert "country.alloc: of this inventory; BIS counts everyone's" in report.notes
    room = placement.headroom(
        tmp_path / "inventory.csv", "B200", entities=tmp_path / "entities.csv",
        places="MY", as_of="2026-08-01",
    )  # fmt: skip
    assert "country.alloc: of this inventory; BIS counts everyone's" in room.notes


def test_a_split_lot_is_an_assumption_with_its_amounts(tmp_path: Path) -> None:
    """26,900,000 / 36,000: 747 of 1,000 B200 by low volume, 26,892,000 TPP; 253, 9,108,000."""
    found = accounts(tmp_path, "MY1,my,MY,B200,1000,2026-03-01,,\n")
    where = tmp_path / "inventory.csv"
    said = (
        f"a lot is split over channels ({where}:2): 26,892,000.000 TPP by lpp, "
        "9,108,000.000 TPP by licence; lpp needs first: the consignee's certification, before "
        "the first shipment (15 CFR 740.29(f))"
    )
    assert said in found.assumptions
    given: dict[str, Any] = {"entities": tmp_path / "entities.csv", "as_of": "2026-08-01"}
    assert said in placement.check(where, **given).assumptions
    room = placement.headroom(where, "B200", places="MY", **given).assumptions
    assert said in room
