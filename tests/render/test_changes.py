"""The lines on what a change does, on what is waived and on what is known."""

from __future__ import annotations

from pathlib import Path

import placement
from placement.render.changes import changes, known, waived
from tests.compliance.terms.fleets import PACK, TODAY, fleet
from tests.waivers.test_waivers import write

LATER = "Acme,my-1,MY,H100 SXM,20,ordered,2027-01-15,"
HOSTILE = "Ac\x1b[31mme ##[error] <b>"


def test_nothing_to_say(tmp_path: Path) -> None:
    made = placement.check(fleet(tmp_path, "a.csv", 100), policy=PACK, today=TODAY)
    assert (changes(made), waived(made.findings), known(made.findings)) == ("", "", "")


def test_several_dates_in_one_line_and_packs_by_name(tmp_path: Path) -> None:
    before, after = fleet(tmp_path, "a.csv", 50), fleet(tmp_path, "b.csv", 100, LATER)
    packs = [PACK, "us-ear-enforced"]
    given = {"headquarters": "US", "authorization": "none", "today": TODAY}
    made = placement.check(after, policy=packs, base=before, **given)  # type: ignore[arg-type]
    head, line = changes(made).splitlines()
    assert head.startswith(f"against {before}: 2 BROKEN, ")
    assert line == (
        f"  BROKEN: {PACK}:basic.single_country: Acme in MY on 2026-12-01 and 1 more day: "
        "5.26 % -> 10.00 %"
    )


def test_what_is_new_where_nothing_was(tmp_path: Path) -> None:
    before, after = fleet(tmp_path, "a.csv", 0), fleet(tmp_path, "b.csv", 100)
    made = placement.check(after, policy=PACK, today=TODAY, base=before)
    assert changes(made).splitlines()[1].endswith(": nothing -> 10.00 %")
    back = placement.check(before, policy=PACK, today=TODAY, base=after)
    assert changes(back).splitlines()[1].endswith(": 10.00 % -> nothing")


def test_known_and_waived(tmp_path: Path) -> None:
    path = fleet(tmp_path, "a.csv", 100, LATER)
    made = placement.check(path, policy=PACK, today=TODAY, base=path)
    assert known(made.findings) == "known before and no worse, so no failure: 2"
    write(tmp_path, {"at_most": "20 %"})
    made = placement.check(path, policy=PACK, today=TODAY)
    assert waived(made.findings) == (
        "WAIVED basic.single_country: Acme in MY on 2026-12-01 and 1 more day: 11.77 %; waived "
        "until 2027-06-30, approved by Bo Chen: moves out by June (up to 20 %)"
    )


def test_names_are_no_commands(tmp_path: Path) -> None:
    before, after = (fleet(tmp_path, name, my) for name, my in (("a.csv", 50), ("b.csv", 100)))
    made = placement.check(after, policy=PACK, today=TODAY, base=before)
    hostile = made.model_copy(
        update={
            "compared_with": HOSTILE,
            "changes": tuple(
                one.model_copy(update={"owner": HOSTILE, "place": HOSTILE}) for one in made.changes
            ),
        }
    )
    findings = [
        one.model_copy(update={"waived": True, "owner": HOSTILE, "reason": HOSTILE})
        for one in made.breaches
    ]
    for text in (changes(hostile), waived(findings)):
        assert "\x1b" not in text
        assert "##[" not in text
        assert "<b" not in text
