"""Which files a run reads, known before any of them is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from placement.policy import packs_of
from placement.readers.config.placement_toml import CONFIG_NAME, FilesSection, read_config

#: The tables that options name.
_TABLES = ("entities", "sites", "shipments", "weights", "opening", "baseline", "waivers")

#: What a run reads: as it is named in a message, and its path or descriptor.
Inputs = list[tuple[str, Path | int]]


def files_of_check(inventory: Path | None, given: Mapping[str, Any]) -> Inputs:
    """Return the files of a verb that judges an inventory; `given`: what it reads beside it."""
    found: Inputs = []
    beside = None
    if inventory is not None and str(inventory) == "-":
        found.append(("standard input", 0))
    elif inventory is not None:
        found.append((str(inventory), inventory))
        beside = inventory.parent / CONFIG_NAME
        for name in ("accelerators.csv", "waivers.toml"):
            if os.path.isfile(inventory.parent / name):
                found.append((str(inventory.parent / name), inventory.parent / name))
    found += _given(packs_of(given.get("policy")))
    found += _given(given.get(table) for table in _TABLES)
    base = given.get("base")
    if base is not None and str(base) != "-":
        found.append((str(base), Path(base)))
        if os.path.isfile(Path(base).parent / CONFIG_NAME):
            found += files_of_config(Path(base).parent / CONFIG_NAME)
    config = given.get("config")
    chosen = config or beside
    if chosen is not None and (config is not None or os.path.isfile(chosen)):
        found += files_of_config(Path(chosen))
    return found


def files_of_config(source: Path, given: Iterable[Path | str | None] = ()) -> Inputs:
    """Return a configuration, its tables and its pack, and what options give."""
    # What is outside is refused where it is read; whether it is replaced is asked of all.
    setup = read_config(source, allow_outside=True)
    found: Inputs = [(setup.file, Path(setup.file))]
    for table in FilesSection.model_fields:
        path = setup.path(table)
        if path is not None:
            found.append((str(path), path))
    found += _given(setup.folder / pack for pack in packs_of(setup.config.placement.policy))
    return [*found, *_given(given)]


def _given(paths: Iterable[Path | str | None]) -> Inputs:
    return [(str(path), Path(path)) for path in paths if path is not None]
