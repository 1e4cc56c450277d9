"""Look over a CSV file's bytes: whether every line is one row with the same number of cells."""

from __future__ import annotations

import io
from dataclasses import dataclass

from placement.sources.csvfile import Source

_CHUNK = 1 << 18
_NEWLINE, _QUOTE, _COMMA = 10, 34, 44


@dataclass(frozen=True, slots=True)
class Survey:
    """Counts over a whole file; what is within quotes is counted apart."""

    lines: int
    commas: int
    quoted_newlines: int
    has_nul: bool

    def is_regular(self, rows: int, blank: int, cells: int) -> bool:
        """Whether `rows` rows below the header, `blank` of them blank, are one line each.

        Every row has `cells` cells then: none has more (a parser would have stopped), so none can
        have fewer if the commas add up. Blank rows may be bare lines or lines of bare commas.
        """
        if self.has_nul or self.quoted_newlines or self.lines != rows + 1:
            return False
        return self.commas in {(rows + 1 - bare) * (cells - 1) for bare in (0, blank)}


def survey(source: Source) -> Survey:
    """Count newlines and commas, within and outside quotes."""
    import numpy as np

    newlines = commas = quoted = last = 0
    lowest = 255
    inside = False
    buffer = np.empty(_CHUNK, np.uint8)
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb", 0) as opened:
        while size := opened.readinto(buffer.data):
            chunk = buffer[:size]
            lowest = min(lowest, int(chunk.min()))
            last = int(chunk[-1])
            newline, comma = chunk == _NEWLINE, chunk == _COMMA
            quote = chunk == _QUOTE
            if inside or quote.any():
                within = np.logical_xor.accumulate(quote) ^ inside
                inside = bool(within[-1])
                quoted += int(np.count_nonzero(newline & within))
                comma &= ~within
            newlines += int(np.count_nonzero(newline))
            commas += int(np.count_nonzero(comma))
    lines = newlines + (last != _NEWLINE)
    return Survey(lines, commas, quoted, lowest == 0)


def nul_line(source: Source) -> int:
    """Give the line of the first NUL byte."""
    line = 1
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            place = chunk.find(b"\0")
            if place >= 0:
                return line + chunk.count(b"\n", 0, place)
            line += chunk.count(b"\n")
    return line
