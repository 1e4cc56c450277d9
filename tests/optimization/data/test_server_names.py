"""Names of servers and racks in supply, demand and commitments."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import placement
from placement.errors import InputError

FILES = {
    "placement.toml": '[placement]\nheadquarters = "US"\nauthorization = "uveu"\nowner = "A"\n'
    '[horizon]\nstart = "2027Q1"\n',
    "inventory.csv": "owner,site,country,accelerator,quantity\nA,us,US,GB300,0\nA,na,NA,GB300,0\n",
    "sites.csv": "site,country,power_mw,accelerators\nus,US,9,GB300 NVL72\nna,NA,9,\n",
    "supply.csv": "accelerator,period,quantity,unit_usd\nGB300,2027Q1,720,100\n",
    "demand.csv": "period,accelerator,quantity\n2027Q1,GB300,144\n",
}


def plan(folder: Path, *, aliases: str = "", **changed: str) -> placement.Plan:
    files = {**FILES, **{f"{one}.csv": text for one, text in changed.items()}}
    files["placement.toml"] += f"[aliases]\n{aliases}"
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return placement.optimize(folder)


@pytest.mark.parametrize(
    ("table", "text", "readings"),
    [
        (
            "supply",
            "accelerator,period,quantity,unit_usd\nGB300 NVL72,2027Q1,720,1\n",
            "720 may be 720 accelerators, or 720 racks with 51,840",
        ),
        (
            "demand",
            "period,accelerator,quantity\n2027Q1,HGX B200,2.5\n",
            "2.5 may be 2.5 accelerators, or 2.5 servers with 20",
        ),
        (
            "commitments",
            "kind,accelerator,quantity\nat_least,DGX H100,3\n",
            "3 may be 3 accelerators, or 3 servers with 24",
        ),
    ],
)
def test_both_readings_are_shown(tmp_path: Path, table: str, text: str, readings: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(tmp_path, **{table: text})
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, "accelerator")
    assert readings in problem.message
    assert "[aliases]" in problem.fix


def test_an_alias_counts_racks_in_demand_and_commitments(tmp_path: Path) -> None:
    racks = '"GB300 NVL72" = "72 x GB300"\n'
    found = plan(
        tmp_path,
        aliases=racks,
        demand="period,accelerator,quantity\n2027Q1,GB300 NVL72,2\n",
        commitments="kind,country,accelerator,quantity\nat_least,US,GB300 NVL72,3\n",
    )
    placed = found.layout_frame()
    assert sum(map(int, placed["quantity"])) == 216
    said = " ".join(found.report.assumptions + found.report.notes)
    assert "GB300 NVL72: 72 x GB300 each" in said
    supply = "accelerator,period,quantity,unit_usd\nGB300 NVL72,2027Q1,10,1\n"
    with pytest.raises(InputError, match=r"is 72 x GB300 by \[aliases\], and accelerators are"):
        plan(tmp_path, aliases=racks, supply=supply)


def test_what_a_commitment_measures_in_tpp_is_no_count(tmp_path: Path) -> None:
    text = "kind,accelerator,metric,quantity\nat_least,GB300 NVL72,tpp,8640000\n"
    found = plan(tmp_path, commitments=text)
    placed = found.layout_frame()
    assert sum(map(int, placed["quantity"])) == Fraction(8640000, 60000) == 144


def test_racks_of_the_inventory_are_an_assumption_of_the_plan(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        inventory="owner,site,country,accelerator,quantity,unit\nA,us,US,GB300 NVL72,1,rack\n"
        "A,na,NA,GB300,0,\n",
    )
    assert any("GB300 NVL72 in racks: 72 x GB300 each" in one for one in found.report.assumptions)
    placed = found.layout_frame()
    assert sum(map(int, placed["quantity"])) == 144
