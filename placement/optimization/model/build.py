"""From the problem to its program: the grid, supply, moves, capacity, service, policy rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import exact_ints, whole_numbers
from placement.lp.labels import Label, LabelFamily
from placement.lp.program import MICRO, Definition, Program, StockSteps
from placement.optimization.data.existing_stock import running_costs
from placement.optimization.model.constant_cost import constant_costs
from placement.optimization.model.constraints.channels import add_receipts
from placement.optimization.model.constraints.commitments import add_budgets, add_commitments
from placement.optimization.model.constraints.demand import add_service
from placement.optimization.model.constraints.overfull import add_overfull
from placement.optimization.model.constraints.rules import add_policy_rows
from placement.optimization.model.credit.binding_shares import binding_rows
from placement.optimization.model.credit.served_alone import Fleet
from placement.optimization.model.credit.share_credit import Credits
from placement.optimization.model.credit.zones import Alone
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.site_limits import binding_limits, free_kw, free_places
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Floats, Ints


def build(
    grid: PlanSets, law: RuleInstances, kept_from: date, alone: Mapping[Alone, Fleet]
) -> Program:
    """Write the program in which every rule is kept from a day on, and not worse before.

    `alone`: what the untouched fleet serves (`alone.served_alone`), by the denominators of which
    only useful kit counts.
    """
    writer = _Writer(grid)
    made, columns = writer.made, writer.columns
    _supply(grid, made, columns)
    _moves(grid, made, columns)
    add_receipts(grid, law, made, columns)
    _capacity(grid, made, columns)
    add_overfull(grid, made, columns)
    add_commitments(grid, made, columns)
    add_budgets(grid, made, columns)
    credited = {at: one for at, one in binding_rows(grid, law).items() if at in alone}
    service = add_service(grid, made, columns, credited)
    credit = Credits(grid, made, columns, service)
    add_policy_rows(grid, law, made, columns, credit, kept_from, credited, alone)
    return made.build(sum(constant_costs(grid).values()))


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of change of stock: its sign, the most units (G x T), and cost (G x T)."""

    name: str
    sign: int
    most: Ints
    cost: Ints
    is_implied: bool = True


class _Writer:
    """Writes the columns of the grid and the rows that define stock."""

    def __init__(self, grid: PlanSets) -> None:
        self.grid = grid
        self.made = ProgramBuilder()
        self._axes = (grid.sites, grid.models, grid.periods)
        found = {kind.name: self._add(kind) for kind in self._kinds()}
        most = grid.most
        # What the columns of a row alone allow it, less than 0 where kit may leave in many periods:
        # a proof moves the price of a bound of stock to those of the changes, and loses nothing.
        ways = (found["retire"] >= 0).astype(np.int64) + (found["move_out"] >= 0)
        least = grid.start[:, None] * (1 - np.cumsum(ways, axis=1))
        stock = self._family(
            "stock", np.ones(most.shape, dtype=bool), most, least, running_of(grid)
        )
        self.columns = Variables(
            stock, found["install"], found["retire"], found["move_out"], found["move_in"],
            grid.problem.transit_periods,
        )  # fmt: skip
        self._define()
        self._leaving()

    def _kinds(self) -> list[_Kind]:
        grid, problem = self.grid, self.grid.problem
        start = np.where(grid.may_leave, grid.start[:, None], 0)
        none, moving = np.zeros_like(start), np.where(grid.may_move, start, 0)
        retire, moves = problem.retire_usd, problem.moves
        return [
            _Kind("install", 1, grid.install, purchases_of(grid)),
            _Kind(
                "retire", -1, none if retire is None else start, prices_of(grid, retire), False
            ),
            _Kind(
                "move_out", -1, moving,
                prices_of(grid, moves.usd_per_accelerator if moves else None), False,
            ),
            _Kind("move_in", 1, grid.move_in, none),
        ]  # fmt: skip

    def _add(self, kind: _Kind) -> Ints:
        there = kind.most > 0
        return self._family(kind.name, there, kind.most, None, kind.cost, kind.is_implied)

    def _family(
        self,
        name: str,
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
                LabelFamily(name, self._axes, at),
                most[there],
                lower=None if least is None else least[there],
                cost=cost[there],
                integer=name != "stock",
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
                LabelFamily("definition of stock", names, at),
                there.sum(axis=1), table[there], values[there], low=ends, high=ends,
            )  # fmt: skip
            self.made.defined.append(Definition(stock, (rows[:, t],)))
            before = stock
        changes = (
            ("install", 1, columns.install), ("retire", -1, columns.retire),
            ("move_out", -1, columns.move_out), ("move_in", 1, arrives),
        )  # fmt: skip
        self.made.steps = StockSteps(
            columns.stock, grid.start, changes, rows, grid.site, _price_of_use(grid)
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
                LabelFamily("leaving", self._axes[:2], at),
                counts[several],
                table[several][part],
                np.ones(int(part.sum()), dtype=np.int64),
                high=self.grid.start[several],
            )


