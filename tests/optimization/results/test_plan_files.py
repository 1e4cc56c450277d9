"""The files of a plan are one set: whole, old or refused, whenever the writing run is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from placement.cli.main import cli
from placement.errors import InputError, UsageError
from placement.optimization.results.plan_folder.file_set import digests, read_plan_set
from placement.optimization.results.plan_folder.write import PLAN_FILES, write_files
from placement.text.atomic_files import locked
from tests.support.paths import ROOT
from tests.support.small_plan import write

TABLES = PLAN_FILES[:-1]


def texts(mark: str) -> dict[str, str]:
    """Return the files of a made-up plan, each of which holds a mark."""
    tables = {name: f"a,b\n{name},{mark}\n" for name in TABLES}
    report = {"schema": "placement.report/1", "mark": mark, "files": digests(tables)}
    return {**tables, "report.json": json.dumps(report)}


def mark_of(folder: Path) -> str:
    """Return the mark of the set that stands in a folder, or `refused`."""
    try:
        found = read_plan_set(folder)
    except InputError:
        return "refused"
    marks = {content.decode().split(",")[-1].strip() for name, content in found.contents.items()
             if name in TABLES}  # fmt: skip
    marks.add(json.loads(found.contents["report.json"])["mark"])
    assert len(marks) == 1, f"a mixture was read: {marks}"
    return marks.pop()


def killed(folder: Path, step: int) -> bool:
    """Write the new set in a process that kills itself before it touches files the nth time.

    Every call that touches a file is an audit event. Return whether it was killed.
    """
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.WEXITSTATUS(status) == 0
        return False
    left = step

    def audit(_event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        touched = [one for one in arguments if isinstance(one, str | bytes | os.PathLike)]
        if any(os.fsdecode(one).startswith(str(folder)) for one in touched):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    try:
        sys.addaudithook(audit)
        write_files(folder, texts("new"))
        os._exit(0)
    finally:
        os._exit(9)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("had", ["old", "a version without digests", ""])
def test_killed_at_every_step(tmp_path: Path, had: str) -> None:
    seen = []
    for step in range(200):
        folder = tmp_path / f"{step}"
        if had:
            write_files(folder, texts("old"))
        if had.startswith("a version"):
            (folder / "report.json").write_text('{"mark": "old"}')
        was_killed = killed(folder, step)
        stands = mark_of(folder)
        seen.append(stands)
        if not was_killed:
            assert stands == "new"
            break
        # The next run cleans up, and is whole.
        write_files(folder, texts("next"))
        assert mark_of(folder) == "next"
        assert sorted(path.name for path in folder.iterdir()) == sorted(PLAN_FILES)
    else:
        pytest.fail("never ended")
    assert len(seen) > 2 * len(PLAN_FILES)
    assert {*seen} == {"new", "refused"} | ({"old"} if had else set())


def test_a_mixture_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_files(tmp_path / name, texts(name))
    (tmp_path / "a" / "costs.csv").write_bytes((tmp_path / "b" / "costs.csv").read_bytes())
    (tmp_path / "a" / "shares.csv").unlink()
    with pytest.raises(InputError) as error:
        read_plan_set(tmp_path / "a")
    said = str(error.value).splitlines()
    assert [line.split(": ")[0].rpartition("/")[2] for line in said] == ["costs.csv", "shares.csv"]
    assert "is not the file that belongs to report.json" in said[0]
    assert "is not there, and report.json says that it belongs to the plan" in said[1]
    assert all("run `placement optimize` again" in line for line in said)


@pytest.mark.parametrize("name", ["../layout.csv", "/etc/passwd", ".", "..", "a/b", ""])
def test_a_report_names_files_beside_it_only(tmp_path: Path, name: str) -> None:
    write_files(tmp_path / "a", texts("a"))
    (tmp_path / "a" / "report.json").write_text(json.dumps({"files": {name: "0"}}))
    with pytest.raises(InputError, match=r"report\.json: files"):
        read_plan_set(tmp_path / "a")


def test_the_report_of_a_plan_names_its_tables(tmp_path: Path) -> None:
    source, out = write(tmp_path / "in"), tmp_path / "out"
    assert CliRunner().invoke(cli, ["optimize", str(source), "--out", str(out)]).exit_code == 0
    files = json.loads((out / "report.json").read_text())["files"]
    assert files == {name: sha256((out / name).read_bytes()).hexdigest() for name in TABLES}
    assert read_plan_set(out).is_vouched
    layout = out / "layout.csv"
    layout.write_text(layout.read_text().replace(",8,", ",16,"))
    found = CliRunner().invoke(cli, ["compare", str(out), str(out)])
    assert isinstance(found.exception, InputError)
    assert "layout.csv: is not the file that belongs to report.json" in str(found.exception)


@pytest.mark.parametrize("name", PLAN_FILES)
def test_nothing_is_replaced_where_one_cannot_be(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "plan"
    write_files(folder, texts("old"))
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(UsageError, match=f"{name}: cannot be written: Is a directory"):
        write_files(folder, texts("new"))
    (folder / name).rmdir()
    (folder / name).write_text(texts("old")[name])
    assert mark_of(folder) == "old"
    assert sorted(path.name for path in folder.iterdir()) == sorted(PLAN_FILES)


def test_only_leftovers_of_ours_are_cleaned_up(tmp_path: Path) -> None:
    (tmp_path / ".placement-abcd_123").mkdir()
    (tmp_path / ".placement-abcd_123" / "layout.csv").write_text("half")
    kept = [".placement-notes-of-mine", ".placement-abcd_12", "placement-abcd_123"]
    for name in kept:
        (tmp_path / name).mkdir()
    (tmp_path / ".placement-abcd_124").write_text("a file")
    write_files(tmp_path, texts("new"))
    found = {path.name for path in tmp_path.iterdir()} - set(PLAN_FILES)
    assert found == {*kept, ".placement-abcd_124"}


def test_who_may_read_a_file_stays(tmp_path: Path) -> None:
    write_files(tmp_path, texts("old"))
    (tmp_path / "costs.csv").chmod(0o640)
    write_files(tmp_path, texts("new"))
    assert (tmp_path / "costs.csv").stat().st_mode & 0o777 == 0o640


def test_two_runs_do_not_write_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, texts("old"))
    monkeypatch.setattr("placement.text.atomic_files.PATIENCE", 0)
    with locked(tmp_path):
        with pytest.raises(UsageError, match="another run writes there"):
            write_files(tmp_path, texts("new"))
        with pytest.raises(InputError, match="another run writes there"):
            read_plan_set(tmp_path)
    with locked(tmp_path, shared=True):
        assert mark_of(tmp_path) == "old"
        with pytest.raises(UsageError, match="another run"):
            write_files(tmp_path, texts("new"))
    assert mark_of(tmp_path) == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(PLAN_FILES)


def test_runs_at_once_leave_one_whole_set(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from placement.optimization.results.plan_folder.write import write_files\n"
        "from tests.optimization.results.test_plan_files import texts\n"
        "for n in range(10): write_files(Path(sys.argv[1]), texts(sys.argv[2]))"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), mark], cwd=ROOT)
        for mark in ("one", "two")
    ]
    seen = set()
    while any(run.poll() is None for run in runs):
        seen.add(mark_of(tmp_path))
    assert [run.returncode for run in runs] == [0, 0]
    assert mark_of(tmp_path) in {"one", "two"}
    assert seen <= {"one", "two", "refused"}
