"""The credit of a share row: what its limit is a share of, where kit has to be useful to count.

    numerator <= limit x (credit + surplus inside)
    credit + surplus of all places <= T
    credit <= what serves or is committed + what the untouched fleet leaves idle

A surplus is idle kit beyond what the untouched fleet leaves idle (`surplus`). So a row has all of T
but the surplus outside its numerator (for a floor, a ceiling on the rest: outside the rest): inside
it only raises the share.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import Label
from placement.lp.program import Definition
from placement.optimization.model.constraints.demand import NO_DILUTION, Service
from placement.optimization.model.credit.binding_shares import Binding, frees
from placement.optimization.model.credit.served_alone import Fleet
from placement.optimization.model.credit.surplus import Surplus, SurplusColumns
from placement.optimization.model.credit.zones import Alone, Whole, sites_in, weight
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables
from placement.policy import Row


@dataclass
class Credits:
    """Credits by period and denominator, and the surplus beside them."""

    grid: PlanSets
    made: ProgramBuilder
    columns: Variables
    service: Service
    _inside: dict[Alone, dict[tuple[object, ...], frozenset[str]]] = field(default_factory=dict)
    _surplus: dict[Alone, list[Surplus]] = field(default_factory=dict)

    def add(self, at: Alone, binding: Binding, total: int, alone: Fleet) -> None:
        """Add the credit of a denominator, `total` the column of all that is planned in it.

        Credit leaves the constants out, as the total does: with K of them and T0 of the untouched
        fleet in all, credit + K <= useful + (T0 + K - what the untouched fleet serves).
        """
        t, whole = at
        problem, made = self.grid.problem, self.made
        there = sites_in(problem, whole)
        each = {model: weight(problem, model, whole[0]) for model in self.grid.models}
        start = sum(
            self.grid.holdings.planned_start(key) * each[key[1]]
            for key in self.grid.holdings.starts
            if key[0] in there
        )
        terms = {
            one.column: -each[one.model]
            for one in self.columns.served
            if one.t == t and one.zone.sites <= there
        }
        terms |= {
            one.column: -each[one.model]
            for one in self.service.committed
            if one.t == t and one.sites <= there
        }
        surplus = SurplusColumns(
            self.grid, made, self.columns, self.service, at, binding, alone
        ).added()
        of = (whole[0], ";".join(sorted(whole[1])), self.grid.periods[t])
        most = int(made.most(np.array([total]))[0])
        low = min(0, start - alone.serves)
        credit = made.column(Label(ColumnKind.CREDIT, of), most, lower=low, integer=False)
        below = made.row(
            Label(RowKind.CREDIT_TOTAL, of),
            {credit: 1, total: -1, **{one.column: 1 for one in surplus}},
            None,
            0,
        )
        meaning = Label(RowKind.CREDIT_USEFUL, of, NO_DILUTION)
        useful = made.row(meaning, {credit: 1, **terms}, None, start - alone.serves)
        limits = np.array([below]), np.array([useful])
        made.defined.append(Definition(np.array([credit]), limits))
        self.columns.credit[at], self._surplus[at] = credit, surplus
        self._inside[at] = {
            _name(held.row): sites for held, sites in zip(binding.rows, binding.inside, strict=True)
        }

    def of(self, t: int, whole: Whole, row: Row) -> list[int] | None:
        """Return the columns that add up to a row's credit; None: it has all of the total."""
        at, problem = (t, whole), self.grid.problem
        sites = self._inside.get(at, {}).get(_name(row))
        if sites is None:
            return None
        return [
            self.columns.credit[at],
            *(
                one.column
                for one in self._surplus[at]
                if one.sites <= sites
                and not any(frees(problem, model, row) for model in one.models)
            ),
        ]


def _name(row: Row) -> tuple[object, ...]:
    return row.rule, row.place, row.day
