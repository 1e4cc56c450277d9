"""Inventories: good ones are exact lots, big and small alike."""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.errors import InputError
from placement.inventory import LOT_COLUMNS, Inventory
from placement.readers import inventory_from_frame, read_inventory
from placement.readers.doubts import Accepting
from placement.readers.inventory.group import group
from tests.readers.inventory.inventory_text import (
    CATALOG,
    HEADER,
    MODES,
    NAMIBIA,
    NAMIBIA_WIDE,
    WIDE,
    read,
    refused,
)

pytestmark = pytest.mark.usefixtures("way")


def test_country_from_table_of_sites(tmp_path: Path) -> None:
    text = "owner,site,accelerator,quantity\nAcme,Windhoek,B200,8\n"
    found = read(tmp_path, text, site_countries={"Windhoek": "NA"})
    assert found.lots["country"].to_list() == ["NA"]


@pytest.mark.parametrize("merge_from", MODES)
def test_lots(tmp_path: Path, merge_from: int) -> None:
    found = read(
        tmp_path,
        "Owner , SITE,country,accelerator,quantity,provider,region,instance_type,operator,status,"
        "arrived,in_service,out_of_service,notes,shelf,stays\n"
        " Acme ,Windhoek,namibia,A100,8,,,,,,,,,x,,\n"
        "Acme,Virginia,,,2,aws,us-east-1,p5.48xlarge,Op,transferred,2026-01-02,2026-02-01,"
        "2027-01-01,,, Yes\n"
        "Acme,Virginia,US,B200,007,,,,, Retired ,,2026-02-01,,,,no\n",
        merge_from,
    )
    assert found.lots.columns == list(LOT_COLUMNS)
    assert found.lots.schema["quantity"] == pl.Int128
    assert found.lots.schema["line"] == found.lots.schema["line_quantity"] == pl.Int64
    assert found.rows == 3
    d = date
    virginia = ("Acme", "Op", "Virginia", "US", "H100-SXM5-80GB", 2, 8, 1, "transferred")
    assert found.lots.rows() == [
        (
            "Acme",
            "Acme",
            "Windhoek",
            "NA",
            "A100-SXM4-40GB",
            8,
            1,
            1,
            "installed",
            None,
            None,
            "Acme",
            None,
            None,
            None,
            None,
            None,
            None,
            2,
            8,
        ),
        (
            *virginia,
            d(2026, 1, 2),
            d(2027, 1, 1),
            "Acme",
            None,
            None,
            None,
            None,
            d(2026, 2, 1),
            True,
            3,
            2,
        ),
        (
            "Acme",
            "Acme",
            "Virginia",
            "US",
            "B200",
            7,
            1,
            1,
            "retired",
            d(2026, 2, 1),
            date.min,
            "Acme",
            None,
            None,
            None,
            None,
            d(2026, 2, 1),
            False,
            4,
            7,
        ),
    ]
    assert found.notes[0] == "inv.csv: columns not used: 'notes', 'shelf'"
    assert found.notes[1].startswith("inv.csv: 'A100' could be A100-SXM4-40GB")
    assert found.notes[2].startswith("inv.csv: instance type p5.48xlarge: 8 x H100-SXM5-80GB each")
    assert found.notes[3] == "inv.csv: 1 retired line has no out_of_service and never counted"
    assert len(found.notes) == 4


def test_unknown_region_with_a_country_is_a_note(tmp_path: Path) -> None:
    found = read(tmp_path, f"{WIDE}\n{NAMIBIA_WIDE}\nA,S,DE,B200,0,aws,mars-1,\n")
    assert found.notes == (
        "inv.csv: regions not in the catalogue, country taken as written: aws mars-1",
    )
    assert found.lots["quantity"].to_list() == [8, 0]


@pytest.mark.parametrize("merge_from", MODES)
def test_lines_are_the_editors(tmp_path: Path, merge_from: int) -> None:
    rows = (HEADER, "", NAMIBIA, 'A,"S\r\n2",DE,B200,1,,,,,', ",,,,,,,,,", "B,T,FR,B200,x,,,,,", "")
    text = "\r\n".join(rows)
    assert refused(tmp_path, text, merge_from).startswith("inv.csv:7: quantity 'x'")
    good = read(tmp_path, text.replace(",x,", ",4,"), merge_from)
    assert good.lots["line"].to_list() == [3, 4, 7]
    assert good.lots["site"].to_list() == ["Windhoek", "S\r\n2", "T"]
    assert good.rows == 3


