"""Statements of account: the charges behind each cap, one after another, and what they leave.

Records only; `clerk` draws them up. The charges are the ledger's and the limits the judge's: where
an account is overdrawn on the day of its closing balance, `check` finds a breach on that day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from placement.enums import Channel
from placement.ledger.stock import StockAccount
from placement.report import PackInfo, ReadInfo

#: How the channel of a charge was found: said by the line, said by its `licensed`, or by the order.
Basis = Literal["recorded", "licensed", "order"]


@dataclass(frozen=True, slots=True)
class Charge:
    """What one lot, or a part of one, takes from an account.

    `count` of the `lot_count` accelerators of the lot; `country` is where it stands. `amount` and
    `left` (after it) are exact, in the account's unit; `day` None: nobody knows when it came.
    """

    day: date | None
    line: int
    owner: str
    consignee: str
    country: str
    accelerator: str
    count: str
    lot_count: str
    channel: str | None
    basis: Basis
    forecast: bool
    amount: str
    left: str | None

    @property
    def is_part(self) -> bool:
        """Whether the rest of the lot was charged elsewhere."""
        return self.count != self.lot_count


@dataclass(frozen=True, slots=True)
class Opening:
    """A balance of opening.csv: what an account had been charged with by a day; `left` after it.

    `source` is what the table says of where the figure comes from.
    """

    as_of: date
    file: str
    line: int
    channel: str
    amount: str
    source: str
    left: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """A cap on what one holder received in a window, up to the day of the closing balance.

    Amounts are exact text in `unit`. `before`: what the window holds from before the charges that
    are shown, `opening` what that leaves of the limit, `charged` everything in the window, `left`
    the closing balance. `balances`: what opening.csv adds, from its days on; it is in `charged` and
    `left`, and in `before` never. `undated` lots are taken as received before the window; were they
    received in it, `left_with_undated` would be left.
    """

    rule: str
    title: str
    citation: str
    unit: str
    holder: str
    place: str
    channels: tuple[str, ...]
    calendar_year: bool
    window_from: date | None
    until: date
    limit: str
    before: str
    opening: str
    charged: str
    left: str
    charges: tuple[Charge, ...]
    undated: tuple[Charge, ...] = ()
    undated_amount: str = "0.000"
    left_with_undated: str | None = None
    balances: tuple[Opening, ...] = ()

    @property
    def overdrawn(self) -> bool:
        """Whether more was received than the limit."""
        return self.left.startswith("-")


@dataclass(frozen=True, slots=True)
class Uncapped:
    """What came to a country by a channel (None: none was open) and is in no account; in TPP.

    `because`: why each cap that is on such receipts leaves it out, or which one is on what stands
    there; empty: the pack has no cap on it.
    """

    country: str
    channel: str | None
    lots: int
    amount: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Only:
    """Which accounts are wanted: those of a place, or in which such a charge stands."""

    country: str | None = None
    consignee: str | None = None
    channel: Channel | None = None

    def takes(self, account: Account) -> bool:
        """Tell whether an account is wanted; it is then shown whole, or its balance were none."""
        return not self.hiding(account)

    def takes_stock(self, account: StockAccount) -> bool:
        """Tell the same of stock, which came by any channel."""
        return not self.hiding(account)

    def hiding(self, account: Account | StockAccount) -> list[tuple[str, str]]:
        """Return the filters, with their values, that an account does not meet."""
        charges: tuple[Charge, ...] = ()
        by: set[str | None] = set()
        if isinstance(account, Account):
            charges = (*account.charges, *account.undated)
            by = {charge.channel for charge in charges} | {
                balance.channel for balance in account.balances
            }
        found = []
        for name, wanted, known in (
            ("country", self.country, {account.place, *(charge.country for charge in charges)}),
            (
                "consignee",
                self.consignee,
                {account.holder, *(charge.consignee for charge in charges)},
            ),
            ("channel", self.channel, by),
        ):
            if wanted is not None and wanted not in known:
                found.append((name, str(wanted)))
        return found


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many accounts one filter leaves out, whatever the others do."""

    filter: str
    value: str
    accounts: int


@dataclass(frozen=True, slots=True, repr=False)
class Accounts:
    """Every account of a fleet up to a day; `since` None: from the first charge on.

    `hidden_accounts` are not in it, as some filter did not take them; `hidden` says which.
    """

    pack: PackInfo
    source: str
    since: date | None
    until: date
    accounts: tuple[Account, ...]
    stock: tuple[StockAccount, ...]
    uncapped: tuple[Uncapped, ...]
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hidden_accounts: int = 0
    hidden: tuple[Hidden, ...] = ()
    read: ReadInfo | None = None
    schema: str = field(default="placement.accounts/1")

    def __repr__(self) -> str:
        """Return what is in it, in two lines."""
        every: tuple[Account | StockAccount, ...] = (*self.accounts, *self.stock)
        overdrawn = sum(account.overdrawn for account in every)
        return (
            f"Accounts({self.pack.id}, up to {self.until}: {len(every)} accounts, {overdrawn} "
            f"overdrawn)\n"
            "  .accounts, .stock (caps on what stands), .uncapped"
        )
