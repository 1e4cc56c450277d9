"""The report as JSON (`placement.report/1`)."""

from __future__ import annotations

from placement.report import Report


def render(report: Report) -> str:
    """Return the report as indented JSON with a final newline; non-ASCII text is kept."""
    return report.as_json()
