"""Why no plan exists: an irreducible set of rules, demands and capacities that exclude each other.

Rows are taken in groups, in the words of the pack and the tables ("power in DE sites"). A group
that can be left out without making the rest feasible is left out; what remains is the conflict.
For each group of it: by how much it alone would have to give.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from placement.enums import RowKind
from placement.lp.program import Program
from placement.optimization.infeasibility.amounts import Given, least_given, without_implied
from placement.optimization.infeasibility.commitments import LESS, MORE, least_shift
from placement.solvers.column_generation import relaxation_of
from placement.solvers.highs import HighsMip
from placement.solvers.registry import Relaxation
from placement.solvers.solution import Outcome, Solution
from placement.text.decimals import counted, grouped, plain

_SECONDS = 10.0
_ALL_SECONDS = 60.0
"""The longest, in all, that whole units are searched."""
_LEFT_OUT_FIRST = (
    RowKind.RACKS, RowKind.POWER, RowKind.SUPPLY, RowKind.MOVE_LIMIT, RowKind.RULE,
)  # fmt: skip
_MORE_OF = (
    RowKind.POWER, RowKind.RACKS, RowKind.SUPPLY, RowKind.MOVE_LIMIT, RowKind.BUDGET,
)  # fmt: skip
_TINY = 1e-9
"""A row with less of a solver's proof than this part of the largest takes no part in it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One group of a conflict, and by how much it alone must give for a plan to exist.

    `given` None: giving there alone helps nothing, or (`helps`) by how much was not found. `is_low`
    tells whether its end is a lower one, `is_high` whether it has an upper one. `more`: by how much
    more would do where both ends bind; `given` is then by how much less.
    """

    name: str
    kind: RowKind
    unit: str
    given: Given | None = None
    helps: bool = True
    is_low: bool = False
    is_high: bool = True
    more: Given | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it is of one quantity that may be missed from both sides."""
        return self.kind is RowKind.COMMITMENT and self.is_low and self.is_high

    @property
    def suffices(self) -> bool:
        """Whether an amount is known by which it alone may give for a plan to exist."""
        return self.given is not None or self.more is not None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Groups that cannot hold together; `irreducible`: without any one of them the rest can.

    `first`: what is missing altogether, to be said before.
    """

    parts: tuple[Part, ...]
    irreducible: bool
    first: tuple[str, ...] = ()

    @property
    def each_helps(self) -> bool:
        """Whether a plan exists where any one of several parts gives way, and all else holds."""
        return len(self.parts) > 1 and self.irreducible and all(p.suffices for p in self.parts)

    def sentences(self) -> tuple[str, ...]:
        """Return one line for each group, and what would do."""
        return tuple(_sentence(part) for part in self.parts)


def explain(program: Program) -> Conflict:
    """Find the conflict of an infeasible program, in whole units.

    What has no point in parts of units has none in whole ones, and is found sooner: it is asked
    first.
    """
    groups: dict[str, list[int]] = {}
    for row, meaning in enumerate(program.rows):
        if meaning.group:
            groups.setdefault(meaning.group, []).append(row)
    until = time.monotonic() + _ALL_SECONDS
    plain_one = program.with_objective({})
    session: Relaxation = relaxation_of(without_implied(plain_one))
    answer = session.run(time_limit=_SECONDS)
    kept, sure = dict(groups), True
    if answer.outcome is Outcome.INFEASIBLE:
        kept = _in_proof(program, session, groups, answer)
        kept, _ = _filtered(program, session, groups, kept, lambda: _SECONDS)
    whole = HighsMip(plain_one, free_upper=True)
    for name, rows in groups.items():
        if name not in kept:
            _free(whole, rows)
    kept, sure = _filtered(
        program, whole, groups, kept, lambda: min(_SECONDS, until - time.monotonic())
    )
    parts = _parts(program, session, groups, kept, until)
    return Conflict(tuple(parts), sure)


def _filtered(
    program: Program,
    session: Relaxation,
    groups: dict[str, list[int]],
    kept: dict[str, list[int]],
    seconds: Callable[[], float],
) -> tuple[dict[str, list[int]], bool]:
    """Leave out every group without which the rest still has no point; tell if all was found."""
    left, sure = dict(kept), True
    for name in _order(program, kept):
        if (time_limit := seconds()) <= 0:
            return left, False
        _free(session, groups[name])
        answer = session.run(time_limit=time_limit)
        if answer.outcome is Outcome.INFEASIBLE:
            del left[name]
            continue
        sure = sure and (answer.outcome is Outcome.OPTIMAL or len(answer.x) > 0)
        _hold(program, session, groups[name])
    return left, sure


def _in_proof(
    program: Program, session: Relaxation, groups: dict[str, list[int]], answer: Solution
) -> dict[str, list[int]]:
    """Return the groups that a solver's proof rests on, and free all others; all where it has none.

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
    ranks = {kind: rank for rank, kind in enumerate(_LEFT_OUT_FIRST)}
    return sorted(
        groups, key=lambda name: ranks.get(program.rows[groups[name][0]].kind, len(ranks))
    )


