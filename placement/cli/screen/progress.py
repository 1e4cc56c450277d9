"""How the search stands, on one line of a terminal; nothing where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

    from placement.optimization.progress import Progress, ProgressEvent


@contextmanager
def shown_on(stream: IO[str]) -> Iterator[Progress | None]:
    """Return what hears of the search's progress and draws it, None where nobody would see it."""
    if not stream.isatty():
        yield None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    spinner = Spinner("line")
    line = _Line()

    def drawn() -> Spinner:
        spinner.update(text=line.text())
        return spinner

    console = Console(file=stream)
    with Live(get_renderable=drawn, console=console, transient=True, refresh_per_second=5):
        yield line


class _Line:
    """What is shown: phase, seconds, objective, bound, best plan, gap."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._moment: ProgressEvent | None = None

    def __call__(self, moment: ProgressEvent) -> None:
        self._moment = moment

    def text(self) -> Text:
        from rich.text import Text

        seconds = time.monotonic() - self._began
        said = said_of(self._moment) if self._moment is not None else ""
        return Text(f"{said}  {seconds:.0f} s", no_wrap=True, overflow="ellipsis")


def said_of(moment: ProgressEvent) -> str:
    """Return one line: `whole  cost: bound 1,000, best 1,010 USD, gap 0.99 %`."""
    from placement.render.formats.escape import terminal
    from placement.text.decimals import floor_text

    parts = [
        f"{name} {_amount(value)}"
        for name, value in (("bound", moment.bound), ("best", moment.best))
        if value is not None
    ]
    if parts:
        parts[-1] += f" {terminal(moment.unit)}"
    if moment.gap is not None:
        parts.append(f"gap {floor_text(moment.gap * 100, 4)} %")
    what = f"  {moment.objective}: {', '.join(parts)}" if parts else ""
    return f"{moment.phase}{what}"


def _amount(value: Fraction) -> str:
    from placement.text.decimals import floor_text, grouped

    return grouped(floor_text(value, 0 if abs(value) >= 1000 else 2))
