"""A program with more columns that follow from it: each is the least of some upper ends.

What an objective needs and no rule does (an absolute value, how far a row is broken) is written so:
the columns a plan decides stay the same, and so do the points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.blocks import ColumnBlock, Entries, RowBlock
from placement.lp.exact_arrays import joined
from placement.lp.labels import LabelFamily
from placement.lp.program import AnyProgram, Definition

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class UpperEnds:
    """One row for each new column: the column - sum of values x columns <= high.

    `columns` and `values` have one entry for each new column, or are None: only the column itself.
    """

    kind: RowKind
    high: Ints
    columns: Ints | None = None
    values: Ints | None = None


def add_min_variables(
    program: AnyProgram,
    names: LabelFamily[ColumnKind],
    lower: Ints,
    upper: Ints,
    ends: tuple[UpperEnds, ...],
    *,
    into: Ints | None = None,
) -> AnyProgram:
    """Add a family of columns, each as large as its rows let it be.

    `into`: rows of the program that each column enters, too, with coefficient 1; it is then as
    large as that row's upper end lets it be.
    """
    count = len(names)
    new, ones = len(program.columns) + np.arange(count), np.ones(count, dtype=np.int64)
    rows = len(program.rows) + np.arange(count * len(ends)).reshape(len(ends), count)
    entries = [] if into is None else [Entries(into, new, ones)]
    for end, of in zip(ends, rows, strict=True):
        entries.append(Entries(of, new, ones))
        if end.columns is not None and end.values is not None:
            entries.append(Entries(of, end.columns, -end.values))
    labels = [LabelFamily(end.kind, names.key, names.axes, names.at) for end in ends]
    found = program.extended(
        *entries,
        columns=ColumnBlock((names,), lower, upper, 0 * ones),
        rows=RowBlock(labels, joined(*(end.high for end in ends))),
    )
    limits = (*rows, *(() if into is None else (into,)))
    return replace(found, defined=(*program.defined, Definition(new, limits)))
