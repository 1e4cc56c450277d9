"""Supply: what is bought until a period is no more than what is delivered until then.

bought[model, t] = bought[model, t-1] + sum over sites of install[site, model, t]
bought[model, t]  <=  delivered[model, t]        (in purchase units)
bought[model, t]  >=  delivered[model, t]        where all that is delivered has to be placed
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import Label
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    pass


def add_supply(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
    """Keep what is bought until a period within what is delivered; all of it where it is placed."""
    problem = grid.problem
    last = len(grid.periods) - 1
    for place, model in enumerate(grid.models):
        of_model = grid.model == place
        unit, before = problem.kits[model].unit, None
        rows = problem.deliveries.get(model, ())
        for t, period in enumerate(grid.periods):
            units = int(grid.delivered[place, t])
            rest = Fraction(sum(row.quantity for row in rows if row.t <= t), unit) - units
            installs = columns.install[of_model, t]
            terms = installs[installs >= 0]
            if not len(terms) and before is None and not units:
                continue
            values = np.ones(len(terms), dtype=np.int64)
            if before is not None:
                terms, values = np.append(terms, before), np.append(values, 1)
            must = problem.place == "every_period" or (problem.place == "by_end" and t == last)
            bought = made.total_of(
                Label(ColumnKind.BOUGHT, (model, period)), terms, values, most=units
            )
            scale = Fraction(1, unit)
            if must and units:
                group = f"every delivery of {model} is placed"
                meaning = Label(RowKind.PLACE, (model, period), group, "accelerators", scale)
                made.row(meaning, {bought: 1}, units, None)
            if len(terms):
                group = f"supply of {model}"
                meaning = Label(RowKind.SUPPLY, (model, period), group, "accelerators", scale, rest)
                made.row(meaning, {bought: 1}, None, units)
            before = bought
