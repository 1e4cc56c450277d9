"""`placement baseline` as a user runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.compliance.terms.fleets import PACK, TODAY, fleet
from tests.support.forked_cli import placement_run

PLACE = "basic.single_country: Acme in MY"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fleet(tmp_path, "inventory.csv", 100)
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return placement_run(folder, *words, "--policy", PACK, "--today", TODAY)


def test_write_then_check(folder: Path) -> None:
    ran = run(folder, "baseline", "write", "inventory.csv")
    said = "baseline.json: 1 rule is broken at one place; recorded on 2026-12-01\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, said, "")
    assert run(folder, "check", "inventory.csv").returncode == 1
    ran = run(folder, "check", "inventory.csv", "--baseline", "baseline.json")
    assert ran.returncode == 0
    assert "known breaches from baseline.json, of 2026-12-01" in ran.stdout
    for my, code, said in (
        (100, 0, f"AS RECORDED {PLACE}\nOK: 1 as recorded\n"),
        (99, 0, f"BETTER {PLACE}; tighten it: placement baseline write\nOK: 1 better\n"),
        (9, 0, f"GONE {PLACE}; remove it: placement baseline write\nOK: 1 gone\n"),
        (101, 1, f"WORSE {PLACE}; mend it\nBREACH: 1 worse\n"),
    ):
        fleet(folder, "now.csv", my)
        ran = run(folder, "baseline", "check", "now.csv")
        assert (ran.returncode, ran.stdout) == (code, said)


def test_it_is_written_over_no_input(folder: Path) -> None:
    before = (folder / "inventory.csv").read_bytes()
    ran = run(folder, "baseline", "write", "inventory.csv", "--out", "./inventory.csv")
    assert (ran.returncode, "would replace an input" in ran.stderr) == (2, True)
    assert (folder / "inventory.csv").read_bytes() == before
    run(folder, "baseline", "write", "inventory.csv")
    ran = run(
        folder, "check", "inventory.csv", "--baseline", "baseline.json",
        "--output", "json=baseline.json",
    )  # fmt: skip
    assert (ran.returncode, "would replace an input, baseline.json" in ran.stderr) == (2, True)


def test_a_baseline_that_is_not_there(folder: Path) -> None:
    for words in (
        ("baseline", "check", "inventory.csv"),
        ("check", "inventory.csv", "--baseline", "x"),
    ):
        ran = run(folder, *words)
        assert (ran.returncode, "cannot be read" in ran.stderr) == (2, True)


def test_a_folder_that_cannot_be_written(folder: Path) -> None:
    ran = run(folder, "baseline", "write", "inventory.csv", "--out", "no/baseline.json")
    assert (ran.returncode, "cannot write" in ran.stderr) == (2, True)
