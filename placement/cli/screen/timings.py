"""How long each phase of a run took, on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from placement.cli.streams import say


class Timings:
    """Seconds by phase, from the start of the command line on; told only where asked for."""

    def __init__(self, *, asked: bool) -> None:
        from placement.cli.main import STARTED

        self._asked = asked
        self._since = STARTED
        self._seconds: dict[str, float] = {"start": perf_counter() - STARTED}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time that is spent inside."""
        began = perf_counter()
        try:
            yield
        finally:
            spent = perf_counter() - began
            self._seconds[name] = self._seconds.get(name, 0.0) + spent

    def tell(self) -> None:
        """Say all phases in one line, if asked to."""
        if self._asked:
            parts = [f"{name} {seconds:.3f}" for name, seconds in self._seconds.items()]
            whole = perf_counter() - self._since
            say(f"seconds: {', '.join(parts)}; {whole:.3f} in all")
