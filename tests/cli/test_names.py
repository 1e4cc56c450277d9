"""Many names in one start; what is read of links; a pack that asks for no authorization."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import placement
from placement.cli.main import cli
from placement.errors import InputError
from placement.text.decimals import counted
from tests.support.paths import ROOT

PACK = ROOT / "inputs" / "packs" / "house-rules.toml"
LOTS = "owner,site,country,accelerator,quantity\nA,us,US,B200,93\nA,na,NA,B200,7\n"


def run(*args: str, given: str = "") -> Result:
    return CliRunner().invoke(cli, args, input=given, catch_exceptions=True)


def test_many_names_are_found_in_one_start() -> None:
    result = run("catalog", "find", "L4", "-", given="B200\n\n  NA \n")
    assert result.exit_code == 0
    asked = [line[18:] for line in result.stdout.splitlines() if line.startswith("asked ")]
    assert asked == ["L4", "B200", "NA"]
    assert "country           NA" in result.stdout


def test_each_name_without_a_reading_is_told_and_the_others_are_shown() -> None:
    result = run("catalog", "find", "-", given="H100\nB200\nGB300 NVL72\nK20X\n")
    assert result.exit_code == 2
    assert "accelerator       B200" in result.stdout
    for said in ("'H100' could be", "names a rack of 72 GB300", "no accelerator is called 'K20X'"):
        assert said in result.stderr


def test_a_provider_counts_for_labels_of_accelerators() -> None:
    result = run("catalog", "find", "V100", "--provider", "aws")
    assert "accelerator       V100-SXM2-16GB" in result.stdout
    assert run("catalog", "find", "V100").exit_code == 2


def test_what_one_is_and_holds_is_shown(tmp_path: Path) -> None:
    assert "one is            one module of two dies" in run("catalog", "find", "MI250X").stdout
    config = tmp_path / "placement.toml"
    config.write_text('[aliases]\n"our rack" = "72 x GB300"\n', "utf-8")
    result = run("catalog", "find", "our rack", "--config", str(config))
    assert "counts as         72 accelerators" in result.stdout
    assert "'our rack' is read as 72 x GB300" in result.stderr


def test_packs_are_tested_from_standard_input() -> None:
    alone = run("policy", "test", str(PACK))
    result = run("policy", "test", "-", given=f"{PACK}\n{PACK}\n")
    assert (result.exit_code, result.stdout) == (alone.exit_code, alone.stdout)


@pytest.mark.parametrize("verb", [("catalog", "find"), ("policy", "test")])
def test_no_names_at_all_are_an_error(verb: tuple[str, str]) -> None:
    for given in ("", " \n\n"):
        result = run(*verb, "-", given=given)
        assert isinstance(result.exception, placement.UsageError)
        assert "no names on standard input" in str(result.exception)
    script = "import sys; sys.stdin = None; from placement.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *verb, "-"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "standard input is closed" in done.stderr


def test_a_link_to_itself_is_not_answered_with_itself(tmp_path: Path) -> None:
    loop = tmp_path / "inventory.csv"
    os.symlink("inventory.csv", loop)
    os.symlink("nowhere.csv", tmp_path / "inventorx.csv")
    for path in (loop, tmp_path / "inventorx.csv"):
        with pytest.raises(InputError, match="leads to no file, or to itself"):
            placement.check(path, headquarters="US", authorization="none")
    with pytest.raises(InputError) as caught:
        placement.check(tmp_path / "inventory2.csv", headquarters="US", authorization="none")
    assert "did you mean" not in str(caught.value)


def test_the_basic_pack_needs_no_authorization(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    path.write_text(LOTS)
    basic = "ai-diffusion-2025-basic"
    for given in ({}, {"headquarters": "US"}):
        report = placement.check(path, policy=basic, as_of="2026-08-01", **given)  # type: ignore[arg-type]
        assert report.exit_code == 0
    (tmp_path / "placement.toml").write_text(
        f'[placement]\npolicy = "{basic}"\nheadquarters = "US"\n', "utf-8"
    )
    assert placement.check(path, as_of="2026-08-01").exit_code == 0
    with pytest.raises(placement.UsageError, match="go together"):
        placement.check(path, policy="ai-diffusion-2025", headquarters="US")


def test_one_of_something_is_singular() -> None:
    assert [counted(n, "places") for n in (0, 1, 2)] == ["0 places", "1 place", "2 places"]
    assert [counted(n, "accelerators") for n in (1, 1000)] == [
        "1 accelerator",
        "1,000 accelerators",
    ]
    assert counted(1, "kW") == "1 kW"
