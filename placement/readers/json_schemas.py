"""JSON Schemas of rows of input tables, `placement.toml`, `waivers.toml` and `report.json`.

They are derived from the records that are read and written, and described by meanings.toml;
`python -m placement.readers.json_schemas inputs/schemas` writes them again. A row is an
object with a key for each cell that is not blank: numbers as numbers, everything else as text.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from placement.enums import Status, Unit
from placement.readers.inventory.group import READ
from placement.readers.record_schemas import config_schema, report_schema, waivers_schema
from placement.readers.tables.accelerators import AcceleratorRow
from placement.readers.tables.commitments import CommitmentRow
from placement.readers.tables.demand import DemandRow
from placement.readers.tables.entities import EntityRow
from placement.readers.tables.latency import LatencyRow
from placement.readers.tables.opening import OpeningRow
from placement.readers.tables.shipments import ShipmentRow
from placement.readers.tables.site_limits import SiteLimitRow
from placement.readers.tables.sites import SiteRow
from placement.readers.tables.supply import SupplyRow
from placement.readers.tables.weights import WeightsRow

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ROWS: Mapping[str, type[BaseModel]] = {
    "accelerators": AcceleratorRow,
    "commitments": CommitmentRow,
    "demand": DemandRow,
    "entities": EntityRow,
    "latency": LatencyRow,
    "opening": OpeningRow,
    "shipments": ShipmentRow,
    "site_limits": SiteLimitRow,
    "sites": SiteRow,
    "supply": SupplyRow,
    "weights": WeightsRow,
}
"""The record of each table but the inventory, which is read without one."""

TABLES = tuple(sorted([*ROWS, "inventory"]))

OTHERS: Mapping[str, str] = {
    "placement-toml": "placement.toml",
    "report": "report.json",
    "waivers-toml": "waivers.toml",
}
"""The schemas that are of no table, and the files that they are of."""

SCHEMAS = tuple(sorted([*TABLES, *OTHERS]))


def schema(name: str) -> dict[str, Any]:
    """Return a JSON Schema: that of a row of a table, or of one of the others."""
    title = OTHERS.get(name, f"a row of {name}.csv")
    found = {"$schema": DIALECT, "$id": f"urn:placement:schema:{name}:1", "title": title}
    if name == "report":
        return {**found, **report_schema(_meanings("meanings_of_reports"))}
    meanings = _meanings("meanings")
    if name in OTHERS:
        made = config_schema if name == "placement-toml" else waivers_schema
        return {**found, **made(meanings[title])}
    row = _inventory() if name == "inventory" else _row(name)
    for column, cell in row["properties"].items():
        cell["description"] = meanings[name][column]
    return {**found, **row}


def _meanings(name: str) -> dict[str, Any]:
    """Return what columns, keys or fields mean, by whose they are."""
    return tomllib.loads((resources.files("placement.readers") / f"{name}.toml").read_text("utf-8"))


def _row(table: str) -> dict[str, Any]:
    row = ROWS[table]
    raw = row.model_json_schema()
    shared = raw.get("$defs", {})
    return {
        "description": " ".join((row.__doc__ or "").split()),
        "type": "object",
        "properties": {name: _cell(one, shared) for name, one in raw["properties"].items()},
        "required": raw.get("required", []),
    }


def text_of(name: str) -> str:
    """Return a JSON Schema as the text of a file."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> None:
    """Write every schema into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (folder / f"{name}.json").write_text(text_of(name), encoding="utf-8")


def _inventory() -> dict[str, Any]:
    cells: dict[str, Any] = {column: {"type": "string"} for column in READ}
    cells["quantity"] = {"type": "integer", "minimum": 0}
    cells["unit"] = {"type": "string", "enum": [one.value for one in Unit]}
    cells["status"] = {"type": "string", "enum": [one.value for one in Status]}
    return {
        "description": "One lot: accelerators of one owner at one site.",
        "type": "object",
        "properties": cells,
        "required": ["owner", "site", "quantity"],
    }


def _cell(raw: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Say what may stand in a cell that is not blank."""
    options = [one for one in _options(raw) if one.get("type") != "null"]
    # An exact number may be text as well: one of the two is enough to say.
    option = next((option for option in options if option.get("type") == "number"), options[0])
    if "$ref" in option:
        option = shared[option["$ref"].rsplit("/", 1)[-1]]
    found = {key: option[key] for key in ("type", "enum", "format", *_BOUNDS) if key in option}
    for bound in _BOUNDS:
        if bound in found:
            found[bound] = _number(found[bound])
    if found.get("type") == "integer" and "exclusiveMinimum" not in found:
        found.setdefault("minimum", 0)
    if found.get("type") == "array":
        return {"type": "string", "description": "separated by ;"}
    if found.get("type") == "boolean":
        return {"type": "string", "enum": ["yes", "no"]}
    default = raw.get("default")
    if default not in (None, ""):
        found["default"] = _number(default) if found["type"] == "number" else default
    return found


def _options(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "anyOf" not in raw:
        return [raw]
    return [option for one in raw["anyOf"] for option in _options(one)]


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _number(value: Any) -> Any:
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
