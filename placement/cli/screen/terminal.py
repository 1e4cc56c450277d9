"""What the terminal is like, and how much the user wants to see on it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import Any

from placement.errors import Fault, UsageError
from placement.render.view import Detail, View

#: No table is squeezed into fewer columns than this.
_LEAST_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Terminal:
    """How much is shown, how wide, whether in colour, and whether timings are told."""

    view: View
    colored: bool
    timed: bool


def terminal_of(given: dict[str, Any]) -> Terminal:
    """Take -v, -q, --color and --timings out of what was given, and return what they come to.

    UsageError where two of them contradict.

    What is piped has neither width nor colour, unless colour is asked for; NO_COLOR that is not
    empty (no-color.org) turns it off where it is not.
    """
    verbose, quiet, color = (given.pop(name) for name in ("verbose", "quiet", "color"))
    if quiet and verbose:
        raise UsageError(Fault("-q and -v exclude each other", "give one of them"))
    is_terminal = sys.stdout.isatty()
    detail = Detail.VERDICT if quiet else Detail(min(verbose, Detail.ALL))
    width = max(_LEAST_WIDTH, shutil.get_terminal_size().columns) if is_terminal else None
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    auto = is_terminal and not plain
    colored = color == "always" or (color == "auto" and auto)
    return Terminal(View(detail, width), colored, given.pop("timings"))
