"""The command: exit codes, files, both formats, harmless text."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from placement.cli.main import cli
from placement.errors import UsageError
from placement.optimization.results.plan_folder.write import write_files
from tests.support.paths import ROOT

INPUTS = ROOT / "inputs"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["optimize", *args])


def small(folder: Path, site: str = "my") -> Path:
    folder.mkdir()
    with (folder / "sites.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["site", "country", "power_mw"], ["us", "US", "1"], [site, "MY", "1"]]
        )
    (folder / "inventory.csv").write_text(
        "owner,site,country,accelerator,quantity\nA,us,US,H100 SXM,200\n"
    )
    (folder / "supply.csv").write_text(
        "accelerator,period,quantity,unit_usd,purchase_unit\nH100 SXM,2027Q1,8,9,8\n"
    )
    (folder / "demand.csv").write_text(
        "period,zone,metric,quantity,countries\n2027Q1,=cmd(),accelerators,8,MY\n"
    )
    (folder / "placement.toml").write_text(
        '[placement]\npolicy = "ai-diffusion-2025-basic"\n[horizon]\nstart = "2027Q1"\n'
    )
    return folder


def test_example(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "plan"
    found = run(str(INPUTS / "example"), "--out", str(out))
    assert found.exit_code == 0, found.output
    assert "PLAN for Nimbus Cloud Inc in 2027Q1" in found.output
    assert "without the plan: uveu.single_country broken in MY on 2027-01-01" in found.output
    assert "\n  to do    buy " in found.output
    assert "every limit kept on every day from 2027-01-01\n" in found.output
    assert "\n  verdict  OK: " in found.output
    assert "\nBY COUNTRY on 2029-12-31 " in found.output
    assert f"\nwritten to {out}: layout.csv, actions.csv, " in found.output
    assert len(found.output.splitlines()) <= 45
    assert sorted(path.name for path in out.iterdir()) == [
        "actions.csv",
        "costs.csv",
        "layout.csv",
        "report.json",
        "served.csv",
        "shares.csv",
        "site_periods.csv",
    ]
    report = json.loads((out / "report.json").read_text())
    assert report["schema"] == "placement.report/1"
    assert report["plan"]["status"] == "feasible"
    assert report["plan"]["tiers"][0]["proven"] is True
    assert {"read", "build", "lp", "whole", "judge", "total"} <= report["plan"]["timings"].keys()
    assert report["plan"]["size"].keys() == {"cells", "columns", "rows", "nonzeros"}


def test_infeasible_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "plan"
    found = run(str(INPUTS / "infeasible"), "--out", str(out), "--output", "json")
    assert found.exit_code == 3
    assert not out.exists()
    report = json.loads(found.output)
    assert report["exit_code"] == 3
    assert report["verdict"] == "not_applicable"
    assert report["plan"]["status"] == "infeasible"
    assert len(report["plan"]["conflict"]) == 3
    shown = run(str(INPUTS / "infeasible"), "--out", str(out))
    assert "These cannot hold together:" in shown.output
    assert "proven in exact arithmetic" in shown.output


def test_bad_input_exits_2_through_the_entry_point(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "placement", "optimize", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2
    assert found.stdout == ""
    assert "cannot be read" in found.stderr


@pytest.mark.parametrize("text", ["x", "-1", "1e-3", "nan", "inf", "", "1e999999999", "9" * 5000])
@pytest.mark.parametrize("option", ["--gap", "--time-limit"])
def test_limits_are_numbers(tmp_path: Path, option: str, text: str) -> None:
    found = run(str(tmp_path), option, text)
    assert isinstance(found.exception, UsageError)
    assert option in str(found.exception)


def test_without_a_plan_an_earlier_one_is_removed(tmp_path: Path) -> None:
    out = tmp_path / "plan"
    folder = small(tmp_path / "in")
    assert run(str(folder), "--out", str(out)).exit_code == 0
    (out / "notes.txt").write_text("mine")
    demand = (folder / "demand.csv").read_text()
    (folder / "demand.csv").write_text(demand.replace(",8,", ",9999,"))
    found = run(str(folder), "--out", str(out))
    assert found.exit_code == 3
    assert "an earlier plan was removed from" in found.stderr
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_without_a_plan_one_that_was_changed_by_hand_stays(tmp_path: Path) -> None:
    out = tmp_path / "plan"
    folder = small(tmp_path / "in")
    assert run(str(folder), "--out", str(out)).exit_code == 0
    layout = out / "layout.csv"
    layout.write_text(layout.read_text() + "\n")
    before = {path: path.read_bytes() for path in out.iterdir()}
    demand = (folder / "demand.csv").read_text()
    (folder / "demand.csv").write_text(demand.replace(",8,", ",9999,"))
    found = run(str(folder), "--out", str(out))
    assert found.exit_code == 3
    assert f"note: {layout} is not of this run" in found.stderr
    assert {path: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("report", [None, "{}", "[1]", "no json", '{"schema": "other/1"}'])
def test_files_of_others_are_not_removed(tmp_path: Path, report: str | None) -> None:
    out = tmp_path / "plan"
    out.mkdir()
    (out / "layout.csv").write_text("mine")
    if report is not None:
        (out / "report.json").write_text(report)
    before = sorted(out.iterdir())
    assert run(str(INPUTS / "infeasible"), "--out", str(out)).exit_code == 3
    assert sorted(out.iterdir()) == before


def test_an_input_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    """A plan may start from the layout of an earlier one, and is written to another folder."""
    out = tmp_path / "plan"
    folder = small(tmp_path / "in")
    assert run(str(folder), "--out", str(out)).exit_code == 0
    text = (folder / "placement.toml").read_text()
    (folder / "placement.toml").write_text(text + '[files]\ninventory = "../plan/layout.csv"\n')
    before = {path: path.read_bytes() for path in out.iterdir()}
    found = run(str(folder), "--allow-outside", "--out", str(out))
    assert isinstance(found.exception, UsageError)
    assert "layout.csv of --out" in str(found.exception)
    assert {path: path.read_bytes() for path in out.iterdir()} == before
    assert run(str(folder), "--allow-outside", "--out", str(tmp_path / "next")).exit_code == 0


def test_a_reader_that_leaves_early_changes_no_exit_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "placement", "optimize", str(INPUTS / "example")]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path / "x")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_text_of_users_is_harmless(tmp_path: Path) -> None:
    folder = small(tmp_path / "in", site="=1+1\x1b[31m")
    out = tmp_path / "plan"
    found = run(str(folder), "--out", str(out))
    assert found.exit_code == 0, found.output
    assert "\x1b" not in found.output
    with (out / "actions.csv").open(newline="") as file:
        action = next(csv.DictReader(file))
    assert action["to_site"] == "'=1+1\x1b[31m"
    assert action["reason"].startswith("demand line 2 (=cmd(), MY)")
    with (out / "layout.csv").open(newline="") as file:
        assert {row["site"] for row in csv.DictReader(file)} == {"us", "=1+1\x1b[31m"}


def test_help_has_an_example() -> None:
    found = run("--help")
    assert "placement optimize inputs/example" in found.output
    assert "3 proven that no plan exists" in " ".join(found.output.split())


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written"):
        write_files(tmp_path / "out", {"layout.csv": "x"})
    folder = tmp_path / "folder"
    (folder / "b.csv").mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be written"):
        write_files(folder, {"b.csv": "x"})
    assert [path.name for path in folder.iterdir()] == ["b.csv"]


def test_no_solver_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys; import placement.cli.optimize; "
        "print([m for m in ('pulp', 'highspy', 'polars', 'pandas', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    code = code.replace("placement.cli.optimize", "placement.proof.verify, placement.lp.program")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['numpy']"
