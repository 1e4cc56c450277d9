"""All totals of a run: for each kind of row, who has how much where, and from which lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from placement.enums import Basis, Channel, Counted, Measure, Which
from placement.fleet.channel_charges import Ledger
from placement.fleet.classification import Classification, Weight
from placement.fleet.opening_balances import NO_BALANCES, OPENING, Balances
from placement.fleet.owner_groups import OwnerGroups
from placement.fleet.positions import Fleet, Timeline, position_of
from placement.fleet.provenance import Provenance, heaviest_lines
from placement.fleet.shipments import shipped_lots
from placement.policy import Measured, Row
from placement.policy.row import PlaceColumn
from placement.policy.rules import RuleOnTotals

if TYPE_CHECKING:
    import polars as pl

    from placement.readers.tables.shipments import Shipment
    from placement.readers.tables.sites import Sites

#: The metro of a site that nobody gave one.
NO_PLACE = "(unknown)"


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What every subject has under one kind of row on a day; `undated`: perhaps, perhaps not.

    One is equal to itself only, so that what is worked out of it can be kept by it.
    """

    fleets: Mapping[str, Fleet]
    undated: Mapping[str, Fleet] = field(default_factory=dict)

    @property
    def subjects(self) -> list[str]:
        """Everyone who has anything."""
        return sorted({*self.fleets, *self.undated})


