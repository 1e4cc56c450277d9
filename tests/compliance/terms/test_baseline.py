"""A baseline: what was recorded is known, worse fails, no day that passes makes anything new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

import placement
from placement.compliance.terms.baseline import Baseline, Standing, recorded
from placement.errors import InputError
from placement.readers.baseline import baseline_text, read_baseline
from placement.report import Report
from tests.compliance.terms.fleets import PACK, TODAY, fleet

#: On its way: 20 more in Malaysia from 2027-01-15 on.
ORDERED = "Acme,my-1,MY,H100 SXM,20,ordered,2027-01-15,"
#: In Namibia until the end of the year.
LEAVING = "Acme,na-1,NA,H100 SXM,100,installed,,2027-01-01"


def judged(path: Path, today: str = TODAY, **given: object) -> Report:
    return placement.check(path, policy=PACK, today=today, **given)  # type: ignore[arg-type]


def record(folder: Path, inventory: Path, **given: object) -> Path:
    report = judged(inventory, **given)  # type: ignore[arg-type]
    assert report.ran_on is not None
    content = recorded(report, report.ran_on)
    path = folder / "baseline.json"
    path.write_text(baseline_text(content.recorded, content.entries), "utf-8")
    return path


def standings(baseline: Path, report: Report) -> dict[str, Standing]:
    found = Baseline.of(read_baseline(baseline), "b").standings(report.findings)
    return {at[3]: standing for at, standing in found.places.items()}


def test_the_file(tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    path = record(tmp_path, fleet(tmp_path, "inventory.csv", 100, ORDERED, LEAVING))
    golden("baseline.json", path.read_text("utf-8"))
    content = read_baseline(path)
    assert baseline_text(content.recorded, content.entries) == path.read_text("utf-8")
    none = record(tmp_path, fleet(tmp_path, "small.csv", 10))
    assert none.read_text() == (
        '{\n  "schema": "placement.baseline/1",\n  "recorded": "2026-12-01",\n  "entries": []\n}\n'
    )
    assert read_baseline(none).entries == ()


@pytest.mark.parametrize("later", [(), (ORDERED,), (ORDERED, LEAVING)])
def test_nothing_is_new_because_a_day_has_passed(tmp_path: Path, later: tuple[str, ...]) -> None:
    """The same fleet, on each day from that of the record until after the last measurement date."""
    inventory = fleet(tmp_path, "inventory.csv", 100, *later)
    baseline = record(tmp_path, inventory)
    days = [date(2026, 12, 1) + timedelta(days=5 * n) for n in range(12)]
    days += [date(2027, 1, 31), date(2027, 2, 1), date(2027, 2, 2), date(2027, 8, 1)]
    for day in days:
        assert judged(inventory, str(day)).exit_code == 1
        made = judged(inventory, str(day), baseline=baseline)
        assert (made.exit_code, [one.place for one in made.findings if one.fails]) == (0, []), day


@pytest.mark.parametrize(
    ("today", "my", "code"),
    [
        # 100 of 1,000 recorded today, 120 of 1,020 on 2027-02-01.
        ("2026-12-01", 100, 0),
        ("2026-12-01", 101, 1),
        # Between the two the worse holds, on the date itself its own, and after it, too.
        ("2027-01-10", 120, 0),
        ("2027-01-10", 121, 1),
        ("2027-02-01", 120, 0),
        ("2027-02-01", 121, 1),
        ("2027-02-02", 120, 0),
        ("2027-02-02", 121, 1),
    ],
)
def test_worse_than_recorded_fails(tmp_path: Path, today: str, my: int, code: int) -> None:
    baseline = record(tmp_path, fleet(tmp_path, "inventory.csv", 100, ORDERED))
    made = judged(fleet(tmp_path, "later.csv", my), today, baseline=baseline)
    assert made.exit_code == code


def test_a_day_on_which_it_was_kept_was_recorded_too(tmp_path: Path) -> None:
    """Broken today and mended by 2027-02-01: broken on that day is new, and so is it after that."""
    baseline = record(tmp_path, fleet(tmp_path, "inventory.csv", 40, ORDERED, LEAVING))
    assert standings(baseline, judged(fleet(tmp_path, "now.csv", 40, ORDERED, LEAVING))) == {
        "NA": Standing.SAME
    }
    stays = LEAVING.replace("2027-01-01", "")
    made = judged(fleet(tmp_path, "stays.csv", 40, ORDERED, stays), baseline=baseline)
    assert [(str(one.date), one.place) for one in made.breaches] == [("2027-02-01", "NA")]
    # Between both it may still stand there.
    for today, code in (("2027-01-20", 0), ("2027-02-02", 1)):
        assert (
            judged(fleet(tmp_path, "s.csv", 40, stays), today, baseline=baseline).exit_code == code
        )


def test_before_what_was_recorded_nothing_holds(tmp_path: Path) -> None:
    inventory = fleet(tmp_path, "inventory.csv", 100)
    baseline = record(tmp_path, inventory, as_of="2027-02-01")
    assert judged(inventory, as_of="2027-02-01", baseline=baseline).exit_code == 0
    assert judged(inventory, baseline=baseline).exit_code == 1
    assert judged(inventory, "2027-03-05", baseline=baseline).exit_code == 0
    # Where clocks differ by a day, today is today.
    baseline = record(tmp_path, inventory)
    assert judged(inventory, "2026-11-30", baseline=baseline).exit_code == 0


@pytest.mark.parametrize(
    ("my", "standing", "note"),
    [
        (101, Standing.WORSE, None),
        (100, Standing.SAME, None),
        (99, Standing.BETTER, "better than recorded: tighten it with placement baseline write"),
        (50, Standing.GONE, "no longer found: remove it with placement baseline write"),
        (0, Standing.GONE, "no longer found: remove it with placement baseline write"),
    ],
)
def test_how_a_place_stands(tmp_path: Path, my: int, standing: Standing, note: str | None) -> None:
    baseline = record(tmp_path, fleet(tmp_path, "inventory.csv", 100))
    made = judged(fleet(tmp_path, "now.csv", my), baseline=baseline)
    assert standings(baseline, made) == {"MY": standing}
    notes = [one for one in made.notes if one.startswith("baseline: ")]
    said = f"baseline: basic.single_country, Acme in MY: {note}"
    assert notes == ([] if note is None else [said])


def test_another_place_is_new(tmp_path: Path) -> None:
    baseline = record(tmp_path, fleet(tmp_path, "inventory.csv", 100))
    made = judged(fleet(tmp_path, "now.csv", 100, LEAVING), baseline=baseline)
    assert [one.place for one in made.breaches] == ["NA"]
    assert standings(baseline, made) == {"MY": Standing.BETTER, "NA": Standing.NEW}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", "cannot be read"),
        ("{", "[", "is not JSON"),
        ("baseline/1", "baseline/9", "schema"),
        ('"breach"', '"broken"', "entries.0.verdict"),
        ('"MY"', "5", "entries.0.place"),
        ("1583200.000", "1e9", "is no exact amount"),
        ("1583200.000", "5/0", "is no exact amount"),
        ('"today"', '"2027-02-30"', "is no day of the calendar"),
        ('"recorded"', '"written"', "written"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, old: str, new: str, said: str) -> None:
    inventory = fleet(tmp_path, "inventory.csv", 100)
    path = record(tmp_path, inventory)
    if old:
        path.write_text(path.read_text().replace(old, new, 1))
    else:
        path.unlink()
    with pytest.raises(InputError) as raised:
        judged(inventory, baseline=path)
    assert said in str(raised.value)
    assert str(raised.value).startswith(str(path))
    assert (
        str(raised.value).endswith("placement baseline write INVENTORY")
        or "write it as" in str(raised.value)
        or "check the month" in str(raised.value)
    )
