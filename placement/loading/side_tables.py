"""What is read beside an inventory, given or listed by placement.toml: its side tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from placement.errors import Fault, FaultCollector
from placement.fleet.side_tables import SideTables
from placement.loading.settings import Settings, table_beside

if TYPE_CHECKING:
    from placement.readers.doubts import Accepting


def read_side_tables(
    settings: Settings,
    given: Mapping[str, str | Path | None],
    *,
    folder: Path | None,
    faults: FaultCollector,
    accepting: Accepting,
) -> SideTables:
    """Read what is known beside the inventory: given here, or listed by (or beside) placement.toml.

    Without a placement.toml, an opening.csv in the `folder` of the inventory is read. `faults`
    takes those of every file. `accepting` are the lines that are taken although they are in doubt.
    """
    config = settings.config
    listed = config.path if config is not None else lambda _: None
    paths = {name: given.get(name) or listed(name) for name in ("sites", "shipments", "weights")}
    opening = given.get("opening") or table_beside(config, folder, "opening")
    found = SideTables()
    if paths["sites"] is not None:
        with faults.part("sites"):
            from placement.readers.tables.sites import read_places

            places = read_places(paths["sites"])
            read = {places.file: len(places.places)}
            found = replace(found, sites=places, read=read, names=places.names)
    if paths["shipments"] is not None:
        with faults.part("shipments", unsure_of(faults)):
            from placement.readers.tables.shipments import read_shipments, resolve_shipments

            table = read_shipments(
                paths["shipments"], catalog=settings.catalog, accepting=accepting
            )
            shipments = resolve_shipments(table, settings.catalog)
            found = replace(found.having(table), shipments=shipments, shipments_file=table.file)
    if paths["weights"] is not None:
        with faults.part("weights"):
            from placement.readers.tables.weights import read_weights

            weights = read_weights(paths["weights"])
            found = replace(found.having(weights), weights=weights)
    if opening is not None:
        with faults.part("opening"):
            found = with_opening(found, opening, accepting)
    return found


def with_opening(
    tables: SideTables, path: str | Path, accepting: Accepting, name: str | None = None
) -> SideTables:
    """Return side tables with the opening balances of a table; InputError with every fault."""
    from placement.fleet.opening_balances import balances_of
    from placement.readers.tables.opening import read_opening

    table = read_opening(path, name=name, accepting=accepting)
    return replace(tables.having(table), balances=balances_of(table))


def unsure_of(faults: FaultCollector) -> Callable[[Fault], bool]:
    """Tell which faults of a table may be those of accelerators.csv or sites.csv, if these failed.

    What they would have said of a name or of a site is not missed in other tables.
    """

    def unsure(one: Fault) -> bool:
        if one.column == "accelerator" and "accelerators" in faults.failed:
            return True
        return one.column == "country" and one.value is None and "sites" in faults.failed

    return unsure