def purchases_of(grid: PlanSets) -> Ints:
    """Return the price of a unit by group and period, discounted, in micro-units."""
    problem, factors = grid.problem, grid.factors
    found = np.zeros((len(grid.models), len(factors)), dtype=object)
    for place, model in enumerate(grid.models):
        price = Fraction(0)
        rows = {one.t: one for one in problem.deliveries.get(model, ())}
        for t, factor in enumerate(factors):
            price = rows[t].unit_usd if t in rows else price
            found[place, t] = round(price * problem.kits[model].unit * factor * MICRO)
    return _grid_of(found)[grid.model]


def prices_of(grid: PlanSets, usd: Fraction | None) -> Ints:
    """Return a price per accelerator as one of a unit by group and period, discounted."""
    found = np.zeros((len(grid.models), len(grid.periods)), dtype=object)
    for t, factor in enumerate(grid.factors):
        for place, model in enumerate(grid.models):
            unit = grid.problem.kits[model].unit
            found[place, t] = round((usd or Fraction(0)) * unit * factor * MICRO)
    return _grid_of(found)[grid.model]


def running_of(grid: PlanSets) -> Ints:
    """Return what a unit costs to run by group and period, discounted, in micro-units.

    Of IT power (kW) times the price of a kW at the site; halves are rounded up.
    """
    problem = grid.problem
    kw, low = whole_numbers([problem.kits[m].kw * problem.kits[m].unit for m in grid.models])
    by_day, by_month = zip(
        *(running_costs(problem.sites[name]) for name in grid.sites), strict=True
    )
    days, day_scale = whole_numbers(list(by_day))
    months, month_scale = whole_numbers(list(by_month))
    factors, high = whole_numbers([factor * MICRO for factor in grid.factors])
    each = np.stack(
        [
            factors[t] * (days * month_scale * one.days + months * day_scale * one.months)
            for t, one in enumerate(problem.periods)
        ],
        axis=1,
    )
    scale = low * high * day_scale * month_scale
    twice = kw[grid.model][:, None] * each[grid.site] * 2 + scale
    return _grid_of(twice // (2 * scale))


def _price_of_use(grid: PlanSets) -> Floats:
    """Return what a group costs bought first and run throughout, by its computing power (or kW)."""
    cost = purchases_of(grid)[:, 0].astype(float) + running_of(grid).astype(float).sum(axis=1)
    kits = [grid.problem.kits[model] for model in grid.models]
    use = np.array([float(kit.unit * (kit.mtpp or kit.kw)) for kit in kits])[grid.model]
    found: Floats = cost / np.maximum(use, 1e-9)
    return found


def _grid_of(values: Ints) -> Ints:
    """Narrow a table of integers where 64 bits hold them."""
    return exact_ints(values.ravel()).reshape(values.shape)


def _supply(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
    """Keep what is bought until a period within what is delivered; all of it where it is placed."""
    problem = grid.problem
    last = len(grid.periods) - 1
    for place, model in enumerate(grid.models):
        of_model = grid.model == place
        unit, before = problem.kits[model].unit, None
        rows = problem.deliveries.get(model, ())
        for t, period in enumerate(grid.periods):
            units = int(grid.delivered[place, t])
            rest = Fraction(sum(one.quantity for one in rows if one.t <= t), unit) - units
            installs = columns.install[of_model, t]
            terms = installs[installs >= 0]
            if not len(terms) and before is None and not units:
                continue
            values = np.ones(len(terms), dtype=np.int64)
            if before is not None:
                terms, values = np.append(terms, before), np.append(values, 1)
            must = problem.place == "every_period" or (problem.place == "by_end" and t == last)
            bought = made.total_of(Label("bought", (model, period)), terms, values, most=units)
            scale = Fraction(1, unit)
            if must and units:
                group = f"every delivery of {model} is placed"
                meaning = Label("place", (model, period), group, "accelerators", scale)
                made.row(meaning, {bought: 1}, units, None)
            if len(terms):
                group = f"supply of {model}"
                meaning = Label("supply", (model, period), group, "accelerators", scale, rest)
                made.row(meaning, {bought: 1}, None, units)
            before = bought


def _moves(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
    """Tie arrivals to departures, and limit the accelerators moved in a period."""
    moves = grid.problem.moves
    if moves is None:
        return
    units = grid.unit()
    for t, period in enumerate(grid.periods):
        out, into = columns.move_out[:, t], columns.move_in[:, t]
        for place, model in enumerate(grid.models):
            of_model = grid.model == place
            leaving, arriving = out[of_model & (out >= 0)], into[of_model & (into >= 0)]
            if len(leaving) or len(arriving):
                signs = [np.ones(len(leaving), np.int64), -np.ones(len(arriving), np.int64)]
                made.row_of(
                    Label("moves", (model, period)),
                    np.concatenate([leaving, arriving]), np.concatenate(signs), 0, 0,
                )  # fmt: skip
            if moves.transit_periods:
                _elsewhere(made, (model, period), out[of_model], into[of_model])
        there = out >= 0
        if moves.most is not None and there.any():
            when = f" in {period}" if len(grid.periods) > 1 else ""
            group = f"at most {moves.most} accelerators moved{when}"
            meaning = Label("move_limit", (period,), group, "accelerators")
            made.row_of(meaning, out[there], units[there], None, moves.most)


def _elsewhere(made: ProgramBuilder, of: tuple[str, str], out: Ints, into: Ints) -> None:
    """Let nothing move to where it stood: what comes to a site is no more than leaves the others.

    Otherwise kit would go off, at the price of a move, without going anywhere.
    """
    both = (out >= 0) & (into >= 0)
    if not both.any():
        return
    leaving = out[out >= 0]
    moved = made.total_of(Label("moved", of), leaving, np.ones(len(leaving), dtype=np.int64))
    for there, here in zip(out[both].tolist(), into[both].tolist(), strict=True):
        made.row(Label("elsewhere", of), {there: 1, here: 1, moved: -1}, None, 0)


def _capacity(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
    """Keep each site within its power and places; an overfull one receives nothing anyway.

    Where the limit of a site falls below what stands there, kit has to leave.
    """
    problem = grid.problem
    kw, low = whole_numbers([problem.kits[m].kw * problem.kits[m].unit for m in grid.models])
    for place, name in enumerate(grid.sites):
        groups = np.flatnonzero(grid.site == place)
        if not len(groups):
            continue
        site = problem.sites[name]
        needs = exact_ints(kw[grid.model[groups]])
        drawn = needs != 0
        stays = not any((table[groups] >= 0).any() for table in columns.leaves)
        powers, racks = free_kw(grid, site), free_places(grid, site)
        for t, free in binding_limits(powers, only_last=stays):
            meaning = Label(
                "power", (name, grid.periods[t]), f"power in {site.country} sites", "kW",
                Fraction(low) / site.pue,
            )  # fmt: skip
            stock = columns.stock[groups, t]
            made.row_of(meaning, stock[drawn], needs[drawn], None, free / site.pue * low)
        for t, places in binding_limits(racks, only_last=stays):
            group = f"racks in {site.country} sites"
            meaning = Label("racks", (name, grid.periods[t]), group, "places")
            stock = columns.stock[groups, t]
            made.row_of(meaning, stock, np.ones(len(stock), dtype=np.int64), None, places)
        closes = next((t for t, one in enumerate(problem.periods) if site.closes_by(one)), None)
        if closes is not None:  # nothing comes there, so what is gone then stays away
            meaning = Label(
                "closes", (name, grid.periods[closes]), f"{name} closes on {site.closes}",
                "accelerators",
            )  # fmt: skip
            stock = columns.stock[groups, closes]
            made.row_of(meaning, stock, grid.unit()[groups], None, 0)
