"""The JSON Schemas beside the inputs are those of the readers, and the examples keep them."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

import placement
from placement.readers.config.placement_toml import Config
from placement.readers.json_schemas import SCHEMAS, TABLES, schema, text_of, write
from placement.readers.waivers import WaiverRow
from tests.support import small_plan
from tests.support.paths import ROOT

INPUTS = ROOT / "inputs"


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_current(name: str) -> None:
    file = INPUTS / "schemas" / f"{name}.json"
    again = "python -m placement.readers.json_schemas inputs/schemas"
    assert file.read_text(encoding="utf-8") == text_of(name), again
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$id"] == f"urn:placement:schema:{name}:1"


def test_all_are_written(tmp_path: Path) -> None:
    write(tmp_path / "new")
    assert sorted(file.stem for file in (tmp_path / "new").iterdir()) == list(SCHEMAS)
    assert sorted(file.stem for file in (INPUTS / "schemas").iterdir()) == list(SCHEMAS)


def bare(name: str) -> Iterator[str]:
    """Return the columns, keys and fields of a schema that nobody described."""
    of = schema(name)
    for record, body in [("", of), *of.get("$defs", {}).items()]:
        for key, what in {
            **body.get("properties", {}),
            **body.get("patternProperties", {}),
        }.items():
            if not what.get("description", "").strip():
                yield f"{record}.{key}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_everything_is_described(name: str) -> None:
    assert list(bare(name)) == []


def test_nothing_is_described_that_is_not_there() -> None:
    told = tomllib.loads((ROOT / "placement/readers/meanings.toml").read_text("utf-8"))
    sections = told.pop("placement.toml")
    assert set(told.pop("waivers.toml")) == set(WaiverRow.model_fields)
    known = {table: set(schema(table)["properties"]) for table in TABLES}
    assert {table: set(columns) for table, columns in told.items()} == known
    fields = {name: getattr(_record(name), "model_fields", {}) for name in sections if name}
    assert {name: set(keys) for name, keys in sections.items() if name} == {
        name: set(keys) for name, keys in fields.items()
    }
    assert set(sections[""]) == set(Config.model_fields)
    of = schema("report")
    told = tomllib.loads((ROOT / "placement/readers/meanings_of_reports.toml").read_text("utf-8"))
    records = {"Report": of, **of["$defs"]}
    assert {name: set(fields) for name, fields in told.items()} == {
        name: set(body["properties"]) for name, body in records.items() if "properties" in body
    }


def _record(section: str) -> Any:
    annotation = Config.model_fields[section].annotation
    return next(
        one
        for one in (annotation, *getattr(annotation, "__args__", ()))
        if hasattr(one, "model_fields")
    )


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


def tree_of(text: str) -> Any:
    """Return a placement.toml as JSON has it: days are text."""
    tree = tomllib.loads(text)
    return json.loads(json.dumps(tree, default=date.isoformat))


@pytest.mark.parametrize("path", sorted(INPUTS.glob("*/placement.toml")), ids=str)
def test_the_configurations_keep_theirs(path: Path) -> None:
    assert faults(tree_of(path.read_text("utf-8")), schema("placement-toml")) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[optimize]\nobjectives = "cost"\n', "objectives"),
        ('[optimize]\nmode = "repare"\n', "repare"),
        ("[moves]\nallowed = 1\n", "boolean"),
        ("[moves]\nyen_per_accelerator_ = 1\n", "yen_per_accelerator_"),
        ("[horizon]\nperiods = 500\n", "500"),
        ("[optimise]\ngap = 1\n", "optimise"),
        ("[optimize]\nslack = [0, true]\n", "slack|True"),
    ],
)
def test_what_no_configuration_may_say(text: str, said: str) -> None:
    found = " ".join(faults(tree_of(text), schema("placement-toml")))
    assert any(one in found for one in said.split("|")), found


def test_every_way_to_write_a_key_is_allowed() -> None:
    text = """
    [placement]
    policy = ["ai-diffusion-2025", "./house.toml"]
    currency = "EUR"
    authorization = ["uveu", "nveu:IN"]
    [horizon]
    start = "2027Q1"
    discounted_to = 2027-01-01
    [optimize]
    objective = "cost, moves"
    slack = [0, 0.01]
    budget_eur_per_period = [1.5, 2]
    margin = {"uveu.single_country" = "0.5pp", "*" = "2%"}
    by = "2027-02-01"
    gap = 0.01
    [retire]
    allowed = true
    eur_per_accelerator = -100
    [aliases]
    "GB300 NVL72" = "72 x GB300"
    [policy.options]
    between_dates = "breach"
    [policy.groups]
    assured = ["IN"]
    """
    assert faults(tree_of(text), schema("placement-toml")) == []


def test_waivers_keep_theirs() -> None:
    waiver = {
        "rule": "uveu.single_country", "owner": "A", "place": "NA", "at_most": "8.2 %",
        "reason": "moves out by June", "author": "Ann", "approver": "Bo",
        "granted": "2026-12-01", "expires": "2027-06-30",
    }  # fmt: skip
    of = schema("waivers-toml")
    assert faults({"waiver": [waiver, {**waiver, "at_most": 12}]}, of) == []
    assert faults({"waiver": [{**waiver, "until": "2027-06-30"}]}, of)
    assert faults({"waiver": [{**waiver, "at_most": ["8"]}]}, of)
    assert faults({"waivers": [waiver]}, of)
    del waiver["approver"]
    assert faults({"waiver": [waiver]}, of)


def test_reports_keep_theirs(tmp_path: Path) -> None:
    of = schema("report")
    checked = placement.check(INPUTS / "example" / "inventory.csv", today="2026-08-01")
    assert faults(json.loads(checked.as_json()), of) == []
    plan = placement.optimize(small_plan.write(tmp_path / "small"))
    saved = json.loads(plan.report.as_json())
    assert saved["plan"]["tiers"]
    assert faults(saved, of) == []
    none = placement.optimize(INPUTS / "infeasible").report
    assert faults(json.loads(none.as_json()), of) == []
    assert faults({**saved, "a_key_of_a_later_version": 1}, of) == []
    assert faults({**saved, "verdict": "fine"}, of)
    assert faults({**saved, "pack": {}}, of)
