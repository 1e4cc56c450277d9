"""Look over a CSV file's bytes: whether every line is one row with the same number of cells."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placement.readers.formats.csv_records import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK = 1 << 18
#: Up to so many quotes in a chunk, looking between them one by one takes less time.
_MANY = 300
_NEWLINE, _RETURN, _QUOTE, _COMMA = 10, 13, 34, 44


@dataclass(frozen=True, slots=True)
class Survey:
    """Counts over a whole file: its lines, the commas outside quotes, whether a NUL is in it.

    `returns` are within quotes, where each may end a line of its own.
    """

    lines: int
    commas: int
    has_nul: bool
    returns: int = 0

    def is_regular(self, rows: int, cells: int) -> bool:
        """Whether the `rows` rows a parser found below the header are one full line each.

        A newline within quotes would make more lines than rows. No row has more than `cells` cells
        (the parser would have stopped), so none can have fewer if the commas add up.
        """
        if self.has_nul or self.returns or self.lines != rows + 1:
            return False
        return self.commas == (rows + 1) * (cells - 1)


def survey(source: Source) -> Survey:
    """Count what `Survey` holds."""
    import numpy as np

    newlines = commas = returns = last = 0
    lowest = 255
    inside = False
    buffer = np.empty(_CHUNK, np.uint8)
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb", 0) as opened:
        while size := opened.readinto(buffer.data):
            chunk = buffer[:size]
            lowest = min(lowest, int(chunk.min()))
            last = int(chunk[-1])
            newlines += int(np.count_nonzero(chunk == _NEWLINE))
            comma = chunk == _COMMA
            commas += int(np.count_nonzero(comma))
            ends = [0] * inside + np.flatnonzero(chunk == _QUOTE).tolist()
            inside = len(ends) % 2 == 1
            if ends:
                ends += [size] * inside
                commas -= _within(comma, ends)
                returns += _within(chunk == _RETURN, ends)
    lines = newlines + (last != _NEWLINE)
    return Survey(lines, commas, lowest == 0, returns)


def _within(marks: NDArray[np.bool_], ends: list[int]) -> int:
    """Count the marks between the first and second place, the third and fourth, and so on."""
    import numpy as np

    if len(ends) < _MANY:
        spans = zip(ends[::2], ends[1::2], strict=True)
        return sum(int(np.count_nonzero(marks[first:last])) for first, last in spans)
    before = np.searchsorted(np.flatnonzero(marks), ends)
    return int((before[1::2] - before[::2]).sum())
