"""Lots split over channels with room: who is first takes it.

A channel with room (the low-volume limit of a consignee's year) takes lots in the order of date and
line while it has some; what does not fit goes on to the next one, split by single accelerators.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from placement.fleet.channels import Channels, OpenChannels
from placement.fleet.classification import Classification
from placement.fleet.opening_balances import Balances
from placement.fleet.receipts import CHARGE_COLUMNS, KEYS

if TYPE_CHECKING:
    import polars as pl

#: A channel, a consignee, and the first day of a window (`date.max`: of lots without a date).
_Account = tuple[str, str, date | None]


class RoomAllocation:
    """The room of channels, and what of it lots have taken so far."""

    def __init__(self, channels: Channels, scope: Classification, balances: Balances) -> None:
        self._channels = channels
        self._scope = scope
        self._policy = scope.policy
        self._balances = balances
        self._used: defaultdict[_Account, Fraction] = defaultdict(Fraction)

    def charge(
        self, lots: pl.DataFrame, ways: Mapping[tuple[Any, ...], OpenChannels]
    ) -> pl.DataFrame:
        """Return lots charged one after another; recorded ones have their channel first."""
        import polars as pl

        in_order = lots.sort(["recorded", "day", "line"], descending=[True, False, False],
                             nulls_last=True)  # fmt: skip
        rows = [
            part
            for lot in in_order.iter_rows(named=True)
            for part in self._parts(lot, ways[tuple(lot[name] for name in KEYS)])
        ]
        schema = {name: lots.schema[name] for name in CHARGE_COLUMNS}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _parts(self, lot: Mapping[str, Any], way: OpenChannels) -> Iterator[tuple[Any, ...]]:
        """Split one lot over the channels that are open to it."""
        day: date | None = lot["day"]
        left = Fraction(lot["quantity"] * lot["unit_num"], lot["unit_den"])
        recorded = [one for one in self._channels.listed() if one.id.value == lot["wanted"]]
        whole = left
        for channel in recorded or way.roomy:
            rule = self._channels.room_rule(channel)
            metric = rule.metric if rule is not None else "tpp"
            each = self._scope.weight(lot["model"], metric).charged
            since = rule.of(self._policy.on(day)).since if rule is not None and day else None
            account = (channel.id.value, lot["consignee"], since)
            counts = day is not None and (since is None or since <= day)
            room = self._channels.room(channel, day) if day is not None and counts else None
            taken = left
            dateless = (channel.id.value, lot["consignee"], date.max)
            if not recorded and room is not None and each and rule and day:
                # What is recorded without a date may be of this window: its room is kept.
                spent = self._used[account] + self._used[dateless]
                spent += self._balances.taken(rule, lot["consignee"], self._policy.on(day))
                fits = (room - spent) // each
                taken = min(left, max(Fraction(fits), Fraction(0)))
            if taken and (counts or day is None):
                self._used[dateless if day is None else account] += taken * each
            if taken:
                yield _part(lot, channel.id.value, taken, split=taken != whole)
            left -= taken
        if left:
            yield _part(lot, lot["default"], left, split=left != whole)


def _part(
    lot: Mapping[str, Any], channel: str | None, amount: Fraction, *, split: bool
) -> tuple[Any, ...]:
    """Return a lot, or a part of it, as a row of `CHARGE_COLUMNS`."""
    changed: dict[str, Any] = {"channel": channel, "split": split}
    if split:
        changed |= {
            "quantity": amount.numerator,
            "unit_num": 1,
            "unit_den": amount.denominator,
            "line_quantity": amount.numerator,
        }
    return tuple(changed.get(name, lot[name]) for name in CHARGE_COLUMNS)
