"""opening.csv: what it may hold, and every fault with its line."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import placement
from placement.enums import Channel
from placement.errors import InputError
from placement.fleet.opening_balances import balances_of
from placement.readers.tables.opening import read_opening

HEADER = "country,consignee,channel,tpp,as_of,source\n"
LOTS = "owner,site,country,accelerator,quantity,arrived\nAcme,kl,MY,B200,10,2026-03-01\n"


def faults(folder: Path, rows: str) -> list[tuple[int | None, str | None, str]]:
    path = folder / "opening.csv"
    path.write_text(HEADER + rows, "utf-8")
    with pytest.raises(InputError) as error:
        read_opening(path)
    return [(one.line, one.column, one.message) for one in error.value.problems]


def test_rows_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "opening.csv"
    path.write_text(
        HEADER + "Namibia,,Licence,1234.5678,2026-01-31,BIS\n,NA,lpp,0,2026-02-01,x\n", "utf-8"
    )
    first, second = balances_of(read_opening(path)).rows
    assert (first.country, first.consignee) == ("NA", None)
    assert (first.amount, first.channel) == (Fraction("1234567.8"), Channel.LICENCE)
    assert (first.as_of, first.source, first.line) == (date(2026, 1, 31), "BIS", 2)
    assert (second.country, second.consignee, second.amount) == (None, "NA", Fraction(0))


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("MY,Acme,licence,1,2026-01-01,x", None, "names a country and a consignee"),
        (",,licence,1,2026-01-01,x", None, "names no account"),
        ("MY,,licence,-1,2026-01-01,x", "tpp", "is negative"),
        ("MY,,licence,1000000000000001,2026-01-01,x", "tpp", "is more than"),
        ("MY,,licence,1.1234567890123456789,2026-01-01,x", "tpp", "has too many digits"),
        ("MY,,licence,1e9,2026-01-01,x", "tpp", "is written with an exponent"),
        ("Malaisya,,licence,1,2026-01-01,x", "country", "no country is called 'Malaisya'"),
        ("MY,,permit,1,2026-01-01,x", "channel", "is not one of uveu"),
        ("MY,,licence,1,2026-02-30,x", "as_of", "is no day of the calendar"),
        ("MY,,licence,1,2026-01-01,", "source", "is blank"),
    ],
)
def test_faults(tmp_path: Path, row: str, column: str | None, message: str) -> None:
    ((line, where, said),) = faults(tmp_path, f"{row}\n")
    assert (line, where) == (2, column)
    assert message in said


def test_equal_rows_are_refused_and_others_add_up(tmp_path: Path) -> None:
    row = "MY,,licence,1,2026-01-01,x\n"
    ((line, _, said),) = faults(tmp_path, row + row.replace("MY", "malaysia"))
    assert (line, said) == (3, "the row says the same as line 2")
    (tmp_path / "opening.csv").write_text(HEADER + row + row.replace("x", "y"), "utf-8")
    assert len(read_opening(tmp_path / "opening.csv").rows) == 2


def run(folder: Path, rows: str, **given: Any) -> placement.Report:
    (folder / "inventory.csv").write_text(LOTS, "utf-8")
    (folder / "opening.csv").write_text(HEADER + rows, "utf-8")
    return placement.check(
        folder / "inventory.csv", headquarters="MY", authorization="none", as_of="2026-08-01",
        **given,
    )  # fmt: skip


def test_it_is_found_beside_the_inventory_and_said_with_its_source(tmp_path: Path) -> None:
    report = run(
        tmp_path, 'MY,,licence,789640001,2026-01-31,"BIS, 3 Feb"\n,Acme,lpp,26900000,2026-01-01,x\n'
    )
    (breach,) = report.breaches
    # 10 B200 are 360,000 TPP: the year of Acme is full, so they come by licence, one TPP too much.
    assert (breach.rule, breach.numerator) == ("country.alloc", "790000001.000")
    where = f"{tmp_path / 'opening.csv'}:2"
    said = "opening balance of MY by licence: 789,640,001.000 TPP as of 2026-01-31"
    said += f" ({where}: BIS, 3 Feb)"
    assert said in report.assumptions
    assert (
        f"country.alloc: of this inventory and {tmp_path / 'opening.csv'}; BIS counts everyone's"
        in (report.notes)
    )
    assert report.read is not None
    assert report.read.files[str(tmp_path / "opening.csv")] == 2


def test_another_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(HEADER + "MY,,licence,790000000,2026-01-01,x\n", "utf-8")
    report = run(tmp_path, "MY,,licence,1,2026-01-01,x\n", opening=str(tmp_path / "other.csv"))
    by_rule = {one.rule: one.numerator for one in report.findings}
    assert by_rule["country.alloc"] == "790000000.000"


@pytest.mark.parametrize(
    ("row", "note"),
    [
        ("MY,,licence,5,2024-12-31,x", "as of 2024-12-31, before 2025-01-01, the first day that"),
        ("MY,,licence,5,2028-01-01,x", "stands until the day before 2028-01-01"),
        (",Acme,lpp,5,2024-06-01,x", "as of 2024-06-01, and lpp.cap stands from 2025-01-13 on"),
        ("US,,licence,5,2026-01-01,x", "ai-diffusion-2025 has no account of US by licence"),
        (",Acme,licence,5,2026-01-01,x", "ai-diffusion-2025 has no account by licence"),
    ],
)
def test_a_balance_that_no_account_takes_is_said(tmp_path: Path, row: str, note: str) -> None:
    report = run(tmp_path, f"{row}\n")
    (said,) = (one for one in report.notes if "NOT COUNTED" in one)
    assert note in said
    assert all(one.numerator != "5.000" for one in report.findings)
    assert not any("opening balance" in one for one in report.assumptions)


def test_an_unknown_consignee_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "inventory.csv").write_text(LOTS, "utf-8")
    (tmp_path / "opening.csv").write_text(HEADER + ",Acne,lpp,1,2026-01-01,x\n", "utf-8")
    (tmp_path / "e.csv").write_text("entity,headquarters\nAcme,MY\nHub,SG\n", "utf-8")
    with pytest.raises(InputError) as error:
        placement.check(tmp_path / "inventory.csv", entities=tmp_path / "e.csv")
    (one,) = error.value.problems
    assert (one.line, one.column, one.value) == (2, "consignee", "Acne")
    assert "did you mean 'Acme'" in one.fix
    (tmp_path / "opening.csv").write_text(HEADER + ",Hub,lpp,1,2026-01-01,x\n", "utf-8")
    report = placement.check(
        tmp_path / "inventory.csv", entities=tmp_path / "e.csv", as_of="2026-08-01"
    )
    assert {one.owner for one in report.findings if one.rule == "lpp.cap"} == {"Acme", "Hub"}
