"""A pack that bears the id of a shipped one and differs from it never prints as the law."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

SHIPPED = (resources.files("placement.policy") / "packs" / "ai-diffusion-2025.toml").read_bytes()
AS = ["--headquarters", "US", "--authorization", "uveu"]
DAY = ["--as-of", "2026-08-01"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.csv").write_text(
        "owner,site,country,accelerator,quantity\nA,va,US,H100-SXM5-80GB,90\nA,kl,MY,B200,10\n"
    )
    assert SHIPPED.count(b'limit = "0.07"') == 1
    (tmp_path / "law.toml").write_bytes(SHIPPED.replace(b'limit = "0.07"', b'limit = "0.70"'))
    (tmp_path / "copy.toml").write_bytes(SHIPPED)
    return tmp_path


def run(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "placement", *words]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    return found.stdout


VERBS = {
    "check": ["check", "inventory.csv", *AS, *DAY],
    "ledger": ["ledger", "inventory.csv", *AS, "--until", "2026-08-01"],
    "headroom": ["headroom", "inventory.csv", "--accelerator", "B200", *AS, *DAY],
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_changed_pack_says_so_with_path_and_digest(folder: Path, verb: str) -> None:
    digest = hashlib.sha256((folder / "law.toml").read_bytes()).hexdigest()
    text = run(folder, *VERBS[verb], "--policy", "./law.toml")
    assert "CHANGED" in text
    assert f"./law.toml (sha256:{digest}) differs from the shipped pack of that id" in text


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("pack", ["ai-diffusion-2025", "./copy.toml"])
def test_the_shipped_pack_and_a_copy_of_it_do_not(folder: Path, verb: str, pack: str) -> None:
    assert "CHANGED" not in run(folder, *VERBS[verb], "--policy", pack)


def test_the_first_line_is_not_that_of_the_law(folder: Path) -> None:
    words = [*VERBS["check"], "-v"]
    law, changed = (
        run(folder, *words, "--policy", one) for one in ("ai-diffusion-2025", "./law.toml")
    )
    assert law.splitlines()[2].startswith("ai-diffusion-2025 ")
    assert changed.splitlines()[2].startswith("CHANGED ai-diffusion-2025 ")
    assert changed.splitlines()[4].startswith("  status   by that file, not by the shipped pack:")


def test_json_and_forms_and_show(folder: Path) -> None:
    record = json.loads(run(folder, *VERBS["check"], "--policy", "./law.toml", "--output", "json"))
    assert (record["pack"]["changed"], record["pack"]["origin"]) == (True, "./law.toml")
    out = ["--out", "account", "--policy", "./law.toml"]
    run(folder, "report-form", "uveu", "inventory.csv", *AS, *DAY, *out)
    (form,) = (folder / "account").glob("*.md")
    assert "CHANGED: " in form.read_text()
    assert run(folder, "policy", "show", "./law.toml").startswith("CHANGED: ./law.toml")
    assert not run(folder, "policy", "show", "./copy.toml").startswith("CHANGED")
