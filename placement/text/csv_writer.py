"""CSV text: as it stands, or for a spreadsheet, in which no cell of a user's file is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SPECIAL = frozenset(',"\r\n')
#: Full-width forms start a formula, too, in some languages of a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return CSV text; the csv module of Python 3.11 leaves a lone carriage return unquoted."""
    lines = [",".join(map(quoted, row)) for row in (header, *rows)]
    return "\n".join([*lines, ""])


def sheet_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return CSV text in which an apostrophe stands before what a spreadsheet would run."""
    return csv_text(header, ([inert(cell) for cell in row] for row in rows))


def quoted(cell: str) -> str:
    """Return a cell as CSV writes it."""
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL.intersection(cell) else cell


def inert(cell: str) -> str:
    """Return a cell that a spreadsheet takes for text, never for a formula."""
    number = cell[1:].replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(_FORMULA) and not number else cell
