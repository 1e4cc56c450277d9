"""`placement.toml`: what to plan, for whom, from which files; and the files that lie beside it.

The same may stand in a `pyproject.toml`, each table below `tool.placement`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
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
from placement.readers.cells import MOST_WHOLE, BadText, Whole
from placement.readers.config.discovery import CONFIG_NAME, WITHIN, config_in, is_pyproject
from placement.readers.config.faults import ConfigText, check_inside, fault_of
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
from placement.readers.config.values import (
    MOST_STEPS,
    Cost,
    Costs,
    Day,
    Money,
    Number,
    Ratios,
    check_gap,
    check_time_limit,
    currency_code,
    each_once,
    parts_of,
    read_float,
    yearly_rate,
)
from placement.readers.formats.csv_records import printable
from placement.text.bounded import BadToml, parse_toml, read_file
from placement.text.toml_lines import line_of

MOST_PERIODS = 400
"""The most periods that one plan has."""

Mode = Literal["repair", "strict"]
Place = Literal["every_period", "by_end", "as_much_as_fits"]

Transit = Literal["destination", "both"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class PlacementSection(_Section):
    """`[placement]`: policy, owner group to plan for, and the assumed company where no file is."""

    policy: str | list[str] | None = None
    owner: str | None = None
    currency: Annotated[str, AfterValidator(currency_code)] = CURRENCY
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
    discount_rate: Annotated[Number, AfterValidator(yearly_rate)] = Fraction(0)
    discounted_to: Day | None = None


class OptimizeSection(_Section):
    """`[optimize]`: what to aim at, in order, and how; `time_limit` in seconds, `gap` a ratio.

    `effort` is in steps of the search; without a gap and an effort both are as usual.

    `slack`: how far, as a ratio, later objectives may worsen an earlier one: one number, or one for
    each. `budget_usd_per_period`: one number, or one for each period.
    """

    objective: Annotated[
        tuple[Objective, ...], BeforeValidator(parts_of), AfterValidator(each_once)
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

    placement: PlacementSection = Field(default_factory=PlacementSection)
    files: FilesSection = Field(default_factory=FilesSection)
    horizon: HorizonSection | None = None
    optimize: OptimizeSection = Field(default_factory=OptimizeSection)
    moves: MovesSection = Field(default_factory=MovesSection)
    retire: RetireSection = Field(default_factory=RetireSection)
    aliases: dict[str, str] = Field(default_factory=dict)
    policy: PolicySection = Field(default_factory=PolicySection)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration, the file it came from, and the folder its paths start from.

    `beside`: the folder of the inventory; tables that are not listed are looked for there, too.
    """

    config: Config
    file: str
    folder: Path
    said: ConfigText
    beside: Path | None = None

    @property
    def currency(self) -> str:
        """The currency of every amount of money."""
        return self.config.placement.currency

    def line(self, *where: str) -> int | None:
        """Return the line of a key, that of its table where it has none, else None."""
        return self.said.line(*where)

    def key(self, *where: str) -> str:
        """Return the name of a key from the root of the file."""
        return self.said.key(*where)

    def path(self, table: str) -> Path | None:
        """Return the path of a table: as listed, else where its usual file lies, else None."""
        listed = getattr(self.config.files, table)
        if listed is not None:
            return self.folder / str(listed)
        return next(iter(self.found(table)), None)

    def found(self, table: str) -> list[Path]:
        """Return where its usual file lies: beside the configuration, beside the inventory."""
        folders = [self.folder]
        if self.beside is not None and os.path.abspath(self.beside) != os.path.abspath(self.folder):
            folders.append(self.beside)
        name = USUAL_NAMES.get(table, f"{table}.csv")
        usual = [folder / name for folder in folders]
        return [path for path in usual if os.path.lexists(path)]


def read_config(
    path: str | Path, *, allow_outside: bool = False, beside: Path | None = None
) -> ConfigFile:
    """Read a configuration, or the one in a directory; UsageError with every fault.

    A table of [files] that lies outside its folder is one, unless `allow_outside`. `beside` is the
    folder of the inventory.
    """
    source = Path(path)
    if source.suffix == ".csv":
        fix = f"give the folder that holds it and {CONFIG_NAME}, or that file"
        raise UsageError(Fault("is a table, not a configuration", fix, str(source)))
    source = (config_in(source) or source / CONFIG_NAME) if os.path.isdir(source) else source
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
        tree = parse_toml(text, parse_float=read_float)
    except BadToml as error:
        fix = error.fix or "see the README for what it holds"
        raise UsageError(Fault(str(error), fix, name, error.line)) from error
    said = ConfigText(name, text, WITHIN if is_pyproject(source) else ())
    setup = ConfigFile(_validated(_inside(tree, said), said), name, source.parent, said, beside)
    return setup if allow_outside else check_inside(setup)


def config_of(tree: Mapping[str, Any]) -> ConfigFile:
    """Take the content of a placement.toml as nested mappings; paths start where we are."""
    said = ConfigText("config")
    return ConfigFile(_validated(tree, said), "config", Path(), said)


def _inside(tree: Mapping[str, Any], said: ConfigText) -> Mapping[str, Any]:
    """Return the table of a file that is the configuration; UsageError where there is none."""
    for n, key in enumerate(said.within, start=1):
        if key not in tree:
            fix = f"add it, or give a {CONFIG_NAME}"
            raise UsageError(Fault(f"has no [{'.'.join(said.within)}]", fix, said.name))
        if not isinstance(tree[key], Mapping):
            table = ".".join(said.within[:n])
            line = line_of(said.text, said.within[:n])
            raise UsageError(
                Fault("is not a table", f"write it as [{table}]", said.name, line, table)
            )
        tree = tree[key]
    return tree


def _validated(tree: Mapping[str, Any], said: ConfigText) -> Config:
    placed = tree.get("placement")
    named = placed.get("currency") if isinstance(placed, Mapping) else None
    currency = named if isinstance(named, str) and is_currency(named) else CURRENCY
    tree, problems = _in_fields(tree, currency, said)
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        problems += [fault_of(dict(one), Config, currency, said) for one in error.errors()]
    if problems:
        raise UsageError(problems)
    _check_prices(config, said)
    return config


def _in_fields(
    tree: Mapping[str, Any], currency: str, said: ConfigText
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
                problems.append(said.fault(*other_currency(*money, currency), section, key))
            else:
                renamed[money[0] if money else key] = value
        found[section] = renamed
    return found, problems


def _check_prices(config: Config, said: ConfigText) -> None:
    price = in_currency("usd_per_accelerator", config.placement.currency)
    problems = [
        Fault(
            f"[{said.key(section)}] allows it but gives no price",
            f"set {price} (0 for free)",
            said.name,
            said.line(section, "allowed"),
            said.key(section, price),
        )
        for section in ("moves", "retire")
        if getattr(config, section).allowed and getattr(config, section).usd_per_accelerator is None
    ]
    if problems:
        raise UsageError(problems)
