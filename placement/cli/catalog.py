"""`placement catalog`: what a name resolves to, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from placement.cli.options import names_of, outside_option
from placement.cli.streams import say

if TYPE_CHECKING:
    from placement.catalog import Accelerator, Catalog, UnknownName

_WIDTH = 18
Lines = list[tuple[str, str]]


@click.group()
def catalog() -> None:
    """Look up accelerators, instance types, regions and countries."""


@catalog.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--provider", help="The cloud a region or an instance type belongs to, such as aws.")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    help="A placement.toml.  [default: the nearest, from this folder upwards]",
)
@outside_option
def find(
    names: tuple[str, ...], provider: str | None, config: str | None, allow_outside: bool
) -> None:
    """Show every reading of each NAME: accelerator, country, instance type, region.

    `-` stands for names on standard input, one a line. Exits with 2 where a name has no reading,
    or says too little.

    \b
    Examples:
      placement catalog find "NVIDIA H100 80GB HBM3"
      cut -d, -f4 inventory.csv | sort -u | placement catalog find -
      placement catalog find p5.48xlarge --provider aws
      placement catalog find us-east-1-qro-1a --provider aws
    """  # noqa: D301 - click reads the control character
    from placement.catalog import UnknownName, provider_key

    catalog = _catalog(config, allow_outside=allow_outside)
    key = None
    if provider is not None:
        try:
            key = provider_key(provider)
        except UnknownName as error:
            _fail(error)
    several = names_of(names)
    shown = [_found(catalog, name, key, alone=len(several) == 1) for name in several]
    if not all(shown):
        sys.exit(2)


def _found(catalog: Catalog, name: str, key: str | None, *, alone: bool) -> bool:
    """Show every reading of a name, or say why there is none; tell whether there is one."""
    from placement.catalog import RefusedName, UnknownName
    from placement.cli.output import show

    readings: list[Callable[[], Lines]] = [
        lambda: _accelerator(catalog, name, key),
        lambda: _country(name),
        lambda: _instance(key, name),
    ]
    if key is not None:
        readings.append(lambda: _region(key, name))
    found: list[Lines] = []
    refused: list[UnknownName] = []
    unknown: list[UnknownName] = []
    for reading in readings:
        try:
            found.append(reading())
        except RefusedName as error:
            refused.append(error)
        except UnknownName as error:
            unknown.append(error)
    if found and not alone:
        _show([("asked", name)])
    for lines in found:
        _show(lines)
    if found:
        if not alone:
            show("\n")
        return True
    if key is None and not refused:
        say("for a cloud's region or instance type, give --provider")
    _say(*(refused or unknown))
    return False


@catalog.command("list")
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    help="A placement.toml.  [default: the nearest, from this folder upwards]",
)
@outside_option
def list_(config: str | None, allow_outside: bool) -> None:
    """List all accelerators: model, vendor, TPP at TF32 19, performance density, and so on.

    \b
    Example:
      placement catalog list
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import show
    from placement.render.formats.escape import terminal
    from placement.render.formats.table import table

    header = ("model", "vendor", "TPP", "PD", "data centre", "unit", "confidence")
    rows = []
    for accelerator in _catalog(config, allow_outside=allow_outside).accelerators.values():
        unit = "" if accelerator.purchase_unit is None else str(accelerator.purchase_unit)
        cells = (
            accelerator.model,
            accelerator.vendor,
            _tpp(accelerator),
            _density(accelerator),
            _mark(accelerator),
            unit,
            accelerator.confidence,
        )
        rows.append([terminal(cell) for cell in cells])
    show(table(header, rows, right=(2, 3, 5)) + "\n")


def _catalog(config: str | None, *, allow_outside: bool) -> Catalog:
    """Return the catalogue with a user's own names and figures, and say what they change."""
    from placement.loading.settings import catalog_of
    from placement.readers.config.discovery import find_config
    from placement.readers.config.placement_toml import read_config

    path = find_config(Path()) if config is None else Path(config)
    setup = None if path is None else read_config(path, allow_outside=allow_outside)
    found = catalog_of(setup)
    for sentence in found.changes:
        say(f"note: {sentence}")
    return found


def _accelerator(catalog: Catalog, name: str, provider: str | None) -> Lines:
    from placement.catalog import refusal

    match = catalog.find(name, provider)
    one = match.accelerator
    lines = [("accelerator", one.model), ("vendor", one.vendor), ("TPP", _tpp(one))]
    if one.mtpp() is None:
        lines.append(("refused", refusal(one)))
    else:
        lines.append(("decided by", f"{one.decided_by()} (TF32 counted as 19 bits)"))
    lines += [
        ("perf. density", _density(one)),
        ("memory bandwidth", _bandwidth(one)),
        ("data centre", _mark(one)),
        ("launched", _launched(one)),
        ("purchase unit", "unknown" if one.purchase_unit is None else str(one.purchase_unit)),
        ("confidence", one.confidence),
        ("source", one.source),
        ("name known from", "; ".join(match.via) or "the model's own name"),
        ("note", match.note),
        ("counts as", "" if match.count == 1 else f"{match.count} accelerators"),
        ("one is", one.one_is),
        ("about the model", one.note),
        ("without a source", ", ".join(one.memory_only_fields)),
    ]
    return lines


def _country(name: str) -> Lines:
    from placement.catalog import country, country_name

    code = country(name)
    return [("country", code), ("name", country_name(code))]


def _instance(provider: str | None, name: str) -> Lines:
    from placement.catalog import find_instance

    one = find_instance(provider, name)
    return [
        ("instance type", one.instance_type),
        ("provider", one.provider),
        ("accelerator", one.accelerator),
        ("count", str(one.count)),
        ("confidence", one.confidence),
        ("source", one.source),
        ("note", one.note),
    ]


def _region(provider: str, name: str) -> Lines:
    from placement.catalog import country_name, find_region

    one = find_region(provider, name)
    return [
        ("region", one.region),
        ("provider", one.provider),
        ("kind", one.kind),
        ("country", f"{one.country} ({country_name(one.country)})"),
        ("city", one.city),
        ("confidence", one.confidence),
        ("source", one.source),
        ("note", one.note),
    ]


def _say(*errors: UnknownName) -> None:
    for error in errors:
        say(f"error: {error}")


def _fail(*errors: UnknownName) -> NoReturn:
    _say(*errors)
    sys.exit(2)


def _show(lines: Lines) -> None:
    from placement.cli.output import show
    from placement.render.formats.escape import terminal

    show("".join(f"{label:<{_WIDTH}}{terminal(text)}\n" for label, text in lines if text))


def _tpp(one: Accelerator) -> str:
    from placement.catalog import tpp_text

    mtpp = one.mtpp()
    return "none" if mtpp is None else tpp_text(mtpp)


def _density(one: Accelerator) -> str:
    from placement.catalog.csv_tables import figure

    return figure(one.performance_density)


def _bandwidth(one: Accelerator) -> str:
    from placement.catalog.csv_tables import figure

    found = one.memory_bandwidth_gb_s
    return "unknown" if found is None else f"{figure(found)} GB/s"


def _launched(one: Accelerator) -> str:
    return str(one.released or one.release_year or "unknown")


def _mark(one: Accelerator) -> str:
    return {True: "yes", False: "no", None: "unknown"}[one.datacenter]
