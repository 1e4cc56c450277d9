"""Rules on totals, judged exactly: for everyone they may be about, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from placement.compliance.findings import finding, not_applicable
from placement.compliance.passive import Passive
from placement.enums import Comparison, Counted, Measure, Verdict
from placement.fleet.classification import PARTS, Reading, Swing, Tally, Weight
from placement.fleet.context import FleetContext
from placement.fleet.totals import Account
from placement.policy import ALL_OWNERS, Measured, Row, Subject
from placement.policy.row import Amount
from placement.policy.rules import RatioRule, RuleOnTotals
from placement.report import Finding, OtherReading
from placement.text.decimals import (
    THOUSAND,
    floor_text,
    grouped,
    plain,
    share_text,
    thousandths_text,
)

NO_KIT = "owns no counted accelerator"


class TotalsJudge:
    """The judge's desk for one day: fleets weighed once for all rules that look at them."""

    def __init__(self, case: FleetContext, day: date) -> None:
        self._case = case
        self._day = day
        self._tallies: dict[tuple[Account, str, str | None, str | None, str], Tally] = {}
        self._passive = Passive(case)

    def judge(self, rule: RuleOnTotals) -> Iterator[Finding]:
        """Judge a rule for everyone whom it may be about."""
        policy, day = self._case.policy, self._day
        off = policy.not_in_force(rule, day)
        for subject in self._about(rule):
            bound = None if rule.about == "all" else policy.not_bound(rule, subject, day)
            if off is not None or bound is not None:
                yield not_applicable(policy, rule, subject.name, day, off or bound or "")
                continue
            if (empty := self._empty(rule)) is not None:
                yield not_applicable(policy, rule, subject.name, day, empty)
                continue
            account = self._case.books.account(rule, day)
            of = policy.measured(rule, day)
            own = self._weigh(account, of, subject)
            if of.measure is Measure.SHIPPED:
                yield from self._shipped(rule, account, subject)
                continue
            nothing = self._nothing(of, own, subject)
            if nothing is not None:
                yield not_applicable(policy, rule, subject.name, day, nothing)
                continue
            for row in policy.rows(rule, subject, day, own.places):
                found = _evaluate(row, rule, own, self._case)
                yield self._passive.named(found, rule, row)

    def _shipped(self, rule: RuleOnTotals, account: Account, subject: Subject) -> Iterator[Finding]:
        """Judge what a subject shipped, each model by itself.

        A prohibition under which nothing went where it looks is kept, of all models together.
        """
        policy, scope = self._case.policy, self._case.scope
        sent: dict[str, set[str]] = {}
        for place, models in account.fleets.get(subject.name, {}).items():
            for model in models:
                if scope.covers(model, rule) is not Counted.NO:
                    sent.setdefault(model, set()).add(place)
        if not sent:
            reason = f"{subject.name} shipped nothing that counts"
            yield not_applicable(policy, rule, subject.name, self._day, reason)
            return
        places = frozenset[str]().union(*sent.values())
        looked_at = policy.rows(rule, subject, self._day, places, frozenset(sent))
        rows = [
            row
            for row in looked_at
            if row.of.model is None
            or not sent[row.of.model].isdisjoint(row.numerator | (row.denominator or frozenset()))
        ]
        if not rows and isinstance(rule, RatioRule):
            reason = f"{subject.name} shipped nothing there that counts"
            yield not_applicable(policy, rule, subject.name, self._day, reason)
            return
        for row in rows or policy.rows(rule, subject, self._day, frozenset()):
            yield _evaluate(row, rule, self._weigh(account, row.of, subject), self._case)

    def _empty(self, rule: RuleOnTotals) -> str | None:
        """Say that no country is where a rule looks; a floor there would be broken, not empty."""
        floor = getattr(rule, "comparison", Comparison.AT_MOST) is Comparison.AT_LEAST
        if floor or self._case.policy.groups_on(self._day)[rule.numerator]:
            return None
        return f"the group {rule.numerator} has no country on {self._day}"

    def _about(self, rule: RuleOnTotals) -> list[Subject]:
        """Return everyone whom a rule may be about."""
        if rule.about == "all":
            return [ALL_OWNERS]
        judged = self._case.companies.judged
        if rule.about == "consignee":
            parents = self._case.companies.ultimate_parents
            receivers = self._case.books.account(rule, self._day).subjects
            judged = {name: parents[name] for name in receivers} or judged
        return [judged[name] for name in sorted(judged)]

    def _weigh(self, account: Account, of: Measured, subject: Subject) -> Tally:
        """Weigh a subject's fleet, once for all rules of the day that weigh it alike."""
        key = (account, of.metric, of.tested_by, of.model, subject.name)
        if key not in self._tallies:
            self._tallies[key] = account.tally(subject.name, self._case.scope, of)
        return self._tallies[key]

    def _nothing(self, of: Measured, own: Tally, subject: Subject) -> str | None:
        """Say why there is nothing to judge, None where there is something."""
        if own.places:
            return None
        if of.measure is Measure.RECEIVED:
            by = f" by {', '.join(sorted(of.channels))}" if of.channels else ""
            return f"{subject.name} received nothing{by}"
        if subject is not ALL_OWNERS:
            stock = self._case.books.stock(self._day, as_answered=of.as_answered)
            # What the pack counts, and what the rule does by a test of its own.
            for tested_by in (None, of.tested_by):
                plain = Measured(as_answered=of.as_answered, tested_by=tested_by)
                if self._weigh(stock, plain, subject).places:
                    return None
        return f"{subject.name} {NO_KIT}"


