"""Moves: what arrives has left, elsewhere, and no more moves in a period than may.

sum over sites of move_out[site, model, t]  =  sum over sites of move_in[site, model, t]
sum of accelerators x move_out[t]  <=  the most that may be moved in a period
move_in[site]  <=  sum of move_out at other sites         (where moves take periods)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, RowKind
from placement.lp.builder import ProgramBuilder
from placement.lp.labels import Label
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


def add_moves(grid: PlanSets, made: ProgramBuilder, columns: Variables) -> None:
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
                    Label(RowKind.MOVES, (model, period)),
                    np.concatenate([leaving, arriving]), np.concatenate(signs), 0, 0,
                )  # fmt: skip
            if moves.transit_periods:
                _elsewhere(made, (model, period), out[of_model], into[of_model])
        there = out >= 0
        if moves.most is not None and there.any():
            when = f" in {period}" if len(grid.periods) > 1 else ""
            group = f"at most {moves.most} accelerators moved{when}"
            meaning = Label(RowKind.MOVE_LIMIT, (period,), group, "accelerators")
            made.row_of(meaning, out[there], units[there], None, moves.most)


def _elsewhere(made: ProgramBuilder, of: tuple[str, str], out: Ints, into: Ints) -> None:
    """Let nothing move to where it stood: what comes to a site is no more than leaves the others.

    Otherwise kit would go off, at the price of a move, without going anywhere.
    """
    both = (out >= 0) & (into >= 0)
    if not both.any():
        return
    leaving = out[out >= 0]
    moved = made.total_of(
        Label(ColumnKind.MOVED, of), leaving, np.ones(len(leaving), dtype=np.int64)
    )
    for there, here in zip(out[both].tolist(), into[both].tolist(), strict=True):
        made.row(Label(RowKind.ELSEWHERE, of), {there: 1, here: 1, moved: -1}, None, 0)
