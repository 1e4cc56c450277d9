"""What is said beside accounts, once: whose tally they are, what opened them, what was split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from placement.fleet.context import FleetContext
from placement.fleet.opening_balances import Balance, Balances
from placement.policy import Policy
from placement.policy.row import Amount
from placement.policy.rules import CapRule
from placement.text.decimals import grouped, thousandths_text

_MOST_BALANCES = 10
_MOST_LINES = 5


def shared_caps(policy: Policy) -> list[CapRule]:
    """Return the caps on what others have or receive, too: of all owners, or of a consignee."""
    rules = (rule for rule in policy.pack.rules if isinstance(rule, CapRule))
    return [rule for rule in rules if rule.about != "owner"]


def shared_in(policy: Policy, day: date, places: Iterable[str]) -> list[str]:
    """Return the ids of those that stand on a day and look at some countries."""
    groups, where = policy.groups_on(day), frozenset(places)
    return [
        rule.id
        for rule in shared_caps(policy)
        if policy.not_in_force(rule, day) is None and groups[rule.numerator] & where
    ]


def tally_notes(case: FleetContext, ids: Iterable[str]) -> tuple[str, ...]:
    """Say of each cap whose accounts others charge, too, that ours are of this inventory alone."""
    wanted, balances = frozenset(ids), case.books.balances
    found = []
    for rule in shared_caps(case.policy):
        if rule.id not in wanted:
            continue
        opened = any(_takes(case.policy, rule, row) for row in balances.rows)
        of = f"of this inventory and {balances.file}" if opened else "of this inventory"
        others = f"{rule.counted_by} counts everyone's" if rule.counted_by else "others' count, too"
        found.append(f"{rule.id}: {of}; {others}")
    return tuple(found)


def balance_lines(policy: Policy, balances: Balances) -> tuple[str, ...]:
    """Return a line for each opening balance that an account takes, with its source."""
    counted = [row for row in balances.rows if _not_counted(policy, row) is None]
    lines = [
        f"opening balance of {one.holder} by {one.channel.value}: {_tpp(one.amount)} as of "
        f"{one.as_of} ({balances.file}:{one.line}: {one.source})"
        for one in counted[:_MOST_BALANCES]
    ]
    hidden = len(counted) - len(lines)
    if hidden:
        lines.append(f"and {hidden} more opening balances in {balances.file}")
    return tuple(lines)


def balance_notes(policies: Iterable[Policy], balances: Balances) -> tuple[str, ...]:
    """Say which balances no account of any policy takes, or only another year's would."""
    notes, packs = [], tuple(policies)
    for row in balances.rows:
        reasons = [_not_counted(policy, row) for policy in packs]
        said = [reason for reason in reasons if reason is not None]
        if len(said) == len(packs):
            why = "; ".join(dict.fromkeys(said))
            notes.append(f"{balances.file}:{row.line}: NOT COUNTED: {why}")
    return tuple(notes)


def _not_counted(policy: Policy, one: Balance) -> str | None:
    """Return why a balance is in no account, None where it is in one."""
    rules = [rule for rule in shared_caps(policy) if _is_of(policy, rule, one)]
    if not rules:
        of = "" if one.country is None else f" of {one.country}"
        return f"{policy.pack.id} has no account{of} by {one.channel.value}"
    reasons = [_outside(policy, rule, one) for rule in rules]
    said = [reason for reason in reasons if reason is not None]
    return "; ".join(said) if len(said) == len(rules) else None


def _takes(policy: Policy, rule: CapRule, one: Balance) -> bool:
    return _is_of(policy, rule, one) and _outside(policy, rule, one) is None


def _is_of(policy: Policy, rule: CapRule, one: Balance) -> bool:
    """Tell whether a cap is on the country or the consignee of a balance, on some day."""
    if rule.measure != "received" or rule.metric != "tpp" or rule.by != "country":
        return False
    if rule.channels and one.channel not in rule.channels:
        return False
    if rule.about == "consignee":
        return one.consignee is not None
    return one.country is not None and one.country in policy.groups_on(one.as_of)[rule.numerator]


def _outside(policy: Policy, rule: CapRule, one: Balance) -> str | None:
    """Return why the day of a balance is outside a cap's time, None where it is inside."""
    since = policy.measured(rule, one.as_of).since
    begins = rule.since or (rule.steps[0].since if rule.steps else None)
    if since is not None and one.as_of < since:
        return f"as of {one.as_of}, before {since}, the first day that {rule.id} counts"
    if rule.calendar_year and begins is not None and one.as_of.year < begins.year:
        return f"as of {one.as_of}, and {rule.id} stands from {begins} on"
    if rule.until is not None and one.as_of >= rule.until:
        return f"as of {one.as_of}, and {rule.id} stands until the day before {rule.until}"
    if rule.steps and one.as_of > rule.steps[-1].to:
        return f"as of {one.as_of}, and {rule.id} has no limit after {rule.steps[-1].to}"
    return None


def split_lines(case: FleetContext) -> tuple[str, ...]:
    """Say which lots the ledger splits over channels, how much comes by each, and what that needs.

    One line: the first lots by name, the sums of all.
    """
    import polars as pl

    if not case.books.ledger.is_ordered:
        return ()
    split = case.books.ledger.charges.filter(pl.col("split"))
    sums: dict[str | None, Fraction] = {}
    for channel, model, quantity, num, den in split.select(
        "channel", "model", "quantity", "unit_num", "unit_den"
    ).iter_rows():
        each = case.scope.weight(model, "tpp").each
        sums[channel] = sums.get(channel, Fraction(0)) + Fraction(quantity * num, den) * each
    if not sums:
        return ()
    lines = sorted(set(split["line"].to_list()))
    where = ", ".join(f"{case.source}:{line}" for line in lines[:_MOST_LINES])
    more = f" and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
    lots = "a lot is split" if len(lines) == 1 else f"{len(lines)} lots are split"
    rank = {one.id.value: place for place, one in enumerate(case.policy.pack.channels)}
    order = sorted(sums, key=lambda name: rank.get(name or "", len(rank)))
    parts = ", ".join(
        f"{_tpp(sums[name])} by {name or 'no channel that is open'}" for name in order
    )
    needs = needs_of(case.policy, order)
    return (f"{lots} over channels ({where}{more}): {parts}{needs}",)


def needs_of(policy: Policy, channels: Iterable[str | None]) -> str:
    """Return what channels need first, in the pack's words, to be put behind a sentence."""
    names = frozenset(channels)
    said = [
        f"{channel.id.value} needs first: {channel.needs}"
        for channel in policy.pack.channels
        if channel.needs and channel.id.value in names
    ]
    return "".join(f"; {text}" for text in said)


def said_of(case: FleetContext) -> Iterator[str]:
    """Yield what is assumed of accounts: opening balances, and lots that are split."""
    yield from balance_lines(case.policy, case.books.balances)
    yield from split_lines(case)


def _tpp(amount: Amount) -> str:
    return f"{grouped(thousandths_text(amount))} TPP"
