"""Breaches and warnings, a block for each rule, owner and place: amounts, lines, the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from math import ceil

from placement.enums import Measure, Verdict
from placement.policy.describe import law
from placement.render.findings.limits import no_flow
from placement.render.findings.verdict import is_enforced
from placement.render.formats.escape import terminal
from placement.render.share import amounts, limit_of, other_reading, share
from placement.render.view import MORE, View
from placement.report import Finding
from placement.text.decimals import decimal_text, grouped

#: So many blocks, dates of a block and lines of a date are shown on the first screen.
MOST_ON_SCREEN = 3
MOST_DETAILS = 20


def blocks(findings: Iterable[Finding], view: View = MORE) -> list[str]:
    """Return a block for each breach, then each warning; what is enforced and worst comes first.

    Of many the first are shown, and the others counted.
    """
    told = [f for f in findings if f.verdict in (Verdict.BREACH, Verdict.WARNING) and f.fails]
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for verdict, enforced in product((Verdict.BREACH, Verdict.WARNING), (True, False)):
        found = [f for f in told if f.verdict is verdict and is_enforced(f) == enforced]
        for one in sorted(found, key=lambda f: (f.utilisation, f.date), reverse=True):
            key = (verdict, one.pack, one.rule, one.owner, one.place, one.item)
            groups.setdefault(key, []).append(one)
    most = MOST_ON_SCREEN if view.is_short else view.most(MOST_DETAILS)
    block = _short if view.is_short else _whole
    shown = [block(group) for group in list(groups.values())[:most]]
    hidden = list(groups.values())[most:]
    if hidden:
        places = len({(f.rule, f.owner, f.place) for group in hidden for f in group})
        where = "1 more rule and place" if places == 1 else f"{places:,} more rules and places"
        shown.append(f"... and {where} so: {'-v' if view.is_short else '-vv'} shows them")
    return shown


def _head(finding: Finding) -> list[str]:
    """Say which rule is broken by whom and where."""
    what = "DUTY" if finding.kind == "duty" else finding.verdict.value.upper()
    what += {True: ", ENFORCED", False: " (not enforced)", None: ""}[finding.enforced]
    item = f" ({terminal(finding.item)})" if finding.item else ""
    owner, place = terminal(finding.owner), terminal(finding.place)
    return [
        f"{what} {terminal(finding.rule)}: {owner} in {place}{item}",
        f"  {terminal(finding.title)}",
    ]


def _tail(finding: Finding) -> list[str]:
    """Say what to do about it, and where the rule stands."""
    stands = law(finding.codified, finding.enforced, finding.as_of)
    source = f"  source: {terminal(finding.citation)}{f' ({stands})' if stands else ''}"
    return [*([f"  fix: {terminal(finding.fix)}"] if finding.fix else []), source]


def _short(group: Sequence[Finding]) -> str:
    """Describe a rule and place on its worst dates, with what must leave on the worst of all."""
    worst, lines = group[0], _head(group[0])
    dates = sorted(group[:MOST_ON_SCREEN], key=lambda f: f.date)
    for finding in dates:
        said = _measured(finding) or [terminal(finding.reason or "")]
        lines.append(f"  {_day(finding)}: {said[0]}")
        lines += [f"    {more}" for more in said[1:]]
    if len(group) > len(dates):
        hidden = len(group) - len(dates)
        lines.append(f"  and on {hidden} other {'date' if hidden == 1 else 'dates'}: -v shows them")
    on = f"{worst.date}: " if len(group) > 1 else ""
    lines += [f"  {on}{said}" for said in _must_leave(worst)]
    if worst.reason and _measured(worst):
        lines.append(f"  {terminal(worst.reason)}")
    return "\n".join([*lines, *_few_lines(worst), *_tail(worst)])


def _few_lines(finding: Finding) -> list[str]:
    """Return the heaviest lines of the inventory in one line, those of one file behind it."""
    if not finding.lines:
        return []
    shown = finding.lines[:MOST_ON_SCREEN]
    said, file = [], ""
    for line in shown:
        name = "" if line.file == file else terminal(line.file)
        said.append(f"{name}:{line.line}: {grouped(line.amount)}")
        file = line.file
    said[0] += f" {finding.unit}"
    hidden = len(finding.lines) - len(shown)
    return [f"  {', '.join(said)}" + (f" and {hidden} more: -v" if hidden else "")]


def _whole(group: Sequence[Finding]) -> str:
    """Describe a rule and place on every date, each with its lines where they are others."""
    lines, told = _head(group[0]), None
    for finding in sorted(group, key=lambda f: f.date):
        said = _measured(finding)
        lines.append(f"  {_day(finding)}: {said[0]}" if said else f"  on {_day(finding)}")
        lines += [f"  {more}" for more in (*said[1:], *_must_leave(finding))]
        if finding.reason:
            lines.append(f"  {terminal(finding.reason)}")
        if finding.lines != told:
            lines += [
                f"  {terminal(line.file)}:{line.line}: {grouped(line.amount)} {finding.unit}"
                for line in finding.lines
            ]
        told = finding.lines
    return "\n".join([*lines, *_tail(group[0])])


def _day(finding: Finding) -> str:
    return f"{finding.date} (forecast)" if finding.forecast else str(finding.date)


def _must_leave(finding: Finding) -> list[str]:
    """Say how much too much it is: more where it is retired, since the whole shrinks with it."""
    headroom = finding.headroom
    if headroom is None or not headroom.startswith("-") or no_flow(finding):
        return []
    retired = f"{grouped(headroom[1:])} {finding.unit}"
    if finding.measure is Measure.RECEIVED:
        return [f"{retired} too much was received; what leaves gives nothing back"]
    if finding.measure is Measure.SHIPPED:
        return [f"{retired} too much was shipped"]
    if finding.denominator is None or finding.limit is None:
        return [f"{retired} must leave"]
    moved = grouped(decimal_text(Fraction(ceil(finding.excess * 1000), 1000), 3))
    return [f"{moved} {finding.unit} must move elsewhere, or {retired} retire"]


def _measured(finding: Finding) -> list[str]:
    """Write the amounts against their limit, and what they are in the other reading.

    Nothing where there is nothing to compare with: the reason says so.
    """
    if finding.numerator is None or no_flow(finding):
        return []
    equals = f" = {share(finding)}" if share(finding) else ""
    lines = [f"{amounts(finding)} {finding.unit}{equals}, limit {limit_of(finding)}"]
    other = other_reading(finding)
    return lines + ([f"or {other}"] if other else [])
