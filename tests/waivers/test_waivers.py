"""Waivers: what they cover, until when and up to which amount, and what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

import placement
from placement.enums import Verdict
from placement.errors import InputError, PlacementError
from placement.report import Finding, Report
from tests.compliance.terms.fleets import PACK, TODAY, fleet

WAIVER = {
    "rule": "basic.single_country",
    "owner": "Acme",
    "place": "MY",
    "at_most": "10 %",
    "reason": "moves out by June",
    "author": "Ann Lee",
    "approver": "Bo Chen",
    "granted": "2026-11-01",
    "expires": "2027-06-30",
}


def write(folder: Path, *changed: dict[str, str | None], name: str = "waivers.toml") -> Path:
    """Write waivers that differ from the one above; None leaves a key out."""
    lines = []
    for one in changed or ({},):
        lines.append("[[waiver]]")
        for key, value in {**WAIVER, **one}.items():
            if value is not None:
                text = value if key in ("granted", "expires") else f'"{value}"'
                lines.append(f"{key} = {text}")
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def judged(folder: Path, my: int = 100, today: str = TODAY, **given: object) -> Report:
    path = fleet(folder, "inventory.csv", my)
    return placement.check(path, policy=PACK, today=today, **given)  # type: ignore[arg-type]


def in_malaysia(report: Report) -> Finding:
    (found,) = (one for one in report.findings if one.place == "MY" and one.kind == "share")
    return found


def test_a_waived_breach_is_shown_and_does_not_fail(tmp_path: Path) -> None:
    path = write(tmp_path)
    made = judged(tmp_path)
    found = in_malaysia(made)
    assert (made.exit_code, made.verdict, made.breaches) == (0, Verdict.OK, ())
    assert (found.verdict, found.waived, found.share) == (Verdict.BREACH, True, "0.100000")
    assert found.reason == (
        "waived until 2027-06-30, approved by Bo Chen: moves out by June (up to 10 %)"
    )
    assert f"waivers from {path}: 1" in made.assumptions


@pytest.mark.parametrize(
    ("changed", "my", "today", "reason"),
    [
        ({}, 101, TODAY, "beyond the waiver of {}, which allows at most 10 %"),
        ({"at_most": "0.0999999999"}, 100, TODAY, "beyond the waiver of {}"),
        ({"at_most": "0.1"}, 100, TODAY, None),
        ({"at_most": "100/1000"}, 100, TODAY, None),
        ({}, 100, "2026-11-01", None),
        ({}, 100, "2026-10-31", "the waiver of {} is granted on 2026-11-01, after this run"),
        ({}, 100, "2027-06-30", None),
        ({}, 100, "2027-07-01", "the waiver of {} expired on 2027-06-30"),
        ({"place": "Malaysia"}, 100, TODAY, None),
        ({"rule": f"{PACK}:basic.single_country"}, 100, TODAY, None),
    ],
)
def test_one_decision(
    tmp_path: Path, changed: dict[str, str | None], my: int, today: str, reason: str | None
) -> None:
    path = write(tmp_path, changed)
    made = judged(tmp_path, my, today)
    found = in_malaysia(made)
    assert (made.exit_code, found.waived) == ((0, True) if reason is None else (1, False))
    if reason is not None:
        assert found.reason is not None
        assert found.reason.startswith(reason.format(f"{path}:1"))


def test_a_date_after_the_expiry_is_not_covered(tmp_path: Path) -> None:
    """The day of the run is before it, the measurement date after it."""
    path = write(tmp_path, {"expires": "2027-01-31", "at_most": "12 %"})
    lots = fleet(tmp_path, "lots.csv", 100, "Acme,my-1,MY,H100 SXM,20,ordered,2027-01-15,")
    made = placement.check(lots, policy=PACK, today=TODAY)
    told = {str(one.date): (one.waived, one.reason) for one in made.findings if one.place == "MY"}
    assert [waived for waived, _ in told.values()] == [True, False]
    reason = f"the waiver of {path}:1 ends on 2027-01-31, before this date"
    assert told["2027-02-01"][1] == reason
    assert made.exit_code == 1


def test_one_that_covers_is_enough(tmp_path: Path) -> None:
    write(tmp_path, {"expires": "2026-11-30"}, {}, {"at_most": "8 %"})
    assert judged(tmp_path).exit_code == 0


def test_a_floor_is_mirrored(tmp_path: Path) -> None:
    """40 % in the US, where 50 are to be: at_most is then the least."""
    japan = "Acme,jp-1,JP,H100 SXM,60,installed,,"
    asked = {"rule": "basic.us", "place": "us"}
    for at_most, code in (("40 %", 0), ("41 %", 1), ("39 %", 0)):
        write(tmp_path, {**asked, "at_most": at_most})
        made = placement.check(
            fleet(tmp_path, "lots.csv", 0, japan, us=40), policy=PACK, today=TODAY
        )
        assert made.exit_code == code
    reason = next(one.reason for one in made.findings if one.rule == "basic.us")
    assert reason is not None
    assert "up to 39 %" in reason


@pytest.mark.parametrize(
    ("changed", "fix"),
    [
        ({"place": "NA"}, "remove it"),
        ({"owner": "Acne"}, "'Acne' was not judged; did you mean 'Acme'?"),
        ({"item": "H100 SXM"}, "remove it"),
        ({"rule": "basic.us", "place": "us"}, "remove it"),
    ],
)
def test_a_waiver_that_waives_nothing_is_a_warning(
    tmp_path: Path, changed: dict[str, str | None], fix: str
) -> None:
    path = write(tmp_path, {}, changed)
    made = judged(tmp_path)
    (found,) = (one for one in made.findings if one.kind == "waiver")
    assert (found.verdict, found.rule, found.fix) == (Verdict.WARNING, "waivers.unmatched", fix)
    assert found.citation == f"{path}:11"
    assert (made.exit_code, made.verdict) == (0, Verdict.WARNING)
    assert judged(tmp_path, fail_on="warning").exit_code == 1


def test_a_waiver_that_has_expired_and_waives_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    (found,) = (one for one in judged(tmp_path, 50, "2027-07-01").findings if one.kind == "waiver")
    assert found.reason is not None
    assert found.reason.startswith("it expired on 2027-06-30 and waives nothing")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rule": "basic.single_contry"}, "did you mean 'basic.single_country'?"),
        ({"rule": "x:basic.us"}, "no such pack 'x'"),
        ({"approver": "ann  LEE"}, "author and approver are one"),
        ({"approver": None}, "key 'approver' is missing"),
        ({"reason": " "}, "reason ' ': is blank"),
        ({"expires": "2027-11-02"}, "write 2027-11-01 or before"),
        ({"expires": "2026-10-31"}, "expires before it is granted"),
        ({"expires": '"soon"'}, "expires 'soon': is not a date"),
        ({"at_most": None}, "at_most is missing: a share"),
        ({"at_most": "lots"}, "at_most 'lots': is not a number"),
        ({"at_most": "-1 %"}, "is negative"),
        ({"at_most": "8.2"}, "is more than 100 %; write 8.2 % if that is meant"),
        ({"rule": "basic.tier3"}, "is a share, and the rule has an amount; write TPP"),
        ({"until": "2027"}, "unknown key 'until'"),
        ({"rulle": "2027"}, "unknown key 'rulle'; did you mean 'rule'?"),
    ],
)
def test_faults(tmp_path: Path, changed: dict[str, str | None], said: str) -> None:
    path = write(tmp_path, {}, changed)
    with pytest.raises(InputError) as raised:
        judged(tmp_path)
    assert said in str(raised.value)
    (problem,) = raised.value.problems
    assert problem.file == str(path)
    assert (problem.line or 0) >= 11


def test_all_faults_at_once_with_those_of_other_tables(tmp_path: Path) -> None:
    write(tmp_path, {"rule": "a"}, {"rule": "b"})
    (tmp_path / "accelerators.csv").write_text("accelerator,tpp,source\nX,many,own\n")
    with pytest.raises(InputError) as raised:
        judged(tmp_path)
    assert len(raised.value.problems) == 3


@pytest.mark.parametrize("text", ["[waiver]\n", "waiver = 5\n", "[[wavier]]\n", "[[", "\xff"])
def test_a_file_that_is_no_list_of_waivers(tmp_path: Path, text: str) -> None:
    (tmp_path / "waivers.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(PlacementError, match=r"waivers\.toml"):
        judged(tmp_path)


def test_waivers_of_packs_that_are_not_chosen_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, {}, {"rule": "ai-diffusion-2025:uveu.single_country"})
    made = judged(tmp_path)
    said = f"not of the packs chosen here, so left out of {path}: 1"
    assert (made.exit_code, said in made.assumptions) == (0, True)


def test_where_they_are_found(tmp_path: Path) -> None:
    """Beside the inventory, by placement.toml, or as given; a file that is not there is a fault."""
    inner = tmp_path / "inner"
    inner.mkdir()
    write(inner, name="allowed.toml")
    assert judged(inner).exit_code == 1
    (inner / "placement.toml").write_text('[files]\nwaivers = "allowed.toml"\n')
    assert judged(inner).exit_code == 0
    (inner / "placement.toml").unlink()
    assert judged(inner, waivers=inner / "allowed.toml").exit_code == 0
    with pytest.raises(InputError, match="cannot be read"):
        judged(inner, waivers=inner / "none.toml")


def test_a_pack_that_evaluated_nothing_is_no_green_beside_a_waived_breach(tmp_path: Path) -> None:
    write(tmp_path, {"rule": f"{PACK}:basic.single_country"})
    packs = [PACK, "china-h200-2026"]
    path = fleet(tmp_path, "inventory.csv", 100)
    given = {"headquarters": "US", "authorization": "none", "today": TODAY}
    with pytest.raises(placement.NothingEvaluatedError):
        placement.check(path, policy=packs, **given)  # type: ignore[arg-type]
    (tmp_path / "waivers.toml").unlink()
    assert placement.check(path, policy=packs, **given).exit_code == 1  # type: ignore[arg-type]
