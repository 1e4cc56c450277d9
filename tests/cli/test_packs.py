"""Several packs, where rules stand in law, and what is in force, as a user runs `check`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from placement.cli.main import cli
from tests.support.forked_cli import placement_run as run

WHOLE, BASIC, ENFORCED = "ai-diffusion-2025", "ai-diffusion-2025-basic", "us-ear-enforced"
INVENTORY = """\
owner,site,country,accelerator,quantity,licensed
USco,us-1,US,H100 SXM,95,
USco,ae-1,AE,H100 SXM,3,{ae}
USco,qa-1,QA,H100 SXM,2,{qa}
"""
OWNERS = ("--headquarters", "US", "--authorization", "uveu")
DAYS = ("--as-of", "2026-08-01", "--today", "2026-12-15")


def check(folder: Path, *words: str, ae: str = "", qa: str = "") -> Result:
    path = folder / "inventory.csv"
    path.write_text(INVENTORY.format(ae=ae, qa=qa), "utf-8")
    return CliRunner().invoke(cli, ["check", str(path), *DAYS, *words])


def refused(folder: Path, *words: str) -> str:
    """Run it as a user does, and return the errors of a run that judged nothing."""
    (folder / "inventory.csv").write_text(INVENTORY.format(ae="", qa=""), "utf-8")
    ran = run(folder, "check", "inventory.csv", *DAYS, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    return ran.stderr


def record(folder: Path, *words: str, **lots: str) -> dict[str, Any]:
    found = check(folder, *words, "--output", "json", **lots)
    made: dict[str, Any] = json.loads(found.stdout)
    assert made["exit_code"] == found.exit_code
    return made


def in_force(folder: Path, *words: str, **lots: str) -> str:
    found = check(folder, *words, **lots)
    (line,) = re.findall(r"(?m)^  (in force today, .*)$", found.stdout)
    return str(line)


def test_what_is_in_force_is_said_in_a_line(tmp_path: Path) -> None:
    assert in_force(tmp_path, *OWNERS) == (
        "in force today, not judged: us-ear-enforced finds a breach in AE, QA; "
        "add --policy us-ear-enforced"
    )
    assert in_force(tmp_path, *OWNERS, qa="yes").endswith(
        "us-ear-enforced finds a breach in AE; add --policy us-ear-enforced"
    )
    assert in_force(tmp_path, *OWNERS, qa="yes", ae="yes") == (
        "in force today, not judged: us-ear-enforced finds no breach"
    )


def test_it_moves_no_exit_code_and_is_in_the_report(tmp_path: Path) -> None:
    """3 % and 2 % abroad are within every share; basic judges no licence."""
    found = record(tmp_path, "--policy", BASIC, *OWNERS)
    assert (found["verdict"], found["exit_code"]) == ("ok", 0)
    (one,) = found["in_force"]
    assert (one["pack"], one["verdict"], one["places"]) == (ENFORCED, "breach", ["AE", "QA"])
    assert one["sentence"].startswith("in force today, not judged: us-ear-enforced finds")


def test_without_headquarters_it_says_why_it_could_not_judge(tmp_path: Path) -> None:
    found = record(tmp_path, "--policy", BASIC)
    assert found["exit_code"] == 0
    assert found["in_force"] == [
        {
            "pack": ENFORCED,
            "verdict": None,
            "places": [],
            "sentence": "in force today, not judged: us-ear-enforced could not be judged: no "
            "headquarters are given; add --entities FILE or --headquarters CC",
        }
    ]


@pytest.mark.parametrize("packs", [(ENFORCED,), (BASIC, ENFORCED)])
def test_where_it_was_chosen_nothing_is_said(tmp_path: Path, packs: tuple[str, ...]) -> None:
    words = [word for one in packs for word in ("--policy", one)]
    found = record(tmp_path, *words, *OWNERS)
    assert (found["exit_code"], found["in_force"]) == (1, [])
    assert "in force today, not" not in check(tmp_path, *words, *OWNERS).stdout


def test_shipments_alone_have_no_fleet_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "shipments.csv"
    path.write_text(
        "date,exporter,accelerator,quantity,from_country,to_country,end_use_country\n"
        "2026-03-01,USco,H200 SXM,1,US,CN,CN\n2026-03-01,USco,H200 SXM,9,US,US,US\n",
        "utf-8",
    )
    words = ["check", "--policy", "china-h200-2026", "--shipments", str(path)]
    ran = CliRunner().invoke(cli, [*words, "--headquarters", "US", *DAYS, "--output", "json"])
    assert json.loads(ran.stdout)["in_force"] == []


def test_the_worst_verdict_of_two_packs(tmp_path: Path) -> None:
    found = record(tmp_path, "--policy", WHOLE, "--policy", ENFORCED, *OWNERS)
    assert (found["verdict"], found["exit_code"]) == ("breach", 1)
    assert found["pack"]["id"] == WHOLE
    assert [one["id"] for one in found["packs"]] == [WHOLE, ENFORCED]
    broken = {
        (one["pack"], one["rule"], one["place"], one["enforced"])
        for one in found["findings"]
        if one["verdict"] == "breach"
    }
    assert {
        (ENFORCED, "ear.destination", "AE", True),
        (ENFORCED, "ear.destination", "QA", True),
    } <= broken
    assert {one["pack"] for one in found["unjudged"]} == {WHOLE, ENFORCED}
    text = check(tmp_path, "--policy", WHOLE, "--policy", ENFORCED, *OWNERS).stdout
    heads = re.findall(r"(?m)^BREACH.* in AE$", text)
    assert heads[0] == "BREACH, ENFORCED us-ear-enforced:ear.destination: USco in AE"


def test_options_by_pack_and_errors(tmp_path: Path) -> None:
    two = ("--policy", WHOLE, "--policy", BASIC, *OWNERS)
    found = record(tmp_path, *two, "--option", f"{BASIC}:us_territories=separate")
    answers = [one["options"]["us_territories"] for one in found["packs"]]
    assert answers == ["us", "separate"]
    said = refused(tmp_path, *two, "--option", "us_teritories=us")
    assert "none of the packs ai-diffusion-2025, ai-diffusion-2025-basic has such an option" in said
    assert "did you mean 'us_territories'?" in said
    said = refused(tmp_path, "--policy", BASIC, "--policy", BASIC, *OWNERS)
    assert "this pack is named twice; name it once" in said


def test_a_pack_with_nothing_to_judge_is_named(tmp_path: Path) -> None:
    """No shipments: the China pack judges nothing, and basic finds no breach."""
    words = ("--policy", BASIC, "--policy", "china-h200-2026", *OWNERS)
    said = refused(tmp_path, *words)
    assert said.startswith("error: under china-h200-2026, nothing was evaluated")
    ran = check(tmp_path, *words, "--policy", ENFORCED)
    assert ran.exit_code == 1
    assert "  note     NOTHING EVALUATED under china-h200-2026: " in ran.stdout


def test_the_day_of_the_run_is_an_argument(tmp_path: Path) -> None:
    ran = check(tmp_path, "--policy", BASIC, *OWNERS, "--today", "2030-01-01")
    assert re.search(r"note +the status of ai-diffusion-2025-basic was last looked", ran.stdout)
    assert ran.exit_code == 0
    ran = check(tmp_path, "--policy", BASIC, *OWNERS, "--today", "2026-08-01")
    assert "was last looked at" not in ran.stdout


def test_help_shows_several_packs() -> None:
    shown = CliRunner().invoke(cli, ["check", "--help"]).stdout
    assert "--policy ai-diffusion-2025 --policy us-ear-enforced" in shown
