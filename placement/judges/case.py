"""Everything that is known in a run, for whoever judges a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from placement.books import Books
from placement.companies import Companies
from placement.policy import Policy
from placement.policy.kinds import BaseRule
from placement.report import Finding
from placement.scope import Scope
from placement.vocabulary import Comparison, Verdict

if TYPE_CHECKING:
    from placement.sources.sites import Sites
    from placement.sources.table import Table
    from placement.sources.weights import WeightsRow


@dataclass(frozen=True, slots=True)
class Case:
    """A run's books and records; `source` names the inventory. None: no such file was given."""

    scope: Scope
    companies: Companies
    books: Books
    source: str
    sites: Sites | None = None
    weights: Table[WeightsRow] | None = None
    has_notices: bool = False

    @property
    def policy(self) -> Policy:
        """The pack with its options chosen."""
        return self.scope.policy


def finding(
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
    """Give a finding with what the rule itself says; `amounts` are further fields of it."""
    fields: dict[str, object] = {
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
        **amounts,
    }
    return Finding.model_validate(fields)


def not_applicable(rule: BaseRule, owner: str, day: date, reason: str) -> Finding:
    """Give the finding that a rule was not judged, and why."""
    comparison = getattr(rule, "comparison", Comparison.AT_MOST)
    return finding(rule, owner, day, Verdict.NOT_APPLICABLE, comparison=comparison, reason=reason)
