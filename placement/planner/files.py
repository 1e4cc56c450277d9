"""The files of a plan, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from placement.errors import Problem as Fault
from placement.errors import UsageError
from placement.planner.layout import ACTION_COLUMNS, Layout
from placement.planner.plan_set import ACTIONS, LAYOUT, REPORT, digests
from placement.planner.problem import Problem
from placement.report import Report
from placement.writing import locked, write_set

if TYPE_CHECKING:
    from placement.planner.plan import Plan

PLAN_FILES = (
    LAYOUT, ACTIONS, "served.csv", "costs.csv", "shares.csv", REPORT,
)  # fmt: skip
"""What a plan is written as; the report last, so that what is half removed is still known."""

_SPECIAL = frozenset(',"\r\n')
#: Full-width forms start a formula, too, in some languages of a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def plan_tables(plan: Plan) -> dict[str, str]:
    """Give the tables of a plan as CSV text by the names of their files; none without a layout."""
    from placement.planner.figures import COST_COLUMNS
    from placement.planner.served import SERVED_COLUMNS, served_rows
    from placement.planner.shares import SHARE_COLUMNS

    if plan.layout is None:
        return {}
    return {
        LAYOUT: layout_text(plan.task.problem, plan.layout),
        ACTIONS: actions_text(plan.layout),
        "served.csv": table_text(SERVED_COLUMNS, served_rows(plan.served)),
        "costs.csv": table_text(COST_COLUMNS, (one.cells() for one in plan.costs)),
        "shares.csv": table_text(SHARE_COLUMNS, plan.share_rows()),
    }


def layout_text(problem: Problem, layout: Layout) -> str:
    """Give layout.csv: an inventory, so names stand as they are."""
    return csv_text(layout.columns(problem), layout.rows(problem))


def actions_text(layout: Layout) -> str:
    """Give actions.csv; a text that a spreadsheet would run is preceded by an apostrophe."""
    return table_text(ACTION_COLUMNS, (action.cells() for action in layout.actions))


def table_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give CSV text in which no cell is a formula: an apostrophe is put before such a text."""
    return csv_text(header, ([_inert(cell) for cell in row] for row in rows))


def plan_texts(plan: Plan) -> dict[str, str]:
    """Return all files of a plan by their names, the report last: it names the others.

    None without a layout.
    """
    tables = plan_tables(plan)
    if not tables:
        return {}
    report = plan.report.model_copy(update={"files": digests(tables)})
    return {**tables, REPORT: report.as_json()}


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


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give CSV text; the csv module of Python 3.11 leaves a lone carriage return unquoted."""
    lines = [",".join(map(_quoted, row)) for row in (header, *rows)]
    return "\n".join([*lines, ""])


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL.intersection(cell) else cell


def _inert(cell: str) -> str:
    number = cell[1:].replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(_FORMULA) and not number else cell
