"""`placement policy diff`: what two packs say differently, and what that changes for one fleet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import Verdict
from placement.errors import NothingEvaluatedError
from placement.policy import parse_policy
from placement.policy.diff import diff
from placement.policy_testing.impact import Compared, compare
from placement.report import Finding
from tests.support.paths import ROOT, TESTS
from tests.support.policy_command import Command

EVERY_KIND = (TESTS / "packs" / "every-kind.toml").read_bytes()
DAY = date(2026, 8, 1)

#: What the next version of the pack says otherwise.
EDITS = (
    ('version = "3"', 'version = "4"'),
    ("codified = false\nenforced = false", "codified = true\nenforced = false"),
    ('tpp_at_least = "4800"', 'tpp_at_least = "9600"'),
    ('default = "apart"', 'default = "home"'),
    ('values = { ever = "ever", ', 'values = { ever = "always", '),
    ('members = ["US", "DE", "NL", { place', 'members = ["US", "DE", "JP", "BR", { place'),
    ("until = 2026-02-03", "until = 2026-03-03"),
    (
        '[groups.none]\ntitle = "nobody yet"\nmembers = []\n',
        '[groups.some]\ntitle = "some"\nmembers = ["NA"]\n',
    ),
    ('days = ["02-01", "08-01"]\nfirst', 'days = ["02-01", "07-01"]\nfirst'),
    ('room = "cap.consignee"\n', ""),
    ('limit = "0.07"', 'limit = "0.10"'),
    ('between_dates = { option = "between" }', 'between_dates = "breach"'),
    ('note = """A note of two\nlines."""\n', ""),
    ('limit = "1250000.5"', 'limit = "1000000"'),
    ("days = 30\n", "days = 60\n"),
    ('id = "duty.date"', 'id = "duty.reports"'),
    ('{ authorization = "nveu" }', '{ authorization = "nveu", headquarters = "home" }'),
    ('{ tpp_below = "21000"', '{ tpp_below = "24000"'),
    ('values = ["apart"]', 'values = ["apart", "home"]'),
)


def next_version() -> bytes:
    text = EVERY_KIND.decode()
    for old, new in EDITS:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both versions of the pack, and a fleet of round numbers of 10,000 TPP."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.toml").write_bytes(EVERY_KIND)
    (tmp_path / "new.toml").write_bytes(next_version())
    lots = ("A,us,US,80", "A,my,MY,9", "A,nl,NL,15", "A,na,NA,2", "A,sg,SG,13", "B,jp,JP,50")
    header = "owner,site,country,quantity,accelerator\n"
    (tmp_path / "inventory.csv").write_text(
        header + "".join(f"{lot},EX\n" for lot in lots), "utf-8"
    )
    (tmp_path / "accelerators.csv").write_text(
        "accelerator,tpp,performance_density,datacenter,source\nEX,10000,10,yes,made up\n", "utf-8"
    )
    (tmp_path / "entities.csv").write_text(
        "entity,headquarters,authorization\nA,US,uveu\nB,JP,uveu\n", "utf-8"
    )
    return tmp_path


def test_in_words(folder: Path, policy: Command, golden: Callable[[str, str], None]) -> None:
    code, out, err = policy("diff", "old.toml", "new.toml", "--as-of", str(DAY))
    assert (code, err) == (0, "")
    golden("policy/diff.txt", out)


def test_with_a_fleet(folder: Path, policy: Command, golden: Callable[[str, str], None]) -> None:
    words = ("--inventory", "inventory.csv", "--entities", "entities.csv", "--as-of", str(DAY))
    code, out, err = policy("diff", "old.toml", "new.toml", *words)
    assert (code, err) == (0, "")
    golden("policy/diff-judged.txt", out[out.index("JUDGED") :])


def test_a_pack_is_itself(folder: Path, policy: Command) -> None:
    code, out, _ = policy("diff", "old.toml", "old.toml")
    assert code == 0
    assert out.endswith("\nno difference\n")


def test_bad_input(folder: Path, policy: Command) -> None:
    assert policy("diff", "old.toml", "none.toml")[0] == 2
    code, _, err = policy("diff", "old.toml", "new.toml", "--entities", "entities.csv")
    assert code == 2
    assert "there is nothing to judge; give --inventory, too" in err


def both(folder: Path, old: str = "old.toml", new: str = "new.toml") -> Compared:
    return compare("inventory.csv", old, new, as_of=DAY, entities="entities.csv")


def test_the_other_way_round_is_the_reverse(folder: Path) -> None:
    there, back = both(folder), both(folder, "new.toml", "old.toml")
    assert there.newly_broken
    assert there.newly_kept
    assert [one.where for one in there.newly_broken] == [one.where for one in back.newly_kept]
    assert [one.where for one in there.newly_kept] == [one.where for one in back.newly_broken]
    assert {one.where: one.gained for one in there.room_changed} == {
        one.where: -(one.gained or 0) for one in back.room_changed
    }


def test_a_rule_that_only_one_pack_has_is_named_as_such(folder: Path, policy: Command) -> None:
    """Neither newly broken nor newly kept: the share of each country is in one pack alone."""
    text = EVERY_KIND.decode()
    start = text.index('[[rules]]\nid = "share.each"')
    end = text.index("[[rules]]", start + 1)
    (folder / "less.toml").write_text(text[:start] + text[end:], "utf-8")
    less, more = both(folder, "old.toml", "less.toml"), both(folder, "less.toml", "old.toml")
    places = [(one.where.place, (one.old or one.new).verdict) for one in less.no_longer]  # type: ignore[union-attr]
    assert places == [("MY", "breach"), ("SG", "breach"), ("NA", "ok")]
    assert (less.newly_broken, less.newly_kept, less.only_new) == ((), (), ())
    assert [one.where for one in more.only_new] == [one.where for one in less.no_longer]
    assert (more.newly_broken, more.newly_kept, more.no_longer) == ((), (), ())
    words = ("--inventory", "inventory.csv", "--entities", "entities.csv", "--as-of", str(DAY))
    out = policy("diff", "old.toml", "less.toml", *words)[1]
    assert "NO LONGER A RULE IN B: 2 broken, 1 kept" in out
    assert "breach: 7.57 %, limit <= 7 % no longer a rule" in " ".join(out.split())
    out = policy("diff", "less.toml", "old.toml", *words)[1]
    assert "ONLY IN B: 2 broken, 1 kept" in out
    assert "no such rule breach: 7.57 %, limit <= 7 %" in " ".join(out.split())
    assert "NEWLY KEPT: none" in out


def test_why_a_rule_is_not_judged_any_more(folder: Path, policy: Command) -> None:
    text = EVERY_KIND.decode()
    start = text.index('[[rules]]\nid = "share.each"')
    changed = text[start:].replace("[[rules]]", "[[rules]]\nfrom = 2027-01-01", 1)
    (folder / "later.toml").write_text(text[:start] + changed, "utf-8")
    words = ("--inventory", "inventory.csv", "--entities", "entities.csv", "--as-of", str(DAY))
    out = policy("diff", "old.toml", "later.toml", *words)[1]
    said = "breach: 7.57 %, limit <= 7 % not applicable: this rule does not stand before 2027-01-01"
    assert said in " ".join(out.split())


def test_room_gained_by_hand(folder: Path) -> None:
    """A has 119 accelerators, of them 9 in Malaysia, where the limit was 7 % and is 10 %."""
    found = {one.where[:3]: one.gained for one in both(folder).room_changed}
    before = (Fraction(7, 100) * 119 - 9) / Fraction(93, 100)
    after = (Fraction(10, 100) * 119 - 9) / Fraction(90, 100)
    assert found["A", "MY", "share.each"] == (after - before) * 10_000


def test_a_pack_that_binds_nobody(folder: Path) -> None:
    text = (ROOT / "inputs" / "packs" / "house-rules.toml").read_text("utf-8")
    start = text.index('[[rules]]\nid = "house.metro"')
    end = text.index('[[rules]]\nid = "house.eu"')
    text = text[:start] + text[end:].replace(
        'numerator = "eu"', 'numerator = "eu"\nbinds = { authorization = "none" }'
    )
    (folder / "nobody.toml").write_text(text, "utf-8")
    found = both(folder, "nobody.toml")
    (note,) = found.notes
    assert note.startswith("under nobody.toml nothing was evaluated")
    assert any(one.new is not None and one.new.verdict == "breach" for one in found.only_new)
    assert not found.newly_broken
    with pytest.raises(NothingEvaluatedError):
        both(folder, "nobody.toml", "nobody.toml")


def test_limits_are_shown_as_percent() -> None:
    old, new = (parse_policy(data, "x") for data in (EVERY_KIND, next_version()))
    changes = {(one.name, one.field): (one.old, one.new) for one in diff(old, new, DAY)}
    assert changes["share.each", "limit"] == ("7 %", "10 %")
    assert changes["cap.steps", "steps"][1] == (
        "2025-01-01 to 2025-12-31: 30,000; 2026-01-01 to 2026-12-31: 1,000,000"
    )
    assert changes["duty.date", ""][1] is changes["duty.reports", ""][0] is None


def finding(**fields: str | None) -> Finding:
    given = {"numerator": "10", "denominator": None, "limit": "12", "headroom": "2", **fields}
    return Finding.model_validate(
        {
            "rule": "r", "pack": "p", "owner": "A", "place": "MY", "date": DAY,
            "verdict": Verdict.OK, "unit": "TPP", "comparison": "<=", "title": "", "citation": "",
            "fix": "", **given,
        }
    )  # fmt: skip


def test_exact_room() -> None:
    assert finding(kind="cap").room == 2
    assert finding(kind="cap", headroom=None).room is None
    share = finding(kind="share", denominator="100", limit="0.25")
    assert share.room == Fraction(15) / Fraction(3, 4) == 20
    assert finding(kind="ratio", denominator="100", limit="0.5").room == 40
    part = finding(kind="share", numerator="1/3", denominator="1", limit="0.5")
    assert part.room == Fraction(1, 3)


def test_duties_that_are_not_judged() -> None:
    duty = '[[unjudged]]\nid = "u"\ntitle = "watch"\nwhy = "no table"\ncitation = "c"\n'
    texts = ("", duty, duty.replace("no table", "no date"))
    old, new, later = (parse_policy(EVERY_KIND + text.encode(), "x") for text in texts)
    assert [(one.part, one.name, one.new) for one in diff(old, new, DAY)] == [
        ("not judged", "u", "watch")
    ]
    assert [(one.field, one.old, one.new) for one in diff(new, later, DAY)] == [
        ("why", "no table", "no date")
    ]
    assert diff(later, later, DAY) == []
