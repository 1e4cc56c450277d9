"""Which commitments ask for an action, and which lines of demand it serves.

An action is made by a commitment, or since a site closes, where that would not hold without it. A
line is served by what is bought only as far as what stands there already does not do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import RowKind
from placement.lp.labels import Label
from placement.optimization.data.records import Demand
from placement.optimization.model.credit.zones import zones_of
from placement.optimization.model.label_keys import SiteKey
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.sets import PlanSets
from placement.optimization.results.decisions import Decisions

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

#: A change of stock from a period on: the group, the period, and units.
Change = tuple[int, int, Fraction]


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row asks of stock in a period: what there is to spare below and above, if limited."""

    kind: RowKind
    name: str
    t: int
    below: int | None
    above: int | None
    values: dict[int, int]


_ROOMS = (RowKind.POWER, RowKind.RACKS)
_ASKS = (RowKind.COMMITMENT, RowKind.CLOSES)


def _name(meaning: Label[RowKind]) -> str:
    """Return how a reason calls a row: the limits of a site by the site."""
    if meaning.kind in _ROOMS:
        return f"{meaning.name} of {meaning.key(SiteKey).site}"
    return meaning.group


class Asking:
    """The rows of a plan that say what has to stand, or must not."""

    def __init__(self, program: PlanProgram, x: Ints) -> None:
        self._rows: list[_Row] = []
        stock = program.variables.stock
        at = {int(column): (group, t) for (group, t), column in np.ndenumerate(stock)}
        for row in program.rows.of_kind(*_ASKS, *_ROOMS).tolist():
            entries = [
                (at[column], value) for column, value in program.entries(row) if column in at
            ]
            if not entries:
                continue
            low, high = program.ends(row)
            stands = program.activity(row, x)
            self._rows.append(
                _Row(
                    program.rows[row].kind,
                    _name(program.rows[row]),
                    entries[0][0][1],
                    None if low is None else stands - low,
                    None if high is None else high - stands,
                    {group: value for (group, _), value in entries},
                )
            )

    def without(self, changes: Iterable[Change]) -> list[str]:
        """Return what would not hold if an action were undone, which changes stock like that."""
        return self._broken(changes, _ASKS)

    def room_for(self, changes: Iterable[Change]) -> list[str]:
        """Return the limits of sites that would not hold if an action were undone."""
        return self._broken(changes, _ROOMS)

    def _broken(self, changes: Iterable[Change], kinds: tuple[RowKind, ...]) -> list[str]:
        made = list(changes)
        found = []
        for row in self._rows:
            if row.kind not in kinds:
                continue
            more = sum(
                row.values.get(group, 0) * units for group, since, units in made if since <= row.t
            )
            lacks = row.below is not None and row.below + more < 0
            if lacks or (row.above is not None and more > row.above):
                found.append(row.name)
        return list(dict.fromkeys(found))


class Serving:
    """Which lines need what is bought, by zone, model and period."""

    def __init__(self, grid: PlanSets, decided: Decisions, asking: Asking) -> None:
        self._problem = problem = grid.problem
        self._zones = [
            {name: zone.name for zone in zones_of(problem, t) for name in zone.sites}
            for t in range(len(problem.periods))
        ]
        self._lines: dict[tuple[int, str, str], list[Demand]] = {}
        #: Of each pool: what serves beyond what stood there without what is bought.
        self._beyond: dict[tuple[int, str, str], int] = {}
        #: What was bought, and no commitment asks for.
        self._free: dict[tuple[int, str, str], int] = {}
        for one, count in decided.served:
            pool = one.t, one.zone.name, one.model
            self._lines.setdefault(pool, []).append(problem.demands[one.line])
            self._beyond[pool] = self._beyond.get(pool, 0) + count
        self._stand(grid, decided, asking)

    def lines(self, site: str, model: str, t: int, *, asked: bool) -> list[str]:
        """Return the lines that need what is bought for a site in a period, from then on.

        Those of the first period that has some. What a commitment asks for serves last.
        """
        for u in range(t, len(self._problem.periods)):
            zone = self._zones[u].get(site)
            pool = u, zone or "", model
            if zone is None or self._beyond.get(pool, 0) <= asked * self._free.get(pool, 0):
                continue
            period = self._problem.periods[t].name  # an action says its period itself
            return [line.label_in(period) for line in self._lines[pool]]
        return []

    def _stand(self, grid: PlanSets, decided: Decisions, asking: Asking) -> None:
        """Take off what stood before from what serves, and tell what is bought freely."""
        bought = decided.install
        until, unit = np.cumsum(bought, axis=1), grid.unit()
        free = bought.copy()
        for group, t in np.argwhere(bought).tolist():
            if asking.without([(group, t, -Fraction(int(bought[group, t])))]):
                free[group, t] = 0
        free = np.cumsum(free, axis=1)
        for t, zones in enumerate(self._zones):
            for (name, model), count in grid.holdings.idle(t).items():
                self._serves((t, zones.get(name, ""), model), count)
            for group, (name, model) in enumerate(grid.keys):
                pool, each = (t, zones.get(name, ""), model), int(unit[group])
                before = int(decided.stock[group, t]) - int(until[group, t])
                self._serves(pool, before * each)
                self._free[pool] = self._free.get(pool, 0) + int(free[group, t]) * each

    def _serves(self, pool: tuple[int, str, str], count: int) -> None:
        if pool in self._beyond:
            self._beyond[pool] -= count
