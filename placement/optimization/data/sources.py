"""What a plan is made from: the files that were read, each with its SHA-256, and what was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from placement.loading.arguments import SettingsArguments, texts_of
from placement.policy import is_path, packs_of
from placement.readers.config.placement_toml import ConfigFile, FilesSection
from placement.report import PlanSource

if TYPE_CHECKING:
    from placement.optimization.data.task import Task

TABLES = tuple(FilesSection.model_fields)
"""The tables that may lie beside a placement.toml."""


def source_of(
    setup: ConfigFile,
    tables: Mapping[str, Path],
    entities: str | Path | None,
    chosen: SettingsArguments,
) -> PlanSource | None:
    """Return the record of what was read, None where something of it is no file to read again."""
    found = files_of(setup, tables, entities)
    policy = chosen.get("policy")
    asked = packs_of(policy)
    read = [Path(setup.file), *found.values(), *pack_paths(setup, policy).values()]
    if not all(path.is_file() for path in read):
        return None
    return PlanSource(
        config=setup.file,
        files={str(path): sha256_of(path) for path in read},
        tables={table: str(path) for table, path in tables.items()},
        policy=asked[0] if len(asked) == 1 else asked or None,
        options=dict(chosen.get("options") or {}),
        entities=None if entities is None else str(entities),
        headquarters=chosen.get("headquarters"),
        authorization=tuple(texts_of(chosen.get("authorization") or ())),
    )


def asked_source(task: Task) -> PlanSource | None:
    """Return the record with the objectives, where others than the configuration's were asked."""
    chosen = task.problem.objectives
    if task.source is None or chosen == task.config.optimize.objective:
        return task.source
    return task.source.model_copy(update={"objective": tuple(one.value for one in chosen)})


def files_of(
    setup: ConfigFile, tables: Mapping[str, Path], entities: str | Path | None
) -> dict[str, Path]:
    """Return the path of each table that is read; what is given wins over what is found."""
    given = dict(tables) if entities is None else {**tables, "entities": Path(str(entities))}
    found = {table: given.get(table) or setup.path(table) for table in TABLES}
    return {table: path for table, path in found.items() if path is not None}


def pack_paths(setup: ConfigFile, policy: str | Sequence[str] | None) -> dict[str, Path]:
    """Return the path of each policy pack that is named by one, by what it is named."""
    given = packs_of(policy)
    named = given or packs_of(setup.config.placement.policy)
    folder = Path() if given else setup.folder
    return {name: folder / name for name in named if is_path(name)}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
