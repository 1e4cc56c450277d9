"""What serves a line of demand, made whole after the steps are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.exact_arrays import exact_ints
from placement.lp.program import Program

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


def assign_leftover(program: Program, x: Ints) -> Ints:
    """Return what the floor leaves over of each model and zone to the lines that are short."""
    demand_of: dict[int, tuple[int, int]] = {}
    short: dict[int, int] = {}
    for row in program.rows.of_kind(RowKind.DEMAND).tolist():
        for column, value in program.entries(row):
            demand_of[column] = row, value
        short[row] = int(program.row_lower[row]) - program.activity(row, x)
    serves = np.zeros(len(program.columns), dtype=bool)
    serves[program.columns.of_kind(ColumnKind.SERVED)] = True
    rows = program.rows.of_kind(RowKind.SERVICE_USE)
    spares = (program.row_upper[rows] - program.activities(x, rows)).tolist()
    for row, spare in zip(rows.tolist(), spares, strict=True):
        if spare:
            columns = [column for column, _ in program.entries(row) if serves[column]]
            spare = _take_back(x, columns, spare, demand_of, short)
            _give(x, columns, spare, demand_of, short)
    return exact_ints(x)


def _take_back(
    x: Ints, columns: list[int], spare: int, demand_of: dict[int, tuple[int, int]], short: Any
) -> int:
    """Serve less where more serves than stands; give what is spare then."""
    for column in sorted(columns, key=lambda one: short.get(demand_of.get(one, (-1, 0))[0], 0)):
        if spare >= 0:
            break
        cut = min(-spare, int(x[column]))
        x[column] -= cut
        spare += cut
        if column in demand_of:
            row, value = demand_of[column]
            short[row] += cut * value
    return spare


def _give(
    x: Ints, columns: list[int], spare: int, demand_of: dict[int, tuple[int, int]], short: Any
) -> None:
    """Serve more where a line is short, the shortest first."""
    while spare > 0:
        wanting = [c for c in columns if c in demand_of and short[demand_of[c][0]] > 0]
        if not wanting:
            return
        column = max(wanting, key=lambda one: short[demand_of[one][0]])
        row, value = demand_of[column]
        more = min(spare, max(1, -(-short[row] // value)))
        x[column] += more
        spare -= more
        short[row] -= more * value
