"""Which files a run reads, known before any of them is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from placement.loading.inputs import folder_of
from placement.policy import packs_of
from placement.readers.config.discovery import find_config
from placement.readers.config.placement_toml import FilesSection, read_config

#: The tables that options name.
_TABLES = ("entities", "sites", "shipments", "weights", "opening", "baseline", "waivers")

#: What a run reads: as it is named in a message, and its path or descriptor.
Inputs = list[tuple[str, Path | int]]


def files_of_check(inventory: Path | None, given: Mapping[str, Any]) -> Inputs:
    """Return the files of a verb that judges an inventory; `given`: what it reads beside it."""
    found: Inputs = []
    folder, config = folder_of(inventory), given.get("config")
    if folder is None:
        found += [("standard input", 0)] if inventory is not None else []
    else:
        found += _given([inventory])
        beside = (folder / name for name in ("accelerators.csv", "opening.csv", "waivers.toml"))
        found += _given(path for path in beside if os.path.isfile(path))
        config = config or find_config(folder)
    found += _given(packs_of(given.get("policy")))
    found += _given(given.get(table) for table in _TABLES)
    base = given.get("base")
    if base is not None and str(base) != "-":
        found.append((str(base), Path(base)))
        nearest = find_config(Path(base).parent)
        if nearest is not None:
            found += files_of_config(nearest, beside=Path(base).parent)
    return found if config is None else found + files_of_config(Path(config), beside=folder)


def files_of_config(
    source: Path, given: Iterable[Path | str | None] = (), *, beside: Path | None = None
) -> Inputs:
    """Return a configuration, its tables and its pack, and what options give.

    `beside` is the folder of the inventory, where tables may lie, too.
    """
    # What is outside is refused where it is read; whether it is replaced is asked of all.
    setup = read_config(source, allow_outside=True, beside=beside)
    found: Inputs = [(setup.file, Path(setup.file))]
    for table in FilesSection.model_fields:
        path = setup.path(table)
        if path is not None:
            found.append((str(path), path))
    found += _given(setup.folder / pack for pack in packs_of(setup.config.placement.policy))
    return [*found, *_given(given)]


def _given(paths: Iterable[Path | str | None]) -> Inputs:
    return [(str(path), Path(path)) for path in paths if path is not None]
