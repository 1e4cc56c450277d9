"""Run the command as a shell does, with descriptors of one's own, many times in little time.

One interpreter loads the command and forks for each run: it never reads a table itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
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
    asked = json.dumps([asdict(one) for one in runs])
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.forked_cli", str(scratch)],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return [Ran(**one) for one in json.loads(done.stdout)]


def run_one(run: Run, scratch: Path) -> Ran:
    """Run one command."""
    return run_all([run], scratch)[0]


def _main() -> None:
    import os

    import polars  # noqa: F401 - loaded once for all

    import placement.api
    import placement.cli.main  # noqa: F401

    scratch = Path(sys.argv[1])
    found = []
    for asked in json.loads(sys.stdin.read()):
        run = Run(**asked)
        child = os.fork()
        if not child:
            _child(run, scratch)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = {
            name: (scratch / name).read_text() if getattr(run, f"std{name}") == CAUGHT else ""
            for name in ("out", "err")
        }
        found.append(asdict(Ran(code, **texts, words=run.words)))
    print(json.dumps(found))  # noqa: T201 - what our caller reads


def _child(run: Run, scratch: Path) -> None:
    import os

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
