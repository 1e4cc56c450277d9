"""Where the columns of a program are, while it is written: numbers by group and period, or -1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from placement.vocabulary import Channel

if TYPE_CHECKING:
    from placement.planner.numbers import Ints

#: (country, model, index of the period)
Into = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the grid (G x T; -1: none), and the charges into a country by channel."""

    stock: Ints
    install: Ints
    retire: Ints
    move_out: Ints
    move_in: Ints
    charge: dict[Into, dict[Channel, int]] = field(default_factory=dict)

    @property
    def comes(self) -> tuple[Ints, Ints]:
        """What raises stock."""
        return self.install, self.move_in

    @property
    def leaves(self) -> tuple[Ints, Ints]:
        """What lowers stock."""
        return self.retire, self.move_out
