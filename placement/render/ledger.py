"""Accounts as text for a planner, as JSON, and as CSV with one row for each entry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date

from placement.ledger.records import Account, Accounts, Charge, Opening, Uncapped
from placement.ledger.stock import StockAccount
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.pack_heading import heading
from placement.render.read_heading import read_text
from placement.text.csv_writer import sheet_text
from placement.text.decimals import grouped

#: So many charges of an account are printed, the latest; CSV and JSON have all.
MOST_CHARGES = 40

#: Columns of the CSV. entry: opening, balance (of opening.csv), charge, undated, closing; stock (a
#: quarter of a cap on stock); no_cap, and no_account (what came to a country by a channel: no cap
#: is on it, or one leaves it out). source: where a balance comes from; why it is in no account.
COLUMNS = (
    "entry", "rule", "holder", "place", "window_from", "window_until", "limit", "unit", "date",
    "file", "line", "owner", "consignee", "country", "accelerator", "count", "lot_count",
    "channel", "channel_by", "forecast", "lots", "amount", "left", "source",
)  # fmt: skip

_BASIS = {"recorded": "recorded", "licensed": "licensed = yes", "order": "by the order"}


def text(found: Accounts) -> str:
    """Return all accounts, the overdrawn ones named at the end."""
    blocks = [_head(found)]
    blocks.extend(_account(account, found.source) for account in found.accounts)
    blocks.extend(_stock(one) for one in found.stock)
    if found.uncapped:
        lines = [_uncapped_line(one) for one in found.uncapped]
        blocks.append("\n".join(["in no account:", *lines]))
    blocks.append(_closing(found))
    return "\n\n".join(blocks) + "\n"


def to_json(found: Accounts) -> str:
    """Return the accounts as JSON (`placement.accounts/1`)."""
    record = asdict(found)
    record["pack"] = found.pack.model_dump(mode="json")
    record["read"] = found.read.model_dump(mode="json") if found.read is not None else None
    schema = {"schema": record.pop("schema")}
    return json.dumps({**schema, **record}, indent=2, ensure_ascii=False, default=str) + "\n"


def to_csv(found: Accounts) -> str:
    """Return one row for each entry of each account; `COLUMNS` says what stands in it."""
    rows: list[Sequence[str]] = []
    for account in found.accounts:
        rows.extend(_entries(account, found))
    for stock in found.stock:
        rows.extend(_quarters(stock))
    rows.extend(
        _row(entry="no_account" if one.because else "no_cap", place=one.country,
             country=one.country, channel=one.channel or "", lots=str(one.lots), unit="TPP",
             amount=one.amount, source=one.because)
        for one in found.uncapped
    )  # fmt: skip
    return sheet_text(COLUMNS, rows)


def _head(found: Accounts) -> str:
    pack = found.pack
    since = "everything" if found.since is None else f"from {found.since}"
    lines = [
        *heading(pack),
        f"  shown    {since} up to {found.until}",
    ]
    if found.read is not None:
        lines.append(f"  read     {terminal(read_text(found.read))}")
    lines.extend(f"  assumed  {terminal(assumption)}" for assumption in found.assumptions)
    lines.extend(f"  note     {terminal(one)}" for one in found.notes)
    lines.append("  This is a calculation, not legal advice.")
    return "\n".join(lines)


def _account(account: Account, source: str) -> str:
    window = f"from {account.window_from} to" if account.window_from else "up to"
    by = f" by {', '.join(account.channels)}" if account.channels else ""
    lines = [
        _name(account) + _overdrawn(account.left, account.unit),
        f"  {terminal(account.title)}",
        f"  received{by} {window} {account.until}, limit {grouped(account.limit)} {account.unit}",
    ]
    hidden = max(0, len(account.charges) - MOST_CHARGES)
    shown = account.charges[hidden:]
    opens = account.opening if not hidden else account.charges[hidden - 1].left or ""
    opening = "opening" if not account.before.strip("0.") else "opening, less what came before"
    if hidden:
        opening = f"... and {hidden} more, all in --output csv"
    entries: list[Charge | Opening] = [*account.balances, *shown]
    entries.sort(key=lambda one: one.as_of if isinstance(one, Opening) else one.day or date.min)
    rows = [
        ("", opening, "", "", "", "", "", grouped(opens)),
        *(_opened(o) if isinstance(o, Opening) else _cells(o, source) for o in entries),
        (str(account.until), "closing", "", "", "", "", grouped(account.charged),
         grouped(account.left)),
    ]  # fmt: skip
    header = ("date", "line", "owner", "accelerator", "count", "channel", account.unit, "left")
    lines.append(_indented(table(header, rows, right=(6, 7))))
    if account.undated:
        lines.append(
            f"  no date: taken as received before the window; {grouped(account.undated_amount)} "
            f"{account.unit}, counted they would leave {grouped(account.left_with_undated or '')}"
        )
        latest = account.undated[-MOST_CHARGES:]
        lines.append(_indented(table(header[:-1], [_cells(o, source)[:-1] for o in latest], (6,))))
        if len(latest) < len(account.undated):
            more = len(account.undated) - len(latest)
            lines.append(f"  ... and {more} more, all in --output csv")
    lines.append(f"  source: {terminal(account.citation)}")
    return "\n".join(lines)


def _cells(one: Charge, source: str) -> tuple[str, ...]:
    channel = one.channel or "none is open"
    forecast = ", forecast" if one.forecast else ""
    owner = terminal(one.owner)
    if one.consignee != one.owner:
        owner += f" for {terminal(one.consignee)}"
    return (
        str(one.day or "no date"),
        f"{terminal(source)}:{one.line}",
        owner,
        terminal(one.accelerator),
        _count(one),
        f"{channel}, {_BASIS[one.basis]}{forecast}",
        grouped(one.amount),
        grouped(one.left or ""),
    )


def _opened(one: Opening) -> tuple[str, ...]:
    where, source = f"{terminal(one.file)}:{one.line}", terminal(one.source)
    by = f"{terminal(one.channel)}, opening balance"
    return (str(one.as_of), where, source, "", "", by, grouped(one.amount), grouped(one.left or ""))


def _count(one: Charge) -> str:
    if one.is_part:
        return f"part of a lot: {grouped(one.count)} of {grouped(one.lot_count)}"
    return grouped(one.count)


def _stock(account: StockAccount) -> str:
    rows = [
        (
            f"{quarter.since} to {quarter.until}",
            grouped(quarter.limit),
            grouped(quarter.highest),
            str(quarter.highest_on or ""),
            grouped(quarter.left),
            "OVERDRAWN" if quarter.overdrawn else "",
        )
        for quarter in account.quarters
    ]
    header = ("quarter", "limit", "highest", "first on", "left", "")
    return "\n".join(
        [
            f"{_name(account)}, {account.unit}",
            f"  {terminal(account.title)}",
            _indented(table(header, rows, right=(1, 2, 4))),
            f"  source: {terminal(account.citation)}",
        ]
    )


def _name(account: Account | StockAccount) -> str:
    year = ""
    if isinstance(account, Account) and account.calendar_year:
        year = f" {account.until.year}"
    where = "" if account.place == "everywhere" else f" in {terminal(account.place)}"
    return f"{terminal(account.rule)}{where}, {terminal(account.holder)}{year}"


def _overdrawn(left: str, unit: str) -> str:
    if left.startswith("-"):
        return f": OVERDRAWN by {grouped(left[1:])} {unit}"
    return f": {grouped(left)} {unit} left"


def _uncapped_line(one: Uncapped) -> str:
    lots = "1 lot" if one.lots == 1 else f"{one.lots:,} lots"
    channel = one.channel or "no channel that is open"
    why = terminal(one.because) or "no cap"
    return f"  {one.country}  {channel}: {lots}, {grouped(one.amount)} TPP, {why}"


def _closing(found: Accounts) -> str:
    shown = [*found.accounts, *found.stock]
    if not found.hidden_accounts:
        return _balance(found)
    count = found.hidden_accounts
    filters = ", ".join(
        f"{one.accounts} by --{one.filter} {terminal(one.value)}" for one in found.hidden
    )
    if shown:
        return f"{_balance(found)}\n{count} more not shown, hidden: {filters}"
    exist = "1 account exists" if count == 1 else f"{count} accounts exist"
    return f"no account shown: {exist}, hidden: {filters}"


def _balance(found: Accounts) -> str:
    if not found.accounts and not found.stock:
        return "no account: nothing was received under a cap, and no cap on stock binds anyone here"
    every: list[Account | StockAccount] = [*found.accounts, *found.stock]
    overdrawn = [_name(one) for one in every if one.overdrawn]
    total = len(every)
    accounts = "1 account" if total == 1 else f"{total} accounts"
    if not overdrawn:
        return f"{accounts}, none overdrawn"
    return f"{accounts}, overdrawn: {'; '.join(overdrawn)}"


def _indented(block: str) -> str:
    return "\n".join(f"  {line}" for line in block.splitlines())


def _row(**cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, "") for name in COLUMNS)


def _entries(account: Account, found: Accounts) -> Iterator[Sequence[str]]:
    common = {
        "rule": account.rule,
        "holder": account.holder,
        "place": account.place,
        "window_from": str(account.window_from or ""),
        "window_until": str(account.until),
        "limit": account.limit,
        "unit": account.unit,
    }
    start = str(found.since or account.window_from or "")
    yield _row(**common, entry="opening", date=start, amount=account.before, left=account.opening)
    for opened in account.balances:
        yield _row(
            **common,
            entry="balance",
            date=str(opened.as_of),
            file=opened.file,
            line=str(opened.line),
            channel=opened.channel,
            source=opened.source,
            amount=opened.amount,
            left=opened.left or "",
        )
    for entry, charges in (("charge", account.charges), ("undated", account.undated)):
        for charge in charges:
            yield _row(
                **common,
                entry=entry,
                date=str(charge.day or ""),
                file=found.source,
                line=str(charge.line),
                owner=charge.owner,
                consignee=charge.consignee,
                country=charge.country,
                accelerator=charge.accelerator,
                count=charge.count,
                lot_count=charge.lot_count,
                channel=charge.channel or "",
                channel_by=charge.basis,
                forecast="yes" if charge.forecast else "no",
                amount=charge.amount,
                left=charge.left or "",
            )
    yield _row(
        **common,
        entry="closing",
        date=str(account.until),
        amount=account.charged,
        left=account.left,
    )


def _quarters(account: StockAccount) -> Iterator[Sequence[str]]:
    for quarter in account.quarters:
        yield _row(
            entry="stock",
            rule=account.rule,
            holder=account.holder,
            place=account.place,
            window_from=str(quarter.since),
            window_until=str(quarter.until),
            limit=quarter.limit,
            unit=account.unit,
            date=str(quarter.highest_on or ""),
            amount=quarter.highest,
            left=quarter.left,
        )
