"""A linear program in integers, with a table that says what each column and row means.

    minimize    constant + sum over j of objective[j] * x[j]
    subject to  row_lower[i] <= sum over j of a[i,j] * x[j] <= row_upper[i]
                lower[j] <= x[j] <= upper[j],   x[j] whole where integer[j]

All numbers are Python ints; money is in micro-units of the currency, rounded once. These integers
are the problem: solvers get a float image of it, and answers are evaluated here, exactly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Any

MICRO = 1_000_000
"""Units of the objective per unit of currency."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column or row stands for: a kind, and what it is of (site, model, country, ...).

    `group` is the name under which a row takes part in a conflict; empty: it never does, since it
    only defines what a column is. A row that is broken by v is broken by v / scale `unit`s.
    """

    kind: str
    of: tuple[str, ...] = ()
    group: str = ""
    unit: str = ""
    scale: Fraction = Fraction(1)

    def __str__(self) -> str:
        """Give `kind of a, b`."""
        return f"{self.kind} of {', '.join(self.of)}" if self.of else self.kind


@dataclass(frozen=True, slots=True)
class Defined:
    """A column whose value follows from others: the largest that all of `rows` allow.

    Every row has coefficient 1 on the column; one row with equal sides determines it.
    """

    column: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """The program; row i has the entries starts[i] to starts[i + 1] of `indices` and `values`.

    `implied[j]`: the upper bound of column j follows from rows and only helps the solver and the
    proof. `defined`: in an order in which each needs only earlier ones and decided columns.
    """

    objective: tuple[int, ...]
    constant: int
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    integer: tuple[bool, ...]
    implied: tuple[bool, ...]
    columns: tuple[Meaning, ...]
    rows: tuple[Meaning, ...]
    row_lower: tuple[int | None, ...]
    row_upper: tuple[int | None, ...]
    starts: tuple[int, ...]
    indices: tuple[int, ...]
    values: tuple[int, ...]
    defined: tuple[Defined, ...]

    @property
    def decided(self) -> list[int]:
        """The columns that a plan decides; all others follow."""
        follow = {one.column for one in self.defined}
        return [j for j in range(len(self.columns)) if j not in follow]

    def entries(self, row: int) -> Iterator[tuple[int, int]]:
        """Give (column, coefficient) of a row."""
        for at in range(self.starts[row], self.starts[row + 1]):
            yield self.indices[at], self.values[at]

    def activity(self, row: int, x: Sequence[int]) -> int:
        """Give a row's left-hand side at a point."""
        return sum(value * x[column] for column, value in self.entries(row))

    def complete(self, decided: Mapping[int, int]) -> list[int]:
        """Give the whole point that follows from the decided columns (others are 0)."""
        x = [0] * len(self.columns)
        for column, value in decided.items():
            x[column] = value
        for one in self.defined:
            x[one.column] = 0
            ends = []
            for row in one.rows:
                end = self.row_upper[row]
                if end is None:
                    raise AssertionError(f"{self.rows[row]} does not bound its column")
                ends.append(end - self.activity(row, x))
            x[one.column] = min(ends)
        return x

    def violations(self, x: Sequence[int]) -> list[tuple[int, int]]:
        """Give (row, how far it is broken): negative below its lower end, positive above."""
        found = []
        for row in range(len(self.rows)):
            at = self.activity(row, x)
            low, high = self.row_lower[row], self.row_upper[row]
            if low is not None and at < low:
                found.append((row, at - low))
            elif high is not None and at > high:
                found.append((row, at - high))
        return found

    def out_of_bounds(self, x: Sequence[int]) -> list[int]:
        """Give the columns that are outside their bounds."""
        return [j for j, value in enumerate(x) if not self.lower[j] <= value <= self.upper[j]]

    def cost(self, x: Sequence[int]) -> int:
        """Give the objective at a point, in micro-units."""
        return self.constant + sum(c * v for c, v in zip(self.objective, x, strict=True) if c)

    def is_kept(self, x: Sequence[int]) -> bool:
        """Tell whether a point keeps every row and bound."""
        return not self.out_of_bounds(x) and not self.violations(x)

    def with_bounds(self, changes: Mapping[int, tuple[int | None, int | None]]) -> Program:
        """Give the program with other ends of some rows."""
        low, high = list(self.row_lower), list(self.row_upper)
        for row, (below, above) in changes.items():
            low[row], high[row] = below, above
        return replace(self, row_lower=tuple(low), row_upper=tuple(high))

    def with_objective(self, objective: Mapping[int, int]) -> Program:
        """Give the program with another objective, of the columns named."""
        return replace(
            self,
            objective=tuple(objective.get(j, 0) for j in range(len(self.columns))),
            constant=0,
        )

    def with_row(self, meaning: Meaning, terms: Mapping[int, int], high: int) -> Program:
        """Give the program with one more row, sum of terms <= high."""
        return replace(
            self,
            rows=(*self.rows, meaning),
            row_lower=(*self.row_lower, None),
            row_upper=(*self.row_upper, high),
            starts=(*self.starts, self.starts[-1] + len(terms)),
            indices=(*self.indices, *terms),
            values=(*self.values, *terms.values()),
        )

    def digest(self) -> str:
        """Give a digest of all numbers, to tie a certificate to its program."""
        parts: tuple[Any, ...] = (
            self.objective, self.constant, self.lower, self.upper, self.integer, self.row_lower,
            self.row_upper, self.starts, self.indices, self.values,
        )  # fmt: skip
        return "sha256:" + hashlib.sha256(repr(parts).encode()).hexdigest()

    def to_pulp(self) -> Any:
        """Give the program as a `pulp.LpProblem` with opaque names x0001, r0001 (1-based).

        Solve it with any solver that PuLP speaks, or extend it. `columns[n - 1]` says what x<n>
        means, `rows[n - 1]` what r<n> means. The objective is in micro-units, without `constant`.
        """
        from placement.planner.solvers_pulp import to_pulp

        return to_pulp(self)


