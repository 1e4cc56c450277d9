"""`placement.toml`: what to plan, for whom, from which files; and the files that lie beside it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    model_validator,
)

from placement.enums import Objective
from placement.errors import Fault, UsageError
from placement.readers.cells import MOST_WHOLE, BadText, Exact, Whole, exact, iso_date
from placement.readers.config.faults import NoNumber, check_inside, fault_of, line_of
from placement.readers.config.margins import Margins
from placement.readers.config.money import (
    CURRENCY,
    in_currency,
    is_currency,
    money_field,
    other_currency,
)
from placement.readers.config.policy_section import PolicySection
from placement.readers.config.usual_names import USUAL_NAMES
from placement.readers.formats.csv_records import printable
from placement.text.bounded import BadToml, parse_toml, read_file
from placement.text.decimals import plain

CONFIG_NAME = "placement.toml"

MOST_SECONDS = 10**7
"""The longest time limit."""

MOST_STEPS = 10**9
"""The most steps of a search."""

MOST_PERIODS = 400
"""The most periods that one plan has."""

MOST_RATE = 10
"""The highest discount rate: 1,000 % per year."""

_PERIOD = re.compile(r"(?P<year>[0-9]{4})(?:-?[Qq](?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")

Mode = Literal["repair", "strict"]
Place = Literal["every_period", "by_end", "as_much_as_fits"]

Transit = Literal["destination", "both"]


def _float(text: str) -> Fraction | NoNumber:
    """Read a TOML float exactly; an exponent is not multiplied out, however large it is."""
    try:
        return exact(text.replace("_", "").removeprefix("+"))
    except BadText:
        return NoNumber(text)


def _number(value: object) -> object:
    """Refuse what is no finite number written in digits."""
    if isinstance(value, NoNumber):
        exact(value.text)
        raise BadText("is not a number", "write it in digits, as 12.5")
    if isinstance(value, float) and not isfinite(value):
        raise BadText("is not a number", "write it in digits, as 12.5")
    return value


def _rate(value: Fraction) -> Fraction:
    if value > MOST_RATE:
        raise BadText(
            f"is {plain(value * 100)} % a year", f"write {plain(value / 100)} for {plain(value)} %"
        )
    if value < 0:
        raise BadText("is negative", "write it as 0.08")
    return value


def check_gap(value: Fraction) -> Fraction:
    """Return a gap; ValueError where it is no ratio from 0 to 1."""
    if not 0 <= value <= 1:
        raise BadText("must be from 0 to 1", "write it as 0.001")
    return value


def check_time_limit(value: Fraction) -> Fraction:
    """Return seconds; ValueError where they are 0 or less, or too many."""
    if not 0 < value <= MOST_SECONDS:
        raise BadText(f"must be more than 0, and at most {MOST_SECONDS} seconds", "write it as 600")
    return value


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _names(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return value


def _each_once(names: tuple[Objective, ...]) -> tuple[Objective, ...]:
    if not names:
        raise BadText("names no objective", 'write objective = "cost"')
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadText(f"names {twice} twice", "keep the first")
    return names


def _currency(text: str) -> str:
    if not is_currency(text):
        raise BadText("is no code of a currency", "write three capital letters, as USD or EUR")
    return text


Number = Annotated[Exact, BeforeValidator(_number)]
"""A number of a placement.toml, exact."""

Money = Annotated[Number, Field(ge=-MOST_WHOLE, le=MOST_WHOLE)]
Cost = Annotated[Number, Field(ge=0, le=MOST_WHOLE)]
Costs = Annotated[list[Cost], BeforeValidator(_listed)]
Ratios = Annotated[list[Annotated[Number, AfterValidator(check_gap)]], BeforeValidator(_listed)]


def _day(value: object) -> object:
    """Read a day from text; where it names a period, its first day is what is suggested."""
    if type(value) is date:
        return value
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if not isinstance(value, str):
        found = str(value)
        fix = f"write {found[:10]}" if isinstance(value, date) else "write it as 2027-02-01"
        raise BadText("is no day", fix)
    period = _PERIOD.fullmatch(value.strip())
    if period is None:
        return iso_date(value)
    month = 3 * int(period["quarter"]) - 2 if period["quarter"] else int(period["month"] or 1)
    fix = f"write its first day as {period['year']}-{month:02}-01, or another one"
    raise BadText("is a period, and a day is asked for", fix)


Day = Annotated[date, BeforeValidator(_day)]
"""A day of a placement.toml: a TOML date, or the same as text; no number, no time but midnight."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlacementSection(_Section):
    """`[placement]`: policy, owner group to plan for, and the assumed company where no file is."""

    policy: str | list[str] | None = None
    owner: str | None = None
    currency: Annotated[str, AfterValidator(_currency)] = CURRENCY
    headquarters: str | None = None
    authorization: str | list[str] = Field(default_factory=list)
    h100e: Literal[15832, 15831, 15825] = 15832  # those of `catalog.H100E`


