"""`placement report-form uveu`: what stands at each facility, and what changed since."""

from __future__ import annotations

import csv
import io
import subprocess
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.api import uveu_forms
from placement.compliance.run import report
from placement.facility_report import Form, make_form
from placement.policy import load_policy
from placement.readers.tables.entities import Entities
from tests.fleet.test_channel_charges import ENTITIES, FLEETS, PACK, TPP, case_of
from tests.support.fleets import Lot, inventory
from tests.support.forked_cli import placement_run as run

INVENTORY = """\
owner,operator,site,country,accelerator,quantity,status,arrived,out_of_service,from_country
Uni,,us-1,US,H100 SXM,9000,installed,2025-01-05,,
Uni,,us-1,US,B200,100,planned,2026-07-05,,
Uni Asia,Host,sg-1,SG,H100 SXM,500,installed,2026-03-05,,JP
Uni Asia,Host,sg-1,SG,H100 SXM,100,transferred,2026-07-30,,
Uni,,jp-1,JP,H100 SXM,500,retired,2025-03-05,2026-03-05,
Uni,,jp-1,JP,H100 SXM,300,installed,2025-03-05,,
Uni,,jp-1,JP,T4,300,installed,2026-03-05,,
Uni,,na-1,NA,H100 SXM,8,installed,2026-02-01,,
Uni,,sha-1,CN,H100 SXM,10,installed,,,
Nor,,os-1,NO,H100 SXM,10,installed,2026-08-01,,
Nor,,os-1,NO,H100 SXM,10,installed,2026-08-02,,
Bee,,os-2,NO,H100 SXM,10,installed,,,
"""
COMPANIES = """\
entity,parent,headquarters,authorization
Uni,,US,uveu
Uni Asia,Uni,SG,
Host,,SG,none
Nor,,NO,uveu
Bee,,NO,none
"""
AS_OF = ("--as-of", "2026-08-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.csv").write_text(INVENTORY, "utf-8")
    (tmp_path / "companies.csv").write_text(COMPANIES, "utf-8")
    return tmp_path


def form(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    given = ("report-form", "uveu", "inventory.csv", "--entities", "companies.csv")
    return run(folder, *given, *words)


def forms(folder: Path, **words: object) -> list[Form]:
    return uveu_forms(
        folder / "inventory.csv",
        entities=folder / "companies.csv",
        **{"as_of": "2026-08-01", **words},  # type: ignore[arg-type]
    )


def test_files(folder: Path, golden: Callable[[str, str], None]) -> None:
    ran = form(folder, *AS_OF, "--owner", "Uni Asia", "--out", "new/reports")
    names = ["new/reports/uveu-Uni-2026-08-01.csv", "new/reports/uveu-Uni-2026-08-01.md"]
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [f"wrote {name}" for name in names]
    golden("report-form.csv", (folder / names[0]).read_text("utf-8"))
    text = (folder / names[1]).read_text("utf-8")
    start = text.index("sha256:") + len("sha256:")
    golden("report-form.md", text[:start] + "..." + text[start + 64 :])


def test_one_pair_of_files_for_each_holder(folder: Path) -> None:
    assert form(folder, *AS_OF).returncode == 0
    assert sorted(path.name for path in folder.glob("uveu-*")) == [
        "uveu-Nor-2026-08-01.csv",
        "uveu-Nor-2026-08-01.md",
        "uveu-Uni-2026-08-01.csv",
        "uveu-Uni-2026-08-01.md",
    ]


def test_the_last_report_is_that_of_the_schedule(folder: Path) -> None:
    (one,) = forms(folder, owner="Nor")
    assert (one.since, one.schedule != "") == (date(2026, 2, 1), True)
    (one,) = forms(folder, owner="Nor", options={"reporting_dates": "para748_15f"})
    assert one.since == date(2026, 7, 15)
    (one,) = forms(folder, owner="Nor", as_of="2025-08-01")
    assert one.since == date(2025, 5, 15)
    (one,) = forms(folder, owner="Nor", since="2026-07-31")
    assert (one.since, one.schedule) == (date(2026, 7, 31), "")


def test_changes_are_after_the_last_report_and_up_to_the_day(folder: Path) -> None:
    found = {one.owner: one for one in forms(folder)}
    assert [(one.what, one.lines) for one in found["Nor"].changes] == [("arrived", (11,))]
    listed = [(one.what, one.country, one.count, one.lines) for one in found["Uni"].changes]
    assert sorted(listed) == [
        ("arrived", "SG", "100", (5,)),
        ("arrived", "US", "100", (3,)),
        ("left", "JP", "500", (6,)),
        ("relocated_in", "SG", "500", (4,)),
        ("relocated_out", "JP", "500", (4,)),
    ]


def test_what_is_installed_and_what_is_not(folder: Path) -> None:
    (one,) = forms(folder, owner="Uni")
    found = {
        (chips.site, chips.accelerator): (chips.installed, chips.transferred, chips.planned)
        for chips in one.chips
    }
    assert found["sg-1", "H100-SXM5-80GB"] == ("500", "100", "0")
    assert found["us-1", "B200"] == ("0", "0", "100")
    assert not any(model == "T4" for _, model in found)
    assert any("T4" in note for note in one.notes)


def test_chips_not_installed_are_listed_whatever_the_shares_count(folder: Path) -> None:
    (one,) = forms(folder, owner="Uni", options={"in_country": "installed"})
    assert [chips.transferred for chips in one.chips if chips.site == "sg-1"] == ["100"]
    assert any("without chips that are not installed yet" in note for note in one.notes)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [("outside_tier3", {"jp-1", "na-1", "sg-1", "us-1"}), ("tier1", {"jp-1", "us-1"})],
)
def test_the_scope_of_the_report(folder: Path, scope: str, covered: set[str]) -> None:
    (one,) = forms(folder, owner="Uni", options={"report_scope": scope})
    assert {chips.site for chips in one.chips if not chips.excluded} == covered
    assert {chips.excluded for chips in one.chips if chips.site == "sha-1"} == {"tier3"}
    assert Fraction(one.covered) == sum(Fraction(c.total) for c in one.chips if not c.excluded)


