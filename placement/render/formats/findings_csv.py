"""All findings as one table, in which a spreadsheet finds no formula."""

from __future__ import annotations

from typing import Any

from placement.render.formats.escape import terminal
from placement.render.formats.options import FormatOptions
from placement.report import Finding, Report
from placement.text.csv_writer import sheet_text

_NESTED = ("other_reading", "lines")
_FIELDS = tuple(name for name in Finding.model_fields if name not in _NESTED)
_OTHER = ("numerator", "denominator", "share")
HEADER = (*_FIELDS, *(f"other_{name}" for name in _OTHER), "lines", "fingerprint")


def findings_csv(report: Report, options: FormatOptions) -> str:  # noqa: ARG001 - all take them
    """Return all findings, a row each: every field, and the fingerprint of its key.

    `lines`: FILE:LINE=AMOUNT, the heaviest first, with `; ` between them.
    """
    return sheet_text(HEADER, (_row(finding) for finding in report.findings))


def _row(finding: Finding) -> list[str]:
    cells = [_cell(getattr(finding, name)) for name in _FIELDS]
    other = finding.other_reading
    cells += ["" if other is None else _cell(getattr(other, name)) for name in _OTHER]
    cells.append("; ".join(f"{_cell(x.file)}:{x.line}={x.amount}" for x in finding.lines))
    return [*cells, finding.key.fingerprint]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return terminal(str(value))
