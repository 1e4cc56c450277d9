"""A program with more columns that follow from it: each is the least of some upper ends.

What an objective needs and no rule does (an absolute value, how far a row is broken) is written so:
the columns a plan decides stay the same, and so do the points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.exact_arrays import exact_ints, wide
from placement.lp.labels import LabelFamily, Labels
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
    count, old = len(names), len(program.columns)
    new = np.arange(old, old + count)
    if into is not None:
        program = _entered(program, into, new)
    rows, highs, row_names = [], [], []
    indices, values, sizes = [program.indices], [program.values], []
    at = len(program.rows)
    for end in ends:
        row_names.append(LabelFamily(end.kind, names.key, names.axes, names.at))
        highs.append(end.high)
        rows.append(np.arange(at, at + count))
        at += count
        if end.columns is None or end.values is None:
            indices.append(new)
            values.append(np.ones(count, dtype=np.int64))
            sizes.append(np.ones(count, dtype=np.int64))
        else:
            indices.append(np.stack([new, end.columns], axis=1).ravel())
            values.append(np.stack([np.ones(count, dtype=np.int64), -end.values], axis=1).ravel())
            sizes.append(np.full(count, 2))
    more = count * len(ends)
    none, all_ = np.zeros(more, dtype=bool), np.ones(more, dtype=bool)
    zeros = np.zeros(count, dtype=np.int64)
    starts = program.starts[-1] + np.cumsum(np.concatenate(sizes))
    return replace(
        program,
        objective=_joined(program.objective, zeros),
        lower=_joined(program.lower, lower),
        upper=_joined(program.upper, upper),
        integer=np.concatenate([program.integer, zeros.astype(bool)]),
        implied=np.concatenate([program.implied, ~zeros.astype(bool)]),
        columns=Labels((*program.columns.parts, names)),
        rows=Labels((*program.rows.parts, *row_names)),
        row_lower=_joined(program.row_lower, np.zeros(more, dtype=np.int64)),
        row_upper=_joined(program.row_upper, *highs),
        has_lower=np.concatenate([program.has_lower, none]),
        has_upper=np.concatenate([program.has_upper, all_]),
        starts=np.concatenate([program.starts, starts]),
        indices=np.concatenate(indices),
        values=_joined(*values),
        defined=(
            *program.defined,
            Definition(new, (*rows, *(() if into is None else (into,)))),
        ),
    )


def _entered(program: AnyProgram, rows: Ints, columns: Ints) -> AnyProgram:
    """Enter each column into a row, with coefficient 1."""
    row_of = np.concatenate([program.row_of, rows])
    order = np.argsort(row_of, kind="stable")
    values = _joined(program.values, np.ones(len(rows), dtype=np.int64))
    return replace(
        program,
        starts=np.searchsorted(row_of[order], np.arange(len(program.rows) + 1)),
        indices=np.concatenate([program.indices, columns])[order],
        values=values[order],
    )


def _joined(*parts: Ints) -> Ints:
    if any(part.dtype == object for part in parts):
        return exact_ints(np.concatenate([wide(part) for part in parts]))
    return np.concatenate(parts)
