"""Which rules a plan is held to as rows; the others it can neither break nor mend."""

from __future__ import annotations

from typing import TypeGuard

from placement.enums import Measure, Which
from placement.policy.rules import AnyRule, RatioRule, RuleOnTotals, ShareRule


def is_written(rule: AnyRule) -> TypeGuard[RuleOnTotals]:
    """Tell whether a rule is a row over what a plan may change.

    That is what stands (all lots, those without a licence, those that nothing covers) and what was
    received. Who runs a
    lot, and a channel that its own line records, no plan changes; notices are dates, duties are
    evaluated, and shipments and weights are not planned.
    """
    if not isinstance(rule, RuleOnTotals) or isinstance(rule, RatioRule):
        return False
    match measure_of(rule):
        case Measure.RECEIVED:
            return rule.by == "country"
        case Measure.STOCK if rule.which in (Which.UNLICENSED, Which.UNCOVERED):
            return not isinstance(rule, ShareRule)
        case Measure.STOCK:
            return rule.which is Which.ALL
        case _:
            return False


def measure_of(rule: RuleOnTotals) -> Measure:
    """Return what a rule adds up: what stands where its kind has no choice."""
    return Measure(getattr(rule, "measure", Measure.STOCK))
