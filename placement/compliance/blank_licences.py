"""What a blank in the column licensed was taken for: licensed, or (by enforced rules) not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.enums import Channel, Counted, Verdict, Which
from placement.fleet.context import FleetContext
from placement.policy import Policy
from placement.policy.country_groups import EVERYWHERE
from placement.policy.row import Amount
from placement.policy.rules import ProhibitionRule
from placement.report import Finding
from placement.text.decimals import grouped, thousandths_text

if TYPE_CHECKING:
    import polars as pl

_MOST = 8


@dataclass(frozen=True, slots=True)
class Blanks:
    """TPP (in thousandths) by country of lots whose line says nothing of a licence.

    `licensed`: what rules on uncovered kit took as licensed, `rules` their ids. `unlicensed`: what
    each enforced rule on kit without a licence took as such, where it is broken.
    """

    pack: str
    rules: tuple[str, ...]
    licensed: Mapping[str, Amount]
    unlicensed: Mapping[str, Mapping[str, Amount]]


def blanks_of(case: FleetContext, findings: Sequence[Finding], last: date | None) -> Blanks:
    """Return what blanks were taken for, by the last day that was judged."""
    policy = case.policy
    licensed: dict[str, dict[str, Amount]] = {}
    if last is not None and policy.answers.of("blank_licence") == "assumed":
        licensed = {rule.id: _assumed(case, rule, last) for rule in _of(policy, Which.UNCOVERED)}
    unlicensed = {}
    for rule in _of(policy, Which.UNLICENSED):
        enforced = policy.pack.status.enforced if rule.enforced is None else rule.enforced
        broken = [
            finding.date
            for finding in findings
            if finding.rule == rule.id and finding.verdict is Verdict.BREACH
        ]
        if enforced and broken:
            found = _sums(_blank(case.books.lots(rule, max(broken))), case, rule.tested_by())
            groups = policy.groups_on(max(broken))
            unlicensed[rule.id] = {
                place: amount
                for place, amount in found.items()
                if rule.numerator == EVERYWHERE or place in groups[rule.numerator]
            }
    return Blanks(
        policy.pack.id,
        tuple(rule for rule, places in licensed.items() if places),
        {place: amount for places in licensed.values() for place, amount in places.items()},
        {rule: places for rule, places in unlicensed.items() if places},
    )


def said(blanks: Iterable[Blanks]) -> list[str]:
    """Return what to say of them, in one line: what was assumed, and where it was not."""
    assumed = [blank for blank in blanks if blank.licensed]
    if not assumed:
        return []
    amounts: dict[str, Amount] = {}
    for one in assumed:
        for place, amount in one.licensed.items():
            amounts[place] = max(amount, amounts.get(place, 0))
    line = (
        f"taken as licensed, since nothing says otherwise: {_listed(amounts)}; "
        "--option blank_licence=unlicensed makes that a breach"
    )
    strict = {
        (f"{blank.pack}:" if blank.pack != assumed[0].pack else "") + rule: places
        for blank in blanks
        for rule, places in blank.unlicensed.items()
    }
    if strict:
        rules = ", ".join(dict.fromkeys(rule for one in assumed for rule in one.rules))
        told = "; ".join(f"{rule}: {_listed(places)}" for rule, places in strict.items())
        line += (
            f". That is so under rules that are not enforced ({rules}); those that are take a "
            f"blank as no licence ({told})"
        )
    return [line]


def _of(policy: Policy, which: Which) -> list[ProhibitionRule]:
    rules = (rule for rule in policy.on_totals if isinstance(rule, ProhibitionRule))
    return [rule for rule in rules if rule.which is which]


def _assumed(case: FleetContext, rule: ProhibitionRule, last: date) -> dict[str, Amount]:
    """Sum up what stands on a day by a licence that nobody recorded, where the rule looks."""
    import polars as pl

    if case.policy.not_in_force(rule, last) is not None:
        return {}
    since = rule.received_since
    stands = pl.col("end").is_null() | (pl.col("end") > last)
    came = pl.col("day").is_null() | (pl.col("day") <= last)
    if since is not None:
        came &= pl.col("day").is_null() | (pl.col("day") >= since)
    lots = case.books.ledger.came_by([Channel.LICENCE]).filter(
        ~pl.col("recorded") & pl.col("licensed").is_null() & came & stands
    )
    if rule.numerator != EVERYWHERE:
        places = case.policy.groups_on(last)[rule.numerator]
        lots = lots.filter(pl.col("country").is_in(sorted(places)))
    return _sums(lots, case, rule.tested_by())


def _blank(lots: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return lots.filter(pl.col("licensed").is_null()).unique(subset=["line"], maintain_order=True)


def _sums(lots: pl.DataFrame, case: FleetContext, tested_by: str | None) -> dict[str, Amount]:
    """Sum up by country what counts, or may."""
    import polars as pl

    units = pl.col("quantity").cast(pl.Int128) * pl.col("unit_num")
    sums = lots.group_by("country", "model", "unit_den").agg(units.sum()).sort("country", "model")
    found: dict[str, Amount] = {}
    for country, model, den, quantity in sums.iter_rows():
        weight = case.scope.weight(model, "tpp", tested_by)
        if weight.counted is not Counted.NO and quantity:
            found[country] = found.get(country, 0) + Fraction(quantity * weight.each, den)
    return found


def _listed(amounts: Mapping[str, Amount]) -> str:
    largest = sorted(amounts.items(), key=lambda one: (-one[1], one[0]))
    shown = [f"{place} {_text(amount)} TPP" for place, amount in largest[:_MOST]]
    more = len(largest) - len(shown)
    return ", ".join(shown) + (f", and {more} more countries" if more else "")


def _text(amount: Amount) -> str:
    text = grouped(thousandths_text(Fraction(amount).__floor__()))
    return text.removesuffix(".000")