def test_the_shares_are_those_of_the_judge(folder: Path) -> None:
    (one,) = forms(folder, owner="Uni")
    rules = {found.rule: found for found in one.findings}
    assert set(rules) == {"uveu.outside_t1", "uveu.single_country", "uveu.outside_us"}
    assert {found.denominator for found in one.findings} == {one.total}
    (one,) = forms(folder, owner="Nor")
    assert {found.verdict for found in one.findings if found.rule == "uveu.outside_us"} == {
        "not_applicable"
    }


def test_names_are_safe_for_files_tables_and_spreadsheets(folder: Path) -> None:
    evil = "=../a|b<i>`\x1b[31m@x"
    for file, text in (("inventory.csv", INVENTORY), ("companies.csv", COMPANIES)):
        (folder / file).write_text(text.replace("Nor,", f"{evil},"), "utf-8")
    assert form(folder, *AS_OF, "--owner", evil, "--out", "out").returncode == 0
    names = sorted(path.name for path in (folder / "out").iterdir())
    assert names == ["uveu-a-b-i-31m-x-2026-08-01.csv", "uveu-a-b-i-31m-x-2026-08-01.md"]
    text = (folder / "out" / names[1]).read_text("utf-8")
    assert "\x1b" not in text
    assert "<i>" not in text
    assert "a\\|b\\<" in text
    rows = list(csv.DictReader(io.StringIO((folder / "out" / names[0]).read_text("utf-8"))))
    assert {row["owner_group"] for row in rows} == {f"'{evil}"}


def test_owners_whose_file_names_would_be_one(folder: Path) -> None:
    for file, text in (("inventory.csv", INVENTORY), ("companies.csv", COMPANIES)):
        (folder / file).write_text(text.replace("Nor,", "UNI!,"), "utf-8")
    assert form(folder, *AS_OF, "--out", "out").returncode == 0
    names = sorted(path.name for path in (folder / "out").glob("*.md"))
    assert names == ["uveu-UNI-2026-08-01.md", "uveu-Uni-2-2026-08-01.md"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--owner", "Bee"), "'Bee': it does not hold uveu, and gives no such account; holding"),
        (("--owner", "Unni"), "'Unni': the inventory has no such owner; did you mean 'Uni'"),
        (("--since", "2026-08-01"), "--since is not before the day of the form"),
        (("--policy", "ai-diffusion-2025-basic"), "has no such form: it has no rule"),
        (("--out", "inventory.csv/x"), "cannot be written"),
    ],
)
def test_bad_usage_is_exit_2_and_writes_nothing(
    folder: Path, words: Sequence[str], message: str
) -> None:
    ran = form(folder, *AS_OF, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert {path.name for path in folder.iterdir()} == {"inventory.csv", "companies.csv"}


def test_nobody_holds_it(folder: Path) -> None:
    words = ("report-form", "uveu", "inventory.csv", "--headquarters", "US", *AS_OF)
    ran = run(folder, *words, "--authorization", "none")
    assert ran.returncode == 2
    assert "no owner of the inventory holds uveu" in ran.stderr


def filled_in(lots: list[Lot], day: date, since: date) -> Form:
    policy = load_policy(str(PACK), {})
    case = case_of(lots, policy)
    return make_form(
        case,
        case.companies.parents["USco"],
        inventory(lots),
        Entities(ENTITIES),
        report(policy, (), dates=()),
        as_of=day,
        since=since,
        schedule="",
    )


def standing(found: Form) -> dict[tuple[str, str, str], Fraction]:
    totals: defaultdict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for one in found.chips:
        counts = (one.installed, one.transferred, one.planned)
        totals[one.site, one.operator, one.accelerator] += sum(map(Fraction, counts))
    return {key: count for key, count in totals.items() if count}


DAYS = [date(2024, 6, 1), date(2025, 6, 1), date(2026, 2, 2), date(2026, 8, 1)]


@given(FLEETS, st.sampled_from(DAYS[:-1]), st.sampled_from(DAYS[1:]))
def test_the_last_holding_and_the_changes_give_this_one(
    lots: list[Lot], since: date, day: date
) -> None:
    if day <= since:
        return
    lots = [replace(lot, owner="USco") for lot in lots]
    now, then = filled_in(lots, day, since), filled_in(lots, since, date(2020, 1, 1))
    expected = defaultdict(Fraction, standing(then))
    for one in now.changes:
        sign = {"arrived": 1, "relocated_in": 1, "relocated_out": 0, "left": -1}[one.what]
        expected[one.site or "", one.operator, one.accelerator] += sign * Fraction(one.count)
    assert standing(now) == {key: count for key, count in expected.items() if count}
    naive = sum(
        Fraction(lot.quantity * lot.unit[0], lot.unit[1]) * TPP[lot.model]
        for lot in lots
        if (lot.start is None or lot.start <= day) and (lot.end is None or lot.end > day)
    )
    assert Fraction(now.total) == naive
