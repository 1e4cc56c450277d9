"""The report for a terminal: what was judged, each breach with its lines, one table, a verdict."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from math import ceil, floor

from placement.enums import Measure, Verdict
from placement.policy.describe import law
from placement.render.changes import changes, known, waived
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.pack_heading import heading
from placement.render.read_heading import read_text
from placement.render.share import amounts, limit_of, other_reading, share
from placement.report import Finding, Report, UnjudgedDuty
from placement.text.decimals import decimal_text, grouped

_WORST_FIRST = (Verdict.BREACH, Verdict.WARNING, Verdict.OK, Verdict.NOT_APPLICABLE)
_MARK = "*"
_TWO_READINGS = (
    "two figures in a row: with and without models of which nobody knows whether they count (see\n"
    "'judged both ways'); the verdict looks at both, the headroom holds in both"
)
MOST_DETAILS = 20
MOST_ROWS = 60
MOST_NOT_APPLICABLE = 6
MOST_DUTIES = 12
MOST_OWNERS = 6


def render(report: Report, measured: str | None = None) -> str:
    """Return the whole report as text, verdict last; what is enforced stands before what is not.

    `measured` stands in place of the table of all that was evaluated; a rule is then described
    once for each place, on the date on which it is furthest beyond its limit.
    """
    report = report.by_pack()
    blocks = [_head(report)]
    for enforced, verdict in product((True, False), (Verdict.BREACH, Verdict.WARNING)):
        found = [f for f in report.findings if f.verdict is verdict and _first(f) == enforced]
        blocks.extend(_details(found, once=measured is not None))
    tables = (
        figures(report.findings) if measured is None else measured,
        prohibitions(report.findings),
        duties(report.findings),
        not_applicable(report.findings),
        unjudged(report.unjudged),
        "\n".join(terminal(one.sentence) for one in report.in_force),
    )
    blocks.extend(filter(None, tables))
    blocks.extend(filter(None, (changes(report), waived(report.findings), known(report.findings))))
    blocks.append(closing(report))
    return "\n\n".join(blocks) + "\n"


def _head(report: Report) -> str:
    lines = [
        *(line for pack in report.packs or (report.pack,) for line in heading(pack)),
        f"  judged   {_listed(str(day) for day in report.dates)}",
    ]
    lines.extend(f"  {line}" for line in enforced(report.findings))
    if report.read is not None:
        lines.append(f"  read     {terminal(read_text(report.read))}")
    lines.extend(f"  assumed  {terminal(text)}" for text in report.assumptions)
    lines.extend(f"  note     {terminal(text)}" for text in report.notes)
    lines.extend(f"  open     {terminal(text)}" for text in report.questions)
    lines.append("  This is a calculation, not legal advice.")
    return "\n".join(lines)


def _first(finding: Finding) -> bool:
    """Tell whether a finding stands among the first: its rule is enforced."""
    return finding.enforced is True


def _marked(finding: Finding) -> str:
    """Return the name of a finding's rule, with the mark of those that are enforced."""
    return terminal(finding.rule) + _MARK * _first(finding)


def enforced(findings: Iterable[Finding]) -> list[str]:
    """Return the line that says which of the rules are enforced; none where no pack says it."""
    stated = {f.rule: f.enforced for f in findings}
    today = [terminal(rule) for rule, said in stated.items() if said]
    others = sum(said is False for said in stated.values())
    if not today and not others:
        return []
    if not others:
        return [f"enforced every rule judged here (marked {_MARK})"]
    if not today:
        return ["enforced none of the rules judged here: what they say is codified, no more"]
    left = f"{others} others are not" if others > 1 else "one other is not"
    return [f"enforced {_listed(today, what='rules')} (marked {_MARK}); the {left}"]


def _listed(items: Iterable[str], most: int = 8, what: str = "dates") -> str:
    found = list(items)
    if len(found) <= most:
        return ", ".join(found)
    return f"{', '.join(found[: most - 1])}, ... {found[-1]} ({len(found)} {what})"


def _details(findings: list[Finding], *, once: bool) -> list[str]:
    """Describe the findings furthest beyond their limits, and count the others."""
    worst = sorted(findings, key=lambda finding: finding.utilisation, reverse=True)
    if once:
        first: dict[tuple[str | None, ...], Finding] = {}
        for finding in worst:
            first.setdefault((finding.rule, finding.owner, finding.place, finding.item), finding)
        worst = list(first.values())
    worst = worst[:MOST_DETAILS]
    blocks = [_detail(finding) for finding in worst]
    hidden = len(findings) - len(worst)
    if hidden:
        verdict = findings[0].verdict.value
        blocks.append(f"... and {hidden} more with verdict {verdict}, all in the JSON report")
    return blocks


