"""Why no plan exists: an irreducible set of rules, demands and capacities that exclude each other.

Rows are taken in groups, in the words of the pack and the tables ("power in DE sites"). A group
that can be left out without making the rest feasible is left out; what remains is the conflict.
For each group of it: by how much it alone would have to give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from placement.amounts import grouped
from placement.planner.loosen import loosened
from placement.planner.program import Program
from placement.planner.solution import Outcome
from placement.planner.solvers import Session, WholeSession

_SECONDS = 10.0
_CUMULATIVE = ("supply", "place")
"""Rows of these kinds add up over periods: giving once is giving in every later one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One group of a conflict. `short`: by how much it alone must give for a plan to exist.

    In `unit`, rounded up; None where giving there alone helps nothing, or nothing was proven.
    """

    name: str
    kind: str
    short: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Groups that cannot hold together; `irreducible`: without any one of them the rest can."""

    parts: tuple[Part, ...]
    irreducible: bool

    def sentences(self) -> tuple[str, ...]:
        """Give one line for each group, and what would do."""
        return tuple(_sentence(part) for part in self.parts)


def explain(program: Program, *, whole_units: bool = False) -> Conflict:
    """Find the conflict of an infeasible program; `whole_units`: it is only so in whole units."""
    groups: dict[str, list[int]] = {}
    for row, meaning in enumerate(program.rows):
        if meaning.group:
            groups.setdefault(meaning.group, []).append(row)
    session = (WholeSession if whole_units else Session)(program, free_upper=True)
    session.set_objective({})
    sure = True
    kept = dict(groups)
    for name in _order(program, groups):
        for row in groups[name]:
            session.set_row(row, None, None)
        outcome = session.run(time_limit=_SECONDS).outcome
        if outcome is Outcome.INFEASIBLE:
            del kept[name]
            continue
        sure = sure and outcome is Outcome.OPTIMAL
        for row in groups[name]:
            session.set_row(row, *program.ends(row))
    parts = []
    for name, rows in kept.items():
        meaning = program.rows[rows[0]]
        short = _short(program, rows, whole_units=whole_units)
        parts.append(Part(name, meaning.kind, short, meaning.unit))
    return Conflict(tuple(parts), sure)


def _order(program: Program, groups: dict[str, list[int]]) -> list[str]:
    """Try to leave out capacities first and demands last, so that a conflict names the demand."""
    ranks = {"racks": 0, "power": 1, "supply": 2, "move_limit": 3, "rule": 4}
    return sorted(groups, key=lambda name: ranks.get(program.rows[groups[name][0]].kind, 5))


def _short(program: Program, rows: Sequence[int], *, whole_units: bool) -> int | None:
    """Give the least by which the rows of one group must give, summed up; all others hold."""
    together = program.rows[rows[0]].kind in _CUMULATIVE
    loose = loosened(program, rows, together=together)
    session = (WholeSession if whole_units else Session)(loose, free_upper=True)
    answer = session.run(time_limit=_SECONDS)
    if answer.outcome is not Outcome.OPTIMAL:
        return None
    first = len(program.columns)
    total = Fraction(0)
    for column in range(first, len(loose.columns)):
        row = int(loose.columns[column].of[0])
        given = max(0.0, answer.x[column])
        total += Fraction(given) / program.rows[row].scale
    return max(1, ceil(total - Fraction(1, 10**6))) if total else 1


def _sentence(part: Part) -> str:
    if part.short is None:
        return f"{part.name}: giving way here alone is not enough"
    unit = part.unit[:-1] if part.short == 1 and part.unit.endswith("accelerators") else part.unit
    amount = f"{grouped(str(part.short))} {unit}"
    match part.kind:
        case "demand":
            return f"{part.name}: {amount} less would do"
        case "place":
            return f"{part.name}: {amount} fewer would do"
        case "rule":
            return f"{part.name}: {amount} over the limit would do"
        case "power" | "racks" | "supply" | "move_limit":
            return f"{part.name}: {amount} more would do"
        case _:
            return f"{part.name}: without it there is a plan"
