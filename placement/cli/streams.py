"""Standard output and error that never raise: what could not be written is said at the end.

A verdict must not turn into another exit code because its reader left, the disk is full or a
stream is closed. A closed one is opened on the null device: the next file that is opened would
otherwise take its number, and what is printed would stand in that file.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any

import click


class _Raw(io.FileIO):
    """A descriptor that keeps the first thing that went wrong, and goes on."""

    failed: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.failed = self.failed or error
            return memoryview(data).nbytes


def safe_streams() -> None:
    """Make standard output and error such streams."""
    if os.name != "posix":  # a console of Windows has streams of its own
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            null = os.open(os.devnull, os.O_WRONLY)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)
    sys.stdout = _wrapped(1, sys.stdout)
    sys.stderr = _wrapped(2, sys.stderr)


def _wrapped(number: int, before: Any) -> io.TextIOWrapper:
    raw = _Raw(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=getattr(before, "encoding", None) or "utf-8",
        errors="backslashreplace",  # a name that it cannot show is no reason to fail
        line_buffering=raw.isatty() or number == 2,
    )


def say(line: str) -> None:
    """Print one line of our own to standard error, harmless and whatever becomes of it."""
    from placement.render.formats.escape import harmless, terminal

    with suppress(OSError, ValueError):
        click.echo(harmless(terminal(line)), err=True)


def end_streams(code: int) -> int:
    """Write what is left, and return the exit code: 2 where a report did not arrive.

    A reader that left early (`| head`) has seen what it wanted.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    failed = _failure(sys.stdout)
    if failed is None or failed.errno == errno.EPIPE:
        return code
    say(f"error: standard output cannot be written: {failed.strerror}; write to a file elsewhere")
    return 2


def _failure(stream: Any) -> OSError | None:
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.failed if isinstance(raw, _Raw) else None
