"""The account of facilities as Markdown to read and sign, and as CSV with one row per facility."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from fractions import Fraction

from placement.catalog import country_name
from placement.facility_report import Change, Chips, Form
from placement.render.formats.escape import terminal
from placement.render.pack_heading import changed
from placement.render.read_heading import read_text
from placement.render.share import other_reading, share
from placement.report import Finding
from placement.text.csv_writer import sheet_text
from placement.text.decimals import decimal_text, grouped, plain

#: Columns of the CSV. kind: holding (what stands at a facility on the day), change (what came or
#: left since the last report, on `date`, as `what` says). `reason` is for the reporter to fill in.
COLUMNS = (
    "kind", "owner_group", "as_of", "covered", "excluded", "what", "date", "site", "country",
    "country_name", "owner", "operator", "accelerator", "tpp_each", "installed", "transferred",
    "planned", "count", "tpp_total", "other_country", "forecast", "file", "lines", "reason",
)  # fmt: skip

#: So many inventory lines are named in a cell of the Markdown; the CSV names all.
MOST_LINES = 6

_WHAT = {
    "arrived": "arrived",
    "relocated_in": "relocated in",
    "relocated_out": "relocated out",
    "left": "retired or left",
}
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>|#~&!$])")


def file_names(forms: Sequence[Form]) -> list[str]:
    """Return the name, without an ending, of each form's files: safe on any system, each once."""
    found: list[str] = []
    taken: set[str] = set()
    for form in forms:
        text = unicodedata.normalize("NFKD", form.owner)
        text = "".join(char for char in text if not unicodedata.combining(char))
        safe = re.sub(r"[^A-Za-z0-9._]+", "-", text)[:60].strip("-.") or "owner"
        name, number = f"uveu-{safe}-{form.as_of}", 1
        while name.casefold() in taken:
            number += 1
            name = f"uveu-{safe}-{number}-{form.as_of}"
        taken.add(name.casefold())
        found.append(name)
    return found


def to_csv(form: Form) -> str:
    """Return one row for each facility, model, owner and operator, and one for each change."""
    rows = [
        _row(
            form,
            chip,
            kind="holding",
            installed=chip.installed,
            transferred=chip.transferred,
            planned=chip.planned,
            count=plain(
                Fraction(chip.installed) + Fraction(chip.transferred) + Fraction(chip.planned)
            ),
        )
        for chip in form.chips
    ]
    rows += [
        _row(
            form,
            change,
            kind="change",
            what=change.what,
            date=str(change.day),
            count=change.count,
            other_country=change.other or "",
            forecast="yes" if change.forecast else "no",
        )
        for change in form.changes
    ]
    return sheet_text(COLUMNS, rows)


def markdown(form: Form) -> str:
    """Return the form as Markdown."""
    covered = [chip for chip in form.chips if not chip.excluded]
    others = [chip for chip in form.chips if chip.excluded]
    blocks = [
        f"# Account of chips by facility: {_safe(form.owner)}, {form.as_of}",
        _head(form),
        "## Totals",
        _totals(form),
        "## Shares",
        _shares(form.findings),
        "## Facilities",
        _facilities(covered) if covered else "None.",
    ]
    if others:
        blocks += ["## Not covered by this account", _facilities(others, excluded=True)]
    blocks += [f"## Changes after {form.since}, up to {form.as_of}", _changes(form)]
    blocks += ["## Notes", _listed(form.notes)]
    return "\n\n".join(blocks) + "\n"


def _head(form: Form) -> str:
    pack = form.pack
    since = f"{form.since}" + (f" ({form.schedule})" if form.schedule else "")
    lines = [
        f"owner group: {_safe(form.owner)}",
        f"members: {', '.join(map(_safe, form.members))}",
        f"headquarters: {_country(form.headquarters)}",
        f"as of: {form.as_of}",
        f"last report: {_safe(since)}",
        f"facilities covered: report\\_scope = {_safe(form.scope)}",
        f"inventory: {_safe(form.source)}",
        *([f"read: {_safe(read_text(form.read))}"] if form.read is not None else []),
        f"policy pack: {_safe(pack.id)} {_safe(pack.version)}, {_safe(pack.digest)}",
        f"status of the rule: {_safe(pack.status)} (as of {pack.status_as_of})",
    ]
    if pack.changed:
        lines.append(f"CHANGED: {_safe(changed(pack))}")
    lines += [f"assumed: {_safe(assumption)}" for assumption in form.assumptions]
    lines.append("This is a calculation, not legal advice.")
    return "\n".join(f"- {line}" for line in lines)


