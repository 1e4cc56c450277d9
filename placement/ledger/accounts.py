"""The clerk: draws up the accounts behind the caps, from the ledger's charges.

The verb is `placement ledger`, the function `placement.accounts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from placement.enums import Channel, Counted
from placement.errors import Fault, UsageError, did_you_mean
from placement.fleet.account_notes import tally_notes
from placement.fleet.context import FleetContext
from placement.fleet.lot_selection import NO_PLACE, places_of
from placement.fleet.opening_balances import OPENING, Balances
from placement.ledger.records import (
    Account,
    Accounts,
    Basis,
    Charge,
    Hidden,
    Only,
    Opening,
    Uncapped,
)
from placement.ledger.stock import StockAccount, stock_accounts
from placement.ledger.uncapped import Seen, uncapped
from placement.policy import ALL_OWNERS, Policy, Row, Subject
from placement.policy.row import Amount
from placement.policy.rules import CapRule, RuleOnTotals
from placement.report import PackInfo
from placement.text.decimals import THOUSAND, plain, thousandths_text

if TYPE_CHECKING:
    import polars as pl

    from placement.inventory import Inventory
    from placement.readers.tables.entities import Entities


def wanted(
    case: FleetContext, country: str | None, consignee: str | None, channel: str | None
) -> Only:
    """Read which accounts are wanted; UsageError for names that nothing has."""
    from placement.catalog import UnknownName
    from placement.catalog import country as code_of

    try:
        code = None if country is None else code_of(country)
    except UnknownName as error:
        raise UsageError(Fault(error.message, error.fix)) from error
    known = [one.value for one in Channel]
    if channel is not None and channel not in known:
        fix = did_you_mean(channel, known) or f"channels: {', '.join(known)}"
        raise UsageError(Fault("there is no such channel", fix, value=channel))
    parent = None
    if consignee is not None:
        parents = case.companies.parents
        if consignee not in parents:
            fix = did_you_mean(consignee, parents) or "give a company that the inventory names"
            raise UsageError(Fault("no lot is of such a company", fix, value=consignee))
        parent = parents[consignee].name
    return Only(code, parent, None if channel is None else Channel(channel))


def assumptions_of(policy: Policy, entities: Entities | None) -> tuple[str, ...]:
    """Say what was taken for granted: companies that no file names, answers that are no default."""
    found = []
    if entities is not None and entities.assumed:
        one = entities.entity("")
        held = ", ".join(sorted(one.authorizations)) or "none"
        found.append(f"every owner has headquarters in {one.headquarters}, authorization {held}")
    for name, value in policy.options.items():
        option = policy.pack.options[name]
        if value != option.default:
            found.append(f"{name} = {value}: {option.values[value]}")
    return tuple(found)


def merged_note(inventory: Inventory) -> tuple[str, ...]:
    """Say so where lines of a big file were merged: a lot then names one line of several."""
    if inventory.rows == inventory.lots.height:
        return ()
    return ("a big file: equal lines are one lot, which names the line that weighs most",)


def make_accounts(
    case: FleetContext,
    pack: PackInfo,
    since: date | None,
    until: date,
    *,
    only: Only,
    assumptions: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Accounts:
    """Draw up the accounts from `since` to `until`, both included."""
    clerk = AccountBuilder(case, since, until)
    rules = [rule for rule in case.policy.pack.rules if isinstance(rule, CapRule)]
    received = [
        account for rule in rules if rule.measure == "received" for account in clerk.accounts(rule)
    ]
    stock = stock_accounts(case, [rule for rule in rules if rule.measure == "stock"], since, until)
    every: list[Account | StockAccount] = [*received, *stock]
    hidden = [found for one in every if (found := only.hiding(one))]
    kept = tuple(one for one in received if only.takes(one))
    stocks = tuple(one for one in stock if only.takes_stock(one))
    shared = tally_notes(case, [*(one.rule for one in kept), *(stock.rule for stock in stocks)])
    by_filter = Counter(one for found in hidden for one in found)
    return Accounts(
        pack,
        case.source,
        since,
        until,
        kept,
        stocks,
        tuple(clerk.uncapped(only)),
        assumptions,
        tuple(dict.fromkeys((*notes, *clerk.notes(), *shared))),
        len(hidden),
        tuple(Hidden(*one, count) for one, count in sorted(by_filter.items())),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A charge, or a balance, with its exact amount, in thousandths of the account's unit."""

    what: Charge | Opening
    place: str
    amount: Amount
    undated: bool

    @property
    def day(self) -> date | None:
        """The day from which it counts, None where nobody knows it."""
        return self.what.as_of if isinstance(self.what, Opening) else self.what.day


