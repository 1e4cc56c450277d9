"""Colour for a terminal, put into text that is ready: verdicts, and bars that are full."""

from __future__ import annotations

import re

_RED, _YELLOW, _GREEN, _BOLD, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[1m", "\x1b[0m"

#: A verdict at the beginning of a line, up to its colon or its rule.
_VERDICT = re.compile(
    r"^(BREACH|DUTY|NO PLAN|WARNING|OK|breach|warning|ok)(?=[ ,:])"
    r"(, ENFORCED|, not enforced| \(not enforced\)|, \d+ of \d+ ENFORCED)?",
    re.MULTILINE,
)
_BAR = re.compile(r"(?<![#.])(#*)(\.*)(?= +(?:[\d.,]+ %|none allowed))")
_COLORS = {"OK": _GREEN, "WARNING": _YELLOW}
_FULL, _NEARLY = 10, 9


def painted(text: str) -> str:
    """Return the text with its verdicts and bars in colour."""
    return _BAR.sub(_bar, _VERDICT.sub(_verdict, text))


def _verdict(found: re.Match[str]) -> str:
    color = _COLORS.get(found[1].upper(), _RED)
    return f"{_BOLD}{color}{found[0]}{_PLAIN}"


def _bar(found: re.Match[str]) -> str:
    filled, left = len(found[1]), len(found[2])
    if filled + left != _FULL:
        return found[0]
    color = _RED if filled == _FULL else _YELLOW if filled == _NEARLY else _GREEN
    return f"{color}{found[0]}{_PLAIN}"
