"""Markdown for a comment on a pull request, and for the summary of a step.

First comes a hidden mark, by which the comment is found again; then one sentence, a table of what
changed (without a base: of what is broken and which limits are tightest), and details, folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from placement.enums import Verdict
from placement.render.formats.escape import html_name, markdown_name, markdown_text
from placement.render.formats.findings import (
    by_limit,
    measured,
    no_plan,
    on_days,
    packs_text,
    path_text,
    rule_id,
    source,
    told,
    where,
)
from placement.render.formats.markdown_changes import HEADER, changed_rows, is_quiet
from placement.render.formats.options import FormatOptions
from placement.render.share import limit_of, share
from placement.report import Finding, Report
from placement.text.decimals import counted, grouped

MOST_OF_A_COMMENT = 65_536
"""Characters that GitHub takes."""
MOST_ROWS = 50
MOST_DETAILS = 20
MOST_TIGHTEST = 10

_MEASURED = ("verdict", "rule", "owner", "place", "on", "measured", "limit", "headroom")
_CUT = "_More was cut off here: the JSON report holds everything._"


def comment(report: Report, options: FormatOptions) -> str:
    """Return the comment on a pull request; one line below its mark where nothing changed."""
    return markdown(report, options, MOST_OF_A_COMMENT)


def markdown(report: Report, options: FormatOptions, most: int) -> str:
    """Return the report as Markdown of at most so many bytes of UTF-8."""
    mark = f"<!-- {' '.join(filter(None, ('placement', options.comment_id)))} -->"
    # What fails against a base is new or worse, in whatever way it is.
    is_told = report.compared_with is None or any(f.fails for f in report.findings)
    if not is_told and is_quiet(report.changes, options.comment_above):
        return f"{mark}\n{_unchanged(report, options)}\n"
    blocks = [mark + "\n" + _sentence(report), *_tables(report), *_details(report)]
    blocks.append("_This is a calculation, not legal advice._")
    return fitted(blocks, most)


def fitted(blocks: Sequence[str], most: int) -> str:
    """Return blocks, a blank line between them, without the last ones where they are too many."""
    whole = "\n\n".join(blocks) + "\n"
    if _size(whole) <= most:
        return whole
    kept, size = [], _size(_CUT) + 1
    for block in blocks:
        size += _size(block) + 2
        if size > most:
            break
        kept.append(block)
    return "\n\n".join([*kept, _CUT]) + "\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _sentence(report: Report) -> str:
    """Return the verdict, with how much of it was waived or known from before."""
    failing = [f for f in report.findings if f.fails]
    broken = _limits(f for f in failing if f.verdict is Verdict.BREACH)
    warned = _limits(f for f in failing if f.verdict is Verdict.WARNING)
    known = _limits(f for f in report.findings if f.known)
    waived = _limits(f for f in report.findings if f.waived)
    counts = {
        "broken": broken,
        "with a warning": warned,
        "known from before and no worse": known,
        "waived": waived,
    }
    parts = [f"{counted(count, 'limits')} {word}" for word, count in counts.items() if count]
    days = [str(day) for day in report.dates]
    judged = ", ".join(days) if len(days) < 4 else f"{len(days)} days, {days[0]} to {days[-1]}"
    against = f" Compared with {_base(report)}." if report.compared_with is not None else ""
    kept = "every rule is kept" if report.verdict is Verdict.OK else "nothing was to be judged"
    without = no_plan(report)
    verdict = markdown_text(without[0]) if without else _verdict(report)
    said = "; ".join(map(markdown_text, without[1:])) if without else ", ".join(parts) or kept
    return (
        f"**placement: {verdict}** under {markdown_text(packs_text(report))}"
        f"{f': {said}' if said else ''}. Judged {judged}.{against}"
    )


def _limits(findings: Iterable[Finding]) -> int:
    """Count limits: a rule of an owner at a place, on however many days."""
    return len({f.key._replace(when="") for f in findings})


def _unchanged(report: Report, options: FormatOptions) -> str:
    above = options.comment_above
    said = "nothing changed"
    if above and any(one.before != one.after for one in report.changes):
        said = f"no share moved by {above} percentage points or more, and no limit was crossed"
    known = _limits(f for f in report.findings if f.known)
    old = f", {counted(known, 'limits')} known from before and no worse" if known else ""
    return f"placement: against {_base(report)}, {said}; {_verdict(report)}{old}."


def _base(report: Report) -> str:
    return markdown_name(report.compared_with or "")


def _verdict(report: Report) -> str:
    return report.verdict.value.replace("_", " ")


def _tables(report: Report) -> list[str]:
    """Return what changed, or where there is no base what is broken, and what is tightest."""
    if report.compared_with is not None:
        rows = changed_rows(report.changes)
        return [_table(HEADER, rows)] if rows else []
    seen = [f for f in report.findings if f.numerator is not None and f.kind != "duty"]
    kept = [f for f in seen if f.verdict is Verdict.OK and not f.found_nothing]
    kept.sort(key=lambda f: f.utilisation, reverse=True)
    tightest = [[same[0]] for same in by_limit(kept)]
    rows = [_row(same) for same in (*by_limit(told(report.findings)), *tightest[:MOST_TIGHTEST])]
    return [_table(_MEASURED, rows)] if rows else []


def _row(same: list[Finding]) -> list[str]:
    finding = same[0]
    item = f" ({finding.item})" if finding.item else ""
    amount = share(finding) or grouped(finding.numerator or "")
    headroom, unit = finding.headroom, markdown_text(finding.unit)
    verdict = finding.verdict.value
    return [
        f"**{verdict}**" if finding.fails else verdict,
        markdown_name(rule_id(finding)),
        markdown_name(finding.owner),
        markdown_name(finding.place + item),
        on_days(same),
        amount and f"{amount}{'' if finding.denominator else f' {unit}'}",
        markdown_text(limit_of(finding)) if finding.numerator is not None else "",
        "" if headroom is None else f"{grouped(headroom)} {unit}",
    ]


def _table(header: Sequence[str], rows: list[list[str]]) -> str:
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, rows[:MOST_ROWS])]
    hidden = len(rows) - MOST_ROWS
    if hidden > 0:
        lines += ["", f"... and {hidden} more rows, all in the JSON report."]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _details(report: Report) -> Iterator[str]:
    """Return what fails or is known, and what the verdict takes for granted, each folded."""
    groups = by_limit(told(report.findings))
    for same in groups[:MOST_DETAILS]:
        yield _folded(_what(same), _detail(same[0]))
    if len(groups) > MOST_DETAILS:
        yield f"... and {len(groups) - MOST_DETAILS} more findings, all in the JSON report."
    waived = by_limit(f for f in report.findings if f.waived)
    if waived:
        yield _folded("Waived", map(_waived, waived[:MOST_ROWS]))
    for title, texts in (
        ("Assumed", report.assumptions),
        ("Open questions", report.questions),
        ("Notes", report.notes),
    ):
        if texts:
            yield _folded(title, map(markdown_text, texts))


def _folded(title: str, lines: Iterable[str]) -> str:
    listed = "\n".join(f"- {line}" for line in dict.fromkeys(filter(None, lines)))
    return f"<details><summary>{title}</summary>\n\n{listed}\n\n</details>"


def _what(same: list[Finding]) -> str:
    finding = same[0]
    enforced = {True: ", enforced", False: " (not enforced)", None: ""}[finding.enforced]
    known = ", known from before and no worse" if finding.known else ""
    return f"{finding.verdict.value}{enforced}{known}: {html_name(rule_id(finding))}, " + html_name(
        where(finding, on_days(same))
    )


def _waived(same: list[Finding]) -> str:
    finding = same[0]
    parts = (where(finding, on_days(same)), measured(finding), finding.reason or "")
    said = markdown_text(". ".join(filter(None, parts)))
    return f"{markdown_name(rule_id(finding))}: {said}"


def _detail(finding: Finding) -> list[str]:
    lines = [
        markdown_name(f"{path_text(one.file)}:{one.line}")
        + f": {grouped(one.amount)} {markdown_text(finding.unit)}"
        for one in finding.lines
    ]
    return [
        markdown_text(finding.title),
        markdown_text(measured(finding)),
        markdown_text(finding.reason or ""),
        *lines,
        f"Fix: {markdown_text(finding.fix)}" if finding.fix else "",
        f"Source: {markdown_text(source(finding))}",
    ]
