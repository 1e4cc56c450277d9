"""Small tables: validated records with their lines, or all faults at once."""

from __future__ import annotations

import os
from datetime import date
from fractions import Fraction
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from placement.errors import InputError
from placement.readers import Table, read_table
from placement.readers.cells import CountryCode, Exact, Flag, IsoDate, Whole


class Row(BaseModel):
    model_config = ConfigDict(frozen=True)

    site: str
    country: CountryCode
    racks: Whole = 0
    power_mw: Exact | None = None
    opens: IsoDate | None = None
    status: Literal["open", "frozen", "draining"] = "open"
    ours: Flag = True


def table(path: Path, content: str | bytes) -> Table[Row]:
    file = path / "sites.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(file, Row, name="sites.csv")


def test_rows(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        "\ufeffSite, COUNTRY ,power_mw,opens,note,racks\r\n"
        'Windhoek,NA,"12.5",2026-01-02,"two\r\nlines",\r\n\r\n NA ,Namibia,,,,7\r\n',
    )
    assert found.rows == (
        (2, Row(site="Windhoek", country="NA", power_mw=Fraction(25, 2), opens=date(2026, 1, 2))),
        (5, Row(site="NA", country="NA", racks=7)),
    )
    assert found.notes == ("sites.csv: column not used: 'note'",)


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        table(
            tmp_path,
            'site,country,racks,power_mw,opens,status,ours\nWindhoek,NA,1.5,"1,5",1.2.26,opne,maybe\n'
            ",Korea,,,,,\nUlm,DE\n",
        )
    assert str(caught.value).split("\n") == [
        "sites.csv:2: racks '1.5': is not a whole number; count whole units",
        "sites.csv:2: power_mw '1,5': has a decimal comma; write 1.5",
        "sites.csv:2: opens '1.2.26': is not a date as YYYY-MM-DD; write it as 2026-08-01",
        "sites.csv:2: status 'opne': is not one of open, frozen, draining; did you mean 'open'?",
        "sites.csv:2: ours 'maybe': is neither yes nor no; write yes or no",
        "sites.csv:3: site: is blank; fill the column site",
        "sites.csv:3: country 'Korea': 'Korea' could be KR (South Korea) or KP (North Korea); "
        "write KR or KP",
        "sites.csv:4: has 2 cells, the header has 7; add commas for the missing cells",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "sites.csv: the file is empty; write a header and rows"),
        (b"site,country\n", "sites.csv: no rows; write at least one row below the header"),
        (
            b"site,contry\nWindhoek,NA\n",
            "sites.csv:1: no column 'country'; did you mean 'contry'? "
            "The columns found are 'site', 'contry'",
        ),
        (
            b"site;country\nWindhoek;NA\n",
            "sites.csv:1: the cells are separated by semicolons, not commas; "
            "separate them with commas (spreadsheets use the list separator of the system)",
        ),
        (
            b"site,country\nWindhoek,NA\nZ\xfcrich,CH\n",
            "sites.csv:3: is not UTF-8 text (byte 0xfc; often Latin-1, from Excel); "
            "save the file as UTF-8",
        ),
        (
            b"site,country,site\nWindhoek,NA,x\n",
            "sites.csv:1: site: the column appears twice; drop or rename one",
        ),
    ],
)
def test_file_faults(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        table(tmp_path, content)
    assert str(caught.value) == said


def test_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=("site,country\nUlm,DE\n",), daemon=True)
    writer.start()
    assert read_table(pipe, Row).rows == ((2, Row(site="Ulm", country="DE")),)
    writer.join()


def test_information_separator_is_no_space(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"racks '7\\x1c': is not a number"):
        table(tmp_path, "site,country,racks\nUlm,DE,7\x1c\n")


def test_empty_may_be_allowed(tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("site,country\n")
    assert read_table(file, Row, allow_empty=True).rows == ()
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "none.csv", Row)
