"""What is wrong with a placement.toml, in plain words, and on which line."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from placement.errors import Fault, UsageError, did_you_mean, nearest
from placement.readers.config.margins import EVERY_RULE
from placement.readers.config.money import in_currency

if TYPE_CHECKING:
    from placement.readers.config.placement_toml import ConfigFile


@dataclass(frozen=True, slots=True)
class NoNumber:
    """A float of a placement.toml that is not plain digits, kept as text for its message."""

    text: str


def fault_of(
    error: Mapping[str, Any], model: type[BaseModel], currency: str, text: str, name: str
) -> Fault:
    """Say what is wrong with one key or value of a configuration."""
    where = tuple(in_currency(part, currency) for part in error["loc"] if isinstance(part, str))
    if where[-1:] == (EVERY_RULE,):
        where = where[:-1]
    message, fix = str(error["msg"]), ""
    given = error.get("input")
    if isinstance(given, NoNumber):
        given = given.text
    value = str(given) if isinstance(given, str | int | Fraction | bool | date) else None
    match error["type"]:
        case "extra_forbidden":
            message, fix = f"unknown key {where[-1]!r}", _advice(where, model, currency)
            value = None
        case "missing":
            message, value = f"key {where[-1]!r} is missing", None
            if where[0] == "horizon":
                fix = 'write [horizon] start = "2027Q1"'
        case "literal_error" | "enum":
            expected = error["ctx"]["expected"].replace(" or ", ", ")
            message = f"is not one of {expected}"
            fix = did_you_mean(str(given), [part.strip("'") for part in expected.split(", ")])
        case "value_error":
            message = str(error["ctx"]["error"])
            fix = getattr(error["ctx"]["error"], "fix", "")
        case "model_type":
            message, fix, value = "is not a table", f"write it as [{where[-1]}]", None
        case _:
            message = message.replace("Input should be", "must be")
    return Fault(message, fix, name, line_of(text, where), ".".join(where), value)


def _advice(where: tuple[str, ...], model: type[BaseModel], currency: str) -> str:
    for part in where[:-1]:
        annotation = model.model_fields[part].annotation
        found = [a for a in (annotation, *get_args(annotation)) if isinstance(a, type)]
        model = next(a for a in found if issubclass(a, BaseModel))
    known = [in_currency(field, currency) for field in model.model_fields]
    close = nearest(where[-1], known)
    return f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"


def line_of(text: str, where: tuple[str, ...]) -> int | None:
    """Find the line of a key below the header of its table, else that of the table."""
    table, start = ".".join(where[:-1]), None
    key = re.compile(rf"\s*[\"']?{re.escape(where[-1])}[\"']?\s*=") if where else None
    inside = not table
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(#.*)?", line)
        if header:
            inside = header[1].strip() == table
            if inside or header[1].strip() == ".".join(where):
                start = number
        elif inside and key is not None and key.match(line):
            return number
    return start


def check_inside(setup: ConfigFile) -> ConfigFile:
    """Return it; refuse tables outside its folder: someone else's could show any file."""
    folder = os.path.realpath(setup.folder)
    problems = []
    for table, listed in setup.config.files:
        if listed is None:
            continue
        real = os.path.realpath(setup.folder / listed)
        if not Path(real).is_relative_to(folder):
            message = "lies outside the folder of the configuration"
            fix = "put it there, or allow it with --allow-outside"
            line = setup.line("files", table)
            problems.append(Fault(message, fix, setup.file, line, f"files.{table}", listed))
    if problems:
        raise UsageError(problems)
    return setup
