"""The benchmarks count every process: a child that lives, its own child, and one that ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks.answers import ProgressTracker
from tests.benchmarks.tree import cpu_seconds, living, peak_mb

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")

BURN = """
import sys, time
while time.process_time() < {seconds}:
    pass
held = bytearray({megabytes} * 10**6)
print("ready", flush=True)
sys.stdin.read()
"""
BY_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {script!r}], stdin=sys.stdin, stdout=sys.stdout)
child.wait()
"""
USED, TICKS = 0.3, 0.05


@contextmanager
def started(script: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    with child:
        assert child.stdout.readline() == "ready\n"
        yield child
        child.stdin.close()


@pytest.mark.parametrize("deep", [False, True])
def test_a_child_that_lives_counts_and_counts_once(deep: bool) -> None:
    script = BURN.format(seconds=USED, megabytes=1)
    clock = ProgressTracker()
    with started(BY_A_CHILD.format(script=script) if deep else script) as child:
        assert child.pid in living()
        lap = clock.lap()
        assert lap.cpu >= USED - TICKS
        before = cpu_seconds()
    # It has ended, and is among those that the system counts. What was counted stays so.
    after = cpu_seconds()
    assert child.pid not in living()
    assert before - TICKS <= after < before + USED


def test_its_memory_counts() -> None:
    with started(BURN.format(seconds=0, megabytes=400)):
        with_it = peak_mb()
    assert with_it >= 400
