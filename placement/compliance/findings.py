"""Findings: what a judge of any kind of rule says of one rule, company, place and day."""

from __future__ import annotations

from datetime import date

from placement.enums import Comparison, Verdict
from placement.policy import Policy
from placement.policy.rules import BaseRule
from placement.report import Finding


def finding(
    policy: Policy,
    rule: BaseRule,
    owner: str,
    day: date,
    verdict: Verdict,
    *,
    place: str | None = None,
    comparison: Comparison = Comparison.AT_MOST,
    reason: str | None = None,
    **amounts: object,
) -> Finding:
    """Return a finding with what the rule and its pack say; `amounts` are further fields of it.

    Where it stands in law is what the rule says of itself, else what the pack says of all.
    """
    status = policy.pack.status
    fields: dict[str, object] = {
        "pack": policy.pack.id,
        "rule": rule.id,
        "kind": rule.kind,
        "owner": owner,
        "place": rule.place() if place is None else place,
        "date": day,
        "verdict": verdict,
        "reason": reason,
        "unit": rule.unit(),
        "comparison": comparison.value,
        "title": rule.title,
        "citation": rule.citation,
        "fix": rule.fix,
        "codified": status.codified if rule.codified is None else rule.codified,
        "enforced": status.enforced if rule.enforced is None else rule.enforced,
        "as_of": rule.as_of or status.as_of,
        **amounts,
    }
    return Finding.model_validate(fields)


def not_applicable(policy: Policy, rule: BaseRule, owner: str, day: date, reason: str) -> Finding:
    """Return the finding that a rule was not judged, and why."""
    comparison = getattr(rule, "comparison", Comparison.AT_MOST)
    verdict = Verdict.NOT_APPLICABLE
    return finding(policy, rule, owner, day, verdict, comparison=comparison, reason=reason)
