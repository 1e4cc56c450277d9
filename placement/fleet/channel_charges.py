"""The ledger: what each country received from abroad, and by which channel it is charged.

A lot is received where it stands in a country outside `home` and did not come from that country.
It is charged to the channel that its line records, else (licensed) to `licence`, else to the first
channel of the pack's list that is open to its owner there, for its model; those with room take as
much as they have (`room_allocation`). What is marked as unlicensed is never charged to `licence`,
and what no other channel takes is charged to none; a blank is charged to `licence`, unless the
option `blank_licence` says that it is unlicensed. Lots without a date are charged, but nobody knows
when: no window holds them for certain. Retiring gives nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

from placement.enums import Channel
from placement.fleet.channels import Channels, OpenChannels
from placement.fleet.classification import Classification, tally
from placement.fleet.opening_balances import NO_BALANCES, Balances
from placement.fleet.owner_groups import OwnerGroups
from placement.fleet.positions import position_of
from placement.fleet.receipts import CHARGE_COLUMNS, Receipts
from placement.fleet.room_allocation import RoomAllocation
from placement.policy import Policy, Subject
from placement.policy.pack import OpenChannel
from placement.policy.row import Measured

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class _Charged:
    """What came from abroad, and what changed hands inside a country, charged; what took turns."""

    received: pl.DataFrame
    inside: pl.DataFrame
    in_turn: pl.DataFrame


class ChannelCharges:
    """The charges of an inventory under a policy, worked out when they are asked for."""

    def __init__(
        self,
        lots: pl.DataFrame,
        companies: OwnerGroups,
        scope: Classification,
        balances: Balances = NO_BALANCES,
    ) -> None:
        """Charge every lot that was received; `lots`: of an inventory, with `forecast`."""
        self._companies = companies
        self._balances = balances
        self._scope = scope
        self._policy = scope.policy
        self._open = Channels(scope)
        self._receipts = Receipts(self._open, companies, scope)
        self._lots = lots

    @property
    def is_ordered(self) -> bool:
        """Whether the order of lots decides by which channel some came."""
        has_room = any(one.room is not None for one in self._open.listed())
        return has_room and not self._charged.in_turn.is_empty()

    @cached_property
    def charges(self) -> pl.DataFrame:
        """All charges, in order of date and line."""
        return _sorted(self._charged.received)

    def charges_to(self, channels: Iterable[Channel]) -> pl.DataFrame:
        """Return the charges to some channels, in order of date and line."""
        import polars as pl

        names = [channel.value for channel in channels]
        return _sorted(self._charged.received.filter(pl.col("channel").is_in(names)))

    def received(
        self, of: Measured, day: date, about: str, seats: frozenset[str] | None = None
    ) -> pl.DataFrame:
        """Return the charges in the window of a row up to a day, as lots by subject and place.

        `about`: whose they are (owner, consignee, all). `seats`: only those of owners with
        headquarters there. The column `undated` marks what the window may hold or not: a lot that
        was gone when the window began did not come in it.
        """
        import polars as pl

        within = pl.col("day").is_null() | (pl.col("day") <= day)
        if of.since is not None:
            gone = pl.col("end").is_not_null() & (pl.col("end") <= of.since)
            within &= (pl.col("day").is_null() & ~gone) | (pl.col("day") >= of.since)
        charges = self.charges_to(of.channels) if of.channels else self.charges
        found = charges.filter(within)
        if seats is not None:
            found = found.filter(pl.col("owner").is_in(self._companies.headquartered(seats)))
        found = found.with_columns(
            undated=pl.col("day").is_null() if of.since is not None else pl.lit(value=False)
        )
        if about == "all":
            return _charged_to(found, self._policy.answers.of("charge_by"), self._companies)
        if about == "consignee":
            return found.with_columns(subject="consignee")
        return self._to_groups(found)

    def charged(
        self, of: Measured, day: date, about: str, seats: frozenset[str] | None = None
    ) -> pl.DataFrame:
        """Return the same with the opening balances of the window, each as a lot of its own."""
        lots = self.received(of, day, about, seats)
        return self._balances.added_to(lots, of, about, day)

    def way(
        self, owner: Subject, consignee: Subject, country: str, day: date, model: str
    ) -> OpenChannels:
        """Return the channels that are open to an owner's lot in a country on a day, in order."""
        return self._open.way(owner, consignee, country, day, model)

    def home(self, day: date) -> frozenset[str]:
        """Return the countries to which nothing is exported."""
        return self._open.home(day)

    def spare(self, channel: OpenChannel, consignee: Subject, day: date) -> int | None:
        """Return what a consignee may still receive by a channel with room in the year of a day.

        In thousandths of the cap's unit; None where nothing limits it. What is planned for later
        in the year is taken off, too.
        """
        limit, rule = self._open.room(channel, day), self._open.room_rule(channel)
        if limit is None or rule is None:
            return None
        of = rule.of(self._policy.on(day))
        end = date(day.year, 12, 31) if rule.calendar_year else date.max
        fleet = position_of(self.charged(of, end, "consignee"), day).fleets.get(consignee.name, {})
        return max(0, limit - ceil(tally(fleet, self._scope, of).everywhere))

    def came_by(self, channels: Iterable[Channel]) -> pl.DataFrame:
        """Return what came, or was passed on inside a country, by channels open to it."""
        import polars as pl

        names = [channel.value for channel in channels]
        every = pl.concat([self._charged.received, self._charged.inside])
        return every.filter(pl.col("channel").is_in(names) & pl.col("open"))

    def free_by(self, channels: Iterable[Channel]) -> pl.Series:
        """Return the lines to which one of some channels is open without limit and record."""
        import polars as pl

        wanted = set(channels)
        free = [
            one
            for one in self._open.listed()
            if one.id in wanted and one.room is None and not one.by_record
        ]
        return self._receipts.lines_open_to(free, pl.concat(self._received_or_inside))

    def uncovered(self, since: date | None, until: date) -> pl.DataFrame:
        """Return what came in a window by no channel, and what changed hands inside a country so.

        As lots by owner group and place; `undated` marks what the window may hold or not.
        """
        import polars as pl

        mine = pl.col("channel").is_null()
        charged = self._charged
        found = pl.concat([charged.received.filter(mine), charged.inside.filter(mine)])
        undated = pl.col("day").is_null() if since is not None else pl.lit(value=False)
        found = _sorted(found.filter(may_be_in(since, until))).with_columns(undated=undated)
        return self._to_groups(found)

    @cached_property
    def _received_or_inside(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        return self._receipts.of(self._lots)

    @cached_property
    def _charged(self) -> _Charged:
        import polars as pl

        received, inside = self._received_or_inside
        none = received.clear()
        if self._policy.pack.ledger is None:
            received = received.with_columns(channel=pl.lit(None, pl.String))
            return _Charged(received.select(CHARGE_COLUMNS), none.select(CHARGE_COLUMNS), none)
        if not inside.is_empty():
            known, _ = self._receipts.asked(inside)
            # Nothing crosses a border: what is open to exports only, up to a limit, is no way.
            inside = known.with_columns(channel=pl.coalesce("wanted", "default"))
        inside = inside.select(CHARGE_COLUMNS)
        if received.is_empty():
            return _Charged(received.select(CHARGE_COLUMNS), inside, none)
        known, ways = self._receipts.asked(received)
        rooms = [one.id.value for one in self._open.listed() if one.room is not None]
        free = pl.col("wanted").is_null() & pl.col("roomy") & pl.col("day").is_not_null()
        takes_room = free | pl.col("wanted").is_in(rooms)
        takes_room = takes_room.fill_null(value=False)
        in_turn = known.filter(takes_room)
        direct = known.filter(~takes_room) if len(in_turn) else known
        direct = direct.with_columns(channel=pl.coalesce("wanted", "default"))
        allocation = RoomAllocation(self._open, self._scope, self._balances)
        parts = allocation.charge(in_turn, ways)
        return _Charged(pl.concat([direct.select(CHARGE_COLUMNS), parts]), inside, in_turn)

    def _to_groups(self, charges: pl.DataFrame) -> pl.DataFrame:
        """Charge the owner groups to whose totals each owner adds, else its ultimate parent."""
        import polars as pl

        groups, parents = self._companies.names, self._companies.parent_names()
        pairs = [
            (owner, group)
            for owner in charges["owner"].unique().to_list()
            for group in groups.get(owner, (parents[owner],))
        ]
        names = pl.DataFrame(pairs, {"owner": pl.String, "subject": pl.String}, orient="row")
        return charges.drop("subject").join(names, on="owner", how="left", maintain_order="left")


def may_be_in(since: date | None, until: date) -> pl.Expr:
    """Return whether a charge is in a window, or nobody knows when it came."""
    import polars as pl

    day = pl.col("day")
    begun = pl.lit(value=True) if since is None else day >= since
    return day.is_null() | (begun & (day <= until))


def countries_charged(country: str, seat: str, policy: Policy) -> frozenset[str]:
    """Return the countries to which a receipt is charged where all owners are added up."""
    found = {"location": {country}, "headquarters": {seat}, "both": {country, seat}}
    return frozenset(found[policy.answers.of("charge_by")])


def _sorted(charges: pl.DataFrame) -> pl.DataFrame:
    return charges.sort(["day", "line", "channel"], nulls_last=True)


def _charged_to(charges: pl.DataFrame, by: str, companies: OwnerGroups) -> pl.DataFrame:
    """Charge all owners together, to the country of the lot, of the headquarters, or to both."""
    import polars as pl

    everyone = charges.with_columns(subject=pl.lit("all owners"))
    if by == "location":
        return everyone
    seats = {name: one.headquarters for name, one in companies.parents.items()}
    at_home = everyone.with_columns(country=pl.col("owner").replace(seats))
    if by == "headquarters":
        return at_home
    elsewhere = at_home.filter(pl.col("country") != everyone["country"])
    return pl.concat([everyone, elsewhere])
