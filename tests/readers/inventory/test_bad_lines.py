"""Every bad input has its sentence, in big and small files alike."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from placement.errors import InputError
from placement.readers import read_inventory
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


@pytest.mark.parametrize("merge_from", MODES)
def test_all_problems_are_counted_and_the_first_shown(tmp_path: Path, merge_from: int) -> None:
    bad = [f"A,S,DE,B200,{'x' if line % 2 else '1'},foo,,,," for line in range(300)]
    with pytest.raises(InputError) as caught:
        read(tmp_path, "\n".join([HEADER, NAMIBIA, *bad]), merge_from)
    assert caught.value.total == 450
    assert len(caught.value.problems) == 100
    first, second, *others = caught.value.problems
    assert (first.line, first.column, first.more) == (3, "status", 299)
    assert (second.line, second.column) == (4, "quantity")
    assert {one.column for one in others} == {"quantity"}
    assert caught.value.total == 450


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
def test_a_mark_that_nothing_tells_is_an_error_too(
    tmp_path: Path, merge_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("placement.readers.inventory.read.line_problems", lambda *_, **__: [])
    said = refused(tmp_path, f"{HEADER}\n{NAMIBIA}\nA,S,DE,B200,x,,,,,\n", merge_from)
    assert said.startswith("inv.csv: 1 fault was found in the lots but cannot be told")


@pytest.mark.parametrize("merge_from", MODES)
def test_long_cell(tmp_path: Path, merge_from: int) -> None:
    text = f"{HEADER},notes\n{NAMIBIA},{'x' * 200_000}\n"
    csv.field_size_limit(131_072)
    assert read(tmp_path, text, merge_from).rows == 1
    assert refused(tmp_path, f'{text}"{"A" * 200_000}\n', merge_from) == (
        "inv.csv:3: a quote opens here and never closes; close it, or drop it"
    )