@dataclass
class ProgramBuilder:
    """Collects columns and rows; rational rows become integer ones here."""

    objective: list[int] = field(default_factory=list)
    lower: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    implied: list[bool] = field(default_factory=list)
    columns: list[Meaning] = field(default_factory=list)
    rows: list[Meaning] = field(default_factory=list)
    row_lower: list[int | None] = field(default_factory=list)
    row_upper: list[int | None] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    indices: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    defined: list[Defined] = field(default_factory=list)

    def column(
        self,
        meaning: Meaning,
        upper: int,
        *,
        lower: int = 0,
        cost: int = 0,
        integer: bool = True,
        implied: bool = True,
    ) -> int:
        """Add a column and give its number."""
        self.columns.append(meaning)
        self.lower.append(lower)
        self.upper.append(upper)
        self.objective.append(cost)
        self.integer.append(integer)
        self.implied.append(implied)
        return len(self.columns) - 1

    def row(
        self,
        meaning: Meaning,
        terms: Mapping[int, Fraction | int],
        low: Fraction | int | None = None,
        high: Fraction | int | None = None,
    ) -> int:
        """Add a row and give its number, scaled to the smallest integers.

        All columns take whole values, so its ends are rounded inwards. `meaning.scale` is that of
        the terms as given, and is carried along.
        """
        used = {column: Fraction(value) for column, value in sorted(terms.items()) if value}
        scale = lcm(*(value.denominator for value in used.values()))
        whole = {column: int(value * scale) for column, value in used.items()}
        divisor = gcd(*whole.values()) or 1
        factor = Fraction(scale, divisor)
        self.rows.append(replace(meaning, scale=meaning.scale * factor))
        self.row_lower.append(None if low is None else -((-low * factor) // 1))
        self.row_upper.append(None if high is None else (high * factor) // 1)
        self.indices.extend(whole)
        self.values.extend(value // divisor for value in whole.values())
        self.starts.append(len(self.indices))
        return len(self.rows) - 1

    def total(self, meaning: Meaning, terms: Mapping[int, int], constant: int = 0) -> int:
        """Add a column that is a sum of others and a constant, with the row that says so."""
        ends = [
            sorted((self.lower[column] * value, self.upper[column] * value))
            for column, value in terms.items()
        ]
        low = constant + sum(end[0] for end in ends)
        high = constant + sum(end[1] for end in ends)
        column = self.column(meaning, high, lower=low, integer=False)
        row = self.row(
            Meaning(f"definition of {meaning.kind}", meaning.of),
            {column: 1, **{other: -value for other, value in terms.items()}},
            constant,
            constant,
        )
        self.defined.append(Defined(column, (row,)))
        return column

    def build(self, constant: int = 0) -> Program:
        """Give the program."""
        names: Iterable[str] = (
            "objective", "lower", "upper", "integer", "implied", "columns", "rows", "row_lower",
            "row_upper", "starts", "indices", "values", "defined",
        )  # fmt: skip
        return Program(constant=constant, **{name: tuple(getattr(self, name)) for name in names})
