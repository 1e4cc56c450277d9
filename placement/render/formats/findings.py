"""What the formats for other programs share: which findings are told, in what order and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from placement.enums import PlanStatus, Verdict
from placement.policy.describe import law
from placement.render.formats.escape import terminal
from placement.render.share import amounts, limit_of, other_reading, share
from placement.report import Finding, FindingKey, Report
from placement.text.decimals import grouped

_WITHOUT_PLAN = {
    PlanStatus.INFEASIBLE: "no plan exists",
    PlanStatus.STOPPED: "stopped without a usable plan",
}
_WORST_FIRST = (Verdict.BREACH, Verdict.WARNING, Verdict.OK, Verdict.NOT_APPLICABLE)


class Place(NamedTuple):
    """A line of a file, which an annotation stands at."""

    file: str
    line: int


def told(findings: Iterable[Finding]) -> list[Finding]:
    """Return breaches and warnings: what fails, what is enforced, and what is worst first.

    What is waived is left out.
    """
    found = [f for f in findings if f.verdict in _WORST_FIRST[:2] and not f.waived]
    found.sort(key=lambda f: f.utilisation, reverse=True)
    return sorted(found, key=_rank)


def _rank(finding: Finding) -> tuple[bool, bool, int]:
    enforced = finding.enforced is True
    return not finding.fails, not enforced, _WORST_FIRST.index(finding.verdict)


def by_key(findings: Iterable[Finding]) -> dict[FindingKey, list[Finding]]:
    """Return the findings of each key, the worst first; only those of a duty are several."""
    found: dict[FindingKey, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.key, []).append(finding)
    for same in found.values():
        same.sort(key=lambda f: (not f.fails, _WORST_FIRST.index(f.verdict)))
    return found


def by_limit(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return the findings of each rule, owner and place, of all days, in the order given."""
    found: dict[FindingKey, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.key._replace(when=""), []).append(finding)
    return list(found.values())


def on_days(same: list[Finding]) -> str:
    """Return the day of the first, and how many more there are: `2026-08-01 and 1 more`."""
    days = {finding.date for finding in same}
    return str(same[0].date) + (f" and {len(days) - 1} more" if len(days) > 1 else "")


def rule_id(finding: Finding) -> str:
    """Return PACK:RULE, as `placement policy show` takes it."""
    return f"{finding.pack}:{finding.key.rule}"


def where(finding: Finding, days: str = "") -> str:
    """Return whose finding it is, where, and on which day or `days`."""
    item = f" ({finding.item})" if finding.item else ""
    forecast = " (forecast)" if finding.forecast else ""
    return f"{finding.owner} in {finding.place}{item} on {days or finding.date}{forecast}"


def measured(finding: Finding) -> str:
    """Return the amounts against their limit in a sentence; empty where nothing is measured."""
    if finding.numerator is None or finding.kind == "duty":
        return ""
    equals = f" = {share(finding)}" if share(finding) else ""
    unit = terminal(finding.unit)
    text = f"{amounts(finding)} {unit}{equals}, limit {limit_of(finding)}"
    other = other_reading(finding)
    text += f", or {other}" if other else ""
    if finding.headroom is not None:
        text += f"; headroom {grouped(finding.headroom)} {unit}"
    return text


def message(same: list[Finding], name: Callable[[str], str] = terminal) -> str:
    """Return what findings of one key say, the worst first, in plain text of one line each."""
    return "\n".join(dict.fromkeys(said(finding, name) for finding in same))


def said(finding: Finding, name: Callable[[str], str] = terminal, days: str = "") -> str:
    """Return what a finding says, and on which `days` where it does not stand for its own alone."""
    parts = [f"{name(finding.title)}: {name(where(finding, days))}", measured(finding)]
    return ". ".join(filter(None, [*parts, name(finding.reason or "")]))


def source(finding: Finding) -> str:
    """Return the citation, and where the rule stands in law."""
    stands = law(finding.codified, finding.enforced, finding.as_of)
    return finding.citation + (f" ({stands})" if stands else "")


def places(finding: Finding, report: Report) -> list[Place]:
    """Return the lines that weigh most, the first most of all; else line 1 of what was read."""
    found = [Place(line.file, line.line) for line in finding.lines]
    return found or [Place(first_file(report), 1)]


def first_file(report: Report) -> str:
    """Return the file that a finding without lines is about: the first that was read."""
    if report.read is not None and report.read.files:
        return next(iter(report.read.files))
    return next((line.file for f in report.findings for line in f.lines), "inventory.csv")


def path_text(file: str) -> str:
    """Return a path with forward slashes, relative to the working directory if it lies in it."""
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_posix()


def no_plan(report: Report) -> list[str]:
    """Return what a run says that was to plan and has no plan, and why; else nothing."""
    plan = report.plan
    if plan is None or plan.status not in _WITHOUT_PLAN:
        return []
    return [f"{_WITHOUT_PLAN[plan.status]}: {plan.owner} in {plan.period}", *plan.conflict,
            *plan.missing]  # fmt: skip


def no_plan_key(report: Report) -> FindingKey:
    """Return what stands for the key of a finding where there is no plan."""
    owner, period = (report.plan.owner, report.plan.period) if report.plan else ("", "")
    return FindingKey("placement", "plan", owner, "", "", period)


def packs_text(report: Report) -> str:
    """Return the packs that judged, with their versions."""
    return " and ".join(f"{one.id} {one.version}" for one in report.packs or (report.pack,))
