"""All totals of a run: for each kind of row, who has how much where, and from which lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from placement.enums import Counted, Measure
from placement.fleet.channel_charges import ChannelCharges
from placement.fleet.classification import Classification, Tally, Weight, tally
from placement.fleet.lot_selection import LotSelection, Selected
from placement.fleet.opening_balances import NO_BALANCES, OPENING, Balances
from placement.fleet.owner_groups import OwnerGroups
from placement.fleet.positions import Fleet, Timeline, position_of
from placement.fleet.provenance import Provenance, heaviest_lines
from placement.policy import Measured, Row
from placement.policy.rules import RuleOnTotals

if TYPE_CHECKING:
    import polars as pl

    from placement.readers.tables.shipments import Shipment
    from placement.readers.tables.sites import Sites


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What every subject has under one kind of row on a day; `undated`: perhaps, perhaps not.

    One is equal to itself only, so that what is worked out of it can be kept by it.
    """

    fleets: Mapping[str, Fleet]
    undated: Mapping[str, Fleet] = field(default_factory=dict)

    @classmethod
    def of(cls, lots: pl.DataFrame, day: date) -> Account:
        """Sum up some lots."""
        import polars as pl

        if "undated" not in lots.columns:
            return cls(position_of(lots, day).fleets)
        dated = position_of(lots.filter(~pl.col("undated")), day)
        return cls(dated.fleets, position_of(lots.filter("undated"), day).fleets)

    @property
    def subjects(self) -> list[str]:
        """Everyone who has anything."""
        return sorted({*self.fleets, *self.undated})

    def tally(self, subject: str, scope: Classification, of: Measured) -> Tally:
        """Weigh what a subject has."""
        return tally(self.fleets.get(subject, {}), scope, of, self.undated.get(subject))


class FleetTotals:
    """The accounts of a run, worked out when a rule asks for them, and kept for the day."""

    def __init__(
        self,
        timeline: Timeline,
        companies: OwnerGroups,
        scope: Classification,
        source: str,
        *,
        shares: Timeline | None = None,
        shipments: Iterable[Shipment] = (),
        shipments_file: str = "shipments.csv",
        sites: Sites | None = None,
        balances: Balances = NO_BALANCES,
        lines: bool = True,
    ) -> None:
        """Take what a run looks at; `lines` False: no finding names the lines that weigh most."""
        self.timeline = timeline
        #: The same as the open questions about shares are answered (basis, in_country).
        self.shares = timeline if shares is None else shares
        self.balances = balances
        self.shipments = tuple(shipments)
        #: The charges of all lots that came from abroad.
        self.ledger = ChannelCharges(timeline.once, companies, scope, balances)
        self.selection = LotSelection(
            timeline, self.shares, self.ledger, companies, scope,
            shipments=self.shipments, sites=sites,
        )  # fmt: skip
        self._companies = companies
        self._scope = scope
        self._source = source
        self._lines = lines
        self._shipments_file = shipments_file
        self._day: date | None = None
        self._stock: list[tuple[Timeline, date, Account]] = []
        self._selected: dict[str, Selected] = {}
        self._accounts: dict[Selected, Account] = {}
        self._lots: dict[Selected, pl.DataFrame] = {}
        self._heaviest: dict[tuple[Selected, str, str | None, str | None], Provenance] = {}

    def stock(self, day: date, *, as_answered: bool = False) -> Account:
        """Return everyone's fleets on a day, all lots by country."""
        timeline = self.shares if as_answered else self.timeline
        for known, at, found in self._stock:
            if known is timeline and at == day:
                return found
        found = Account(timeline.on(day).fleets)
        self._stock = [*[one for one in self._stock if one[1] == day], (timeline, day, found)]
        return found

    def account(self, rule: RuleOnTotals, day: date) -> Account:
        """Return everyone's fleets under a rule on a day."""
        by = self._selected_by(rule, day)
        if by not in self._accounts:
            if self.selection.is_all_stock(by):
                self._accounts[by] = self.stock(day, as_answered=by.of.as_answered)
            else:
                self._accounts[by] = Account.of(self._table(by), day)
        return self._accounts[by]

    def lots(self, rule: RuleOnTotals, day: date) -> pl.DataFrame:
        """Return the lots that a rule adds up on a day, `country` being the place."""
        return self._table(self._selected_by(rule, day))

    def received_without_doubt(
        self, rule: RuleOnTotals, day: date
    ) -> tuple[Account, tuple[Weight, ...]] | None:
        """Return what everyone received under a rule, had models of unknown scope taken no room.

        With these models; None where none of them is charged to a channel with room.
        """
        if not self._took_room:
            return None
        lots = self.selection.received(self._selected_by(rule, day), self._sure_ledger)
        return Account.of(lots, day), self._took_room

    def heaviest(self, rule: RuleOnTotals, row: Row) -> Provenance:
        """Return the lines that weigh most under a rule on a row's day."""
        import polars as pl

        if not self._lines:
            return Provenance(self._source, {})
        by = self._selected_by(rule, row.day)
        at = by, row.of.metric, row.of.tested_by, row.of.model
        if at not in self._heaviest:
            source = self._shipments_file if row.of.measure is Measure.SHIPPED else self._source
            opening = pl.col("model") == OPENING
            lots, balances = (self._table(by).filter(one) for one in (~opening, opening))
            found = heaviest_lines(lots, self._scope, source, row.of)
            also = heaviest_lines(balances, self._scope, self.balances.file, row.of)
            self._heaviest[at] = replace(found, also=also if len(balances) else None)
        return self._heaviest[at]

    @cached_property
    def _took_room(self) -> tuple[Weight, ...]:
        """The models of unknown scope that are charged to a channel with room."""
        import polars as pl

        rooms = [channel.id.value for channel in self._scope.policy.pack.channels if channel.room]
        charged = self.ledger.charges.filter(pl.col("channel").is_in(rooms))
        weights = (self._scope.weight(name, "tpp") for name in charged["model"].unique().sort())
        return tuple(weight for weight in weights if weight.counted is Counted.UNKNOWN)

    @cached_property
    def _sure_ledger(self) -> ChannelCharges:
        import polars as pl

        doubtful = [one.model for one in self._took_room]
        lots = self.timeline.once.filter(~pl.col("model").is_in(doubtful))
        return ChannelCharges(lots, self._companies, self._scope, self.balances)

    def _selected_by(self, rule: RuleOnTotals, day: date) -> Selected:
        """Return what a rule looks at; what was kept for another day is dropped."""
        if day != self._day:
            self._day = day
            self._selected.clear()
            self._accounts.clear()
            self._lots.clear()
            self._heaviest.clear()
        if rule.id not in self._selected:
            self._selected[rule.id] = self.selection.of(rule, day)
        return self._selected[rule.id]

    def _table(self, by: Selected) -> pl.DataFrame:
        if by not in self._lots:
            self._lots[by] = self.selection.lots(by)
        return self._lots[by]
