"""How much of a report is shown, and how wide it may be."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import IntEnum


class Detail(IntEnum):
    """How much is shown: -q, nothing, -v, -vv."""

    VERDICT = -1
    SCREEN = 0
    MORE = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class View:
    """How much is shown, and how many columns the terminal has; None: no terminal, no limit."""

    detail: Detail = Detail.SCREEN
    width: int | None = None

    def most(self, usual: int) -> int:
        """Return how many of something are listed; with -vv all of them."""
        return sys.maxsize if self.detail is Detail.ALL else usual

    @property
    def is_short(self) -> bool:
        """Whether the rest is left for -v."""
        return self.detail <= Detail.SCREEN


SCREEN = View()
MORE = View(Detail.MORE)
