"""Variables: where the columns of a program are, while it is written (-1: there is none).

    stock[g, t]     units of group g = (site, model) that stand in period t
    install[g, t]   units bought for it, on the first day of t
    retire[g, t]    units that leave for good
    move_out[g, t]  units that leave for another site
    move_in[g, t]   units that have left another site for this one
    charge[country, model, channel, t]  accelerators that come into a country by a channel
    served[line, zone, model, t]  accelerators of a model in a zone that serve a line
    whole[t, denominator], credit[t, denominator]  totals, in thousandths

All are integers; a unit is a purchase unit (a server, a rack).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import Channel
from placement.optimization.model.credit.zones import Alone, Zone

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

#: (country, model, index of the period)
Into = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Served:
    """One column: accelerators of a model in a zone that serve a line (by its place)."""

    column: int
    t: int
    line: int
    zone: Zone
    model: str


@dataclass(frozen=True, slots=True)
class Variables:
    """The columns of the grid (G x T; -1: none), and all others by what they are of.

    `move_in` is by the period in which it leaves; it raises stock `transit` periods later.
    `received`: the rows that the charges into a country cover. `place_of_total`: the place of each
    column that is the total of one.
    """

    stock: Ints
    install: Ints
    retire: Ints
    move_out: Ints
    move_in: Ints
    transit: int = 0
    charge: dict[Into, dict[Channel, int]] = field(default_factory=dict)
    received: dict[Into, list[int]] = field(default_factory=dict)
    served: list[Served] = field(default_factory=list)
    whole: dict[Alone, int] = field(default_factory=dict)
    credit: dict[Alone, int] = field(default_factory=dict)
    place_of_total: dict[int, str] = field(default_factory=dict)

    @property
    def arrives(self) -> Ints:
        """What moves in, by the period in which it arrives."""
        return later(self.move_in, self.transit, none=-1)

    def on_the_way(self, t: int) -> slice:
        """Return the periods of departure of what is on its way in a period."""
        return slice(max(0, t + 1 - self.transit), t + 1)

    @property
    def comes(self) -> tuple[Ints, Ints]:
        """What raises stock, now or later."""
        return self.install, self.move_in

    @property
    def leaves(self) -> tuple[Ints, Ints]:
        """What lowers stock."""
        return self.retire, self.move_out


def later(table: Ints, periods: int, *, none: int) -> Ints:
    """Return a table by period, so many periods later; `none` is in the first ones."""
    found = np.full_like(table, none)
    found[..., periods:] = table[..., : table.shape[-1] - periods]
    return found
