"""The first screen: how much is shown, in which width, in which colour, and how long it took."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from placement.cli import main
from placement.render.findings.limits import bar
from placement.render.formats.color import painted
from placement.render.formats.wrapped import fitted
from tests.support.paths import ROOT
from tests.support.screens import COMMANDS, drawn, on_a_terminal, printed

INVENTORY = str(ROOT / "inputs" / "example" / "inventory.csv")
DAY = ("--today", "2026-12-01")
ESCAPE = "\x1b["


def check(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
    return subprocess.run(
        [sys.executable, "-m", "placement", "check", INVENTORY, *DAY, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**plain, **env},
    )


def test_the_shipped_example_fits_a_screen() -> None:
    """24 lines of at most 100 columns, paths as they are in the repository."""
    text = check().stdout.replace(str(ROOT) + "/", "")
    lines = text.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("BREACH, not enforced: Nimbus Cloud Inc breaks uveu.single_country")
    for said in (
        "53 lots, as of 2026-12-01",
        "  law      enforced: t3hq.licence, t3.licence (marked *), not the 29 others",
        "no universal authorization is known to have been granted",
        "in force today, not judged: us-ear-enforced finds a breach in AE",
        "planned = forecast, in_country = transferred, reporting_dates = para10",
        "between_dates = breach: yes",
        "not legal advice",
    ):
        assert said in text, said
    heads = [line for line in lines if line.startswith("BREACH (not enforced)")]
    assert heads == ["BREACH (not enforced) uveu.single_country: Nimbus Cloud Inc in MY"]
    assert sum(line.startswith("  2026-12-01 (forecast): ") for line in lines) == 1
    assert sum(line.startswith("  2027-02-01 (forecast): ") for line in lines) == 1


def test_more_and_less() -> None:
    first, quiet, more, whole = (check(*words).stdout for words in ((), ("-q",), ("-v",), ("-vv",)))
    assert quiet == first.splitlines()[0] + "\n" == more.splitlines()[0] + "\n"
    assert "-v" in first
    for said in ("duty: ", "nothing found: ", "\nnot judged: ", "note     not counted, since"):
        assert said not in first
        assert said in more
    assert "-vv shows them" in more
    assert "-vv shows them" not in whole
    assert set(more.split("\n\n")[2].splitlines()) <= set(whole.splitlines())
    assert len(whole.splitlines()) > len(more.splitlines()) > 60


def test_they_exclude_each_other() -> None:
    ran = check("-q", "-v")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "-q and -v exclude each other; give one of them" in ran.stderr


@pytest.mark.parametrize(
    ("words", "env", "colored"),
    [
        ((), {}, False),  # piped
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {}, False),
    ],
)
def test_colour_of_what_is_piped(
    words: tuple[str, ...], env: dict[str, str], colored: bool
) -> None:
    assert (ESCAPE in check(*words, **env).stdout) is colored


@pytest.mark.skipif(os.name != "posix", reason="no pseudo-terminals here")
@pytest.mark.parametrize(
    ("env", "colored"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colour_and_width_of_a_terminal(env: dict[str, str], colored: bool) -> None:
    text = on_a_terminal(["check", INVENTORY, *DAY], width=80, **env)
    assert (ESCAPE in text) is colored
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    prose = [line for line in plain.splitlines() if not re.search(r"\S {2,}\S.* {2,}\S", line)]
    assert max(map(len, prose)) <= 80
    piped = check().stdout
    assert re.sub(r"\s+", " ", plain) == re.sub(r"\s+", " ", piped)


def test_running_lines_are_wrapped_below_their_text_and_rows_are_not() -> None:
    row = "a  b  " + "c" * 30
    text = f"  note     {'word ' * 10}\n{row}\n"
    assert fitted(text, None) == text
    found = fitted(text, 30).splitlines()
    assert found[-1] == row
    assert all(line.startswith(" " * 11) for line in found[1:-1])
    assert max(map(len, found[:-1])) <= 30
    assert " ".join(" ".join(found[:-1]).split()) == "note " + "word " * 9 + "word"


@pytest.mark.parametrize(
    ("used", "drawn_as"),
    [
        ("0", "..........   0 %"),
        ("0.84", "########..  84 %"),
        ("0.99999", "#########. 99.999 %"),  # never 100 % where something is left
        ("1", "########## 100 %"),
        ("1.00001", "########## 100.001 %"),
        ("2.86", "########## 286 %"),
    ],
)
def test_bars(used: str, drawn_as: str) -> None:
    from fractions import Fraction

    assert bar(Fraction(used)) == drawn_as


def test_what_is_painted() -> None:
    text = "BREACH, ENFORCED: A breaks x\nBREACHES of it  OK: no\nok  x  ##........  20 %\n"
    found = painted(text)
    assert re.sub(r"\x1b\[[0-9;]*m", "", found) == text
    assert found.count(ESCAPE) == 3 + 3 + 2
    assert found.splitlines()[1] == "BREACHES of it  OK: no"


def test_timings_are_told_on_standard_error() -> None:
    ran = check("-q", "--timings")
    assert ran.stdout.count("\n") == 1
    phases = re.findall(r"(\w+) \d+\.\d{3}", ran.stderr)
    assert phases == ["start", "import", "read", "check", "write"]
    assert re.search(r"; \d+\.\d{3} in all\n$", ran.stderr)


def test_help_groups_every_verb() -> None:
    text = CliRunner().invoke(main.cli, ["--help"]).output
    verbs = re.findall(r"(?m)^  ([a-z][a-z-]+)  +[A-Z]", text)
    assert sorted(verbs) == sorted(
        main.cli.list_commands(main.cli.make_context("placement", [], resilient_parsing=True))
    )
    assert len(verbs) == len(set(verbs)) > 10


def words_of(svg: str) -> str:
    """Return what is written in a picture, however it is cut into pieces."""
    return "".join(re.findall(r">([^<]+)</text>", svg)).replace("&#160;", "")


def test_the_picture_of_the_check_is_that_of_today() -> None:
    path = ROOT / "docs" / "pictures" / "check.svg"
    found = words_of(path.read_text("utf-8"))
    assert "uveu.single_country" in found
    assert found == words_of(drawn("check", printed("check")))


def test_pictures_name_no_host() -> None:
    for name in COMMANDS:
        text = (ROOT / "docs" / "pictures" / f"{name}.svg").read_text("utf-8")
        assert set(re.findall(r"https?://[^\"' )]*", text)) == {"http://www.w3.org/2000/svg"}


def test_a_name_cannot_paint(tmp_path: Path) -> None:
    path = tmp_path / "inventory.csv"
    rows = "owner,site,country,accelerator,quantity\n"
    path.write_text(rows + '"A\x1b[31m",s,US,H100 SXM,8\n"A\x1b[31m",t,MY,H100 SXM,8\n', "utf-8")
    words = ["--headquarters", "US", "--authorization", "uveu", "--as-of", "2026-08-01"]
    ran = subprocess.run(
        [sys.executable, "-m", "placement", "check", str(path), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "\x1b" not in ran.stdout + ran.stderr
