"""Consignee, channel, licence and origin of lots: read, refused, and never mixed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from placement.errors import InputError
from placement.readers import inventory_from_frame
from tests.readers.inventory.inventory_text import CATALOG, MODES, read, refused

pytestmark = pytest.mark.usefixtures("way")


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
