"""Two spellings of one name: an error with both lines, never two accounts or two sites."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from placement.errors import Fault
from placement.text.name_keys import same, visible


class NameKind(StrEnum):
    """What a name is of; names of two kinds are not compared."""

    COMPANY = "company"
    SITE = "site"
    METRO = "metro"
    REGION = "region"
    ZONE = "zone"
    MODEL = "model"


_PLURAL = {kind: f"{kind}s" for kind in NameKind} | {NameKind.COMPANY: "companies"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as some line writes it."""

    kind: NameKind
    text: str
    file: str | None
    line: int | None
    column: str


def lookalikes(mentions: Iterable[Mention]) -> list[Fault]:
    """Return a fault for each spelling of a name but the first, each where it stands first."""
    first: dict[tuple[NameKind, str], Mention] = {}
    by_key: dict[tuple[NameKind, str], list[Mention]] = {}
    for one in mentions:
        spelling = first.setdefault((one.kind, one.text), one)
        if spelling is one:
            by_key.setdefault((one.kind, same(one.text)), []).append(one)
    return [_fault(one, spelt[0]) for spelt in by_key.values() for one in spelt[1:]]


def others(faults: Iterable[Fault], alike: Iterable[Fault]) -> list[Fault]:
    """Return the faults that are of none of the names in `alike`: what is wrong is told once."""
    told = {same(one.value or "") for one in alike}
    return [fault for fault in faults if same(fault.value or "") not in told]


def _fault(here: Mention, there: Mention) -> Fault:
    where = f"on line {there.line}" if there.line is not None else "there"
    if there.file != here.file:
        where = f"in {there.file}" + (f":{there.line}" if there.line is not None else "")
    column = "" if there.column == here.column else f" ({there.column})"
    message = f"the {here.kind} is written {there.text!r} {where}{column}"
    if _looks(here.text) == _looks(there.text):
        ours, theirs = _apart(here.text, there.text)
        message += f", which looks the same: {ours} here, {theirs} there"
    fix = f"write one name in one way; two {_PLURAL[here.kind]} need names that differ by more"
    return Fault(message, fix, here.file, here.line, here.column, here.text)


def _looks(text: str) -> str:
    """Return what is seen of a text, more or less."""
    seen = unicodedata.normalize("NFKC", visible(text))
    return "".join(" " if mark.isspace() else mark for mark in seen)


def _apart(one: str, other: str) -> tuple[str, str]:
    """Return the code points of the parts in which two texts differ."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return _points(one[start : len(one) - end]), _points(other[start : len(other) - end])


def _points(text: str) -> str:
    return " ".join(f"U+{ord(mark):04X}" for mark in text) or "nothing"
