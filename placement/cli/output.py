"""Where reports go: the terminal, a stream, or files, each written whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from placement.errors import Fault, InputError, UsageError, did_you_mean
from placement.render.formats.escape import harmless, json_text, xml_text
from placement.text.atomic_files import write_set

FORMATS = ("text", "json")
#: Those of a verb that has a report (`render.formats.writers`).
REPORT_FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab", "markdown", "csv")

_JSON = ("json", "sarif", "gitlab")

_ELSEWHERE = "choose another path"
_MOST_LINKS = 40
_OWN_STREAMS = re.compile(r"/proc/(?:self|thread-self|[0-9]+(?:/task/[0-9]+)?)/fd|/dev/fd")


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
                raise UsageError(Fault("no such output format", hint, value=kind))
            if equals and not path:
                raise UsageError(Fault("no path after '='", f"write {kind}=PATH", value=text))
            targets.append((kind, Path(path) if path else None))
        if sum(path is None for _, path in targets) > 1:
            raise UsageError(
                Fault("two formats for one terminal", "give all but one a path, as json=FILE")
            )
        return cls(tuple(targets))

    def write_as(self, render: Callable[[str], str], *, colored: bool = False) -> None:
        """Write what each format comes to; files first, so that the terminal is the last word.

        Nothing is written before all of them are there. `colored`: text on the terminal is.
        """
        ordered = sorted(self.targets, key=lambda target: target[1] is None)
        for (kind, path), text in [(target, render(target[0])) for target in ordered]:
            if path is None:
                show(text, kind, colored=colored)
            else:
                write_whole(path, printed(text, kind))

    def places(self) -> list[tuple[str, Path | int]]:
        """Return where each output goes: what the user wrote, and the path or descriptor."""
        return [
            ("standard output", 1) if path is None else (f"--output {kind}={path}", path)
            for kind, path in self.targets
        ]


def printed(text: str, kind: str) -> str:
    """Return a report as it is printed: no line of it is a command to whoever keeps the log."""
    if kind in ("text", "markdown"):
        return harmless(text)
    if kind in _JSON:
        return json_text(text)
    return xml_text(text) if kind == "junit" else text


def show(text: str, kind: str = "text", *, colored: bool = False) -> None:
    """Print to the terminal; text in colour only where that is asked for."""
    said = printed(text, kind)
    if colored and kind == "text":
        from placement.render.formats.color import painted

        said = painted(said)
    click.echo(said, nl=False, color=colored)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; InputError where the place cannot be written.

    A link is followed. A stream (`/dev/stdout`, `/dev/fd/N`, what the shell writes for `>(...)`), a
    pipe or a device is written to as it is.
    """
    try:
        number = descriptor_of(path)
        if number is not None:
            _write_stream(os.dup(number), text)
            return
        # Unlike `Path.resolve`, this raises where links go round in a circle.
        if os.path.lexists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            _write_stream(os.open(path, os.O_WRONLY), text)
            return
    except FileNotFoundError:
        pass  # a link to a file that is not there yet
    except OSError as error:
        message = f"cannot write: {error.strerror}"
        raise InputError(Fault(message, _ELSEWHERE, str(path))) from error
    real = Path(os.path.realpath(path))
    try:
        write_set(real.parent, {real.name: text}, fix=_ELSEWHERE)
    except UsageError as error:
        (problem,) = error.problems
        message = problem.message.replace("cannot be written", "cannot write")
        raise InputError(Fault(message, _ELSEWHERE, str(path))) from error


def _write_stream(opened: int, text: str) -> None:
    # What was printed before stands before it.
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except BrokenPipeError:
        pass  # a reader that left early has seen what it wanted


def descriptor_of(path: Path) -> int | None:
    """Return the descriptor of ours that a path stands for, whatever links lead there."""
    at = os.fspath(path)
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(os.path.abspath(at))
        if name.isdecimal() and _is_of_streams(os.path.realpath(folder)):
            return int(name)
        if not os.path.islink(at):
            return None
        at = os.path.join(folder, os.readlink(at))
    return None


def _is_of_streams(folder: str) -> bool:
    found = _OWN_STREAMS.fullmatch(folder)
    if found is None:
        return False
    number = re.match(r"/proc/([0-9]+)", folder)
    return number is None or int(number[1]) == os.getpid()


def refuse_overwriting(
    outputs: Iterable[tuple[str, Path | int]], inputs: Iterable[tuple[str, Path | int]]
) -> None:
    """Refuse outputs that would replace an input, or one another; UsageError with each.

    Each is named as the user wrote it, with its path or its descriptor. Files are told apart by
    what they are, not by how they are spelled; a pipe or terminal may be both.
    """
    faults = []
    read: dict[object, str] = {}
    for name, place in inputs:
        for key in _identities(place):
            read.setdefault(key, name)
    taken: dict[object, str] = {}
    for name, place in outputs:
        keys = _identities(place)
        hit = next((read[key] for key in keys if key in read), None)
        twice = next((taken[key] for key in keys if key in taken), None)
        if hit is not None:
            faults.append(Fault(f"{name} would replace an input, {hit}", _ELSEWHERE))
        elif twice is not None:
            message = f"{twice} and {name} are one file"
            faults.append(Fault(message, "give each a path of its own"))
        taken.update(dict.fromkeys(keys, name))
    if faults:
        raise UsageError(faults)


def _identities(place: Path | int) -> list[object]:
    """Return what a file is known by: its place, and its number on the disk if it is there."""
    number = place if isinstance(place, int) else descriptor_of(place)
    try:
        found = os.stat(place) if number is None else os.fstat(number)
    except OSError:
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode):
        # Two terminals are no conflict, nor is /dev/null; but one stream gets one report.
        return [("stream", number)] if number is not None else []
    keys: list[object] = [] if found is None else [("file", found.st_dev, found.st_ino)]
    if isinstance(place, Path) and number is None:
        keys.append(("path", os.path.realpath(place)))
    else:
        keys.append(("stream", number))
    return keys