def test_quantities_beyond_64_bits_add_up(tmp_path: Path) -> None:
    row = NAMIBIA.replace(",8,", f",{10**12},")
    file = tmp_path / "inv.csv"
    file.write_text("\n".join([HEADER, *[row] * 1000]))
    twice = Accepting(everything=True)
    lots = read_inventory(file, catalog=CATALOG, merge_from=0, accepting=twice).lots
    assert lots["quantity"].to_list() == [10**15]
    assert lots.select("line", "line_quantity").rows() == [(2, 10**12)]
    count = 10**7
    raw = pl.LazyFrame(
        {
            "owner": pl.repeat("A", count, eager=True),
            "quantity": pl.repeat(str(10**12), count, eager=True),
            "line": pl.repeat(2, count, eager=True),
        }
    )
    assert group(raw, each_line=False).frame["quantity"].item() == 10**19


@pytest.mark.parametrize("merge_from", MODES)
def test_a_newline_within_quotes_moves_the_lines(tmp_path: Path, merge_from: int) -> None:
    text = f'{HEADER}\n{NAMIBIA}\nA,"S\n2",DE,B200,1,,,,,\nB,T,FR,B200,1,,,,,\n'
    assert read(tmp_path, text, merge_from).lots["line"].to_list() == [2, 3, 5]


def test_heaviest_line(tmp_path: Path) -> None:
    rows = [NAMIBIA.replace(",8,", f",{n},") for n in (3, 9, 4194305, 4194305, 1)]
    for count, expected in ((2, (3, 9)), (5, (4, 4194305))):
        lots = read(tmp_path, "\n".join([HEADER, *rows[:count]]), 0).lots
        assert lots.select("line", "line_quantity").rows() == [expected]


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped:
        closed = False
        buffer = io.BytesIO(f"{HEADER}\n{NAMIBIA}\n".encode())

    monkeypatch.setattr("sys.stdin", Piped())
    found = read_inventory("-", catalog=CATALOG)
    assert (found.source, found.lots["country"].to_list()) == ("<stdin>", ["NA"])


def test_frame_gives_what_its_csv_gives(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "owner": ["Acme", "Acme"],
            "site": ["Windhoek", "Ulm"],
            "country": ["NA", "DE"],
            "accelerator": ["B200", "B200"],
            "quantity": [8.0, 3.0],
            "arrived": [pd.NaT, pd.Timestamp("2026-01-02")],
            "status": [None, float("nan")],
        }
    )
    found = inventory_from_frame(frame, catalog=CATALOG)
    text = "owner,site,country,accelerator,quantity,arrived\nAcme,Windhoek,NA,B200,8,\n"
    same = read(tmp_path, f"{text}Acme,Ulm,DE,B200,3,2026-01-02\n")
    assert found.lots.equals(same.lots)
    frame["quantity"] = [8.0, float("nan")]
    with pytest.raises(InputError, match="DataFrame:3: quantity: is blank"):
        inventory_from_frame(frame, catalog=CATALOG)
    frame["quantity"] = [8.5, 1.0]
    with pytest.raises(InputError, match=r"DataFrame:2: quantity '8.5': is not a whole number"):
        inventory_from_frame(frame, catalog=CATALOG)


def test_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    content = f"{HEADER}\n{NAMIBIA}\n".encode()
    writer = Thread(target=pipe.write_bytes, args=(content,), daemon=True)
    writer.start()
    found = read_inventory(pipe, catalog=CATALOG)
    writer.join()
    assert found.lots["quantity"].to_list() == [8]


@pytest.mark.parametrize("merge_from", MODES)
def test_instance_types_are_noted(tmp_path: Path, merge_from: int) -> None:
    found = read(
        tmp_path,
        f"{WIDE}\nAcme,Ulm,DE,,2,aws,,p5.48xlarge\nAcme,Ulm,DE,,2, aws,,P5.48XLARGE\n"
        "Acme,Ulm,DE,,1,aws,,p2.8xlarge\n",
        merge_from,
    )
    assert found.notes == (
        "inv.csv: instance type p2.8xlarge of aws is taken for 8 x K80, with low confidence: "
        "check it",
        "inv.csv: instance type p2.8xlarge: 8 x K80 each, quantity counts instances",
        "inv.csv: instance type p5.48xlarge: 8 x H100-SXM5-80GB each, quantity counts instances",
    )


