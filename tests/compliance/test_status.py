"""Where rules stand in law: in every finding, in the text, and how old that knowledge is."""

from __future__ import annotations

import json
from datetime import date

import pytest

from placement.catalog import load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory
from placement.policy import load_policy, parse_policy
from placement.readers.tables.entities import Entities
from placement.render.check import render
from placement.render.view import MORE
from placement.report import Report
from tests.support.fleets import Lot, inventory
from tests.support.paths import TESTS

HOUSE = TESTS / "packs" / "house.toml"
LOOKED = date(2026, 6, 1)
RULE_LOOKED = date(2026, 7, 1)
D = date(2026, 8, 1)
FLEET = [Lot("US", 80), Lot("MY", 15), Lot("AE", 5)]


def run(
    lots: list[Lot], pack: str = str(HOUSE), held: str = "uveu", ran_on: date = LOOKED
) -> Report:
    return check_inventory(
        inventory(lots),
        policy=load_policy(pack),
        catalog=load_catalog(),
        entities=Entities.assume("US", [held]),
        days=EvaluationDates(as_of=D),
        ran_on=ran_on,
    )


def of_age(report: Report) -> list[str]:
    return [note for note in report.notes if note.startswith("the status of")]


def test_a_finding_has_the_status_of_its_rule_else_that_of_its_pack() -> None:
    found = {
        one.rule: (one.pack, one.codified, one.enforced, one.as_of) for one in run(FLEET).findings
    }
    assert found == {
        "far": ("house", True, False, LOOKED),
        "barred": ("house", True, True, RULE_LOOKED),
        "held": ("house", True, False, LOOKED),
    }


def test_json_and_frame_have_it() -> None:
    report = run(FLEET)
    one = json.loads(report.as_json())["findings"][1]
    expected = {"pack": "house", "codified": True, "enforced": True, "as_of": "2026-07-01"}
    assert expected.items() <= one.items()
    frame = report.frame()
    assert frame["enforced"].tolist() == [False, True, False]
    assert frame["pack"].tolist() == ["house"] * 3


@pytest.mark.parametrize(
    ("ran_on", "said"),
    [
        (date(2026, 7, 31), []),
        (date(2026, 8, 1), [("house", "2026-06-01", 61)]),
        (date(2026, 8, 30), [("house", "2026-06-01", 90)]),
        (date(2026, 8, 31), [("house", "2026-06-01", 91), ("barred", "2026-07-01", 61)]),
        (date(2020, 1, 1), []),
    ],
)
def test_a_status_older_than_sixty_days_is_a_note(
    ran_on: date, said: list[tuple[str, str, int]]
) -> None:
    """30 days of June and 31 of July lie between 2026-06-01 and 2026-08-01."""
    report = run([Lot("US", 100)], ran_on=ran_on)
    assert of_age(report) == [
        f"the status of {what} was last looked at on {day}, {days} days before this run: look "
        "again before relying on it"
        for what, day, days in said
    ]
    assert report.exit_code == 0


def test_what_nobody_was_granted_is_said_once_where_a_verdict_rests_on_it() -> None:
    said = "nobody was ever granted uveu"
    assert run(FLEET).notes.count(said) == 1
    assert said not in run(FLEET, held="none").notes


def test_a_charge_alone_rests_on_it() -> None:
    """No share is judged of a holder in 2026-08; what Malaysia received came by its uveu."""
    text = HOUSE.read_text("utf-8").replace('binds = { authorization = "uveu" }\n', "")
    ledger = """
[ledger]
home = "home"
[[ledger.channels]]
id = "uveu"
title = "universal"
binds = { authorization = "uveu" }
citation = "house, 6"
[[ledger.channels]]
id = "licence"
title = "licence"
citation = "house, 7"
"""
    policy = parse_policy((text + ledger).encode(), "house.toml")
    given = {
        "policy": policy,
        "catalog": load_catalog(),
        "days": EvaluationDates(as_of=D),
        "ran_on": LOOKED,
    }
    said = "nobody was ever granted uveu"

    def notes(lots: list[Lot], held: str) -> tuple[str, ...]:
        entities = Entities.assume("US", [held])
        return check_inventory(inventory(lots), entities=entities, **given).notes  # type: ignore[arg-type]

    assert notes(FLEET, "uveu").count(said) == 1
    assert said not in notes(FLEET, "none")
    assert said not in notes([Lot("US", 5)], "uveu")


def test_the_shipped_pack_says_it_of_a_holder() -> None:
    (said,) = (n for n in run(FLEET, "ai-diffusion-2025").notes if "authorization is known" in n)
    assert said.startswith("no universal authorization is known to have been granted")
    none = run(FLEET, "ai-diffusion-2025", held="none")
    assert not [note for note in none.notes if "authorization is known" in note]


def test_enforced_findings_stand_first_and_look_different() -> None:
    text = render(run(FLEET), MORE)
    heads = [line for line in text.splitlines() if line.startswith("BREACH")]
    assert heads == [
        "BREACH, 1 of 2 ENFORCED: USco breaks barred and held in AE and far; 3 lots, as of "
        "2026-08-01",
        "BREACH, ENFORCED barred: USco in AE",
        "BREACH (not enforced) held: USco in far",
        "BREACH: 2 breach (1 enforced), 1 ok",
    ]
    rows = [line.split()[:2] for line in text.splitlines() if line.startswith(("breach ", "ok "))]
    assert rows == [["breach", "barred*"], ["breach", "held"], ["ok", "far"]]
    assert "  law      enforced: barred (marked *), not the 2 others\n" in text
    assert "source: house, 2 (codified, enforced as of 2026-07-01)" in text


def test_nothing_enforced_is_said_and_no_statement_is_none() -> None:
    basic = render(run(FLEET, "ai-diffusion-2025-basic"))
    assert "  law      none of the rules judged here is enforced" in basic
    text = HOUSE.read_text("utf-8").replace("enforced = false", "")
    text = text.replace("enforced = true", "")
    silent = check_inventory(
        inventory(FLEET),
        policy=parse_policy(text.encode(), "house.toml"),
        catalog=load_catalog(),
        entities=Entities.assume("US", ["uveu"]),
        days=EvaluationDates(as_of=D),
        ran_on=LOOKED,
    )
    shown = render(silent)
    assert "enforced" not in shown
    assert "\nBREACH held: USco in far\n" in shown


def test_a_kept_rule_that_is_enforced_is_marked_too() -> None:
    assert "nothing found: barred* (USco)\n" in render(run([Lot("US", 10)]), MORE)


def test_duties_that_nobody_judged_stand_in_one_line_and_whole_in_json() -> None:
    report = run(FLEET)
    line = (
        "\nno table shows 2 other duties of house: keep.records*, tell.staff; read placement "
        "policy show house\n"
    )
    assert line in render(report, MORE)
    assert json.loads(report.as_json())["unjudged"] == [
        {
            "pack": "house",
            "id": name,
            "title": title,
            "why": "no table has them",
            "citation": citation,
            "codified": True,
            "enforced": enforced,
            "as_of": day,
        }
        for name, title, citation, enforced, day in (
            ("keep.records", "records are kept for five years", "house, 4", True, "2026-07-02"),
            ("tell.staff", "the staff is told", "house, 5", False, "2026-06-01"),
        )
    ]
