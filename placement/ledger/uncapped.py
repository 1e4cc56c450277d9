"""What was received and stands in no account, and why: no cap is on it, or a cap leaves it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from placement.enums import Counted
from placement.fleet.channel_charges import countries_charged, may_be_in
from placement.fleet.context import FleetContext
from placement.ledger.records import Only, Uncapped
from placement.policy import ALL_OWNERS
from placement.policy.rules import CapRule
from placement.text.decimals import thousandths_text

if TYPE_CHECKING:
    import polars as pl

#: A lot's line and the channel that it, or a part of it, is charged to.
Seen = tuple[int, str | None]

#: owner, consignee, country, channel, day
_Key = tuple[str, str, str, str | None, date | None]


def uncapped(
    case: FleetContext,
    seen: Iterable[Seen],
    since: date | None,
    until: date,
    only: Only,
    place_of: Callable[[str | None], int],
) -> Iterator[Uncapped]:
    """Sum up, by country, channel and reason, what is in no account; `seen`: what is in one."""
    if case.policy.pack.ledger is None:
        return
    reasons = _Reasons(case, until)
    lots: dict[tuple[str, str | None, str], tuple[int, Fraction]] = {}
    for row in _sums(_rest(case, seen, since, until, only)).iter_rows():
        *keys, model, num, den, quantity, count = row
        owner, consignee, country, channel, day = keys
        if only.country not in (None, country) or only.channel not in (None, channel):
            continue
        weight = case.scope.weight(model, "tpp")
        if weight.counted is Counted.NO:
            continue
        because = reasons.why((owner, consignee, country, channel, day))
        number, amount = lots.get((country, channel, because), (0, Fraction(0)))
        amount += Fraction(quantity * num, den) * weight.each
        lots[country, channel, because] = number + count, amount
    order = sorted(lots, key=lambda key: (key[0], place_of(key[1]), key[2]))
    for country, channel, because in order:
        number, amount = lots[country, channel, because]
        yield Uncapped(country, channel, number, thousandths_text(amount), because)


def _rest(
    case: FleetContext, seen: Iterable[Seen], since: date | None, until: date, only: Only
) -> pl.DataFrame:
    """Return the charges of the range that are in no account."""
    import polars as pl

    charges = case.books.ledger.charges
    within = may_be_in(since, until)
    if only.consignee is not None:
        within &= pl.col("consignee") == only.consignee
    schema = {"line": pl.Int64, "channel": pl.String}
    known = pl.DataFrame(list(seen), schema=schema, orient="row")
    return charges.filter(within & (pl.col("quantity") > 0)).join(
        known, on=["line", "channel"], how="anti", nulls_equal=True
    )


def _sums(charges: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    keys = ["owner", "consignee", "country", "channel", "day", "model", "unit_num", "unit_den"]
    return charges.group_by(keys).agg(pl.col("quantity").cast(pl.Int128).sum(), lots=pl.len())


class _Reasons:
    """Why charges are in no account of the caps that are on their country and channel."""

    def __init__(self, case: FleetContext, until: date) -> None:
        self._case = case
        self._until = until
        rules = [rule for rule in case.policy.pack.rules if isinstance(rule, CapRule)]
        self._received = [rule for rule in rules if rule.measure == "received"]
        self._stock = [rule for rule in rules if rule.measure == "stock"]
        self._groups = cache(case.policy.groups_on)

    def why(self, key: _Key) -> str:
        """Return the reason in words, empty where no cap is on such receipts."""
        _, _, country, channel, day = key
        groups = self._groups(day or self._until)
        left_out = [
            self._left_out(rule, key)
            for rule in self._received
            if country in groups[rule.numerator] and (not rule.channels or channel in rule.channels)
        ]
        standing = [rule.id for rule in self._stock if self._is_on_stock(rule, key)]
        if standing:
            left_out.append(f"what stands there is under {', '.join(standing)}")
        return "; ".join(dict.fromkeys(left_out))

    def _left_out(self, rule: CapRule, key: _Key) -> str:
        owner, consignee, country, _, day = key
        policy, companies = self._case.policy, self._case.companies
        if day is None:
            return f"no date shows that it came in the window of {rule.id}"
        off = policy.not_in_force(rule, day)
        if off is not None:
            return off.replace("this rule", rule.id)
        since = policy.measured(rule, day).since
        if since is not None and day < since:
            return f"it came before {since}, the first day that {rule.id} counts"
        if rule.about == "all":
            seat = companies.parents[owner].headquarters
            needed = rule.binds.headquarters
            if needed is not None and seat not in self._groups(day)[needed]:
                return f"{rule.id} leaves out companies with headquarters in {seat}"
            charged = countries_charged(country, seat, policy)
            if country not in charged:
                where = ", ".join(sorted(charged))
                return f"{rule.id} charges it to {where}, where the headquarters are"
            return f"{rule.id} does not count it"
        by_owner = companies.parents[owner]
        whose = companies.ultimate_parents[consignee] if rule.about == "consignee" else by_owner
        bound = policy.not_bound(rule, whose, day)
        return (bound or "this rule does not count it").replace("this rule", rule.id)

    def _is_on_stock(self, rule: CapRule, key: _Key) -> bool:
        owner, _, country, _, _ = key
        policy, day = self._case.policy, self._until
        if policy.not_in_force(rule, day) is not None or rule.by != "country":
            return False
        companies = self._case.companies
        parent = companies.parents[owner]
        whose = companies.groups.get(owner, (parent,)) if rule.about != "all" else (ALL_OWNERS,)
        return any(
            country in row.numerator
            for one in whose
            if rule.about == "all" or policy.not_bound(rule, one, day) is None
            for row in policy.rows(rule, one, day, frozenset({country}))
        )
