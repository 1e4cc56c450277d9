"""The files of a plan, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from placement.errors import Fault, UsageError
from placement.optimization.data.problem import Problem
from placement.optimization.results.layout import ACTION_COLUMNS, Layout
from placement.optimization.results.plan_folder.file_set import ACTIONS, REPORT, SITE_PERIODS
from placement.readers.plan_layouts import LAYOUT
from placement.report import Report
from placement.text.atomic_files import locked, write_set
from placement.text.csv_writer import csv_text, sheet_text

if TYPE_CHECKING:
    pass

PLAN_FILES = (
    LAYOUT, ACTIONS, "served.csv", "costs.csv", SITE_PERIODS, "shares.csv", REPORT,
)  # fmt: skip
"""What a plan is written as; the report last, so that what is half removed is still known."""


def layout_text(problem: Problem, layout: Layout) -> str:
    """Return layout.csv: an inventory, so names stand as they are."""
    return csv_text(layout.columns(problem), layout.rows(problem))


def actions_text(layout: Layout) -> str:
    """Return actions.csv; a text that a spreadsheet would run is preceded by an apostrophe."""
    return sheet_text(ACTION_COLUMNS, (action.cells() for action in layout.actions))


def write_files(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files into a folder (made if need be): all of them, or none.

    UsageError where the place cannot be written.
    """
    seal = REPORT if REPORT in texts else None
    return write_set(folder, texts, fix="give another --out", make=True, seal=seal)


def remove_earlier(folder: Path, keep: Path) -> list[Path]:
    """Remove the files of an earlier plan, only where they are as its report says we wrote them.

    Else someone would take them for those of this run. Nothing is removed where `keep`, a file
    that this run read, is one of them, or where one was changed by hand. UsageError where they
    cannot be removed.
    """
    found = [folder / name for name in PLAN_FILES if (folder / name).is_file()]
    report = folder / PLAN_FILES[-1]
    if report not in found or keep.resolve() in [path.resolve() for path in found]:
        return []
    try:
        written = json.loads(report.read_bytes())
        if (
            not isinstance(written, dict)
            or written.get("schema") != Report.model_fields["schema_"].default
        ):
            return []
        ours = written.get("files")
        if not isinstance(ours, dict) or any(_digest(folder / name) != ours[name] for name in ours):
            return []
        with locked(folder):
            for path in found:
                path.unlink()
    except (ValueError, RecursionError):
        return []
    except OSError as error:
        message = f"an earlier plan cannot be removed: {error.strerror}"
        raise UsageError(Fault(message, "give another --out", str(folder))) from error
    return found


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
