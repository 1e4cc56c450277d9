"""The plain linear program of an instance, by its formulas: the yardstick for the planner.

It is written from the CSV files with numpy, and shares no code with the planner. Columns are in
purchase units:

    stock[s,k,t], install[s,k,t]        where a site accepts a model, from the period it opens
    left[k,t]                           delivered and not installed yet
    served[zone,line,k,t]               zone: countries that the same demand lines allow
    C[country,t], T[t]                  compute in H100-equivalents, periods that are measured
    out[s,k,t], retire[s,k,t]           where the starting fleet stands, if allowed; each unit of it
                                        once; in[s,k,t] at every site that accepts the model

The objective is in thousands of USD, power in MW, so that no coefficient is extreme. Kit that
serves nobody may be bought (`allow_dilution = true`), so no row asks what is useful.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.tables import Floats, Tables, Whole, read

USD = 1000.0
"""USD in one unit of the objective."""


@dataclass(frozen=True, slots=True)
class Plain:
    """minimize c.x with row_lower <= A x <= row_upper, lower <= x <= upper.

    `a` is a scipy csr_matrix; `integrality` is 1 for a whole number; `blocks` names the columns
    (first, one past the last).
    """

    c: Floats
    a: Any
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integrality: np.ndarray[Any, np.dtype[np.uint8]]
    blocks: dict[str, tuple[int, int]]

    @property
    def size(self) -> tuple[int, int, int]:
        """Columns, rows, nonzeros."""
        return len(self.c), len(self.row_lower), int(self.a.nnz)


def plain_program(folder: Path) -> Plain:
    """Write the program of a folder."""
    return _Writer(read(folder)).program()


class _Writer:
    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._costs: list[Floats] = []
        self._whole: list[bool] = []
        self._ends: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[Whole, Whole, Floats]] = []
        self._columns = self._rows = 0
        self.blocks: dict[str, tuple[int, int]] = {}

    def program(self) -> Plain:
        """Write all rows and columns."""
        from scipy.sparse import csr_matrix

        self._stock()
        self._supply()
        self._power()
        self._demand()
        self._shares()
        rows, columns, values = (
            np.concatenate([entry[part] for entry in self._entries]) for part in range(3)
        )
        shape = self._rows, self._columns
        whole = np.concatenate(
            [
                np.full(len(cost), kind, dtype=np.uint8)
                for cost, kind in zip(self._costs, self._whole, strict=True)
            ]
        )
        return Plain(
            c=np.concatenate(self._costs) / USD,
            a=csr_matrix((values, (rows, columns)), shape=shape),
            row_lower=np.concatenate([low for low, _ in self._ends]),
            row_upper=np.concatenate([high for _, high in self._ends]),
            lower=np.zeros(self._columns),
            upper=np.full(self._columns, np.inf),
            integrality=whole,
            blocks=self.blocks,
        )

    def _new(self, name: str, where: np.ndarray[Any, Any], usd: Any, *, whole: bool) -> Whole:
        """Add a column for each true place; give their numbers, -1 elsewhere."""
        found = np.full(where.shape, -1, dtype=np.int64)
        count = int(where.sum())
        found[where] = self._columns + np.arange(count)
        self._costs.append(np.broadcast_to(usd, where.shape)[where].astype(np.float64))
        self._whole.append(whole)
        self.blocks[name] = (self._columns, self._columns + count)
        self._columns += count
        return found

    def _new_rows(self, low: Any, high: Any, count: int) -> Whole:
        ends = [np.broadcast_to(np.asarray(end, dtype=np.float64), count) for end in (low, high)]
        self._ends.append((ends[0], ends[1]))
        self._rows += count
        return np.arange(self._rows - count, self._rows)

    def _put(self, rows: Any, columns: Whole, values: Any) -> None:
        """Add entries where there is a column; the three are broadcast to the columns' shape."""
        there = columns >= 0
        self._entries.append(
            (
                np.broadcast_to(rows, columns.shape)[there],
                columns[there],
                np.broadcast_to(values, columns.shape)[there].astype(np.float64),
            )
        )

    def _stock(self) -> None:
        """Write stock, install and what moves; the balance of stock."""
        t = self.tables
        periods = np.arange(t.periods)
        is_open = (periods >= t.opens[:, None])[:, None, :]
        stands = t.stands > 0
        assert not (stands & (t.opens > 0)[:, None]).any()
        running = t.running[:, None, :] * t.kw[None, :, None]
        exists = (t.accepts | stands)[:, :, None] & is_open
        may_come = t.accepts[:, :, None] & is_open & np.isfinite(t.price)[None]
        self.stock = self._new("stock", exists, running, whole=True)
        price = np.nan_to_num(t.price, posinf=0.0)[None]
        self.install = self._new("install", may_come, price, whole=True)
        before = np.full_like(self.stock, -1)
        before[:, :, 1:] = self.stock[:, :, :-1]
        start = np.zeros(self.stock.shape)
        start[:, :, 0] = t.stands
        row = np.full_like(self.stock, -1)
        row[exists] = self._new_rows(start[exists], start[exists], int(exists.sum()))
        self._put(row, self.stock, 1.0)
        self._put(row, before, -1.0)
        self._put(row, self.install, -1.0)
        gone: list[Whole] = []
        every = np.broadcast_to(stands[:, :, None], self.stock.shape)
        if t.retire_usd is not None:
            usd = t.retire_usd * t.unit[None, :, None]
            gone.append(self._new("retire", every, usd, whole=True))
        if t.move_usd is not None:
            gone.append(self._moves(row, every, t.move_usd))
        if gone:
            for columns in gone:
                self._put(row, columns, 1.0)
            once = np.full(stands.shape, -1, dtype=np.int64)
            once[stands] = self._new_rows(-np.inf, t.stands[stands], int(stands.sum()))
            for columns in gone:
                self._put(once[:, :, None], columns, 1.0)

    def _moves(self, row: Whole, stands: np.ndarray[Any, Any], usd: float) -> Whole:
        """Write moves: what leaves arrives in the same period; give the columns that leave."""
        t = self.tables
        leave = self._new("out", stands, usd * t.unit[None, :, None], whole=True)
        may_come = (self.install >= 0) & stands.max(axis=0, keepdims=True)
        come = self._new("in", may_come, 0.0, whole=True)
        self._put(row, come, -1.0)
        count = len(t.models) * t.periods
        same = self._new_rows(0.0, 0.0, count).reshape(len(t.models), t.periods)
        self._put(same[None], leave, 1.0)
        self._put(same[None], come, -1.0)
        if t.most_moved is not None:
            most = self._new_rows(-np.inf, t.most_moved, t.periods)
            self._put(most[None, None], leave, t.unit[None, :, None])
        return leave

    def _supply(self) -> None:
        """Write what was delivered and is not installed yet, so that no row adds up all periods."""
        t = self.tables
        left = self._new("left", np.ones(t.delivered.shape, dtype=bool), 0.0, whole=False)
        fresh = np.diff(t.delivered, axis=1, prepend=0)
        row = self._new_rows(fresh.ravel(), fresh.ravel(), fresh.size).reshape(fresh.shape)
        self._put(row[None], self.install, 1.0)
        self._put(row, left, 1.0)
        self._put(row[:, 1:], left[:, :-1], -1.0)

    def _power(self) -> None:
        t = self.tables
        row = self._new_rows(-np.inf, t.power.ravel(), t.power.size).reshape(t.power.shape)
        self._put(row[:, None, :], self.stock, t.kw[None, :, None] * t.pue[:, None, None] / 1000)

    def _demand(self) -> None:
        """Write lines, and for each zone and model that a unit serves one line at a time."""
        t = self.tables
        every = np.ones(len(t.models), dtype=bool)
        for period, lines in enumerate(t.demand):
            zones: dict[tuple[int, ...], list[int]] = {}
            for site, code in enumerate(t.country):
                key = tuple(
                    place
                    for place, line in enumerate(lines)
                    if line.countries is None or code in line.countries
                )
                zones.setdefault(key, []).append(site)
            quantities = np.array([line.quantity for line in lines])
            need = self._new_rows(quantities, np.inf, len(lines))
            for number, (key, sites) in enumerate(zones.items()):
                has = self._new_rows(-np.inf, 0.0, len(t.models))
                self._put(has[None], self.stock[sites, :, period], -1.0)
                for place in key:
                    name = f"served {period} {number} {place}"
                    served = self._new(name, every, 0.0, whole=False)
                    self._put(has, served, 1.0)
                    self._put(need[place], served, lines[place].amount)

    def _shares(self) -> None:
        """Write the totals, and 50, 25 and 7 % at each period that is measured."""
        t = self.tables
        codes = sorted(set(t.country))
        at = np.array([codes.index(code) for code in t.country])
        shape = len(codes), len(t.measured)
        totals = self._new("C", np.ones(shape, dtype=bool), 0.0, whole=False)
        whole = self._new("T", np.ones(len(t.measured), dtype=bool), 0.0, whole=False)
        of_country = self._new_rows(0.0, 0.0, totals.size).reshape(shape)
        self._put(of_country, totals, -1.0)
        stock = self.stock[:, :, list(t.measured)]
        self._put(of_country[at][:, None, :], stock, t.compute[None, :, None])
        of_all = self._new_rows(0.0, 0.0, len(whole))
        self._put(of_all, whole, -1.0)
        self._put(of_all[None], totals, 1.0)
        outside = [place for place, code in enumerate(codes) if code not in t.tier1]
        in_us = self._new_rows(0.0, np.inf, len(whole))
        self._put(in_us, totals[codes.index("US")], 1.0)
        self._put(in_us, whole, -0.5)
        abroad = self._new_rows(-np.inf, 0.0, len(whole))
        self._put(abroad[None], totals[outside], 1.0)
        self._put(abroad, whole, -0.25)
        for place in outside:
            single = self._new_rows(-np.inf, 0.0, len(whole))
            self._put(single, totals[place], 1.0)
            self._put(single, whole, -0.07)