@dataclass(frozen=True, slots=True)
class _Key:
    """What an account is of: the same key, the same account."""

    of: Measured
    about: str
    seats: frozenset[str] | None
    authorization: str | None
    day: date


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
        self.companies = companies
        self.scope = scope
        self.sites = sites
        self.balances = balances
        self.shipments = tuple(shipments)
        self._source = source
        self._lines = lines
        self._shipments_file = shipments_file
        self._day: date | None = None
        self._stock: list[tuple[Timeline, date, Account]] = []
        self._keys: dict[str, _Key] = {}
        self._accounts: dict[_Key, Account] = {}
        self._lots: dict[_Key, pl.DataFrame] = {}
        self._heaviest: dict[tuple[_Key, str, str | None, str | None], Provenance] = {}

    @cached_property
    def ledger(self) -> Ledger:
        """The charges of all lots that came from abroad."""
        return Ledger(self.timeline.once, self.companies, self.scope, self.balances)

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
        key = self._key(rule, day)
        if key not in self._accounts:
            self._accounts[key] = self._account(key)
        return self._accounts[key]

    def lots(self, rule: RuleOnTotals, day: date) -> pl.DataFrame:
        """Return the lots that a rule adds up on a day, `country` being the place."""
        return self._table(self._key(rule, day))

    def received_without_doubt(
        self, rule: RuleOnTotals, day: date
    ) -> tuple[Account, tuple[Weight, ...]] | None:
        """Return what everyone received under a rule, had models of unknown scope taken no room.

        With these models; None where none of them is charged to a channel with room.
        """
        if not self._took_room:
            return None
        key = self._key(rule, day)
        lots = self._sure_ledger.charged(key.of, key.day, key.about, key.seats)
        return self._summed(self._placed(lots, key), day), self._took_room

    @cached_property
    def _took_room(self) -> tuple[Weight, ...]:
        """The models of unknown scope that are charged to a channel with room."""
        import polars as pl

        ledger = self.scope.policy.pack.ledger
        rooms = [one.id.value for one in ledger.channels if one.room] if ledger is not None else []
        charged = self.ledger.charges.filter(pl.col("channel").is_in(rooms))
        weights = (self.scope.weight(name, "tpp") for name in charged["model"].unique().sort())
        return tuple(one for one in weights if one.counted is Counted.UNKNOWN)

    @cached_property
    def _sure_ledger(self) -> Ledger:
        import polars as pl

        doubtful = [one.model for one in self._took_room]
        lots = self.timeline.once.filter(~pl.col("model").is_in(doubtful))
        return Ledger(lots, self.companies, self.scope, self.balances)

    def heaviest(self, rule: RuleOnTotals, row: Row) -> Provenance:
        """Return the lines that weigh most under a rule on a row's day."""
        import polars as pl

        if not self._lines:
            return Provenance(self._source, {})
        key = self._key(rule, row.day)
        at = key, row.of.metric, row.of.tested_by, row.of.model
        if at not in self._heaviest:
            source = self._shipments_file if row.of.measure is Measure.SHIPPED else self._source
            opening = pl.col("model") == OPENING
            lots, balances = (self._table(key).filter(one) for one in (~opening, opening))
            found = heaviest_lines(lots, self.scope, source, row.of)
            also = heaviest_lines(balances, self.scope, self.balances.file, row.of)
            self._heaviest[at] = replace(found, also=also if len(balances) else None)
        return self._heaviest[at]

    def _key(self, rule: RuleOnTotals, day: date) -> _Key:
        if day != self._day:
            self._day = day
            self._keys.clear()
            self._accounts.clear()
            self._lots.clear()
            self._heaviest.clear()
        if rule.id not in self._keys:
            self._keys[rule.id] = self._key_of(rule, day)
        return self._keys[rule.id]

    def _key_of(self, rule: RuleOnTotals, day: date) -> _Key:
        policy = self.scope.policy
        seats = authorization = None
        if rule.about == "all":
            authorization = rule.binds.authorization
            seats = policy.seats(rule.binds, day)
        of = policy.measured(rule, day)
        # Rules that only weigh lots otherwise share an account.
        answered = of.as_answered and self.shares is not self.timeline
        of = replace(of, metric="tpp", tested_by=None, as_answered=answered)
        return _Key(of, rule.about, seats, authorization, day)

    def _account(self, key: _Key) -> Account:
        if key.of.measure is Measure.STOCK and key.about != "all" and self._is_plain(key.of):
            return self.stock(key.day, as_answered=key.of.as_answered)
        return self._summed(self._table(key), key.day)

    def _summed(self, lots: pl.DataFrame, day: date) -> Account:
        import polars as pl

        if "undated" not in lots.columns:
            return Account(position_of(lots, day).fleets)
        dated = position_of(lots.filter(~pl.col("undated")), day)
        return Account(dated.fleets, position_of(lots.filter("undated"), day).fleets)

    def _table(self, key: _Key) -> pl.DataFrame:
        """Return the lots that an account adds up, with `subject`, `country` being the place."""
        if key not in self._lots:
            match key.of.measure:
                case Measure.STOCK:
                    lots = self._standing(key)
                case Measure.RECEIVED:
                    lots = self.ledger.charged(key.of, key.day, key.about, key.seats)
                case Measure.SHIPPED:
                    lots = shipped_lots(
                        self.shipments, key.of, key.day, self.companies.names, self.scope
                    )
            self._lots[key] = self._placed(lots, key)
        return self._lots[key]

    def _placed(self, lots: pl.DataFrame, key: _Key) -> pl.DataFrame:
        if key.authorization is not None:
            lots = self._held(lots, key)
        return lots.with_columns(country=self._place(key.of.by))

    def _is_plain(self, of: Measured) -> bool:
        """Tell whether a row looks at all lots by country."""
        every = of.which is Which.UNLICENSED and not self._any_licensed and not of.exceptions
        return of.by == "country" and of.seated is None and (of.which is Which.ALL or every)

    @cached_property
    def _any_licensed(self) -> bool:
        once = self.timeline.once
        by_licence = (once["channel"] == Channel.LICENCE.value).any()
        return bool(once["licensed"].any()) or bool(by_licence)

    @cached_property
    def _closed(self) -> pl.Series:
        """The lines recorded under a channel that is not open to them."""
        once = self.timeline.once
        if once["channel"].null_count() == once.height:
            return once["line"].clear()
        charges = self.ledger.charges
        return charges.filter(~charges["open"])["line"].unique()

    def excepted(self, channels: frozenset[Channel]) -> pl.Series:
        """Return the lines that need no licence for one of some channels that is open to them.

        They came by it (or were passed on so), or what opens it is no record: whatever the line
        says of how it came, a chip that the exception is for is under it.
        """
        once = self.timeline.once
        ledger = self.scope.policy.pack.ledger
        ways = [one for one in ledger.channels if one.id in channels] if ledger else []
        recorded = once["channel"].is_in([one.id.value for one in ways]).any()
        if not recorded and all(one.by_record for one in ways):
            return once["line"].clear()
        came_by = self.ledger.came_by(channels)["line"]
        return came_by.append(self.ledger.free_by(channels)).unique()

    def _standing(self, key: _Key) -> pl.DataFrame:
        import polars as pl

        timeline = self.shares if key.of.as_answered else self.timeline
        lots = timeline.lots_on(key.day)
        match key.of.which:
            case Which.UNLICENSED:
                lots = lots.filter(~_is_licensed())
                excepted = self.excepted(key.of.exceptions)
                if len(excepted):
                    lots = lots.filter(~pl.col("line").is_in(excepted.implode()))
            case Which.UNCOVERED:
                lots = self.ledger.uncovered(key.of.since, key.day)
                stands = pl.col("end").is_null() | (pl.col("end") > key.day)
                lots = lots.filter(stands)
            case Which.FOREIGN_OPERATOR:
                lots = self._run_by_others(lots, key.of.authorization or "")
            case Which.CLOSED_CHANNEL:
                closed = self._closed
                among = pl.col("line").is_in(closed.implode())
                lots = lots.filter(among) if len(closed) else lots.clear()
        if key.of.seated is not None:
            names = self.companies.seated(key.of.seated)
            theirs = pl.col("owner").is_in(names) | pl.col("consignee").is_in(names)
            lots = lots.filter(theirs) if names else lots.clear()
        if key.about == "all":
            lots = self._once(lots, key).with_columns(subject=pl.lit("all owners"))
        return lots

    def _once(self, lots: pl.DataFrame, key: _Key) -> pl.DataFrame:
        """Return each lot once, however many groups it adds to, and only those of some seats."""
        import polars as pl

        if any(len(groups) > 1 for groups in self.companies.groups.values()):
            lots = lots.unique(subset=["line"], keep="first", maintain_order=True)
        if key.seats is None:
            return lots
        parents = self.companies.parents
        owners = [name for name, one in parents.items() if one.headquarters in key.seats]
        return lots.filter(pl.col(self._company(key.of)).is_in(owners))

    def _held(self, lots: pl.DataFrame, key: _Key) -> pl.DataFrame:
        """Return the lots of companies that hold the authorization of a rule about all owners."""
        import polars as pl

        held, holder = key.authorization or "", self.companies.holder
        names = [name for name in self.companies.parents if holder(name).holds(held)]
        theirs = pl.col(self._company(key.of)).is_in(names)
        return lots.filter(theirs | (pl.col("model") == OPENING))

    def _company(self, of: Measured) -> str:
        """Return the column of whose a lot is: only shares may ask for the operator."""
        operated = of.as_answered and self.scope.policy.basis is Basis.OPERATED
        return "operator" if operated else "owner"

    def _run_by_others(self, lots: pl.DataFrame, authorization: str) -> pl.DataFrame:
        """Return the lots that a company outside the owner's group runs without authorization."""
        import polars as pl

        parents = self.companies.parents
        keys = ["owner", "operator", "country"]
        lots = lots.filter(pl.col("owner") != pl.col("operator"))
        foreign = [
            pair
            for pair in lots.select(keys).unique().iter_rows()
            if parents[pair[0]].name != parents[pair[1]].name
            and not self.companies.holder(pair[1]).holds(authorization, pair[2])
        ]
        schema = pl.Schema({key: lots.schema[key] for key in keys})
        return lots.join(pl.DataFrame(foreign, schema=schema, orient="row"), on=keys, how="semi")

    def _place(self, by: PlaceColumn) -> pl.Expr:
        import polars as pl

        if by in ("country", "site"):
            return pl.col(by)
        known = {
            one.site: getattr(one, by) or NO_PLACE
            for one in (self.sites.places.values() if self.sites is not None else ())
        }
        return pl.col("site").replace_strict(known, default=NO_PLACE, return_dtype=pl.String)


def _is_licensed() -> pl.Expr:
    """Return whether a lot is recorded as licensed, itself or by its channel."""
    import polars as pl

    recorded = pl.col("channel") == Channel.LICENCE.value
    return pl.coalesce("licensed", recorded).fill_null(value=False)
