"""What a report says besides breaches and limits: what was kept, is due, or binds nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from placement.enums import Verdict
from placement.render.findings.verdict import MARK, is_enforced, listed, marked
from placement.render.formats.escape import terminal
from placement.render.view import MORE, View
from placement.report import Finding, UnjudgedDuty

MOST_NOT_APPLICABLE = 6
MOST_DUTIES = 12
MOST_OWNERS = 6


def prohibitions(findings: Iterable[Finding], view: View = MORE) -> str:
    """Return the prohibitions that are kept, each with the owners of whom that was judged."""
    rules: dict[str, dict[str, None]] = {}
    for finding in _enforced_first(findings):
        if finding.found_nothing:
            whose = finding.owner + (f": {finding.item}" if finding.item else "")
            rules.setdefault(marked(finding), {})[whose] = None
    return "\n".join(
        f"nothing found: {rule} ({listed(map(terminal, owners), view.most(MOST_OWNERS), 'owners')})"
        for rule, owners in rules.items()
    )


def duties(findings: Iterable[Finding], view: View = MORE) -> str:
    """Return what is to be told to the regulator, and when: each duty of each owner once."""
    lines: dict[str, tuple[bool, str]] = {}
    for finding in findings:
        is_due = finding.verdict is not Verdict.NOT_APPLICABLE and finding.numerator is None
        if finding.kind == "duty" and is_due:
            owner, reason = terminal(finding.owner), terminal(finding.reason or "")
            # A day that is the next one for one date judged is its own day on another.
            said = reason.removeprefix("next ")
            key = not is_enforced(finding), said
            lines.setdefault(f"duty: {owner}: {said} ({marked(finding)})", key)
    shown, most = sorted(lines, key=lambda line: lines[line]), view.most(MOST_DUTIES)
    if len(shown) > most:
        shown[most - 1 :] = [f"... and {len(shown) - most + 1} more duties: -vv shows them"]
    return "\n".join(shown)


def not_applicable(findings: Iterable[Finding], view: View = MORE) -> str:
    """Return what binds nobody here: each reason once, with the rules that it is the reason for."""
    rules: dict[tuple[str, str], dict[str, None]] = {}
    for finding in _enforced_first(findings):
        if finding.verdict is Verdict.NOT_APPLICABLE:
            name, pack = marked(finding), f"{terminal(finding.pack)}:"
            under = f" under {pack[:-1]}" if name.startswith(pack) else ""
            rules.setdefault((finding.reason or "", under), {})[name.removeprefix(pack)] = None
    lines = [
        f"not judged{under}: {_said_of(list(named), terminal(reason))}"
        for (reason, under), named in rules.items()
    ]
    most = view.most(MOST_NOT_APPLICABLE)
    if len(lines) > most:
        lines[most:] = [f"... and {len(lines) - most} more reasons: -vv shows them"]
    return "\n".join(lines)


def _said_of(rules: list[str], reason: str) -> str:
    """Return a reason with the rules in the place of `this rule`, else behind it."""
    for one, several in (("does", "do"), ("has", "have")):
        if f"this rule {one} " in reason:
            *others, last = rules
            names = f"{', '.join(others)} and {last} {several}" if others else f"{last} {one}"
            return reason.replace(f"this rule {one} ", f"{names} ")
    return f"{reason} ({', '.join(rules)})"


def unjudged(found: Sequence[UnjudgedDuty], view: View = MORE) -> str:
    """Return what the law asks for besides, each pack in a line: how many, which, where to read."""
    packs: dict[str, list[str]] = {}
    for one in sorted(found, key=lambda one: one.enforced is not True):
        packs.setdefault(one.pack, []).append(terminal(one.id) + MARK * (one.enforced is True))
    return "\n".join(
        f"no table shows {len(ids)} other {'duty' if len(ids) == 1 else 'duties'} of "
        f"{terminal(pack)}: {listed(ids, view.most(MOST_OWNERS), 'in all')}; "
        f"read placement policy show {terminal(pack)}"
        for pack, ids in packs.items()
    )


def _enforced_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: not is_enforced(finding))
