"""What is wrong with a placement.toml, in plain words, and on which line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from placement.errors import Fault, UsageError, did_you_mean, nearest
from placement.readers.config.margins import EVERY_RULE
from placement.readers.config.money import in_currency
from placement.text.toml_lines import line_of

if TYPE_CHECKING:
    from placement.readers.config.placement_toml import ConfigFile


@dataclass(frozen=True, slots=True)
class NoNumber:
    """A float of a placement.toml that is not plain digits, kept as text for its message."""

    text: str


@dataclass(frozen=True, slots=True)
class ConfigText:
    """The text of a configuration, the name of its file, and the table of it that is meant."""

    name: str
    text: str = ""
    within: tuple[str, ...] = ()

    def line(self, *where: str) -> int | None:
        """Return the line of a key, that of the nearest table above it, None for the whole file."""
        return line_of(self.text, (*self.within, *where))

    def key(self, *where: str) -> str:
        """Return the name of a key from the root of the file."""
        return ".".join((*self.within, *where))

    def fault(self, message: str, fix: str, *where: str, value: str | None = None) -> Fault:
        """Return a fault of a key."""
        return Fault(message, fix, self.name, self.line(*where), self.key(*where), value)


def fault_of(
    error: Mapping[str, Any], model: type[BaseModel], currency: str, said: ConfigText
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
            message, fix = f"unknown key {where[-1]!r}", _advice(where, model, currency, said)
            value = None
        case "missing":
            message, value = f"key {where[-1]!r} is missing", None
            if where[0] == "horizon":
                fix = f'write [{said.key("horizon")}] start = "2027Q1"'
        case "literal_error" | "enum":
            expected = error["ctx"]["expected"].replace(" or ", ", ")
            message = f"is not one of {expected}"
            fix = did_you_mean(str(given), [part.strip("'") for part in expected.split(", ")])
        case "value_error":
            message = str(error["ctx"]["error"])
            fix = getattr(error["ctx"]["error"], "fix", "")
        case "model_type":
            message, fix, value = "is not a table", f"write it as [{said.key(*where)}]", None
            home = _home(where, model)
            fix += f", and what a pack is called below [{said.key(home)}]" if home else ""
        case _:
            message = message.replace("Input should be", "must be")
    return said.fault(message, fix, *where, value=value)


def _advice(where: tuple[str, ...], model: type[BaseModel], currency: str, said: ConfigText) -> str:
    for part in where[:-1]:
        annotation = model.model_fields[part].annotation
        found = [a for a in (annotation, *get_args(annotation)) if isinstance(a, type)]
        model = next(a for a in found if issubclass(a, BaseModel))
    known = [in_currency(field, currency) for field in model.model_fields]
    close = nearest(where[-1], known)
    if close:
        return f"did you mean {close[0]!r}?"
    home = _home(where, model)
    return f"write it below [{said.key(home)}]" if home else f"known keys: {', '.join(known)}"


def _home(where: tuple[str, ...], model: type[BaseModel]) -> str:
    """Return the table that a key which stands outside of all is of; an empty text for none."""
    if len(where) != 1:
        return ""
    return next((one for one in model.model_fields if where[0] in _keys(model, one)), "")


def _keys(model: type[BaseModel], section: str) -> Iterable[str]:
    """Return the keys of a table of a configuration."""
    annotation = model.model_fields[section].annotation
    found = [a for a in (annotation, *get_args(annotation)) if isinstance(a, type)]
    return next((a.model_fields for a in found if issubclass(a, BaseModel)), ())


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
            problems.append(setup.said.fault(message, fix, "files", table, value=listed))
    if problems:
        raise UsageError(problems)
    return setup