def _evaluate(row: Row, rule: RuleOnTotals, own: Tally, case: FleetContext) -> Finding:
    """Return the finding of one row."""
    part, whole = own.parts(row)
    if row.is_nested and whole == 0 and not any(whole for _, _, whole in own.unknown.of(row)):
        return not_applicable(
            case.policy, rule, row.subject, row.day, f"{row.subject} {NO_KIT}"
        ).model_copy(update={"place": row.place})
    excess = row.excess(part, whole)
    verdict, unsure, reason = _verdict(excess, *own.swings(row, excess))
    strict, other = own.readings(row)
    undated = own.undated.parts(row)[0]
    if undated and verdict is not Verdict.BREACH:
        verdict, reason = _with_undated(row, strict.part, undated, reason)
        unsure = _doubt_with_undated(row, part, own, verdict)
        if verdict is Verdict.BREACH:
            strict = replace(strict, part=strict.part + undated)
            other = replace(other, part=other.part + undated - own.undated_unknown.part(row))
    rests = unsure is not None and unsure.startswith("rests")
    if verdict is Verdict.BREACH and row.of.measure is Measure.RECEIVED and not rests:
        unsure = _of_room(rule, row, case) or unsure
    if row.of.model is not None and row.is_share and strict.part and not strict.whole:
        unsure = _join(_no_flow(rule, row, case), unsure)
    room, shown = row.room(strict.part, strict.whole), _amounts(row, strict)
    return finding(
        case.policy,
        rule,
        row.subject,
        row.day,
        verdict,
        place=row.place,
        comparison=row.comparison,
        reason=_join(unsure, reason) or None,
        item=row.of.model,
        measure=row.of.measure,
        forecast=own.rests_on_forecast(row),
        numerator=shown.numerator,
        denominator=shown.denominator,
        share=shown.share,
        other_reading=_amounts(row, other) if other.counted or other.left_out else None,
        limit=plain(row.limit),
        headroom=None if room is None else floor_text(room / THOUSAND, 3),
        lines=case.books.heaviest(rule, row).of(row) if strict.part else (),
    )


def _no_flow(rule: RuleOnTotals, row: Row, case: FleetContext) -> str:
    """Say that there is nothing that a flow could be compared with."""
    titles = {name: group.title for name, group in case.policy.pack.groups.items()}
    named = dict(rule.groups_named())
    since = f" since {row.of.since}" if row.of.since is not None else ""
    where, to = (titles.get(named[field], named[field]) for field in ("denominator", "numerator"))
    return (
        f"no sale of {row.of.model} to customers in {where} for use there is on record{since}: any "
        f"shipment to {to} is beyond the limit"
    )


