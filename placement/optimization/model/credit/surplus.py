"""Surplus: kit that stands idle by a plan's doing, where it only raises a share.

The surplus of some models at a place is at most what is idle there, and at most

    what is bought there + displaced

`displaced` is kit that was there and has no work, since others serve what it served: of what a row
has inside, at most what the untouched fleet could not serve without it. One choice of what serves
is behind all rows. A place is sites in one zone that the same rows have inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import Label
from placement.optimization.data.existing_stock import Key
from placement.optimization.model.constraints.demand import Service
from placement.optimization.model.credit.binding_shares import Binding, frees
from placement.optimization.model.credit.committed import Committed
from placement.optimization.model.credit.served_alone import Fleet
from placement.optimization.model.credit.zones import Alone, sites_in, weight
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Ints


@dataclass(frozen=True, slots=True)
class Surplus:
    """A column: thousandths of some models at some sites."""

    column: int
    sites: frozenset[str]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Zone:
    """Sites whose kit serves the same lines, and the constant accelerators there by model."""

    number: int | None
    sites: frozenset[str]
    fixed: Mapping[Key, int]


class SurplusColumns:
    """The columns of surplus of a denominator in a period, and what limits them."""

    def __init__(
        self,
        grid: PlanSets,
        made: ProgramBuilder,
        columns: Variables,
        service: Service,
        at: Alone,
        binding: Binding,
        alone: Fleet,
    ) -> None:
        self._grid, self._made, self._columns = grid, made, columns
        self._binding, self._alone = binding, alone
        self._t, self._whole = at
        problem, metric = grid.problem, self._whole[0]
        self._zones = service.zones[self._t]
        self._each = {model: weight(problem, model, metric) for model in grid.models}
        #: The thousandths of a unit of each group, 0 outside the denominator.
        each = np.array([self._each[model] for model in grid.models], dtype=object)
        there = grid.in_sites(sites_in(problem, self._whole))
        self._size: Ints = exact_ints((grid.unit() * each[grid.model] * there).tolist())
        comes = (columns.install[:, : self._t + 1] >= 0).any(axis=1)
        self._bought: Bools = np.asarray(comes & np.asarray(self._size != 0))
        self._served = [one for one in columns.served if one.t == self._t]
        self._committed = [one for one in service.committed if one.t == self._t]
        self._displaced: list[Surplus] = []

    def added(self) -> list[Surplus]:
        """Add them to the program, and return them."""
        holdings, grid = self._grid.holdings, self._grid
        sides = self._binding.sides
        zone_of = {name: number for number, zone in enumerate(self._zones) for name in zone.sites}
        serving, present = holdings.idle(self._t), holdings.present(self._t)
        names = {key[0] for key, count in present.items() if count} | set(grid.sites)
        found: dict[int | None, dict[tuple[object, ...], set[str]]] = {}
        for name in sorted(names & sites_in(grid.problem, self._whole)):
            alike, zone = tuple(name in side for side in sides), zone_of.get(name)
            if any(alike):
                # What serves nobody is told apart by site.
                key = alike if zone is not None else (*alike, name)
                found.setdefault(zone, {}).setdefault(key, set()).add(name)
        made: list[Surplus] = []
        for number, by_key in found.items():
            places = [frozenset(one) for one in by_key.values()]
            if number is not None:
                made += self._in_zone(_Zone(number, self._zones[number].sites, serving), places)
                continue
            for one in places:
                made += self._in_zone(_Zone(None, one, present), [one])
        for side, most in self._alone.needs.items():
            terms = {one.column: 1 for one in self._displaced if one.sites <= side}
            if terms:
                meaning = Label(RowKind.DISPLACED_NEEDED, self._of(self._made.row_count))
                self._made.row(meaning, terms, None, most)
        return made

    def _of(self, number: int, *more: str) -> tuple[str, ...]:
        """Return the words of a name; `number` tells alike ones apart."""
        return (self._whole[0], *more, str(number), self._grid.periods[self._t])

    def _in_zone(self, zone: _Zone, places: Sequence[frozenset[str]]) -> list[Surplus]:
        """Add the surplus at some places of a zone, by models that may be told apart.

        Models of which nothing but purchases stands in the zone are one.
        """
        grid = self._grid
        old = {model for (name, model), n in zone.fixed.items() if n and name in zone.sites}
        old |= {model for _, model in grid.holdings.starts}
        comes = np.bincount(
            grid.model[self._bought & grid.in_sites(frozenset().union(*places))],
            minlength=len(grid.models),
        )
        classes: dict[object, list[str]] = {}
        for number, model in enumerate(grid.models):
            if self._each[model] and (comes[number] or model in old):
                key = model if model in old else self._freed(model)
                classes.setdefault(key, []).append(model)
        found: list[Surplus] = []
        for models in classes.values():
            of_models = self._of_models(models)
            mine = [
                one
                for sites in places
                for one in [self._at_place(zone, sites, models, of_models)]
                if one is not None
            ]
            if not mine:
                continue
            kept = [one for one in self._committed if one.zone == zone.number]
            kept = [one for one in kept if one.model in models and one.sites <= zone.sites]
            self._limit(zone, zone.sites, models, of_models, mine, kept, served=True)
            for one in mine:
                inside = [other for other in kept if other.sites <= one.sites]
                if inside and one.sites != zone.sites:
                    self._limit(zone, one.sites, models, of_models, [one], inside, served=False)
            found += mine
        return found

    def _of_models(self, models: Sequence[str]) -> Bools:
        grid = self._grid
        of_models: Bools = np.array([model in models for model in grid.models])[grid.model]
        return of_models

    def _at_place(
        self, zone: _Zone, sites: frozenset[str], models: Sequence[str], of_models: Bools
    ) -> Surplus | None:
        """Add the surplus of some models at a place, None where there can be none."""
        grid, made = self._grid, self._made
        groups = grid.in_sites(sites) & of_models & self._bought
        most = 0
        if any(self._was_there(zone, sites, model) for model in models):
            needs = self._alone.needs
            most = min(needs.get(side, 0) for side in self._binding.sides if sites <= side)
        if not most and not groups.any():
            return None
        countries = sorted({grid.problem.sites[name].country for name in sites})
        of = self._of(made.column_count, ";".join(countries), ";".join(models))
        units = made.most(self._columns.stock[groups, self._t]).tolist()
        room = sum(a * b for a, b in zip(units, self._size[groups].tolist(), strict=True))
        column = made.column(Label(ColumnKind.SURPLUS, of), room + most, integer=False)
        one = Surplus(column, sites, tuple(models))
        terms = {column: 1, **self._purchases(groups)}
        if most and groups.any():
            old = made.column(Label(ColumnKind.DISPLACED, of), most, integer=False)
            self._displaced.append(Surplus(old, sites, tuple(models)))
            terms[old] = -1
        elif most:
            self._displaced.append(one)
        if groups.any():
            made.row(Label(RowKind.SURPLUS_BOUGHT, of), terms, None, 0)
        return one

    def _was_there(self, zone: _Zone, sites: frozenset[str], model: str) -> bool:
        """Tell whether kit of the untouched fleet may stand at some sites."""
        there = (n for (name, of), n in zone.fixed.items() if of == model and name in sites)
        starts = self._grid.holdings.starts
        return any(there) or any(of == model and name in sites for name, of in starts)

    def _freed(self, model: str) -> tuple[bool, ...]:
        """Tell for each rule that frees models whether it frees this one."""
        rows = {held.row.of.tested_by: held.row for held in self._binding.rows}
        return tuple(frees(self._grid.problem, model, row) for row in rows.values())

    def _purchases(self, groups: Bools) -> dict[int, int]:
        """Return the negative of what is bought in some groups by now, in thousandths."""
        columns = self._columns
        comes = (columns.move_in >= 0).any(axis=1) | (self._grid.start > 0)
        tables = columns.stock[:, self._t : self._t + 1]
        if (groups & comes).any():
            tables = columns.install[:, : self._t + 1]
        at, t = np.nonzero((tables >= 0) & groups[:, None])
        return dict(zip(tables[at, t].tolist(), (-self._size[at]).tolist(), strict=True))

    def _limit(
        self,
        zone: _Zone,
        sites: frozenset[str],
        models: Sequence[str],
        of_models: Bools,
        surplus: Sequence[Surplus],
        kept: Sequence[Committed],
        *,
        served: bool,
    ) -> None:
        """Keep the surplus of a zone within what is idle; at some sites, what is not committed."""
        terms = {one.column: 1 for one in surplus}
        if served and zone.number is not None:
            name = self._zones[zone.number].name
            terms |= {
                one.column: self._each[one.model]
                for one in self._served
                if one.zone.name == name and one.model in models
            }
        terms |= {one.column: self._each[one.model] for one in kept}
        groups = self._grid.in_sites(sites) & of_models & (self._size != 0)
        stock = self._columns.stock[groups, self._t].tolist()
        terms |= {
            column: -each for column, each in zip(stock, self._size[groups].tolist(), strict=True)
        }
        constant = sum(
            count * self._each[model]
            for (name, model), count in zone.fixed.items()
            if model in models and name in sites
        )
        of = self._of(self._made.row_count, ";".join(models))
        meaning = Label(RowKind.SURPLUS_IDLE, of)
        self._made.row(meaning, terms, None, constant)
