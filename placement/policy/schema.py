"""The JSON Schema of a pack, for editors that complete and check TOML files."""

from __future__ import annotations

from typing import Any

from placement.policy.pack import Pack

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def pack_schema() -> dict[str, Any]:
    """Give the schema of a pack file; dates of TOML are its texts of format `date`."""
    found = Pack.model_json_schema(by_alias=True)
    return {"$schema": DIALECT, **found, "title": "A policy pack of placement"}
