"""A forked child of a process that has read tables says so; it does not wait for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

LOTS = "owner,site,country,accelerator,quantity\nAcme,us-1,US,B200,8\n"

CODE = """
import multiprocessing as mp, sys
import placement

def verdict(how):
    try:
        return check(how)
    except placement.PlacementError as error:
        return f"{type(error).__name__}: {error}"

def check(how):
    given = {"headquarters": "US", "authorization": "uveu", "as_of": "2026-08-01"}
    if how == "frame":
        import pandas as pd
        return placement.check(pd.read_csv("i.csv"), **given).verdict.value
    if how == "ledger":
        return placement.accounts("i.csv", headquarters="US", authorization="uveu") and "ok"
    return placement.check("i.csv", **given).verdict.value

def asked(how, method):
    with mp.get_context(method).Pool(1) as pool:
        return pool.apply(verdict, [how])

if __name__ == "__main__":
    print(asked("path", "fork"))
    print(verdict("path"))
    for how in ("path", "frame", "ledger"):
        print(asked(how, "fork"))
    for method in ("spawn", "forkserver"):
        print(asked("path", method))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_forked_children(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text(LOTS)
    (tmp_path / "code.py").write_text(CODE)
    done = subprocess.run(
        [sys.executable, "code.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=500,  # it waits for ever where this fails
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    before, parent, *children, spawned, served = done.stdout.splitlines()
    assert (before, parent, spawned, served) == ("ok", "ok", "ok", "ok")
    assert len(children) == 3
    for said in children:
        assert said.startswith("ForkedError: this process was forked from one that has read tables")
        assert 'multiprocessing.get_context("spawn") or "forkserver"' in said
