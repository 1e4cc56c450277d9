"""Annotations of GitHub Actions: the worst ten at their lines, and a line that counts the rest.

Several days of one rule, owner and place are one of them, that of the worst day.

A step may have ten errors, ten warnings and ten notices; more are dropped without a word.
"""

from __future__ import annotations

from placement.enums import Verdict
from placement.render.formats.escape import command_property, command_text, terminal
from placement.render.formats.findings import (
    by_limit,
    no_plan,
    on_days,
    packs_text,
    path_text,
    places,
    rule_id,
    said,
    told,
)
from placement.render.formats.options import FormatOptions
from placement.report import Finding, Report

MOST = 10


def commands(report: Report, options: FormatOptions) -> str:  # noqa: ARG001 - all take them
    """Return the workflow commands; what was known from before is a notice, and comes last."""
    groups = by_limit(told(report.findings))
    why = terminal("; ".join(no_plan(report)))
    lines = [_command("error", {"title": _title(report)}, why)] if why else []
    room = MOST - len(lines)
    lines += [_annotation(same, report) for same in groups[:room]]
    hidden = groups[room:]
    if hidden:
        failing = sum(same[0].fails for same in hidden)
        text = f"{len(hidden)} more, {failing} of them failing: the report has all of them"
        lines.append(_command("notice", {"title": _title(report)}, text))
    return "".join(f"{line}\n" for line in lines)


def _title(report: Report) -> str:
    return f"placement, {terminal(packs_text(report))}"


def _annotation(same: list[Finding], report: Report) -> str:
    first = same[0]
    main = places(first, report)[0]
    about = {
        "file": terminal(path_text(main.file)),
        "line": str(main.line),
        "title": terminal(rule_id(first)),
    }
    text = said(first, days=on_days(same))
    text += f"\nfix: {terminal(first.fix)}" if first.fix else ""
    return _command(_level(first), about, text)


def _level(finding: Finding) -> str:
    if not finding.fails:
        return "notice"
    return "error" if finding.verdict is Verdict.BREACH else "warning"


def _command(level: str, about: dict[str, str], text: str) -> str:
    properties = ",".join(f"{name}={command_property(value)}" for name, value in about.items())
    return f"::{level} {properties}::{command_text(text)}"
