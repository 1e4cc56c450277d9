"""`placement.toml`: what to plan, for whom, from which files; and the files that lie beside it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
)

from placement.errors import Problem, UsageError, nearest
from placement.sources.fields import MOST_WHOLE, BadText, Exact, IsoDate, Whole, exact

CONFIG_NAME = "placement.toml"

MOST_SECONDS = 10**7
"""The longest time limit."""

Mode = Literal["repair", "strict"]
Place = Literal["every_period", "by_end", "as_much_as_fits"]

#: Keys of the design that this version does not act on: refused, so that none is lost in silence.
_NOT_YET: Mapping[str, frozenset[str]] = {
    "files": frozenset({"site_limits", "commitments", "latency", "waivers"}),
    "optimize": frozenset({"transit", "margin"}),
}


@dataclass(frozen=True, slots=True)
class _NoNumber:
    """A float of a placement.toml that is not plain digits, kept as text for its message."""

    text: str


def _float(text: str) -> Fraction | _NoNumber:
    """Read a TOML float exactly; an exponent is not multiplied out, however large it is."""
    try:
        return exact(text.replace("_", "").removeprefix("+"))
    except BadText:
        return _NoNumber(text)


def _number(value: object) -> object:
    """Refuse what is no finite number written in digits."""
    if isinstance(value, _NoNumber):
        exact(value.text)
        raise BadText("is not a number", "write it in digits, as 12.5")
    if isinstance(value, float) and not isfinite(value):
        raise BadText("is not a number", "write it in digits, as 12.5")
    return value


def check_gap(value: Fraction) -> Fraction:
    """Give a gap; ValueError where it is no ratio from 0 to 1."""
    if not 0 <= value <= 1:
        raise BadText("must be from 0 to 1", "write it as 0.001")
    return value


def check_time_limit(value: Fraction) -> Fraction:
    """Give seconds; ValueError where they are 0 or less, or too many."""
    if not 0 < value <= MOST_SECONDS:
        raise BadText(f"must be more than 0, and at most {MOST_SECONDS} seconds", "write it as 600")
    return value


Number = Annotated[Exact, BeforeValidator(_number)]
"""A number of a placement.toml, exact."""


Day = Annotated[IsoDate, Strict()]
"""A day of a placement.toml: a TOML date, or the same as text; no number, no time of day."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlacementSection(_Section):
    """`[placement]`: policy, owner group to plan for, and the assumed company where no file is."""

    policy: str | None = None
    owner: str | None = None
    currency: Literal["USD"] = "USD"
    headquarters: str | None = None
    authorization: str | list[str] = Field(default_factory=list)


class FilesSection(_Section):
    """`[files]`: paths relative to placement.toml."""

    inventory: str | None = None
    entities: str | None = None
    sites: str | None = None
    supply: str | None = None
    demand: str | None = None
    accelerators: str | None = None
    shipments: str | None = None
    weights: str | None = None


class HorizonSection(_Section):
    """`[horizon]`: the first period by its name (2027Q1, 2027-02 or 2027), and how many."""

    start: str
    periods: Literal[1] = 1
    period: Literal["month", "quarter", "year"] | None = None


class OptimizeSection(_Section):
    """`[optimize]`: what to minimize, and how; `time_limit` in seconds, `gap` a ratio."""

    objective: Literal["cost"] = "cost"
    mode: Mode = "repair"
    by: date | None = None
    place: Place | None = None
    solver: str = "highs"
    gap: Annotated[Number, AfterValidator(check_gap)] = Fraction(1, 1_000_000)
    time_limit: Annotated[Number, AfterValidator(check_time_limit)] = Fraction(60)
    allow_dilution: bool = False


class MovesSection(_Section):
    """`[moves]`: whether standing kit may be moved; the price is per accelerator.

    `notice_filed` is the day on which notice of the period's transfers between countries was filed.
    """

    allowed: bool = False
    usd_per_accelerator: Number | None = Field(default=None, ge=0, le=MOST_WHOLE)
    transit_periods: Whole = 0
    max_accelerators_per_period: Whole | None = Field(default=None, ge=0, le=MOST_WHOLE)
    notice_filed: Day | None = None


class RetireSection(_Section):
    """`[retire]`: whether standing kit may be retired; a negative price is a resale value."""

    allowed: bool = False
    usd_per_accelerator: Number | None = Field(default=None, ge=-MOST_WHOLE, le=MOST_WHOLE)


class PolicySection(_Section):
    """`[policy]`: answers to the open questions of the pack."""

    options: dict[str, str] = Field(default_factory=dict)


