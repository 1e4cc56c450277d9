"""By how much the quantity of a commitment would have to be another for a plan to exist.

The quantity is one number, so all rows of a commitment move together, both ends of each, and what
it asks for of idle kit with them (`credit.committed`). At another quantity than the least found a
plan need not exist: what is exact may be missed from both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.blocks import Entries
from placement.lp.elastic import ENDLESS, slack
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import Label
from placement.lp.program import Program
from placement.optimization.heuristics.integer import exact
from placement.optimization.infeasibility.amounts import Given, grain_of, scaled, without_implied
from placement.optimization.model.label_keys import CommitmentKey
from placement.solvers.highs import HighsMip
from placement.solvers.solution import Outcome

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

LESS, MORE = -1, 1


@dataclass(frozen=True, slots=True)
class _Moved:
    """A row that moves by `each` for one grain; `low`, `high`: its ends before rounding."""

    row: int
    each: Fraction
    low: Fraction | None
    high: Fraction | None


def least_shift(
    program: Program, rows: Sequence[int], direction: int, *, seconds: float
) -> tuple[Given | None, bool]:
    """Return by how much less, or more, a commitment has to be, all other rows being kept.

    `rows`: those of the commitment; `direction`: LESS or MORE. And whether that may help at all:
    without an amount, nothing was found in time. The amount is in whole grains of its unit, or as
    many digits as its quantity has, and a plan was found that keeps all rows with it, in integers.
    """
    grain = _grain(program, rows)
    moved = list(_moved(program, rows, grain))
    answer = HighsMip(_shifting(program, moved, direction), free_upper=True).run(time_limit=seconds)
    if len(answer.x):
        wide = without_implied(program)
        x = exact(wide, np.asarray(answer.x)[: len(program.columns)])
        count = _count(wide, moved, x, direction)
        broken = dict(wide.violations(x))
        if count and broken.keys() <= {one.row for one in moved} and not wide.out_of_bounds(x):
            is_least = answer.outcome is Outcome.OPTIMAL
            return Given(count * grain, is_least=is_least), True
    return None, answer.outcome is not Outcome.INFEASIBLE


def _grain(program: Program, rows: Sequence[int]) -> Fraction:
    """Return the step of the quantity: of its unit, and of the digits that its ends have."""
    grain = grain_of(program.rows[rows[0]])
    ends = [
        end / program.rows[one.row].scale
        for one in _moved(program, rows, grain)
        for end in (one.low, one.high)
        if end is not None and program.rows[one.row].kind is RowKind.COMMITMENT
    ]
    # An end in thirds of a unit is no quantity that a table could give.
    digits = [end for end in ends if _is_decimal(end)]
    return Fraction(1, lcm(grain.denominator, *(end.denominator for end in digits)))


def _is_decimal(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _moved(program: Program, rows: Sequence[int], grain: Fraction) -> Iterator[_Moved]:
    """Yield the rows of a commitment, and those of what it asks for of idle kit."""
    label = program.rows[rows[0]].group
    limits = [
        row
        for row, of in program.rows.keys(RowKind.COMMITMENT_LIMIT, CommitmentKey)
        if of.commitment == label
    ]
    for row in (*rows, *limits):
        meaning = program.rows[row]
        low, high = program.ends(row)
        yield _Moved(
            row,
            meaning.scale * grain,
            None if low is None else low - meaning.cut,
            None if high is None else high + meaning.cut,
        )


def _shifting(program: Program, moved: Sequence[_Moved], direction: int) -> Program:
    """Return the program that minimizes by how many grains the quantity is another."""
    times = np.ones(len(program.rows), dtype=object)
    low, high = program.row_lower.astype(object), program.row_upper.astype(object)
    at_row, values = [], []
    for one in moved:
        ends = [end for end in (one.low, one.high) if end is not None]
        factor = lcm(one.each.denominator, *(end.denominator for end in ends))
        times[one.row] = factor
        at_row.append(one.row)
        values.append(-direction * int(one.each * factor))
        low[one.row] = 0 if one.low is None else int(one.low * factor)
        high[one.row] = 0 if one.high is None else int(one.high * factor)
    name = Label(ColumnKind.SLACK, (program.rows[at_row[0]].group,))
    found = scaled(program, times, low, high).extended(
        Entries(np.array(at_row), np.full(len(at_row), len(program.columns)), exact_ints(values)),
        columns=slack([name], exact_ints([1]), least=1, integer=True),
    )
    return replace(found, steps=None)


def _count(program: Program, moved: Sequence[_Moved], x: Ints, direction: int) -> int:
    """Return the least number of grains with which a point keeps all moved rows; 0 for none."""
    least, most = 1, ENDLESS
    for one in moved:
        at = program.activity(one.row, x)
        for end, sign in ((one.low, 1), (one.high, -1)):
            # sign * (end + direction * count * each - at) <= 0
            if end is None:
                continue
            if sign * direction < 0:
                least = max(least, ceil(sign * (end - at) / one.each))
            else:
                most = min(most, floor(sign * (at - end) / one.each))
    return least if least <= most else 0
