"""Seconds by phase, and how the search stands: what a progress display shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placement.lp.aim import Aim


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """How a search stands at one moment; `bound` and `best` are in `unit`, None: not known yet.

    They only show how far it is; what is proven stands in the report.
    """

    phase: str
    objective: str = ""
    unit: str = ""
    bound: Fraction | None = None
    best: Fraction | None = None

    @property
    def gap(self) -> Fraction | None:
        """How far the best plan is from the bound, relative to it."""
        if self.bound is None or not self.best:
            return None
        return abs(self.best - self.bound) / abs(self.best)


Progress = Callable[[ProgressEvent], None]


@dataclass
class ProgressTracker:
    """Seconds by phase; `progress` hears of each phase as it begins, and of every better plan."""

    progress: Progress | None = None
    started: float = field(default_factory=time.monotonic)
    timings: dict[str, float] = field(default_factory=dict)
    _now: ProgressEvent = field(default_factory=lambda: ProgressEvent(""))
    _scale: int = 1

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        self._tell(replace(self._now, phase=name))
        begun = time.monotonic()
        try:
            yield
        finally:
            self.timings[name] = self.timings.get(name, 0.0) + time.monotonic() - begun

    def aims_at(self, aim: Aim) -> None:
        """Begin with an objective."""
        self._scale = aim.unit
        self._tell(ProgressEvent(self._now.phase, aim.name, aim.measured_in))

    def none_below(self, bound: Fraction) -> None:
        """Take a bound, in the objective's own units."""
        self._tell(replace(self._now, bound=bound / self._scale))

    def better(self, value: int) -> None:
        """Take the value of a better plan, in the objective's own units."""
        if not self._now.objective:
            return
        best = Fraction(value, self._scale)
        if self._now.best is None or (best - self._now.best) * self._scale < 0:
            self._tell(replace(self._now, best=best))

    def rounded(self) -> dict[str, float]:
        """Return the timings to the millisecond, with the total."""
        total = time.monotonic() - self.started
        return {name: round(s, 3) for name, s in {**self.timings, "total": total}.items()}

    def _tell(self, now: ProgressEvent) -> None:
        self._now = now
        if self.progress is not None:
            self.progress(now)
