"""The README's commands are run, and what it shows is what they print."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def sessions() -> list[str]:
    """Give the text of each console block."""
    return re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)


def steps(session: str) -> list[tuple[str, list[str]]]:
    """Split a console block into commands and the output shown below each."""
    found: list[tuple[str, list[str]]] = []
    for line in session.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line.rstrip())
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder that holds a copy of the inputs, as a fresh checkout does."""
    shutil.copytree(ROOT / "inputs", tmp_path / "inputs")
    return tmp_path


@pytest.mark.parametrize("session", sessions(), ids=lambda text: text.splitlines()[0][2:40])
def test_console_block(session: str, folder: Path) -> None:
    assert steps(session)
    for command, shown in steps(session):
        words = shlex.split(command, comments=True)
        if words[0] == "placement":
            words[:1] = [sys.executable, "-m", "placement"]
        ran = subprocess.run(
            words,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        )
        printed = [line.rstrip() for line in (ran.stdout + ran.stderr).splitlines()]
        compare(shown, printed, command)


def compare(shown: list[str], printed: list[str], command: str) -> None:
    """Hold the lines shown against those printed; `...` stands for any number of lines."""
    rest, skipping = list(printed), False
    for line in shown:
        if line.strip() == "...":
            skipping = True
            continue
        if skipping:
            while rest and rest[0] != line:
                rest.pop(0)
        assert rest, f"{command}: not printed: {line!r}\n" + "\n".join(printed)
        assert rest.pop(0) == line, f"{command}: not printed: {line!r}\n" + "\n".join(printed)
        skipping = False
    assert skipping or not rest, f"{command}: printed but not shown: {rest}"


def test_python_block(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(block.splitlines()) <= 12
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    for line in re.findall(r"# -> (.*)", block):
        assert line.strip()


def test_two_commands_set_everything_up() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    job, tests = commands
    assert job.endswith("placement optimize inputs/example")
    assert tests.endswith("pytest -n auto")


def test_compare_can_fail() -> None:
    with pytest.raises(AssertionError):
        compare(["a", "...", "c"], ["a", "b", "d"], "x")
    with pytest.raises(AssertionError):
        compare(["a"], ["a", "b"], "x")
    compare(["a", "...", "c", "..."], ["a", "b", "c", "d"], "x")
