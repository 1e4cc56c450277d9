"""The first screens as pictures: `python -m tests.support.screens docs/pictures`.

What the command prints in colour, drawn as SVG; no font and no other file is loaded from anywhere.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.support.paths import ROOT

DAY = "2026-12-01"
COMMANDS = {
    "check": ["check", "inputs/example/inventory.csv", "--today", DAY],
    "optimize": ["optimize", "inputs/example"],
}
_WIDTH = 112
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def on_a_terminal(words: list[str], width: int = _WIDTH, **env: str) -> str:
    """Return what a command prints on a terminal of some columns."""
    ours, theirs = os.openpty()
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "placement", *words],
        cwd=ROOT,
        env={**plain, "COLUMNS": str(width), "TERM": "xterm", **env},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    text = b""
    with suppress(OSError):  # so a terminal says that its other end is closed
        while chunk := os.read(ours, 65536):
            text += chunk
    os.close(ours)
    process.wait()
    return text.decode().replace("\r\n", "\n")


def printed(name: str) -> str:
    """Return what a command of a picture prints."""
    with tempfile.TemporaryDirectory() as folder:
        out = ["--out", folder] if name == "optimize" else []
        text = on_a_terminal([*COMMANDS[name], *out])
        return text.replace(f"written to {folder}", "written to plan")


def drawn(name: str, text: str) -> str:
    """Return the picture of a terminal with a command and what it printed."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    shown = Text.from_ansi(text)
    shown.no_wrap, shown.overflow = True, "ellipsis"
    console.print(shown)
    title = f"placement {' '.join(COMMANDS[name])}"
    return console.export_svg(
        title=title, theme=MONOKAI, code_format=_FORMAT, unique_id=f"placement-{name}"
    )


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in COMMANDS:
        (folder / f"{name}.svg").write_text(drawn(name, printed(name)), "utf-8")


if __name__ == "__main__":
    main()
