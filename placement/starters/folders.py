"""What each starter folder holds, by the names of its files; nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import resources
from importlib.metadata import distribution
from importlib.resources.abc import Traversable
from pathlib import Path

from placement.errors import Fault, UsageError
from placement.optimization.data.periods import parse_period
from placement.text.atomic_files import write_set

_PERIOD = re.compile(r"@([0-3])")

#: The contents of files, a text or its pieces.
Texts = Mapping[str, str | Iterable[str]]


def starter(kind: str, today: date) -> dict[str, str]:
    """Return a starter for `check` or `optimize`; a plan begins with the quarter after today."""
    folder = resources.files("placement.starters") / "templates" / kind
    return {name: with_periods(text, today) for name, text in _texts(folder).items()}


def example() -> dict[str, str]:
    """Return the example: of the repository, or what was installed beside the package."""
    ours = Path(str(resources.files("placement"))).parent / "inputs" / "example"
    if ours.is_dir():
        return _texts(ours)
    listed = distribution("placement").files or ()
    paths = [Path(str(one.locate())) for one in listed if one.parent.name == "example"]
    if not paths:
        fix = "install it again, or copy inputs/example of the repository"
        raise UsageError(Fault("this installation has no example", fix))
    return {path.name: path.read_text("utf-8") for path in sorted(paths)}


def with_periods(text: str, today: date) -> str:
    """Return a template with the names of four quarters, from the one after today on."""
    year, quarter = today.year, (today.month - 1) // 3
    names = []
    for n in range(1, 5):
        more, at = divmod(quarter + n, 4)
        names.append(f"{year + more}Q{at + 1}")
    if parse_period(names[-1]) is None:
        raise UsageError(Fault("there is no year to plan after it", "", value=today.isoformat()))
    return _PERIOD.sub(lambda found: names[int(found[1])], text)


def write_starter(folder: Path, texts: Texts) -> list[Path]:
    """Write a starter into a folder, made if need be; UsageError where a file of it is there."""
    there = [folder / name for name in texts if (folder / name).exists()]
    there += [folder / name for name in texts if (folder / name).is_symlink()]
    if there:
        fix = "choose another folder"
        raise UsageError(
            Fault("is there, and nothing is replaced", fix, str(path))
            for path in dict.fromkeys(there)
        )
    return write_set(folder, texts, fix="choose another folder", make=True)


def _texts(folder: Traversable) -> dict[str, str]:
    """Return the files of a folder by their names, in their order."""
    files = sorted((one for one in folder.iterdir() if one.is_file()), key=lambda one: one.name)
    return {one.name: one.read_text("utf-8") for one in files}
