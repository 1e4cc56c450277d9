"""All that a check reads, with the faults of all files together, and those between files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from placement.errors import Fault, FaultCollector, InputError, NoLotsError, UsageError
from placement.fleet.consistency import unknown_sites
from placement.fleet.context import FleetContext, build_context
from placement.fleet.opening_balances import unknown_consignees
from placement.fleet.owner_groups import owner_groups_of
from placement.inventory import Inventory, no_lots
from placement.loading.arguments import InputArguments, settings_of
from placement.loading.settings import Settings, load_settings
from placement.loading.side_tables import read_side_tables, unsure_of
from placement.policy import Policy
from placement.readers.doubts import Accepting
from placement.report import ReadInfo
from placement.text.decimals import plain
from placement.text.lookalikes import lookalikes, others

if TYPE_CHECKING:
    from placement.fleet.side_tables import SideTables
    from placement.readers.config.placement_toml import ConfigFile
    from placement.readers.formats.data_frames import Frame


#: The tables that are read where they lie, beside a configuration or an inventory.
READ_BESIDE = ("accelerators", "entities", "opening", "shipments", "sites", "weights")

#: Where sites.csv cannot be read, no site has a country, and none is missed.
NO_SITES = {"": ""}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read: settings, records and lots."""

    settings: Settings
    records: SideTables
    lots: Inventory

    def case(self, policy: Policy | None = None, like: FleetContext | None = None) -> FleetContext:
        """Return the books, companies and weights of what was read, under a policy.

        Default: the first one. `like`: those under another.
        """
        settings = self.settings
        return build_context(
            self.lots,
            policy or settings.policy,
            settings.catalog,
            settings.entities,
            records=self.records,
            like=like,
        )

    def under(self, policy: Policy) -> Inputs:
        """Return the same for a run of one policy."""
        return replace(self, settings=replace(self.settings, policies=(policy,)))

    def cases(self) -> list[FleetContext]:
        """Return them under each policy of the run."""
        found: list[FleetContext] = []
        for policy in self.settings.policies:
            found.append(self.case(policy, found[0] if found else None))
        return found

    @property
    def tables(self) -> dict[str, int]:
        """The rows of each table beside the inventory, by its name."""
        return {**self.settings.read, **self.records.read}

    def read(self) -> ReadInfo:
        """Return what was read, for a report."""
        return read_of(self.lots, self.tables)


def read_of(inventory: Inventory, tables: Mapping[str, int]) -> ReadInfo:
    """Return what was read: an inventory, and the rows of the tables beside it by file."""
    own = {inventory.source: inventory.rows} if inventory.rows else {}
    return ReadInfo(
        files={**own, **tables},
        lots=inventory.rows,
        accelerators=plain(inventory.accelerators()),
    )


def load_inputs(inventory: str | Path | Frame | None, **given: Unpack[InputArguments]) -> Inputs:
    """Read everything; InputError with the faults of all tables together.

    `accept` names the lines, FILE:LINE, that are taken although they are in doubt.
    """
    accepting = Accepting.of(given.get("accept") or ())
    return read_inputs(inventory, folder_of(inventory), accepting, **given)


def read_inputs(
    inventory: str | Path | Frame | None,
    folder: Path | None,
    accepting: Accepting,
    policies: tuple[Policy, ...] = (),
    *,
    may_be_empty: bool = False,
    **given: Unpack[InputArguments],
) -> Inputs:
    """Read everything, as `load_inputs`; what lies beside the inventory is looked for in a folder.

    `policies` are in place of those that are chosen; `may_be_empty`: an inventory without a lot is
    no fault.
    """
    faults = FaultCollector()
    settings = load_settings(
        config_for(folder, given),
        beside=folder,
        faults=faults,
        policies=policies,
        **settings_of(given),
    )
    side_tables: Mapping[str, Any] = given
    records = read_side_tables(
        settings,
        side_tables,
        folder=folder,
        faults=faults,
        accepting=accepting,
    )
    lots = None
    places = records.sites.places.values() if records.sites is not None else ()
    countries = {site.site: site.country for site in places}
    if "sites" in faults.failed:
        countries = NO_SITES
    with faults.part("inventory", unsure_of(faults)):
        try:
            lots = _lots(inventory, settings, countries, accepting)
        except NoLotsError:
            if not may_be_empty:
                raise
            lots = no_lots()
    if lots is not None:
        companies = settings.entities.names() if settings.entities is not None else ()
        alike = lookalikes([*lots.names, *companies, *records.names])
        if faults.problems or alike:
            _together(lots, settings, records, faults, alike)
    faults.settle()
    if lots is None:
        raise AssertionError("an inventory with faults, and none was told")
    if inventory is None:
        _require_records(records)
    accepting.require_used()
    assumptions = (*settings.assumptions, *accepting.assumed)
    return Inputs(replace(settings, assumptions=assumptions), records, lots)