def _detail(finding: Finding) -> str:
    """Describe one breach or warning with its numbers, its lines, its source and the way out."""
    what = "DUTY" if finding.kind == "duty" else finding.verdict.value.upper()
    what += {True: ", ENFORCED", False: " (not enforced)", None: ""}[finding.enforced]
    item = f" ({terminal(finding.item)})" if finding.item else ""
    head = (
        f"{what} {terminal(finding.rule)}: {terminal(finding.owner)} "
        f"in {terminal(finding.place)}{item} on {finding.date}"
    )
    lines = [head + (" (forecast)" if finding.forecast else ""), f"  {terminal(finding.title)}"]
    compared = not _no_flow(finding)  # the reason says that there is nothing to compare with
    if finding.numerator is not None and compared:
        lines.extend(f"  {line}" for line in _measured(finding))
    if finding.headroom is not None and finding.headroom.startswith("-") and compared:
        lines.append(f"  {_must_leave(finding, finding.headroom)}")
    if finding.reason:
        lines.append(f"  {terminal(finding.reason)}")
    for line in finding.lines:
        where = f"{terminal(line.file)}:{line.line}"
        lines.append(f"  {where}: {grouped(line.amount)} {finding.unit}")
    if finding.fix:
        lines.append(f"  fix: {terminal(finding.fix)}")
    stands = law(finding.codified, finding.enforced, finding.as_of)
    lines.append(f"  source: {terminal(finding.citation)}{f' ({stands})' if stands else ''}")
    return "\n".join(lines)


def _is_of_flow(finding: Finding) -> bool:
    return finding.measure is Measure.SHIPPED


def _no_flow(finding: Finding) -> bool:
    """Tell whether a flow is compared with another one of which there is none, in any reading."""
    other = finding.other_reading
    return (
        finding.kind == "ratio"
        and finding.verdict is Verdict.BREACH
        and not Fraction(finding.denominator or 1)
        and (other is None or not Fraction(other.denominator or 1))
    )


def _must_leave(finding: Finding, headroom: str) -> str:
    """Say how much too much it is: more where it is retired, since the whole shrinks with it."""
    retired = f"{grouped(headroom[1:])} {finding.unit}"
    if finding.measure is Measure.RECEIVED:
        return f"{retired} too much was received; what leaves gives nothing back"
    if finding.measure is Measure.SHIPPED:
        return f"{retired} too much was shipped"
    if finding.denominator is None or finding.limit is None:
        return f"{retired} must leave"
    moved = Fraction(ceil(finding.excess * 1000), 1000)
    return (
        f"{grouped(decimal_text(moved, 3))} {finding.unit} must move elsewhere, or {retired} retire"
    )


def _measured(finding: Finding) -> list[str]:
    """Write the amounts against their limit, and what they are in the other reading."""
    equals = f" = {share(finding)}" if share(finding) else ""
    lines = [f"{amounts(finding)} {finding.unit}{equals}, limit {limit_of(finding)}"]
    other = other_reading(finding)
    return lines + ([f"or {other}"] if other else [])


def figures(findings: Iterable[Finding]) -> str:
    """Return the table of all evaluated findings: enforced, then worst and tightest first."""
    measured = [
        f for f in findings if f.numerator is not None and f.kind != "duty" and not f.found_nothing
    ]
    shown = heapq.nsmallest(MOST_ROWS, measured, key=_rank)
    rows = [
        (
            f.verdict.value,
            _marked(f),
            terminal(f.owner),
            terminal(f.place) + (f" ({terminal(f.item)})" if f.item and _is_of_flow(f) else ""),
            str(f.date),
            "no sale" if _no_flow(f) else share(f) or grouped(f.numerator or ""),
            limit_of(f),
            _headroom(f),
            f.unit,
        )
        for f in shown
    ]
    if not rows:
        return ""
    header = ("verdict", "rule", "owner", "place", "date", "measured", "limit", "headroom", "unit")
    text = table(header, rows, right=(5, 6, 7))
    hidden = len(measured) - len(rows)
    if any(f.other_reading is not None for f in shown):
        text += f"\n{_TWO_READINGS}"
    return text + (f"\n... and {hidden} more rows, all in the JSON report" if hidden > 0 else "")


def _rank(finding: Finding) -> tuple[bool, int, date, bool, Fraction]:
    beyond, part = finding.utilisation
    worst = _WORST_FIRST.index(finding.verdict)
    return (not _first(finding), worst, finding.date, not beyond, -part)


