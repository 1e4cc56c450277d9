"""Which configuration counts: the nearest one, from the folder of the inventory upwards.

Configurations are not merged, and none is of the user. The search ends
with the root of the git repository, else with that of the file system.
"""

from __future__ import annotations

import os
from pathlib import Path

from placement.errors import Fault, UsageError
from placement.readers.formats.csv_records import printable
from placement.text.bounded import BadToml, parse_toml, read_file

CONFIG_NAME = "placement.toml"
PYPROJECT = "pyproject.toml"

WITHIN = ("tool", "placement")
"""The table of a pyproject.toml that is a configuration."""


def is_pyproject(path: Path) -> bool:
    """Tell whether a configuration stands in a table of a file about other things, too."""
    return path.name == PYPROJECT


def find_config(folder: Path) -> Path | None:
    """Return the nearest configuration, of a folder or one above it; UsageError where two are."""
    here = Path(os.path.abspath(folder))
    for place in (here, *here.parents):
        shown = place if folder.is_absolute() else Path(os.path.relpath(place))
        found = config_in(folder if place == here else shown)
        if found is not None:
            return found
        if os.path.lexists(place / ".git"):
            return None
    return None


def config_in(folder: Path) -> Path | None:
    """Return the configuration in a folder; UsageError where there are two."""
    own, shared = folder / CONFIG_NAME, folder / PYPROJECT
    is_there = os.path.lexists(own)
    if not _has_table(shared):
        return own if is_there else None
    if is_there:
        message = f"two configurations: {CONFIG_NAME}, and [{'.'.join(WITHIN)}] in {PYPROJECT}"
        raise UsageError(Fault(message, "keep one of them", printable(str(folder))))
    return shared


def _has_table(path: Path) -> bool:
    """Tell whether a pyproject.toml has a table of ours; UsageError where nobody can tell."""
    if not os.path.isfile(path):
        return False
    name, fix = printable(str(path)), f"mend it, or say with --config which {CONFIG_NAME} counts"
    try:
        content = read_file(path)
        if WITHIN[-1].encode() not in content:
            return False
        tree = parse_toml(content.decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(Fault(f"cannot be read: {error.strerror}", fix, name)) from error
    except UnicodeDecodeError as error:
        raise UsageError(Fault("is not UTF-8", fix, name)) from error
    except BadToml as error:
        raise UsageError(Fault(str(error), fix, name, error.line)) from error
    tool = tree.get(WITHIN[0])
    return isinstance(tool, dict) and WITHIN[-1] in tool
