"""`placement advance` on the command line, and notices that it takes as filed."""

from __future__ import annotations

import csv
import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from placement import advance, check
from placement.cli.main import cli
from placement.optimization.run import make_plan
from tests.optimization.data.test_notices import world
from tests.support.carried_on import cost_of, planned, save
from tests.support.planned_worlds import World, channels
from tests.support.small_plan import write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("carried")
    planned(write(found / "in"), found / "plan")
    return found


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["advance", *args])


def test_text_says_what_is_done_spent_and_left(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "q2"
    found = run(str(folder / "plan"), "--to", "2027Q2", "--out", str(out))
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert lines[0] == f"ADVANCED {folder / 'plan'} to 2027Q2: the inputs of 2027-04-01"
    assert "  done       move 8, install 8 (accelerators), before 2027-04-01" in lines
    assert "  supply     H100-SXM5-80GB 40, B200 16 may be bought" in lines
    (left,) = [line for line in lines if line.startswith("  left")]
    assert "USD, discounted to 2027-01-01 (" in left
    assert lines[-1] == f"plan on with: placement optimize {out}"
    assert f"  {out / 'placement.toml'}" in lines


def test_json_is_the_record(folder: Path, tmp_path: Path) -> None:
    shown = run(
        str(folder / "plan"), "--to", "2027Q2", "--out", str(tmp_path / "a"), "--output", "json"
    )
    record = advance(folder / "plan", to="2027Q2", out=tmp_path / "b")
    found = json.loads(shown.output)
    assert found["schema"] == "placement.advance/1"
    same = record.model_dump(mode="json", by_alias=True)
    for key in found.keys() - {"folder", "written"}:
        assert found[key] == same[key], key


def test_help_has_examples() -> None:
    found = run("--help")
    assert found.exit_code == 0
    assert "placement advance plan --to 2027Q2 --out 2027Q2" in found.output


def test_what_came_to_a_new_site_is_taken_as_notified_in_time(tmp_path: Path) -> None:
    """10 come to in2 in 2027Q1, whose notice was due on 2026-07-05, 180 days before."""
    (tmp_path / "in").mkdir()
    inputs = world(
        tmp_path / "in", more="periods = 2\n",
        demand="2027Q1,accelerators,15,IN\n2027Q1,accelerators,930,US\n"
        "2027Q2,accelerators,15,IN\n2027Q2,accelerators,930,US\n",
    )  # fmt: skip
    plan = inputs.plan()
    save(plan, tmp_path / "plan")
    found = advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "q2")
    assert found.filed == ("uveu.new_site_notice, new site in2",)
    with (tmp_path / "q2" / "sites.csv").open(newline="") as file:
        filed = {row["site"]: row["notice_filed"] for row in csv.DictReader(file)}
    assert filed == {"us1": "", "in1": "", "in2": "2026-07-05"}
    report = check(
        tmp_path / "q2" / "inventory.csv", as_of=date(2027, 4, 1), sites=tmp_path / "q2/sites.csv"
    )
    (notice,) = [one for one in report.findings if one.rule == "uveu.new_site_notice"]
    assert notice.verdict == "ok"
    assert make_plan(tmp_path / "q2").report.exit_code == 0


def test_what_was_received_by_a_channel_is_charged_to_it_still(tmp_path: Path) -> None:
    """A company of IN receives 20 of its 26 for 2027 in the first quarter, and 6 later."""
    (tmp_path / "in").mkdir()
    inputs = World(
        tmp_path / "in", more="periods = 3\n",
        demand="2027Q1,accelerators,20,IN\n2027Q2,accelerators,26,IN\n2027Q3,accelerators,26,IN\n",
    )  # fmt: skip
    plan = inputs.plan()
    save(plan, tmp_path / "plan")
    assert channels(plan) == {("IN", "lpp"): 26}
    found = advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "q2")
    assert found.done == {"install": 20}
    again = make_plan(tmp_path / "q2")
    assert channels(again) == {("IN", "lpp"): 6}
    assert cost_of(again) == Fraction(found.left.discounted) == 600
    # One more has no room there any more, and comes by another channel.
    demand = (tmp_path / "q2" / "demand.csv").read_text()
    (tmp_path / "q2" / "demand.csv").write_text(
        demand.replace("3,accelerators,26", "3,accelerators,27")
    )
    brought = channels(make_plan(tmp_path / "q2"))
    assert brought["IN", "lpp"] == 6
    assert sum(brought.values()) == 7
