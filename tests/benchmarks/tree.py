"""What this process and everything it started have used, whether it still lives or not.

The system counts a child among the children of a process (RUSAGE_CHILDREN) only when it has ended
and was waited for; a solver that is kept for the next search would be missed.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

_PROC = Path("/proc")


def cpu_seconds() -> float:
    """Return the seconds of CPU of the whole tree; without /proc, those that ended only."""
    return sum(used.ru_utime + used.ru_stime for used in _usage()) + sum(map(_cpu, living()))


def peak_mb() -> float:
    """Return the peak resident memory of this process and the largest of its children, MB."""
    each = 1 if sys.platform == "darwin" else 1024
    ended, largest = [used.ru_maxrss * each / 1e6 for used in _usage()]
    return ended + max([largest, *map(_peak, living())])


def _usage() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


def living() -> list[int]:
    """Return the processes that this one started, and those started by them, which still live."""
    parents: dict[int, list[int]] = {}
    for path in _PROC.glob("[0-9]*/stat"):
        if (fields := _fields(int(path.parent.name))) is not None:
            parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, new = [], [os.getpid()]
    while new:
        new = [child for parent in new for child in parents.get(parent, ())]
        found += new
    return found


def _fields(process: int) -> list[str] | None:
    """Return what /proc says of a process from its state on; None where it is gone."""
    try:
        # A name may hold spaces and brackets, so it is left out by its last bracket.
        return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _cpu(process: int) -> float:
    fields = _fields(process)
    if fields is None:
        return 0.0
    # Its own time in user and system mode, and that of its children that have ended.
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _peak(process: int) -> float:
    try:
        lines = (_PROC / str(process) / "status").read_text().splitlines()
    except OSError:
        return 0.0
    kb = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return kb[0] * 1024 / 1e6 if kb else 0.0
