"""Writing a program: single columns and rows, and whole families of them as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.exact_arrays import exact_ints, joined, product, total
from placement.lp.labels import Label, LabelFamily, Labels
from placement.lp.program import Definition, Program, StockSteps

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

ColumnLabel = Label[ColumnKind]
RowLabel = Label[RowKind]


@dataclass
class _Pieces:
    """Numbers collected in pieces: lists of single ones, and arrays."""

    done: list[Ints] = field(default_factory=list)
    open: list[int] = field(default_factory=list)

    def extend(self, values: Ints) -> None:
        self._close()
        self.done.append(values)

    def _close(self) -> None:
        if self.open:
            self.done.append(exact_ints(self.open))
            self.open = []

    def array(self) -> Ints:
        self._close()
        if not self.done:
            return np.zeros(0, dtype=np.int64)
        return joined(*self.done)


class _Grown:
    """An array that grows at its end."""

    def __init__(self) -> None:
        self._array: Ints = np.zeros(1024, dtype=np.int64)
        self._count = 0

    def extend(self, values: Ints) -> None:
        end = self._count + len(values)
        if end > len(self._array):
            self._array = np.resize(self._array, max(end, 2 * len(self._array)))
        if values.dtype == object and self._array.dtype != object:
            self._array = self._array.astype(object)
        self._array[self._count : end] = values
        self._count = end

    def at(self, places: Ints) -> Ints:
        return self._array[places]


class _Ends:
    """The lower and upper ends of rows, as far as they have them."""

    def __init__(self) -> None:
        self.low, self.high, self.has_low, self.has_high = (_Pieces() for _ in range(4))

    def add(self, low: Fraction | int | None, high: Fraction | int | None) -> None:
        """Add the ends of a row, rounded inwards."""
        self.low.open.append(0 if low is None else -(-low // 1))
        self.high.open.append(0 if high is None else high // 1)
        self.has_low.open.append(low is not None)
        self.has_high.open.append(high is not None)

    def extend(self, count: int, low: Ints | None, high: Ints | None) -> None:
        """Add those of some rows."""
        none, all_ = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int64)
        self.low.extend(none if low is None else low)
        self.high.extend(none if high is None else high)
        self.has_low.extend(none if low is None else all_)
        self.has_high.extend(none if high is None else all_)


class ProgramBuilder:
    """Collects columns and rows; rational rows become integer ones here."""

    def __init__(self) -> None:
        self.columns: list[LabelFamily[ColumnKind] | ColumnLabel] = []
        self.rows: list[LabelFamily[RowKind] | RowLabel] = []
        self.defined: list[Definition] = []
        self.steps: StockSteps | None = None
        self.column_count = self.row_count = 0
        self._objective, self._lower, self._upper = _Pieces(), _Pieces(), _Pieces()
        self._integer, self._implied = _Pieces(), _Pieces()
        self._ends = _Ends()
        self._sizes, self._indices, self._values = _Pieces(), _Pieces(), _Pieces()
        #: Bounds of all columns so far, for those of totals.
        self._least, self._most = _Grown(), _Grown()

    def column(
        self,
        meaning: ColumnLabel,
        upper: int,
        *,
        lower: int = 0,
        cost: int = 0,
        integer: bool = True,
        implied: bool = True,
    ) -> int:
        """Add a column and give its number."""
        self.columns.append(meaning)
        for pieces, value in (
            (self._objective, cost), (self._lower, lower), (self._upper, upper),
            (self._integer, integer), (self._implied, implied),
        ):  # fmt: skip
            pieces.open.append(value)
        self._least.extend(exact_ints([lower]))
        self._most.extend(exact_ints([upper]))
        self.column_count += 1
        return self.column_count - 1

    def family(
        self,
        names: LabelFamily[ColumnKind],
        upper: Ints,
        *,
        lower: Ints | None = None,
        cost: Ints | None = None,
        integer: bool = True,
        implied: bool = True,
    ) -> Ints:
        """Add a family of columns and give their numbers."""
        count = len(names)
        zeros = np.zeros(count, dtype=np.int64)
        low = zeros if lower is None else lower
        price = zeros if cost is None else cost
        self.columns.append(names)
        self._objective.extend(price)
        self._lower.extend(low)
        self._upper.extend(upper)
        self._integer.extend(np.full(count, integer, dtype=np.int64))
        self._implied.extend(np.full(count, implied, dtype=np.int64))
        self._least.extend(low)
        self._most.extend(upper)
        self.column_count += count
        return np.arange(self.column_count - count, self.column_count)

    def most(self, columns: Ints) -> Ints:
        """Return the upper bounds of some columns."""
        return self._most.at(columns)

    def row(
        self,
        meaning: RowLabel,
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
        self._indices.open.extend(whole)
        self._values.open.extend(value // divisor for value in whole.values())
        return self._ended(meaning, Fraction(scale, divisor), low, high, len(whole))

    def row_of(
        self,
        meaning: RowLabel,
        columns: Ints,
        values: Ints,
        low: Fraction | int | None = None,
        high: Fraction | int | None = None,
    ) -> int:
        """Add a row of integer entries given as arrays; otherwise as `row`."""
        divisor = _gcd(values)
        self._indices.extend(columns)
        self._values.extend(values // divisor)
        return self._ended(meaning, Fraction(1, divisor), low, high, len(columns))

    def _ended(
        self,
        meaning: RowLabel,
        factor: Fraction,
        low: Fraction | int | None,
        high: Fraction | int | None,
        size: int,
    ) -> int:
        """Write the ends of a row whose entries are written, times a factor; give its number."""
        cut = meaning.cut * factor + _cut(low, high, factor)
        self.rows.append(replace(meaning, scale=meaning.scale * factor, cut=cut))
        self._ends.add(*(None if end is None else end * factor for end in (low, high)))
        self._sizes.open.append(size)
        self.row_count += 1
        return self.row_count - 1

    def row_family(
        self,
        names: LabelFamily[RowKind],
        sizes: Ints,
        indices: Ints,
        values: Ints,
        *,
        low: Ints | None = None,
        high: Ints | None = None,
    ) -> Ints:
        """Add a family of rows, one after another: row i has the next sizes[i] entries."""
        count = len(names)
        self.rows.append(names)
        self._ends.extend(count, low, high)
        self._sizes.extend(sizes)
        self._indices.extend(indices)
        self._values.extend(values)
        self.row_count += count
        return np.arange(self.row_count - count, self.row_count)

    def total(
        self,
        meaning: ColumnLabel,
        terms: Mapping[int, int],
        constant: int = 0,
        *,
        most: int | None = None,
    ) -> int:
        """Add a column that is a sum of others and a constant, with the row that says so.

        `most`: an upper bound that is known to hold, beside that of the sum.
        """
        columns = np.array(list(terms), dtype=np.int64)
        return self.total_of(meaning, columns, exact_ints(terms.values()), constant, most=most)

    def total_of(
        self,
        meaning: ColumnLabel,
        columns: Ints,
        values: Ints,
        constant: int = 0,
        *,
        most: int | None = None,
    ) -> int:
        """Add a total of columns given as arrays."""
        ends = product(self._least.at(columns), values), product(self._most.at(columns), values)
        low = constant + total(np.minimum(*ends))
        high = constant + total(np.maximum(*ends))
        if most is not None:
            high = min(high, most)
        column = self.column(meaning, high, lower=low, integer=False)
        row = self.row_of(
            definition_of(meaning),
            np.append(column, columns),
            np.append(np.ones(1, dtype=np.int64), -values),
            constant,
            constant,
        )
        self.defined.append(Definition(np.array([column]), (np.array([row]),)))
        return column

    def build(self, constant: int = 0) -> Program:
        """Return the program."""
        return Program(
            objective=exact_ints(self._objective.array()),
            constant=constant,
            lower=exact_ints(self._lower.array()),
            upper=exact_ints(self._upper.array()),
            integer=self._integer.array().astype(bool),
            implied=self._implied.array().astype(bool),
            columns=Labels(self.columns),
            rows=Labels(self.rows),
            row_lower=exact_ints(self._ends.low.array()),
            row_upper=exact_ints(self._ends.high.array()),
            has_lower=self._ends.has_low.array().astype(bool),
            has_upper=self._ends.has_high.array().astype(bool),
            starts=np.concatenate([[0], np.cumsum(self._sizes.array())]).astype(np.int64),
            indices=self._indices.array().astype(np.int64),
            values=exact_ints(self._values.array()),
            defined=tuple(self.defined),
            steps=self.steps,
        )


def definition_of(meaning: ColumnLabel) -> RowLabel:
    """Return the label of a row that defines a column."""
    return Label(RowKind.DEFINITION, meaning.of, called=f"definition of {meaning.name}")


def _gcd(values: Ints) -> int:
    if not len(values):
        return 1
    if values.dtype == object:
        return gcd(*values.tolist()) or 1
    return int(np.gcd.reduce(values)) or 1


def _cut(low: Fraction | int | None, high: Fraction | int | None, factor: Fraction) -> Fraction:
    """Return what rounding the one end of a row inwards takes."""
    if high is not None:
        return Fraction(high * factor) % 1
    return Fraction(0) if low is None else Fraction(-low * factor) % 1
