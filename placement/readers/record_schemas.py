"""JSON Schemas of `placement.toml`, `waivers.toml` and `report.json`, from their records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from placement.readers.config.money import CURRENCY
from placement.readers.config.placement_toml import Config
from placement.readers.waivers import WaiverRow
from placement.report import Report

_EXACT = "fraction"
_BOUNDS: Mapping[Any, str] = {"ge": "minimum", "le": "maximum"}
_MARGIN = {"type": "string", "description": "0.5pp (percentage points) or 2% (of the limit)."}

Meanings = Mapping[str, Any]


def config_schema(meanings: Meanings) -> dict[str, Any]:
    """Return the schema of a placement.toml; keys in a currency are those in any currency."""
    raw = Config.model_json_schema()
    defs = {name: _tidy(one) for name, one in raw.pop("$defs").items() if name != "Margin"}
    found = _tidy(raw)
    for section, field in Config.model_fields.items():
        found["properties"][section]["description"] = meanings[""][section]
        record = _record_of(field.annotation)
        if record is None:
            continue
        body = defs[record.__name__]
        for key, what in body["properties"].items():
            what["description"] = meanings[section][key]
        body.pop("description", None)
        _in_any_currency(body)
    one = {"type": "number"}
    shared = defs["OptimizeSection"]
    for key, single in (
        ("slack", {**one, "minimum": 0, "maximum": 1}),
        ("objective", {"type": "string"}),
    ):
        _or_one(shared["properties"], key, single)
    _or_one(shared["patternProperties"], _pattern("budget_usd_per_period"), {**one, "minimum": 0})
    shared["properties"]["margin"] = {
        "anyOf": [_MARGIN, {"type": "object", "additionalProperties": _MARGIN}],
        "description": meanings["optimize"]["margin"],
    }
    for body in found["properties"].values():
        body.pop("default", None)
    shown: dict[str, Any] = _without_null({**found, "$defs": defs})
    return shown


def waivers_schema(meanings: Meanings) -> dict[str, Any]:
    """Return the schema of a waivers.toml."""
    row = _without_null(_tidy(WaiverRow.model_json_schema()))
    for key, what in row["properties"].items():
        what["description"] = meanings[key]
    waivers = {"type": "array", "items": row, "description": "Each as [[waiver]]."}
    return {"type": "object", "additionalProperties": False, "properties": {"waiver": waivers}}


def report_schema(meanings: Meanings) -> dict[str, Any]:
    """Return the schema of a report.json; a reader takes keys that it does not know."""
    raw = Report.model_json_schema(mode="serialization", by_alias=True)
    defs = {name: _tidy(one) for name, one in raw.pop("$defs").items()}
    found = _tidy(raw)
    for name, body in {"Report": found, **defs}.items():
        body.pop("additionalProperties", None)
        for key, what in body.get("properties", {}).items():
            what["description"] = meanings[name][key]
    return {**found, "$defs": defs}


def _tidy(value: Any) -> Any:
    """Leave out titles and defaults of nothing; say numbers in one way, bounds as JSON does."""
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, one in value.items():
        if key == "properties":
            found[key] = {name: _tidy(what) for name, what in one.items()}
        elif key == "description":
            found[key] = " ".join(one.split())
        elif key == "default" and one not in (None, {}, []):
            found[key] = _number(one) if _is_exact(value) else one
        elif key not in ("title", "default"):
            found[_BOUNDS.get(key) or key] = _tidy(one)
    return _one_number(found)


def _one_number(found: dict[str, Any]) -> dict[str, Any]:
    """Take an exact number, which Python reads from text as well, for a number."""
    options = found.get("anyOf")
    if options is None:
        return found
    left = [one for one in options if one.get("format") != _EXACT]
    if len(left) == 1:
        rest = {key: one for key, one in found.items() if key != "anyOf"}
        return {**left[0], **rest}
    return {**found, "anyOf": left}


def _without_null(value: Any) -> Any:
    """Leave out that a value may be null: TOML has none."""
    if isinstance(value, list):
        return [_without_null(one) for one in value if one != {"type": "null"}]
    if not isinstance(value, dict):
        return value
    found = {key: _without_null(one) for key, one in value.items()}
    options = found.get("anyOf", ())
    if len(options) != 1:
        return found
    return {**options[0], **{key: one for key, one in found.items() if key != "anyOf"}}


def _is_exact(value: Mapping[str, Any]) -> bool:
    return any(one.get("format") == _EXACT for one in value.get("anyOf", ()))


def _number(value: Any) -> Any:
    number = float(value)
    return int(number) if number.is_integer() else number


def _record_of(annotation: Any) -> type[BaseModel] | None:
    """Return the record of a table of a configuration; None for one with free keys."""
    for one in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _pattern(key: str) -> str:
    return f"^{key.replace(CURRENCY.lower(), '[a-z]{3}')}$"


def _in_any_currency(body: dict[str, Any]) -> None:
    """Take the keys of money for what they are in any currency."""
    money = [key for key in body["properties"] if CURRENCY.lower() in key.split("_")]
    if money:
        body["patternProperties"] = {_pattern(key): body["properties"].pop(key) for key in money}


def _or_one(properties: dict[str, Any], key: str, single: Mapping[str, Any]) -> None:
    """Let one value stand for a list of it."""
    given = properties[key]
    several = {name: one for name, one in given.items() if name not in ("description", "default")}
    several = several if "anyOf" not in several else several["anyOf"][0]
    properties[key] = {
        "anyOf": [dict(single), several],
        **{name: one for name, one in given.items() if name in ("description", "default")},
    }
