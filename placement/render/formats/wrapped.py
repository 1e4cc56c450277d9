"""Lines of running text for a terminal, wrapped, and blocks of them, made harmless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from placement.render.formats.escape import terminal

WIDTH = 100


def hanging(head: str, text: str) -> Iterator[str]:
    """Return text beside a head, its later lines below its first."""
    gap = " " * (len(head) + 2)
    lines = wrap(text, max(40, WIDTH - len(gap)), break_on_hyphens=False) or [""]
    for number, line in enumerate(lines):
        yield (f"{head}  {line}" if number == 0 else gap + line).rstrip()


def paragraph(text: str, indent: int, later: int | None = None) -> list[str]:
    """Wrap text, its first line indented by `indent`, the others by `later`."""
    gap = " " * (indent if later is None else later)
    return wrap(
        text, WIDTH, initial_indent=" " * indent, subsequent_indent=gap, break_on_hyphens=False
    )


def joined(blocks: Iterable[Sequence[str]]) -> str:
    """Put blocks together, a blank line between them; no text in them can steer a terminal."""
    return "\n\n".join("\n".join(terminal(line) for line in block) for block in blocks) + "\n"
