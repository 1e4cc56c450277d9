"""Which lots a rule looks at, whose they are taken to be, and by which places they are added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from placement.enums import Basis, Channel, Measure, Which
from placement.fleet.channel_charges import ChannelCharges
from placement.fleet.classification import Classification
from placement.fleet.opening_balances import OPENING
from placement.fleet.owner_groups import OwnerGroups
from placement.fleet.positions import Timeline
from placement.fleet.shipments import shipped_lots
from placement.policy import Measured
from placement.policy.row import PlaceColumn
from placement.policy.rules import RuleOnTotals

if TYPE_CHECKING:
    import polars as pl

    from placement.readers.tables.shipments import Shipment
    from placement.readers.tables.sites import Sites

#: The metro of a site that nobody gave one.
NO_PLACE = "(unknown)"


@dataclass(frozen=True, slots=True)
class Selected:
    """What selects lots: rules of the same one look at the same lots on a day."""

    of: Measured
    about: str
    seats: frozenset[str] | None
    authorization: str | None
    day: date


class LotSelection:
    """The lots of a run, as rules look at them."""

    def __init__(
        self,
        timeline: Timeline,
        shares: Timeline,
        charges: ChannelCharges,
        companies: OwnerGroups,
        scope: Classification,
        *,
        shipments: Iterable[Shipment],
        sites: Sites | None,
    ) -> None:
        """Take all lots; `shares`: as the open questions about shares are answered."""
        self._timeline = timeline
        self._shares = shares
        self._charges = charges
        self._excepted: dict[frozenset[Channel], pl.Series] = {}
        self._companies = companies
        self._scope = scope
        self._shipments = tuple(shipments)
        self._sites = sites

    def of(self, rule: RuleOnTotals, day: date) -> Selected:
        """Return what a rule looks at on a day."""
        policy = self._scope.policy
        seats = authorization = None
        if rule.about == "all":
            authorization = rule.binds.authorization
            seats = policy.seats(rule.binds, day)
        of = policy.measured(rule, day)
        # Rules that only weigh lots otherwise share an account.
        answered = of.as_answered and self._shares is not self._timeline
        of = replace(of, metric="tpp", tested_by=None, as_answered=answered)
        return Selected(of, rule.about, seats, authorization, day)

    def lots(self, by: Selected) -> pl.DataFrame:
        """Return what is selected, with `subject`, `country` being the place."""
        match by.of.measure:
            case Measure.STOCK:
                return self._placed(self._standing(by), by)
            case Measure.RECEIVED:
                return self.received(by, self._charges)
            case Measure.SHIPPED:
                names, scope = self._companies.names, self._scope
                lots = shipped_lots(self._shipments, by.of, by.day, names, scope)
                return self._placed(lots, by)

    def received(self, by: Selected, charges: ChannelCharges) -> pl.DataFrame:
        """Return what of some charges is selected."""
        return self._placed(charges.charged(by.of, by.day, by.about, by.seats), by)

    def is_all_stock(self, by: Selected) -> bool:
        """Tell whether it is all lots that stand on the day, by country and owner group."""
        of = by.of
        if of.measure is not Measure.STOCK or by.about == "all":
            return False
        every = of.which is Which.UNLICENSED and not self._any_licensed and not of.exceptions
        return of.by == "country" and of.seated is None and (of.which is Which.ALL or every)

    def excepted(self, channels: frozenset[Channel]) -> pl.Series:
        """Return the lines that need no licence for one of some channels that is open to them.

        They came by it (or were passed on so), or what opens it is no record: whatever the line
        says of how it came, a chip that the exception is for is under it.
        """
        once = self._timeline.once
        ways = [channel for channel in self._scope.policy.pack.channels if channel.id in channels]
        recorded = once["channel"].is_in([way.id.value for way in ways]).any()
        if not recorded and all(way.by_record for way in ways):
            return once["line"].clear()
        if channels not in self._excepted:
            import polars as pl

            came_by = self._charges.came_by(channels)["line"]
            free = self._charges.free_by(channels)
            self._excepted[channels] = pl.concat([came_by, free]).unique()
        return self._excepted[channels]

    @cached_property
    def _any_licensed(self) -> bool:
        once = self._timeline.once
        by_licence = (once["channel"] == Channel.LICENCE.value).any()
        return bool(once["licensed"].any()) or bool(by_licence)

    @cached_property
    def _closed(self) -> pl.Series:
        """The lines recorded under a channel that is not open to them."""
        once = self._timeline.once
        if once["channel"].null_count() == once.height:
            return once["line"].clear()
        charges = self._charges.charges
        return charges.filter(~charges["open"])["line"].unique()

    def _placed(self, lots: pl.DataFrame, by: Selected) -> pl.DataFrame:
        if by.authorization is not None:
            lots = self._held(lots, by)
        return lots.with_columns(country=self._place(by.of.by))

    def _standing(self, by: Selected) -> pl.DataFrame:
        import polars as pl

        timeline = self._shares if by.of.as_answered else self._timeline
        lots = timeline.lots_on(by.day)
        match by.of.which:
            case Which.UNLICENSED:
                lots = lots.filter(~_is_licensed())
                excepted = self.excepted(by.of.exceptions)
                if len(excepted):
                    lots = lots.filter(~pl.col("line").is_in(excepted.implode()))
            case Which.UNCOVERED:
                lots = self._charges.uncovered(by.of.since, by.day)
                stands = pl.col("end").is_null() | (pl.col("end") > by.day)
                lots = lots.filter(stands)
            case Which.FOREIGN_OPERATOR:
                lots = self._run_by_others(lots, by.of.authorization or "")
            case Which.CLOSED_CHANNEL:
                closed = self._closed
                among = pl.col("line").is_in(closed.implode())
                lots = lots.filter(among) if len(closed) else lots.clear()
        if by.of.seated is not None:
            names = self._companies.seated(by.of.seated)
            theirs = pl.col("owner").is_in(names) | pl.col("consignee").is_in(names)
            lots = lots.filter(theirs) if names else lots.clear()
        if by.about == "all":
            lots = self._once(lots, by).with_columns(subject=pl.lit("all owners"))
        return lots

    def _once(self, lots: pl.DataFrame, by: Selected) -> pl.DataFrame:
        """Return each lot once, however many groups it adds to, and only those of some seats."""
        import polars as pl

        if any(len(groups) > 1 for groups in self._companies.groups.values()):
            lots = lots.unique(subset=["line"], keep="first", maintain_order=True)
        if by.seats is None:
            return lots
        owners = self._companies.headquartered(by.seats)
        return lots.filter(pl.col(self._company(by.of)).is_in(owners))

    def _held(self, lots: pl.DataFrame, by: Selected) -> pl.DataFrame:
        """Return the lots of companies that hold the authorization of a rule about all owners."""
        import polars as pl

        held, holder = by.authorization or "", self._companies.holder
        names = [name for name in self._companies.parents if holder(name).holds(held)]
        theirs = pl.col(self._company(by.of)).is_in(names)
        return lots.filter(theirs | (pl.col("model") == OPENING))

    def _company(self, of: Measured) -> str:
        """Return the column of whose a lot is: only shares may ask for the operator."""
        operated = of.as_answered and self._scope.policy.basis is Basis.OPERATED
        return "operator" if operated else "owner"

    def _run_by_others(self, lots: pl.DataFrame, authorization: str) -> pl.DataFrame:
        """Return the lots that a company outside the owner's group runs without authorization."""
        import polars as pl

        parents = self._companies.parents
        keys = ["owner", "operator", "country"]
        lots = lots.filter(pl.col("owner") != pl.col("operator"))
        foreign = [
            pair
            for pair in lots.select(keys).unique().iter_rows()
            if parents[pair[0]].name != parents[pair[1]].name
            and not self._companies.holder(pair[1]).holds(authorization, pair[2])
        ]
        schema = pl.Schema({key: lots.schema[key] for key in keys})
        return lots.join(pl.DataFrame(foreign, schema=schema, orient="row"), on=keys, how="semi")

    def _place(self, by: PlaceColumn) -> pl.Expr:
        import polars as pl

        if by in ("country", "site"):
            return pl.col(by)
        known = places_of(self._sites, by)
        return pl.col("site").replace_strict(known, default=NO_PLACE, return_dtype=pl.String)


def places_of(sites: Sites | None, by: PlaceColumn) -> dict[str, str]:
    """Return the place of each site of the sites file by one of its columns."""
    known = sites.places.values() if sites is not None else ()
    return {one.site: getattr(one, by) or NO_PLACE for one in known}


def _is_licensed() -> pl.Expr:
    """Return whether a lot is recorded as licensed, itself or by its channel."""
    import polars as pl

    recorded = pl.col("channel") == Channel.LICENCE.value
    return pl.coalesce("licensed", recorded).fill_null(value=False)