class FilesSection(_Section):
    """`[files]`: paths relative to placement.toml."""

    inventory: str | None = None
    baseline: str | None = None
    entities: str | None = None
    sites: str | None = None
    site_limits: str | None = None
    supply: str | None = None
    demand: str | None = None
    commitments: str | None = None
    latency: str | None = None
    accelerators: str | None = None
    shipments: str | None = None
    weights: str | None = None
    opening: str | None = None
    waivers: str | None = None


class HorizonSection(_Section):
    """`[horizon]`: the first period by its name (2027Q1, 2027-02 or 2027), and how many.

    `discount_rate` is a ratio per year, to the day `discounted_to`, the first of a month; default:
    the first day of all.
    """

    start: str
    periods: Annotated[int, Strict(), Field(ge=1, le=MOST_PERIODS)] = 1
    period: Literal["month", "quarter", "year"] | None = None
    discount_rate: Annotated[Number, AfterValidator(_rate)] = Fraction(0)
    discounted_to: Day | None = None


class OptimizeSection(_Section):
    """`[optimize]`: what to aim at, in order, and how; `time_limit` in seconds, `gap` a ratio.

    `effort` is in steps of the search; without a gap and an effort both are as usual.

    `slack`: how far, as a ratio, later objectives may worsen an earlier one: one number, or one for
    each. `budget_usd_per_period`: one number, or one for each period.
    """

    objective: Annotated[
        tuple[Objective, ...], BeforeValidator(_names), AfterValidator(_each_once)
    ] = (Objective.COST,)
    slack: Ratios = Field(default_factory=lambda: [Fraction(0)])
    budget_usd_per_period: Costs | None = None
    transit: Transit = "destination"
    margin: Margins = Field(default_factory=dict)
    mode: Mode = "repair"
    by: Day | None = None
    place: Place | None = None
    solver: str = "highs"
    gap: Annotated[Number, AfterValidator(check_gap)] | None = None
    effort: Annotated[int, Strict(), Field(ge=1, le=MOST_STEPS)] | None = None
    time_limit: Annotated[Number, AfterValidator(check_time_limit)] = Fraction(600)
    allow_dilution: bool = False

    @model_validator(mode="after")
    def _has_a_slack_for_each(self) -> OptimizeSection:
        if len(self.slack) not in (1, len(self.objective)):
            raise BadText(
                f"slack has {len(self.slack)} numbers, and there are {len(self.objective)} "
                "objectives",
                "write one number, or one for each objective",
            )
        return self


class MovesSection(_Section):
    """`[moves]`: whether standing kit may be moved; the price is per accelerator.

    `notice_filed` is the day on which notice of the period's transfers between countries was filed.
    """

    allowed: bool = False
    usd_per_accelerator: Cost | None = None
    transit_periods: Whole = Field(default=0, ge=0, le=MOST_WHOLE)
    max_accelerators_per_period: Whole | None = Field(default=None, ge=0, le=MOST_WHOLE)
    notice_filed: Day | None = None


