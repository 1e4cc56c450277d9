"""The files of a plan, written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from placement.errors import Problem as Fault
from placement.errors import UsageError
from placement.planner.layout import ACTION_COLUMNS, LAYOUT_COLUMNS, Layout
from placement.planner.problem import Problem

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def layout_text(problem: Problem, layout: Layout) -> str:
    """Give layout.csv: an inventory, so names stand as they are."""
    return _csv(LAYOUT_COLUMNS, layout.rows(problem))


def actions_text(layout: Layout) -> str:
    """Give actions.csv; a text that a spreadsheet would run is preceded by an apostrophe."""
    rows = [[_inert(cell) for cell in action.cells()] for action in layout.actions]
    return _csv(ACTION_COLUMNS, rows)


def write_files(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files into a folder (made if need be): all of them, or none.

    They are written beside the folder first and then renamed into it. UsageError where the place
    cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".placement-", dir=folder))
        try:
            for name, text in texts.items():
                (staging / name).write_bytes(text.encode())
            for name in texts:
                os.replace(staging / name, folder / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise UsageError(Fault(message, "give another --out", str(folder))) from error
    return [folder / name for name in texts]


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _inert(cell: str) -> str:
    number = cell[1:].replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(_FORMULA) and not number else cell
