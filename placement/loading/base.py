"""The fleet that a change was made from, read like the changed one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from placement.errors import InputError
from placement.loading.arguments import InputArguments
from placement.loading.git_base import merge_base
from placement.loading.inputs import Inputs, folder_of, read_inputs
from placement.readers.config.discovery import find_config
from placement.readers.doubts import Accepting

if TYPE_CHECKING:
    from placement.readers.formats.data_frames import Frame

#: The options that name a file.
_PATHS = ("config", "entities", "sites", "shipments", "weights", "opening")


def load_base(
    head: Inputs, inventory: object, base: str | Path | Frame, given: Mapping[str, Any]
) -> Inputs:
    """Read a base beside the fleet `head` of an inventory; InputError, which names it.

    The configuration nearest to it is its own, with its tables; where there is none, those of the
    head hold. The policies and their options are those of the head, and so are the tables
    that options name. What is in doubt in it is taken as it stands.
    """
    folder, own = folder_of(base), dict(given)
    setup = head.settings.config
    if own.get("config") is None and (folder is None or find_config(folder) is None):
        folder = folder_of(inventory) or folder
        own["config"] = None if setup is None else setup.file
        own["allow_outside"] = True
    name = str(base) if isinstance(base, str | Path) else "a DataFrame"
    try:
        return _read(head, base, folder, own)
    except InputError as error:
        raise in_base(error, name) from error


def load_base_of_ref(
    head: Inputs, inventory: Path, refs: Iterable[str], given: Mapping[str, Any]
) -> tuple[str, Inputs | None]:
    """Read an inventory and its tables as they were where HEAD left a ref of git, with its name.

    None where the inventory was not there yet. UsageError where git knows none of the refs;
    InputError, which names the base.
    """
    commit = merge_base(folder_of(inventory) or Path(), refs)
    name = f"{commit.name}: {commit.path_of(inventory) or inventory}"
    own, setup = dict(given), head.settings.config
    if own.get("config") is None and setup is not None:
        own["config"] = setup.file
    given_paths = {one: Path(str(own[one])) for one in _PATHS if _is_path(own.get(one))}
    with tempfile.TemporaryDirectory() as temporary:
        into = Path(os.path.realpath(temporary))
        found = commit.extract(inventory, given_paths.get("config"), given_paths.values(), into)
        if found is None:
            return name, None
        for option, path in given_paths.items():
            inside = commit.path_of(path)
            if inside is not None and (into / inside).exists():
                own[option] = into / inside
        try:
            return name, _read(head, found, found.parent, own)
        except InputError as error:
            raise in_base(_without(error, str(into)), name) from error


def in_base(error: InputError, name: str) -> InputError:
    """Return an error that says it is one of the base called `name`, not of what is judged."""
    told = [replace(one, message=f"in the base {name}: {one.message}") for one in error.problems]
    return type(error)(told, error.total)


def _read(
    head: Inputs, base: str | Path | Frame, folder: Path | None, given: Mapping[str, Any]
) -> Inputs:
    own = {name: value for name, value in given.items() if name not in ("policy", "options")}
    taken = Accepting(everything=True)
    policies = head.settings.policies
    arguments = cast("InputArguments", own)
    return read_inputs(base, folder, taken, policies, may_be_empty=True, **arguments)


def _is_path(value: object) -> bool:
    return isinstance(value, str | Path)


def _without(error: InputError, folder: str) -> InputError:
    """Return an error that names the files of a folder by their paths in it."""
    told = [
        replace(one, file=None if one.file is None else one.file.removeprefix(f"{folder}{os.sep}"))
        for one in error.problems
    ]
    return type(error)(told, error.total)