class AccountBuilder:
    """Draws up accounts, and keeps in mind what stands in some."""

    def __init__(self, case: FleetContext, since: date | None, until: date) -> None:
        self._case = case
        self._since = since
        self._until = until
        charges = case.books.ledger.charges
        self._countries = dict(charges.select("line", "country").iter_rows())
        self._lots: dict[int, Fraction] = {}
        for row in charges.select("line", "quantity", "unit_num", "unit_den").iter_rows():
            self._lots[row[0]] = self._lots.get(row[0], Fraction(0)) + _count(*row[1:])
        self._rank = {one.id.value: n for n, one in enumerate(case.policy.pack.channels)}
        self._seen: set[Seen] = set()
        self._doubtful: dict[str, tuple[str, ...]] = {}

    def accounts(self, rule: CapRule) -> Iterator[Account]:
        """Return the accounts of a cap: one for each holder, place and window."""
        found = [
            account
            for day in self._closings(rule)
            for subject, entries in self._entries(rule, day).items()
            for account in self._of_subject(rule, day, subject, entries)
        ]
        found.sort(key=lambda one: (one.place, one.holder, one.until))
        return iter(found)

    def uncapped(self, only: Only) -> Iterator[Uncapped]:
        """Sum up, by country and channel, what was received and stands in no account."""
        return uncapped(self._case, self._seen, self._since, self._until, only, self._place_of)

    def notes(self) -> list[str]:
        """Say which models were charged although they may not count."""
        named = [f"{model} (supply {', '.join(f)})" for model, f in sorted(self._doubtful.items())]
        if not named:
            return []
        return [f"charged although nobody knows whether they count: {', '.join(named)}"]

    def _closings(self, rule: CapRule) -> Iterator[date]:
        """Return the day of the closing balance of each window that the range touches."""
        first = last = self._until.year
        if rule.calendar_year:
            days = self._case.books.ledger.charges["day"].drop_nulls().to_list()
            earliest = self._since or min((*days, *self._case.books.balances.days), default=None)
            first = min(earliest.year, last) if isinstance(earliest, date) else last
        for year in range(first, last + 1):
            day = min(self._until, date(year, 12, 31))
            ends = [rule.until - timedelta(days=1)] if rule.until is not None else []
            ends += [rule.steps[-1].to] if rule.steps else []
            day = min([day, *ends])
            same = day.year == year or not rule.calendar_year
            if same and self._case.policy.not_in_force(rule, day) is None:
                yield day

    def _of_subject(
        self, rule: CapRule, day: date, subject: Subject, entries: list[_Entry]
    ) -> Iterator[Account]:
        policy = self._case.policy
        places = frozenset(entry.place for entry in entries)
        for row in policy.rows(rule, subject, day, places):
            mine = [entry for entry in entries if entry.place in row.numerator]
            dated = [entry for entry in mine if not entry.undated]
            latest = not rule.calendar_year or day.year == self._until.year
            if dated or (mine and latest):
                yield self._account(rule, row, dated, [one for one in mine if one.undated])

    def _account(
        self, rule: CapRule, row: Row, dated: list[_Entry], undated: list[_Entry]
    ) -> Account:
        limit = row.limit * THOUSAND
        self._seen.update(
            (entry.what.line, entry.what.channel)
            for entry in (*dated, *undated)
            if isinstance(entry.what, Charge)
        )
        earlier = sum((e.amount for e in dated if not self._is_shown(e)), Fraction(0))
        left = limit - earlier
        balances: list[Opening] = []
        charges: list[Charge] = []
        for entry in sorted(filter(self._is_shown, dated), key=_balances_first):
            left -= entry.amount
            what = replace(entry.what, left=thousandths_text(left))
            if isinstance(what, Opening):
                balances.append(what)
            else:
                charges.append(what)
        unknown = sum((entry.amount for entry in undated), Fraction(0))
        return Account(
            rule=rule.id,
            title=rule.title,
            citation=rule.citation,
            unit=rule.unit(),
            holder=row.subject,
            place=row.place,
            channels=tuple(sorted(row.of.channels, key=self._place_of)),
            calendar_year=rule.calendar_year,
            window_from=row.of.since,
            until=row.day,
            limit=thousandths_text(limit),
            before=thousandths_text(earlier),
            opening=thousandths_text(limit - earlier),
            charged=thousandths_text(limit - left),
            left=thousandths_text(left),
            charges=tuple(charges),
            undated=tuple(one.what for one in undated if isinstance(one.what, Charge)),
            undated_amount=thousandths_text(unknown),
            left_with_undated=thousandths_text(left - unknown) if undated else None,
            balances=tuple(balances),
        )

    def _is_shown(self, entry: _Entry) -> bool:
        """Tell whether an entry is shown: all balances are, and the charges in the range.

        A charge of no date is in it where the range is open.
        """
        if self._since is None or isinstance(entry.what, Opening):
            return True
        return entry.day is not None and entry.day >= self._since

    def _entries(self, rule: CapRule, day: date) -> Mapping[Subject, list[_Entry]]:
        """Return everyone's charges in the window of a cap up to a day, in order."""
        policy = self._case.policy
        of = policy.measured(rule, day)
        seats = None
        if rule.about == "all":
            seats = policy.seats(rule.binds, day)
        table = self._case.books.ledger.charged(of, day, rule.about, seats)
        subjects = self._subjects(rule, table)
        bound = {
            name: subject
            for name, subject in subjects.items()
            if rule.about == "all" or policy.not_bound(rule, subject, day) is None
        }
        places = self._places(rule)
        found: dict[Subject, list[_Entry]] = {}
        rows = sorted(table.iter_rows(named=True), key=self._in_order)
        for row in rows:
            weight = self._case.scope.weight(row["model"], of.metric, of.tested_by)
            if row["subject"] not in bound or weight.counted is Counted.NO or not row["quantity"]:
                continue
            if weight.counted is Counted.UNKNOWN:
                self._doubtful[weight.model] = weight.missing
            count = _count(row["quantity"], row["unit_num"], row["unit_den"])
            place = row["country"] if places is None else places.get(row["site"], NO_PLACE)
            amount = count * weight.each
            if row["model"] == OPENING:
                what: Charge | Opening = _opening(row, amount, self._case.books.balances)
            else:
                what = self._charge(row, count, amount)
            entry = _Entry(what, place, amount, row["undated"])
            found.setdefault(bound[row["subject"]], []).append(entry)
        return found

    def _subjects(self, rule: RuleOnTotals, table: pl.DataFrame) -> Mapping[str, Subject]:
        companies = self._case.companies
        if rule.about == "all":
            return {ALL_OWNERS.name: ALL_OWNERS}
        if rule.about == "owner":
            return companies.judged
        parents = companies.ultimate_parents
        return {name: parents[name] for name in table["subject"].unique().to_list()}

    def _places(self, rule: RuleOnTotals) -> Mapping[str, str] | None:
        """Return the place of each site, None where the places of a rule are countries."""
        if rule.by == "country":
            return None
        if rule.by == "site":
            return {site: site for site in self._case.books.ledger.charges["site"].unique()}
        return places_of(self._case.sites, rule.by)

    def _charge(self, row: Mapping[str, Any], count: Fraction, amount: Amount) -> Charge:
        basis: Basis = "recorded" if row["recorded"] else "order"
        if basis == "order" and row["licensed"] and row["channel"] == Channel.LICENCE:
            basis = "licensed"
        return Charge(
            day=row["day"],
            line=row["line"],
            owner=row["owner"],
            consignee=row["consignee"],
            country=self._countries[row["line"]],
            accelerator=row["model"],
            count=plain(count),
            lot_count=plain(self._lots[row["line"]]),
            channel=row["channel"],
            basis=basis,
            forecast=row["forecast"],
            amount=thousandths_text(amount),
            left=None,
        )

    def _in_order(self, row: Mapping[str, Any]) -> tuple[date, int, int]:
        return row["day"] or date.min, row["line"], self._place_of(row["channel"])

    def _place_of(self, channel: str | None) -> int:
        """Return the place of a channel in the pack's order, unknown ones last."""
        return self._rank.get(channel or "", len(self._rank))


def _opening(row: Mapping[str, Any], amount: Amount, balances: Balances) -> Opening:
    return Opening(
        as_of=row["day"],
        file=balances.file,
        line=row["line"],
        channel=row["channel"],
        amount=thousandths_text(amount),
        source=balances.sources[row["line"]],
        left=None,
    )


def _balances_first(entry: _Entry) -> tuple[date, bool]:
    return entry.day or date.min, isinstance(entry.what, Charge)


def _count(quantity: int, num: int, den: int) -> Fraction:
    return Fraction(quantity * num, den)
