"""The formats for other programs, by name; none is imported before it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from placement.render.formats.options import FormatOptions
    from placement.report import Report

#: format -> its module, and the function in it: Report, FormatOptions -> str.
WRITERS = {
    "sarif": ("sarif", "sarif"),
    "junit": ("junit", "junit"),
    "github": ("github", "commands"),
    "gitlab": ("gitlab", "code_quality"),
    "markdown": ("markdown", "comment"),
    "csv": ("findings_csv", "findings_csv"),
}


def written(kind: str, report: Report, options: FormatOptions) -> str:
    """Return a report in one of these formats."""
    module, name = WRITERS[kind]
    write: Any = getattr(import_module(f"placement.render.formats.{module}"), name)
    return str(write(report, options))
