"""Text of users' files: nothing in it is a command to a runner, a terminal, HTML or Markdown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.render.formats.escape import harmless, json_text, terminal
from tests.support.forked_cli import Run, run_all
from tests.support.small_plan import write

HOSTILE = (
    "::error file=a.py,line=1::hacked",
    "a ##[add-mask]B",
    "##vso[task.setvariable]c",
    "\x1b[31mred\x1b[0m",
    "a\u202eb\u200b",
    "<script>x</script><!--",
    "[x](http://example.org) ![y](z)",
    "a\r::stop-commands::b",
)
A = ("--headquarters", "US", "--authorization", "uveu", "--as-of", "2026-08-01")


def check(text: str, where: object) -> None:
    for line in text.split("\n"):
        assert not line.lstrip().startswith("::"), (where, line)
    assert not re.search(r"##\w*\[", text), (where, text)
    assert not re.search(r"<(script|/script|!--)", text), (where, text)
    assert "](" not in text, (where, text)
    assert "![" not in text, (where, text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", text), (
        where,
        text,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    check(harmless(terminal(text)), text)


@pytest.mark.parametrize(
    "text",
    [
        "us-east-1 (old) #3 [x] a < b <= 7 % a::b C:\\x",
        "Dänemark <country> ## [x]",
        "",
        "a # [",
        "!x",
    ],
)
def test_text_that_is_no_command_stays(text: str) -> None:
    assert harmless(terminal(text)) == text


@given(st.text(alphabet="#:[]()<!a/ \x1b\n\r\u2028", max_size=12))
def test_no_text_is_a_command(text: str) -> None:
    shown = terminal(text)
    check(harmless(shown), text)
    check(harmless(f"{shown[:5]}\n{shown[5:]}"), text) if "](" not in shown else None
    assert terminal(shown) == shown
    assert harmless(harmless(text)) == harmless(text)


@given(st.text(alphabet='#[]"\\a', max_size=12))
def test_json_says_the_same(text: str) -> None:
    shown = json_text(json.dumps({"a": text}))
    assert json.loads(shown) == {"a": text}
    assert "##" not in shown


LOT = {
    "owner": "Acme", "operator": "Acme", "site": "us-1", "country": "US", "accelerator": "B200",
    "quantity": "8", "status": "installed", "arrived": "2026-01-01", "in_service": "2026-01-01",
    "out_of_service": "", "consignee": "", "channel": "", "licensed": "", "from_country": "",
    "provider": "", "region": "", "instance_type": "", "asset_id": "", "notice_filed": "",
}  # fmt: skip
ENTITY = {"entity": "Acme", "parent": "", "headquarters": "US", "authorization": "uveu"}


def csv(rows: list[dict[str, str]]) -> str:
    def line(cells: list[str]) -> str:
        return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)

    return "\n".join([line([*rows[0]]), *(line([*row.values()]) for row in rows), ""])


def test_every_column_of_every_verb(tmp_path: Path) -> None:
    """A hostile name in each column in turn, and as that of a column, a file, an option."""
    runs = []
    (tmp_path / "scratch").mkdir()
    whole = " ".join(HOSTILE)
    (tmp_path / "e.csv").write_text(csv([ENTITY]))

    def lots(name: str, row: dict[str, str]) -> str:
        (tmp_path / name).write_text(csv([LOT, row]), newline="")
        return name

    everything = {**LOT, "owner": whole, "operator": whole, "site": whole, "consignee": whole}
    many = lots("many.csv", everything)
    verbs: tuple[tuple[str, ...], ...] = (
        ("check", many, *A),
        ("headroom", many, "--accelerator", "B200", "--place", "US", *A),
        ("ledger", many, *A),
        ("report-form", "uveu", many, *A, "--out", "forms"),
    )
    runs += [Run(words, str(tmp_path)) for words in verbs]
    for n, column in enumerate(LOT):
        name = lots(f"lot-{n}.csv", {**LOT, column: whole})
        runs.append(Run(("check", name, *A), str(tmp_path)))
    (tmp_path / "column.csv").write_text(csv([{**LOT, whole: "x"}]), newline="")
    runs.append(Run(("check", "column.csv", *A), str(tmp_path)))
    for n, column in enumerate(ENTITY):
        (tmp_path / f"e-{n}.csv").write_text(csv([ENTITY, {**ENTITY, column: whole}]), newline="")
        words = ("check", many, "--entities", f"e-{n}.csv", "--as-of", "2026-08-01")
        runs.append(Run(words, str(tmp_path)))
    verbs = (
        ("check", whole, *A),
        ("check", many, *A, "--policy", whole),
        ("check", many, *A, "--option", whole),
        ("check", many, *A, "--option", f"basis={whole}"),
        ("check", many, "--as-of", whole),
        ("check", many, *A, "--output", whole),
        ("check", many, *A, f"--{whole}"),
        ("check", many, *A, "--config", whole),
        (whole,),
        ("headroom", many, "--accelerator", whole, *A),
        ("ledger", many, *A, "--consignee", whole),
        ("catalog", "find", whole),
        ("catalog", "find", "x", "--provider", whole),
        ("policy", "show", whole),
        ("policy", "lint", whole),
        ("compare", whole, whole),
        ("optimize", whole),
    )
    runs += [Run(words, str(tmp_path)) for words in verbs]
    found = run_all(runs, tmp_path / "scratch")
    for run, ran in zip(runs, found, strict=True):
        assert ran.code in (0, 1, 2), (run, ran)
        assert "fault of placement itself" not in ran.err, (run, ran.err)
        check(ran.out, run.words)
        check(ran.err, run.words)
    assert [one.code for one in found[:4]] == [0, 0, 0, 0]
    for path in (tmp_path / "forms").glob("*.md"):
        check(path.read_text(), path)


def test_hostile_names_in_a_plan(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    site = HOSTILE[0]
    source = write(tmp_path / "in")
    for name in ("sites.csv", "inventory.csv"):
        path = source / name
        path.write_text(path.read_text().replace("windhoek", f'"{site}"'))
    demand = source / "demand.csv"
    demand.write_text(demand.read_text().replace("-east", "##[group]<b>[x](y)"))
    plan = ("optimize", str(source), "--out", "plan")
    runs = [Run(plan, str(tmp_path)), Run(("compare", "plan", "plan"), str(tmp_path)),
            Run((*plan, "--output", "json"), str(tmp_path))]  # fmt: skip
    planned, compared, as_json = run_all(runs, tmp_path / "scratch")
    for ran in (planned, compared):
        assert ran.code == 0, ran.err
        check(ran.out, ran.words)
        assert ran.err == ""
    assert not re.search(r"##\w*\[", as_json.out)
    assert json.loads(as_json.out)["exit_code"] == 0