def prohibitions(findings: Iterable[Finding]) -> str:
    """Return the prohibitions that are kept, each with the owners of whom that was judged."""
    rules: dict[str, dict[str, None]] = {}
    for finding in _enforced_first(findings):
        if finding.found_nothing:
            whose = finding.owner + (f": {finding.item}" if finding.item else "")
            rules.setdefault(_marked(finding), {})[whose] = None
    return "\n".join(
        f"nothing found: {rule} ({_listed(map(terminal, owners), MOST_OWNERS, 'owners')})"
        for rule, owners in rules.items()
    )


def _headroom(finding: Finding) -> str:
    if finding.headroom is not None:
        return grouped(str(floor(Fraction(finding.headroom))))
    return "" if finding.measure is None else "unlimited"


def duties(findings: Iterable[Finding]) -> str:
    """Return what is to be told to the regulator, and when: each duty of each owner once."""
    lines: dict[str, tuple[bool, str]] = {}
    for finding in findings:
        is_due = finding.verdict is not Verdict.NOT_APPLICABLE and finding.numerator is None
        if finding.kind == "duty" and is_due:
            owner, reason = terminal(finding.owner), terminal(finding.reason or "")
            # A day that is the next one for one date judged is its own day on another.
            said = reason.removeprefix("next ")
            key = not _first(finding), said
            lines.setdefault(f"duty: {owner}: {said} ({_marked(finding)})", key)
    listed = sorted(lines, key=lambda line: lines[line])
    if len(listed) > MOST_DUTIES:
        hidden = len(listed) - MOST_DUTIES + 1
        listed[MOST_DUTIES - 1 :] = [f"... and {hidden} more duties, all in the JSON report"]
    return "\n".join(listed)


def not_applicable(findings: Iterable[Finding]) -> str:
    """Return what binds nobody here: each reason once, with the rules that it is the reason for."""
    rules: dict[tuple[str, str], dict[str, None]] = {}
    for finding in _enforced_first(findings):
        if finding.verdict is Verdict.NOT_APPLICABLE:
            name, pack = _marked(finding), f"{terminal(finding.pack)}:"
            under = f" under {pack[:-1]}" if name.startswith(pack) else ""
            rules.setdefault((finding.reason or "", under), {})[name.removeprefix(pack)] = None
    lines = [
        f"not judged{under}: {_said_of(list(named), terminal(reason))}"
        for (reason, under), named in rules.items()
    ]
    hidden = len(lines) - MOST_NOT_APPLICABLE
    if hidden > 0:
        lines[MOST_NOT_APPLICABLE:] = [f"... and {hidden} more reasons, all in the JSON report"]
    return "\n".join(lines)


def _said_of(rules: list[str], reason: str) -> str:
    """Return a reason with the rules in the place of `this rule`, else behind it."""
    for one, several in (("does", "do"), ("has", "have")):
        if f"this rule {one} " in reason:
            *others, last = rules
            names = f"{', '.join(others)} and {last} {several}" if others else f"{last} {one}"
            return reason.replace(f"this rule {one} ", f"{names} ")
    return f"{reason} ({', '.join(rules)})"


def unjudged(found: Sequence[UnjudgedDuty]) -> str:
    """Return what the law asks for besides, each pack in a line: how many, which, where to read."""
    packs: dict[str, list[str]] = {}
    for one in sorted(found, key=lambda one: one.enforced is not True):
        packs.setdefault(one.pack, []).append(terminal(one.id) + _MARK * (one.enforced is True))
    return "\n".join(
        f"no table shows {len(ids)} other {'duty' if len(ids) == 1 else 'duties'} of "
        f"{terminal(pack)}: {_listed(ids, MOST_OWNERS, 'in all')}; read placement policy show "
        f"{terminal(pack)}"
        for pack, ids in packs.items()
    )


def _enforced_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: not _first(finding))


def closing(report: Report) -> str:
    """Return the verdict in one line, with the count of findings behind it.

    Of breaches it says how many are of enforced rules, where the packs state that.
    """
    if report.verdict is Verdict.NOT_APPLICABLE and not report.findings:
        return "NOT APPLICABLE: nothing is left to judge"
    counts = Counter((_WORST_FIRST.index(f.verdict), f.outcome) for f in report.findings)
    tally = ", ".join(
        f"{count} {outcome}{_how_many(report, _WORST_FIRST[rank])}"
        for (rank, outcome), count in sorted(counts.items())
    )
    return f"{report.verdict.value.upper()}: {tally}"


def _how_many(report: Report, verdict: Verdict) -> str:
    """Return how many breaches are of enforced rules, in brackets."""
    found = [f.enforced for f in report.findings if f.verdict is verdict]
    if verdict is not Verdict.BREACH or set(found) == {None}:
        return ""
    of = found.count(True)
    return f" ({'all' if of == len(found) else of or 'none'} enforced)"