def _require_records(records: SideTables) -> None:
    """Refuse a run that has nothing to judge: no inventory, no shipments, no model weights."""
    if records.shipments or (records.weights is not None and records.weights.rows):
        return
    if records.empty:
        fix = "write at least one row below the header, or give an inventory"
        raise InputError(Fault("no rows: nothing to judge", fix, file) for file in records.empty)
    raise UsageError(Fault("nothing to judge", "give an inventory, shipments or weights"))


def _together(
    lots: Inventory,
    settings: Settings,
    records: SideTables,
    faults: FaultCollector,
    alike: list[Fault],
) -> None:
    """Add the faults that files without faults show only together; `alike`: those of names."""
    if "entities" not in faults.failed:
        for policy in settings.policies:
            try:
                known = owner_groups_of(lots, policy, settings.entities, records.companies)
                missing = unknown_consignees(records.balances, known, settings.entities)
                faults.add(one for one in others(missing, alike) if one not in faults.problems)
            except InputError as error:
                kept = others(error.problems, alike)
                new = [one for one in kept if one not in faults.problems]
                more = error.total - len(error.problems) if len(new) == len(kept) else 0
                faults.add(new, more + len(new))
    if "sites" not in faults.failed:
        for policy in settings.policies:
            unknown = others(unknown_sites(lots, policy, records), alike)
            faults.add([one for one in unknown if one not in faults.problems])
    faults.add(alike)


def _lots(
    inventory: str | Path | Frame | None,
    settings: Settings,
    countries: Mapping[str, str],
    accepting: Accepting,
) -> Inventory:
    from placement.readers.formats.data_frames import is_frame
    from placement.readers.inventory.read import inventory_from_frame, read_inventory

    if inventory is None:
        return no_lots()
    if isinstance(inventory, str | Path):
        return read_inventory(
            inventory, catalog=settings.catalog, site_countries=countries, accepting=accepting
        )
    if not is_frame(inventory):
        kind = type(inventory).__name__
        fix = "give a path, or a DataFrame of pandas or polars"
        raise UsageError(Fault(f"an inventory cannot be a {kind}", fix))
    return inventory_from_frame(
        inventory, catalog=settings.catalog, site_countries=countries, accepting=accepting
    )


def folder_of(inventory: object) -> Path | None:
    """Return the folder of an inventory file; None for a DataFrame or standard input."""
    is_file = isinstance(inventory, str | Path) and str(inventory) != "-"
    return Path(str(inventory)).parent if is_file else None


def config_for(folder: Path | None, given: InputArguments) -> ConfigFile | None:
    """Read the configuration that was named, or the nearest one to the folder of the inventory.

    UsageError also where a table that nothing names lies beside both of them.
    """
    named, allow_outside = given.get("config"), bool(given.get("allow_outside"))
    if named is None and folder is not None:
        # That there is none should cost a check nothing.
        from placement.readers.config.discovery import find_config

        found = find_config(folder)
        if found is not None:
            from placement.readers.config.placement_toml import read_config

            setup = read_config(found, allow_outside=allow_outside, beside=folder)
            _require_one_of_each(setup, given)
            return setup
    if named is None:
        return None
    from placement.readers.config.placement_toml import read_config

    return read_config(named, allow_outside=allow_outside)


def _require_one_of_each(setup: ConfigFile, given: Mapping[str, Any]) -> None:
    """Refuse two tables of a kind of which nobody says which one counts."""
    faults = []
    whose = any(given.get(name) for name in ("entities", "headquarters", "authorization"))
    for table in READ_BESIDE:
        is_named = given.get(table) is not None or getattr(setup.config.files, table) is not None
        both = setup.found(table)
        if len(both) > 1 and not is_named and not (table == "entities" and whose):
            fix = f"name one of them: [{setup.key('files')}] {table} = ..., or remove one"
            faults.append(Fault(f"there is {both[0]}, too", fix, str(both[1])))
    if faults:
        raise UsageError(faults)
