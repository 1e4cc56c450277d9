"""Whatever names say, each format stays what it is: read back by a parser that is not ours."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from placement.cli.output import printed
from placement.render.formats.escape import (
    command_property,
    command_text,
    markdown_name,
    markdown_text,
    xml_name,
    xml_text,
)
from placement.render.formats.options import FormatOptions
from placement.render.formats.writers import WRITERS, written
from placement.report import Line, Report
from tests.support.reports import changed

HOSTILE = (
    "::error file=a.py,line=1::hacked",
    "a ##[add-mask]B",
    "\x1b[31mred\x1b[0m\x00\x07",
    "a\r\n::stop-commands::b\n",
    "a\u202eb\u200b\ufffe\uffff",
    "</details><script>alert(1)</script><!--",
    "]]>&amp;<x>",
    "a|b\\|c`d``e",
    "`|`",
    "%0A::error::x%25",
    "[x](http://example.org) ![y](z) **b** _i_ ~~s~~ $m$",
    "@someone org/repo#1 #2 :smile:",
    "=1+cmd|' /C calc'!A0",
    "\n- x\n# y\n| a | b |\n",
    " ",
    "\ud800",
)
ALPHABET = st.text(alphabet="#:[]()<>!a/ |\\`@&%,=\x1b\n\r\u2028*_~$-", max_size=14)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def hostile(text: str) -> Report:
    """Return a report in which every text that a user can write says this."""
    report = changed()
    name = {"owner": text, "reason": text, "item": text}
    findings = [
        one.model_copy(
            update={
                **name, "title": text, "citation": text, "fix": text, "unit": text,
                "lines": (Line.model_construct(file=text, line=2, amount="1.000"),),
            }
        )
        for one in report.findings
    ]  # fmt: skip
    said = {"owner": text, "item": text, "unit": text, "is_share": False}
    changes = [one.model_copy(update=said) for one in report.changes]
    update = {"findings": tuple(findings), "changes": tuple(changes), "compared_with": text}
    return report.model_copy(update={**update, "notes": (text,), "assumptions": (text,)})


def of(kind: str, text: str) -> str:
    options = FormatOptions(suppressed=True)
    return printed(written(kind, hostile(text), options), kind)


class Tags(HTMLParser):
    """All tags of a piece of HTML, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"{tag}{attrs or ''}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_steers_a_terminal_or_a_runner(kind: str, text: str) -> None:
    shown = of(kind, text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ud800]", shown)
    if kind != "github":
        assert not re.search(r"^\s*::", shown, re.MULTILINE)
        assert not re.search(r"##\w*\[", shown)


@pytest.mark.parametrize("kind", ["sarif", "gitlab"])
@pytest.mark.parametrize("text", HOSTILE)
def test_json(kind: str, text: str) -> None:
    shown = of(kind, text)
    assert json.loads(shown) == json.loads(written(kind, hostile(text), FormatOptions(True)))
    for uri in re.findall(r'"uri": "(.*)"', shown):
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]*", uri)
        if not text.startswith("\n") and "\ud800" not in text:
            assert unquote(uri) == str(PurePosixPath(text))  # two slashes are one


@pytest.mark.parametrize("text", HOSTILE)
def test_xml(text: str) -> None:
    root = ElementTree.fromstring(of("junit", text))
    assert len(root.findall(".//testcase")) == 5
    assert {one.tag for one in root.iter()} == {
        "testsuites", "testsuite", "testcase", "skipped", "failure", "system-out",
    }  # fmt: skip


@given(st.text(max_size=12) | ALPHABET)
def test_xml_says_the_same(text: str) -> None:
    name = xml_name(text)
    element = ElementTree.Element("a", b=name)
    element.text = f"\n{name}"
    shown = xml_text(ElementTree.tostring(element, encoding="unicode"))
    assert "##" not in shown
    assert not re.search(r"^\s*::", shown, re.MULTILINE)
    read = ElementTree.fromstring(shown)
    assert read.text == f"\n{name}"
    assert read.get("b") == name


@pytest.mark.parametrize("text", HOSTILE)
def test_workflow_commands(text: str) -> None:
    lines = of("github", text).split("\n")
    assert lines.pop() == ""
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(
            r"::(error|warning) file=[^:,\r\n]*,line=2,title=[^:,\r\n]*::[^\r\n]*", line
        )


@given(ALPHABET)
def test_runners_read_back_what_was_meant(text: str) -> None:
    """The inverse is that of the runner: %25 last."""
    codes = {"%2C": ",", "%3A": ":", "%0A": "\n", "%0D": "\r", "%25": "%"}
    for write in (command_property, command_text):
        shown = write(text)
        assert "\n" not in shown
        assert "\r" not in shown
        for code, char in codes.items():
            shown = shown.replace(code, char)
        assert shown == text
    assert not set(":,").intersection(command_property(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown(text: str) -> None:
    shown = of("markdown", text)
    tokens = MARKDOWN.parse(shown)
    assert sum(one.type == "table_open" for one in tokens) == 1
    assert sum(one.type == "tr_open" for one in tokens) == 4
    inline = [child for one in tokens for child in one.children or ()]
    assert {one.type for one in inline} <= {
        "text", "code_inline", "em_open", "em_close", "strong_open", "strong_close", "softbreak",
        "text_special",
    }  # fmt: skip
    for one in inline:
        if one.type in ("em_open", "strong_open"):  # our own
            assert one.markup in ("_", "**")
        if one.type in ("text", "text_special") and "@" in text:
            assert not re.search(r"@\w", one.content)
    html = Tags()
    html.feed("".join(one.content for one in tokens if one.type == "html_block"))
    known = {"details", "summary", "code", "comment  placement "}
    assert set(html.found) <= known
    assert html.found[0] == "comment  placement "


@given(ALPHABET)
def test_a_name_is_code_in_a_cell(text: str) -> None:
    shown = markdown_name(text)
    tokens = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {shown} | x |\n")
    cells = [one for one in tokens if one.type == "inline"]
    assert len(cells) == 4
    assert cells[3].content == "x"
    if shown:
        assert [child.type for child in cells[2].children or ()] == ["code_inline"]


@given(ALPHABET)
def test_a_sentence_is_text(text: str) -> None:
    tokens = MARKDOWN.parse(f"- {markdown_text(text)} x")
    assert [one.type for one in tokens if one.type.endswith("_open")] == [
        "bullet_list_open", "list_item_open", "paragraph_open",
    ]  # fmt: skip
    inline = [child for one in tokens for child in one.children or ()]
    assert {one.type for one in inline} <= {"text", "text_special", "code_inline"}
    assert all(set(one.content) == {"@"} for one in inline if one.type == "code_inline")


@pytest.mark.parametrize("text", HOSTILE)
def test_tables(text: str) -> None:
    header, *rows = csv.reader(io.StringIO(of("csv", text)))
    assert len(rows) == 5
    for row in rows:
        assert len(row) == len(header)
        for cell in row:
            is_number = re.fullmatch(r"[-+]?[0-9.]+", cell)
            assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
