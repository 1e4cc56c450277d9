"""Service at the coarsest level that a relaxation can tell apart: models that are alike are one.

Where what a model's accelerators give to the lines of a zone is the same as another's but for a
factor, one row says for all of them

    sum over lines of factor[0] x served[line, 0]  <=  sum over models of factor x (units in use)

and `served` of the first model stands for all. Parts of an accelerator may serve different lines
in a relaxation, so nothing is lost; a point and duals of it are unfolded into the program's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.blocks import Entries
from placement.lp.exact_arrays import exact_ints

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats, Ints
    from placement.lp.program import Program


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """Rows of use that are one, the first for all: their factors, and columns by model and line."""

    rows: Ints
    factors: Ints
    columns: Ints


@dataclass(frozen=True, slots=True)
class Folded:
    """A program with the numbering of another one, in which alike models are served as one."""

    program: Program
    folds: tuple[ServiceGroup, ...]

    def stands_for(self) -> dict[int, tuple[int, int]]:
        """Return, for each row that is folded, the row that stands for it, and its factor."""
        return {
            row: (int(fold.rows[0]), factor)
            for fold in self.folds
            for row, factor in zip(fold.rows.tolist(), fold.factors.tolist(), strict=True)
        }

    def unfold(self, original: Program, x: Floats) -> Floats:
        """Share what serves each line out among the models, in their order."""
        if not self.folds:
            return x
        rows = np.concatenate([fold.rows for fold in self.folds])
        entries, starts = original.entries_of(rows)
        serves = np.zeros(len(original.columns), dtype=bool)
        serves[np.concatenate([fold.columns.ravel() for fold in self.folds])] = True
        columns = original.indices[entries]
        drawn = np.where(serves[columns], 0.0, x[columns] * original.values[entries].astype(float))
        of = np.repeat(np.arange(len(rows)), np.diff(starts))
        rooms = original.row_upper[rows].astype(float) - np.bincount(of, drawn, len(rows))
        found, at = x.copy(), 0
        for fold in self.folds:
            count = len(fold.rows)
            factors = fold.factors.astype(float)
            room = np.maximum(0.0, rooms[at : at + count]) * factors
            at += count
            asked = x[fold.columns[0]] * factors[0]
            ends = np.cumsum(asked), np.cumsum(room)
            low = np.maximum(ends[0][None, :] - asked[None, :], (ends[1] - room)[:, None])
            high = np.minimum(ends[0][None, :], ends[1][:, None])
            found[fold.columns] = np.maximum(0.0, high - low) / factors[:, None]
        return found

    def unfold_duals(self, duals: Floats, inner: Ints, outer: Ints) -> Floats:
        """Return the duals of the program asked for; `inner`, `outer`: exponents of row scales."""
        found: Floats = np.ldexp(duals, inner - outer)
        for fold in self.folds:
            first = fold.rows[0]
            scale = np.ldexp(fold.factors.astype(float), inner[first] - outer[fold.rows])
            found[fold.rows] = duals[first] * scale
        return found


def fold(program: Program) -> Folded:
    """Fold the service of a program."""
    served = program.columns.of_kind(ColumnKind.SERVED)
    rows = program.rows.of_kind(RowKind.SERVICE_USE)
    if not len(served) or not len(rows):
        return Folded(program, ())
    other = _entries_elsewhere(program, served, rows)
    is_served = np.zeros(len(program.columns), dtype=bool)
    is_served[served] = True
    alike: dict[object, list[tuple[int, int, list[int]]]] = {}
    for row in rows.tolist():
        columns = [column for column, _ in program.entries(row) if is_served[column]]
        entries = [other.get(column, []) for column in columns]
        factor = gcd(*(value for part in entries for _, value in part))
        if not factor or any(program.objective[column] for column in columns):
            continue
        key = tuple(tuple((at, value // factor) for at, value in part) for part in entries)
        alike.setdefault(key, []).append((row, factor, columns))
    folds = tuple(
        ServiceGroup(
            np.array([row for row, _, _ in group]),
            exact_ints([factor for _, factor, _ in group]),
            np.array([columns for _, _, columns in group]),
        )
        for group in alike.values()
        if len(group) > 1
    )
    return Folded(_folded(program, folds), folds) if folds else Folded(program, ())


def _entries_elsewhere(
    program: Program, served: Ints, rows: Ints
) -> dict[int, list[tuple[int, int]]]:
    """Return the (row, value) of served columns outside the rows of use."""
    wanted = np.zeros(len(program.columns), dtype=bool)
    wanted[served] = True
    of_use = np.zeros(len(program.rows), dtype=bool)
    of_use[rows] = True
    at = np.flatnonzero(wanted[program.indices] & ~of_use[program.row_of])
    found: dict[int, list[tuple[int, int]]] = {}
    triples = zip(
        program.indices[at].tolist(), program.row_of[at].tolist(), program.values[at].tolist(),
        strict=True,
    )  # fmt: skip
    for column, row, value in triples:
        found.setdefault(column, []).append((row, value))
    return found


def _folded(program: Program, folds: tuple[ServiceGroup, ...]) -> Program:
    """Write the program anew, with one row of use for each fold."""
    rows = np.concatenate([one.rows for one in folds])
    gone = np.zeros(len(program.columns), dtype=bool)
    gone[np.concatenate([one.columns[1:].ravel() for one in folds])] = True
    is_folded = np.zeros(len(program.rows), dtype=bool)
    is_folded[rows] = True
    keep = ~is_folded[program.row_of] & ~gone[program.indices]
    pieces = [Entries(program.row_of[keep], program.indices[keep], program.values[keep])]
    high = program.row_upper.astype(object)
    has_high, upper = program.has_upper.copy(), program.upper.astype(object)
    for one in folds:
        first = int(one.rows[0])
        high[first] = sum(
            int(factor) * int(program.row_upper[row])
            for row, factor in zip(one.rows.tolist(), one.factors.tolist(), strict=True)
        )
        has_high[one.rows[1:]] = False
        upper[one.columns[1:]] = 0
        most = (
            program.upper[one.columns].astype(object) * one.factors.astype(object)[:, None]
        ).sum(axis=0)
        upper[one.columns[0]] = -(-most // int(one.factors[0]))
        entries, starts = program.entries_of(one.rows)
        factors = np.repeat(one.factors.astype(object), np.diff(starts))
        columns = program.indices[entries]
        used = ~gone[columns]
        values = program.values[entries].astype(object) * factors
        at = np.full(int(used.sum()), first)
        pieces.append(Entries(at, columns[used], exact_ints(values[used])))
    folded = replace(
        program, upper=exact_ints(upper), row_upper=exact_ints(high), has_upper=has_high
    )
    return folded.with_entries(*pieces)
