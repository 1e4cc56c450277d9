"""What `placement init` writes passes as it is, and replaces nothing."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from placement.cli.main import cli
from placement.errors import InputError
from placement.readers.config.placement_toml import Config
from placement.starters.folders import with_periods
from tests.support.paths import ROOT

EXAMPLE = ROOT / "inputs" / "example"
TODAY = ("--today", "2026-12-01")

LOTS = """owner,site,country,accelerator,instance_type,provider,quantity,status
"Big, Inc",windhoek-1,NA,H100 SXM,,,800,installed
"Big, Inc",old-1,US,H100 SXM,,,8,retired
Small GmbH,hamburg-1,DE,,p5.48xlarge,aws,2,installed
"""


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def next_of(result: Result) -> list[str]:
    """Return the command that a run says to go on with."""
    assert result.exit_code == 0, result.output
    last = result.stdout.splitlines()[-1]
    return last.removeprefix("next: placement ").split()


def failure(*args: str | Path) -> str:
    result = run(*args)
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_starter_passes_the_check(tmp_path: Path) -> None:
    made = run("init", tmp_path / "new" / "fleet", *TODAY)
    assert next_of(made) == ["check", str(tmp_path / "new" / "fleet" / "inventory.csv")]
    assert names(tmp_path / "new" / "fleet") == ["entities.csv", "inventory.csv", "placement.toml"]
    checked = run(*next_of(made), "--output", "json")
    assert checked.exit_code == 0
    report = json.loads(checked.stdout)
    evaluated = [one for one in report["findings"] if one["verdict"] == "ok" and one["share"]]
    assert {one["place"] for one in evaluated} >= {"MY"}


@pytest.mark.parametrize("day", ["2026-12-01", "2026-12-31", "2027-01-01", "2028-02-29"])
def test_a_starter_can_be_planned_on_any_day(tmp_path: Path, day: str) -> None:
    made = run("init", "--for", "optimize", tmp_path / "in", "--today", day)
    planned = run(*next_of(made), "--out", tmp_path / "plan")
    assert planned.exit_code == 0, planned.output
    plan = json.loads((tmp_path / "plan" / "report.json").read_text("utf-8"))["plan"]
    assert plan["status"] == "optimal"
    assert plan["cost"]["purchases"] != "0.000000"


@pytest.mark.parametrize(
    ("day", "quarters"),
    [
        ("2026-12-01", "2027Q1 2027Q2 2027Q3 2027Q4"),
        ("2027-03-31", "2027Q2 2027Q3 2027Q4 2028Q1"),
        ("2027-07-01", "2027Q4 2028Q1 2028Q2 2028Q3"),
    ],
)
def test_a_plan_begins_after_today(day: str, quarters: str) -> None:
    assert with_periods("@0 @1 @2 @3", date.fromisoformat(day)) == quarters


@pytest.mark.parametrize("kind", ["check", "optimize"])
def test_comments_name_keys_that_there_are(tmp_path: Path, kind: str) -> None:
    """What is commented out is right, too: with every key in force the file is a good one."""
    assert run("init", "--for", kind, tmp_path, *TODAY).exit_code == 0
    text = (tmp_path / "placement.toml").read_text("utf-8")
    full = re.sub(r"^# (?=[a-z_]+ = |\"[^\"]+\" = )", "", text, flags=re.MULTILINE)
    assert full != text
    Config.model_validate(tomllib.loads(full))


def test_an_inventory_can_be_planned(tmp_path: Path) -> None:
    inventory = tmp_path / "lots.csv"
    inventory.write_text(LOTS, encoding="utf-8")
    made = run("init", "--from", inventory, tmp_path / "plan-inputs", *TODAY)
    folder = tmp_path / "plan-inputs"
    assert (folder / "inventory.csv").read_text("utf-8") == LOTS
    with (folder / "sites.csv").open(encoding="utf-8", newline="") as opened:
        rows = [*csv.reader(opened)]
    # 700 W of the chip, half as much more for the server, a quarter more for growth:
    # 800 x 1.3125 kW = 1.05 MW, and two instances of eight = 0.021 MW; rounded up to tenths.
    assert rows == [
        ["site", "country", "power_mw"],
        ["hamburg-1", "DE", "0.1"],
        ["old-1", "US", "0.1"],
        ["windhoek-1", "NA", "1.1"],
    ]
    config = tomllib.loads((folder / "placement.toml").read_text("utf-8"))
    assert config["placement"] == {"policy": "ai-diffusion-2025-basic", "owner": "Big, Inc"}
    assert '"Small GmbH"' in (folder / "placement.toml").read_text("utf-8")
    planned = run(*next_of(made), "--out", tmp_path / "plan")
    assert planned.exit_code in (0, 1, 3), planned.output
    assert not isinstance(planned.exception, InputError)


def test_the_fleet_of_the_example_is_mended_by_its_starter(tmp_path: Path) -> None:
    made = run("init", "--from", EXAMPLE / "inventory.csv", tmp_path / "in", *TODAY)
    assert names(tmp_path / "in") == [
        "entities.csv", "inventory.csv", "placement.toml", "sites.csv",
    ]  # fmt: skip
    assert run(*next_of(made), "--out", tmp_path / "plan").exit_code == 0


def test_an_inventory_that_lies_there_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "lots.csv").write_text(LOTS, encoding="utf-8")
    assert run("init", "--from", tmp_path / "lots.csv", tmp_path, *TODAY).exit_code == 0
    assert names(tmp_path) == ["lots.csv", "placement.toml", "sites.csv"]
    config = tomllib.loads((tmp_path / "placement.toml").read_text("utf-8"))
    assert config["files"] == {"inventory": "lots.csv"}


def test_names_of_an_inventory_stay_names(tmp_path: Path) -> None:
    owner = 'Say "hi" = @owner'
    quoted = owner.replace('"', '""')
    text = f'owner,site,country,accelerator,quantity\n"{quoted}",s-1,US,H200 SXM,8\n'
    (tmp_path / 'a "b".csv').write_text(text, encoding="utf-8")
    assert run("init", "--from", tmp_path / 'a "b".csv', tmp_path, *TODAY).exit_code == 0
    config = tomllib.loads((tmp_path / "placement.toml").read_text("utf-8"))
    assert config["placement"]["owner"] == owner
    assert config["files"]["inventory"] == 'a "b".csv'


def test_the_example_is_copied_whole(tmp_path: Path) -> None:
    made = run("init", "--example", tmp_path / "example")
    assert next_of(made) == ["optimize", str(tmp_path / "example")]
    assert names(tmp_path / "example") == names(EXAMPLE)
    for path in EXAMPLE.iterdir():
        assert (tmp_path / "example" / path.name).read_bytes() == path.read_bytes()


def test_nothing_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "inventory.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "placement.toml").symlink_to(tmp_path / "nowhere")
    said = failure("init", tmp_path)
    assert said.splitlines() == [
        f"{tmp_path / name}: is there, and nothing is replaced; choose another folder"
        for name in ("inventory.csv", "placement.toml")
    ]
    assert names(tmp_path) == ["inventory.csv", "placement.toml"]
    assert (tmp_path / "inventory.csv").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--example", "--for", "check"), "exclude each other; give one of them"),
        (("--from", "x.csv", "--for", "check"), "exclude each other; give one of them"),
        (("--from", "-"), "--from takes a file; save it, and give its path"),
        (("--from", "no-such.csv"), "no-such.csv"),
    ],
)
def test_what_it_refuses(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    assert said in failure("init", tmp_path / "new", *args)
    assert not (tmp_path / "new").exists()


def test_a_fault_of_an_inventory_is_told_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "lots.csv").write_text(LOTS.replace("H100 SXM", "H1OO SXN"), encoding="utf-8")
    assert "lots.csv:2" in failure("init", "--from", tmp_path / "lots.csv", tmp_path / "new")
    assert not (tmp_path / "new").exists()