class RetireSection(_Section):
    """`[retire]`: whether standing kit may be retired; a negative price is a resale value."""

    allowed: bool = False
    usd_per_accelerator: Money | None = None


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
    text: str = ""

    @property
    def currency(self) -> str:
        """The currency of every amount of money."""
        return self.config.placement.currency

    def line(self, *where: str) -> int | None:
        """Return the line of a key, that of its table where it has none, else None."""
        return line_of(self.text, where)

    def path(self, table: str) -> Path | None:
        """Return the path of a table: as listed, else that beside the file, if any, else None."""
        listed = getattr(self.config.files, table)
        if listed is not None:
            return self.folder / str(listed)
        usual = self.folder / USUAL_NAMES.get(table, f"{table}.csv")
        return usual if os.path.lexists(usual) else None


def read_config(path: str | Path, *, allow_outside: bool = False) -> ConfigFile:
    """Read a placement.toml, or the one in a directory; UsageError with every fault.

    A table of [files] that lies outside its folder is one, unless `allow_outside`.
    """
    source = Path(path)
    if source.suffix == ".csv":
        fix = f"give the folder that holds it and {CONFIG_NAME}, or that file"
        raise UsageError(Fault("is a table, not a configuration", fix, str(source)))
    source = source / CONFIG_NAME if os.path.isdir(source) else source
    name = printable(str(source))
    try:
        text = read_file(source).decode("utf-8-sig")
    except OSError as error:
        needed = f'give a folder with a {CONFIG_NAME} of at least [horizon] start = "2027Q1"'
        fix = "mend the link, or take it away" if os.path.islink(source) else needed
        raise UsageError(Fault(f"cannot be read: {error.strerror}", fix, name)) from error
    except UnicodeDecodeError as error:
        raise UsageError(Fault("is not UTF-8", "save it as UTF-8", name)) from error
    try:
        tree = parse_toml(text, parse_float=_float)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else None
        raise UsageError(Fault(f"is not TOML: {error}", "", name, line)) from error
    except BadToml as error:
        raise UsageError(Fault(str(error), "see the README for what it holds", name)) from error
    setup = ConfigFile(_validated(tree, text, name), name, source.parent, text)
    return setup if allow_outside else check_inside(setup)


def config_of(tree: Mapping[str, Any]) -> ConfigFile:
    """Take the content of a placement.toml as nested mappings; paths start where we are."""
    return ConfigFile(_validated(tree, "", "config"), "config", Path())


def _validated(tree: Mapping[str, Any], text: str, name: str) -> Config:
    placed = tree.get("placement")
    said = placed.get("currency") if isinstance(placed, Mapping) else None
    currency = said if isinstance(said, str) and is_currency(said) else CURRENCY
    tree, problems = _in_fields(tree, currency, text, name)
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        problems += [fault_of(dict(one), Config, currency, text, name) for one in error.errors()]
    if problems:
        raise UsageError(problems)
    _check_prices(config, text, name)
    return config


def _in_fields(
    tree: Mapping[str, Any], currency: str, text: str, name: str
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the tree with keys in the currency configured as their fields, faults for others."""
    problems = []
    found = dict(tree)
    for section, field in Config.model_fields.items():
        given = tree.get(section)
        if not isinstance(given, Mapping):
            continue
        fields = getattr(field.annotation, "model_fields", {})
        renamed: dict[str, Any] = {}
        for key, value in given.items():
            money = money_field(key, fields)
            if money is not None and money[1] != currency:
                message, fix = other_currency(*money, currency)
                line = line_of(text, (section, key))
                problems.append(Fault(message, fix, name, line, f"{section}.{key}"))
            else:
                renamed[money[0] if money else key] = value
        found[section] = renamed
    return found, problems


def _check_prices(config: Config, text: str, name: str) -> None:
    price = in_currency("usd_per_accelerator", config.placement.currency)
    problems = [
        Fault(
            f"[{section}] allows it but gives no price",
            f"set {price} (0 for free)",
            name,
            line_of(text, (section, "allowed")),
            f"{section}.{price}",
        )
        for section in ("moves", "retire")
        if getattr(config, section).allowed and getattr(config, section).usd_per_accelerator is None
    ]
    if problems:
        raise UsageError(problems)
