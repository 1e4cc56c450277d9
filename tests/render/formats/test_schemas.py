"""SARIF against its schema, JUnit against what Jenkins reads, and what each of them must hold."""

from __future__ import annotations

import json
import re
from datetime import date
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest

from placement.enums import Outcome, PlanStatus, Verdict
from placement.render.formats import sarif as sarif_format
from placement.render.formats.options import FormatOptions
from placement.render.formats.writers import written
from placement.report import Change, PlanInfo, Report
from tests.support.real_data import folder
from tests.support.reports import change_of, changed, mixed

#: element -> its attributes, the needed ones with `!`, and its children (junit-10.xsd).
JUNIT = {
    "testsuites": ("name time tests failures errors", {"testsuite"}),
    "testsuite": (
        "name! tests! failures! errors! skipped time timestamp hostname id package file log url",
        {"testcase", "properties", "system-out", "system-err"},
    ),
    "testcase": (
        "name! classname time group",
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "skipped": ("type message", set[str]()),
    "failure": ("type message", set[str]()),
    "system-out": ("", set[str]()),
}


def junit_of(report: Report) -> ElementTree.Element:
    """Return the JUnit form, every element of which is as the schema wants it."""
    root = ElementTree.fromstring(written("junit", report, FormatOptions()))
    for element in root.iter():
        names, children = JUNIT[element.tag]
        assert set(element.attrib) <= {name.rstrip("!") for name in names.split()}
        assert {name[:-1] for name in names.split() if name.endswith("!")} <= set(element.attrib)
        assert {child.tag for child in element} <= children
    cases = root.findall(".//testcase")
    assert root.get("tests") == str(len(cases))
    assert root.get("failures") == str(len(root.findall(".//failure")))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    return root


def sarif_of(report: Report, **options: Any) -> dict[str, Any]:
    log = json.loads(written("sarif", report, FormatOptions(**options)))
    schema = json.loads((folder("schemas") / "sarif-schema-2.1.0.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(log)
    assert isinstance(log, dict)
    return log


def many(count: int) -> Report:
    """Return a report of so many breaches, each of an owner of its own, the worst last."""
    one = mixed().breaches[0]
    findings = [
        one.model_copy(update={"owner": f"Owner {n}", "numerator": f"{2_000_000 + n}.000"})
        for n in range(count)
    ]
    return mixed().model_copy(update={"findings": tuple(findings)})


def with_duties() -> Report:
    """Return two findings of one duty, one of them broken, and one that nobody has to do."""
    one = mixed().breaches[0].model_copy(
        update={"kind": "duty", "rule": "basic.tell", "place": "everywhere", "lines": ()}
    )  # fmt: skip
    fine = one.model_copy(update={"verdict": Verdict.OK, "reason": "told on 2026-01-01"})
    other = one.model_copy(
        update={"verdict": Verdict.NOT_APPLICABLE, "owner": "Other", "reason": "not a holder"}
    )
    return mixed().model_copy(update={"findings": (fine, one, other)})


REPORTS = {
    "mixed": mixed(),
    "against a base": changed(),
    "nothing": mixed().model_copy(update={"findings": ()}),
    "duties": with_duties(),
    "many": many(30),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("suppressed", [False, True])
def test_sarif_is_valid(report: Report, suppressed: bool) -> None:
    run = sarif_of(report, suppressed=suppressed, version="1.2.3")["runs"][0]
    assert run["tool"]["driver"]["version"] == "1.2.3"
    prints = [one["partialFingerprints"]["placement/v1"] for one in run["results"]]
    assert len(set(prints)) == len(prints)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[one["ruleIndex"]] for one in run["results"]] == [
        one["ruleId"] for one in run["results"]
    ]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_junit_is_valid(report: Report) -> None:
    root = junit_of(report)
    assert len(root.findall(".//testcase")) == len({one.key for one in report.findings})


def test_waived_findings_in_sarif() -> None:
    shown = sarif_of(mixed(), suppressed=True)["runs"][0]["results"]
    assert [len(one.get("suppressions", [])) for one in shown] == [0, 0, 1]
    said = shown[2]["suppressions"][0]["justification"]
    assert said == "waived until 2026-12-31: leaves with us-2 (J. Doe)"
    hidden = sarif_of(mixed())["runs"][0]["results"]
    assert hidden == shown[:2]


def test_states_against_a_base() -> None:
    report = changed()
    assert {one["baselineState"] for one in sarif_of(report)["runs"][0]["results"]} == {"new"}
    breach, warning = report.breaches[0], next(f for f in report.findings if f.place == "NA")
    worse = change_of(breach, "0.08", Outcome.STILL_BROKEN, worse=True)
    known = warning.model_copy(update={"known": True})
    report = report.model_copy(update={"findings": (breach, known), "changes": (worse,)})
    states = [one["baselineState"] for one in sarif_of(report)["runs"][0]["results"]]
    assert states == ["updated", "unchanged"]
    assert all("baselineState" not in one for one in sarif_of(mixed())["runs"][0]["results"])


def test_too_many_results_are_cut_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_format, "MOST_RESULTS", 7)
    run = sarif_of(many(30))["runs"][0]
    assert len(run["results"]) == 7
    assert "Owner 29 " in run["results"][0]["message"]["text"]  # the worst ones stay
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("23 more results are left out")


def test_findings_of_one_duty_are_one_case_with_the_worst_verdict() -> None:
    cases = junit_of(with_duties()).findall(".//testcase")
    assert [[child.tag for child in case] for case in cases] == [["failure"], ["skipped"]]
    skipped = cases[1].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "not applicable: not a holder"
    assert len(sarif_of(with_duties())["runs"][0]["results"]) == 1
    where = sarif_of(with_duties())["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "inventory.csv"  # no lines: the first that was read
    assert where["region"] == {"startLine": 1}


def test_a_warning_is_a_failure_only_where_it_fails_the_run() -> None:
    kept = tuple(f for f in mixed().findings if f.verdict is not Verdict.BREACH)
    report = mixed().model_copy(
        update={"findings": kept, "verdict": Verdict.WARNING, "exit_code": 0}
    )
    assert junit_of(report).get("failures") == "0"
    assert junit_of(report.model_copy(update={"exit_code": 1})).get("failures") == "1"


def test_what_is_known_was_skipped() -> None:
    findings = tuple(one.model_copy(update={"known": True}) for one in mixed().breaches)
    root = junit_of(mixed().model_copy(update={"findings": findings}))
    (skipped,) = root.findall(".//skipped")
    assert skipped.get("message") == "known from before and no worse"


def test_nothing_opens_anew_because_a_day_has_passed() -> None:
    """The names of cases and all fingerprints are those of the day before, amounts aside."""
    (breach,) = mixed().breaches
    days = [
        mixed().model_copy(
            update={
                "findings": (breach.model_copy(update={"is_today": True, "date": day}),),
                "ran_on": day,
            }
        )
        for day in (date(2026, 8, 3), date(2026, 8, 4))
    ]
    names = [[case.attrib for case in junit_of(one).findall(".//testcase")] for one in days]
    assert names[0] == names[1]
    assert names[0][0]["name"] == "Acme, MY, today"
    for kind in ("sarif", "gitlab"):
        first, second = (
            re.findall("[0-9a-f]{64}", written(kind, one, FormatOptions())) for one in days
        )
        assert first == second != []


@pytest.mark.parametrize("count", [3, 10, 11, 200])
def test_annotations_are_ten_and_a_count(count: int) -> None:
    lines = written("github", many(count), FormatOptions()).splitlines()
    assert len(lines) == min(count, 10) + (count > 10)
    assert f"Owner {count - 1} " in lines[0]
    if count > 10:
        assert lines[-1].startswith("::notice ")
        assert f"::{count - 10} more, {count - 10} of them failing" in lines[-1]


def test_enforced_annotations_come_first_and_known_ones_last() -> None:
    first, second, third = many(3).findings
    found = (first.model_copy(update={"enforced": True}), second, third)
    known = third.model_copy(update={"known": True, "enforced": True, "owner": "Known"})
    report = mixed().model_copy(update={"findings": (known, *found)})
    lines = written("github", report, FormatOptions()).splitlines()
    said = [re.search(r"(Owner \d|Known)", line) for line in lines]
    assert [one and one[0] for one in said] == ["Owner 0", "Owner 2", "Owner 1", "Known"]
    assert [line.split()[0] for line in lines] == ["::error"] * 3 + ["::notice"]


def test_gitlab_needs_what_it_needs() -> None:
    entries = json.loads(written("gitlab", many(5), FormatOptions()))
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({entry["fingerprint"] for entry in entries}) == 5


@pytest.mark.parametrize(
    ("above", "rows"), [(None, 1), (Fraction("1.99"), 1), (Fraction(2), 1), (Fraction("2.01"), 0)]
)
@pytest.mark.parametrize("before", ["0.05", "0.01"])
def test_a_comment_is_one_line_below_the_percentage(
    above: Fraction | None, rows: int, before: str
) -> None:
    """NA moves from 5 % or from 1 % to 3 %: by two points, in either direction."""
    warning = next(f for f in mixed().findings if f.place == "NA")
    change = change_of(warning, before, Outcome.OK).model_copy(update={"after": "0.03"})
    report = against((change,))
    text = written("markdown", report, FormatOptions(comment_above=above))
    assert text.startswith("<!-- placement -->\n")
    assert text.count("| OK |") == rows
    assert len(text.splitlines()) > 2 if rows else len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("outcome", "worse", "long"),
    [
        (Outcome.BROKEN, True, True),
        (Outcome.FIXED, False, True),
        (Outcome.STILL_BROKEN, True, True),
        (Outcome.STILL_BROKEN, False, False),
        (Outcome.OK, False, False),
    ],
)
def test_what_crosses_a_limit_is_always_told(outcome: Outcome, worse: bool, long: bool) -> None:
    (breach,) = mixed().breaches
    change = change_of(breach, breach.share, outcome, worse=worse)
    report = against((change,))
    text = written("markdown", report, FormatOptions(comment_above=Fraction(50)))
    assert (len(text.splitlines()) > 2) == long
    if not long:
        said = "placement: against `base.csv`, nothing changed; breach, 5 limits known from before "
        said += "and no worse.\n"
        assert text == f"<!-- placement -->\n{said}"


def test_an_amount_moves_by_its_part_of_the_limit() -> None:
    (breach,) = mixed().breaches
    change = change_of(breach, "100", Outcome.OK).model_copy(
        update={"is_share": False, "limit": "1000", "after": "150", "unit": "TPP"}
    )
    report = against((change,))
    for above, lines in ((5, False), (6, True)):
        text = written("markdown", report, FormatOptions(comment_above=Fraction(above)))
        assert (len(text.splitlines()) == 2) == lines


def against(changes: tuple[Change, ...], *, known: bool = True) -> Report:
    """Return the report against a base that had all of it, too, with these changes."""
    findings = tuple(one.model_copy(update={"known": known}) for one in mixed().findings)
    return changed().model_copy(update={"findings": findings, "changes": changes})


def test_what_fails_is_always_told() -> None:
    """A duty is in no change: nothing is measured."""
    for known in (True, False):
        text = written("markdown", against((), known=known), FormatOptions())
        assert (len(text.splitlines()) == 2) == known


def without_plan(status: PlanStatus) -> Report:
    plan = PlanInfo(
        status=status, mode="repair", owner="Acme", period="2027Q1", solver="highs",
        conflict=("demand line 3 asks for more than MY may hold",),
    )  # fmt: skip
    update = {"findings": (), "plan": plan, "verdict": Verdict.NOT_APPLICABLE, "exit_code": 3}
    return mixed().model_copy(update=update)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (PlanStatus.INFEASIBLE, "no plan exists: Acme in 2027Q1"),
        (PlanStatus.STOPPED, "stopped without a usable plan: Acme in 2027Q1"),
    ],
)
def test_where_there_is_no_plan_nothing_is_green(status: PlanStatus, said: str) -> None:
    report = without_plan(status)
    (failure,) = junit_of(report).findall(".//failure")
    why = "demand line 3 asks for more than MY may hold"
    assert (failure.get("message"), failure.text) == (said, f"{said}\n{why}")
    notes = sarif_of(report)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [one["message"]["text"] for one in notes] == [said, why]
    (entry,) = json.loads(written("gitlab", report, FormatOptions()))
    assert (entry["description"], entry["severity"]) == (f"{said}; {why}", "critical")
    (line,) = written("github", report, FormatOptions()).splitlines()
    assert line.startswith("::error title=placement")
    assert line.endswith(f"::{said}; {why}")
    text = written("markdown", report, FormatOptions())
    assert f"**placement: {said}**" in text
    assert why in text
    assert "every rule is kept" not in text


def test_a_long_comment_is_cut_and_says_so() -> None:
    long = many(60).model_copy(update={"notes": tuple(f"{n} " + "x" * 900 for n in range(100))})
    text = written("markdown", long, FormatOptions())
    assert len(text) <= 65_536
    assert text.endswith("_More was cut off here: the JSON report holds everything._\n")
    assert "\n\n... and 10 more rows, all in the JSON report.\n" in text
    assert "\n\n... and 40 more findings, all in the JSON report.\n" in text
    assert text.count("<details>") == text.count("</details>") == 22
    names = [one.model_copy(update={"owner": one.owner + "y" * 9000}) for one in many(60).findings]
    text = written("markdown", long.model_copy(update={"findings": tuple(names)}), FormatOptions())
    assert len(text) <= 65_536
    assert text.startswith("<!-- placement -->\n**placement: breach**")
    assert text.count("| **breach** |") == 50
