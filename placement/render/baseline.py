"""What was recorded as broken, and how what is found stands to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from placement.compliance.terms.baseline import At, Standing
from placement.render.formats.escape import terminal
from placement.report import Report

if TYPE_CHECKING:
    from placement.readers.baseline import BaselineFile

_WHAT_TO_DO = {
    Standing.NEW: "mend it, or waive it",
    Standing.WORSE: "mend it",
    Standing.SAME: "",
    Standing.BETTER: "tighten it: placement baseline write",
    Standing.GONE: "remove it: placement baseline write",
}


def written(content: BaselineFile, file: str) -> str:
    """Return what was recorded, in a line."""
    broken = {(one.pack, one.rule, one.owner, one.place, one.item) for one in content.entries}
    what = "rule is broken at one place" if len(broken) == 1 else "rules and places are broken"
    said = f"{len(broken)} {what}" if broken else "nothing is broken"
    return f"{terminal(file)}: {said}; recorded on {content.recorded}\n"


def standings_text(places: Mapping[At, Standing], report: Report) -> str:
    """Return how each rule at a place stands, what is worse first, and a line that counts."""
    order = [*_WHAT_TO_DO]
    lines = []
    for at, standing in sorted(places.items(), key=lambda pair: (order.index(pair[1]), pair[0])):
        _, rule, owner, place, item = at
        named = f"{terminal(place)}{f' ({terminal(item)})' if item else ''}"
        fix = _WHAT_TO_DO[standing]
        lines.append(
            f"{standing.value.upper()} {terminal(rule)}: {terminal(owner)} in {named}"
            + (f"; {fix}" if fix else "")
        )
    found = [*places.values()]
    counts = ", ".join(f"{found.count(one)} {one.value}" for one in order if one in found)
    lines.append(f"{report.verdict.value.upper()}: {counts or 'nothing is broken, nor was'}")
    return "\n".join(lines) + "\n"
