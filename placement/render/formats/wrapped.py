"""Lines of running text for a terminal, wrapped, and blocks of them, made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from placement.render.formats.escape import terminal

WIDTH = 100

_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")


def hanging(head: str, text: str) -> Iterator[str]:
    """Return text beside a head, its later lines below its first."""
    gap = " " * (len(head) + 2)
    lines = wrap(text, max(40, WIDTH - len(gap)), break_on_hyphens=False) or [""]
    for number, line in enumerate(lines):
        yield (f"{head}  {line}" if number == 0 else gap + line).rstrip()


def fitted(text: str, width: int | None) -> str:
    """Wrap the running lines of a text to a terminal, each below its own text; rows stay whole.

    A row of a table has two or more gaps of two or more spaces. Without a width nothing is wrapped.
    """
    if width is None:
        return text
    return "\n".join(_fitted(line, width) for line in text.split("\n"))


def _fitted(line: str, width: int) -> str:
    gaps = list(_GAP.finditer(line))
    if len(line) <= width or len(gaps) > 1:
        return line
    indent = gaps[0].end() if gaps else len(line) - len(line.lstrip()) + 2
    wrapped = wrap(
        line.lstrip(), width, initial_indent=line[: len(line) - len(line.lstrip())],
        subsequent_indent=" " * indent, break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
    return "\n".join(wrapped)


def paragraph(text: str, indent: int, later: int | None = None) -> list[str]:
    """Wrap text, its first line indented by `indent`, the others by `later`."""
    gap = " " * (indent if later is None else later)
    return wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=gap, break_on_hyphens=False
    )


def joined(blocks: Iterable[Sequence[str]]) -> str:
    """Put blocks together, a blank line between them; no text in them can steer a terminal."""
    return "\n\n".join("\n".join(terminal(line) for line in block) for block in blocks) + "\n"
