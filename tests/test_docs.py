"""The commands of the README and of docs/ are run, and what is shown is what they print."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.formulation import page
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text("utf-8")
PAGES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
ALL = {
    "README.md": README,
    "CONTRIBUTING.md": (ROOT / "CONTRIBUTING.md").read_text("utf-8"),
    **{f"docs/{name}": text for name, text in PAGES.items()},
}


def sessions() -> list[str]:
    """Return the text of each console block."""
    text = "\n".join(ALL.values())
    return re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)


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
    """Return a folder that holds a copy of the inputs, as a fresh checkout does."""
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
    """Hold the lines shown against those printed.

    `...` stands for any number of lines, and `[...]` for any text within one.
    """
    rest, skipping = list(printed), False
    for line in shown:
        if line.strip() == "...":
            skipping = True
            continue
        if skipping:
            while rest and not is_like(line, rest[0]):
                rest.pop(0)
        assert rest, f"{command}: not printed: {line!r}\n" + "\n".join(printed)
        assert is_like(line, rest.pop(0)), f"{command}: not printed: {line!r}\n" + "\n".join(
            printed
        )
        skipping = False
    assert skipping or not rest, f"{command}: printed but not shown: {rest}"


def is_like(shown: str, printed: str) -> bool:
    """Tell whether a line is what is shown, `[...]` standing for any text."""
    return bool(re.fullmatch(".*".join(map(re.escape, shown.split("[...]"))), printed))


def test_python_block(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    (block,) = [one for one in blocks if "import placement" in one]
    assert len(block.splitlines()) <= 12
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    for line in re.findall(r"# -> (.*)", block):
        assert line.strip()


@pytest.mark.parametrize(("most", "code"), [(40, 0), (10, 3)])
def test_hook_block(folder: Path, most: int, code: int) -> None:
    """On two of the example's quarters, which take seconds; as shown, and with too few racks."""
    page = PAGES["solvers.md"]
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    (block,) = [one for one in blocks if "def add(problem, columns)" in one]
    assert block.count("<= 40") == 1
    (folder / "my_rules.py").write_text(block.replace("<= 40", f"<= {most}"))
    config = folder / "inputs" / "example" / "placement.toml"
    config.write_text(config.read_text().replace("periods = 12", "periods = 2"))
    command = "placement optimize inputs/example --hook my_rules.py:add"
    assert f"    {command}\n" in page
    ran = subprocess.run(
        [sys.executable, "-m", *command.split(), "--gap", "0.02", "--out", "plan"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert ran.stderr == ""
    added = re.search(r"add added (\d+) constraints", ran.stdout)
    assert added is not None
    assert int(added[1]) == 1  # of the racks; dublin-1 is frozen, so nothing is bought there anyway
    if code:
        assert "with the constraints of my_rules.py:add there is no plan" in " ".join(
            ran.stdout.split()
        )
        return
    with (folder / "plan" / "layout.csv").open(newline="") as file:
        lots = [row for row in csv.DictReader(file) if row["in_service"] == "2027-01-01"]
    racks = sum(int(row["quantity"]) for row in lots if row["accelerator"] == "GB200") // 72
    assert 10 < racks <= 40
    with (folder / "plan" / "actions.csv").open(newline="") as file:
        actions = list(csv.DictReader(file))
    assert "install" in {row["action"] for row in actions}
    assert not [r for r in actions if (r["action"], r["to_site"]) == ("install", "dublin-1")]


def test_two_commands_set_everything_up() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    job, tests = commands
    assert job.endswith("placement optimize inputs/example")
    assert tests.endswith("pytest -n auto")


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("name", ALL)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", ALL[name])
    for link in links:
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.is_file(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), flags=re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings]


def test_the_formulation_is_what_the_modules_say() -> None:
    assert PAGES["formulation.md"] == page(), "run python -m tests.support.formulation"


def test_the_pages_on_the_code_name_files_that_exist() -> None:
    placement = ROOT / "placement"
    homes = [ROOT, placement, placement / "optimization"]
    for name in ("docs/architecture.md", "CONTRIBUTING.md"):
        named = re.findall(r"`([a-z_]+(?:/[a-z_.]+)+)`", ALL[name])
        assert named
        for path in named:
            found = [home / f"{path}{end}" for home in homes for end in ("", ".py")]
            assert any(one.exists() for one in found), f"{name}: {path}"


def test_compare_can_fail() -> None:
    with pytest.raises(AssertionError):
        compare(["a", "...", "c"], ["a", "b", "d"], "x")
    with pytest.raises(AssertionError):
        compare(["a"], ["a", "b"], "x")
    with pytest.raises(AssertionError):
        compare(["a 6.9[...] %"], ["a 7.9123 %"], "x")
    compare(["a", "...", "c", "..."], ["a", "b", "c", "d"], "x")
    compare(["a 6.9[...] %"], ["a 6.9123 %"], "x")
