"""A linear program in integers, with a table that says what each column and row means.

    minimize    constant + sum over j of objective[j] * x[j]
    subject to  row_lower[i] <= sum over j of a[i,j] * x[j] <= row_upper[i]
                lower[j] <= x[j] <= upper[j],   x[j] whole where integer[j]

All numbers are exact integers (`numbers.Ints`); money is in micro-units of the currency, rounded
once, after discounting. These integers are the problem: solvers get a float image of it, and
answers are evaluated here, exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.blocks import ColumnBlock, Entries, RowBlock
from placement.lp.exact_arrays import add, exact_ints, joined, product, sums, total
from placement.lp.labels import Label, Labels

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Floats, Ints

AnyProgram = TypeVar("AnyProgram", bound="Program")

MICRO = 1_000_000
"""Units of the objective per unit of currency."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Columns whose values follow from others: each is the largest that all of its rows allow.

    `columns[i]` is bounded by row `rows[n][i]` of every n, with coefficient 1. One row with equal
    sides determines it; several leave it at the least of their upper ends. With `each`, columns[i]
    has the coefficient -each[i] in row rows[0][i], and is the least whole number that keeps it.
    """

    columns: Ints
    rows: tuple[Ints, ...]
    each: Ints | None = None


@dataclass(frozen=True, slots=True)
class StockSteps:
    """The stock of each (site, model) and what changes it: column numbers by group and period.

    stock[g, t] = start[g] + sum over u <= t, and over the changes, of sign x change[g, u]

    What moves in is by the period in which it arrives. A number below 0: there is no such column.
    `rows` are those that define stock. `site` of each group, and `price`: what it costs to have and
    run it throughout, by what it is good for; both only guide a search.
    """

    stock: Ints
    start: Ints
    changes: tuple[tuple[ColumnKind, int, Ints], ...]
    rows: Ints
    site: Ints
    price: Floats

    def columns_of(self, kind: ColumnKind) -> Ints:
        """Return the columns of a kind of change."""
        return next(table for of, _, table in self.changes if of is kind)


@dataclass(frozen=True)
class Program:
    """The program; row i has the entries starts[i] to starts[i + 1] of `indices` and `values`.

    A row has a lower end where `has_lower`, an upper one where `has_upper`. `implied[j]`: the
    upper bound of column j follows from rows and only helps the solver and the proof. `defined`:
    in an order in which each needs only earlier ones and decided columns. `steps` None: no stock.
    """

    objective: Ints
    constant: int
    lower: Ints
    upper: Ints
    integer: Bools
    implied: Bools
    columns: Labels[ColumnKind]
    rows: Labels[RowKind]
    row_lower: Ints
    row_upper: Ints
    has_lower: Bools
    has_upper: Bools
    starts: Ints
    indices: Ints
    values: Ints
    defined: tuple[Definition, ...]
    steps: StockSteps | None = None

    @cached_property
    def decides(self) -> Bools:
        """Which columns a plan decides; all others follow."""
        found = np.ones(len(self.columns), dtype=bool)
        for one in self.defined:
            found[one.columns] = False
        return found

    @cached_property
    def row_of(self) -> Ints:
        """The row of each entry."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.starts))

    def entries(self, row: int) -> Iterator[tuple[int, int]]:
        """Return (column, coefficient) of a row."""
        part = slice(self.starts[row], self.starts[row + 1])
        return zip(self.indices[part].tolist(), self.values[part].tolist(), strict=True)

    def ends(self, row: int) -> tuple[int | None, int | None]:
        """Return the lower and the upper end of a row, None where it has none."""
        return (
            int(self.row_lower[row]) if self.has_lower[row] else None,
            int(self.row_upper[row]) if self.has_upper[row] else None,
        )

    def activity(self, row: int, x: Ints) -> int:
        """Return a row's left-hand side at a point."""
        return sum(value * int(x[column]) for column, value in self.entries(row))

    def activities(self, x: Ints, rows: Ints | None = None) -> Ints:
        """Return the left-hand sides of all rows, or of some, at a point."""
        if rows is None:
            return sums(product(self.values, x[self.indices]), self.starts)
        entries, starts = self.entries_of(rows)
        return sums(product(self.values[entries], x[self.indices[entries]]), starts)

    def entries_of(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the entries of some rows, one row after another, and where each row starts."""
        counts = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([[0], np.cumsum(counts)])
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], counts)
        return np.repeat(self.starts[rows], counts) + within, starts

    def complete(self, decided: Ints) -> Ints:
        """Return the whole point that follows from the decided columns (others are overwritten)."""
        x = decided.copy()
        for one in self.defined:
            x[one.columns] = 0
            ends = [add(self.row_upper[rows], -self.activities(x, rows)) for rows in one.rows]
            least = ends[0] if len(ends) == 1 else np.minimum.reduce(ends)
            if one.each is not None:
                least = -(least // one.each)
            if least.dtype == object and x.dtype != object:
                x = x.astype(object)
            x[one.columns] = least
        return x

    def point(self, decided: Mapping[int, int]) -> Ints:
        """Return the whole point that follows from some decided columns; all others are 0."""
        x = np.zeros(len(self.columns), dtype=object)
        for column, value in decided.items():
            x[column] = value
        return self.complete(exact_ints(x))

    def violations(self, x: Ints) -> list[tuple[int, int]]:
        """Return (row, how far it is broken): negative below its lower end, positive above."""
        at = self.activities(x)
        below = add(self.row_lower, -at)
        above = add(at, -self.row_upper)
        low = self.has_lower & (below > 0)
        high = self.has_upper & (above > 0) & ~low
        return [
            (row, -int(below[row]) if low[row] else int(above[row]))
            for row in np.flatnonzero(low | high).tolist()
        ]

    def out_of_bounds(self, x: Ints) -> list[int]:
        """Return the columns that are outside their bounds."""
        return [int(j) for j in np.flatnonzero((x < self.lower) | (x > self.upper))]

    def cost(self, x: Ints) -> int:
        """Return the objective at a point, in micro-units."""
        return self.constant + total(product(self.objective, x))

    def is_kept(self, x: Ints) -> bool:
        """Tell whether a point keeps every row and bound."""
        return not self.out_of_bounds(x) and not self.violations(x)

    def with_ends(self, changes: Mapping[int, tuple[int | None, int | None]]) -> Self:
        """Return the program with other ends of some rows."""
        low, high = self.row_lower.astype(object), self.row_upper.astype(object)
        has_low, has_high = self.has_lower.copy(), self.has_upper.copy()
        for row, (below, above) in changes.items():
            low[row], has_low[row] = below or 0, below is not None
            high[row], has_high[row] = above or 0, above is not None
        return replace(
            self,
            row_lower=exact_ints(low),
            row_upper=exact_ints(high),
            has_lower=has_low,
            has_upper=has_high,
        )

    def with_objective(self, objective: Mapping[int, int]) -> Self:
        """Return the program with another objective, of the columns named, and no constant."""
        found = np.zeros(len(self.columns), dtype=object)
        for column, value in objective.items():
            found[column] = value
        return replace(self, objective=exact_ints(found), constant=0)

    def with_costs(self, objective: Ints, constant: int) -> Self:
        """Return the program with another objective, by column."""
        return replace(self, objective=exact_ints(objective), constant=constant)

    def with_row(self, meaning: Label[RowKind], columns: Ints, values: Ints, high: int) -> Self:
        """Return the program with one more row: sum of values x columns <= high."""
        entries = Entries(np.full(len(columns), len(self.rows)), columns, exact_ints(values))
        return self.extended(entries, rows=RowBlock((meaning,), exact_ints([high])))

    def extended(
        self, *entries: Entries, columns: ColumnBlock | None = None, rows: RowBlock | None = None
    ) -> Self:
        """Return the program with more columns and rows, and entries at the end of any rows."""
        found = self if columns is None else _with_columns(self, columns)
        found = found if rows is None else _with_rows(found, rows)
        return found.with_entries(Entries(self.row_of, self.indices, self.values), *entries)

    def with_entries(self, *parts: Entries) -> Self:
        """Return the program with these entries alone; those of a row stay in order."""
        row = np.concatenate([part.rows for part in parts])
        order = np.argsort(row, kind="stable")
        return replace(
            self,
            starts=np.searchsorted(row[order], np.arange(len(self.rows) + 1)),
            indices=np.concatenate([part.columns for part in parts])[order],
            values=joined(*(part.values for part in parts))[order],
        )

    @cached_property
    def digest(self) -> str:
        """A digest of all numbers, to tie a certificate to its program."""
        made = hashlib.sha256(str(self.constant).encode())
        for part in (
            self.objective, self.lower, self.upper, self.integer, self.row_lower, self.row_upper,
            self.has_lower, self.has_upper, self.starts, self.indices, self.values,
        ):  # fmt: skip
            made.update(f"{part.dtype}{len(part)}".encode())
            made.update(repr(part.tolist()).encode() if part.dtype == object else part.tobytes())
        return "sha256:" + made.hexdigest()


def _with_columns(program: AnyProgram, more: ColumnBlock) -> AnyProgram:
    count = len(more.lower)
    return replace(
        program,
        objective=joined(program.objective, more.cost),
        lower=joined(program.lower, more.lower),
        upper=joined(program.upper, more.upper),
        integer=np.append(program.integer, np.full(count, more.integer)),
        implied=np.append(program.implied, np.ones(count, dtype=bool)),
        columns=program.columns.with_more(*more.labels),
    )


def _with_rows(program: AnyProgram, more: RowBlock) -> AnyProgram:
    count = len(more.upper)
    return replace(
        program,
        rows=program.rows.with_more(*more.labels),
        row_lower=joined(program.row_lower, np.zeros(count, dtype=np.int64)),
        row_upper=joined(program.row_upper, more.upper),
        has_lower=np.append(program.has_lower, np.zeros(count, dtype=bool)),
        has_upper=np.append(program.has_upper, np.ones(count, dtype=bool)),
    )
