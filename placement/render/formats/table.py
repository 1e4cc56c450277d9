"""Aligned columns for a terminal; the one table of `check`, without loading a table library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import combining, east_asian_width


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Align cells in columns two spaces apart; `right` are the columns aligned to the right."""
    listed = [list(header), *(list(row) for row in rows)]
    widths = [max(_width(row[n]) for row in listed) for n in range(len(header))]
    to_right = set(right)
    lines = []
    for row in listed:
        cells = []
        for n, cell in enumerate(row):
            gap = " " * (widths[n] - _width(cell))
            cells.append(gap + cell if n in to_right else cell + gap)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "FW" else 1 for char in text
    )
