"""A check against a base: what a change does, and what was so before."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import placement
from placement.enums import Outcome, Verdict
from placement.errors import InputError, UsageError
from placement.report import Change, Report
from tests.compliance.terms.fleets import HEADER, PACK, TODAY, fleet

#: What comes on a day, in Malaysia: 20 more.
LATER = "Acme,my-1,MY,H100 SXM,20,ordered,2027-01-15,"


def check(folder: Path, before: Path | None, after: Path, **given: object) -> Report:
    named = {"policy": PACK, "today": TODAY, "base": before, **given}
    return placement.check(after, **named)  # type: ignore[arg-type]


def in_malaysia(report: Report) -> list[Change]:
    return [one for one in report.changes if one.place == "MY"]


@pytest.mark.parametrize(
    ("before", "after", "outcome", "worse", "code"),
    [
        (50, 60, Outcome.OK, False, 0),
        (50, 100, Outcome.BROKEN, True, 1),
        (0, 100, Outcome.BROKEN, True, 1),
        (100, 100, Outcome.STILL_BROKEN, False, 0),
        (100, 90, Outcome.STILL_BROKEN, False, 0),
        (100, 101, Outcome.STILL_BROKEN, True, 1),
        (100, 50, Outcome.FIXED, False, 0),
        (100, 0, Outcome.FIXED, False, 0),
    ],
)
def test_what_a_change_does(
    tmp_path: Path, before: int, after: int, outcome: Outcome, worse: bool, code: int
) -> None:
    made = check(tmp_path, fleet(tmp_path, "old.csv", before), fleet(tmp_path, "new.csv", after))
    (change,) = in_malaysia(made)
    assert (change.outcome, change.worse, made.exit_code) == (outcome, worse, code)
    shares = [None if not n else Fraction(n, 900 + n) for n in (before, after)]
    told = [None if text is None else Fraction(text) for text in (change.before, change.after)]
    assert told == shares
    assert made.compared_with == str(tmp_path / "old.csv")
    assert made.verdict is (Verdict.BREACH if code else Verdict.OK)


def test_the_whole_may_make_it_worse(tmp_path: Path) -> None:
    """What leaves the US raises the share of Malaysia, where nothing moved."""
    before = fleet(tmp_path, "old.csv", 100)
    made = check(tmp_path, before, fleet(tmp_path, "new.csv", 100, us=899))
    (change,) = in_malaysia(made)
    assert (change.worse, made.exit_code) == (True, 1)


def test_each_date_is_compared_with_itself(tmp_path: Path) -> None:
    """Broken now in both; what is ordered makes it worse on the measurement date only."""
    before, after = fleet(tmp_path, "old.csv", 100), fleet(tmp_path, "new.csv", 100, LATER)
    made = check(tmp_path, before, after)
    assert [(str(one.date), one.worse) for one in in_malaysia(made)] == [
        ("2026-12-01", False),
        ("2027-02-01", True),
    ]
    assert [str(one.date) for one in made.breaches] == ["2027-02-01"]
    # Nor does a base that gets there later excuse being there now.
    later = check(tmp_path, after, fleet(tmp_path, "now.csv", 120))
    assert [str(one.date) for one in later.breaches] == ["2026-12-01"]


def test_what_is_known_is_shown_and_does_not_fail(tmp_path: Path) -> None:
    before = fleet(tmp_path, "old.csv", 100)
    made = check(tmp_path, before, fleet(tmp_path, "new.csv", 100))
    (known,) = (one for one in made.findings if one.known)
    assert (known.place, known.verdict) == ("MY", Verdict.BREACH)
    assert made.breaches == ()
    left = made.only_new()
    assert [one.place for one in left.findings if one.verdict is Verdict.BREACH] == []
    assert left.notes[0] == "left out: 1 finding that was known before and no worse"


def test_rules_and_options_are_those_of_what_is_judged(tmp_path: Path) -> None:
    """A base with a placement.toml of its own has its own companies, and the rules of the head."""
    head, old = tmp_path / "head", tmp_path / "old"
    after, before = fleet(head, "inventory.csv", 100), fleet(old, "inventory.csv", 100)
    (head / "placement.toml").write_text(f'[placement]\npolicy = "{PACK}"\n')
    (old / "placement.toml").write_text('[placement]\npolicy = "no-such-pack"\n')
    made = check(tmp_path, before, after, policy=None)
    assert (made.exit_code, made.pack.id, len(in_malaysia(made))) == (0, PACK, 1)


def test_a_base_without_a_configuration_has_that_of_the_head(tmp_path: Path) -> None:
    head = tmp_path / "head"
    after, before = fleet(head, "inventory.csv", 100), fleet(tmp_path, "old.csv", 100)
    text = '[placement]\nheadquarters = "US"\nauthorization = "uveu"\n'
    (head / "placement.toml").write_text(text)
    made = check(tmp_path, before, after, policy=None)
    assert made.exit_code == 0
    assert {one.outcome for one in in_malaysia(made)} == {Outcome.STILL_BROKEN}


@pytest.mark.parametrize("text", [HEADER, HEADER + "Acme,us-1,US,T4,5,installed,,\n"])
def test_a_base_in_which_nothing_was_evaluated(tmp_path: Path, text: str) -> None:
    before = tmp_path / "old.csv"
    before.write_text(text)
    made = check(tmp_path, before, fleet(tmp_path, "new.csv", 100))
    assert made.exit_code == 1
    assert made.notes[0].startswith("nothing was evaluated in the base")


def test_a_base_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    after = fleet(tmp_path, "new.csv", 100)
    with pytest.raises(InputError, match=r"in the base .*gone.csv"):
        check(tmp_path, tmp_path / "gone.csv", after)
    wrong = tmp_path / "old.csv"
    wrong.write_text(HEADER + "Acme,us-1,US,H100 SXM,many,installed,,\n")
    with pytest.raises(InputError) as raised:
        check(tmp_path, wrong, after)
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == (str(wrong), 2)
    assert problem.message.startswith(f"in the base {wrong}: ")


def test_a_base_is_a_frame_too(tmp_path: Path) -> None:
    import pandas as pd

    before = pd.read_csv(fleet(tmp_path, "old.csv", 100), dtype=str, keep_default_na=False)
    made = check(tmp_path, None, fleet(tmp_path, "new.csv", 100), base=before)
    assert (made.exit_code, made.compared_with) == (0, "a DataFrame")


def test_fleets_that_were_read(tmp_path: Path) -> None:
    before, after = (
        placement.load(fleet(tmp_path, name, my), policy=PACK)
        for name, my in (("old.csv", 64), ("new.csv", 100))
    )
    assert after.check(today=TODAY, base=after).exit_code == 0
    made = after.check(today=TODAY, base=before)
    assert (made.exit_code, made.compared_with) == (1, str(tmp_path / "old.csv"))
    assert before.check(today=TODAY).exit_code == 0
    made = before.check(today=TODAY, fail_on="warning", warn_headroom="10%")
    assert made.exit_code == 1


def test_fail_on_warning_and_little_headroom(tmp_path: Path) -> None:
    """Of 7 % less than a tenth is left from 6.3 % on: exactly a tenth is enough."""
    exactly, less = fleet(tmp_path, "a.csv", 63, us=937), fleet(tmp_path, "b.csv", 64, us=936)
    for path, fail_on, verdict, code in (
        (exactly, "warning", Verdict.OK, 0),
        (less, "warning", Verdict.WARNING, 1),
        (less, "error", Verdict.WARNING, 0),
        (less, None, Verdict.WARNING, 0),
    ):
        made = check(tmp_path, None, path, warn_headroom="10%", fail_on=fail_on)
        assert (made.verdict, made.exit_code) == (verdict, code)
    (warned,) = (one for one in made.findings if one.verdict is Verdict.WARNING)
    assert warned.reason == "8.57 % of the limit is left, less than 10 %"
    # A floor has what is above it: of 50 % less than a tenth, below 55 %.
    japan = "Acme,jp-1,JP,H100 SXM,{},installed,,"
    for us, jp, code in ((55, 45, 0), (54, 46, 1)):
        path = fleet(tmp_path, "floor.csv", 0, japan.format(jp), us=us)
        assert check(tmp_path, None, path, warn_headroom="10%", fail_on="warning").exit_code == code


def test_a_warning_of_the_base_is_known(tmp_path: Path) -> None:
    old, new = fleet(tmp_path, "a.csv", 64, us=936), fleet(tmp_path, "b.csv", 65, us=935)
    made = check(tmp_path, old, new, warn_headroom="10%", fail_on="warning")
    assert (made.exit_code, sum(one.known for one in made.findings)) == (0, 1)


@pytest.mark.parametrize("text", ["10", "x%", "0%", "101%", "10%%", "-5%"])
def test_warn_headroom_is_a_percentage(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="warn_headroom"):
        check(tmp_path, None, fleet(tmp_path, "a.csv", 1), warn_headroom=text)


def test_fail_on_has_two_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'warning'"):
        check(tmp_path, None, fleet(tmp_path, "a.csv", 1), fail_on="warnings")


def test_the_line_that_the_change_is_about_comes_first(tmp_path: Path) -> None:
    """Line 3 is heavier in both; line 4 is what was added to."""
    header = "owner,site,country,accelerator,quantity\n"
    base, head = tmp_path / "base.csv", tmp_path / "head.csv"
    rows = ["USco,us,US,B200,1000", "USco,m1,MY,B200,60", "USco,m2,MY,B200,{}", "USco,m3,MY,B200,5"]
    base.write_text(header + "\n".join(rows).format(5) + "\n", "utf-8")
    head.write_text(header + "\n".join(rows).format(50) + "\n", "utf-8")
    given = {"headquarters": "US", "authorization": "uveu", "as_of": "2026-08-01"}
    report = placement.check(head, base=base, **given)  # type: ignore[arg-type]
    (broken,) = report.breaches
    assert [line.line for line in broken.lines] == [4, 3, 5]
    alone = placement.check(head, **given)  # type: ignore[arg-type]
    assert [line.line for line in alone.breaches[0].lines] == [3, 4, 5]
