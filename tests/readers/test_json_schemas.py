"""The JSON Schemas beside the inputs are those of the readers, and the examples keep them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from placement.readers.json_schemas import TABLES, schema, text_of, write
from tests.support.paths import ROOT

INPUTS = ROOT / "inputs"


@pytest.mark.parametrize("table", TABLES)
def test_they_are_current(table: str) -> None:
    file = INPUTS / "schemas" / f"{table}.json"
    again = "python -m placement.readers.json_schemas inputs/schemas"
    assert file.read_text(encoding="utf-8") == text_of(table), again
    jsonschema.Draft202012Validator.check_schema(schema(table))


def test_all_are_written(tmp_path: Path) -> None:
    write(tmp_path / "new")
    assert sorted(file.stem for file in (tmp_path / "new").iterdir()) == list(TABLES)


def rows(path: Path, of: dict[str, Any]) -> list[dict[str, Any]]:
    numbers = {"number": float, "integer": int}
    with path.open(encoding="utf-8", newline="") as opened:
        return [
            {
                column: numbers.get(of["properties"].get(column, {}).get("type"), str)(text)
                for column, text in row.items()
                if text
            }
            for row in csv.DictReader(opened)
        ]


def faults(row: dict[str, Any], of: dict[str, Any]) -> list[str]:
    jsonschema.Draft202012Validator.check_schema(of)
    return [one.message for one in jsonschema.Draft202012Validator(of).iter_errors(row)]


@pytest.mark.parametrize("path", sorted(INPUTS.glob("*/*.csv")), ids=str)
def test_the_examples_keep_them(path: Path) -> None:
    if path.stem in TABLES:
        of = schema(path.stem)
        found = rows(path, of)
        assert found
        assert [one for row in found for one in faults(row, of)] == []


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("sites", {"site": "windhoek", "country": "NA", "power_mw": -1}),
        ("sites", {"site": "windhoek", "country": "NA", "power_mw": 1, "status": "shut"}),
        ("latency", {"zone": "AF", "ms": 3}),
        ("commitments", {"kind": "most", "quantity": 3}),
        ("supply", {"accelerator": "H200", "period": "2027", "quantity": 1.5, "unit_usd": 1}),
    ],
)
def test_what_they_refuse(table: str, row: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(row, schema(table))


def test_what_they_accept() -> None:
    site = {"site": "windhoek", "country": "NA", "power_mw": 1.5, "opens": "2027-01-01"}
    promise = {"kind": "at_most", "country": "NA", "quantity": 3, "from": "2027Q1"}
    assert faults(site, schema("sites")) == []
    assert faults(promise, schema("commitments")) == []
