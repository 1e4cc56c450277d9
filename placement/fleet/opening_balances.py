"""Opening balances: what an account was charged with by others, or before the inventory begins.

A balance is of a country (the accounts of all owners together) or of a consignee, and of one
channel. It says what had been charged in the account's window by a day, and is added to what the
inventory's lots are charged from that day on. Balances of one account add up. In a fleet a balance
is so many units of a model that is none, of a thousandth of a TPP each: whatever sums up receipts
sums it up, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from placement.catalog import all_codes
from placement.enums import Channel
from placement.errors import Fault, did_you_mean
from placement.policy import ALL_OWNERS, Measured, Subject
from placement.policy.rules import CapRule, On
from placement.text.decimals import THOUSAND

if TYPE_CHECKING:
    import polars as pl

    from placement.fleet.owner_groups import OwnerGroups
    from placement.readers.table import Table
    from placement.readers.tables.entities import Entities
    from placement.readers.tables.opening import OpeningRow

#: The model of a balance in fleets; no name of the catalogue has parentheses alone.
OPENING = "(opening balance)"


@dataclass(frozen=True, slots=True)
class Balance:
    """One row: `amount` in thousandths of TPP, of a country's account or of a consignee's."""

    line: int
    country: str | None
    consignee: str | None
    channel: Channel
    amount: Fraction
    as_of: date
    source: str

    @property
    def holder(self) -> str:
        """Whose account it is, by name or country."""
        return self.consignee or self.country or ""

    def is_in(self, of: Measured, about: str) -> bool:
        """Tell whether a cap on receipts counts it, on a day that is late enough."""
        if of.by != "country" or of.metric != "tpp":
            return False
        whose = {"all": self.country, "consignee": self.consignee}.get(about)
        if whose is None or (of.channels and self.channel not in of.channels):
            return False
        return of.since is None or of.since <= self.as_of


@dataclass(frozen=True, slots=True)
class Balances:
    """The rows of opening.csv; consignees are ultimate parents once they are `known`.

    `seats`: the headquarters of each consignee, where a cap on places has its balance.
    """

    rows: tuple[Balance, ...] = ()
    file: str = "opening.csv"
    seats: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> set[date]:
        """The days from which a balance counts."""
        return {row.as_of for row in self.rows}

    @property
    def sources(self) -> dict[int, str]:
        """What each row says of where its figure comes from, by line."""
        return {row.line: row.source for row in self.rows}

    def of(self, of: Measured, about: str, day: date) -> Iterator[Balance]:
        """Yield the balances that a cap on receipts counts on a day."""
        yield from (row for row in self.rows if row.as_of <= day and row.is_in(of, about))

    def taken(self, rule: CapRule, consignee: str, on: On) -> Fraction:
        """Return what a consignee was charged with in a cap's window, in thousandths.

        In a calendar year that is all of it, be it before the day or after it.
        """
        end = date(on.day.year, 12, 31) if rule.calendar_year else date.max
        mine = (one for one in self.of(rule.of(on), "consignee", end) if one.consignee == consignee)
        return sum((one.amount for one in mine), Fraction(0))

    def added_to(self, lots: pl.DataFrame, of: Measured, about: str, day: date) -> pl.DataFrame:
        """Return charged lots (`ChannelCharges.received`) with the balances of the same window."""
        import polars as pl

        rows = [self._lot(one, lots.columns) for one in self.of(of, about, day)]
        if not rows:
            return lots
        return pl.concat([lots, pl.DataFrame(rows, schema=lots.schema, orient="row")])

    def known(self, companies: OwnerGroups) -> Balances:
        """Return the same with the ultimate parent of each consignee in its place."""
        parents = {row.consignee: companies.parents[row.consignee] for row in self.rows
                   if row.consignee is not None}  # fmt: skip
        rows = tuple(
            row if row.consignee is None else replace(row, consignee=parents[row.consignee].name)
            for row in self.rows
        )
        seats = {
            parent.name: parent.headquarters for parent in parents.values() if parent.headquarters
        }
        return replace(self, rows=rows, seats=seats)

    def _lot(self, one: Balance, columns: list[str]) -> tuple[Any, ...]:
        seat = self.seats.get(one.consignee or "") or min(all_codes())
        cells: dict[str, Any] = {
            "day": one.as_of,
            "subject": ALL_OWNERS.name if one.consignee is None else one.consignee,
            "consignee": one.consignee,
            "country": one.country or seat,
            "model": OPENING,
            "quantity": one.amount.numerator,
            "unit_num": 1,
            "unit_den": one.amount.denominator,
            "channel": one.channel.value,
            "recorded": True,
            "open": True,
            "split": False,
            "forecast": False,
            "line": one.line,
            "line_quantity": one.amount.numerator,
            "undated": False,
        }
        return tuple(cells.get(name) for name in columns)


#: No account has a balance.
NO_BALANCES = Balances()


def balances_of(table: Table[OpeningRow]) -> Balances:
    """Return the balances of a table, in thousandths of TPP."""
    rows = (
        Balance(
            line=line,
            country=row.country,
            consignee=row.consignee,
            channel=row.channel,
            amount=row.tpp * THOUSAND,
            as_of=row.as_of,
            source=row.source,
        )
        for line, row in table.rows
    )
    return Balances(tuple(rows), table.file)


def with_consignees(
    companies: OwnerGroups, balances: Balances, entities: Entities | None
) -> OwnerGroups:
    """Return the companies with those of whom only a balance speaks; they own nothing here."""
    new = {row.consignee for row in balances.rows if row.consignee} - companies.parents.keys()
    if not new:
        return companies
    found = {}
    for name in sorted(new):
        found[name] = Subject(name, "", frozenset())
        if entities is not None and not entities.problems_for([name], ""):
            seat, held = entities.headquarters(name), entities.authorizations(name)
            found[name] = Subject(entities.ultimate_parent(name), seat, held)
    return replace(companies, parents={**companies.parents, **found})


def unknown_consignees(
    balances: Balances, companies: OwnerGroups, entities: Entities | None
) -> list[Fault]:
    """Return a fault for each balance of a company that neither lots nor entities name.

    Where no entities are listed and there are no lots, nobody is known, and none is missed.
    """
    listed = entities is not None and not entities.assumed
    if not listed and not companies.parents:
        return []
    named = {*companies.parents, *(one.name for one in entities or ())}
    return [
        Fault(
            "no lot is for such a company, and the entities do not name it",
            did_you_mean(row.consignee, named) or "write a name of the inventory or the entities",
            balances.file,
            row.line,
            "consignee",
            row.consignee,
        )
        for row in balances.rows
        if row.consignee and row.consignee not in named
    ]