def _parts(
    program: Program,
    session: Relaxation,
    groups: dict[str, list[int]],
    kept: Iterable[str],
    until: float,
) -> Iterator[Part]:
    """Return each group with what it alone must give, summed up over its rows; all others hold.

    Whether giving can help at all is known soon: the session only has to find some point.
    """
    for rows in groups.values():
        _hold(program, session, rows)
    by_kind: dict[RowKind, list[str]] = {}
    for name in kept:
        by_kind.setdefault(program.rows[groups[name][0]].kind, []).append(name)
    for kind, names in by_kind.items():
        # What does not help together helps in no part: most are known at once.
        together = _helps(program, session, [row for name in names for row in groups[name]])
        for name in names:
            rows = groups[name]
            helps = together and (len(names) == 1 or _helps(program, session, rows))
            part = Part(
                name, kind, program.rows[rows[0]].unit, None, helps,
                bool(program.has_lower[rows].any()), bool(program.has_upper[rows].any()),
            )  # fmt: skip
            yield _with_amounts(program, rows, part, until) if helps else part


def _with_amounts(program: Program, rows: Sequence[int], part: Part, until: float) -> Part:
    """Return a part that may help with how much it has to give, less or more where either does."""

    def seconds() -> float:
        return max(1.0, min(_SECONDS, until - time.monotonic()))

    if part.kind is not RowKind.COMMITMENT:
        given, helps = least_given(program, rows, seconds=seconds())
        return replace(part, given=given, helps=helps)
    directions = ([LESS] if part.is_low else []) + ([MORE] if part.is_high else [])
    found = {
        direction: least_shift(program, rows, direction, seconds=seconds())
        for direction in directions
    }
    amounts = {one: given for one, (given, _) in found.items()}
    return replace(
        part,
        given=amounts[directions[0]],
        more=amounts[MORE] if part.is_exact else None,
        helps=any(helps for _, helps in found.values()),
    )


def _helps(program: Program, session: Relaxation, rows: Sequence[int]) -> bool:
    """Tell whether there may be a point without some rows."""
    _free(session, rows)
    outcome = session.run(time_limit=_SECONDS).outcome
    _hold(program, session, rows)
    return outcome is not Outcome.INFEASIBLE


def _sentence(part: Part) -> str:
    if part.is_exact and part.suffices:
        return _exact_sentence(part)
    if not part.helps:
        if part.is_exact:
            return f"{part.name}: no other quantity would do"
        return f"{part.name}: giving way here alone is not enough"
    given = part.given
    if given is None:
        return f"{part.name}: giving way here alone may do; by how much was not found"
    amount = counted(given.amount, part.unit)
    match part.kind:
        case RowKind.DEMAND:
            how = f"{amount} less"
        case RowKind.PLACE:
            how = f"{amount} fewer"
        case RowKind.RULE:
            how = f"{amount} over the limit"
        case RowKind.COMMITMENT:
            how = f"{amount} {'less' if part.is_low else 'more'}"
        case kind if kind in _MORE_OF:
            how = f"{amount} more"
        case _:
            return f"{part.name}: without it there is a plan"
    if not given.is_enough:
        return f"{part.name}: it takes at least {how}; how much would do was not found"
    where = ""
    if len(given.by_site) == 1:
        where = f" at {given.by_site[0][0]}"
    elif given.by_site:
        each = ", ".join(f"{grouped(plain(share))} at {site}" for site, share in given.by_site)
        where = f" ({each})"
    perhaps = "" if given.is_least else ", perhaps less"
    return f"{part.name}: {how} would do{where}{perhaps}"


def _exact_sentence(part: Part) -> str:
    """Return by how much less, and how much more, would do; no other claim is made of either."""
    ways = [(part.given, "less"), (part.more, "more")]
    found = [(given, which) for given, which in ways if given is not None]
    said = " or ".join(f"{counted(given.amount, part.unit)} {which}" for given, which in found)
    perhaps = "" if all(given.is_least for given, _ in found) else ", perhaps a smaller change"
    return f"{part.name}: {said} would do{perhaps}"
