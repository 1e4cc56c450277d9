"""A process that was forked after tables were read: it is told so, where it would wait for ever.

The threads that read and add up tables (those of polars) are not there in a forked child, and what
is asked of them never comes.
"""

from __future__ import annotations

import os

from placement.errors import PlacementError

REMEDY = (
    "this process was forked from one that has read tables, and cannot read any itself: start it "
    'anew, with multiprocessing.get_context("spawn") or "forkserver" (of a ProcessPoolExecutor: '
    "mp_context), or fork before the first table is read"
)


class _Process:
    """What this process is, as far as threads for tables go."""

    has_threads = False
    is_orphan = False


class ForkedError(PlacementError, RuntimeError):
    """Tables cannot be read in this process."""


def starts_threads() -> None:
    """Say that threads for tables run from here on; ForkedError in a child that has none."""
    if _Process.is_orphan:
        raise ForkedError(REMEDY)
    _Process.has_threads = True


def _in_child() -> None:
    _Process.is_orphan = _Process.has_threads


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
