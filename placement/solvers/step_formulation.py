"""A program with steps in place of stock: the parts of it, in floats, and its columns by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placement.lp.exact_arrays import add, product, total
from placement.lp.scaling import Scaling, floats
from placement.solvers.highs_arrays import Model
from placement.solvers.sparse import by_column, gather, ramp, weigh

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Floats, Ints
    from placement.lp.program import Program, StockSteps
    from placement.solvers.sparse import Entries


@dataclass(frozen=True, slots=True)
class StepFormulation:
    """The program without its stock, scaled by `image`; a step is a column that changes stock.

    `couples`: the rows that stay, all that bind but those that define stock, and `row_at` the place
    of each among them. `column`, `group`, `period` and `sign` are by step; `others` are the columns
    that are neither stock nor step. `standing`: every row's left-hand side where nothing is done,
    and all else is 0; `standing_cost`: what that costs. `cost` is by column of the program.
    """

    program: Program
    stock: StockSteps
    image: Scaling
    couples: Bools
    row_at: Ints
    column: Ints
    group: Ints
    period: Ints
    sign: Ints
    others: Ints
    cost: Floats
    standing: Ints
    standing_cost: int
    of_stock: Entries
    of_step: Entries
    of_other: Entries

    @classmethod
    def of(cls, program: Program) -> StepFormulation:
        """Take a program apart."""
        stock, size = program.steps, len(program.columns)
        if stock is None:
            raise AssertionError("a program without stock has no steps")
        image = Scaling.of(program)
        couples = program.has_lower | program.has_upper
        couples[stock.rows.ravel()] = False
        row_at = np.cumsum(couples) - 1
        tables = [table for _, _, table in stock.changes]
        groups = [np.nonzero(table >= 0) for table in tables]
        column = np.concatenate([table[table >= 0] for table in tables])
        is_other = np.ones(size, dtype=bool)
        is_other[stock.stock.ravel()] = is_other[column] = False
        others = np.flatnonzero(is_other)
        scales = image.rows[program.row_of] + image.columns[program.indices]
        values, rows = floats(program.values, scales), row_at[program.row_of]

        def entries(columns: Ints) -> Entries:
            at = np.full(size, -1)
            at[columns] = np.arange(len(columns))
            return by_column(at, couples[program.row_of], program.indices, rows, values)

        x = np.zeros(size, dtype=np.int64)
        x[stock.stock] = stock.start[:, None]
        return cls(
            program, stock, image, couples, row_at, column,
            group=np.concatenate([group for group, _ in groups]),
            period=np.concatenate([period for _, period in groups]),
            sign=np.repeat([s for _, s, _ in stock.changes], [len(g) for g, _ in groups]),
            others=others,
            cost=floats(program.objective, image.columns + image.cost),
            standing=program.activities(x),
            standing_cost=total(product(program.objective, x)),
            of_stock=entries(stock.stock.ravel()),
            of_step=entries(column),
            of_other=entries(others),
        )  # fmt: skip

    def row_ends(self) -> tuple[Floats, Floats]:
        """Return the ends of the rows that couple, from what stands; those there are not, too."""
        program, rows = self.program, np.flatnonzero(self.couples)
        low, high = (
            floats(add(ends[rows], -self.standing[rows]), self.image.rows[rows])
            for ends in (program.row_lower, program.row_upper)
        )
        return low, high

    def without_steps(self) -> Model:
        """Return the rows that couple, with the columns that are no steps."""
        program, others = self.program, self.others
        low, high = self.row_ends()
        scale = -self.image.columns[others]
        free = ~program.decides[others]
        return Model(
            self.cost[others],
            floats(program.lower[others], scale),
            np.where(free, np.inf, floats(program.upper[others], scale)),
            np.zeros(len(others), dtype=bool),
            np.where(program.has_lower[self.couples], low, -np.inf),
            np.where(program.has_upper[self.couples], high, np.inf),
            *self.of_other,
        )

    def reduced_costs(self, duals: Floats, *, costs: bool) -> Floats:
        """Return the reduced cost of every step; `costs` False: with an objective of zero."""
        stock, at = self.stock.stock, self.cost if costs else np.zeros_like(self.cost)
        of_stock = at[stock.ravel()] - weigh(self.of_stock, duals)
        own = at[self.column] - weigh(self.of_step, duals)
        later = _from_then_on(of_stock.reshape(stock.shape))
        found: Floats = own + self.sign * later[self.group, self.period]
        return found

    def costs(self, steps: Ints) -> Floats:
        """Return what some steps cost: themselves, and the stock that they add."""
        later = _from_then_on(self.cost[self.stock.stock])
        own: Floats = self.cost[self.column[steps]]
        return own + self.sign[steps] * later[self.group[steps], self.period[steps]]

    def entries(self, steps: Ints) -> Entries:
        """Return the entries of some steps in the rows that couple.

        A step is in the rows of its stock from its period on, and in those of its own.
        """
        periods, each = self.stock.stock.shape[1], np.arange(len(steps))
        group, t = self.group[steps], self.period[steps]
        lasts = periods - t
        stock = np.repeat(group * periods + t, lasts) + ramp(lasts)
        signs = np.repeat(self.sign[steps], lasts)
        parts = [
            gather(self.of_stock, stock, np.repeat(each, lasts), signs),
            gather(self.of_step, steps, each, np.ones(len(steps), dtype=int)),
        ]
        step, row, value = (np.concatenate(piece) for piece in zip(*parts, strict=True))
        order = np.lexsort((row, step))
        step, row, value = step[order], row[order], value[order]
        new = np.ones(len(step), dtype=bool)
        new[1:] = (step[1:] != step[:-1]) | (row[1:] != row[:-1])
        value = np.add.reduceat(value, np.flatnonzero(new))
        step, row = step[new], row[new]
        return np.searchsorted(step, np.arange(len(steps) + 1)), row, value

    def point(self, others: Floats, steps: Floats) -> Floats:
        """Return the point of the program, in its units, where the scaled columns have values."""
        program, stock = self.program, self.stock
        x = np.zeros(len(program.columns))
        x[self.others] = np.ldexp(others, self.image.columns[self.others])
        x[self.column] = steps
        change = np.zeros(stock.stock.shape)
        for _, sign, columns in stock.changes:
            change += sign * np.where(columns >= 0, x[np.maximum(columns, 0)], 0.0)
        x[stock.stock] = stock.start[:, None] + np.cumsum(change, axis=1)
        return x


def _from_then_on(by_period: Floats) -> Floats:
    """Return the sums over each period and all later ones, by group."""
    found: Floats = np.cumsum(by_period[:, ::-1], axis=1)[:, ::-1]
    return found
