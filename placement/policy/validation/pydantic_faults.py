"""What pydantic finds wrong in a pack, as problems with the line of the TOML file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from placement.errors import Fault, did_you_mean, nearest
from placement.policy.pack import Pack
from placement.policy.rules import AnyRule
from placement.text.toml_lines import Location, line_of

_KINDS = [
    str(get_args(cls.model_fields["kind"].annotation)[0]) for cls in get_args(get_args(AnyRule)[0])
]

#: What the forms of texts mean, by their pattern; `record.py` and its like say the same.
_FORMS: Mapping[str, tuple[str, str]] = {
    r"^[A-Za-z][A-Za-z0-9_.-]*$": ("is no name", "use letters, digits, . - and _, a letter first"),
    r"^\d+(\.\d+)?$": ("is no plain number", 'write it in digits, as "0.07"'),
    r"^\d+(\.\d+)?([eE]\d{1,2})?$": ("is no plain number", 'write it as "1000" or "1e26"'),
    r"^[A-Z]{2}$": ("is no country code", 'write two capital letters, as "MY"'),
    r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$": ("is no day of a year", 'write it as "02-01"'),
}


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a fault is: its place, the types there, and (where several forms may stand) which."""

    where: Location
    types: tuple[Any, ...]
    union: Location | None = None
    is_table: bool = False


def problems_of(error: ValidationError, text: str, origin: str) -> list[Fault]:
    """Translate every fault of a pack's text; `origin` names the file."""
    listed = [(fault, _find(fault["loc"], fault["type"])) for fault in error.errors()]
    # Where several forms may stand, only the faults of the one that was begun are told.
    no_table = {found.union for fault, found in listed if fault["type"] == "model_type"}
    return [
        _problem(dict(fault), found, text, origin)
        for fault, found in listed
        if found.union is None or found.is_table != (found.union in no_table)
    ]


def problem_at(where: Location, message: str, fix: str, text: str, origin: str) -> Fault:
    """Return a problem at a place in the tree of the file."""
    return Fault(message, fix, origin, line_of(text, where), _column(where))


def _problem(fault: Mapping[str, Any], found: _Found, text: str, origin: str) -> Fault:
    """Turn one pydantic error into a Problem with a line of the TOML file."""
    where, value = found.where, fault.get("input")
    shown = str(value) if isinstance(value, str | int | float | bool) else None
    message, fix = str(fault["msg"]).replace("Input should be", "must be"), ""
    match fault["type"]:
        case "extra_forbidden":
            message, shown = f"unknown key {str(where[-1])!r}", None
            known = _keys(found.types)
            close = nearest(str(where[-1]), known)
            fix = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
        case "missing":
            message, shown = f"key {str(where[-1])!r} is missing", None
        case "union_tag_not_found":
            message, fix, shown = "key 'kind' is missing", f"kinds: {', '.join(_KINDS)}", None
        case "union_tag_invalid":
            where, shown = (*where, "kind"), str(fault["ctx"]["tag"])
            message = "there is no such kind of rule"
            fix = did_you_mean(shown, _KINDS) or f"kinds: {', '.join(_KINDS)}"
        case "value_error":
            message = str(fault["ctx"]["error"])
        case "string_type":
            message, fix = "must be text", "put the value in quotes, so that it stays exact"
        case "string_pattern_mismatch":
            form = fault["ctx"]["pattern"]
            message, fix = _FORMS.get(form, (f"does not have the form {form}", ""))
        case "date_from_datetime_parsing" | "date_parsing" | "date_type":
            message, fix = "is no date", "write it as 2026-08-01, without quotes"
        case "model_type" | "model_attributes_type" | "dict_type":
            message, fix = "must be a table", f"keys: {', '.join(_keys(found.types))}"
        case "list_type":
            message, fix = "must be a list", "put it in [ ]"
    return Fault(message, fix, origin, line_of(text, where), _column(where), shown)


def _find(loc: tuple[int | str, ...], kind: str) -> _Found:
    """Walk down the types of a pack, past pydantic's own names of forms."""
    found = _Found((), (Pack,))
    for place, part in enumerate(loc, start=1):
        below = tuple(_below(found.types, part))
        forms = [form for one in found.types for form in _forms(one)]
        named = tuple(form for form in forms if part in (_kind(form), form.__name__))
        if below:
            found = replace(found, where=(*found.where, part), types=below)
        elif kind == "extra_forbidden" and place == len(loc):
            found = replace(found, where=(*found.where, part))
        elif part in _KINDS:
            found = replace(found, types=named)
        elif named and issubclass(named[0], BaseModel):
            found = _Found(found.where, named, found.where, is_table=True)
        else:
            found = _Found(found.where, found.types, found.where)
    return found


def _below(types: Iterable[Any], part: int | str) -> Iterator[Any]:
    """Return the types of what stands under a key or an index."""
    for form in (form for one in types for form in _forms(one)):
        if isinstance(part, int):
            if get_origin(form) is list:
                yield get_args(form)[0]
        elif get_origin(form) is dict:
            yield get_args(form)[1]
        elif hasattr(form, "model_fields"):
            for name, field in form.model_fields.items():
                if part == (field.alias or name):
                    yield field.annotation


def _forms(annotation: Any) -> Iterator[Any]:
    """Return the types that a union, or an annotated type, stands for."""
    if get_origin(annotation) in (list, dict):
        yield annotation
    elif get_args(annotation):
        for argument in get_args(annotation):
            yield from _forms(argument)
    elif isinstance(annotation, type):
        yield annotation


def _kind(form: Any) -> str | None:
    """Return the kind of a class of rules."""
    field = getattr(form, "model_fields", {}).get("kind")
    found = get_args(field.annotation) if field is not None else ()
    return str(found[0]) if found else None


def _keys(types: Iterable[Any]) -> list[str]:
    """Return the keys that the tables of these types may have."""
    models = [form for one in types for form in _forms(one) if hasattr(form, "model_fields")]
    return sorted({f.alias or name for m in models for name, f in m.model_fields.items()})


def _column(where: Location) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where)
