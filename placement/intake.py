"""All that a check reads, with the faults of all files together, and those between files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from placement.account_notes import balance_notes
from placement.balances import unknown_consignees
from placement.companies import companies_of
from placement.errors import Gathering, InputError, Problem, UsageError
from placement.policy import Policy
from placement.policy.kinds import (
    AnyRule,
    FinetuneRule,
    ProhibitionRule,
    RatioRule,
    StorageRule,
)
from placement.settings import Settings, load_settings, read_records, unsure_of
from placement.sources.doubts import Accepting
from placement.sources.lookalikes import lookalikes, others

if TYPE_CHECKING:
    from placement.inventory import Inventory
    from placement.judges.case import Case
    from placement.report import ReadInfo, Report
    from placement.run import Records, When
    from placement.sources.config import ConfigFile
    from placement.sources.frames import Frame


#: Where sites.csv cannot be read, no site has a country, and none is missed.
_NO_SITES = {"": ""}


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read: settings, records and lots."""

    settings: Settings
    records: Records
    lots: Inventory

    def case(self, policy: Policy | None = None, like: Case | None = None) -> Case:
        """Return the books, companies and weights of what was read, under a policy.

        Default: the first one. `like`: those under another.
        """
        from placement.run import make_case

        settings = self.settings
        return make_case(
            self.lots,
            policy or settings.policy,
            settings.catalog,
            settings.entities,
            records=self.records,
            like=like,
        )

    def under(self, policy: Policy) -> Intake:
        """Return the same for a run of one policy."""
        return replace(self, settings=replace(self.settings, policies=(policy,)))

    def cases(self) -> list[Case]:
        """Return them under each policy of the run."""
        found: list[Case] = []
        for policy in self.settings.policies:
            found.append(self.case(policy, found[0] if found else None))
        return found

    def judged(self, days: When, *, plans: bool = True, ran_on: date | None = None) -> Report:
        """Judge it on some days; `plans` False leaves ordered and planned lots out.

        `ran_on` is the day of the run, default: the calendar's.
        """
        from placement.in_force import in_force
        from placement.layouts import begun
        from placement.run import today
        from placement.several import check_policies

        settings = self.settings
        made, cases = check_policies(
            self.lots,
            policies=settings.policies,
            catalog=settings.catalog,
            entities=settings.entities,
            days=days,
            plans=plans,
            records=self.records,
            assumptions=settings.assumptions,
            tables=self.tables,
            ran_on=ran_on,
        )
        found = in_force(
            self.lots,
            chosen={one.pack.id for one in settings.policies},
            like=cases[0],
            catalog=settings.catalog,
            entities=settings.entities,
            days=made.dates,
            plans=plans,
            records=self.records,
        )
        notes = (*made.notes, *begun(self.lots, ran_on or today()))
        return made.model_copy(update={"notes": notes, "in_force": found})

    @property
    def tables(self) -> dict[str, int]:
        """The rows of each table beside the inventory, by its name."""
        return {**self.settings.read, **self.records.read}

    def read(self) -> ReadInfo:
        """Return what was read, for a report."""
        from placement.run import read_of

        return read_of(self.lots, self.tables)


def take_in(
    inventory: str | Path | Frame | None,
    *,
    policy: str | Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | Frame | None = None,
    headquarters: str | None = None,
    authorization: str | Sequence[str] = (),
    sites: str | Path | None = None,
    shipments: str | Path | None = None,
    weights: str | Path | None = None,
    opening: str | Path | None = None,
    config: str | Path | None = None,
    allow_outside: bool = False,
    accept: str | Sequence[str] = (),
) -> Intake:
    """Read everything; InputError with the faults of all tables together.

    `accept` names the lines, FILE:LINE, that are taken although they are in doubt.
    """
    accepting = Accepting.of(accept)
    faults = Gathering()
    settings = load_settings(
        _config(config, inventory, allow_outside=allow_outside),
        policy=policy,
        options=options,
        entities=entities,
        headquarters=headquarters,
        authorization=[authorization] if isinstance(authorization, str) else authorization,
        beside=_folder(inventory),
        faults=faults,
    )
    records = read_records(
        settings,
        sites=sites,
        shipments=shipments,
        weights=weights,
        opening=opening,
        folder=_folder(inventory),
        faults=faults,
        accepting=accepting,
    )
    lots = None
    places = records.sites.places.values() if records.sites is not None else ()
    countries = {one.site: one.country for one in places}
    if "sites" in faults.failed:
        countries = _NO_SITES
    with faults.part("inventory", unsure_of(faults)):
        lots = _lots(inventory, settings, countries, accepting)
    if lots is not None:
        companies = settings.entities.names() if settings.entities is not None else ()
        alike = lookalikes([*lots.names, *companies, *records.names])
        if faults.problems or alike:
            _together(lots, settings, records, faults, alike)
    faults.settle()
    if lots is None:
        raise AssertionError("an inventory with faults, and none was told")
    has_weights = records.weights is not None and records.weights.rows
    if inventory is None and not records.shipments and not has_weights:
        if records.empty:
            fix = "write at least one row below the header, or give an inventory"
            raise InputError(
                Problem("no rows: nothing to judge", fix, one) for one in records.empty
            )
        raise UsageError(Problem("nothing to judge", "give an inventory, shipments or weights"))
    accepting.require_used()
    assumptions = (*settings.assumptions, *accepting.assumed)
    return Intake(replace(settings, assumptions=assumptions), records, lots)


