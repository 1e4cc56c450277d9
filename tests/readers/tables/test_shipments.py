"""Shipments: rows with their countries, models by the catalogue, all faults at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from placement.catalog import load_catalog
from placement.errors import InputError
from placement.readers.tables.shipments import Shipment, read_shipments, resolve_shipments

HEADER = "date,exporter,accelerator,quantity,from_country,to_country,end_use_country,application\n"


def shipments(folder: Path, body: str) -> tuple[Shipment, ...]:
    path = folder / "shipments.csv"
    path.write_text(HEADER + body)
    return resolve_shipments(read_shipments(path, name="shipments.csv"), load_catalog())


def test_rows_and_models(tmp_path: Path) -> None:
    found = shipments(
        tmp_path,
        "2026-02-03,Chips Inc,NVIDIA H200 SXM,16,US,China,CN,L-1\n"
        "2026-02-04,Chips Inc,H200-SXM5-141GB,8,US,NA,Namibia,\n",
    )
    assert found == (
        Shipment(2, date(2026, 2, 3), "Chips Inc", "H200-SXM5-141GB", 16, "US", "CN", "CN", "L-1"),
        Shipment(3, date(2026, 2, 4), "Chips Inc", "H200-SXM5-141GB", 8, "US", "NA", "NA", None),
    )


def test_the_application_may_be_left_out_and_no_shipment_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "shipments.csv"
    path.write_text(HEADER.replace(",application", ""))
    table = read_shipments(path)
    assert resolve_shipments(table, load_catalog()) == ()


def test_a_licence_on_record_is_yes_no_or_not_said(tmp_path: Path) -> None:
    path = tmp_path / "shipments.csv"
    row = "2026-02-03,Chips Inc,L4,1,US,CN,CN,"
    rows = "".join(f"{row}{said}\n" for said in ("yes", "no", ""))
    path.write_text(HEADER.replace("application", "licensed") + rows)
    found = resolve_shipments(read_shipments(path), load_catalog())
    assert [one.licensed for one in found] == [True, False, None]
    path.write_text(HEADER.replace("application", "licensed") + f"{row}L-1\n")
    with pytest.raises(InputError, match="licensed 'L-1': is neither yes nor no"):
        read_shipments(path)


def test_faults_of_cells(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        shipments(tmp_path, "3.2.26,Chips Inc,H200,1e3,US,Korea,,\n")
    assert str(caught.value).split("\n") == [
        "shipments.csv:2: date '3.2.26': is not a date as YYYY-MM-DD; write it as 2026-08-01",
        "shipments.csv:2: quantity '1e3': is written with an exponent; write 1000",
        "shipments.csv:2: to_country 'Korea': 'Korea' could be KR (South Korea) or KP (North "
        "Korea); write KR or KP",
        "shipments.csv:2: end_use_country: is blank; fill the column end_use_country",
    ]


def test_faults_of_names(tmp_path: Path) -> None:
    rows = [
        f"2026-02-03,Chips Inc,{name},1,US,CN,CN,\n"
        for name in ("H100", "H20O-SXM5-141GB", "A100", "Ascend 910D", "H100")
    ]
    with pytest.raises(InputError) as caught:
        shipments(tmp_path, "".join(rows))
    said = str(caught.value).split("\n")
    where = ["2 and 1 more line", "3", "4", "5"]
    assert [line.split(": ")[0] for line in said] == [f"shipments.csv:{n}" for n in where]
    assert [one.line for one in caught.value.problems] == [2, 3, 4, 5, 6]
    assert "accelerator 'H100': 'H100' could be H100-SXM5-80GB" in said[0]
    assert "no accelerator is called 'H20O-SXM5-141GB'; name it under" in said[1]
    assert said[2] == (
        "shipments.csv:4: accelerator 'A100': 'A100' covers several models, and shipments are of "
        "one; write the model that was shipped: `placement catalog find 'A100'` lists them"
    )
    assert said[3] == (
        "shipments.csv:5: accelerator 'Ascend 910D': Ascend 910D: no published rate; supply tpp "
        "for it in accelerators.csv"
    )


def test_a_users_alias_settles_which_model_was_shipped(tmp_path: Path) -> None:
    path = tmp_path / "shipments.csv"
    path.write_text(HEADER + "2026-02-03,Chips Inc,A100,1,US,CN,CN,\n")
    catalog = load_catalog(aliases={"A100": "A100-PCIe-80GB"})
    (found,) = resolve_shipments(read_shipments(path), catalog)
    assert found.model == "A100-PCIe-80GB"
