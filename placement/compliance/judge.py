"""The judge: every rule of a pack against a fleet, exactly. It knows of no solver, no tolerance."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from placement.compliance.dates import Day
from placement.compliance.findings import not_applicable
from placement.compliance.linear_rules import TotalsJudge
from placement.enums import Verdict
from placement.errors import NothingEvaluatedError
from placement.fleet.context import FleetContext
from placement.policy.rules import (
    AnyRule,
    Between,
    DutyRule,
    FinetuneRule,
    NoticeRule,
    RuleOnTotals,
    StorageRule,
)
from placement.report import Finding


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings of a run, in the order of date, rule, owner and place."""

    findings: tuple[Finding, ...]
    evaluated: bool

    def require_evaluated(self) -> None:
        """Raise NothingEvaluatedError where no rule was bound with a non-zero denominator."""
        if self.evaluated:
            return
        reasons = list(dict.fromkeys(f"{f.rule} ({f.owner}): {f.reason}" for f in self.findings))
        reasons = reasons or ["no rule has a measurement date on the days asked for: give --as-of"]
        shown = reasons[:10] + ([f"... and {len(reasons) - 10} more"] if len(reasons) > 10 else [])
        raise NothingEvaluatedError(
            "nothing was evaluated: no rule is bound to an owner of counted accelerators on the "
            "dates judged, so this run is no green\n" + "\n".join(f"  {r}" for r in shown)
        )

    def of_run(self, day: date | None) -> Judgement:
        """Mark the findings of the day of the run; None: that day was not judged as such."""
        marked = (
            found.model_copy(update={"is_today": True}) if found.date == day else found
            for found in self.findings
        )
        return replace(self, findings=tuple(marked))

    def with_unmeasured(
        self,
        case: FleetContext,
        missed: Container[str],
        since: date,
        until: date,
        *,
        watched: Container[str],
    ) -> Judgement:
        """Add a finding for each rule that has no measurement date in a range, so that it is seen.

        `missed`: the ids of the rules, `watched`: of those looked at between their dates.
        """
        reason = f"this rule has no measurement date from {since} until {until}"
        but = "; between dates only what breaks it is shown"
        unseen = [
            not_applicable(case.policy, rule, name, until, reason + but * (rule.id in watched))
            for rule in case.policy.pack.rules
            if rule.id in missed
            for name in sorted(case.companies.judged)
        ]
        return replace(self, findings=(*self.findings, *unseen))


def judge(case: FleetContext, days: Iterable[Day]) -> Judgement:
    """Judge every rule x subject x place x day."""
    findings: list[Finding] = []
    evaluated = False
    for day in days:
        found, any_bound = judge_day(case, day)
        findings.extend(found)
        evaluated = evaluated or any_bound
    return Judgement(tuple(findings), evaluated)


def judge_day(case: FleetContext, day: Day) -> tuple[list[Finding], bool]:
    """Judge one day; also tell whether anything was evaluated on it."""
    bench = TotalsJudge(case, day.day)
    findings: list[Finding] = []
    evaluated = False
    for rule in case.policy.pack.rules:
        measured = rule.id in day.measured
        if not measured and rule.id not in day.watched:
            continue
        for found in _judged(rule, case, bench, day.day):
            if measured:
                findings.append(found)
                counts = found.verdict is not Verdict.NOT_APPLICABLE and rule.kind != "duty"
                evaluated = evaluated or counts
            elif found.verdict in (Verdict.BREACH, Verdict.WARNING):
                findings.append(_between_dates(found, case.policy.between_dates(rule)))
                evaluated = True
    return findings, evaluated


def _judged(rule: AnyRule, case: FleetContext, bench: TotalsJudge, day: date) -> Iterator[Finding]:
    """Hand a rule to the judge of its kind."""
    match rule:
        case RuleOnTotals():
            yield from bench.judge(rule)
        case NoticeRule():
            from placement.compliance.notices import judge_notice

            yield from judge_notice(rule, case, day)
        case DutyRule():
            from placement.compliance.duties import judge_duty

            yield from judge_duty(rule, case, day)
        case StorageRule():
            from placement.compliance.model_weights import judge_storage

            yield from judge_storage(rule, case, day)
        case FinetuneRule():
            from placement.compliance.model_weights import judge_finetune

            yield from judge_finetune(rule, case, day)


def _between_dates(found: Finding, verdict: Between) -> Finding:
    """Return a breach that no measurement date sees the verdict that the pack's option says.

    A warning stays one: it would be no more than that on a measurement date.
    """
    parts = ("between two measurement dates of the rule", found.reason)
    reason = "; ".join(part for part in parts if part)
    said = Verdict(verdict) if found.verdict is Verdict.BREACH else found.verdict
    return found.model_copy(update={"verdict": said, "reason": reason})
