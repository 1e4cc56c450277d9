"""What a change does: the findings of a fleet beside those of the one that it was made from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest

from placement.enums import Outcome, Verdict
from placement.report import Change, Finding, Line, Report, exact_share
from placement.text.decimals import plain
from placement.worse import Measurement, is_worse

#: What a finding is of, on a day; those of a duty may have it together.
_At = tuple[str, str, str, str, str, date]


def compared(
    report: Report, before: Iterable[Finding], name: str, failing: Collection[Verdict]
) -> Report:
    """Return a report that says what became of each finding of the base called `name`.

    What fails and is no worse there is `known`. Of what does, the lines that the base does not have
    come first: they are what the change is about. `failing`: the verdicts that count as broken.
    """
    was, now = _by_place(before), _by_place(report.findings)
    known: set[int] = set()
    lines: dict[int, tuple[Line, ...]] = {}
    changes: list[Change] = []
    for at in dict.fromkeys((*now, *was)):
        for after, base in zip_longest(now.get(at, ()), was.get(at, ())):
            if after is not None and base is not None and is_known(after, base):
                known.add(id(after))
            elif after is not None and base is not None and after.fails:
                lines[id(after)] = _new_first(after.lines, base.lines)
            changes += _changed(after, base, failing)
    findings = tuple(
        one.model_copy(update={"known": id(one) in known, "lines": lines.get(id(one), one.lines)})
        for one in report.findings
    )
    changes.sort(key=lambda one: one.date)
    told = {"findings": findings, "changes": tuple(changes), "compared_with": name}
    return report.model_copy(update=told)


def _new_first(lines: Sequence[Line], base: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines whose amounts the base does not have, then the others."""
    left = Counter(line.amount for line in base)
    new: list[Line] = []
    old: list[Line] = []
    for line in lines:
        left[line.amount] -= 1
        (new if left[line.amount] < 0 else old).append(line)
    return (*new, *old)


def is_known(after: Finding, before: Finding) -> bool:
    """Tell whether what fails now did so before, and is no worse."""
    return after.fails and not is_worse(after, before)


def _by_place(findings: Iterable[Finding]) -> Mapping[_At, Sequence[Finding]]:
    """Return what was judged by what it is of, the worst first: so they are compared in order."""
    found: dict[_At, list[Finding]] = defaultdict(list)
    for one in findings:
        if one.verdict is not Verdict.NOT_APPLICABLE:
            found[*one.key[:5], one.date].append(one)
    for several in found.values():
        several.sort(key=_how_bad, reverse=True)
    return found


def _how_bad(finding: Finding) -> tuple[object, ...]:
    measured = Measurement.of(finding)
    return measured.rank, *measured.badness


def _changed(
    after: Finding | None, before: Finding | None, failing: Collection[Verdict]
) -> Iterator[Change]:
    """Return the change of one rule at one place; none where there is nothing to tell."""
    one = after or before
    if one is None:
        raise AssertionError("a change of nothing")
    is_broken = after is not None and after.verdict in failing
    was_broken = before is not None and before.verdict in failing
    outcome = _OUTCOMES[was_broken, is_broken]
    measured = [side for side in (before, after) if side is not None and _is_measured(side)]
    if outcome is Outcome.OK and not measured:
        return
    pack, rule, owner, place, item, _ = one.key
    yield Change(
        pack=pack,
        rule=rule,
        owner=owner,
        place=place,
        item=item or None,
        date=one.date,
        outcome=outcome,
        worse=after is not None and is_worse(after, before),
        before=_measure(before),
        after=_measure(after),
        unit=one.unit,
        comparison=one.comparison,
        limit=one.limit,
        is_share=one.denominator is not None,
        headroom=None if after is None else after.headroom,
    )


#: By whether it was broken, and whether it is.
_OUTCOMES = {
    (False, False): Outcome.OK,
    (False, True): Outcome.BROKEN,
    (True, False): Outcome.FIXED,
    (True, True): Outcome.STILL_BROKEN,
}


def _is_measured(finding: Finding) -> bool:
    """Tell whether a limit was measured there, and not only that nothing is there."""
    return finding.measure is not None and not finding.found_nothing


def _measure(finding: Finding | None) -> str | None:
    """Return the exact share, or the amount where nothing is divided; None where there is none."""
    if finding is None or finding.numerator is None:
        return None
    if finding.denominator is None:
        return plain(finding.measured)
    share = exact_share(finding)
    return None if share is None else plain(share)
