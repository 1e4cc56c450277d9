"""What pydantic finds wrong in a pack, as problems with the line of the TOML file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from placement.errors import Problem, nearest
from placement.policy.kinds import AnyRule
from placement.policy.pack import Pack
from placement.policy.references import Location


def problems_of(error: ValidationError, text: str, origin: str) -> list[Problem]:
    """Translate every fault of a pack's text; `origin` names the file."""
    return [_problem(dict(fault), text, origin) for fault in error.errors()]


def problem_at(where: Location, message: str, fix: str, text: str, origin: str) -> Problem:
    """Give a problem at a place in the tree of the file."""
    return Problem(message, fix, origin, _line(text, where), _column(where))


def _problem(fault: Mapping[str, Any], text: str, origin: str) -> Problem:
    """Turn one pydantic error into a Problem with a line of the TOML file."""
    where: Location = tuple(part for part in fault["loc"] if part not in _RULE_TAGS)
    value = fault.get("input")
    shown = str(value) if isinstance(value, str | int | float | bool) else None
    message, fix = str(fault["msg"]), ""
    match fault["type"]:
        case "extra_forbidden":
            message = f"unknown key {str(where[-1])!r}"
            known = _keys_at(where[:-1])
            close = nearest(str(where[-1]), known)
            fix = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
            shown = None
        case "missing":
            message, shown = f"key {str(where[-1])!r} is missing", None
        case "value_error":
            message = str(fault["ctx"]["error"])
        case "string_type":
            message, fix = "must be text", "put the value in quotes, so that it stays exact"
        case "string_pattern_mismatch":
            message = f"does not have the form {fault['ctx']['pattern']}"
    return Problem(message, fix, origin, _line(text, where), _column(where), shown)


_RULE_CLASSES: tuple[type[BaseModel], ...] = get_args(get_args(AnyRule)[0])
_RULE_TAGS = {get_args(cls.model_fields["kind"].annotation)[0] for cls in _RULE_CLASSES}


def _keys_at(where: Location) -> list[str]:
    """Give the keys that may stand in the table at a place of the file."""
    models: list[type[BaseModel]] = [Pack]
    for part in where:
        if isinstance(part, int):
            continue
        annotations = [f.annotation for m in models for n, f in m.model_fields.items() if n == part]
        if annotations:
            models = [m for annotation in annotations for m in _models_in(annotation)]
    return sorted({f.alias or name for m in models for name, f in m.model_fields.items()})


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _column(where: Location) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where)


def _line(text: str, where: Location) -> int | None:
    """Find the line of a key: the nth header of its table, then the key after it."""
    lines = text.splitlines()
    if not where:
        return None
    start = 0
    match where:
        case ("rules", int(index), *_):
            headers = [n for n, line in enumerate(lines) if line.strip() == "[[rules]]"]
            start = headers[index] if index < len(headers) else 0
        case (str(table), str(name), *_):
            headers = [n for n, line in enumerate(lines) if line.strip() == f"[{table}.{name}]"]
            start = headers[0] if headers else 0
    key = re.compile(rf"\s*{re.escape(str(where[-1]))}\s*=")
    for number in range(start, len(lines)):
        if number > start and lines[number].startswith("["):
            break
        if key.match(lines[number]):
            return number + 1
    return start + 1