def _totals(form: Form) -> str:
    rows = [
        ("chips of the owner group, everywhere", grouped(form.total)),
        ("of these at facilities that this account covers", grouped(form.covered)),
    ]
    return _table(("", "TPP"), rows, right=(1,))


def _shares(findings: Iterable[Finding]) -> str:
    rows = []
    for finding in findings:
        if finding.numerator is None or finding.denominator is None or finding.limit is None:
            rows.append(
                (finding.rule, finding.place, "", "", "", "", finding.reason or "not judged")
            )
            continue
        limit = Fraction(finding.limit)
        rows.append(
            (
                finding.rule,
                finding.place,
                grouped(finding.numerator),
                grouped(finding.denominator),
                share(finding),
                f"{finding.comparison} {decimal_text(limit * 100, 2)} %",
                _verdict(finding),
            )
        )
    header = ("rule", "place", "TPP there", "TPP in all", "share", "limit", "verdict")
    return _table(header, rows, right=(2, 3, 4, 5))


def _verdict(finding: Finding) -> str:
    other = other_reading(finding)
    return (
        finding.verdict.value
        + (" (forecast)" if finding.forecast else "")
        + (f"; or {other}" if other else "")
    )


def _facilities(chips: Iterable[Chips], *, excluded: bool = False) -> str:
    rows = [
        (
            chip.site,
            _country_text(chip.country),
            chip.owner,
            chip.operator,
            chip.accelerator,
            grouped(chip.each),
            grouped(chip.installed),
            grouped(chip.transferred),
            grouped(chip.planned),
            grouped(chip.total),
            *([chip.excluded or ""] if excluded else []),
        )
        for chip in chips
    ]
    header = (
        "site", "country", "owner", "operator", "accelerator", "TPP each", "installed",
        "not installed yet", "planned", "TPP", *(["why"] if excluded else []),
    )  # fmt: skip
    return _table(header, rows, right=(5, 6, 7, 8, 9))


def _changes(form: Form) -> str:
    if not form.changes:
        return "None."
    rows = [
        (
            str(change.day),
            _WHAT[change.what] + (" (planned)" if change.forecast else ""),
            change.site or "(not said)",
            _country_text(change.country) + (f" ({change.excluded})" if change.excluded else ""),
            _other(change),
            change.owner,
            change.operator,
            change.accelerator,
            grouped(change.count),
            grouped(change.total),
            _lines(form.source, change.lines),
            "",
        )
        for change in form.changes
    ]
    header = (
        "date", "change", "site", "country", "from or to", "owner", "operator", "accelerator",
        "count", "TPP", "inventory lines", "reason (to be filled in)",
    )  # fmt: skip
    return _table(header, rows, right=(8, 9))


def _other(one: Change) -> str:
    if one.other is None:
        return ""
    return f"{'from' if one.what == 'relocated_in' else 'to'} {_country_text(one.other)}"


def _lines(source: str, lines: Sequence[int]) -> str:
    more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
    return f"{source}:{', '.join(map(str, lines[:MOST_LINES]))}{more}"


def _row(form: Form, one: Chips | Change, **cells: str) -> tuple[str, ...]:
    common = {
        "owner_group": form.owner,
        "as_of": str(form.as_of),
        "covered": "no" if one.excluded else "yes",
        "excluded": one.excluded or "",
        "site": one.site or "",
        "country": one.country,
        "country_name": country_name(one.country),
        "owner": one.owner,
        "operator": one.operator,
        "accelerator": one.accelerator,
        "tpp_each": one.each,
        "tpp_total": one.total,
        "file": form.source,
        "lines": ";".join(map(str, one.lines)),
    }
    return tuple((common | cells).get(name, "") for name in COLUMNS)


def _country_text(code: str) -> str:
    return f"{country_name(code)} ({code})"


def _country(code: str) -> str:
    return _safe(_country_text(code)) if code else "not said"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    to_right = set(right)
    rule = ["---:" if n in to_right else "---" for n in range(len(header))]
    lines = [header, rule, *([_safe(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _listed(notes: Iterable[str]) -> str:
    return "\n".join(f"- {_safe(note)}" for note in notes)


def _safe(text: str) -> str:
    """Make text harmless in Markdown: nothing of a user's file is markup, a link or a cell."""
    shown = _ACTIVE.sub(r"\\\1", terminal(text))
    return shown.replace("://", ":\u200b//").replace("www.", "www\u200b.").replace("@", "@\u200b")
