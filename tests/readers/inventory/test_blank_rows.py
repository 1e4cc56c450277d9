"""Rows without a value: blank, or short of one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from placement.errors import InputError
from placement.readers import inventory_from_frame
from tests.readers.inventory.inventory_text import CATALOG, HEADER, MODES, NAMIBIA, read, refused

pytestmark = pytest.mark.usefixtures("way")


@pytest.mark.parametrize("merge_from", MODES)
def test_blank_lines_and_a_line_of_commas_do_not_count(tmp_path: Path, merge_from: int) -> None:
    for tail in ("\n\n\n", "\n,,,,,,,,,\n", "\n\n,,,,,,,,,\n"):
        found = read(tmp_path, f"{HEADER}\n{NAMIBIA}\n{NAMIBIA}{tail}", merge_from)
        assert found.rows == 2
        assert found.lots["quantity"].sum() == 16
    assert refused(tmp_path, f"{HEADER}\n{NAMIBIA}\n,,,,0,,,,,\n", merge_from).startswith(
        "inv.csv:3: owner: is blank"
    )


@pytest.mark.parametrize("merge_from", MODES)
@pytest.mark.parametrize("blank", [",,,,,,,,,", '"",' * 9 + '""', " , ,\u00a0,,,,,,,\t"])
def test_blank_row_hides_no_short_rows(tmp_path: Path, blank: str, merge_from: int) -> None:
    good = f"{HEADER}\n{NAMIBIA}\n{blank}\n{NAMIBIA}\n"
    assert read(tmp_path, good, merge_from).lots["quantity"].sum() == 16
    assert read(tmp_path, good, merge_from).rows == 2
    # As many commas as the row of commas has are missing from the three short rows together.
    short = "Acme,Windhoek,NA,B200,8,,\n" * 3
    assert refused(tmp_path, f"{good}{short}", merge_from).startswith(
        "inv.csv:5 and 2 more lines: has 7 cells, the header has 10"
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
