"""`--output` in every format, several in one run, and what GitHub Actions gets by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from placement.cli import report_outputs
from placement.cli.output import REPORT_FORMATS, Outputs
from placement.render.formats.writers import WRITERS
from tests.support.forked_cli import placement_run
from tests.support.paths import ROOT
from tests.support.reports import INVENTORY
from tests.support.small_plan import write

A = ("--headquarters", "US", "--authorization", "uveu", "--as-of", "2026-08-01",
     "--policy", "ai-diffusion-2025-basic")  # fmt: skip
#: What each format begins with.
BEGINS = {
    "sarif": '{\n  "$schema"',
    "junit": "<?xml version",
    "github": "::error file=inventory.csv,line=3,",
    "gitlab": '[\n  {\n    "description"',
    "markdown": "<!-- placement -->\n",
    "csv": "pack,rule,",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.csv").write_text(INVENTORY)
    return tmp_path


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return placement_run(folder, "check", "inventory.csv", *A, *words)


@pytest.fixture
def on_github(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of the step summary."""
    summary = folder / "summary.md"
    summary.write_text("what another command wrote\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary


def test_all_formats_in_one_run(folder: Path) -> None:
    assert set(BEGINS) == set(WRITERS)
    words = [word for kind in WRITERS for word in ("--output", f"{kind}={kind}.out")]
    ran = check(folder, *words, "--output", "text", "--output", "json=report.json")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "BREACH" in ran.stdout
    for kind, begins in BEGINS.items():
        text = (folder / f"{kind}.out").read_text()
        assert text.startswith(begins), text[:200]
        alone = check(folder, "--output", kind)
        assert (alone.returncode, alone.stdout) == (1, text)
    sarif = json.loads((folder / "sarif.out").read_text())
    from importlib.metadata import version

    assert sarif["runs"][0]["tool"]["driver"]["version"] == version("placement")


def test_two_formats_for_one_terminal(folder: Path) -> None:
    ran = check(folder, "--output", "sarif", "--output", "github")
    assert ran.returncode == 2
    assert "two formats for one terminal" in ran.stderr


def test_nothing_is_written_where_a_format_fails(folder: Path) -> None:
    ran = check(folder, "--output", "sarif=a.sarif", "--output", "junti=j.xml")
    assert ran.returncode == 2
    assert "did you mean 'junit'" in ran.stderr
    assert not (folder / "a.sarif").exists()


def test_nothing_is_written_before_all_of_it_is_made(tmp_path: Path) -> None:
    def render(kind: str) -> str:
        if kind == "junit":
            raise ValueError(kind)
        return kind

    outputs = Outputs.parse((f"csv={tmp_path / 'a'}", f"junit={tmp_path / 'b'}"), REPORT_FORMATS)
    with pytest.raises(ValueError, match="junit"):
        outputs.write_as(render)
    assert list(tmp_path.iterdir()) == []


def test_formats_of_a_plan(tmp_path: Path) -> None:
    source = write(tmp_path / "in")
    words = [word for kind in WRITERS for word in ("--output", f"{kind}={kind}.out")]
    ran = placement_run(tmp_path, "optimize", str(source), "--out", "plan", *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == ""
    assert (tmp_path / "github.out").read_text() == ""
    assert json.loads((tmp_path / "gitlab.out").read_text()) == []
    assert 'failures="0"' in (tmp_path / "junit.out").read_text()
    assert "**placement: ok**" in (tmp_path / "markdown.out").read_text()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_that_takes_no_file(folder: Path, kind: str) -> None:
    (folder / "locked").mkdir(mode=0o555)
    if os.access(folder / "locked", os.W_OK):  # whoever may do everything: a file is no folder
        (folder / "locked").rmdir()
        (folder / "locked").write_text("")
    ran = check(folder, "--output", f"{kind}=locked/report")
    assert ran.returncode == 2
    assert "cannot write: " in ran.stderr
    assert ran.stderr.endswith("; choose another path\n")
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("given", ["", "text", "json", "sarif=s.sarif", "markdown=m.md"])
def test_on_github_by_itself(folder: Path, on_github: Path, given: str) -> None:
    """The commands stand on standard error, so that nobody's JSON has them in it."""
    ran = check(folder, *(("--output", given) if given else ()))
    assert ran.returncode == 1
    assert [line.split()[0] for line in ran.stderr.splitlines()] == ["::error", "::error"]
    assert "::error" not in ran.stdout
    if given == "json":
        json.loads(ran.stdout)
    before, mark, text = on_github.read_text().partition("<!-- placement -->\n")
    assert before == "what another command wrote\n"
    assert mark
    assert text.startswith("**placement: breach**")


def test_on_github_what_was_asked_for_comes_once(folder: Path, on_github: Path) -> None:
    for given in ("github", "github=commands.txt"):
        on_github.write_text("")
        ran = check(folder, "--output", given, "--output", f"markdown={on_github}")
        text = (folder / "commands.txt").read_text() if "=" in given else ran.stdout
        assert text.count("::error ") == 2
        assert "::error" not in ran.stderr
        assert on_github.read_text().count("<!-- placement -->") == 1


def test_elsewhere_nothing_comes_by_itself(
    folder: Path, on_github: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    assert check(folder).stderr == ""
    assert on_github.read_text() == "what another command wrote\n"


def test_a_summary_that_cannot_be_written(
    folder: Path, on_github: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "none" / "summary.md"))
    ran = check(folder)
    assert ran.returncode == 1
    assert ran.stderr.endswith("cannot be written: No such file or directory\n")


def test_a_summary_is_no_input(
    folder: Path, on_github: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "inventory.csv"))
    ran = check(folder)
    assert ran.returncode == 2
    assert "would replace an input, inventory.csv" in ran.stderr
    assert (folder / "inventory.csv").read_text() == INVENTORY


def test_a_full_summary(folder: Path, on_github: Path) -> None:
    """There is room for 600 more bytes: it is cut, and says so."""
    on_github.write_text("x" * (report_outputs.MOST_OF_A_SUMMARY - 600))
    check(folder)
    text = on_github.read_text()
    assert len(text.encode()) <= report_outputs.MOST_OF_A_SUMMARY
    assert text.endswith("_More was cut off here: the JSON report holds everything._\n")


@pytest.mark.parametrize("given", ["x", "-1", "1e3", "1/3", "", "nan"])
def test_percentages_that_are_none(folder: Path, given: str) -> None:
    ran = check(folder, "--comment-above", given)
    assert ran.returncode == 2
    assert "--comment-above is no such number; write percentage points, as 2 or 0.5" in ran.stderr


def test_a_percentage_without_a_base(folder: Path) -> None:
    ran = check(folder, "--comment-above", "0.5%", "--output", "markdown=c.md")
    assert ran.returncode == 1
    assert ran.stderr == "note: --comment-above does nothing without a base\n"


@pytest.mark.parametrize("given", ["-->", "a b", "--", "-a", "a--b", "é"])
def test_ids_of_comments_that_are_none(folder: Path, given: str) -> None:
    ran = check(folder, f"--comment-id={given}", "--output", "markdown")
    assert ran.returncode == 2
    assert "--comment-id is no such name" in ran.stderr


def test_ids_of_comments(folder: Path) -> None:
    ran = check(folder, "--comment-id", "eu.west-1", "--output", "markdown")
    assert ran.stdout.startswith("<!-- placement eu.west-1 -->\n")


def test_text_alone_loads_no_other_format(folder: Path) -> None:
    code = (
        "import sys\nfrom placement.cli.main import cli\n"
        "try: cli.main(sys.argv[1:], standalone_mode=False)\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('placement.render.formats.')])\n"
        "print('xml' in sys.modules)"
    )
    words = [sys.executable, "-c", code, "check", "inventory.csv", *A]
    ran = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    loaded, xml = ran.stdout.splitlines()[-2:]
    assert "escape" in loaded
    assert xml == "False"
    for kind in ("writers", "findings", *(module for module, _ in WRITERS.values())):
        assert f"formats.{kind}'" not in loaded
