"""Rows that vanish between two stray quotes: lines inside a quoted cell that are rows themselves.

RFC 4180 lets a quoted cell go on over lines. Two stray quotes then take all that stands between
them for one cell, and a file with lots of a breach reads as one without.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from placement.errors import Fault

_MOST_NAMED = 5
_AFTER_LINE = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_FIX = "close the quote on its line, or drop it; no line of a quoted cell may look like a row"


def swallowed(lines: Sequence[str], line: int, cells: int, name: str) -> Iterator[Fault]:
    """Yield a fault for each quote of one record that swallows rows, at the line it opens on.

    `lines` are the physical lines of the record, the first of which is line `line` of the file;
    `cells` is how many the header has. A line that begins inside a quote and, read by itself, has
    as many is a row.
    """
    rows = rows_within(lines, cells)
    if not rows:
        return
    opened = _openings(lines)
    by_quote: dict[int, list[int]] = {}
    for place in rows:
        by_quote.setdefault(opened[place], []).append(line + place)
    for place, inside in by_quote.items():
        named = ", ".join(str(one) for one in inside[:_MOST_NAMED])
        more = len(inside) - _MOST_NAMED
        named += f" and {more} more" if more > 0 else ""
        what = f"line {named}, which is a row" if len(inside) == 1 else f"lines {named}, all rows"
        message = f"a quote opens here and takes in {what} of {cells} cells"
        yield Fault(message, _FIX, name, line + place)


def rows_within(lines: Sequence[str], cells: int) -> list[int]:
    """Return the places of the lines of one record, but the first, that are rows themselves."""
    inner = enumerate(islice(lines, 1, None), start=1)
    return [place for place, text in inner if _has(text, cells)]


def lines_of(text: str) -> list[str]:
    """Return the physical lines of a text, each with its end: LF, CR LF, or CR."""
    return [line for line in _AFTER_LINE.split(text) if line]


def _has(text: str, cells: int) -> bool:
    """Tell whether a line, read by itself, has so many cells."""
    if text.count(",") < cells - 1 or not text.strip():
        return False
    found = next(csv.reader([text.rstrip("\r\n")]), [])
    return len(found) == cells


def _openings(lines: Sequence[str]) -> list[int]:
    """Give, for each line of a record, the line on which the quote opened that is open before it.

    As the csv module reads: a quote opens a cell only as its first character.
    """
    found = []
    opened, inside, fresh = 0, False, True
    for place, text in enumerate(lines):
        found.append(opened)
        at = 0
        while at < len(text):
            mark = text[at]
            if inside and mark == '"' and text[at + 1 : at + 2] == '"':
                at += 1
            elif inside and mark == '"':
                inside = fresh = False
            elif not inside and fresh and mark == '"':
                inside, opened = True, place
            elif not inside:
                fresh = mark == ","
            at += 1
    return found
