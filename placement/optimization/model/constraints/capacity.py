"""Capacity: each site within its power and its places, and empty once it closes.

sum over models of kW x stock[site, model, t]  <=  kW at the meter / PUE - what no plan touches
sum over models of stock[site, model, t]  <=  places - what no plan touches
stock[site, model, t]  =  0                      in the period in which the site closes
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import exact_ints, whole_numbers
from placement.lp.labels import Label
from placement.optimization.model.label_keys import SiteKey
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.site_limits import binding_limits, free_kw, free_places
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    pass


def add_capacity(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
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
                RowKind.POWER, SiteKey(name, grid.periods[t]),
                f"power in {site.country} sites", "kW", Fraction(low) / site.pue,
            )  # fmt: skip
            stock = columns.stock[groups, t]
            made.row_of(meaning, stock[drawn], needs[drawn], None, free / site.pue * low)
        for t, places in binding_limits(racks, only_last=stays):
            group = f"racks in {site.country} sites"
            meaning = Label(RowKind.RACKS, SiteKey(name, grid.periods[t]), group, "places")
            stock = columns.stock[groups, t]
            made.row_of(meaning, stock, np.ones(len(stock), dtype=np.int64), None, places)
        closes = next((t for t, one in enumerate(problem.periods) if site.closes_by(one)), None)
        if closes is not None:  # nothing comes there, so what is gone then stays away
            meaning = Label(
                RowKind.CLOSES, SiteKey(name, grid.periods[closes]),
                f"{name} closes on {site.closes}", "accelerators",
            )  # fmt: skip
            stock = columns.stock[groups, closes]
            made.row_of(meaning, stock, grid.unit()[groups], None, 0)
