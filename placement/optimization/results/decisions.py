"""What a point of the program decides: read off the solver's point once, for all results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import Channel
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.model.variables import Into, Served

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class Decisions:
    """Purchase units by group and period (G x T), accelerators that serve, and charges.

    `served`: what serves a line at all, in the order of periods and zones. `charges`: the
    accelerators that may come into a country by each channel, in the ledger's order.
    """

    stock: Ints
    install: Ints
    retire: Ints
    move_out: Ints
    move_in: Ints
    served: tuple[tuple[Served, int], ...]
    charges: Mapping[Into, Mapping[Channel, int]]


def decisions_of(program: PlanProgram, x: Ints) -> Decisions:
    """Return what a whole-unit point of a program decides."""

    def units(columns: Ints) -> Ints:
        return np.where(columns >= 0, x[np.maximum(columns, 0)], 0)

    made = program.variables
    return Decisions(
        stock=x[made.stock],
        install=units(made.install),
        retire=units(made.retire),
        move_out=units(made.move_out),
        move_in=units(made.move_in),
        served=tuple((one, int(x[one.column])) for one in made.served if x[one.column]),
        charges={
            into: {channel: int(x[column]) for channel, column in columns.items()}
            for into, columns in made.charge.items()
        },
    )
