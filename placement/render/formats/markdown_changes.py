"""What changed from a base, as rows of Markdown, and whether that is worth more than one line."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from placement.enums import Outcome
from placement.render.formats.escape import markdown_name, markdown_text
from placement.report import Change
from placement.text.decimals import grouped, percent_text, plain

HEADER = ("outcome", "rule", "owner", "place", "on", "before", "after", "limit", "headroom left")
_WORST_FIRST = (Outcome.BROKEN, Outcome.STILL_BROKEN, Outcome.FIXED, Outcome.OK)


def is_quiet(changes: Iterable[Change], above: Fraction | None) -> bool:
    """Tell whether nothing changed that is worth a table.

    What broke, was mended or became worse while broken always is. Else something must have moved,
    and by at least `above` percentage points where that is given: of the whole where the rule is
    about a share, of the limit where it is about an amount. It counts in either direction.
    """
    return not any(
        one.outcome in (Outcome.BROKEN, Outcome.FIXED)
        or (one.worse and one.outcome is Outcome.STILL_BROKEN)
        or (one.before != one.after and (above is None or _moved(one) >= above))
        for one in changes
    )


def changed_rows(changes: Iterable[Change]) -> list[list[str]]:
    """Return a row for each rule, owner and place of which an amount or the outcome changed.

    Several days are one row, that of the worst outcome and the largest move.
    """
    told = [
        one
        for one in changes
        if one.outcome in (Outcome.BROKEN, Outcome.FIXED) or one.before != one.after
    ]
    told.sort(key=lambda one: -_moved(one))
    told.sort(key=lambda one: (_WORST_FIRST.index(one.outcome), not one.worse))
    several: dict[tuple[str | None, ...], list[Change]] = {}
    for one in told:
        at = (one.pack, one.rule, one.owner, one.place, one.item)
        several.setdefault(at, []).append(one)
    return [_row(same) for same in several.values()]


def _moved(change: Change) -> Fraction:
    """Return by how much something moved, in percentage points; what is not there is 0."""
    moved = abs(Fraction(change.after or 0) - Fraction(change.before or 0)) * 100
    limit = Fraction(change.limit or 0)
    return moved if change.is_share or not limit else moved / limit


def _row(same: list[Change]) -> list[str]:
    one = same[0]
    days = f" and {len(same) - 1} more" if len(same) > 1 else ""
    item = f" ({one.item})" if one.item else ""
    outcome = one.outcome.value.upper()
    worse = ", worse" if one.worse and one.outcome is Outcome.STILL_BROKEN else ""
    return [
        f"**{outcome}**{worse}" if one.outcome is not Outcome.OK else outcome,
        markdown_name(f"{one.pack}:{one.rule.removeprefix(f'{one.pack}:')}"),
        markdown_name(one.owner),
        markdown_name(one.place + item),
        f"{one.date}{days}",
        _side(one, one.before),
        _side(one, one.after),
        _limit(one),
        "" if one.headroom is None else f"{grouped(one.headroom)} {markdown_text(one.unit)}",
    ]


def _side(change: Change, measured: str | None) -> str:
    if measured is None:
        return "nothing"
    if change.is_share:
        return percent_text(Fraction(measured), Fraction(change.limit or 0))
    return f"{grouped(measured)} {markdown_text(change.unit)}"


def _limit(change: Change) -> str:
    if change.limit is None:
        return ""
    limit = Fraction(change.limit)
    text = f"{plain(limit * 100)} %" if change.is_share else grouped(plain(limit))
    return markdown_text(f"{change.comparison} {text}")
