"""Several packs in one run: each judges by itself, nothing of two packs mixes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import placement
from placement.compliance.several import by_pack, require_equal
from placement.errors import NothingEvaluatedError, UsageError
from placement.policy import load_policies
from placement.policy.combine import combined
from placement.render.check import render
from placement.render.view import MORE
from placement.report import Report
from tests.support.paths import TESTS

PACKS = TESTS / "packs"
HOUSE, YARD, ACCOUNTS = (str(PACKS / f"{name}.toml") for name in ("house", "yard", "accounts"))
AUGUST = date(2026, 8, 1)

#: 20,000 TPP count in both packs, 2,000 only under yard.
CHIPS = "accelerator,tpp,kw,purchase_unit,source\nBIG,20000,1,1,test\nSMALL,2000,1,1,test\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accelerators.csv").write_text(CHIPS, "utf-8")
    return tmp_path


def fleet(folder: Path, *lots: str) -> Path:
    """Write an inventory of USco: `US BIG 80`, with a day from which on where one follows."""
    rows = []
    for lot in lots:
        country, model, count, *since = lot.split()
        rows.append(f"USco,{country}-1,{country},{model},{count},{''.join(since)}\n")
    path = folder / "inventory.csv"
    path.write_text("owner,site,country,accelerator,quantity,in_service\n" + "".join(rows), "utf-8")
    return path


def check(inventory: Path, *packs: str, **given: Any) -> Report:
    given.setdefault("as_of", AUGUST)
    return placement.check(
        inventory, policy=packs, headquarters="US", authorization="none", today="2026-07-01",
        **given,
    )  # fmt: skip


def verdicts(report: Report) -> dict[tuple[str, str, str], tuple[str, str | None]]:
    return {(f.pack, f.rule, f.place): (f.verdict.value, f.share) for f in report.findings}


def test_each_pack_has_its_own_groups_chips_and_options(folder: Path) -> None:
    """house: far is all abroad, of BIG alone: 20 of 100. yard: MY, all chips: 430,000 of 2,030,000.

    100 BIG are 2,000,000 TPP, 15 SMALL are 30,000; 430/2030 = 0.2118226, printed
    away from the limit.
    """
    report = check(fleet(folder, "US BIG 80", "MY BIG 20", "MY SMALL 15"), HOUSE, YARD)
    found = verdicts(report)
    assert found["house", "far", "far"] == ("ok", "0.200000")
    assert found["yard", "far", "MY"] == ("ok", "0.211822")
    assert (report.verdict, report.exit_code) == ("ok", 0)
    assert report.pack.id == "house"
    assert [one.id for one in report.packs] == ["house", "yard"]
    assert [one.options for one in report.packs] == [
        {"strict": "yes"}, {"strict": "very", "reach": "here"},
    ]  # fmt: skip


@pytest.mark.parametrize("packs", [(HOUSE, YARD), (YARD, HOUSE)])
def test_the_worst_verdict_wins_in_any_order(folder: Path, packs: tuple[str, str]) -> None:
    """26 of 100 in Malaysia: yard and house break; 22: only house does."""
    both = check(fleet(folder, "US BIG 74", "MY BIG 26"), *packs)
    assert [(f.pack, f.rule) for f in both.breaches] == [
        (one, "far") for one in [Path(path).stem for path in packs]
    ]
    one = check(fleet(folder, "US BIG 78", "MY BIG 22"), *packs)
    assert [(f.pack, f.rule) for f in one.breaches] == [("house", "far")]
    assert (both.exit_code, one.exit_code) == (1, 1)


def test_it_is_what_each_pack_finds_alone(folder: Path) -> None:
    inventory = fleet(folder, "US BIG 70", "MY BIG 20 2026-09-01", "AE SMALL 9 2027-01-01")
    given = {"as_of": None, "since": "2026-07-01", "until": "2027-12-31"}
    together = check(inventory, HOUSE, YARD, **given)
    alone = [check(inventory, one, **given) for one in (HOUSE, YARD)]
    assert sorted(together.findings, key=str) == sorted(
        [f for one in alone for f in one.findings], key=str
    )
    assert list(together.findings) == sorted(together.findings, key=lambda f: (f.date, f.pack))
    assert set(together.dates) == {day for one in alone for day in one.dates}
    assert together.unjudged == alone[0].unjudged + alone[1].unjudged


def test_each_pack_is_measured_on_its_own_days(folder: Path) -> None:
    report = check(
        fleet(folder, "US BIG 90", "MY BIG 10"), HOUSE, YARD,
        as_of=None, since="2027-01-01", until="2027-12-31",
    )  # fmt: skip
    days = {(f.pack, f.date) for f in report.findings if f.rule == "far"}
    assert days == {
        ("house", date(2027, 2, 1)), ("yard", date(2027, 3, 1)), ("house", date(2027, 8, 1)),
    }  # fmt: skip


def test_the_text_names_pack_and_rule(folder: Path) -> None:
    text = render(check(fleet(folder, "US BIG 74", "MY BIG 26"), HOUSE, YARD), MORE)
    heads = [line for line in text.splitlines() if line.startswith("BREACH")]
    assert heads == [
        "BREACH, 1 of 2 ENFORCED: USco breaks yard:far and house:far in MY and far; 2 lots, as of "
        "2026-08-01",
        "BREACH, ENFORCED yard:far: USco in MY",
        "BREACH (not enforced) house:far: USco in far",
        "BREACH: 2 breach (1 enforced), 1 with nothing found, 1 not applicable",
    ]
    assert "\n\nhouse 1: House rules, for tests\n  status   made up for tests" in text
    assert "\nyard 1: Yard rules, for tests\n" in text
    held = "USco does not hold a universal authorization (uveu), so held does not bind it"
    assert f"not judged under house: {held}" in text


def test_notes_are_said_once_or_with_their_pack() -> None:
    said = by_pack({"one": ["same", "left", "of one: x"], "two": ["same", "right"]})
    assert said == ("same", "one: left", "of one: x", "two: right")


def test_an_option_goes_to_every_pack_that_asks_or_to_one() -> None:
    def chosen(*answers: dict[str, str]) -> list[dict[str, str]]:
        return [dict(one.options) for one in load_policies([HOUSE, YARD], answers)]

    assert chosen({"reach": "there"})[1] == {"strict": "very", "reach": "there"}
    assert chosen({"house:strict": "no"}) == [{"strict": "no"}, {"strict": "very", "reach": "here"}]
    assert chosen({"yard:strict": "hardly", "house:strict": "no"})[1]["strict"] == "hardly"
    assert chosen({"house:strict": "no"}, {"house:strict": "yes"})[0] == {"strict": "yes"}


def test_the_later_answer_wins_and_the_nearer_one_within() -> None:
    two = [HOUSE, str(PACKS / "accounts.toml")]
    with pytest.raises(UsageError, match="not a value of this option"):
        load_policies([HOUSE, YARD], [{"strict": "no"}])
    house = load_policies(two, [{"house:strict": "no"}, {"strict": "yes"}])[0]
    assert house.options["strict"] == "yes"
    house = load_policies(two, [{"strict": "yes", "house:strict": "no"}])[0]
    assert house.options["strict"] == "no"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("strikt", "none of the packs house, yard has such an option; did you mean 'strict'?"),
        ("yart:strict", "'yart' is none of the chosen packs; did you mean 'yard'?"),
        ("house:reach", "pack house has no such option; options: strict"),
    ],
)
def test_an_option_that_no_chosen_pack_has_is_an_error(name: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_policies([HOUSE, YARD], [{name: "x"}])
    assert said in str(caught.value)


def test_the_same_pack_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="this pack is named twice"):
        load_policies([HOUSE, HOUSE])
    changed = tmp_path / "house.toml"
    changed.write_text(Path(HOUSE).read_text("utf-8").replace("0.20", "0.21"), "utf-8")
    with pytest.raises(UsageError, match="two packs have this id"):
        load_policies([HOUSE, str(changed)])


def test_a_pack_that_evaluated_nothing_is_no_green(folder: Path) -> None:
    """SMALL counts under yard alone: house has nothing to judge."""
    with pytest.raises(NothingEvaluatedError) as caught:
        check(fleet(folder, "US SMALL 80", "MY SMALL 20"), YARD, HOUSE)
    assert str(caught.value).startswith("under house, nothing was evaluated")
    assert "under yard" not in str(caught.value)


def test_where_another_breaches_it_is_a_note(folder: Path) -> None:
    report = check(fleet(folder, "US SMALL 70", "MY SMALL 30"), YARD, HOUSE)
    assert report.exit_code == 1
    assert report.notes[0].startswith("NOTHING EVALUATED under house: ")
    assert {f.verdict for f in report.findings if f.pack == "house"} == {"not_applicable"}


def test_a_configuration_names_several(folder: Path) -> None:
    """Paths are relative to the file; what is given wins over what it says."""
    for path in (HOUSE, YARD):
        (folder / Path(path).name).write_bytes(Path(path).read_bytes())
    text = (
        '[placement]\npolicy = ["house.toml", "yard.toml"]\nheadquarters = "US"\n'
        'authorization = "none"\n[policy.options]\nreach = "there"\n"house:strict" = "no"\n'
    )
    (folder / "placement.toml").write_text(text, "utf-8")
    report = placement.check(fleet(folder, "US BIG 9"), as_of=AUGUST)
    assert [one.options for one in report.packs] == [
        {"strict": "no"}, {"strict": "very", "reach": "there"},
    ]  # fmt: skip
    alone = placement.check(folder / "inventory.csv", as_of=AUGUST, policy=HOUSE)
    assert [one.options for one in alone.packs] == [{"strict": "no"}]
    left = f"not of the packs chosen here, so left out of {folder / 'placement.toml'}: reach"
    assert left in alone.assumptions


def test_answers_on_which_all_rest_have_to_agree() -> None:
    packs = load_policies([HOUSE, "ai-diffusion-2025"], [{"siblings": "exclude"}])
    with pytest.raises(UsageError) as caught:
        require_equal(packs, ("siblings", "basis"))
    assert "siblings: the packs have to agree on it, and they do not" in str(caught.value)
    assert "(house: include, ai-diffusion-2025: exclude)" in str(caught.value)
    assert "--option siblings=include" in str(caught.value)
    same = load_policies([HOUSE, "ai-diffusion-2025"])
    require_equal(same, ("siblings", "basis"))


def test_headroom_is_what_all_packs_have_in_common(folder: Path) -> None:
    """80 in the US, 15 in Malaysia, all BIG.

    house: (15 + n) <= 0.2 (95 + n), so 0.8 n <= 4, n <= 5. yard: (15 + n) <= 0.25 (95 + n), so
    0.75 n <= 8.75, n <= 11. In AE house says the same, yard nothing.
    """
    inventory = fleet(folder, "US BIG 80", "MY BIG 15")
    given: Any = {"headquarters": "US", "authorization": "none", "as_of": AUGUST}

    def most(*packs: str, place: str = "MY") -> tuple[int | None, str, str]:
        (one,) = placement.headroom(inventory, "BIG", places=place, policy=packs, **given)
        return (one.most.amount, one.most.rule, one.most.pack) if one.most else (None, "", "")

    assert most(HOUSE) == (5, "far", "house")
    assert most(YARD) == (11, "far", "yard")
    assert most(HOUSE, YARD) == most(YARD, HOUSE) == (5, "far", "house")
    assert most(YARD, place="IN") == (31, "far", "yard")
    assert most(HOUSE, YARD, place="IN") == (5, "far", "house")


def test_headroom_from_below_is_the_larger_least(folder: Path) -> None:
    """30 of 100 in Malaysia: at home house asks for 50 more (30/150), yard for 20 (30/120)."""
    inventory = fleet(folder, "US BIG 70", "MY BIG 30")
    (one,) = placement.headroom(
        inventory, "BIG", places="US", policy=[YARD, HOUSE], headquarters="US",
        authorization="none", as_of=AUGUST,
    )  # fmt: skip
    assert one.least is not None
    assert (one.least.amount, one.least.pack, one.most) == (50, "house", None)
    (there,) = placement.headroom(
        inventory, "BIG", places="MY", policy=[YARD, HOUSE], headquarters="US",
        authorization="none", as_of=AUGUST,
    )  # fmt: skip
    assert there.hopeless == (("yard:far", "MY"), ("house:far", "far"))


def test_accounts_and_forms_are_of_one_pack(folder: Path) -> None:
    inventory = fleet(folder, "US BIG 80", "MY BIG 15")
    given: Any = {"headquarters": "US", "authorization": "none", "until": AUGUST}
    found = placement.accounts(inventory, policy=[HOUSE, ACCOUNTS], **given)
    assert found.pack.id == "accounts"
    with pytest.raises(UsageError, match="several have caps or channels: accounts, ai-diffusion"):
        placement.accounts(inventory, policy=[ACCOUNTS, "ai-diffusion-2025"], **given)


def test_together_for_a_plan_groups_of_one_name_stay_two(tmp_path: Path) -> None:
    """`far` is all abroad in house, and Malaysia, India and what a user adds in yard."""
    yard = tmp_path / "yard.toml"
    yard.write_text(Path(YARD).read_text("utf-8").replace('"100"', '"10000"'), "utf-8")
    both = combined(load_policies([HOUSE, str(yard)], groups={"yard:far": ["NA"]}))
    groups = both.groups_on(AUGUST)
    assert groups["yard:far"] == {"MY", "IN", "NA"}
    assert "PL" in groups["far"]
    assert [rule.id for rule in both.on_totals] == [
        "house:far", "house:barred", "house:held", "yard:far",
    ]  # fmt: skip
    assert (both.options["strict"], both.options["yard:strict"]) == ("yes", "very")
    assert list(both.schedules["yard:always"].days) == ["03-01"]


def test_answers_for_the_packs_of_the_file_are_left_out_where_others_are_chosen(
    folder: Path,
) -> None:
    """Until then `--policy` beside a configuration with options of its own pack was refused."""
    own = 'policy = "ai-diffusion-2025"\nheadquarters = "US"\nauthorization = "uveu"\n'
    policy = '[policy.options]\nbetween_dates = "breach"\n{}[policy.groups]\nassured = ["IN"]\n'
    config = folder / "placement.toml"
    config.write_text(f"[placement]\n{own}{policy.format('')}", "utf-8")
    inventory = fleet(folder, "US BIG 80")
    basic = placement.check(inventory, policy="ai-diffusion-2025-basic", as_of=AUGUST)
    left = "not of the packs chosen here, so left out of"
    assert [one for one in basic.assumptions if one.startswith(left)] == [
        f"{left} {config}: assured, between_dates"
    ]
    assert not [
        one for one in placement.check(inventory, as_of=AUGUST).assumptions if one.startswith(left)
    ]
    config.write_text(
        f"[placement]\n{own}{policy.format('betwen_dates = 1')}".replace(" 1", ' "x"\n')
    )
    with pytest.raises(UsageError, match="betwen_dates"):
        placement.check(inventory, policy="ai-diffusion-2025-basic", as_of=AUGUST)
