"""Rows between two stray quotes, and columns without a name: nothing vanishes from any table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import placement
from placement.catalog import load_catalog
from placement.errors import InputError
from placement.readers import inventory_from_frame, read_inventory
from placement.readers.formats.csv_records import body, header_of, records
from placement.readers.tables.demand import read_demand
from placement.readers.tables.entities import read_entities
from placement.readers.tables.latency import read_latency
from placement.readers.tables.shipments import read_shipments
from placement.readers.tables.supply import read_supply
from tests.support.paths import TESTS

INPUTS = TESTS / "inputs"
CATALOG = load_catalog()
TABLES: dict[str, tuple[Callable[[Path], object], str, list[str]]] = {
    "entities": (read_entities, "entity,parent,headquarters,authorization,note",
                 ["A,,US,uveu,", "B,,NA,none,", "C,,DE,none,", "D,,FR,none,"]),
    "demand": (read_demand, "period,metric,quantity,note",
               [f"2027Q{n},accelerators,{n}," for n in (1, 2, 3, 4)]),
    "supply": (read_supply, "accelerator,period,quantity,unit_usd,note",
               [f"B200,2027Q{n},{n},1," for n in (1, 2, 3, 4)]),
    "latency": (read_latency, "zone,site,ms,note", [f"z,s{n},{n}," for n in (1, 2, 3, 4)]),
    "shipments": (read_shipments,
                  "date,exporter,accelerator,quantity,from_country,to_country,end_use_country,note",
                  [f"2026-03-0{n},A,B200,{n},US,US,US," for n in (1, 2, 3, 4)]),
    "inventory": (lambda path: read_inventory(path, catalog=CATALOG),
                  "owner,site,country,accelerator,quantity,note",
                  [f"A,s{n},NA,B200,{n}," for n in (1, 2, 3, 4)]),
}  # fmt: skip


def faults(read: Callable[[], object]) -> list[str]:
    """Say what is wrong, each with its line."""
    with pytest.raises(InputError) as caught:
        read()
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("table", TABLES)
def test_rows_between_two_quotes(tmp_path: Path, table: str, end: str) -> None:
    """Found at the line where the quote opens, whatever ends the lines, by every reader."""
    read, header, (first, second, third, fourth) = TABLES[table]
    path = tmp_path / f"{table}.csv"
    cells = header.count(",") + 1
    said = f"3: a quote opens here and takes in lines 4, 5, all rows of {cells} cells"
    lines = [header, first, f'{second}"open', third, f'{fourth}closed"', ""]
    path.write_bytes(end.join(lines).encode())
    assert faults(lambda: read(path)) == [said]
    path.write_bytes(end.join([header, first, f'{second}"a{end}note"', third, ""]).encode())
    read(path)  # a note of two lines is no row


@pytest.mark.parametrize("table", TABLES)
def test_a_column_without_a_name(tmp_path: Path, table: str) -> None:
    """Its values are lost to every reader; a blank column is none."""
    read, header, rows = TABLES[table]
    path = tmp_path / f"{table}.csv"
    number = {4: "4th", 5: "5th", 6: "6th", 8: "8th"}[header.count(",") + 1]
    for blank in ("", " ", "\u200b", "Unnamed: 7"):
        path.write_text("\n".join([header.removesuffix("note") + blank, *rows, ""]), "utf-8")
        read(path)
        path.write_text(
            "\n".join([header.removesuffix("note") + blank, *rows[:2], rows[2] + "x", ""]), "utf-8"
        )
        assert faults(lambda: read(path)) == [f"1: the {number} column has values and no name"]


@pytest.mark.parametrize("scan", [False, True])
def test_a_scan_sees_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scan: bool) -> None:
    """Big files are not read row by row; a return within quotes ends a line there, too."""
    if scan:
        monkeypatch.setattr("placement.readers.inventory.read.ROW_BY_ROW_BELOW", 0)
    path = tmp_path / "inventory.csv"
    rows = ["owner,site,country,accelerator,quantity,", "A,s,NA,B200,8,", "A,t,NA,B200,8,x", ""]
    path.write_text("\n".join(rows))
    read = lambda: read_inventory(path, catalog=CATALOG, merge_from=0 if scan else 1 << 40)  # noqa: E731
    assert faults(read) == ["1: the 6th column has values and no name"]
    path.write_bytes(
        b'owner,site,country,accelerator,quantity,note\nA,s,NA,B200,8,"a\rA,t,NA,B200,80,\r"\n'
    )
    assert faults(read) == ["2: a quote opens here and takes in line 3, which is a row of 6 cells"]


def test_cases() -> None:
    """Two lots in Malaysia were gone, and a shipment to China; an authorization of a company."""
    chosen: dict[str, Any] = {"headquarters": "US", "authorization": "uveu", "as_of": "2026-08-01"}
    case = INPUTS / "swallowed-rows"
    said = "3: a quote opens here and takes in lines 4, 5, all rows of {} cells"
    assert faults(lambda: placement.check(case / "last-column.csv", **chosen)) == [said.format(6)]
    chosen |= {"policy": "china-h200-2026", "authorization": "none"}
    assert faults(lambda: placement.check(None, shipments=case / "shipments.csv", **chosen)) == [
        said.format(8)
    ]
    case = INPUTS / "blank-header"
    with pytest.raises(InputError, match=r"entities.csv:1: the 4th column has values and no name"):
        placement.check(case / "inventory.csv", entities=case / "entities.csv", as_of="2026-08-01")


@pytest.mark.parametrize("library", [pd, pl])
def test_frames(library: object) -> None:
    """What another reader took for one cell is seen, and a column that it gave no name."""
    path = INPUTS / "swallowed-rows" / "last-column.csv"
    frame = pd.read_csv(path) if library is pd else pl.read_csv(path)
    said = ["3: a cell of this line has lines in it, 2 rows of 6 cells"]
    assert faults(lambda: inventory_from_frame(frame, catalog=CATALOG)) == said
    path = INPUTS / "blank-header" / "entities.csv"
    frame = pd.read_csv(path) if library is pd else pl.read_csv(path)
    rows = pl.DataFrame(
        {"owner": ["A"], "site": ["s"], "country": ["US"], "accelerator": ["B200"], "quantity": [1]}
    )
    said = ["1: the 4th column has values and no name"]
    assert faults(lambda: placement.check(rows, entities=frame, as_of="2026-08-01")) == said


TEXT = st.text(st.sampled_from('a,"\n\r'), max_size=60)


@given(text=TEXT)
def test_what_is_a_row_by_itself_begins_one(text: str) -> None:
    """Of what is read without a fault, each line with the header's number of cells is a row."""
    source = ("b,c\n" + text).encode()
    try:
        with io.BytesIO(source):
            rows = records(source, "x")
            header = header_of(next(rows), (), (), "x")
            begun = {line for line, _ in body(rows, header, "x")}
    except InputError:
        return
    lines = ("b,c\n" + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines[1:], start=2):
        if len(next(csv.reader([line]), [])) == 2 and line.strip(', "'):
            assert number in begun


@given(st.data())
def test_no_row_vanishes(data: st.DataObject) -> None:
    """Two quotes put into cells of a table: all its rows are there, or a fault is told."""
    count = data.draw(st.integers(2, 6))
    cells = [[f"r{row}c{place}" for place in range(3)] for row in range(count)]
    for _ in range(2):
        row, place = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, 2))
        cells[row][place] = data.draw(st.sampled_from(['"{}', '{}"', '{}"x', '"{}"'])).format(
            cells[row][place]
        )
    text = "\n".join(["a,b,c", *(",".join(row) for row in cells)])
    try:
        rows = records(text.encode(), "x")
        found = [*body(rows, header_of(next(rows), (), (), "x"), "x")]
    except InputError:
        return
    assert [line for line, _ in found] == [*range(2, count + 2)]
