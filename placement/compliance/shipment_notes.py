"""What a report says of shipments beside its findings."""

from __future__ import annotations

from datetime import date

from placement.enums import Counted, Which
from placement.fleet.context import FleetContext
from placement.policy.rules import ProhibitionRule


def before_their_rules(case: FleetContext, file: str, day: date) -> tuple[str, ...]:
    """Return which shipments a rule is too young for that is about their place and model."""
    notes = []
    for rule in case.policy.on_totals:
        if not isinstance(rule, ProhibitionRule) or rule.measure != "shipped" or rule.since is None:
            continue
        of = case.policy.measured(rule, day)
        if of.which is not Which.UNLICENSED:
            continue
        lines = [
            shipment.line
            for shipment in case.books.shipments
            if shipment.day < rule.since
            and not of.to.isdisjoint({shipment.to_country, shipment.end_use})
            and not shipment.licensed
            and not case.scope.is_excepted(shipment)
            and case.scope.covers(shipment.model, rule) is not Counted.NO
        ]
        if lines:
            count = "1 shipment" if len(lines) == 1 else f"{len(lines)} shipments"
            notes.append(
                f"{file}: NOT JUDGED by {rule.id}: {count} without a licence before {rule.since} "
                f"(line {lines[0]}{', ...' if len(lines) > 1 else ''}); see the note of the rule"
            )
    return tuple(notes)


def taken_as_unlicensed(case: FleetContext, file: str, day: date) -> tuple[str, ...]:
    """Return what is assumed of shipments of which `file` does not say whether they have a licence.

    Only of those that went, or are used, where a rule asks for one, since it stands and by the day.
    """
    rules = []
    lines: set[int] = set()
    for rule in case.policy.on_totals:
        of = case.policy.measured(rule, day)
        if not isinstance(rule, ProhibitionRule) or rule.measure != "shipped":
            continue
        if of.which is not Which.UNLICENSED or case.policy.not_in_force(rule, day):
            continue
        blank = {
            shipment.line
            for shipment in case.books.shipments
            if shipment.licensed is None
            and not case.scope.is_excepted(shipment)
            and shipment.day <= day
            and (rule.since is None or rule.since <= shipment.day)
            and not of.to.isdisjoint({shipment.to_country, shipment.end_use})
            and case.scope.covers(shipment.model, rule) is not Counted.NO
        }
        if blank:
            rules.append(rule.id)
            lines |= blank
    if not lines:
        return ()
    count = "1 shipment" if len(lines) == 1 else f"{len(lines)} shipments"
    return (
        f"{file}: licensed is blank for {count}, taken as without a licence ({', '.join(rules)})",
    )
