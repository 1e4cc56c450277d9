"""`placement compare`: what differs between two plans that were written to folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from placement.cli.main import cli
from placement.errors import InputError
from placement.optimization.results.plan_folder.compare import compare_plans
from placement.optimization.results.plan_folder.file_set import digests
from placement.render import compare as plan_compare
from tests.support.small_plan import DEMAND, write

Golden = Callable[[str, str], None]

LAYOUT = """owner,site,country,accelerator,quantity,status,in_service,out_of_service
A,home,US,B200,{home},installed,,
A,windhoek,NA,H100-SXM5-80GB,{windhoek},planned,2027-04-01,
A,gone,DE,B200,80,installed,,2027-06-30
A,later,DE,B200,80,planned,2027-07-01,
"""
ACTIONS = """period,date,action,owner,accelerator,quantity,from_site,to_site,reason,cost,file_by
2027Q1,2027-01-01,install,A,B200,{home},,home,demand line 2,{cost},
2027Q2,2027-04-01,{what},A,H100-SXM5-80GB,{windhoek},home,windhoek,the rules,1.5,
"""


def report(**changed: Any) -> dict[str, Any]:
    finding = {"rule": "r.share", "owner": "A", "place": "NA", "date": "2027-02-01"}
    plan: dict[str, Any] = {
        "status": "optimal",
        "owner": "A",
        "period": "2027Q1 to 2027Q2",
        "periods": {"first": "2027Q1", "last": "2027Q2", "count": 2},
        "currency": "EUR",
        "compliant_from": "2027-02-01",
        "compliant_every_day_from": "2027-03-02",
        "tiers": [{"objective": "cost", "value": "1000000.250000", "of_a_later": "version"}],
        "cost": {"running": "400000.250000", "purchases": "600000.000000"},
    }
    plan.update(changed)
    return {
        "schema": "placement.report/1",
        "verdict": changed.get("verdict", "ok"),
        "findings": [{**finding, "verdict": changed.get("verdict", "ok")}],
        "plan": plan,
    }


def folder(
    path: Path, made: dict[str, Any], home: int = 8, windhoek: int = 16, what: str = "move"
) -> Path:
    path.mkdir()
    values: dict[str, object] = {"home": home, "windhoek": windhoek, "what": what, "cost": home}
    tables = {"layout.csv": LAYOUT.format(**values), "actions.csv": ACTIONS.format(**values)}
    for name, text in tables.items():
        (path / name).write_text(text)
    (path / "report.json").write_text(json.dumps({**made, "files": digests(tables)}))
    return path


def unvouched(path: Path) -> Path:
    """Take the digests from a report, as one of an earlier version has none."""
    made = json.loads((path / "report.json").read_text())
    del made["files"]
    (path / "report.json").write_text(json.dumps(made))
    return path


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.chdir(tmp_path)
    other = report(
        status="feasible",
        compliant_from="2027-08-01",
        compliant_every_day_from="2027-08-01",
        verdict="breach",
        tiers=[
            {"objective": "cost", "value": "999999.000001"},
            {"objective": "moves", "value": "16"},
        ],
        cost={"running": "400000.000001", "purchases": "599999.000000"},
    )
    folder(Path("a"), report())
    folder(Path("b"), other, home=1000, windhoek=24, what="mo\x1bve")
    return Path("a"), Path("b")


def run(*words: str) -> Any:
    return CliRunner().invoke(cli, ["compare", *words])


def test_text(two: tuple[Path, Path], golden: Golden) -> None:
    found = run("a", "b")
    assert found.exit_code == 0
    assert "\x1b" not in found.output
    golden("plan/compare.txt", found.output)


def test_json(two: tuple[Path, Path], golden: Golden) -> None:
    found = run("a", "b", "--output", "json")
    assert found.exit_code == 0
    golden("plan/compare.json", found.output)


def test_the_other_way_round_is_the_negative(two: tuple[Path, Path]) -> None:
    there, back = compare_plans(*two), compare_plans(*reversed(two))
    assert [(one.of, one.b, one.a) for one in there.models] == [
        (one.of, one.a, one.b) for one in back.models
    ]
    assert [one.change for one in there.objectives] == ["-1.249999", None]
    assert [one.change for one in back.objectives] == ["1.249999", None]
    assert [one.of[1] for one in there.only_a] == ["move"]
    assert [one.of[1] for one in there.only_b] == ["install", "mo\x1bve"]
    assert [one.of for one in back.only_a] == [one.of for one in there.only_b]


def test_what_left_or_came_later_does_not_stand(two: tuple[Path, Path]) -> None:
    stands = compare_plans(*two).a.stands
    assert {(one.site, one.quantity) for one in stands} == {("home", 8), ("windhoek", 16)}
    assert {one.country for one in stands} == {"US", "NA"}


def test_a_plan_does_not_differ_from_itself(two: tuple[Path, Path]) -> None:
    found = compare_plans(two[0], two[0])
    differ = (found.models, found.sites, found.actions, found.verdicts, found.notes)
    assert not any(differ)
    assert plan_compare.text(found).count("no difference") == 5


def test_plans_of_other_periods_owners_and_money(tmp_path: Path) -> None:
    periods = {"first": "2027Q2", "last": "2027Q4", "count": 3}
    a = folder(tmp_path / "a", report())
    b = folder(tmp_path / "b", report(periods=periods, owner="B\x1b[1m", currency="USD"))
    found = compare_plans(a, b)
    assert len(found.notes) == 3
    assert found.b.last.name == "2027Q4"
    assert {one.of for one in found.models} == {("DE", "B200")}
    assert "\x1b" not in plan_compare.text(found)


def test_folders_that_hold_no_plan_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        compare_plans(tmp_path / "empty", tmp_path / "none")
    assert "empty: holds no plan: there is no report.json and no layout.csv" in str(error.value)
    assert "none: no such folder; name a folder that" in str(error.value)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="file: is a file, not the folder of a plan"):
        compare_plans(tmp_path / "file", tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "report.json: is no report of a plan"),
        ('{"schema": "other/1"}', "report.json: is no report of a plan"),
        ("[]", "report.json: is no report of a plan"),
        (json.dumps({**report(), "plan": None}), "report.json: plan: "),
        (json.dumps(report(cost={"running": "1e5"})), "plan.cost.running: "),
        (json.dumps(report(periods={"first": "x", "last": "2027Q1"})), "plan.periods.first: "),
        (json.dumps(report(periods=None)), "report.json: plan.periods: "),
    ],
)
def test_reports_of_others(tmp_path: Path, text: str, said: str) -> None:
    a = folder(tmp_path / "a", report())
    (a / "report.json").write_text(text)
    with pytest.raises(InputError) as error:
        compare_plans(a, a)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("layout.csv", ",8,", ",eight,", "layout.csv:2: quantity 'eight': is not a whole number"),
        ("layout.csv", "2027-04-01", "soon", "layout.csv:3: in_service 'soon': is not a date"),
        ("layout.csv", "country", "land", "no column 'country'"),
        ("actions.csv", ",8,", ",-8,", "actions.csv:2: quantity '-8': is not a whole number"),
        ("actions.csv", "to_site", "there", "no column 'to_site'"),
    ],
)
def test_tables_of_others(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    a = unvouched(folder(tmp_path / "a", report()))
    text = (a / name).read_text()
    assert old in text
    (a / name).write_text(text.replace(old, new))
    with pytest.raises(InputError) as error:
        compare_plans(a, a)
    assert said in str(error.value)


def test_a_report_that_names_no_files_is_said_to_be_old(two: tuple[Path, Path]) -> None:
    found = compare_plans(unvouched(two[0]), two[1])
    assert [note.split(":")[0] for note in found.notes] == ["a"]
    assert "whether they belong together cannot be told" in found.notes[0]


def test_plans_that_were_made(tmp_path: Path) -> None:
    """More demand in the last quarter: one more purchase, and what it costs."""
    more = DEMAND.replace("2028Q1,all,accelerators,216,", "2028Q1,all,accelerators,224,")
    for name, demand in (("a", DEMAND), ("b", more)):
        words = ["optimize", str(write(tmp_path / f"in-{name}", demand=demand))]
        made = CliRunner().invoke(cli, [*words, "--out", str(tmp_path / name)])
        assert made.exit_code == 0, made.output
    found = compare_plans(tmp_path / "a", tmp_path / "b")
    assert sum(one.b - one.a for one in found.models) == 8
    assert sum(one.b - one.a for one in found.actions if one.of[1] == "install") == 8
    (cost,) = found.objectives
    parts = [one.change for one in found.cost]
    assert cost.change is not None
    assert sum(float(part or 0) for part in parts) == pytest.approx(float(cost.change))
    assert found.verdicts == ()


def tier(value: str, bound: str | None, objective: str = "cost") -> dict[str, Any]:
    return {"objective": objective, "value": value, **({} if bound is None else {"bound": bound})}


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        # The least of A is from 990,000 to 1,000,000.25, that of B from 995,000 to 999,999.000001.
        (
            tier("1000000.25", "990000"), tier("999999.000001", "995000"),
            ("-5000.25", "9999.000001", "5000", False),
        ),
        # Two plans that are far enough apart: 89 - 100, and 90 - 99.
        (tier("100", "99"), tier("90", "89"), ("-11", "-9", "-10", True)),
        # Touching: B may cost as much as A.
        (tier("100", "90"), tier("90", "80"), ("-20", "0", "-10", False)),
        # Proven to be the same.
        (tier("7", "7"), tier("7", "7"), ("0", "0", "0", False)),
        # Of computing power the bound is above the value: 110 to 111, less 100 to 104.
        (tier("100", "104", "compute"), tier("110", "111", "compute"), ("6", "11", "7", True)),
        # Older reports have no bound; other objectives are nothing to compare.
        (tier("100", None), tier("90", "89"), None),
        (tier("100", "99"), tier("90", None), None),
        (tier("100", "99"), tier("90", "89", "moves"), None),
    ],
)  # fmt: skip
def test_what_is_proven_of_the_difference(
    tmp_path: Path,
    a: dict[str, Any],
    b: dict[str, Any],
    wanted: tuple[str, str, str, bool] | None,
) -> None:
    folders = [folder(tmp_path / name, report(tiers=[one])) for name, one in (("a", a), ("b", b))]
    found = compare_plans(*folders)
    said = json.loads(plan_compare.to_json(found))["difference"]
    text = plan_compare.text(found)
    if wanted is None:
        assert found.difference is said is None
        assert "true difference" not in text
        return
    low, high, of_bounds, shown = wanted
    assert said == {
        "objective": a["objective"], "low": low, "high": high, "shown": shown,
        "of_bounds": of_bounds,
    }  # fmt: skip
    assert ("within the gaps: no difference shown" in text) is not shown


def test_the_range_in_words(tmp_path: Path) -> None:
    a = folder(tmp_path / "a", report(tiers=[tier("1000000.25", "990000")]))
    b = folder(tmp_path / "b", report(tiers=[tier("999999.000001", "995000")]))
    text = plan_compare.text(compare_plans(a, b))
    assert (
        "the true difference in cost, B - A, is from -5,000.25 to +9,999.000001; within the gaps: "
        "no difference shown\nthe bounds differ by +5,000\n"
    ) in text


def test_no_range_of_other_money_or_of_what_comes_second(tmp_path: Path) -> None:
    """A later objective is proven only beside its own plan's value of the first."""
    tiers = [tier("100", "99"), tier("5", "5", "moves")]
    a = folder(tmp_path / "a", report(tiers=tiers))
    b = folder(tmp_path / "b", report(tiers=tiers, currency="USD"))
    c = folder(tmp_path / "c", report(tiers=tiers[::-1]))
    assert compare_plans(a, b).difference is None
    assert compare_plans(a, c).difference is None
    one = compare_plans(a, a).difference
    assert one is not None
    assert (one.name, one.low, one.high) == ("cost", "-1", "1")


def test_help_has_an_example() -> None:
    assert "placement compare plan-a plan-b" in run("--help").output
