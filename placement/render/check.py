"""The report for people: the verdict first, what breaks, the tightest limits; the rest with -v."""

from __future__ import annotations

from collections.abc import Iterable

from placement.render.changes import changes, known, waived
from placement.render.findings.background import duties, not_applicable, prohibitions, unjudged
from placement.render.findings.breaches import blocks
from placement.render.findings.limits import MOST_TIGHTEST, figures, tightest
from placement.render.findings.verdict import (
    MARK,
    closing,
    listed,
    tally,
    verdict_line,
)
from placement.render.formats.escape import terminal
from placement.render.formats.wrapped import fitted
from placement.render.pack_heading import changed, heading
from placement.render.read_heading import read_text
from placement.render.view import SCREEN, Detail, View
from placement.report import Finding, PackInfo, Report

#: So many notes stand on the first screen.
MOST_NOTES = 20
NOT_ADVICE = "This is a calculation, not legal advice."


def render(report: Report, view: View = SCREEN) -> str:
    """Return the report as text, verdict first; what is enforced stands before what is not."""
    report = report.by_pack()
    first = verdict_line(report)
    if view.detail is Detail.VERDICT:
        return f"{first}\n"
    if view.is_short:
        return fitted(first_screen(report, first), view.width)
    text = "\n\n".join([first, *whole(report, view), closing(report)])
    return fitted(f"{text}\n", view.width)


def first_screen(report: Report, first: str) -> str:
    """Return the verdict, what it rests on, each breach, the tightest limits, and a last line."""
    parts = [
        "\n".join([first, *rests_on(report)]),
        changes(report),
        *blocks(report.findings, SCREEN),
        waived(report.findings),
        known(report.findings),
        tightest(report.findings, MOST_TIGHTEST),
    ]
    parts[-1] = f"{parts[-1]}\n".lstrip("\n") + ending(f"{tally(report)}; more with -v")
    return "\n\n".join(filter(None, parts)) + "\n"


def breaches(report: Report) -> list[str]:
    """Return the worst breaches and warnings, a block each."""
    return blocks(report.findings, SCREEN)


def ending(rest: str) -> str:
    """Return the last lines of a screen: where the rest is, and what it is not."""
    return f"{rest}\n{NOT_ADVICE}"


def rests_on(report: Report) -> list[str]:
    """Return what a verdict rests on: what was read, which law, what could move it."""
    lines, packs = [], report.packs or (report.pack,)
    if report.read is not None:
        lines.append(f"  read     {terminal(read_text(report.read))}")
    lines += [f"  changed  {changed(pack)}" for pack in packs if pack.changed]
    lines.append(f"  judged   {_packs(packs)} on {days(report)}")
    lines += [f"  law      {said}" for said in _law(report)]
    if report.assumptions:
        lines.append(f"  assumed  {'; '.join(map(terminal, report.assumptions))}")
    if report.questions:
        answers = ", ".join(question.partition(" (")[0] for question in report.questions)
        lines.append(f"  open     {terminal(answers)} (see -v)")
    lesser = set(report.lesser_notes)
    notes = [terminal(text) for text in report.notes if text not in lesser]
    lines += [f"  note     {text}" for text in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        lines.append(f"  note     ... and {len(notes) - MOST_NOTES} more: -v shows them")
    return lines + [f"  {terminal(one.sentence)}" for one in report.in_force]


def _packs(packs: Iterable[PackInfo]) -> str:
    return " and ".join(
        f"{'CHANGED ' if pack.changed else ''}{terminal(pack.id)} {terminal(pack.version)}"
        for pack in packs
    )


def days(report: Report) -> str:
    """Return the days that were judged."""
    return listed(str(day) for day in report.dates)


def _law(report: Report) -> list[str]:
    """Say which rules are enforced, and as of when; the pack's own words where it does not say."""
    said = enforced(report.findings)
    if said:
        day = max(pack.status_as_of for pack in report.packs or (report.pack,))
        return [f"{said[0]} (as of {day})"]
    return [
        f"{terminal(pack.status)} (as of {pack.status_as_of})"
        for pack in report.packs or (report.pack,)
    ]


def enforced(findings: Iterable[Finding]) -> list[str]:
    """Return the line that says which of the rules are enforced; none where no pack says it."""
    stated = {f.rule: f.enforced for f in findings}
    today = [terminal(rule) for rule, said in stated.items() if said]
    others = sum(said is False for said in stated.values())
    if not today and not others:
        return []
    if not others:
        return [f"every rule judged here is enforced (marked {MARK})"]
    if not today:
        return ["none of the rules judged here is enforced: what they say is codified, no more"]
    left = f"the {others} others" if others > 1 else "the other one"
    return [f"enforced: {listed(today, what='rules')} (marked {MARK}), not {left}"]


def whole(report: Report, view: View, measured: str | None = None) -> list[str]:
    """Return all parts of a report but its verdict; `measured` stands for the table of all."""
    found = report.findings
    parts = [
        head(report),
        changes(report),
        *blocks(found, view),
        waived(found),
        known(found),
        figures(found, view) if measured is None else measured,
        prohibitions(found, view),
        duties(found, view),
        not_applicable(found, view),
        unjudged(report.unjudged, view),
        "\n".join(terminal(one.sentence) for one in report.in_force),
    ]
    return [part for part in parts if part]


def head(report: Report) -> str:
    """Return which packs judged on which days, what was read, and all that was assumed."""
    lines = [
        *(line for pack in report.packs or (report.pack,) for line in heading(pack)),
        f"  judged   {days(report)}",
        *(f"  law      {line}" for line in enforced(report.findings)),
    ]
    if report.read is not None:
        lines.append(f"  read     {terminal(read_text(report.read))}")
    lines.extend(f"  assumed  {terminal(text)}" for text in report.assumptions)
    lines.extend(f"  note     {terminal(text)}" for text in report.notes)
    lines.extend(f"  open     {terminal(text)}" for text in report.questions)
    return "\n".join([*lines, f"  {NOT_ADVICE}"])
