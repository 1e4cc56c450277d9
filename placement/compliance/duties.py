"""Duties: what must be told to the regulator, when it is due, and by which figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.compliance.findings import finding, not_applicable
from placement.enums import Comparison, Counted, Measure, Verdict
from placement.fleet.classification import Weight, tally
from placement.fleet.context import FleetContext
from placement.fleet.positions import position_of
from placement.fleet.provenance import heaviest_lines
from placement.policy import Measured, Subject
from placement.policy.rules import DutyRule
from placement.report import Finding, Line
from placement.text.decimals import THOUSAND, plain, thousandths_text

if TYPE_CHECKING:
    import polars as pl


def judge_duty(rule: DutyRule, case: FleetContext, day: date) -> Iterator[Finding]:
    """Say which duties are due on a day, for everyone bound."""
    off = case.policy.not_in_force(rule, day)
    if off is not None or rule.of == "date":
        subjects = case.companies.judged
        for name in sorted(subjects):
            reason = off or case.policy.not_bound(rule, subjects[name], day)
            if reason is not None:
                yield not_applicable(case.policy, rule, name, day, reason)
            else:
                yield _on_dates(rule, case, name, day)
        return
    received = _received(rule, case, day, day if rule.of == "consignee" else date.max)
    if received.is_empty():
        yield not_applicable(
            case.policy, rule, "all owners", day, f"nobody received anything by {_by(rule)}"
        )
    elif rule.of == "consignee":
        yield from _by_consignee(rule, case, received, day)
    else:
        yield from _by_shipment(rule, case, received, day)


def _reached(rule: DutyRule, amount: Fraction | int) -> bool:
    return amount >= Fraction(rule.threshold or 0) * THOUSAND


def _by(rule: DutyRule) -> str:
    return ", ".join(rule.channels) or "any channel"


def _on_dates(rule: DutyRule, case: FleetContext, name: str, day: date) -> Finding:
    schedule = case.policy.schedules[rule.schedule]
    following = schedule.next_from(day)
    if following == day:
        reason = f"due on {day}: {rule.what}"
    else:
        reason = f"next due on {following}: {rule.what}" if following else rule.what
    return finding(case.policy, rule, name, day, Verdict.OK, reason=reason)


def _received(rule: DutyRule, case: FleetContext, day: date, until: date) -> pl.DataFrame:
    import polars as pl

    of = Measured(
        measure=Measure.RECEIVED, channels=frozenset(rule.channels), since=rule.received_since
    )
    found = case.books.ledger.received(of, until, "consignee")
    places = case.policy.groups_on(day)[rule.places]
    return found.filter(pl.col("country").is_in(list(places)))


def _by_consignee(
    rule: DutyRule, case: FleetContext, received: pl.DataFrame, day: date
) -> Iterator[Finding]:
    """Sum up what each consignee received; lots without a date, and models in doubt, are in it."""
    parents = case.companies.ultimate_parents
    fleets = position_of(received, day).fleets
    of = Measured(measure=Measure.RECEIVED)
    heaviest = heaviest_lines(received, case.scope, case.source, of)
    for name in sorted(fleets):
        found = tally(fleets[name], case.scope, of)
        lines = heaviest.at(name, frozenset(fleets[name]))
        sure = sum(found.certain.by_place.values())
        doubts = [doubt.weight for doubt in found.unknown] if not _reached(rule, sure) else []
        yield _measured(
            rule, case, parents[name], found.everywhere, day, "received", lines, doubts=doubts
        )


def _by_shipment(
    rule: DutyRule, case: FleetContext, received: pl.DataFrame, day: date
) -> Iterator[Finding]:
    """Look at each lot as one shipment; a merged lot is looked at by its heaviest line."""
    parents = case.companies.ultimate_parents
    largest: dict[str, tuple[Fraction, int]] = {}
    for row in received.iter_rows(named=True):
        weight = case.scope.weight(row["model"], "tpp")
        doubts = [weight] if weight.counted is Counted.UNKNOWN else []
        amount = Fraction(row["line_quantity"] * row["unit_num"], row["unit_den"]) * weight.each
        if _reached(rule, amount):
            shown = Line(file=case.source, line=row["line"], amount=thousandths_text(amount))
            subject = parents[row["subject"]]
            yield _measured(
                rule, case, subject, amount, day, "", (shown,), row["day"], doubts=doubts
            )
        elif amount > largest.get(row["subject"], (Fraction(-1), 0))[0]:
            largest[row["subject"]] = (amount, row["line"])
    for name, (amount, line) in sorted(largest.items()):
        shown = Line(file=case.source, line=line, amount=thousandths_text(amount))
        yield _measured(rule, case, parents[name], amount, day, "in one shipment", (shown,))


def _measured(
    rule: DutyRule,
    case: FleetContext,
    subject: Subject,
    amount: Fraction | int,
    day: date,
    how: str,
    lines: tuple[Line, ...],
    before: date | None = None,
    *,
    doubts: Sequence[Weight] = (),
) -> Finding:
    """Return the finding on a threshold; what was due `before` a past day is past.

    `doubts`: models of unknown scope without which the threshold is not reached.
    """
    reason = case.policy.not_bound(rule, subject, day)
    if reason is not None:
        return not_applicable(case.policy, rule, subject.name, day, reason)
    limit = Fraction(rule.threshold or 0)
    reached = _reached(rule, amount)
    due = reached and (before is None or before > day)
    reason = f"not due: less {how}"
    if due:
        reason = f"due{f' before {before}' if before else ''}: {rule.what}"
    elif reached:
        reason = f"was due before {before}: {rule.what}"
    if reached:
        reason = "; ".join((reason, *(doubt.condition for doubt in doubts)))
    return finding(
        case.policy,
        rule,
        subject.name,
        day,
        Verdict.WARNING if due else Verdict.OK,
        comparison=Comparison.AT_LEAST,
        reason=reason,
        numerator=thousandths_text(amount),
        limit=plain(limit),
        lines=lines,
    )
