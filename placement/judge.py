"""The judge: rows evaluated exactly against positions. It knows of no solver and no tolerance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from placement.agenda import Day
from placement.amounts import THOUSAND, floor_text, plain, share_text, thousandths_text
from placement.errors import NothingEvaluatedError
from placement.lines import Heaviest, heaviest_lines
from placement.policy import Row, Subject
from placement.policy.kinds import AnyRule, Between, ShareRule
from placement.policy.row import Amount
from placement.position import Position, Timeline
from placement.report import Finding
from placement.scope import PARTS, Scope, Tally, Weight, tally
from placement.vocabulary import Comparison, Verdict

UNITS = {"tpp": "TPP", "accelerators": "accelerators"}
NO_KIT = "owns no counted accelerator"


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


def judge(
    timeline: Timeline,
    days: Iterable[Day],
    scope: Scope,
    subjects: Mapping[str, Subject],
    source: str,
) -> Judgement:
    """Judge every rule x subject x place x day; `source` names the inventory in line references.

    `subjects` are all subjects of the timeline, by name.
    """
    findings: list[Finding] = []
    evaluated = False
    for day in days:
        position = timeline.on(day.day)
        heaviest = heaviest_lines(timeline.lots_on(day.day), scope, source)
        found, any_bound = judge_position(position, day, scope, subjects, heaviest)
        findings.extend(found)
        evaluated = evaluated or any_bound
    return Judgement(tuple(findings), evaluated)


def not_measured(
    rules: Iterable[AnyRule], subjects: Iterable[str], since: date, until: date
) -> list[Finding]:
    """Give a finding for each rule that has no measurement date in a range, so that it is seen."""
    reason = f"no measurement date from {since} until {until}"
    return [
        _not_applicable(rule, name, rule.numerator, until, reason)
        for rule in rules
        for name in sorted(subjects)
    ]


def judge_position(
    position: Position,
    day: Day,
    scope: Scope,
    subjects: Mapping[str, Subject],
    heaviest: Heaviest,
) -> tuple[list[Finding], bool]:
    """Judge one day; also tell whether anything was evaluated on it."""
    policy = scope.policy
    tallies: dict[tuple[str, str], Tally] = {}
    findings: list[Finding] = []
    evaluated = False
    for rule in policy.pack.rules:
        if rule.id not in day.measured and rule.id not in day.watched:
            continue
        for name in sorted(subjects):
            subject = subjects[name]
            reason = policy.not_bound(rule, subject, day.day)
            key = (name, rule.metric)
            if reason is None and key not in tallies:
                tallies[key] = tally(position.fleets.get(name, {}), scope, rule.metric)
            if reason is None and not tallies[key].places:
                reason = f"{name} {NO_KIT}"
            if reason is not None:
                if rule.id in day.measured:
                    findings.append(_not_applicable(rule, name, rule.numerator, day.day, reason))
                continue
            own = tallies[key]
            for row in policy.rows(rule, name, day.day, own.places):
                finding = _evaluate(row, rule, own, heaviest)
                if rule.id in day.measured:
                    findings.append(finding)
                    evaluated = evaluated or finding.verdict is not Verdict.NOT_APPLICABLE
                elif finding.verdict is Verdict.BREACH:
                    findings.append(_between_dates(finding, policy.between_dates(rule)))
    return findings, evaluated


def _between_dates(finding: Finding, verdict: Between) -> Finding:
    """Give a breach that no measurement date sees the verdict that the pack's option says."""
    reason = _join("between two measurement dates of the rule", finding.reason)
    return finding.model_copy(update={"verdict": Verdict(verdict), "reason": reason})


def _evaluate(row: Row, rule: AnyRule, own: Tally, heaviest: Heaviest) -> Finding:
    """Give the finding of one row."""
    part, whole = own.parts(row)
    if row.is_share and whole == 0 and not any(d.totals.parts(row)[1] for d in own.unknown):
        return _not_applicable(rule, row.subject, row.place, row.day, f"{row.subject} {NO_KIT}")
    excess = row.excess(part, whole)
    verdict, reason, included = _verdict(excess, own.swings(row, excess))
    for doubt in own.unknown:
        if doubt.weight.model in included:
            more_part, more_whole = doubt.totals.parts(row)
            part, whole = part + more_part, whole + more_whole
    room = row.room(part, whole)
    share = Fraction(part) / whole if row.is_share and whole != 0 else None
    return Finding(
        rule=row.rule,
        kind=row.kind,
        owner=row.subject,
        place=row.place,
        date=row.day,
        verdict=verdict,
        forecast=own.rests_on_forecast(row),
        reason=reason,
        unit=UNITS[row.metric],
        comparison=row.comparison.value,
        numerator=thousandths_text(part),
        denominator=thousandths_text(whole) if row.is_share else None,
        share=share_text(share, row.limit, 6) if share is not None else None,
        limit=plain(row.limit),
        headroom=None if room is None else floor_text(room / THOUSAND, 3),
        title=rule.title,
        citation=rule.citation,
        fix=rule.fix,
        lines=heaviest.of(row),
    )


def _verdict(
    excess: Amount, swings: Sequence[tuple[Weight, Amount, Amount]]
) -> tuple[Verdict, str | None, set[str]]:
    """Judge the stated figures, then the best and worst case of what is in doubt.

    Also gives the models of unknown scope that the printed figures include.
    """
    unknown = [swing for swing in swings if swing[0].missing]
    rated = [swing for swing in swings if not swing[0].missing]
    worst = PARTS * excess + sum(high for _, _, high in unknown)
    best = PARTS * excess + sum(low for _, low, _ in unknown)
    if worst > 0 >= best:
        reasons = (
            f"rests on whether {weight.model} counts: supply its {', '.join(weight.missing)}"
            for weight, _, _ in unknown
        )
        included = {weight.model for weight, _, high in unknown if high > 0}
        return Verdict.BREACH, _join(*reasons), included
    names = sorted(weight.model for weight, _, _ in unknown)
    reason = f"the same whether or not {', '.join(names)} counts" if names else None
    verdict = Verdict.BREACH if excess > 0 else Verdict.OK
    low_rated = ", ".join(sorted(weight.model for weight, _, _ in rated))
    if verdict is Verdict.OK and worst + sum(high for _, _, high in rated) > 0:
        verdict = Verdict.WARNING
        reason = _join(reason, f"kept only if the low-confidence rate of {low_rated} holds")
    elif verdict is Verdict.BREACH and best + sum(low for _, low, _ in rated) <= 0:
        reason = _join(reason, f"rests on the low-confidence rate of {low_rated}")
    return verdict, reason, set()


def _not_applicable(rule: AnyRule, subject: str, place: str, day: date, reason: str) -> Finding:
    comparison = rule.comparison if isinstance(rule, ShareRule) else Comparison.AT_MOST
    return Finding(
        rule=rule.id,
        kind=rule.kind,
        owner=subject,
        place=place,
        date=day,
        verdict=Verdict.NOT_APPLICABLE,
        reason=reason,
        unit=UNITS[rule.metric],
        comparison=comparison.value,
        title=rule.title,
        citation=rule.citation,
        fix=rule.fix,
    )


def _join(*reasons: str | None) -> str:
    return "; ".join(reason for reason in reasons if reason)