def _together(
    lots: Inventory, settings: Settings, records: Records, faults: Gathering, alike: list[Problem]
) -> None:
    """Add the faults that files without faults show only together; `alike`: those of names."""
    if "entities" not in faults.failed:
        for policy in settings.policies:
            try:
                known = companies_of(lots, policy, settings.entities, records.companies)
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
    from placement.sources.frames import is_frame
    from placement.sources.inventory import inventory_from_frame, read_inventory

    if inventory is None:
        from placement.inventory import no_lots

        return no_lots()
    if isinstance(inventory, str | Path):
        return read_inventory(
            inventory, catalog=settings.catalog, site_countries=countries, accepting=accepting
        )
    if not is_frame(inventory):
        kind = type(inventory).__name__
        fix = "give a path, or a DataFrame of pandas or polars"
        raise UsageError(Problem(f"an inventory cannot be a {kind}", fix))
    return inventory_from_frame(
        inventory, catalog=settings.catalog, site_countries=countries, accepting=accepting
    )


def _folder(inventory: object) -> Path | None:
    """Give the folder of an inventory file; None for a DataFrame or standard input."""
    is_file = isinstance(inventory, str | Path) and str(inventory) != "-"
    return Path(str(inventory)).parent if is_file else None


def _config(
    given: str | Path | None, inventory: object, *, allow_outside: bool
) -> ConfigFile | None:
    """Read the configuration that was named, or the one beside the inventory."""
    folder = _folder(inventory)
    if given is None and folder is not None:
        beside = folder / "placement.toml"
        given = beside if os.path.lexists(beside) else None
    if given is None:
        return None
    from placement.sources.config import read_config

    return read_config(given, allow_outside=allow_outside)


def unknown_sites(inventory: Inventory, policy: Policy, records: Records) -> list[Problem]:
    """Say which sites lack the place that a rule needs, and which that model weights name."""
    problems = []
    sites = records.sites
    known = sites.places if sites is not None else {}
    called = sites.file if sites is not None else "sites.csv"
    standing = set(inventory.lots["site"].unique().to_list())
    for column in ("metro", "region"):
        rules = [rule.id for rule in policy.on_totals if rule.by == column]
        if not rules:
            continue
        problems += [
            Problem(
                f"the site has no {column}, and {', '.join(rules)} is about it",
                f"fill {column} in {called}, and give that file with --sites",
                called if sites is not None else inventory.source,
                column="site",
                value=site,
            )
            for site in sorted(standing)
            if site not in known or not getattr(known[site], column)
        ]
    if records.weights is not None:
        for line, row in records.weights.rows:
            for column, site in (
                ("storage_site", row.storage_site),
                ("finetune_site", row.finetune_site),
            ):
                if site is not None and site not in known and site not in standing:
                    message = "nobody says where the site is"
                    fix = f"add it to {called}"
                    problems.append(Problem(message, fix, records.weights.file, line, column, site))
    return problems


def unused(records: Records, *policies: Policy) -> list[str]:
    """Return which tables hold no row, and which were given to packs without a rule about them."""
    notes = [
        f"{file}: NO ROWS below the header, so nothing of it was judged" for file in records.empty
    ]
    rules = [rule for one in policies for rule in one.pack.rules]
    ids = [one.pack.id for one in policies]
    none = f"{ids[0]} has no rule" if len(ids) == 1 else f"none of {', '.join(ids)} has a rule"
    if records.shipments and not any(_ships(rule) for rule in rules):
        notes.append(f"{records.shipments_file}: {none} about shipments")
    if (
        records.weights is not None
        and records.weights.rows
        and not any(isinstance(rule, StorageRule | FinetuneRule) for rule in rules)
    ):
        notes.append(f"{records.weights.file}: {none} about model weights")
    return [*notes, *balance_notes(policies, records.balances)]


def _ships(rule: AnyRule) -> bool:
    return isinstance(rule, RatioRule) or (
        isinstance(rule, ProhibitionRule) and rule.measure == "shipped"
    )