class Config(_Section):
    """The whole of placement.toml."""

    placement: PlacementSection = PlacementSection()
    files: FilesSection = FilesSection()
    horizon: HorizonSection | None = None
    optimize: OptimizeSection = OptimizeSection()
    moves: MovesSection = MovesSection()
    retire: RetireSection = RetireSection()
    aliases: dict[str, str] = Field(default_factory=dict)
    policy: PolicySection = PolicySection()


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration, the file it came from, and the folder its paths start from."""

    config: Config
    file: str
    folder: Path

    def path(self, table: str) -> Path | None:
        """Give the path of a table: as listed, else `<table>.csv` beside the file, else None."""
        listed = getattr(self.config.files, table)
        if listed is not None:
            return self.folder / str(listed)
        usual = self.folder / f"{table}.csv"
        return usual if usual.is_file() else None


def read_config(path: str | Path) -> ConfigFile:
    """Read a placement.toml, or the one in a directory; UsageError with every fault."""
    source = Path(path)
    if source.suffix == ".csv":
        fix = f"give the folder that holds it and {CONFIG_NAME}, or that file"
        raise UsageError(Problem("is a table, not a configuration", fix, str(source)))
    if source.is_dir():
        source /= CONFIG_NAME
    name = str(source)
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except OSError as error:
        fix = f'give a folder with a {CONFIG_NAME} of at least [horizon] start = "2027Q1"'
        raise UsageError(Problem(f"cannot be read: {error.strerror}", fix, name)) from error
    except UnicodeDecodeError as error:
        raise UsageError(Problem("is not UTF-8", "save it as UTF-8", name)) from error
    try:
        tree = tomllib.loads(text, parse_float=_float)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise UsageError(Problem(f"is not TOML: {error}", "", name, line)) from error
    return ConfigFile(_validated(tree, text, name), name, source.parent)


def config_of(tree: Mapping[str, Any]) -> ConfigFile:
    """Take the content of a placement.toml as nested mappings; paths start where we are."""
    return ConfigFile(_validated(tree, "", "config"), "config", Path())


def _validated(tree: Mapping[str, Any], text: str, name: str) -> Config:
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        raise UsageError([_problem(dict(one), text, name) for one in error.errors()]) from error
    _check_prices(config, text, name)
    return config


def _check_prices(config: Config, text: str, name: str) -> None:
    problems = [
        Problem(
            f"[{section}] allows it but gives no price",
            "set usd_per_accelerator (0 for free)",
            name,
            _line(text, (section, "allowed")),
            f"{section}.usd_per_accelerator",
        )
        for section in ("moves", "retire")
        if getattr(config, section).allowed and getattr(config, section).usd_per_accelerator is None
    ]
    if problems:
        raise UsageError(problems)


def _problem(error: Mapping[str, Any], text: str, name: str) -> Problem:
    where = tuple(str(part) for part in error["loc"])
    message, fix = str(error["msg"]), ""
    given = error.get("input")
    if isinstance(given, _NoNumber):
        given = given.text
    value = str(given) if isinstance(given, str | int | Fraction | bool | date) else None
    match error["type"]:
        case "extra_forbidden":
            message, fix, value = f"unknown key {where[-1]!r}", _advice(where), None
            if len(where) > 1 and where[-1] in _NOT_YET.get(where[0], ()):
                message, fix = f"key {where[-1]!r} is not acted on by this version", "remove it"
        case "missing":
            message, value = f"key {where[-1]!r} is missing", None
            if where[0] == "horizon":
                fix = 'write [horizon] start = "2027Q1"'
        case "literal_error" if where == ("horizon", "periods"):
            message, fix = "this version plans one period", "write periods = 1, or leave it out"
        case "literal_error":
            message = f"is not one of {error['ctx']['expected'].replace(' or ', ', ')}"
        case "value_error":
            message = str(error["ctx"]["error"])
            fix = getattr(error["ctx"]["error"], "fix", "")
        case "model_type":
            message, fix, value = "is not a table", f"write it as [{where[-1]}]", None
        case _:
            message = message.replace("Input should be", "must be")
    return Problem(message, fix, name, _line(text, where), ".".join(where), value)


def _advice(where: tuple[str, ...]) -> str:
    model: type[BaseModel] = Config
    for part in where[:-1]:
        annotation = model.model_fields[part].annotation
        found = [a for a in (annotation, *get_args(annotation)) if isinstance(a, type)]
        model = next(a for a in found if issubclass(a, BaseModel))
    known = list(model.model_fields)
    close = nearest(where[-1], known)
    return f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"


def _line(text: str, where: tuple[str, ...]) -> int | None:
    """Find the line of a key below the header of its table, else that of the table."""
    table, start = ".".join(where[:-1]), None
    key = re.compile(rf"\s*{re.escape(where[-1])}\s*=") if where else None
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
