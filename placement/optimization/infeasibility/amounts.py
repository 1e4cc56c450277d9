"""By how much some rows have to give for a plan in whole units to exist.

Rows that give the same make a share: those of one site for its power or its places, else all rows
of a group, so that an amount is one that a table can be given. A solver finds the plan that needs
the least; how much it needs is then counted in integers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.blocks import Entries
from placement.lp.elastic import ENDLESS, slack
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import Label
from placement.lp.program import Program
from placement.optimization.heuristics.integer import exact
from placement.optimization.model.label_keys import SiteKey
from placement.solvers.column_generation import relaxation_of
from placement.solvers.highs import HighsMip
from placement.solvers.solution import Outcome

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

_NEAR = Fraction(1, 10**6)
_BY_SITE = (RowKind.POWER, RowKind.RACKS)
_GRAINS = {"kW": Fraction(1, 1000), "mw": Fraction(1, 10**6), "h100e": Fraction(1, 1000)}


@dataclass(frozen=True, slots=True)
class Share:
    """Rows that give the same; `site`: the one that they are of, empty where it is not one."""

    rows: tuple[int, ...]
    site: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """An amount that would do. `by_site`: what of it is where. `is_least`: less would not do.

    `is_enough` False: at least so much is needed, and how much would do was not found.
    """

    amount: Fraction
    by_site: tuple[tuple[str, Fraction], ...] = ()
    is_least: bool = True
    is_enough: bool = True


def shares_of(program: Program, rows: Sequence[int]) -> list[Share]:
    """Return the rows of one group by what gives together."""
    found: dict[tuple[str, bool], list[int]] = {}
    for row in rows:
        meaning = program.rows[row]
        site = meaning.key(SiteKey).site if meaning.kind in _BY_SITE else ""
        found.setdefault((site, bool(program.has_upper[row])), []).append(row)
    return [Share(tuple(members), site) for (site, _), members in found.items()]


def least_given(
    program: Program, rows: Sequence[int], *, seconds: float
) -> tuple[Given | None, bool]:
    """Return the least by which the rows of one group have to give, all others being kept.

    And whether giving may help at all: without an amount, nothing was found in time. The amount is
    exact, that of a plan which keeps all other rows in integers.
    """
    shares = shares_of(program, rows)
    loose, step = giving(program, shares)
    until = time.monotonic() + seconds
    answer = HighsMip(loose, free_upper=True).run(time_limit=seconds)
    if len(answer.x):
        wide = without_implied(program)
        x = exact(wide, np.asarray(answer.x)[: len(program.columns)])
        broken = dict(wide.violations(x))
        if broken.keys() <= set(rows) and not wide.out_of_bounds(x):
            is_least = answer.outcome is Outcome.OPTIMAL
            return _counted(program, shares, broken, is_least=is_least), True
    if answer.outcome is Outcome.INFEASIBLE:
        return None, False
    left = max(1.0, until - time.monotonic())
    relaxed = relaxation_of(without_implied(loose)).run(time_limit=left)
    if relaxed.outcome is not Outcome.OPTIMAL or relaxed.objective is None:
        return None, relaxed.outcome is not Outcome.INFEASIBLE
    grain = grain_of(program.rows[rows[0]])
    needed = Fraction(max(0.0, relaxed.objective)) * step
    # A millionth below it, for the digits that floats lose.
    units = max(1, -(-needed * (1 - _NEAR) // grain))
    return Given(units * grain, is_least=False, is_enough=False), True


def _counted(
    program: Program, shares: Sequence[Share], broken: dict[int, int], *, is_least: bool
) -> Given:
    grain = grain_of(program.rows[shares[0].rows[0]])
    by_site: list[tuple[str, Fraction]] = []
    for share in shares:
        needed = Fraction(0)
        for row in share.rows:
            meaning = program.rows[row]
            needed = max(needed, (abs(broken.get(row, 0)) - meaning.cut) / meaning.scale)
        if needed:
            by_site.append((share.site, -(-needed // grain) * grain))
    total = sum((amount for _, amount in by_site), Fraction(0))
    named = tuple(sorted((site, amount) for site, amount in by_site if site))
    return Given(total, named, is_least)


def grain_of(meaning: Label[RowKind]) -> Fraction:
    """Return the step of an amount of a row, in its unit: a watt, a cent, one accelerator."""
    if meaning.kind is RowKind.BUDGET:
        return Fraction(1, 100)
    return _GRAINS.get(meaning.unit, Fraction(1))


def without_implied(program: Program) -> Program:
    """Return a program without the upper bounds that follow from its rows, so that rows speak."""
    upper = np.where(program.implied, ENDLESS, program.upper.astype(object))
    return replace(program, upper=exact_ints(upper))


def giving(program: Program, shares: Sequence[Share]) -> tuple[Program, Fraction]:
    """Return the program that minimizes by how much shares give, and the amount of one step.

    The step is one for all shares, in their unit, such that all numbers are integers. Ends are
    those before rounding.
    """
    rows = [row for share in shares for row in share.rows]
    meanings = {row: program.rows[row] for row in rows}
    times = np.ones(len(program.rows), dtype=object)
    for row, meaning in meanings.items():
        times[row] = meaning.cut.denominator
    step = Fraction(lcm(*((one.scale * times[row]).denominator for row, one in meanings.items())))
    first = len(program.columns)
    at_row, at, values = [], [], []
    low, high = program.row_lower.astype(object), program.row_upper.astype(object)
    for number, share in enumerate(shares):
        for row in share.rows:
            meaning, factor = meanings[row], times[row]
            sign = -1 if program.has_upper[row] else 1
            at_row.append(row)
            at.append(first + number)
            values.append(sign * int(meaning.scale * step * factor))
            high[row] = int((high[row] + meaning.cut) * factor)
            low[row] = int((low[row] - meaning.cut) * factor)
    loose = scaled(program, times, low, high).extended(
        Entries(np.array(at_row), np.array(at), exact_ints(values)),
        columns=slack(
            [Label(ColumnKind.SLACK, (share.site,)) for share in shares],
            np.ones(len(shares), dtype=np.int64),
        ),
    )
    return loose, step


def scaled(program: Program, times: Ints, low: Ints, high: Ints) -> Program:
    """Return a program that minimizes nothing yet, its rows times whole numbers, with new ends."""
    return replace(
        program.with_objective({}),
        row_lower=exact_ints(low),
        row_upper=exact_ints(high),
        values=exact_ints(program.values.astype(object) * times[program.row_of]),
    )
