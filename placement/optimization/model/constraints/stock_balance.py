"""Stock balance: what stands is what stood, and what came, without what left.

    stock[t] = stock[t-1] + install[t] + arrivals[t] - retire[t] - move_out[t],   stock[-1] = start
    sum over t of (retire[t] + move_out[t])  <=  start

for each (site, model), in purchase units; what is moved arrives `transit_periods` later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import LabelFamily
from placement.lp.program import Definition, StockSteps
from placement.optimization.model.label_keys import GridKey, StockKey
from placement.optimization.model.prices import price_of_use, prices_of, purchases_of, running_of
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Ints


def add_stock(grid: PlanSets, made: ProgramBuilder) -> Variables:
    """Write the columns of the sets and the rows that define stock; return the columns."""
    return _StockWriter(grid, made).columns


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of change of stock: its sign, the most units (G x T), and cost (G x T)."""

    kind: ColumnKind
    sign: int
    most: Ints
    cost: Ints
    is_implied: bool = True


class _StockWriter:
    """Writes the columns of the grid and the rows that define stock."""

    def __init__(self, grid: PlanSets, made: ProgramBuilder) -> None:
        self.grid, self.made = grid, made
        self._axes = (grid.sites, grid.models, grid.periods)
        found = {kind.kind: self._add(kind) for kind in self._kinds()}
        most = grid.most
        # What the columns of a row alone allow it, less than 0 where kit may leave in many periods:
        # a proof moves the price of a bound of stock to those of the changes, and loses nothing.
        ways = (found[ColumnKind.RETIRE] >= 0).astype(np.int64) + (found[ColumnKind.MOVE_OUT] >= 0)
        least = grid.start[:, None] * (1 - np.cumsum(ways, axis=1))
        stock = self._family(
            ColumnKind.STOCK, np.ones(most.shape, dtype=bool), most, least, running_of(grid)
        )
        self.columns = Variables(
            stock, found[ColumnKind.INSTALL], found[ColumnKind.RETIRE], found[ColumnKind.MOVE_OUT],
            found[ColumnKind.MOVE_IN], grid.problem.transit_periods,
        )  # fmt: skip
        self._define()
        self._leaving()

    def _kinds(self) -> list[_Kind]:
        grid, problem = self.grid, self.grid.problem
        start = np.where(grid.may_leave, grid.start[:, None], 0)
        none, moving = np.zeros_like(start), np.where(grid.may_move, start, 0)
        retire, moves = problem.retire_usd, problem.moves
        return [
            _Kind(ColumnKind.INSTALL, 1, grid.install, purchases_of(grid)),
            _Kind(
                ColumnKind.RETIRE, -1, none if retire is None else start,
                prices_of(grid, retire), False,
            ),
            _Kind(
                ColumnKind.MOVE_OUT, -1, moving,
                prices_of(grid, moves.usd_per_accelerator if moves else None), False,
            ),
            _Kind(ColumnKind.MOVE_IN, 1, grid.move_in, none),
        ]  # fmt: skip

    def _add(self, kind: _Kind) -> Ints:
        there = kind.most > 0
        return self._family(kind.kind, there, kind.most, None, kind.cost, kind.is_implied)

    def _family(
        self,
        kind: ColumnKind,
        there: Bools,
        most: Ints,
        least: Ints | None,
        cost: Ints,
        is_implied: bool = True,
    ) -> Ints:
        """Add a column wherever there is one, and give their numbers (-1: none)."""
        found = np.full(there.shape, -1, dtype=np.int64)
        group, t = np.nonzero(there)
        if len(group):
            at = np.stack([self.grid.site[group], self.grid.model[group], t], axis=1)
            found[group, t] = self.made.family(
                LabelFamily(kind, GridKey, self._axes, at),
                most[there],
                lower=None if least is None else least[there],
                cost=cost[there],
                integer=kind is not ColumnKind.STOCK,
                implied=is_implied,
            )
        return found

    def _define(self) -> None:
        """Write stock[t] = stock[t-1] + what comes - what leaves; before the first, what stands."""
        columns, grid = self.columns, self.grid
        signs = np.array([1, -1, -1, 1, 1, -1])  # of stock, the stock before, and the changes
        arrives = columns.arrives
        rows, names = np.zeros_like(columns.stock), self._axes
        before = np.full(len(grid.start), -1, dtype=np.int64)
        for t in range(len(grid.periods)):
            stock = columns.stock[:, t]
            table = np.stack(
                [
                    stock, before, columns.install[:, t], columns.retire[:, t],
                    columns.move_out[:, t], arrives[:, t],
                ],
                axis=1,
            )  # fmt: skip
            values = np.broadcast_to(signs, table.shape)
            there = table >= 0
            at = np.stack([grid.site, grid.model, np.full(len(stock), t)], axis=1)
            ends = grid.start if t == 0 else np.zeros_like(grid.start)
            rows[:, t] = self.made.row_family(
                LabelFamily(RowKind.DEFINITION, GridKey, names, at, "definition of stock"),
                there.sum(axis=1), table[there], values[there], low=ends, high=ends,
            )  # fmt: skip
            self.made.defined.append(Definition(stock, (rows[:, t],)))
            before = stock
        changes = (
            (ColumnKind.INSTALL, 1, columns.install), (ColumnKind.RETIRE, -1, columns.retire),
            (ColumnKind.MOVE_OUT, -1, columns.move_out), (ColumnKind.MOVE_IN, 1, arrives),
        )  # fmt: skip
        self.made.steps = StockSteps(
            columns.stock, grid.start, changes, rows, grid.site, price_of_use(grid)
        )

    def _leaving(self) -> None:
        """Let no more leave than stands there from the beginning."""
        table = np.concatenate(self.columns.leaves, axis=1)
        there = table >= 0
        counts = there.sum(axis=1)
        several = counts > 1
        if several.any():
            at = np.stack([self.grid.site[several], self.grid.model[several]], axis=1)
            part = there[several]
            self.made.row_family(
                LabelFamily(RowKind.LEAVING, StockKey, self._axes[:2], at),
                counts[several],
                table[several][part],
                np.ones(int(part.sum()), dtype=np.int64),
                high=self.grid.start[several],
            )
