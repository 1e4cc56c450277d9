"""The accounts of all that was read, with what they assume and what is to be noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from placement.compliance.run import report
from placement.compliance.several import has_accounts, only_with
from placement.errors import Fault, UsageError
from placement.fleet.account_notes import balance_notes, split_lines
from placement.ledger.accounts import assumptions_of, make_accounts, merged_note, wanted
from placement.ledger.records import Accounts
from placement.loading.inputs import Inputs


def require_range(since: date | None, until: date) -> None:
    """Refuse a range of days without a day in it."""
    if since is not None and until < since:
        raise UsageError(Fault("the range ends before it begins", f"give dates up to {until}"))


def draw_up(
    inputs: Inputs,
    since: date | None,
    until: date,
    *,
    country: str | None = None,
    consignee: str | None = None,
    channel: str | None = None,
) -> Accounts:
    """Return the accounts of the one policy that has any; `since` None: from the first charge.

    `country`, `consignee` and `channel` keep those in which such a charge stands.
    """
    require_range(since, until)
    read = inputs.under(only_with(inputs.settings.policies, has_accounts, "caps or channels"))
    settings, lots = read.settings, read.lots
    case = read.case()
    lost = balance_notes((settings.policy,), read.records.balances)
    accounts = make_accounts(
        case,
        report(settings.policy, (), dates=()).pack,
        since,
        until,
        only=wanted(case, country, consignee, channel),
        assumptions=(
            *settings.assumptions,
            *assumptions_of(settings.policy, settings.entities),
            *lots.assumptions,
            *split_lines(case),
        ),
        notes=(*lots.notes, *settings.catalog.changes, *merged_note(lots), *lost),
    )
    return replace(accounts, read=read.read())
