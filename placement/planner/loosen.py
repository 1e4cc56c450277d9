"""The program with slack in some rows: how far must they give for a point to exist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from placement.planner.program import Meaning, Program


def loosened(program: Program, rows: Iterable[int]) -> Program:
    """Give the program that minimizes how far some rows are broken, each in its own unit."""
    extra: dict[int, list[tuple[int, int]]] = {}
    columns: list[Meaning] = []
    costs: list[Fraction] = []
    for row in rows:
        for end, sign in ((program.row_upper[row], -1), (program.row_lower[row], 1)):
            if end is not None:
                column = len(program.columns) + len(columns)
                extra.setdefault(row, []).append((column, sign))
                columns.append(Meaning("slack", (str(row),)))
                costs.append(1 / program.rows[row].scale)
    # Costs in integers that keep their ratios to a billionth: they only rank, and decide nothing.
    largest = max(costs)
    whole_costs = [max(1, round(cost / largest * 10**9)) for cost in costs]
    starts, indices, values = [0], list[int](), list[int]()
    for row in range(len(program.rows)):
        for column, value in (*program.entries(row), *extra.get(row, ())):
            indices.append(column)
            values.append(value)
        starts.append(len(indices))
    count = len(columns)
    return replace(
        program,
        objective=(*(0 for _ in program.columns), *whole_costs),
        constant=0,
        lower=(*program.lower, *(0 for _ in columns)),
        upper=(*program.upper, *(2**200 for _ in columns)),
        integer=(*program.integer, *(False for _ in columns)),
        implied=(*program.implied, *(True for _ in range(count))),
        columns=(*program.columns, *columns),
        starts=tuple(starts),
        indices=tuple(indices),
        values=tuple(values),
    )
