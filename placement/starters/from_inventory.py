"""A folder to plan with, from an inventory: its sites, with power that only is a guess."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from importlib import resources
from math import ceil
from pathlib import Path

from placement.catalog import Catalog
from placement.enums import Status
from placement.errors import Fault, InputError, UsageError
from placement.inventory import Inventory
from placement.loading.settings import catalog_of
from placement.optimization.data.tables.supply import SERVER_SHARE
from placement.readers.inventory.read import read_inventory
from placement.starters.folders import Texts, with_periods
from placement.text.csv_writer import csv_text
from placement.text.decimals import plain
from placement.text.toml_writer import toml_value

_MORE = Fraction(5, 4)
"""A quarter more than what stands there."""

_LEAST_MW = Fraction(1, 10)
_SHOWN = 3


def planning_folder(inventory: Path, folder: Path, today: date) -> Texts:
    """Return what is to be written into `folder` so that an inventory can be planned.

    The inventory is copied unless it lies there, and so is an entities.csv beside it. InputError
    where it cannot be read, UsageError where it is standard input.
    """
    if str(inventory) == "-":
        raise UsageError(Fault("--from takes a file", "save it, and give its path", value="-"))
    catalog = catalog_of(None, inventory.parent)
    lots = read_inventory(inventory, catalog=catalog)
    is_there = os.path.abspath(inventory.parent) == os.path.abspath(folder)
    name = inventory.name if is_there else "inventory.csv"
    texts: dict[str, str | Iterator[str]] = {}
    if not is_there:
        texts[name] = _pieces(inventory)
    has_entities = (inventory.parent / "entities.csv").is_file()
    for table in ("entities", "accelerators"):
        beside = inventory.parent / f"{table}.csv"
        if beside.is_file() and not is_there:
            texts[beside.name] = _pieces(beside)
    texts["sites.csv"] = _sites(lots, catalog)
    texts["placement.toml"] = _configuration(lots, inventory, name, today, has_entities)
    return texts


def _pieces(path: Path) -> Iterator[str]:
    """Return a file as it is, in pieces."""
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            while piece := opened.read(1 << 20):
                yield piece
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Fault(f"cannot be read: {error}", "save it as UTF-8", str(path))
        ) from error


def _sites(lots: Inventory, catalog: Catalog) -> str:
    """Return sites.csv: each site of the inventory with its country and a guess at its power."""
    watts: dict[tuple[str, str], Fraction] = {}
    for lot in lots.lots.iter_rows(named=True):
        place = (str(lot["site"]), str(lot["country"]))
        watts.setdefault(place, Fraction(0))
        if lot["status"] != Status.RETIRED:
            count = Fraction(lot["quantity"] * lot["unit_num"], lot["unit_den"])
            watts[place] += count * _watts(catalog, lot["model"])
    rows = []
    for (site, country), drawn in sorted(watts.items()):
        tenths = ceil(drawn * _MORE / 10**5)
        rows.append([site, country, plain(max(_LEAST_MW, Fraction(tenths, 10)))])
    return csv_text(["site", "country", "power_mw"], rows)


def _watts(catalog: Catalog, model: str) -> Fraction:
    """Return what an accelerator draws with its share of the server; 0 where nobody knows."""
    found = catalog.find(model).accelerator
    if found.kw is not None:
        return found.kw * 1000
    return Fraction(0) if found.tdp_w is None else found.tdp_w * SERVER_SHARE


def _configuration(
    lots: Inventory, inventory: Path, name: str, today: date, has_entities: bool
) -> str:
    template = resources.files("placement.starters") / "templates" / "from" / "placement.toml"
    text = with_periods(template.read_text("utf-8"), today)
    if has_entities:
        policy, said = "ai-diffusion-2025", "Companies come from entities.csv."
    else:
        policy = "ai-diffusion-2025-basic"
        said = "It asks for no entities.csv; ai-diffusion-2025 does, and holds the whole rule."
    owner, *others = _owners(lots)
    shown = ", ".join(map(toml_value, others[:_SHOWN]))
    shown += ", ..." if len(others) > _SHOWN else ""
    filled = {
        "@source": toml_value(inventory.name),
        "@policy_said": said,
        "@policy": policy,
        "@owners": f"; there are also {shown}" if others else "",
        "@owner": toml_value(owner),
        "@inventory": toml_value(name),
    }
    lines = []
    for line in text.splitlines():
        # One thing is filled in per line, so that nothing is in what was.
        key = next((key for key in filled if key in line), None)
        lines.append(line if key is None else line.replace(key, filled[key]))
    return "\n".join(lines) + "\n"


def _owners(lots: Inventory) -> list[str]:
    """Return the owners, the one of the most accelerators first."""
    counts: dict[str, Fraction] = {}
    for lot in lots.lots.iter_rows(named=True):
        count = Fraction(lot["quantity"] * lot["unit_num"], lot["unit_den"])
        counts[lot["owner"]] = counts.get(lot["owner"], Fraction(0)) + count
    return sorted(counts, key=lambda owner: (-counts[owner], owner))
