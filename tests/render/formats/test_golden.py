"""Each format of one small report: a breach, a warning, a waived one, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from placement.cli.output import REPORT_FORMATS
from placement.render.formats.options import FormatOptions
from placement.render.formats.writers import WRITERS, written
from tests.support.reports import changed, mixed

NAMES = {
    "sarif": "report.sarif",
    "junit": "junit.xml",
    "github": "annotations.txt",
    "gitlab": "code-quality.json",
    "markdown": "comment.md",
    "csv": "findings.csv",
}


def test_every_format_has_a_writer_and_a_golden_file() -> None:
    assert {"text", "json", *WRITERS} == set(REPORT_FORMATS)
    assert set(NAMES) == set(WRITERS)


@pytest.mark.parametrize("kind", NAMES)
def test_golden(kind: str, golden: Callable[[str, str], None]) -> None:
    golden(f"formats/{NAMES[kind]}", written(kind, mixed(), FormatOptions()))


def test_golden_against_a_base(golden: Callable[[str, str], None]) -> None:
    options = FormatOptions(comment_above=Fraction(1), comment_id="europe")
    golden("formats/comment-against-base.md", written("markdown", changed(), options))
