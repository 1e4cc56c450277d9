"""JSON Schema of a row of each input table, derived from the records that its reader makes.

`python -m placement.readers.json_schemas inputs/schemas` writes them again. A row is an
object with a key for each cell that is not blank: numbers as numbers, everything else as text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from placement.enums import Status, Unit
from placement.readers.inventory.group import READ
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


def schema(table: str) -> dict[str, Any]:
    """Return the JSON Schema of a row of a table."""
    found = {"$schema": DIALECT, "title": f"a row of {table}.csv"}
    if table == "inventory":
        return {**found, **_inventory()}
    row = ROWS[table]
    raw = row.model_json_schema()
    shared = raw.get("$defs", {})
    return {
        **found,
        "description": " ".join((row.__doc__ or "").split()),
        "type": "object",
        "properties": {name: _cell(one, shared) for name, one in raw["properties"].items()},
        "required": raw.get("required", []),
    }


def text_of(table: str) -> str:
    """Return the JSON Schema of a row of a table as the text of a file."""
    return json.dumps(schema(table), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> None:
    """Write the schema of every table into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        (folder / f"{table}.json").write_text(text_of(table), encoding="utf-8")


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
