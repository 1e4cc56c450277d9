"""What has left of kit that a rule counts by how it came: uncovered, or without a licence.

    departed[g, t]  =  min(what has left group g until t, what stood there of such kit)

What stands of it is a constant less `departed`: such kit leaves first. What a plan brings is
covered; what it moves has no licence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from placement.enums import ColumnKind
from placement.lp.builder import ProgramBuilder, definition_of
from placement.lp.labels import Label
from placement.lp.program import Definition
from placement.optimization.model.label_keys import GridKey
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

#: How such kit is called, beside its kind: for some day since which it came.
_What = tuple[ColumnKind, str]


@dataclass
class Departed:
    """Columns of what has left, made when a total first needs them."""

    grid: PlanSets
    made: ProgramBuilder
    columns: Variables
    _known: dict[tuple[int, int, _What], int] = field(default_factory=dict)

    def uncovered(self, t: int, group: int, value: int, since: date | None) -> dict[int, int]:
        """Return what a group adds to a total of uncovered kit, `value` per unit."""
        bare = self.grid.holdings.uncovered(self.grid.keys[group], since)
        called = "" if since is None else f"uncovered since {since} gone"
        return self._gone(t, group, value, bare, (ColumnKind.UNCOVERED_GONE, called))

    def unlicensed(self, t: int, group: int, value: int) -> dict[int, int]:
        """Return what a group adds to a total of kit without a licence, `value` per unit."""
        unlicensed = self.grid.holdings.mixed_licences(self.grid.keys[group])
        if unlicensed is None:
            coming = self.columns.move_in[group, self.columns.on_the_way(t)]
            stands = int(self.columns.stock[group, t])
            return {stands: value} | {int(one): value for one in coming if one >= 0}
        # Kit without a licence leaves first; what comes has none.
        comes = [column for table in self.columns.comes for column in table[group, : t + 1]]
        terms = {int(column): value for column in comes if column >= 0}
        what = ColumnKind.UNLICENSED_GONE, ""
        return terms | self._gone(t, group, value, unlicensed, what)

    def _gone(self, t: int, group: int, value: int, most: int, what: _What) -> dict[int, int]:
        """Return what a total loses as kit of a group leaves of which `most` are in it, first."""
        key, known = self.grid.keys[group], (t, group, what)
        unit = self.grid.problem.kits[key[1]].unit
        if known in self._known:
            return {self._known[known]: -(value // unit)}
        leaves = [column for table in self.columns.leaves for column in table[group, : t + 1]]
        gone_by = {int(column): -unit for column in leaves if column >= 0}
        if not (most and gone_by):
            return {}
        label = Label(what[0], GridKey(*key, self.grid.periods[t]), called=what[1])
        gone, meaning = self.made.column(label, most, integer=False), definition_of(label)
        rows = (
            self.made.row(meaning, {gone: 1, **gone_by}, None, 0),
            self.made.row(meaning, {gone: 1}, None, most),
        )
        limits = np.array([rows[0]]), np.array([rows[1]])
        self.made.defined.append(Definition(np.array([gone]), limits))
        self._known[known] = gone
        return {gone: -(value // unit)}
