"""Sites that hold more than their limit and may be emptied: what comes only comes within it.

    need x stock[t]  <=  free + (need x start - free) (1 - within[t])
    what has come until t  <=  most x within[t]

`within` is 1 in the periods until which something has come to the site, one for each limit. What
stands above the limit may stay as long as nothing comes; from then on it is a site like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import exact_ints, total, whole_numbers
from placement.lp.labels import Label
from placement.lp.program import Definition, Program
from placement.optimization.data.records import Site
from placement.optimization.model.label_keys import SiteKey
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


def shut(program: Program) -> Program | None:
    """Return the program in which nothing comes to those sites; None where there are none.

    A point of it is one of the program, and is found sooner where there are many sites.
    """
    within = program.columns.of_kind(ColumnKind.WITHIN_LIMIT)
    if not len(within):
        return None
    upper = program.upper.copy()
    upper[within] = 0
    return replace(program, upper=upper)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit of a site in a period: what a unit of each group needs, and what is free, emptied.

    `scale`: of the needs, in the unit that is said.
    """

    t: int
    kind: RowKind
    unit: str
    needs: Ints
    free: Fraction
    scale: Fraction = Fraction(1)


def add_overfull(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
    """Write the rows of the sites above their limit that a plan may empty."""
    for name in grid.holdings.emptied:
        groups = np.flatnonzero(grid.site == grid.sites.index(name))
        site = grid.problem.sites[name]
        for one in _limits(grid, site, groups):
            _add(grid, made, columns, site, groups, one)


def _limits(grid: PlanSets, site: Site, groups: Ints) -> Iterator[_Limit]:
    holdings, kits = grid.holdings, grid.problem.kits
    kits_of = [kits[grid.models[model]] for model in grid.model[groups]]
    kw, low = whole_numbers([kit.kw * kit.unit for kit in kits_of])
    for t in range(len(grid.periods)):
        power, racks = site.power_in(t), site.racks_in(t)
        if site.name in holdings.loads.overpowered[t] and power is not None:
            free = (power - holdings.constant_kw(site.name, t)) / site.pue * low
            yield _Limit(t, RowKind.POWER, "kW", exact_ints(kw), free, Fraction(low) / site.pue)
        if site.name in holdings.loads.overracked[t] and racks is not None:
            free = Fraction(racks - holdings.constant_racks(site.name, t))
            yield _Limit(t, RowKind.RACKS, "places", np.ones(len(groups), dtype=np.int64), free)


def _add(
    grid: PlanSets, made: ProgramBuilder, columns: Variables, site: Site, groups: Ints, one: _Limit
) -> None:
    """Write one limit of a period, where something may have come until then."""
    comes = [table[groups, : one.t + 1] for table in (columns.install, columns.arrives)]
    come = np.concatenate([table[table >= 0] for table in comes])
    if not len(come):
        return
    of = SiteKey(site.name, grid.periods[one.t])
    coming = np.any([(table >= 0).any(axis=1) for table in comes], axis=0)
    most, least = total(made.most(come)), int(min(one.needs[coming].tolist()))
    if least:  # what comes only leaves with what stood, so it fits
        most = min(most, max(0, int(one.free // least)))
    if not most:
        made.row_of(Label(RowKind.COMES, (*of, one.kind.value)), come, np.ones_like(come), None, 0)
        return
    within = made.column(Label(ColumnKind.WITHIN_LIMIT, (*of, one.kind.value)), 1, implied=False)
    row = made.row_of(
        Label(RowKind.COMES_WITHIN_LIMIT, (*of, one.kind.value)),
        np.append(come, within), np.append(np.ones(len(come), dtype=np.int64), -most), None, 0,
    )  # fmt: skip
    made.defined.append(Definition(np.array([within]), (np.array([row]),), exact_ints([most])))
    held = Fraction(total(one.needs * grid.start[groups]))
    over = max(0, -((one.free - held) // 1))
    used = one.needs != 0
    meaning = Label(
        one.kind, of, f"{one.kind.value} in {site.country} sites", one.unit, one.scale
    )  # fmt: skip
    made.row_of(
        meaning,
        np.append(columns.stock[groups, one.t][used], within),
        exact_ints(np.append(one.needs[used].astype(object), over)),
        None,
        one.free + over,
    )
