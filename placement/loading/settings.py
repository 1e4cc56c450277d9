"""What every verb needs before it reads an inventory: policy, catalogue, companies.

Each comes from the caller's arguments, else from placement.toml, else from a default; nothing is
merged. What placement.toml decided is said as an assumption.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from placement.catalog import Catalog, Override, UnknownName, load_catalog
from placement.errors import Gathering, Problem, UsageError
from placement.fleet.owner_groups import needs_authorizations
from placement.policy import Policy, is_path, load_policies, of_others, packs_of
from placement.policy.additions import added_said

if TYPE_CHECKING:
    from placement.fleet.side_tables import SideTables
    from placement.readers.config.placement_toml import ConfigFile
    from placement.readers.doubts import Accepting
    from placement.readers.formats.data_frames import Frame
    from placement.readers.tables.entities import Entities


@dataclass(frozen=True, slots=True)
class Settings:
    """A run's policies, catalogue and companies (None: no rule needs them, or none were given).

    `read` has the rows of each file that was read for them.
    """

    policies: tuple[Policy, ...]
    catalog: Catalog
    entities: Entities | None
    assumptions: tuple[str, ...] = ()
    config: ConfigFile | None = None
    read: Mapping[str, int] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """The first pack chosen."""
        return self.policies[0]


def load_settings(
    config: ConfigFile | None = None,
    *,
    policy: str | Sequence[str] | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | Frame | None = None,
    headquarters: str | None = None,
    authorization: Sequence[str] = (),
    beside: Path | None = None,
    faults: Gathering | None = None,
) -> Settings:
    """Settle arguments and placement.toml; raises InputError, PolicyError or UsageError.

    `beside` is the folder of the inventory. `faults` takes those of tables, which are then not
    raised: the catalogue is then that of the house, and no entities are given.
    """
    gathering = faults if faults is not None else Gathering()
    assumptions: list[str] = []
    answers = [options or {}]
    packs = packs_of(policy)
    left_out: frozenset[str] = frozenset()
    if config is not None:
        section = config.config.placement
        # A path is relative to the file that names it; ids have neither slash nor suffix.
        listed = tuple(
            str(config.folder / name) if is_path(name) else name
            for name in packs_of(section.policy)
        )
        asked = config.config.policy
        left_out = of_others(asked.options, asked.groups, listed, packs or listed)
        packs = packs or listed
        answers.insert(0, {k: v for k, v in asked.options.items() if k not in left_out})
        if entities is None and headquarters is None and not authorization:
            entities = config.path("entities")
            if entities is None and section.headquarters is not None:
                headquarters = section.headquarters
                held = section.authorization
                authorization = [held] if isinstance(held, str) else held
        assumptions.append(f"settings from {config.file}")
        if left_out:
            said = ", ".join(sorted(left_out))
            assumptions.append(
                f"not of the packs chosen here, so left out of {config.file}: {said}"
            )
    chosen = _policies(packs, answers, config, left_out)
    assumptions.extend(dict.fromkeys(said for one in chosen for said in added_said(one)))
    catalog, companies = None, None
    rows: dict[str, int] = {}
    with gathering.part("accelerators"):
        own, rows = _own(config, beside)
        catalog = _catalog(config, own)
    with gathering.part("entities"):
        if (
            headquarters is not None
            and not authorization
            and not any(map(needs_authorizations, chosen))
        ):
            authorization = ["none"]
        companies = _companies(entities, headquarters, authorization)
    if companies is not None and companies.file is not None:
        rows = {companies.file: len([*companies]), **rows}
    if faults is None:
        gathering.settle()
    return Settings(
        chosen,
        catalog or load_catalog([], {}),
        companies,
        tuple(assumptions),
        config,
        rows,
    )


def _policies(
    packs: Sequence[str],
    answers: Sequence[Mapping[str, str]],
    config: ConfigFile | None,
    left_out: frozenset[str],
) -> tuple[Policy, ...]:
    """Load packs with the answers chosen and the countries that placement.toml adds to groups."""
    if config is None:
        return load_policies(packs, answers)
    groups = {k: v for k, v in config.config.policy.groups.items() if k not in left_out}
    try:
        return load_policies(packs, answers, groups)
    except UsageError as error:
        from placement.readers.config.policy_section import in_file

        raise in_file(error, config) from error


def read_records(
    settings: Settings,
    *,
    sites: str | Path | None = None,
    shipments: str | Path | None = None,
    weights: str | Path | None = None,
    opening: str | Path | None = None,
    folder: Path | None = None,
    faults: Gathering | None = None,
    accepting: Accepting | None = None,
) -> SideTables:
    """Read what is known beside the inventory: given here, or listed by (or beside) placement.toml.

    Without a placement.toml, an opening.csv in the `folder` of the inventory is read. InputError
    with the faults of every file, unless `faults` takes them. `accepting` are the lines that are
    taken although they are in doubt.
    """
    gathering = faults if faults is not None else Gathering()
    from placement.fleet.side_tables import SideTables

    config = settings.config
    beside = config.path if config is not None else lambda _: None
    paths = [given or beside(table) for given, table in (
        (sites, "sites"), (shipments, "shipments"), (weights, "weights"),
    )]  # fmt: skip
    records = SideTables()
    for kind, path in zip(("sites", "shipments", "weights"), paths, strict=True):
        if path is None:
            continue
        unsure = unsure_of(gathering) if kind == "shipments" else None
        with gathering.part(kind, unsure):
            if kind == "sites":
                from placement.readers.tables.sites import read_places

                places = read_places(path)
                read = {**records.read, places.file: len(places.places)}
                records = replace(
                    records, sites=places, read=read, names=(*records.names, *places.names)
                )
            elif kind == "shipments":
                from placement.readers.tables.shipments import read_shipments, resolve_shipments

                table = read_shipments(path, catalog=settings.catalog, accepting=accepting)
                shipped = resolve_shipments(table, settings.catalog)
                records = replace(
                    records,
                    shipments=shipped,
                    shipments_file=table.file,
                    notes=(*records.notes, *table.notes),
                    empty=(*records.empty, *([] if table.rows else [table.file])),
                    read={**records.read, table.file: len(table.rows)},
                    names=(*records.names, *table.names),
                )
            else:
                from placement.readers.tables.weights import read_weights

                kept = read_weights(path)
                records = replace(
                    records,
                    weights=kept,
                    notes=(*records.notes, *kept.notes),
                    empty=(*records.empty, *([] if kept.rows else [kept.file])),
                    read={**records.read, kept.file: len(kept.rows)},
                    names=(*records.names, *kept.names),
                )
    with gathering.part("opening"):
        path = opening or _beside(config, folder, "opening")
        records = with_opening(records, path, accepting) if path is not None else records
    if faults is None:
        gathering.settle()
    return records


def with_opening(
    records: SideTables, path: str | Path, accepting: Accepting | None, name: str | None = None
) -> SideTables:
    """Return the records with the opening balances of a table; InputError with every fault."""
    from placement.fleet.opening_balances import balances_of
    from placement.readers.tables.opening import read_opening

    table = read_opening(path, name=name, accepting=accepting)
    return replace(
        records,
        balances=balances_of(table),
        notes=(*records.notes, *table.notes),
        empty=(*records.empty, *([] if table.rows else [table.file])),
        read={**records.read, table.file: len(table.rows)},
        names=(*records.names, *table.names),
    )


def unsure_of(faults: Gathering) -> Callable[[Problem], bool]:
    """Tell which faults of a table may be those of accelerators.csv or sites.csv, if these failed.

    What they would have said of a name or of a site is not missed in other tables.
    """

    def unsure(one: Problem) -> bool:
        if one.column == "accelerator" and "accelerators" in faults.failed:
            return True
        return one.column == "country" and one.value is None and "sites" in faults.failed

    return unsure


def catalog_of(config: ConfigFile | None, beside: Path | None = None) -> Catalog:
    """Return the catalogue with the aliases of placement.toml and the accelerators.csv beside it.

    Without a placement.toml, an accelerators.csv in the folder `beside` is read.
    """
    return _catalog(config, _own(config, beside)[0])


def _own(config: ConfigFile | None, beside: Path | None) -> tuple[list[Override], dict[str, int]]:
    """Return the rows of the user's accelerators.csv, and how many it has by its name."""
    path = _beside(config, beside, "accelerators")
    if path is None:
        return [], {}
    from placement.readers.tables.accelerators import read_overrides

    own = read_overrides(path)
    return own, {str(path): len(own)}


