"""1 means a breach and nothing else, whatever the streams are; streams get what is written to them.

Every verb runs with its streams closed, full, or read by nobody.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from placement.cli.output import REPORT_FORMATS
from tests.support.forked_cli import CLOSED, Ran, Run, run_all, run_one
from tests.support.paths import ROOT, TESTS

CASE = TESTS / "inputs" / "streams"
INPUTS = ROOT / "inputs"
A = ("--headquarters", "US", "--authorization", "uveu", "--as-of", "2026-08-01")

BROKEN = """owner,site,country,accelerator,quantity
Acme,us-1,US,H100-SXM5-80GB,900
Acme,my-1,MY,H100-SXM5-80GB,600
"""

#: Every verb, and the exit code that its verdict has.
VERBS: dict[str, tuple[tuple[str, ...], int]] = {
    "check": (("check", "compliant.csv", *A), 0),
    "check of a breach": (("check", "broken.csv", *A), 1),
    **{
        f"check as {kind}": (("check", "broken.csv", *A, "--output", kind), 1)
        for kind in REPORT_FORMATS
    },
    "headroom": (("headroom", "compliant.csv", "--accelerator", "B200", *A), 0),
    "ledger": (("ledger", "compliant.csv", *A), 0),
    "report-form": (("report-form", "uveu", "compliant.csv", *A, "--out", "forms"), 0),
    "optimize": (("optimize", str(INPUTS / "infeasible"), "--out", "none"), 3),
    "policy list": (("policy", "list"), 0),
    "policy show": (("policy", "show", "china-h200-2026"), 0),
    "policy schema": (("policy", "schema"), 0),
    "policy lint": (("policy", "lint", "china-h200-2026"), 0),
    "policy test": (("policy", "test", "ai-diffusion-2025-basic"), 0),
    "policy diff": (("policy", "diff", "ai-diffusion-2025", "ai-diffusion-2025-basic"), 0),
    "catalog list": (("catalog", "list"), 0),
    "catalog find": (("catalog", "find", "B200"), 0),
    "compare": (("compare", "none-a", "none-b"), 2),
    "help": (("--help",), 0),
    "help of a verb": (("check", "--help"), 0),
    "version": (("--version",), 0),
    "no such verb": (("chekc",), 2),
    "no such option": (("check", "--nothing"), 2),
    "no such file": (("check", "nothing.csv", *A), 2),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CASE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "broken.csv").write_text(BROKEN)
    (tmp_path / "scratch").mkdir()
    return tmp_path


def silent(verb: str) -> bool:
    """Whether a verb prints nothing but errors."""
    return VERBS[verb][1] == 2


def test_every_verb_whatever_its_streams_are(folder: Path) -> None:
    """Closed: the verdict's code. Full: 2, since the report did not arrive."""
    asked = []
    for verb, (words, code) in VERBS.items():
        for changed, expected in (
            ({"stdin": CLOSED, "stdout": CLOSED, "stderr": CLOSED}, code),
            ({"stdout": "/dev/full"} | ({"stderr": "/dev/full"} if silent(verb) else {}), 2),
        ):
            asked.append((verb, expected, Run(words, str(folder), **changed)))
    ran = run_all([run for _, _, run in asked], folder / "scratch")
    for (verb, expected, run), found in zip(asked, ran, strict=True):
        assert found.code == expected, (verb, run, found.err)
        assert "Traceback" not in found.out + found.err, (verb, run)
        if run.stdout == "/dev/full" and run.stderr == "caught" and not silent(verb):
            assert "standard output cannot be written: No space left on device" in found.err


def test_a_closed_standard_input_is_said(folder: Path) -> None:
    found = run_one(Run(("check", "-", *A), str(folder), stdin=CLOSED), folder / "scratch")
    assert found.code == 2
    assert found.err == (
        "error: <stdin>: standard input is closed; pipe a table into it, or name a file\n"
    )


