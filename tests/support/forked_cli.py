"""Run the command as a shell does, with descriptors of one's own, many times in little time.

One interpreter loads the command and forks for each run: it never reads a table itself.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT

CLOSED, CAUGHT = "closed", "caught"
"""What a descriptor may be besides a path that is opened: closed, or written to a file and kept."""


@dataclass(frozen=True)
class Run:
    """What is run, and what its three descriptors are."""

    words: Sequence[str]
    folder: str
    stdin: str = "/dev/null"
    stdout: str = CAUGHT
    stderr: str = CAUGHT


@dataclass(frozen=True)
class Ran:
    """How it ended: below 0 by a signal. What it wrote is empty unless it was caught."""

    code: int
    out: str = ""
    err: str = ""
    words: Sequence[str] = field(default=())


def run_all(runs: Sequence[Run], scratch: Path) -> list[Ran]:
    """Run commands one after the other; `scratch` is a folder for what they write."""
    return [run_one(run, scratch) for run in runs]


def run_one(run: Run, scratch: Path) -> Ran:
    """Run one command."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    asked = {"run": asdict(run), "scratch": str(scratch), "environment": dict(os.environ)}
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    return Ran(**json.loads(server.stdout.readline()))


def placement_run(
    folder: Path, *words: str, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, as `subprocess.run` does; every warning is an error."""
    with tempfile.TemporaryDirectory() as name:
        given = Path(name) / "stdin"
        given.write_text(stdin or "", "utf-8")
        ran = run_one(Run(words, str(folder), stdin=str(given)), Path(name))
    return subprocess.CompletedProcess(["placement", *words], ran.code, ran.out, ran.err)


@cache
def _server() -> subprocess.Popen[str]:
    """Start the interpreter that forks, once for each process of tests."""
    server = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.support.forked_cli"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    """End it: what it reads from is closed."""
    server.communicate()


def _main() -> None:
    import warnings

    import polars  # noqa: F401 - loaded once for all

    import placement.api
    import placement.cli.main  # noqa: F401

    for line in sys.stdin:
        asked = json.loads(line)
        run, scratch = Run(**asked["run"]), Path(asked["scratch"])
        with warnings.catch_warnings():
            # A later Python warns of threads: none of ours runs in this process.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if not child:
            os.environ.clear()
            os.environ.update(asked["environment"])
            _child(run, scratch)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = {
            name: (scratch / name).read_text() if getattr(run, f"std{name}") == CAUGHT else ""
            for name in ("out", "err")
        }
        print(json.dumps(asdict(Ran(code, **texts, words=run.words))), flush=True)  # noqa: T201


def _child(run: Run, scratch: Path) -> None:
    from placement.cli.main import main

    try:
        os.chdir(run.folder)
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            place = getattr(run, name)
            if place == CAUGHT:
                place = str(scratch / name.removeprefix("std"))
                Path(place).write_text("")
            if place != CLOSED:
                flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND
                opened = os.open(place, flags)
                os.dup2(opened, number)
                os.close(opened)
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            if getattr(run, name) == CLOSED:
                os.close(number)
                setattr(sys, name, None)
            elif number == 0:
                sys.stdin = open(0)  # noqa: SIM115
        sys.argv = ["placement", *run.words]
        main()
    finally:
        os._exit(99)


if __name__ == "__main__":
    _main()
