"""What every verb needs before it reads an inventory: policy, catalogue, companies.

Each comes from the caller's arguments, else from placement.toml, else from a default; nothing is
merged. What placement.toml decided is said as an assumption.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from placement.catalog import Catalog, Override, UnknownName, load_catalog
from placement.errors import Fault, FaultCollector, UsageError
from placement.fleet.owner_groups import needs_authorizations
from placement.loading.arguments import SettingsArguments, texts_of
from placement.policy import Policy, is_path, load_policies, of_others, packs_of
from placement.policy.additions import added_said
from placement.readers.config.usual_names import USUAL_NAMES
from placement.waivers.records import NO_WAIVERS, Waivers

if TYPE_CHECKING:
    from placement.readers.config.placement_toml import ConfigFile
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
    waivers: Waivers = NO_WAIVERS

    @property
    def policy(self) -> Policy:
        """The first pack chosen."""
        return self.policies[0]


def load_settings(
    config: ConfigFile | None = None,
    *,
    beside: Path | None = None,
    faults: FaultCollector | None = None,
    policies: tuple[Policy, ...] = (),
    **given: Unpack[SettingsArguments],
) -> Settings:
    """Settle arguments and placement.toml; raises InputError, PolicyError or UsageError.

    `beside` is the folder of the inventory. `faults` takes those of tables, which are then not
    raised: the catalogue is then that of the house, and no entities are given. `policies` are in
    place of those that are chosen.
    """
    gathering = faults if faults is not None else FaultCollector()
    packs = packs_of(given.get("policy"))
    listed: tuple[str, ...] = ()
    answers = [given.get("options") or {}]
    assumptions: list[str] = []
    left_out: frozenset[str] = frozenset()
    if config is not None:
        # A path is relative to the file that names it; ids have neither slash nor suffix.
        listed = tuple(
            str(config.folder / name) if is_path(name) else name
            for name in packs_of(config.config.placement.policy)
        )
        asked = config.config.policy
        if not policies:
            left_out = of_others(asked.options, asked.groups, listed, packs or listed)
        answers.insert(0, {k: v for k, v in asked.options.items() if k not in left_out})
        assumptions.append(f"settings from {config.file}")
        if left_out:
            names = ", ".join(sorted(left_out))
            assumptions.append(
                f"not of the packs chosen here, so left out of {config.file}: {names}"
            )
    assumptions.extend(texts_of(given.get("assumed") or ()))
    chosen = policies or _policies(packs or listed, answers, config, left_out)
    assumptions.extend(dict.fromkeys(said for policy in chosen for said in added_said(policy)))
    catalog, companies = None, None
    rows: dict[str, int] = {}
    with gathering.part("accelerators"):
        own, rows = _own(config, beside)
        catalog = _catalog(config, own)
    with gathering.part("entities"):
        companies = _companies(*_whose(given, config, chosen))
    path = None if policies else given.get("waivers") or table_beside(config, beside, "waivers")
    waivers = _waivers(path, chosen, gathering)
    if companies is not None and companies.file is not None:
        rows = {companies.file: len([*companies]), **rows}
    if faults is None:
        gathering.settle()
    known = catalog or load_catalog([], {})
    said = (*assumptions, *waivers.assumptions)
    return Settings(chosen, known, companies, said, config, rows, waivers)


def _waivers(
    path: str | Path | None, policies: Sequence[Policy], faults: FaultCollector
) -> Waivers:
    found = NO_WAIVERS
    if path is not None:
        from placement.waivers.load import load_waivers

        with faults.part("waivers"):
            found = load_waivers(path, policies)
    return found


def _whose(
    given: SettingsArguments, config: ConfigFile | None, policies: Sequence[Policy]
) -> tuple[str | Path | Frame | None, str | None, Sequence[str]]:
    """Return the companies' file, or headquarters and authorization: those given, or configured."""
    entities, headquarters = given.get("entities"), given.get("headquarters")
    authorization = texts_of(given.get("authorization") or ())
    if config is not None and entities is None and headquarters is None and not authorization:
        section = config.config.placement
        entities = config.path("entities")
        if entities is None and section.headquarters is not None:
            headquarters, authorization = section.headquarters, texts_of(section.authorization)
    asked = any(map(needs_authorizations, policies))
    if headquarters is not None and not authorization and not asked:
        authorization = ["none"]
    return entities, headquarters, authorization


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


def catalog_of(config: ConfigFile | None, beside: Path | None = None) -> Catalog:
    """Return the catalogue with the aliases of placement.toml and the accelerators.csv beside it.

    Without a placement.toml, an accelerators.csv in the folder `beside` is read.
    """
    return _catalog(config, _own(config, beside)[0])


def _own(config: ConfigFile | None, beside: Path | None) -> tuple[list[Override], dict[str, int]]:
    """Return the rows of the user's accelerators.csv, and how many it has by its name."""
    path = table_beside(config, beside, "accelerators")
    if path is None:
        return [], {}
    from placement.readers.tables.accelerators import read_overrides

    own = read_overrides(path)
    return own, {str(path): len(own)}


def table_beside(config: ConfigFile | None, folder: Path | None, table: str) -> Path | None:
    """Return the path of a table by placement.toml; without one, of that in a folder, if any."""
    if config is not None:
        return config.path(table)
    usual = None if folder is None else folder / USUAL_NAMES.get(table, f"{table}.csv")
    return usual if usual is not None and os.path.lexists(usual) else None


def _catalog(config: ConfigFile | None, own: list[Override]) -> Catalog:
    aliases = config.config.aliases if config is not None else {}
    try:
        return load_catalog(own, aliases)
    except UnknownName as error:
        where = config.file if config is not None else None
        raise UsageError(Fault(error.message, error.fix, where, column="aliases")) from error


def _companies(
    path: str | Path | Frame | None, headquarters: str | None, authorization: Sequence[str]
) -> Entities | None:
    if path is not None:
        if headquarters is not None or authorization:
            raise UsageError(
                Fault("an entities file says headquarters and authorization", "drop the others")
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
            Fault("headquarters and authorization go together", "give both (none is one, too)")
        )
    from placement.readers.cells import BadText
    from placement.readers.tables.entities import Entities

    try:
        return Entities.assume(headquarters, authorization)
    except BadText as error:
        given = f"{headquarters} {' '.join(authorization)}"
        raise UsageError(Fault(error.message, error.fix, value=given)) from error
