"""Inventories: every bad input has its sentence, good ones exact lots, big and small alike."""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.catalog import load_catalog
from placement.errors import InputError
from placement.inventory import LOT_COLUMNS, Inventory
from placement.readers import inventory_from_frame, read_inventory
from placement.readers.doubts import Accepting
from placement.readers.inventory.group import group

CATALOG = load_catalog()
HEADER = "owner,site,country,accelerator,quantity,status,arrived,in_service,out_of_service,asset_id"
NAMIBIA = "Acme,Windhoek,NA,H100-SXM5-80GB,8,,,,,"
WIDE = "owner,site,country,accelerator,quantity,provider,region,instance_type"
NAMIBIA_WIDE = "Acme,Windhoek,NA,H100-SXM5-80GB,8,,,"
#: Merged lots, or one a line. Below ROW_BY_ROW_BELOW the latter are read row by row, see `way`.
MODES = [pytest.param(1 << 40, id="small"), pytest.param(0, id="big")]


@pytest.fixture(scope="module", autouse=True, params=[None, 0], ids=["rows", "scan"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read lots line by line both ways: row by row, and by one scan."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param is not None:
            patch.setattr("placement.readers.inventory.read.ROW_BY_ROW_BELOW", request.param)
        yield


def read(path: Path, content: str | bytes, merge_from: int = 1 << 40, **more: Any) -> Inventory:
    """Read text as a file; rows may be equal, which is of no account but in test_doubts."""
    file = path / "inv.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    given = {"catalog": CATALOG, "name": "inv.csv", "merge_from": merge_from, **more}
    return read_inventory(file, accepting=Accepting(everything=True), **given)


def refused(path: Path, content: str | bytes, merge_from: int = 1 << 40, **more: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(path, content, merge_from, **more)
    return str(caught.value)


BAD_LINES = {
    "A,S,DE,B200,,,,,,": "quantity: is blank; write a whole number, 0 for none",
    "A,S,DE,B200,12.5,,,,,": "quantity '12.5': is not a whole number; count whole units",
    "A,S,DE,B200,1.000,,,,,": "quantity '1.000': is not a whole number; write 1",
    "A,S,DE,B200,-5,,,,,": "quantity '-5': is negative; write a whole number of 0 or more",
    "A,S,DE,B200,+5,,,,,": "quantity '+5': has a plus sign; write 5",
    "A,S,DE,B200,1e3,,,,,": "quantity '1e3': is written with an exponent; write 1000",
    'A,S,DE,B200,"1,000",,,,,': "quantity '1,000': has a thousands separator; write 1000",
    f"A,S,DE,B200,{10**30},,,,,": f"quantity '{10**30}': is more than 1,000,000,000,000, "
    "the most that a cell may hold; check the number of digits, or write several rows",
    f"A,S,DE,B200,{10**12 + 1},,,,,": f"quantity '{10**12 + 1}': is more than 1,000,000,000,000, "
    "the most that a cell may hold; check the number of digits, or write several rows",
    "A,S,DE,B200,many,,,,,": "quantity 'many': is not a number; "
    "write a whole number, in digits only",
    "A,S,DE,B200,1000\x1c,,,,,": "quantity '1000\\x1c': is not a number; "
    "write a whole number, in digits only",
    "A,S,DE,B200,1,,2026-01-01\x1f,,,": "arrived '2026-01-01\\x1f': is not a date as YYYY-MM-DD; "
    "write it as 2026-08-01",
    "A,S,DE,B200,\x1b[31m,,,,,": "quantity '\\x1b[31m': is not a number; "
    "write a whole number, in digits only",
    "A,S,Germny,B200,1,,,,,": "country 'Germny': no country is called 'Germny'; did you mean "
    "'Germany'? Else write the country, as an ISO 3166 code such as DE",
    "A,S,Korea,B200,1,,,,,": "country 'Korea': 'Korea' could be KR (South Korea) or "
    "KP (North Korea); write KR or KP",
    "A,S,,B200,1,,,,,": "country: no country; fill the column country, or provider and region, "
    "or list the site in sites.csv",
    "A,S,DE,H100,1,,,,,": "accelerator 'H100': 'H100' could be H100-SXM5-80GB (TPP 15,832), "
    "H100-PCIe-80GB (TPP 12,104), H100-NVL-94GB (TPP 13,368); write one of these, or settle it "
    "under [aliases] in placement.toml",
    "A,S,DE,,1,,,,,": "accelerator: is blank; name the accelerator, or provider and instance_type",
    " ,S,DE,B200,1,,,,,": "owner: is blank; fill the column owner",
    "A, ,DE,B200,1,,,,,": "site: is blank; fill the column site",
    "A,S,DE,B200,1,instaled,,,,": "status 'instaled': is not a status; did you mean 'installed'? "
    "Else write one of installed, transferred, ordered, planned, retired",
    "A,S,DE,B200,1,planned,,,,": "status 'planned': a planned lot needs a date; "
    "fill arrived or in_service",
    "A,S,DE,B200,1,,01/02/2026,,,": "arrived '01/02/2026': is not a date as YYYY-MM-DD; "
    "write it as 2026-08-01",
    "A,S,DE,B200,1,,,2026-02-30,,": "in_service '2026-02-30': is no day of the calendar; "
    "check the month and the day",
    "A,S,DE,B200,1,,2026-02-02,2026-02-01,,": "in_service '2026-02-01': dates out of order: "
    "in service before it arrived on 2026-02-02; mend one",
    "A,S,DE,B200,1,,,2026-02-01,2026-02-01,": "out_of_service '2026-02-01': dates out of order: "
    "not after in_service 2026-02-01; mend one of them",
    "A,Windhoek,DE,B200,1,,,,,": "site 'Windhoek': the site is in NA on line 2 and in DE here; "
    "mend one, or rename one site",
}


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("line", BAD_LINES)
def test_bad_line(tmp_path: Path, line: str, merge_from: int) -> None:
    assert refused(tmp_path, f"{HEADER}\n{NAMIBIA}\n{line}\n", merge_from) == (
        f"inv.csv:3: {BAD_LINES[line]}"
    )


BAD_WIDE = {
    "A,S,DE,B200,1,aws,us-east-1,": "country 'DE': the country disagrees with the region: "
    "'aws' 'us-east-1' is in US; mend one of them",
    "A,S,,B200,1,aws,mars-1,": "region 'mars-1': no region of aws is called 'mars-1'; "
    "write the country in the column country",
    "A,S,,B200,1,,us-east-1,": "country: no country: a region without a provider; "
    "fill country, or provider",
    "A,S,DE,B200,1,aws,,p5.48xlarge": "instance_type 'p5.48xlarge': accelerator and instance_type "
    "are both given; keep one: quantity counts accelerators for the first, "
    "instances for the second",
    "A,S,DE,,1,aws,,p5.49xlarge": "instance_type 'p5.49xlarge': no instance type of aws is called "
    "'p5.49xlarge'",
}


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("line", BAD_WIDE)
def test_bad_line_with_provider(tmp_path: Path, line: str, merge_from: int) -> None:
    said = refused(tmp_path, f"{WIDE}\n{NAMIBIA_WIDE}\n{line}\n", merge_from)
    assert said.startswith(f"inv.csv:3: {BAD_WIDE[line]}")
    assert "\n" not in said


CAME = "owner,site,country,accelerator,quantity,consignee,channel,licensed,from_country"
NAMIBIA_CAME = "Acme,Windhoek,NA,H100-SXM5-80GB,8,,,,"

BAD_CAME = {
    "A,S,DE,B200,1,,lp,,": "channel 'lp': is not a channel; did you mean 'lpp'? "
    "Else write one of uveu, nveu, aia, aca, nac, acm, lpp, licence",
    "A,S,DE,B200,1,,License,,": "channel 'License': is not a channel; did you mean 'licence'? "
    "Else write one of uveu, nveu, aia, aca, nac, acm, lpp, licence",
    "A,S,DE,B200,1,,sea,,": "channel 'sea': is not a channel; "
    "write one of uveu, nveu, aia, aca, nac, acm, lpp, licence",
    "A,S,DE,B200,1,,,maybe,": "licensed 'maybe': is neither yes nor no; write yes or no",
    "A,S,DE,B200,1,,,1,": "licensed '1': is neither yes nor no; write yes or no",
    "A,S,DE,B200,1,,Licence,No,": "licensed 'No': the channel is licence, and no licence is held; "
    "write yes, or the channel that the lot came under",
    "A,S,DE,B200,1,,,,Germny": "from_country 'Germny': no country is called 'Germny'; did you mean "
    "'Germany'? Else write the country, as an ISO 3166 code such as DE",
    "A,S,DE,B200,1,,,,Korea": "from_country 'Korea': 'Korea' could be KR (South Korea) or "
    "KP (North Korea); write KR or KP",
}


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("line", BAD_CAME)
def test_bad_line_of_how_it_came(tmp_path: Path, line: str, merge_from: int) -> None:
    assert refused(tmp_path, f"{CAME}\n{NAMIBIA_CAME}\n{line}\n", merge_from) == (
        f"inv.csv:3: {BAD_CAME[line]}"
    )


@pytest.mark.parametrize("merge_from", MODES)
def test_faults_of_how_it_came_are_told_together(tmp_path: Path, merge_from: int) -> None:
    said = refused(tmp_path, f"{CAME}\n{NAMIBIA_CAME}\nA,S,X,B200,1,,sea,x,Y\n", merge_from)
    columns = [line.split(" ")[1] for line in said.splitlines()]
    assert columns == ["country", "channel", "licensed", "from_country"]


#: How lots came: the cells as written, and what they are read as.
CAME_READ: dict[str, tuple[Any, ...]] = {
    ",,,": ("Acme", None, None, None),
    " , , ,\u00a0": ("Acme", None, None, None),
    " Buyer Ltd ,uveu,yes,US": ("Buyer Ltd", "uveu", True, "US"),
    "Acme, NVEU ,No,namibia": ("Acme", "nveu", False, "NA"),
    ",Aia,TRUE,Germany": ("Acme", "aia", True, "DE"),
    ",LPP,false,NA": ("Acme", "lpp", False, "NA"),
    ",licence,Yes,gb": ("Acme", "licence", True, "GB"),
}
CAME_COLUMNS = ("consignee", "channel", "licensed", "from_country")


@pytest.mark.parametrize("merge_from", MODES)
def test_how_it_came(tmp_path: Path, merge_from: int) -> None:
    rows = "".join(f"Acme,Windhoek,NA,B200,8,{cells}\n" for cells in CAME_READ)
    found = read(tmp_path, f"{CAME}\n{rows}", merge_from)
    assert found.lots.select(CAME_COLUMNS).rows() == list(CAME_READ.values())
    assert found.lots.schema["licensed"] == pl.Boolean
    assert found.notes == ()


def test_merged_lots_do_not_mix_how_they_came(tmp_path: Path) -> None:
    ways = ("Buyer,,,", ",lpp,,", ",uveu,,", ",,yes,", ",,no,", ",,,US", ",,,NA", ",,,")
    rows = "".join(f"Acme,Windhoek,NA,B200,{n},{way}\n" for n in (1, 2) for way in ways)
    found = read(tmp_path, f"{CAME}\n{rows}", 0)
    assert found.lots["quantity"].to_list() == [3] * len(ways)
    assert found.lots.select(CAME_COLUMNS).n_unique() == len(ways)


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("cells", ["Buyer,,,", ",lpp,,", ",,yes,", ",,,US"])
def test_row_that_says_only_how_it_came_is_not_blank(
    tmp_path: Path, cells: str, merge_from: int
) -> None:
    said = refused(tmp_path, f"{CAME}\n{NAMIBIA_CAME}\n,,,,,{cells}\n", merge_from)
    assert said.startswith("inv.csv:3: owner: is blank")


def test_how_it_came_in_a_frame(tmp_path: Path) -> None:
    lines = [f"Acme,Windhoek,NA,B200,{n},{c}".split(",") for n, c in enumerate(CAME_READ, 1)]
    frame = pd.DataFrame(lines, columns=CAME.split(","))
    found = inventory_from_frame(frame, catalog=CATALOG)
    assert found.lots.select(CAME_COLUMNS).rows() == list(CAME_READ.values())
    frame["licensed"] = [True, False, None, float("nan"), pd.NA, "yes", ""]
    expected = [True, False, None, None, None, True, None]
    for kind in (object, None):
        if kind is None:
            frame["licensed"] = pd.array(expected, dtype="boolean")
        found = inventory_from_frame(frame, catalog=CATALOG)
        assert found.lots["licensed"].to_list() == expected
    frame.loc[1, "channel"] = "boat"
    with pytest.raises(InputError, match="DataFrame:3: channel 'boat': is not a channel"):
        inventory_from_frame(frame, catalog=CATALOG)


def test_model_without_rate_is_refused(tmp_path: Path) -> None:
    names = [name for name, one in CATALOG.accelerators.items() if one.mtpp() is None]
    if not names:
        pytest.skip("every model of the catalogue has a rate")
    said = refused(tmp_path, f"{HEADER}\n{NAMIBIA}\nA,S,DE,{names[0]},1,,,,,\n")
    assert "no published rate; supply tpp for it in accelerators.csv" in said


@pytest.mark.parametrize("merge_from", MODES)
def test_duplicate_asset(tmp_path: Path, merge_from: int) -> None:
    rows = f"{NAMIBIA}x1\n{NAMIBIA}\n{NAMIBIA}\n{NAMIBIA} x1\n"
    assert refused(tmp_path, f"{HEADER}\n{rows}", merge_from) == (
        "inv.csv:5: asset_id 'x1': the asset_id is already on line 2; keep one line for each asset"
    )


@pytest.mark.parametrize("merge_from", MODES)
def test_site_disagrees_with_table_of_sites(tmp_path: Path, merge_from: int) -> None:
    said = refused(
        tmp_path, f"{HEADER}\n{NAMIBIA}\n", merge_from, site_countries={"Windhoek": "ZA"}
    )
    assert said == (
        "inv.csv:2: country 'NA': the site 'Windhoek' is in ZA in the table of sites; "
        "mend one of them"
    )


def test_country_from_table_of_sites(tmp_path: Path) -> None:
    text = "owner,site,accelerator,quantity\nAcme,Windhoek,B200,8\n"
    found = read(tmp_path, text, site_countries={"Windhoek": "NA"})
    assert found.lots["country"].to_list() == ["NA"]


@pytest.mark.parametrize("merge_from", MODES)
def test_all_problems_are_counted_and_the_first_shown(tmp_path: Path, merge_from: int) -> None:
    bad = [f"A,S,DE,B200,{'x' if line % 2 else '1'},foo,,,," for line in range(300)]
    with pytest.raises(InputError) as caught:
        read(tmp_path, "\n".join([HEADER, NAMIBIA, *bad]), merge_from)
    assert caught.value.total == 450
    assert len(caught.value.problems) == 100
    assert [p.line for p in caught.value.problems[:3]] == [3, 4, 4]


FILE_FAULTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "inv.csv: the file is empty; write a header and rows"),
    "blank": (b"\n\n", "inv.csv: the file is empty; write a header and rows"),
    "header only": (
        HEADER.encode(),
        "inv.csv: no lots: nothing to judge; write at least one row below the header",
    ),
    "missing column": (
        b"owner,site,country,accelerator,quantitty\nAcme,W,NA,B200,1\n",
        "inv.csv:1: no column 'quantity'; did you mean 'quantitty'? The columns found are "
        "'owner', 'site', 'country', 'accelerator', 'quantitty'",
    ),
    "no country": (
        b"owner,site,accelerator,quantity\nAcme,W,B200,1\n",
        "inv.csv:1: no column 'country'; give it, or provider and region. "
        "The columns found are 'owner', 'site', 'accelerator', 'quantity'",
    ),
    "semicolons": (
        b"owner;site;country;accelerator;quantity\nAcme;W;NA;B200;1\n",
        "inv.csv:1: the cells are separated by semicolons, not commas; "
        "separate them with commas (spreadsheets use the list separator of the system)",
    ),
    "tabs": (
        b"owner\tsite\nAcme\tW\n",
        "inv.csv:1: the cells are separated by tabs, not commas; "
        "separate them with commas (spreadsheets use the list separator of the system)",
    ),
    "twice": (
        b"owner,site,country,accelerator,quantity,Site\nAcme,W,NA,B200,1,W\n",
        "inv.csv:1: Site: the column appears twice; drop or rename one",
    ),
    "latin-1": (
        f"{HEADER}\n{NAMIBIA}\nA,Z\xfcrich,CH,B200,1,,,,,\n".encode("latin-1"),
        "inv.csv:3: is not UTF-8 text (byte 0xfc; often Latin-1, from Excel); "
        "save the file as UTF-8",
    ),
    "utf-16": (
        f"{HEADER}\n{NAMIBIA}\n".encode("utf-16"),
        "inv.csv:1: is UTF-16 text; save the file as UTF-8",
    ),
    "nul": (
        f"{HEADER}\n{NAMIBIA}\nA,S\0,CH,B200,1,,,,,\n".encode(),
        "inv.csv:3: holds a NUL byte, so this is no CSV text; save the file as UTF-8",
    ),
    "too many": (
        f"{HEADER}\n{NAMIBIA}\n{NAMIBIA},,\n".encode(),
        "inv.csv:3: has 12 cells, the header has 10; quote cells that hold commas",
    ),
    "too few": (
        f"{HEADER}\n{NAMIBIA}\nAcme,Windhoek,NA,H100-SXM5-80GB,8,,,,\nA\n".encode(),
        "inv.csv:3: has 9 cells, the header has 10; add commas for the missing cells\n"
        "inv.csv:4: has 1 cell, the header has 10; add commas for the missing cells",
    ),
    "short row balanced by a quoted comma": (
        f'{HEADER}\n{NAMIBIA}\nA,S,DE,B200,1,,,,\nA,"S,2",DE,B200,1,,,,,\n'.encode(),
        "inv.csv:3: has 9 cells, the header has 10; add commas for the missing cells",
    ),
    "open quote": (
        f'{HEADER}\n{NAMIBIA}\n"A,S,DE,B200,1,,,,,\n'.encode(),
        "inv.csv:3: a quote opens here and never closes; close it, or drop it",
    ),
    "text after a quote": (
        f'{HEADER}\n{NAMIBIA}\n"A"B,S,DE,B200,1,,,,,\n'.encode(),
        "inv.csv:3: a quoted cell goes on after its closing quote; "
        "double the quotes inside it, or drop them",
    ),
}


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_file_fault(tmp_path: Path, fault: str, merge_from: int) -> None:
    content, said = FILE_FAULTS[fault]
    assert refused(tmp_path, content, merge_from) == said


def test_missing_file_and_directory(tmp_path: Path) -> None:
    (tmp_path / "inventory.csv").touch()
    with pytest.raises(InputError, match=r"did you mean 'inventory\.csv'\?"):
        read_inventory(tmp_path / "inventry.csv", catalog=CATALOG)
    with pytest.raises(InputError, match="is a directory; name a CSV file"):
        read_inventory(tmp_path, catalog=CATALOG)


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


@pytest.mark.parametrize("merge_from", MODES)
def test_blank_lines_and_a_line_of_commas_do_not_count(tmp_path: Path, merge_from: int) -> None:
    for tail in ("\n\n\n", "\n,,,,,,,,,\n", "\n\n,,,,,,,,,\n"):
        found = read(tmp_path, f"{HEADER}\n{NAMIBIA}\n{NAMIBIA}{tail}", merge_from)
        assert found.rows == 2
        assert found.lots["quantity"].sum() == 16
    assert refused(tmp_path, f"{HEADER}\n{NAMIBIA}\n,,,,0,,,,,\n", merge_from).startswith(
        "inv.csv:3: owner: is blank"
    )


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


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("blank", [",,,,,,,,,", '"",' * 9 + '""', " , ,\u00a0,,,,,,,\t"])
def test_blank_row_hides_no_short_rows(tmp_path: Path, blank: str, merge_from: int) -> None:
    good = f"{HEADER}\n{NAMIBIA}\n{blank}\n{NAMIBIA}\n"
    assert read(tmp_path, good, merge_from).lots["quantity"].sum() == 16
    assert read(tmp_path, good, merge_from).rows == 2
    # As many commas as the row of commas has are missing from the three short rows together.
    short = "Acme,Windhoek,NA,B200,8,,\n" * 3
    assert refused(tmp_path, f"{good}{short}", merge_from).startswith(
        "inv.csv:5: has 7 cells, the header has 10"
    )


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("row", [",,,,,,,,,x1", ",,,,8,,,,,", ",,,,8,,,,,x1"])
def test_row_with_one_cell_is_not_blank(tmp_path: Path, row: str, merge_from: int) -> None:
    said = refused(tmp_path, f"{HEADER}\n{NAMIBIA}\n{row}\n", merge_from)
    assert "inv.csv:3: owner: is blank" in said
    assert ("inv.csv:3: quantity: is blank" in said) == (",8," not in row)


@pytest.mark.parametrize("merge_from", MODES)
def test_row_with_nothing_in_a_column_that_is_read_is_blank(
    tmp_path: Path, merge_from: int
) -> None:
    text = f"{HEADER},notes\n{NAMIBIA},\n , ,,,,,,,,,moved\n"
    assert read(tmp_path, text, merge_from).rows == 1


def test_blank_rows_of_a_frame(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "owner": ["Acme", None, None],
            "site": ["Windhoek", " ", None],
            "country": ["NA", "", None],
            "accelerator": ["B200", None, None],
            "quantity": ["8", None, None],
            "asset_id": [None, None, "x1"],
        }
    )
    assert inventory_from_frame(frame.iloc[:2], catalog=CATALOG).rows == 1
    with pytest.raises(InputError, match="DataFrame:4: owner: is blank"):
        inventory_from_frame(frame, catalog=CATALOG)


@pytest.mark.parametrize("merge_from", MODES)
def test_a_mark_that_nothing_tells_is_an_error_too(
    tmp_path: Path, merge_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("placement.readers.inventory.read.line_problems", lambda *_, **__: [])
    said = refused(tmp_path, f"{HEADER}\n{NAMIBIA}\nA,S,DE,B200,x,,,,,\n", merge_from)
    assert said.startswith("inv.csv: 1 fault was found in the lots but cannot be told")


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
def test_long_cell(tmp_path: Path, merge_from: int) -> None:
    text = f"{HEADER},notes\n{NAMIBIA},{'x' * 200_000}\n"
    csv.field_size_limit(131_072)
    assert read(tmp_path, text, merge_from).rows == 1
    assert refused(tmp_path, f'{text}"{"A" * 200_000}\n', merge_from) == (
        "inv.csv:3: a quote opens here and never closes; close it, or drop it"
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
