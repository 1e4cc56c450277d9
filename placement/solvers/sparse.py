"""Entries of a program by column, for prices and for writing columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Floats, Ints

#: Entries of some columns: where each column starts, and the row and value of each entry.
Entries = tuple["Ints", "Ints", "Floats"]


def by_column(at: Ints, couples: Bools, indices: Ints, row: Ints, values: Floats) -> Entries:
    """Return the entries in rows that couple of the columns that have a place in `at`."""
    place = at[indices]
    used = np.flatnonzero(couples & (place >= 0))
    order = used[np.argsort(place[used], kind="stable")]
    count = int(at.max(initial=-1)) + 1
    starts = np.searchsorted(place[order], np.arange(count + 1))
    return starts, row[order], values[order]


def weigh(entries: Entries, duals: Floats) -> Floats:
    """Return the sum of duals x values by column."""
    starts, row, values = entries
    counts = np.diff(starts)
    of = np.repeat(np.arange(len(counts)), counts)
    return np.bincount(of, weights=values * duals[row], minlength=len(counts)).astype(float)


def gather(entries: Entries, columns: Ints, of: Ints, signs: Ints) -> tuple[Ints, Ints, Floats]:
    """Return (of, row, signed value) of the entries of some columns."""
    starts, row, values = entries
    counts = starts[columns + 1] - starts[columns]
    at = np.repeat(starts[columns], counts) + ramp(counts)
    return np.repeat(of, counts), row[at], np.repeat(signs, counts) * values[at]


def ramp(counts: Ints) -> Ints:
    """Return 0, 1, ... for each count, one after another."""
    ends = np.cumsum(counts)
    found: Ints = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    return found


def written_entries(highs: Any, columns: Ints) -> Entries:
    """Return the entries of some columns that HiGHS holds, in its order."""
    if not len(columns):
        return np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    _, starts, rows, values = highs.getColsEntries(len(columns), columns.astype(np.int32))
    return np.append(starts, len(rows)), np.asarray(rows), np.asarray(values)