def test_a_file_never_takes_the_number_of_a_closed_stream(folder: Path) -> None:
    """Else what is printed would stand in it."""
    words = ("check", "compliant.csv", *A, "--output", "json=report.json", "--output", "text")
    every = {"stdin": CLOSED, "stdout": CLOSED, "stderr": CLOSED}
    found = run_one(Run(words, str(folder), **every), folder / "scratch")
    assert found.code == 0
    text = (folder / "report.json").read_text()
    assert text.startswith("{")
    assert text.endswith("}\n")


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = line.replace("placement", f"{sys.executable} -m placement", 1)
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("placement check broken.csv AS | true", 1, ""),
        ("placement --help | true", 0, ""),
        ("placement check compliant.csv AS --output json=/dev/stdout | cat", 0, '{\n  "schema"'),
        ("placement check broken.csv AS --output json=/dev/fd/1 | head -c 2", 1, "{\n"),
        ("placement check compliant.csv AS --output json=/dev/fd/7 7>&1 | cat", 0, "{\n"),
        (
            "placement check broken.csv AS --output json=>(cat > got) > /dev/null; c=$?; "
            "for i in {1..600}; do tail -c 2 got | grep -q } && break; sleep 0.1; done; "
            "head -c 2 got; exit $c",
            1,
            "{\n",
        ),
        ("placement check broken.csv AS --output json=pipe >&2 & cat pipe; wait $!", 1, "{\n"),
        ("placement check compliant.csv AS --output json=/dev/stdout >> log; cat log", 0, "old\n{"),
    ],
)
def test_streams_are_written_to(folder: Path, line: str, code: int, said: str) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "log").write_text("old\n")
    found = shell(line.replace("AS", " ".join(A)), folder)
    assert found.returncode == code, found.stderr
    assert found.stdout.startswith(said), found.stdout[:80]
    assert "Traceback" not in found.stderr


def test_outputs_that_cannot_be_written(folder: Path) -> None:
    (folder / "round").symlink_to("about")
    (folder / "about").symlink_to("round")
    (folder / "one-way").symlink_to("new.json")
    places = {
        "round": "Too many levels of symbolic links",
        "/dev/full": "No space left on device",
        "/dev/fd/77": "Bad file descriptor",
        "x" * 300: "File name too long",
        ".": "Is a directory",
        "none/report.json": "No such file or directory",
        "compliant.csv/report.json": "Not a directory",
    }
    runs = [Run(("check", "broken.csv", *A, "--output", f"json={one}"), str(folder))
            for one in [*places, "one-way"]]  # fmt: skip
    *found, last = run_all(runs, folder / "scratch")
    for said, ran in zip(places.values(), found, strict=True):
        assert (ran.code, "Traceback" in ran.err) == (2, False)
        assert f"cannot write: {said}; choose another path\n" in ran.err
    assert last.code == 1
    assert (folder / "one-way").is_symlink()
    assert (folder / "new.json").read_text().startswith("{")


def ended(found: Ran) -> None:
    assert found.code == 4
    assert found.err == "stopped: asked to end (SIGTERM)\n"


@pytest.mark.parametrize("seconds", [0, 3600])
def test_the_wish_to_end_is_heard(tmp_path: Path, seconds: int) -> None:
    """In Python (0 seconds: busy steps) and in a call that hears no signals, as a solver's."""
    busy = f"ctypes.pythonapi.PyEval_SaveThread; libc.sleep({seconds})" if seconds else "pass"
    code = (
        "import ctypes, sys\n"
        "from placement.cli import main as it\n"
        "libc = ctypes.CDLL(None)\n"
        "def held():\n"
        "    import subprocess\n"
        "    child = subprocess.Popen(['sleep', '3600'])\n"
        "    print(child.pid, flush=True)\n"
        f"    while True: {busy}\n"
        "it.cli.main = lambda **_: held()\n"
        "it.main()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert run.stdout is not None
    child = int(run.stdout.readline())
    run.send_signal(signal.SIGTERM)
    _, err = run.communicate(timeout=120)
    ended(Ran(run.returncode, "", err))
    # The child of the solver's is gone, too.
    for _ in range(1000):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            break
        if Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":
            break
        time.sleep(0.1)
    else:
        pytest.fail("the child lives on")
