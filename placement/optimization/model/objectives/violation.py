"""The objective `relaxation`: rules may be broken, by as little as can be.

    sum over the rows of rules of excess / limit

For a cap the limit is its amount; for a share, its part of what the untouched fleet has that day,
since the excess of a row is an amount. Prohibitions, and rows that no plan can mend, give nothing.
A column `inside` follows from each row: 0 where it is kept, else minus its excess.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.auxiliary import UpperEnds, add_min_variables
from placement.lp.exact_arrays import exact_ints, product, sums, wide
from placement.lp.labels import LabelFamily
from placement.lp.program import AnyProgram, Program
from placement.optimization.model.label_keys import RuleKey
from placement.optimization.model.rule_instances import RuleInstance, RuleInstances
from placement.text.decimals import THOUSAND

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

_DIGITS = 10**9
"""Weights keep their ratios to so many parts of the least one."""


def with_relaxation(program: AnyProgram, law: RuleInstances) -> AnyProgram:
    """Return the program in which rules with a limit may be broken."""
    rows = np.array(sorted(_limits(program, law)), dtype=np.int64)
    if not len(rows):
        return program
    names = [program.rows[row].key(RuleKey) for row in rows.tolist()]
    axes = tuple([*dict.fromkeys(name[n] for name in names)] for n in range(3))
    places = [{word: place for place, word in enumerate(axis)} for axis in axes]
    at = np.array([[places[n][name[n]] for n in range(3)] for name in names], dtype=np.int64)
    none = np.zeros(len(rows), dtype=np.int64)
    return add_min_variables(
        program, LabelFamily(ColumnKind.INSIDE, RuleKey, axes, at), -_most(program, rows), none,
        (UpperEnds(RowKind.INSIDE_NONE, none),), into=rows,
    )  # fmt: skip


def relaxation_costs(program: Program, law: RuleInstances) -> tuple[Ints, int]:
    """Return the objective by column, and how many of its units are an excess of one limit."""
    columns = program.columns.of_kind(ColumnKind.INSIDE)
    limits = _limits(program, law)
    rows = sorted(limits)
    # An excess of v is v / scale units, and that many limits.
    sizes = [limits[row] * program.rows[row].scale for row in rows]
    costs = np.zeros(len(program.columns), dtype=object)
    if not rows:
        return exact_ints(costs), 1
    one = max(sizes) * _DIGITS
    whole = lcm(*(size.denominator for size in sizes), one.denominator)
    unit = -(-one.numerator * (whole // one.denominator) // whole)
    costs[columns] = [-max(1, round(unit / size)) for size in sizes]
    return exact_ints(costs), unit


def _most(program: Program, rows: Ints) -> Ints:
    """Return how far each row can be broken at most."""
    entries, starts = program.entries_of(rows)
    columns, values = program.indices[entries], program.values[entries]
    low, high = product(values, program.lower[columns]), product(values, program.upper[columns])
    largest = np.maximum(wide(low), wide(high))
    return exact_ints(
        np.maximum(0, wide(sums(exact_ints(largest), starts)) - wide(program.row_upper[rows]))
    )


def _limits(program: Program, law: RuleInstances) -> dict[int, Fraction]:
    """Return the limit, in the unit of the row, of every row of a rule that may be broken."""
    held = {one.key: one for one in law.held}
    found = {}
    for row, of in program.rows.keys(RowKind.RULE, RuleKey):
        one = held[of]
        limit = Fraction(0) if one.stuck else _limit(one)
        if limit > 0:
            found[row] = limit
    return found


def _limit(held: RuleInstance) -> Fraction:
    limit = Fraction(held.row.limit)
    if not held.row.is_share:
        return limit
    part, whole = held.parts()
    return limit * max(Fraction(whole), Fraction(part), Fraction(THOUSAND)) / THOUSAND
