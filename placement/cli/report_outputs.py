"""The outputs of a verb that has a report, and what GitHub Actions gets without being asked."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from placement.cli.output import REPORT_FORMATS, Outputs
from placement.cli.streams import say
from placement.errors import Fault, UsageError

if TYPE_CHECKING:
    from fractions import Fraction

    from placement.render.formats.options import FormatOptions
    from placement.report import Report

Command = TypeVar("Command", bound=Callable[..., Any])

MOST_OF_A_SUMMARY = 1024 * 1024
"""Bytes that GitHub takes from one step."""

_OPTIONS = (
    click.option(
        "--output",
        multiple=True,
        metavar="FORMAT[=PATH]",
        help=f"{'|'.join(REPORT_FORMATS)}, and the file where not the terminal; may be repeated.  "
        "[default: text]",
    ),
    click.option(
        "--sarif-suppressed", is_flag=True, help="SARIF holds waived findings, too, suppressed."
    ),
    click.option(
        "--comment-above",
        metavar="PERCENT",
        help="Markdown against a base is one line unless a share moved by so many percentage "
        "points, or a limit was crossed.",
    ),
    click.option(
        "--comment-id",
        metavar="NAME",
        default="",
        help="In the hidden mark of markdown: tells comments on one pull request apart.",
    ),
)


def report_output_options(command: Command) -> Command:
    """Add --output, in all formats of a report, and what is asked of single formats."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class ReportOutputs:
    """Where a report goes, in which formats, and what is asked of them."""

    outputs: Outputs
    options: FormatOptions

    @classmethod
    def parse(cls, given: dict[str, Any]) -> ReportOutputs:
        """Take what is ours out of what was given; UsageError with what is wrong of it."""
        from placement.render.formats.options import FormatOptions

        name = given.pop("comment_id")
        if not re.fullmatch(r"([A-Za-z0-9]+([._-][A-Za-z0-9]+)*)?", name):
            fix = "use letters and digits, with single '.', '_' or '-' between them"
            raise UsageError(Fault("--comment-id is no such name", fix, value=name))
        options = FormatOptions(
            suppressed=given.pop("sarif_suppressed"),
            comment_above=_percentage_points(given.pop("comment_above")),
            comment_id=name,
        )
        return cls(Outputs.parse(given.pop("output"), REPORT_FORMATS), options)

    def places(self) -> list[tuple[str, Path | int]]:
        """Return where each output goes, the summary of a step of GitHub included."""
        summary = self._summary()
        told = [] if summary is None else [(f"the step summary {summary}", summary)]
        return [*self.outputs.places(), *told]

    def write(self, report: Report, text: Callable[[], str], *, colored: bool = False) -> None:
        """Write the report in every format; `text` is that of the verb, in colour on a terminal."""
        if self.options.comment_above is not None and report.compared_with is None:
            say("note: --comment-above does nothing without a base")
        self.outputs.write_as(
            lambda kind: text() if kind == "text" else self._as(kind, report), colored=colored
        )
        if not _is_on_github():
            return
        if all(kind != "github" for kind, _ in self.outputs.targets):
            _annotate(self._as("github", report))
        summary = self._summary()
        if summary is not None:
            _summarize(report, replace(self.options, comment_above=None), summary)

    def _as(self, kind: str, report: Report) -> str:
        if kind == "json":
            return report.as_json()
        from importlib.metadata import version

        from placement.render.formats.writers import written

        return written(kind, report, replace(self.options, version=version("placement")))

    def _summary(self) -> Path | None:
        """Return the file of the step summary, unless an output goes there."""
        name = os.environ.get("GITHUB_STEP_SUMMARY", "")
        if not _is_on_github() or not name:
            return None
        taken = {os.path.realpath(path) for _, path in self.outputs.targets if path is not None}
        return None if os.path.realpath(name) in taken else Path(name)


def _is_on_github() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _annotate(commands: str) -> None:
    """Give the runner its commands on standard error: it reads both streams.

    On standard output they would be lost in a pipe, or stand in somebody's JSON.
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        click.echo(commands, nl=False, err=True)


def _summarize(report: Report, options: FormatOptions, summary: Path) -> None:
    """Append to the summary of the step; one that cannot be written is no fault of the report."""
    from placement.cli.output import printed
    from placement.render.formats.markdown import markdown

    try:
        size = summary.stat().st_size if summary.exists() else 0
        text = markdown(report, options, MOST_OF_A_SUMMARY - size)
        with summary.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(printed(text, "markdown"))
    except OSError as error:
        say(f"note: the step summary {summary} cannot be written: {error.strerror}")


def _percentage_points(text: str | None) -> Fraction | None:
    """Read a number of percentage points exactly, as 2 or 0.5."""
    if text is None:
        return None
    from placement.text.decimals import parse_decimal

    found = parse_decimal(text.removesuffix("%").strip())
    if found is None or found < 0:
        fix = "write percentage points, as 2 or 0.5"
        raise UsageError(Fault("--comment-above is no such number", fix, value=text))
    return found
