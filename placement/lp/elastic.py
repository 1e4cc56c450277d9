"""The program with slack in some rows: how far must they give for a point to exist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from placement.enums import ColumnKind
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import Label
from placement.lp.program import Program

ENDLESS = 2**200
"""The upper bound of a column that has none for a solver."""


def elastic(program: Program, rows: Iterable[int], *, together: bool = False) -> Program:
    """Return the program that minimizes how far some rows are broken, each in its own unit.

    `together`: all give by the same, as rows do that add up over periods (they have one scale).
    """
    names: list[Label[ColumnKind]] = []
    at_row: list[int] = []
    signs: list[int] = []
    costs: list[Fraction] = []
    for row in rows:
        low, high = program.ends(row)
        for end, sign in ((high, -1), (low, 1)):
            if end is not None:
                at_row.append(row)
                signs.append(sign)
                if not (together and names):
                    names.append(Label(ColumnKind.SLACK, (str(row),)))
                    costs.append(1 / program.rows[row].scale)
    # Costs in integers that keep their ratios to a billionth: they only rank, and decide nothing.
    largest = max(costs)
    prices = [max(1, round(cost / largest * 10**9)) for cost in costs]
    count, old = len(names), len(program.columns)
    row_of = np.concatenate([program.row_of, np.array(at_row, dtype=np.int64)])
    order = np.argsort(row_of, kind="stable")
    at = np.full(len(at_row), old) if together else np.arange(old, old + count)
    indices = np.concatenate([program.indices, at])[order]
    values = np.concatenate([program.values, np.array(signs)])[order]
    starts = np.searchsorted(row_of[order], np.arange(len(program.rows) + 1))
    none = np.zeros(count, dtype=np.int64)
    steps = program.steps
    if steps is not None and np.isin(steps.rows, at_row).any():
        steps = None  # what defines stock gives, too
    return replace(
        program,
        objective=exact_ints(np.concatenate([np.zeros(old, dtype=np.int64), exact_ints(prices)])),
        constant=0,
        lower=np.concatenate([program.lower, none]),
        upper=exact_ints(np.concatenate([program.upper.astype(object), np.full(count, ENDLESS)])),
        integer=np.concatenate([program.integer, none.astype(bool)]),
        implied=np.concatenate([program.implied, ~none.astype(bool)]),
        columns=program.columns.with_more(*names),
        starts=starts,
        indices=indices,
        values=values,
        steps=steps,
    )
