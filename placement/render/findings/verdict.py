"""The verdict in one line, and the count of all that was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

from placement.enums import Verdict
from placement.policy import ALL_OWNERS
from placement.render.formats.escape import terminal
from placement.report import Finding, Report
from placement.text.decimals import percent_text

WORST_FIRST = (Verdict.BREACH, Verdict.WARNING, Verdict.OK, Verdict.NOT_APPLICABLE)
MARK = "*"
_MOST_NAMED = 2


def is_enforced(finding: Finding) -> bool:
    """Tell whether a finding stands among the first: its rule is enforced."""
    return finding.enforced is True


def marked(finding: Finding) -> str:
    """Return the name of a finding's rule, with the mark of those that are enforced."""
    return terminal(finding.rule) + MARK * is_enforced(finding)


def listed(items: Iterable[str], most: int = 8, what: str = "dates") -> str:
    """Return some of the items, the last one, and how many there are."""
    found = list(items)
    if len(found) <= most:
        return ", ".join(found)
    return f"{', '.join(found[: most - 1])}, ... {found[-1]} ({len(found)} {what})"


def verdict_line(report: Report) -> str:
    """Return what was found, of whom, how much of it, as of when, and what was read."""
    if report.verdict is Verdict.NOT_APPLICABLE and not report.findings:
        return "NOT APPLICABLE: nothing is left to judge"
    told = [f for f in report.findings if f.verdict is report.verdict and f.fails]
    told.sort(key=lambda f: not is_enforced(f))
    said = _broken(told) if told else _kept(report)
    law = _how_enforced(told)
    return f"{_word(report.verdict)}{law}: {said}; {_read(report)}{_when(report)}"


def _word(verdict: Verdict) -> str:
    return verdict.value.upper().replace("_", " ")


def _how_enforced(told: Sequence[Finding]) -> str:
    """Return whether what was found is enforced today, where the packs say so."""
    rules = {(f.rule, f.owner, f.place): f.enforced for f in told}
    if not rules or set(rules.values()) == {None}:
        return ""
    enforced = sum(said is True for said in rules.values())
    if enforced == len(rules):
        return ", ENFORCED"
    return f", {enforced} of {len(rules)} ENFORCED" if enforced else ", not enforced"


def _broken(told: Sequence[Finding]) -> str:
    """Say who breaks what where; of many only how many they are."""
    owners = list(dict.fromkeys(terminal(f.owner) for f in told))
    rules = list(dict.fromkeys(terminal(f.rule) for f in told))
    places = list(dict.fromkeys(terminal(f.place) for f in told))
    who = _some(owners, "owners")
    one = len(owners) == 1 and owners[0] != ALL_OWNERS.name
    verb = "breaks" if one else "break"
    if all(f.kind == "duty" for f in told):
        verb = "did not do what is due:"
    elif told[0].verdict is Verdict.WARNING:
        verb = "is warned of" if one else "are warned of"
    return f"{who} {verb} {_some(rules, 'rules')} in {_some(places, 'places')}"


def _some(names: Sequence[str], what: str) -> str:
    return " and ".join(names) if len(names) <= _MOST_NAMED else f"{len(names):,} {what}"


def _kept(report: Report) -> str:
    """Say how many limits are kept, and how much of the tightest is used."""
    kept = [f for f in report.findings if f.verdict is Verdict.OK]
    limits = [f for f in kept if is_measured(f)]
    others = len({f.rule for f in kept if f.found_nothing})
    parts = []
    if limits:
        tightest = max(limits, key=lambda f: f.utilisation)
        count = len({(f.pack, f.rule, f.owner, f.place, f.item) for f in limits})
        beyond, part = tightest.utilisation
        used = "" if beyond else f", {percent_text(part, Fraction(1), 0)} used"
        where = f"{marked(tightest)} in {terminal(tightest.place)}"
        parts.append(
            f"{count:,} limits kept, the tightest {where}{used}"
            if count > 1
            else f"{where} kept{used}"
        )
    if others:
        parts.append(f"nothing found by {others} {'prohibitions' if others > 1 else 'prohibition'}")
    covered = Counter("waived" if f.waived else "known" for f in report.findings if is_covered(f))
    parts += [f"{count} {name}" for name, count in sorted(covered.items())]
    return ", ".join(parts) or "no rule is broken"


def is_covered(finding: Finding) -> bool:
    """Tell whether a breach or a warning is waived, or known from before."""
    told = finding.verdict in (Verdict.BREACH, Verdict.WARNING)
    return told and not finding.fails


def is_measured(finding: Finding) -> bool:
    """Tell whether a finding holds a number against a limit."""
    return finding.numerator is not None and finding.kind != "duty" and not finding.found_nothing


def _read(report: Report) -> str:
    if report.read is None:
        return ""
    return "1 lot, " if report.read.lots == 1 else f"{report.read.lots:,} lots, "


def _when(report: Report) -> str:
    days = report.dates
    if any(f.is_today for f in report.findings) and report.ran_on is not None:
        return f"as of {report.ran_on}"
    if not days:
        return "on no date"
    return f"as of {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"


def tally(report: Report) -> str:
    """Return how many findings there are of each verdict; of breaches how many are enforced."""
    counts = Counter((WORST_FIRST.index(f.verdict), f.outcome) for f in report.findings)
    return ", ".join(
        f"{count:,} {outcome}{_how_many(report, outcome)}"
        for (_, outcome), count in sorted(counts.items())
    )


def _how_many(report: Report, outcome: str) -> str:
    """Return how many breaches are of enforced rules, in brackets."""
    found = [f.enforced for f in report.findings if f.verdict is Verdict.BREACH and f.fails]
    if outcome != Verdict.BREACH.value or set(found) == {None}:
        return ""
    of = found.count(True)
    return f" ({'all' if of == len(found) else of or 'none'} enforced)"


def closing(report: Report) -> str:
    """Return the verdict with the count of findings behind it."""
    if report.verdict is Verdict.NOT_APPLICABLE and not report.findings:
        return "NOT APPLICABLE: nothing is left to judge"
    return f"{_word(report.verdict)}: {tally(report)}"