def _beside(config: ConfigFile | None, folder: Path | None, table: str) -> Path | None:
    """Return the path of a table by placement.toml; without one, of that in a folder, if any."""
    if config is not None:
        return config.path(table)
    usual = None if folder is None else folder / f"{table}.csv"
    return usual if usual is not None and os.path.lexists(usual) else None


def _catalog(config: ConfigFile | None, own: list[Override]) -> Catalog:
    aliases = config.config.aliases if config is not None else {}
    try:
        return load_catalog(own, aliases)
    except UnknownName as error:
        where = config.file if config is not None else None
        raise UsageError(Problem(error.message, error.fix, where, column="aliases")) from error


def _companies(
    path: str | Path | Frame | None, headquarters: str | None, authorization: Sequence[str]
) -> Entities | None:
    if path is not None:
        if headquarters is not None or authorization:
            raise UsageError(
                Problem("an entities file says headquarters and authorization", "drop the others")
            )
        from placement.readers.tables.entities import read_entities

        if isinstance(path, str | Path):
            return read_entities(path)
        from placement.readers.formats.data_frames import texts_of

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "entities.csv"
            file.write_bytes(texts_of(path).csv().encode("utf-8", "surrogatepass"))
            return read_entities(file, name="entities DataFrame")
    if headquarters is None and not authorization:
        return None
    if headquarters is None or not authorization:
        raise UsageError(
            Problem("headquarters and authorization go together", "give both (none is one, too)")
        )
    from placement.readers.cells import BadText
    from placement.readers.tables.entities import Entities

    try:
        return Entities.assume(headquarters, authorization)
    except BadText as error:
        given = f"{headquarters} {' '.join(authorization)}"
        raise UsageError(Problem(error.message, error.fix, value=given)) from error
