"""The difference of two packs for a terminal: in words, and for one fleet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from placement.enums import Verdict
from placement.policy import Policy
from placement.policy.diff import Change
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.formats.wrapped import hanging, joined
from placement.render.share import limit_of, percent
from placement.text.decimals import floor_text, grouped, plain

if TYPE_CHECKING:
    from placement.policy_testing.impact import Compared, Pair
    from placement.report import Finding


def changes(old: Policy, new: Policy, found: Sequence[Change], day: date) -> str:
    """Return what differs, part by part: `-` gone, `+` come, `~` changed."""
    names = " -> ".join(f"{one.pack.id} {one.pack.version} ({one.origin})" for one in (old, new))
    blocks = [[names, f"  countries on {day}; rules, groups and options are matched by their ids"]]
    if not found:
        blocks.append(["no difference"])
    for part, listed in groupby(found, key=lambda one: one.part):
        block = [part.upper()]
        for name, about in groupby(listed, key=lambda one: one.name):
            block.extend(line for line in _about(name, list(about)))
        blocks.append(block)
    return joined(blocks)


def _about(name: str, found: Sequence[Change]) -> Iterable[str]:
    """Return the lines about one thing."""
    first = found[0]
    if not first.field and first.part == "pack":
        yield from hanging(f"  ~ {name}", _change(first))
    elif not first.field:
        mark = "+" if first.old is None else "-"
        yield from hanging(f"  {mark} {name}", first.new or first.old or "")
    else:
        yield f"  ~ {name}"
        for one in found:
            yield from hanging("     ", _field(one))


def _field(one: Change) -> str:
    if one.old is None and one.new is None:
        return one.field
    if one.part == "groups" and one.field == "countries":
        return f"leave: {one.old}" if one.new is None else f"join: {one.new}"
    return f"{one.field}: {_change(one)}"


def _change(one: Change) -> str:
    old, new = (text if text is not None else "(nothing)" for text in (one.old, one.new))
    return f"{old} -> {new}"


_HEAD = ("owner", "place", "rule", "under A", "under B")


def compared(found: Compared) -> str:
    """Return what two packs mean for one fleet: who breaks what under which, and the room lost."""
    blocks = [[f"JUDGED on {found.day}", *(f"  note: {note}" for note in found.notes)]]
    for title, pairs in (
        ("NEWLY BROKEN", found.newly_broken),
        ("NEWLY KEPT", found.newly_kept),
        ("STILL BROKEN", found.still_broken),
    ):
        rows = [(*_who(pair), _said(pair.old), _said(pair.new)) for pair in pairs]
        blocks.append(_table(f"{title}: {len(pairs) or 'none'}", _HEAD, rows))
    for title, pairs, missing in (
        ("ONLY IN B", found.only_new, "no such rule"),
        ("NO LONGER A RULE IN B", found.no_longer, "no longer a rule"),
    ):
        rows = [(*_who(pair), _said(pair.old, missing), _said(pair.new, missing)) for pair in pairs]
        if rows:
            broken = sum(_is_broken(pair.old or pair.new) for pair in pairs)
            kept = len(rows) - broken
            blocks.append(_table(f"{title}: {broken} broken, {kept} kept", _HEAD, rows))
    head = (*_HEAD, "gained", "unit")
    rooms = [(*_who(one), *_rooms(one)) for one in found.room_changed]
    blocks.append(_table(f"HEADROOM CHANGED: {len(rooms) or 'none'}", head, rooms, (3, 4, 5)))
    return joined(blocks)


def _table(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[int] = ()
) -> list[str]:
    if not rows:
        return [title]
    cells = [[terminal(cell) for cell in row] for row in rows]
    return [title, *(f"  {line}" for line in table(head, cells, right).splitlines())]


def _who(one: Pair) -> tuple[str, str, str]:
    where = one.where
    return where.owner, where.place, f"{where.rule} ({where.item})" if where.item else where.rule


def _is_broken(one: Finding | None) -> bool:
    return one is not None and one.verdict is Verdict.BREACH


def _said(one: Finding | None, missing: str = "not judged") -> str:
    """Return a verdict with its figures in few words; `missing`: what it is where there is none."""
    if one is None:
        return missing
    if one.numerator is None or one.limit is None:
        return f"{one.verdict.value.replace('_', ' ')}: {one.reason or ''}".rstrip(": ")
    if share := percent(one, one.limit):
        return f"{one.verdict.value}: {share}, limit {limit_of(one)}"
    amount, limit = f"{grouped(one.numerator)} {one.unit}", grouped(plain(Fraction(one.limit)))
    return f"{one.verdict.value}: {amount}, limit {one.comparison} {limit}"


def _rooms(one: Pair) -> tuple[str, str, str, str]:
    old, new = (_whole(f.headroom if f is not None else None) for f in (one.old, one.new))
    gained = floor_text(one.gained or Fraction(0), 3)
    sign = "" if gained.startswith("-") else "+"
    return old, new, f"{sign}{grouped(gained)}", one.new.unit if one.new is not None else ""


def _whole(headroom: str | None) -> str:
    return "" if headroom is None else grouped(headroom)
