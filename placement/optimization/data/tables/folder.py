"""The tables of a planning folder: where each is, and sites, lots and balances as they are read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.catalog import Catalog
from placement.errors import FaultCollector, NoLotsError
from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory, no_lots
from placement.loading.inputs import NO_SITES, Inputs
from placement.loading.settings import Settings
from placement.loading.side_tables import unsure_of, with_opening
from placement.optimization.data.periods import Period
from placement.optimization.data.tables.all_tables import read_tables
from placement.readers.config.placement_toml import ConfigFile
from placement.readers.doubts import Accepting
from placement.readers.formats.data_frames import texts_of
from placement.readers.inventory.read import inventory_from_frame, read_inventory
from placement.readers.table import Table
from placement.readers.tables.sites import SiteRow, places_in, read_sites, site_countries

if TYPE_CHECKING:
    from placement.readers.formats.data_frames import Frame

    Given = Path | str | Frame

TABLES = (
    "inventory", "baseline", "sites", "site_limits", "supply", "demand", "commitments", "latency",
    "opening",
)  # fmt: skip
"""Tables that may be given as paths or DataFrames instead of files beside the configuration."""


@contextmanager
def files_of(
    setup: ConfigFile, given: Mapping[str, Given]
) -> Iterator[tuple[dict[str, tuple[Path, str]], dict[str, Frame]]]:
    """Return (path, name in messages) of each table; DataFrames are written out to be read."""
    with tempfile.TemporaryDirectory() as folder:
        paths: dict[str, tuple[Path, str]] = {}
        frames: dict[str, Frame] = {}
        for table in TABLES:
            one = given.get(table)
            if one is None:
                beside = setup.path(table)
                if beside is not None:
                    paths[table] = (beside, str(beside))
            elif isinstance(one, str | Path):
                paths[table] = (Path(one), str(one))
            else:
                path = Path(folder) / f"{table}.csv"
                if table != "inventory":
                    path.write_bytes(texts_of(one).csv().encode("utf-8", "surrogatepass"))
                paths[table] = (path, f"{table} DataFrame")
                frames[table] = one
        yield paths, frames


def read_folder(
    setup: ConfigFile,
    paths: Mapping[str, tuple[Path, str]],
    frames: Mapping[str, Frame],
    settings: Settings,
    periods: tuple[Period, ...],
    *,
    accepting: Accepting,
) -> tuple[Table[SiteRow], Inputs]:
    """Read sites, inventory and opening balances; InputError with the faults of all tables."""
    faults = FaultCollector()
    sites, lots, records = None, None, SideTables()
    path, name = paths["sites"]
    with faults.part("sites"):
        sites = read_sites(path, name=name, currency=setup.currency, accepting=accepting)
        records = SideTables(places_in(sites))
    countries = {} if sites is None else {row.site: row.country for _, row in sites.rows}
    without_sites = FaultCollector()
    if sites is None:
        with without_sites.part("sites"):
            countries = site_countries(path)
    # Without a table of sites, nobody knows which lots lack a country.
    unsure = unsure_of(without_sites)
    with faults.part("inventory", unsure):
        lots = _lots(paths, frames, settings.catalog, countries or NO_SITES, accepting)
    if "opening" in paths:
        with faults.part("opening"):
            records = with_opening(records, paths["opening"][0], accepting, paths["opening"][1])
    if faults.problems:
        with faults.part("tables"):
            read_tables(
                sites, paths, periods, settings.catalog, settings.policy, (), setup.currency,
                accepting=accepting, is_whole=False,
            )  # fmt: skip
    faults.settle()
    if sites is None or lots is None:
        raise AssertionError("a table that was not read has a fault")
    return sites, Inputs(settings, records, lots)


def _lots(
    paths: Mapping[str, tuple[Path, str]],
    frames: Mapping[str, Frame],
    catalog: Catalog,
    countries: Mapping[str, str],
    accepting: Accepting,
) -> Inventory:
    """Read the inventory; a header alone is that of someone who has no kit yet."""
    path, name = paths["inventory"]
    given: Any = {
        "catalog": catalog,
        "site_countries": countries,
        "name": name,
        "accepting": accepting,
    }
    try:
        if "inventory" in frames:
            return inventory_from_frame(frames["inventory"], **given)
        return read_inventory(path, **given)
    except NoLotsError:
        note = f"{name} has no lots: nothing stands before the plan"
        return replace(no_lots(), source=name, notes=(note,))
