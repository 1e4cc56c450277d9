"""Whether a finding is waived: the one decision, for every verb.

A waiver covers a finding of its rule, owner group, place and item whose measure is not beyond
`at_most`, while neither the day of the run nor the date of the finding is after `expires`, and the
day of the run not before `granted`. Whatever else comes back as what it is, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from placement.enums import Comparison, Verdict
from placement.errors import did_you_mean
from placement.policy import Policy, Row
from placement.report import Finding
from placement.waivers.records import Waiver
from placement.worse import Measurement

#: The rule of the findings that tell of a waiver which waives nothing.
UNMATCHED = "waivers.unmatched"
KIND = "waiver"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the waivers say of a finding: whether it is waived, and why or why not."""

    is_waived: bool
    reason: str


def decide(finding: Finding, waivers: Iterable[Waiver], ran_on: date) -> Decision | None:
    """Return what waivers say of what fails on a run of a day; None where none is about it.

    One that covers it is enough.
    """
    if Measurement.of(finding).rank == 0:
        return None
    found = [_decide(finding, one, ran_on) for one in waivers if is_about(one, finding)]
    return next((one for one in found if one.is_waived), found[-1] if found else None)


def is_about(waiver: Waiver, finding: Finding) -> bool:
    """Tell whether a waiver is of the rule, owner group, place and item of a finding."""
    pack, rule, owner, place, item, _ = finding.key
    asked = waiver.pack, waiver.rule, waiver.owner, waiver.place, waiver.item or ""
    return asked == (pack, rule, owner, place, item)


def in_time(waiver: Waiver, day: date, ran_on: date) -> bool:
    """Tell whether a waiver holds for what is found of a day on a run of a day."""
    return waiver.granted <= ran_on <= waiver.expires and day <= waiver.expires


def relaxed(row: Row, waivers: Iterable[Waiver], ran_on: date) -> Row:
    """Return a row with its limit moved to the widest that a waiver of it allows on its day.

    The names of the waivers are those of the rows: see `of_rows`.
    """
    floor = row.comparison is Comparison.AT_LEAST
    allowed = [
        one.at_most
        for one in waivers
        if (one.rule, one.owner, one.place) == (row.rule, row.subject, row.place)
        and one.item is None
        and one.at_most is not None
        and in_time(one, row.day, ran_on)
    ]
    limit = min([row.limit, *allowed]) if floor else max([row.limit, *allowed])
    return row if limit == row.limit else replace(row, limit=limit)


def of_rows(waivers: Iterable[Waiver], policies: Sequence[Policy]) -> tuple[Waiver, ...]:
    """Return waivers by the names of rows of all packs together: see `policy.combine`."""
    if len(policies) == 1:
        return tuple(waivers)
    groups = {policy.pack.id: policy.pack.groups for policy in policies[1:]}
    return tuple(
        replace(
            one,
            rule=f"{one.pack}:{one.rule}",
            place=f"{one.pack}:{one.place}" if one.place in groups.get(one.pack, {}) else one.place,
        )
        for one in waivers
    )


def _decide(finding: Finding, waiver: Waiver, ran_on: date) -> Decision:
    named = f"the waiver of {waiver.where}"
    if ran_on < waiver.granted:
        return Decision(False, f"{named} is granted on {waiver.granted}, after this run")
    if ran_on > waiver.expires:
        return Decision(False, f"{named} expired on {waiver.expires}")
    if not in_time(waiver, finding.date, ran_on):
        return Decision(False, f"{named} ends on {waiver.expires}, before this date")
    if waiver.at_most is not None and Measurement.of(finding).is_beyond(waiver.at_most):
        least = "least" if finding.comparison == ">=" else "most"
        return Decision(False, f"beyond {named}, which allows at {least} {waiver.said}")
    said = f"waived until {waiver.expires}, approved by {waiver.approver}: {waiver.reason}"
    return Decision(True, said + (f" (up to {waiver.said})" if waiver.said else ""))


def with_waivers(
    findings: Sequence[Finding], waivers: Sequence[Waiver], ran_on: date
) -> tuple[Finding, ...]:
    """Return findings, of which those that are waived say so, and those that are not say why."""
    return tuple(_with(one, decide(one, waivers, ran_on)) for one in findings)


def unmatched(
    findings: Sequence[Finding], waivers: Sequence[Waiver], ran_on: date
) -> Iterator[Finding]:
    """Return a warning for each waiver that is about nothing that fails."""
    failing = [one for one in findings if Measurement.of(one).rank]
    for waiver in waivers:
        if any(is_about(waiver, one) for one in failing):
            continue
        why = f"it expired on {waiver.expires} and" if ran_on > waiver.expires else "it"
        yield Finding(
            pack=waiver.pack,
            rule=UNMATCHED,
            kind=KIND,
            owner=waiver.owner,
            place=waiver.place,
            item=waiver.rule + (f": {waiver.item}" if waiver.item else ""),
            date=ran_on,
            verdict=Verdict.WARNING,
            is_today=True,
            reason=f"{why} waives nothing: {waiver.rule} is broken nowhere that it says",
            unit="",
            comparison="<=",
            title="A waiver that waives nothing",
            citation=waiver.where,
            fix=_nearest(waiver, findings) or "remove it",
        )


def _with(finding: Finding, decision: Decision | None) -> Finding:
    if decision is None:
        return finding
    reason = "; ".join(filter(None, (decision.reason, finding.reason)))
    return finding.model_copy(update={"waived": decision.is_waived, "reason": reason})


def _nearest(waiver: Waiver, findings: Sequence[Finding]) -> str:
    """Return which owner or place may have been meant, of those that the rule was judged for."""
    judged = [one for one in findings if one.key[:2] == (waiver.pack, waiver.rule)]
    for name, known in (
        (waiver.owner, {one.owner for one in judged}),
        (waiver.place, {one.place for one in judged}),
        (waiver.item or "", {one.item or "" for one in judged}),
    ):
        if judged and name not in known:
            hint = did_you_mean(name, sorted(known))
            if hint:
                return f"{name!r} was not judged; {hint}"
    return ""
