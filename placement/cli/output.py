"""Where reports go: the terminal or files, each written whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click

from placement.errors import InputError, Problem, UsageError, did_you_mean
from placement.report import Report

FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Formats and their files; None stands for the terminal."""

    targets: tuple[tuple[str, Path | None], ...]

    @classmethod
    def parse(cls, given: tuple[str, ...], formats: tuple[str, ...] = FORMATS) -> Outputs:
        """Read `FORMAT` or `FORMAT=PATH` texts; none at all: text on the terminal."""
        targets: list[tuple[str, Path | None]] = []
        for text in given or ("text",):
            kind, equals, path = text.partition("=")
            if kind not in formats:
                hint = did_you_mean(kind, formats) or f"formats: {', '.join(formats)}"
                raise UsageError(Problem("no such output format", hint, value=kind))
            if equals and not path:
                raise UsageError(Problem("no path after '='", f"write {kind}=PATH", value=text))
            targets.append((kind, Path(path) if path else None))
        if sum(path is None for _, path in targets) > 1:
            raise UsageError(
                Problem("two formats for one terminal", "give all but one a path, as json=FILE")
            )
        return cls(tuple(targets))

    def write(self, report: Report) -> None:
        """Render and write every format of a report."""
        self.write_as(lambda kind: import_module(f"placement.render.{kind}").render(report))

    def write_as(self, render: Callable[[str], str]) -> None:
        """Write what a format comes to; files first, so that the terminal is the last word."""
        for kind, path in sorted(self.targets, key=lambda target: target[1] is None):
            text = render(kind)
            if path is None:
                show(text)
            else:
                write_whole(path, text)


def show(text: str) -> None:
    """Print to the terminal; a reader that left early (`| head`) changes no exit code."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; InputError where the place cannot be written.

    A link is followed, and a device or pipe is written to as it is.
    """
    path = path.resolve()
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("w", encoding="utf-8") as device:
            device.write(text)
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(
            Problem(f"cannot write: {error.strerror}", "choose another path", str(path))
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        os.unlink(name)
        raise InputError(
            Problem(f"cannot write: {error.strerror}", "choose another path", str(path))
        ) from error
