"""`placement policy lint`: every fault of every file together, and what is doubtful in the rest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from placement.errors import PolicyError
from placement.policy import parse_policy, shipped_packs
from placement.policy.load import PackFile, find_pack, installed_packs, read_pack
from placement.policy.validation.lint import lint
from placement.text.toml_lines import line_of
from tests.support.paths import ROOT, TESTS
from tests.support.policy_command import Command

EVERY_KIND = TESTS / "packs" / "every-kind.toml"
HOUSE = ROOT / "inputs" / "packs" / "house-rules.toml"
DAY = date(2026, 8, 1)


def remarks(text: str, today: date = DAY) -> list[str]:
    """Lint a text as a file `x.toml`; notes are marked."""
    file = PackFile("x.toml", "file", text.encode())
    installed, _ = installed_packs()
    found = lint(file, read_pack(file), installed, today)
    return [f"{'note: ' if one.is_note else ''}{one.problem}" for one in found]


def test_nothing_is_doubtful_in_the_sample() -> None:
    assert remarks(HOUSE.read_text("utf-8")) == []


def changed(old: str, new: str) -> str:
    text = HOUSE.read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'id = "house-rules"',
            'id = "ai-diffusion-2025"',
            "x.toml:4: id: 'ai-diffusion-2025' is the id of a pack that ships; "
            "give it an id of its own",
        ),
        (
            'fix = "place new capacity in the European Union"',
            "",
            "x.toml:52: rules.2.fix: rule 'house.eu' does not say what to do about a breach; "
            "fill fix",
        ),
        (
            '{ case = "failing", title = "Norway is no member"',
            '{ case = "passing", verdict = "breach"',
            "x.toml:62: rules.2.examples: rule 'house.eu' has no example that is failing; "
            "add it: `placement policy test` runs them",
        ),
        (
            "[schedules.always]",
            '[schedules.never]\ntitle = "never"\nevery_day = true\n[schedules.always]',
            "x.toml:25: schedules.never: no rule has schedule 'never'; use it, or drop it",
        ),
        (
            "[groups.eu]",
            '[groups.asia]\ntitle = "Asia"\nmembers = ["JP"]\n[groups.eu]',
            "x.toml:18: groups.asia: nothing refers to group 'asia'; "
            "use it, drop it, or say in its note what it is for",
        ),
    ],
)
def test_doubtful_in_exact_words(old: str, new: str, expected: str) -> None:
    assert remarks(changed(old, new)) == [expected]


def test_an_option_that_nothing_acts_on() -> None:
    option = '[options.{0}]\nquestion = "?"\ndefault = "owned"\nvalues = {{ owned = "a"{1} }}\n'
    more = ', operated = "b"'
    both = "".join(
        option.format(name, values)
        for name, values in (("basis", more), ("reading", ""), ("bases", more))
    )
    (remark,) = remarks(changed("[groups.eu]", f"{both}[groups.eu]"))
    assert remark.startswith("x.toml:26: options.bases: nothing refers to option 'bases'; use it,")


def test_a_rule_about_no_country() -> None:
    text = HOUSE.read_text("utf-8")
    start, end = text.index("members = ["), text.index("[schedules.always]")
    text = text[:start] + 'members = [{ place = "DE", until = 2026-07-31 }]\n' + text[end:]
    said = "rule 'house.eu' binds nobody: no country is in eu on 2026-08-01"
    assert [one for one in remarks(text) if said in one]
    assert not [one for one in remarks(text, date(2026, 7, 30)) if said in one]
    noted = text.replace("until = 2026-07-31 }]", 'until = 2026-07-31 }]\nnote = "they left"')
    assert not [one for one in remarks(noted) if said in one]


def test_an_old_status_is_only_a_note(policy: Command) -> None:
    text = HOUSE.read_text("utf-8")
    assert remarks(text, date(2026, 12, 28)) == []
    assert remarks(text, date(2026, 12, 29)) == [
        "note: x.toml:11: status.as_of: the legal status is 181 days old; look it up again, "
        "and date it"
    ]


def test_a_ratio_above_one_is_only_a_note() -> None:
    text = (
        find_pack("china-h200-2026").text
        .replace('id = "china-h200-2026"', 'id = "mine"')
        .replace('limit = "0.50"', 'limit = "50"')
    )  # fmt: skip
    line = text[: text.index('limit = "50"')].count("\n") + 1
    assert remarks(text, date(2026, 8, 28)) == [
        f"note: x.toml:{line}: rules.4.limit: rule 'cn2026.ratio' allows 5000 % of what it "
        'compares with; if 50 percent are meant, write "0.5"'
    ]


def test_exit_codes(tmp_path: Path, policy: Command) -> None:
    code, out, _ = policy("lint", str(HOUSE))
    assert code == 0
    assert out.endswith("1 pack: nothing doubtful\n")
    code, out, _ = policy("lint", str(EVERY_KIND))
    assert code == 0
    doubtful = tmp_path / "doubtful.toml"
    doubtful.write_text(
        changed("[groups.eu]", '[groups.x]\ntitle = "X"\nmembers = ["JP"]\n[groups.eu]')
    )
    code, out, _ = policy("lint", str(doubtful))
    assert code == 1
    assert f"warning: {doubtful}:18: groups.x: nothing refers to group 'x'" in out


def test_faults_of_all_files_together(tmp_path: Path, policy: Command) -> None:
    for name, old, new in (("a", '"share"', '"shore"'), ("b", '"0.40"', '"40"')):
        (tmp_path / f"{name}.toml").write_text(changed(old, new), "utf-8")
    code, out, err = policy("lint", f"{tmp_path}/a.toml", f"{tmp_path}/b.toml", "c.toml")
    assert (code, out) == (2, "")
    assert err.count("error: ") == 3
    assert "there is no such kind of rule; did you mean 'share'" in err
    assert 'a share lies between 0 and 1, 40 does not; write 40 percent as "0.4"' in err
    assert "'c.toml': no such policy file" in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"AT", "BE"',
            '"at", "BE"',
            "members.1 'at': is no country code; write two capital letters",
        ),
        ('"AT", "BE"', '{ place = "AT", untill = 1 }, "BE"', "unknown key 'untill'; did you mean"),
        ('"AT", "BE"', '{ place = "AT", until = "soon" }, "BE"', "until 'soon': is no date; write"),
        ('schedule = "always"', 'schedule = "always"\nbetween_dates = "yes"', "must be 'ignore'"),
        (
            'schedule = "always"',
            'schedule = "always"\nbetween_dates = { opt = "x" }',
            "did you mean",
        ),
        (
            'schedule = "always"',
            'schedule = "always"\nbinds = "uveu"',
            "must be a table; keys: auth",
        ),
        ('id = "house.eu"', 'id = "1 a"', "is no name; use letters, digits, . - and _, a letter"),
        ('kind = "share"', "", "key 'kind' is missing; kinds: share, cap, ratio, prohibition"),
        ('lots = ["DE 4", "US 6"]', 'lots = "DE 4"', "must be a list; put it in [ ]"),
        (
            "[groups.eu]",
            '[groups.share]\ntitle = "a"\nmember = []\n[groups.eu]',
            "groups.share.memb",
        ),
    ],
)
def test_only_the_fault_of_what_was_meant_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse_policy(changed(old, new).encode(), "x.toml")
    assert said in str(raised.value)
    for name in (
        "constrained",
        "literal[",
        "OptionChoice",
        "Member",
        "Input should",
        "instance of",
    ):
        assert name not in str(raised.value)


@pytest.mark.parametrize("name", shipped_packs())
def test_a_shipped_pack_is_itself(name: str) -> None:
    file = find_pack(name)
    installed, _ = installed_packs()
    found = lint(file, read_pack(file), installed, DAY)
    assert not [one for one in found if "is the id of" in one.problem.message]


def test_lines_of_a_file() -> None:
    text = (
        '# [not.a.table]\n"a b".c = """\n[x]\n"""\n[t]\nk = [ # ]\n  "x",\n  { y = "]" },\n]\n'
        "[[r]]\nk = 1\n[[r]]\n[r.s]\nz = '''\n'''\n[[r.l]]\n[[r.l]]\nv = 2\n"
    )
    for where, line in {
        ("a b", "c"): 2,
        ("t",): 5,
        ("t", "k"): 6,
        ("t", "k", 0): 7,
        ("t", "k", 1, "y"): 8,
        ("r",): 10,
        ("r", 0, "k"): 11,
        ("r", 0, "none"): 10,
        ("r", 1, "s", "z"): 14,
        ("r", 1, "l", 1, "v"): 18,
        (): None,
    }.items():
        assert line_of(text, where) == line, where