@pytest.mark.parametrize("merge_from", MODES)
def test_headers_match_whatever_joins_their_words(tmp_path: Path, merge_from: int) -> None:
    text = (
        "Owner,Site,Provider,REGION,Instance type,quantity,In service,out-of-service\n"
        "Acme,Virginia,aws,us-east-1,p5.48xlarge,1,2026-02-01,2027-02-01\n"
    )
    (lot,) = read(tmp_path, text, merge_from).lots.to_dicts()
    assert (lot["unit_num"], lot["country"]) == (8, "US")
    assert (lot["start"], lot["end"]) == (date(2026, 2, 1), date(2027, 2, 1))
    twice = text.replace("REGION", "in_service")
    assert "inv.csv:1: In service: the column appears twice" in refused(tmp_path, twice)


def test_name_that_is_no_text_is_printable(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"lots-\xff.csv")
    try:
        file.write_text(f"{HEADER}\n{NAMIBIA}\n")
    except OSError:
        pytest.skip("the file system takes no such name")
    found = read_inventory(file, catalog=CATALOG)
    assert found.source.encode().endswith(b"lots-\\udcff.csv")
    file.write_text(f"{HEADER}\n")
    with pytest.raises(InputError) as caught:
        read_inventory(file, catalog=CATALOG)
    assert str(caught.value).encode()


rows_of_an_inventory = st.lists(
    st.tuples(
        st.sampled_from(["Acme", " Acme", 'B, "Co"']),
        st.sampled_from([("Windhoek", "NA"), ("Windhoek", "namibia"), ("Ulm", "DE")]),
        st.sampled_from(["B200", "b200", "A100"]),
        st.integers(0, 10**12) | st.integers(0, 9),
        st.sampled_from(["", "2026-01-01"]),
    ),
    min_size=1,
    max_size=12,
)


def written(rows: list[Any], newline: str = "\n") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=newline)
    writer.writerow(["owner", "site", "country", "accelerator", "quantity", "in_service"])
    for owner, (site, country), chip, quantity, day in rows:
        writer.writerow([owner, site, country, chip, quantity, day])
    return out.getvalue().encode()


def totals(found: Inventory) -> dict[tuple[Any, ...], int]:
    summed: dict[tuple[Any, ...], int] = defaultdict(int)
    for lot in found.lots.iter_rows(named=True):
        key = (lot["owner"], lot["site"], lot["country"], lot["model"], lot["start"])
        summed[key] += lot["quantity"]
    return dict(summed)


def oracle(content: bytes) -> dict[tuple[Any, ...], int]:
    summed: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
        day = date.fromisoformat(row["in_service"]) if row["in_service"] else None
        country = {"NA": "NA", "namibia": "NA", "DE": "DE"}[row["country"]]
        model = {"B200": "B200", "b200": "B200", "A100": "A100-SXM4-40GB"}[row["accelerator"]]
        summed[row["owner"].strip(), row["site"], country, model, day] += int(row["quantity"])
    return dict(summed)


@settings(max_examples=15, deadline=None)
@given(rows=rows_of_an_inventory, data=st.data())
def test_what_does_not_matter(
    rows: list[Any], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("inv")
    expected = oracle(written(rows))
    shuffled = data.draw(st.permutations(rows))
    part = data.draw(st.integers(0, rows[0][3]))
    split = [(*rows[0][:3], part, rows[0][4]), (*rows[0][:3], rows[0][3] - part, rows[0][4])]
    small = read(path, written(rows))
    assert small.lots["line"].to_list() == list(range(2, len(rows) + 2))
    assert small.lots["line_quantity"].to_list() == [row[3] for row in rows]
    for content in (
        written(rows),
        written(shuffled),
        written([*split, *rows[1:]]),
        written(rows, "\r\n"),
        b"\xef\xbb\xbf" + written(rows),
        written(rows).rstrip(b"\n"),
    ):
        for merge_from in (0, 1 << 40):
            assert totals(read(path, content, merge_from)) == expected
