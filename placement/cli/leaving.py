"""The wish to end (SIGTERM): within a second, whatever the process is at, and with a plain word.

Python hears of a signal between two of its own steps; a solver or a scan may be many seconds in
one. A thread of its own therefore waits for signals, too, and ends the process where it does not
end by itself. Processes that were started for solvers end with it.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from placement.cli.streams import end_streams, say

STOPPED = 4

_PATIENCE = 0.4
"""Seconds in which temporary files are removed and the like."""


TOLD = "stopped: asked to end (SIGTERM)"

_asked = threading.Event()


class Terminated(BaseException):
    """Someone asked the process to end."""


def is_asked() -> bool:
    """Tell whether someone asked the process to end; what was broken off may say anything."""
    return _asked.is_set()


def on_sigterm() -> None:
    """Take SIGTERM as the wish to end, from now on."""
    if os.name != "posix" or threading.current_thread() is not threading.main_thread():
        return
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, _raise)
    threading.Thread(target=_wait, args=[heard], daemon=True).start()


def _raise(_number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _asked.set()
    raise Terminated


def _wait(heard: int) -> None:
    while signal.SIGTERM not in os.read(heard, 64):
        pass
    time.sleep(_PATIENCE)
    leave(STOPPED, TOLD)


def leave(code: int, line: str = "") -> NoReturn:
    """End the process at once, with the processes that it started; nothing is cleaned up."""
    try:
        if line:
            say(line)
        code = end_streams(code)
        _end_children()
    finally:
        os._exit(code)


def _end_children() -> None:
    """End what runs for us, as Linux tells it; elsewhere a solver's process watches for itself."""
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for child in path.read_text().split():
                with suppress(OSError):
                    os.kill(int(child), signal.SIGKILL)
