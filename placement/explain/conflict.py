"""Why no plan exists: an irreducible set of rules, demands and capacities that exclude each other.

Rows are taken in groups, in the words of the pack and the tables ("power in DE sites"). A group
that can be left out without making the rest feasible is left out; what remains is the conflict.
For each group of it: by how much it alone would have to give.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np

from placement.amounts import counted
from placement.planner.loosen import ENDLESS, loosened
from placement.planner.numbers import ints
from placement.planner.program import Program
from placement.planner.solution import Outcome, Solution
from placement.planner.solvers import Relaxation, WholeSession
from placement.planner.solvers_steps import relaxation_of

_SECONDS = 10.0
_PLAIN_SECONDS = 60.0
"""The longest, in all, that a program is solved with every column written out."""
_TINY = 1e-9
"""A row with less of a solver's proof than this part of the largest takes no part in it."""
_CUMULATIVE = ("supply", "place")
"""Rows of these kinds add up over periods: giving once is giving in every later one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One group of a conflict. `short`: by how much it alone must give for a plan to exist.

    In `unit`, rounded up; None where giving there alone helps nothing, or (`helps`) where by how
    much was not found.
    """

    name: str
    kind: str
    short: int | None
    unit: str
    helps: bool = True


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
    session = _session(program.with_objective({}), whole_units=whole_units)
    kept = _in_proof(program, session, groups, session.run(time_limit=_SECONDS))
    sure = True
    for name in _order(program, kept):
        _free(session, groups[name])
        outcome = session.run(time_limit=_SECONDS).outcome
        if outcome is Outcome.INFEASIBLE:
            del kept[name]
            continue
        sure = sure and outcome is Outcome.OPTIMAL
        _hold(program, session, groups[name])
    parts = _parts(program, session, groups, kept, whole_units=whole_units)
    return Conflict(tuple(parts), sure)


def _session(program: Program, *, whole_units: bool) -> Relaxation:
    """Hold a program without the bounds that follow from rows, so that the rows speak."""
    if whole_units:
        return WholeSession(program, free_upper=True)
    upper = np.where(program.implied, ENDLESS, program.upper.astype(object))
    return relaxation_of(replace(program, upper=ints(upper)))


def _in_proof(
    program: Program, session: Relaxation, groups: dict[str, list[int]], answer: Solution
) -> dict[str, list[int]]:
    """Give the groups that a solver's proof rests on, and free all others; all where it has none.

    Trying to leave out the others one by one would take most of the time.
    """
    if answer.outcome is not Outcome.INFEASIBLE or not len(answer.duals):
        return dict(groups)
    weights = np.abs(np.asarray(answer.duals))
    used = weights > _TINY * weights.max(initial=0.0)
    kept = {name: rows for name, rows in groups.items() if used[rows].any()}
    others = [row for name, rows in groups.items() if name not in kept for row in rows]
    _free(session, others)
    if session.run(time_limit=_SECONDS).outcome is Outcome.INFEASIBLE:
        return kept
    _hold(program, session, others)
    return dict(groups)


def _free(session: Relaxation, rows: Iterable[int]) -> None:
    for row in rows:
        session.set_row(row, None, None)


def _hold(program: Program, session: Relaxation, rows: Iterable[int]) -> None:
    for row in rows:
        session.set_row(row, *program.ends(row))


def _order(program: Program, groups: dict[str, list[int]]) -> list[str]:
    """Try to leave out capacities first and demands last, so that a conflict names the demand."""
    ranks = {"racks": 0, "power": 1, "supply": 2, "move_limit": 3, "rule": 4}
    return sorted(groups, key=lambda name: ranks.get(program.rows[groups[name][0]].kind, 5))


def _parts(
    program: Program,
    session: Relaxation,
    groups: dict[str, list[int]],
    kept: Iterable[str],
    *,
    whole_units: bool,
) -> Iterator[Part]:
    """Give each group with what it alone must give, summed up over its rows; all others hold.

    Whether giving helps at all is known soon: the session only has to find some point.
    """
    for rows in groups.values():
        _hold(program, session, rows)
    until = time.monotonic() + _PLAIN_SECONDS
    by_kind: dict[str, list[str]] = {}
    for name in kept:
        by_kind.setdefault(program.rows[groups[name][0]].kind, []).append(name)
    for kind, names in by_kind.items():
        # What does not help together helps in no part: most are known at once.
        together = _helps(program, session, [row for name in names for row in groups[name]])
        for name in names:
            rows = groups[name]
            helps = together and (len(names) == 1 or _helps(program, session, rows))
            short = _short(program, rows, whole_units=whole_units, until=until) if helps else None
            yield Part(name, kind, short, program.rows[rows[0]].unit, helps)


def _helps(program: Program, session: Relaxation, rows: Sequence[int]) -> bool:
    """Tell whether there may be a point without some rows."""
    _free(session, rows)
    outcome = session.run(time_limit=_SECONDS).outcome
    _hold(program, session, rows)
    return outcome is not Outcome.INFEASIBLE


def _short(program: Program, rows: Sequence[int], *, whole_units: bool, until: float) -> int | None:
    """Give the least by which the rows of one group must give; None: it was not found."""
    together = program.rows[rows[0]].kind in _CUMULATIVE
    loose = loosened(program, rows, together=together)
    answer = _session(loose, whole_units=whole_units).run(time_limit=_SECONDS)
    left = until - time.monotonic()
    if answer.outcome is Outcome.STOPPED and not whole_units and left > 0:
        # Where generating steps led nowhere, all of them at once may not.
        loose = replace(loose, steps=None)
        answer = _session(loose, whole_units=False).run(time_limit=left)
    if answer.outcome is not Outcome.OPTIMAL:
        return None
    total = Fraction(0)
    for column in range(len(program.columns), len(loose.columns)):
        row = int(loose.columns[column].of[0])
        given = max(0.0, answer.x[column])
        total += Fraction(given) / program.rows[row].scale
    return max(1, ceil(total - Fraction(1, 10**6))) if total else 1


def _sentence(part: Part) -> str:
    if not part.helps:
        return f"{part.name}: giving way here alone is not enough"
    if part.short is None:
        return f"{part.name}: giving way here alone may do; by how much was not found"
    amount = counted(part.short, part.unit)
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