def _amounts(row: Row, reading: Reading) -> OtherReading:
    """Return the amounts of a row in one reading."""
    part, whole = reading.part, reading.whole
    share = row.share(part, whole)
    return OtherReading(
        counted=reading.counted,
        left_out=reading.left_out,
        numerator=thousandths_text(part),
        denominator=thousandths_text(whole) if row.is_share else None,
        share=share_text(share, row.limit, 6) if share is not None else None,
    )


def _with_undated(
    row: Row, part: Amount, undated: Amount, reason: str | None
) -> tuple[Verdict, str]:
    """Judge receipts without a date: left out, unless counting them breaks the limit."""
    amount = f"{grouped(thousandths_text(undated))} {row.metric} of lots without a date"
    if not row.is_kept(part + undated, 0):
        why = (
            f"rests on {amount}: counted, since no date shows that they came earlier: fill arrived"
        )
        return Verdict.BREACH, _join(reason, why)
    why = f"{amount} are taken as received before the window: fill arrived"
    return Verdict.WARNING, _join(reason, why)


def _doubt_with_undated(row: Row, part: Amount, own: Tally, verdict: Verdict) -> str | None:
    """Say what models of unknown scope mean where lots without a date are looked at, too."""
    doubts = (*own.unknown.of(row), *own.undated_unknown.of(row))
    weights = {weight.model: weight for weight, part, _ in doubts if part}
    if not weights:
        return None
    if verdict is Verdict.BREACH:
        undated = own.undated.parts(row)[0] - own.undated_unknown.part(row)
        if row.is_kept(part + undated, 0):
            return _rests_on(weights.values())
    return _same(weights)


def _of_room(rule: RuleOnTotals, row: Row, case: FleetContext) -> str | None:
    """Say so where a limit is broken only as models of unknown scope took room in a channel."""
    without = case.books.received_without_doubt(rule, row.day)
    if without is None:
        return None
    account, weights = without
    sure = account.tally(row.subject, case.scope, row.of)
    if not row.is_kept(sure.parts_with_undated(row)[0], 0):
        return None
    others = (doubt.weight for doubt in sure.unknown if doubt.totals.parts(row)[0])
    took = f"{', '.join(weight.model for weight in weights)} took room in a channel"
    return _join(_rests_on([*weights, *others]), took)


def _rests_on(weights: Iterable[Weight]) -> str:
    return _join(*(weight.condition for weight in weights))


def _same(models: Iterable[str]) -> str:
    return f"the same whether or not {', '.join(sorted(models))} counts"


def _verdict(
    excess: Amount, unknown: Sequence[Swing], rated: Sequence[Swing]
) -> tuple[Verdict, str | None, str | None]:
    """Judge the stated figures, then the best and worst case of what is in doubt.

    Return the verdict, what the models of unknown scope mean for it, and what low-confidence rates
    do.
    """
    worst = PARTS * excess + sum(high for _, _, high in unknown)
    best = PARTS * excess + sum(low for _, low, _ in unknown)
    if worst > 0 >= best:
        return Verdict.BREACH, _rests_on(weight for weight, _, _ in unknown), None
    doubt = _same(weight.model for weight, _, _ in unknown) if unknown else None
    reason = None
    verdict = Verdict.BREACH if excess > 0 else Verdict.OK
    low_rated = ", ".join(sorted(weight.model for weight, _, _ in rated))
    if verdict is Verdict.OK and worst + sum(high for _, _, high in rated) > 0:
        verdict = Verdict.WARNING
        reason = f"kept only if the low-confidence rate of {low_rated} holds"
    elif verdict is Verdict.BREACH and best + sum(low for _, low, _ in rated) <= 0:
        reason = f"rests on the low-confidence rate of {low_rated}"
    return verdict, doubt, reason


def _join(*reasons: str | None) -> str:
    return "; ".join(reason for reason in reasons if reason)
