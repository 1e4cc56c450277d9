"""The channels of a pack's ledger: which are open to whose lot, where, on which day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from placement.enums import Channel, Counted
from placement.fleet.classification import Classification
from placement.policy import Subject
from placement.policy.pack import OpenChannel
from placement.policy.rules import CapRule
from placement.text.decimals import THOUSAND


@dataclass(frozen=True, slots=True)
class OpenChannels:
    """The channels open to a lot: those with room, in order, and the first one without, if any."""

    roomy: tuple[OpenChannel, ...]
    last: Channel | None

    def without_licence(self) -> Channel | None:
        """Return the one without room for what has no licence."""
        return None if self.last is Channel.LICENCE else self.last


class Channels:
    """The channels of a policy, in the pack's order."""

    def __init__(self, scope: Classification) -> None:
        self._scope = scope
        self._policy = scope.policy

    def way(
        self, owner: Subject, consignee: Subject, country: str, day: date, model: str
    ) -> OpenChannels:
        """Return the channels that are open to an owner's lot in a country on a day, in order.

        Those that only a record opens are not among them.
        """
        roomy: list[OpenChannel] = []
        for one in self.listed():
            if one.by_record or not self.is_open(one, owner, consignee, country, day, model):
                continue
            if one.room is None:
                return OpenChannels(tuple(roomy), one.id)
            roomy.append(one)
        return OpenChannels(tuple(roomy), None)

    def home(self, day: date) -> frozenset[str]:
        """Return the countries to which nothing is exported."""
        ledger = self._policy.pack.ledger
        return self._policy.groups_on(day)[ledger.home] if ledger is not None else frozenset()

    def room(self, channel: OpenChannel, day: date) -> int | None:
        """Return the limit of a channel with room on a day, in thousandths of its cap's unit."""
        rule = self.room_rule(channel)
        if rule is None or self._policy.not_in_force(rule, day) is not None:
            return None
        limit = rule.limit_on(day)
        return None if limit is None else int(Fraction(limit) * THOUSAND)

    def listed(self) -> Iterable[OpenChannel]:
        """Return all of them; none where the pack has no ledger."""
        return self._policy.pack.channels

    def room_rule(self, channel: OpenChannel) -> CapRule | None:
        """Return the cap whose room a channel has."""
        rule = None if channel.room is None else self._policy.rule(channel.room)
        return rule if isinstance(rule, CapRule) else None

    def is_open(
        self,
        channel: OpenChannel,
        owner: Subject,
        consignee: Subject,
        country: str,
        day: date,
        model: str,
    ) -> bool:
        """Tell whether a channel is open to an owner's lot in a country on a day."""
        groups = self._policy.groups_on(day)
        who = (owner,) if channel.room is None else (owner, consignee)
        seats = {seat for one in (owner, consignee) for seat in (one.headquarters, *one.seats)}
        is_seated = channel.seated is not None and not seats.isdisjoint(groups[channel.seated])
        if country not in groups[channel.places] and not is_seated:
            return False
        if self._scope.passes(channel, model) is not Counted.YES:
            return False
        return all(self._policy.not_open(channel.binds, one, day, country) is None for one in who)
