"""`[policy.groups]` of placement.toml: the doubled cap of a country with assurances, in every verb.

A chip has 1,000,000 TPP: a country may get 790 by licence, and 1,580 where it gave assurances.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from placement import advance, check
from tests.support.carried_on import save
from tests.support.forked_cli import placement_run as run
from tests.support.planned_worlds import World

ADDED = '[policy.groups]\nassured = ["India"]\n'
SAID = "added to group assured (destinations of supplement no. 5 to part 740, paragraph (b): "
HEAD = "owner,site,country,accelerator,quantity,arrived,channel\n"
CHIP = "accelerator,source,tpp,datacenter\nX,made up,1000000,yes\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.csv").write_text(f"{HEAD}A,in1,IN,X,1000,2026-03-01,licence\n")
    (tmp_path / "accelerators.csv").write_text(CHIP)
    (tmp_path / "entities.csv").write_text("entity,headquarters,authorization\nA,IN,none\n")
    return tmp_path


def verb(folder: Path, *words: str, added: str = ADDED) -> subprocess.CompletedProcess[str]:
    (folder / "placement.toml").write_text(added)
    return run(folder, *words)


def judged(folder: Path, added: str) -> dict[str, str]:
    made = verb(
        folder, "check", "inventory.csv", "--as-of", "2026-08-01", "--output", "json", added=added
    )
    found = json.loads(made.stdout)
    rules = ("country.alloc", "country.alloc_g2g")
    return {one["rule"]: one["verdict"] for one in found["findings"] if one["rule"] in rules}


def test_the_cap_is_doubled_for_a_country_with_assurances(folder: Path) -> None:
    assert judged(folder, "") == {
        "country.alloc": "breach",
        "country.alloc_g2g": "not_applicable",
    }
    assert judged(folder, ADDED)["country.alloc_g2g"] == "ok"
    assert judged(folder, ADDED)["country.alloc"] != "breach"
    (folder / "inventory.csv").write_text(f"{HEAD}A,in1,IN,X,1581,2026-03-01,licence\n")
    assert judged(folder, ADDED)["country.alloc_g2g"] == "breach"


def test_every_report_says_so(folder: Path) -> None:
    as_of = ("--as-of", "2026-08-01")
    verbs = {
        "check": ("inventory.csv", *as_of),
        "ledger": ("inventory.csv", "--until", "2026-08-01"),
        "headroom": ("inventory.csv", "--accelerator", "X", *as_of),
    }
    for name, words in verbs.items():
        text = verb(folder, name, *words).stdout
        assert any("added to group assured" in line and "IN" in line
                   for line in text.splitlines() if "assumed" in line), name  # fmt: skip
        as_json = ("--json",) if name == "headroom" else ("--output", "json")
        record = json.loads(verb(folder, name, *words, *as_json).stdout)
        assert record["pack"]["added_groups"] == {"assured": ["IN"]}, name
        assert record["pack"]["changed"] is False


def test_a_group_without_members_is_not_ok(folder: Path) -> None:
    text = verb(folder, "check", "inventory.csv", "-v", "--as-of", "2026-08-01", added="").stdout
    assert "the group assured has no country on 2026-08-01" in text


def test_errors_have_file_and_line(folder: Path) -> None:
    added = '[policy.groups]\nassured = ["IN",\n"DE"]\n'
    found = verb(folder, "check", "inventory.csv", "--as-of", "2026-08-01", added=added)
    assert found.returncode == 2
    assert "placement.toml:2: policy.groups.assured 'DE': cannot be added" in found.stderr


def test_a_plan_has_the_room_and_says_so(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        sites="in1,IN,2000\nus1,US,9\n",
        demand="2027Q1,accelerators,1000,IN\n",
        more=ADDED,
    )
    world.supply = "X,2027Q1,2000,100\n"
    found = world.plan()
    info = found.report.plan
    assert info is not None
    assert (info.status.value, found.report.pack.added_groups) == ("optimal", {"assured": ("IN",)})
    assert any(one.startswith(SAID) for one in found.report.assumptions)
    world.more = ""
    less = world.plan().report.plan
    assert less is not None
    assert less.status.value == "infeasible"


def test_a_later_period_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    world = World(tmp_path / "in", sites="in1,IN,2000\nus1,US,9\n")
    world.demand = "2027Q1,accelerators,900,IN\n2027Q2,accelerators,1000,IN\n"
    world.supply = "X,2027Q1,900,100\nX,2027Q2,100,100\n"
    world.more = "periods = 2\n" + ADDED
    save(world.plan(), tmp_path / "plan")
    advance(tmp_path / "plan", to="2027Q2", out=tmp_path / "q2")
    text = (tmp_path / "q2" / "placement.toml").read_text()
    assert '[policy.groups]\nassured = ["India"]' in text
    found = check(tmp_path / "q2" / "inventory.csv", as_of="2027-05-01")
    assert found.pack.added_groups == {"assured": ("IN",)}
    assert not [one for one in found.breaches if one.rule.startswith("country.alloc")]
