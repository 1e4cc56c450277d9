"""What came from abroad in a random world, charged to channels chip by chip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.support.world_packs import LPP_LIMIT
from tests.support.worlds import HOME, TPP, F, Lot, World, tier


@dataclass(frozen=True)
class Charge:
    """A part of a lot, and the channel that it came by."""

    lot: Lot
    number: int
    accelerators: Fraction
    channel: str | None

    @property
    def amount(self) -> Fraction:
        return self.accelerators * TPP[self.lot.model]


def is_open(world: World, channel: str, owner: str, consignee: str, place: str, day: date) -> bool:
    """Tell whether a channel of the shared ledger is open to an owner, a consignee, there."""
    own = {one.name: one.headquarters for one in world.companies}
    seats = {world.root(owner).headquarters, own[owner]}
    here = tier(place, day)
    if channel == "uveu":
        return here != 3 and world.holds(owner, "uveu")
    if channel == "aia":
        return here == 1 and all(tier(one, day) == 1 for one in seats)
    if channel == "nveu":
        return here != 3 and world.holds(owner, "nveu", place)
    if channel == "lpp":
        seats |= {world.root(consignee).headquarters, own[consignee]}
        return here != 3 and all(tier(one, day) != 3 for one in seats)
    return True


def charges(world: World) -> Iterator[Charge]:
    """Return every part of a lot that came from abroad, with its channel, chip by chip."""
    numbered = [
        (number, lot)
        for number, lot in enumerate(world.lots, start=2)
        if lot.counted and lot.country not in HOME and lot.from_country != lot.country
    ]
    numbered.sort(key=lambda one: (one[1].channel is None, one[1].start or date.max, one[0]))
    spent: dict[tuple[str, int], Fraction] = {}
    dateless: dict[str, Fraction] = {}
    for number, lot in numbered:
        consignee = lot.consignee or lot.owner
        day = lot.start or date(2025, 1, 1)
        year = (world.root(consignee).name, day.year)
        left = lot.accelerators
        taken: dict[str | None, Fraction] = {}
        channel: str | None
        fixed = lot.channel or ("licence" if lot.licensed else None)
        while left > 0:
            chip = min(left, F(1))
            if fixed is not None:
                channel = fixed
            else:
                used = spent.get(year, F(0)) + dateless.get(year[0], F(0))
                roomy = lot.start is not None and used + TPP[lot.model] <= LPP_LIMIT
                names = ["uveu", "aia", "nveu", *["lpp"] * roomy]
                names += ["licence"] * (lot.licensed is not False)
                channel = next(
                    (
                        one
                        for one in names
                        if is_open(world, one, lot.owner, consignee, lot.country, day)
                    ),
                    None,
                )
            if channel == "lpp" and lot.start is None:
                dateless[year[0]] = dateless.get(year[0], F(0)) + chip * TPP[lot.model]
            if channel == "lpp" and lot.start is not None:
                spent[year] = spent.get(year, F(0)) + chip * TPP[lot.model]
            taken[channel] = taken.get(channel, F(0)) + chip
            left -= chip
        for channel, amount in taken.items():
            yield Charge(lot, number, amount, channel)
