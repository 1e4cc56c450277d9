"""The program with slack in some rows: how far must they give for a point to exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind
from placement.lp.blocks import ColumnBlock, Entries
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import Label
from placement.lp.program import Program

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

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
    first = len(program.columns)
    at = np.full(len(at_row), first) if together else first + np.arange(len(names))
    found = program.with_objective({}).extended(
        Entries(np.array(at_row), at, np.array(signs)), columns=slack(names, exact_ints(prices))
    )
    steps = program.steps
    if steps is not None and np.isin(steps.rows, at_row).any():
        return replace(found, steps=None)  # what defines stock gives, too
    return found


def slack(
    names: Sequence[Label[ColumnKind]], cost: Ints, *, least: int = 0, integer: bool = False
) -> ColumnBlock:
    """Return columns of slack, with no end above."""
    lower, upper = np.full(len(names), least), exact_ints([ENDLESS] * len(names))
    return ColumnBlock(names, lower, upper, cost, integer)
