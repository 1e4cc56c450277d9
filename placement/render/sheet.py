"""Tables for a spreadsheet: CSV text in which no cell of a user's file is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SPECIAL = frozenset(',"\r\n')
#: Full-width forms start a formula, too, in some languages of a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give CSV text; what a spreadsheet would run is preceded by an apostrophe.

    The csv module of Python 3.11 leaves a lone carriage return unquoted.
    """
    lines = [",".join(_quoted(_inert(cell)) for cell in row) for row in (header, *rows)]
    return "\n".join([*lines, ""])


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _SPECIAL.intersection(cell) else cell


def _inert(cell: str) -> str:
    number = cell[1:].replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(_FORMULA) and not number else cell
