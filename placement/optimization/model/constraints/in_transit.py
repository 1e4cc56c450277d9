"""What is on its way, where a rule's numerator counts it at both ends (`transit = "both"`).

What is on its way counts at its destination from its departure, which is all that a denominator
has. A numerator of at most so much has more: what left its places for others and has not arrived.
One of at least so much has less: what comes to its places from others. With

    inside = what leaves its places, or leaves for them, whichever is less, by model and period

that is the one, or the other, without `inside`. So kit counts once that moves within the places of
a numerator, which is where as much of it as can be is taken to move.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind
from placement.lp.builder import ProgramBuilder, definition_of
from placement.lp.labels import Label
from placement.lp.program import Definition
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass
class Away:
    """Columns of what is on its way, made when a row first needs them."""

    grid: PlanSets
    made: ProgramBuilder
    columns: Variables
    _inside: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = field(default_factory=dict)

    def terms(
        self, t: int, leaves: Ints, comes: Ints, each: Ints, *, floor: bool
    ) -> dict[int, int]:
        """Return what a numerator has more in a period; less than 0 for a floor.

        `leaves`: the groups of its places whose kit counts; `comes`: those to which it may come.
        `each`: what a unit of each model weighs.
        """
        found: dict[int, int] = {}
        on_the_way = range(len(self.grid.periods))[self.columns.on_the_way(t)]
        for place, model in enumerate(self.grid.models):
            weight = int(each[place]) * (-1 if floor else 1)
            of_model = self.grid.model == place
            for u in on_the_way:
                out = self._there(self.columns.move_out[:, u], leaves[of_model[leaves]])
                into = self._there(self.columns.move_in[:, u], comes[of_model[comes]])
                counted = into if floor else out
                found |= dict.fromkeys(counted.values(), weight)
                if out and into:
                    inside = self._inside_of(out, into, (model, self.grid.periods[u]))
                    found[inside] = -weight
        return found

    def _there(self, columns: Ints, groups: Ints) -> dict[int, int]:
        """Return the columns of some groups, by group."""
        return {group: int(columns[group]) for group in groups.tolist() if columns[group] >= 0}

    def _inside_of(self, out: dict[int, int], into: dict[int, int], of: tuple[str, str]) -> int:
        """Return the column of what moves inside: the least of some sums.

        Nothing moves to where it stood, so what leaves one site goes to the others, or comes from
        them to it.
        """
        known = tuple(out.values()), tuple(into.values())
        if known in self._inside:
            return self._inside[known]
        made, names = self.made, (*of, str(len(self._inside) + 1))
        ends = [list(out.values()), list(into.values())]
        for group in sorted(out.keys() & into.keys()):
            sums = ends[0] + ends[1]
            ends.append([one for one in sums if one not in (out[group], into[group])])
        most = min(int(made.most(np.array(part)).sum()) for part in ends[:2])
        moved = Label(ColumnKind.MOVED_INSIDE, names)
        column, meaning = made.column(moved, most, integer=False), definition_of(moved)
        rows = [made.row(meaning, {column: 1, **dict.fromkeys(end, -1)}, None, 0) for end in ends]
        made.defined.append(Definition(np.array([column]), tuple(np.array([row]) for row in rows)))
        self._inside[known] = column
        return column
