"""`placement policy ...` in this process, as a user runs it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from placement.cli import main

#: Runs the words after `placement policy`; gives the exit code, what was printed, and the errors.
Command = Callable[..., tuple[int, str, str]]


def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs `placement policy` with some words."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["placement", "policy", *words])
        code = main._run()
        out, err = capsys.readouterr()
        return code, out, err

    return run
