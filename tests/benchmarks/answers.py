"""What a tool says of a program, and how a run is told: the records of the solver benchmarks."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import NamedTuple

from tests.benchmarks.tree import cpu_seconds

OPTIMAL, STOPPED, SKIPPED, KILLED = "optimal", "stopped", "skipped", "killed"


class Lap(NamedTuple):
    """Seconds by the clock, and of CPU by this process and all that it started.

    Others may use the machine: the second carries over, where one thread is used.
    """

    wall: float = 0.0
    cpu: float = 0.0


NO_TIME = Lap()


@dataclass(frozen=True, slots=True)
class Answer:
    """Time to build the model and to solve it; objective and proven bound in USD.

    `status` is OPTIMAL only where the tool says so of the whole program (with whole units: where
    the gap is closed), STOPPED at a limit. The objective is None where no feasible point is known.
    """

    status: str
    build: Lap
    solve: Lap
    objective: float | None
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        """Objective less bound, relative to the objective."""
        if self.objective is None or self.bound is None:
            return None
        return (self.objective - self.bound) / abs(self.objective)


@dataclass(frozen=True, slots=True)
class Record:
    """A run of a tool in a process of its own.

    `cells` sites x models x periods, `size` columns, rows, nonzeros of the plain program (0 where
    the tool writes its own), `written` the time from the CSV files to arrays, `peak` resident MB of
    the process and its children, `note` why it did not run. `lp` what the linear program took
    and `plans` each better plan in whole units, where the tool says so: seconds by the clock since
    its linear program was solved, and the gap.
    """

    tool: str
    instance: str
    cells: int
    answer: Answer
    written: Lap = NO_TIME
    size: tuple[int, int, int] = (0, 0, 0)
    peak: float = 0.0
    note: str = ""
    lp: Lap = NO_TIME
    plans: tuple[tuple[float, float], ...] = ()

    def text(self) -> str:
        """Write it as a line of JSON."""
        return json.dumps(asdict(self))

    @staticmethod
    def parse(line: str) -> Record:
        """Read such a line."""
        found = json.loads(line)
        answer = found.pop("answer")
        columns, rows, nonzeros = found.pop("size")
        answer["build"], answer["solve"] = Lap(*answer["build"]), Lap(*answer["solve"])
        found["answer"], found["written"] = Answer(**answer), Lap(*found["written"])
        found["lp"] = Lap(*found.get("lp", NO_TIME))
        found["plans"] = tuple((seconds, gap) for seconds, gap in found.get("plans", ()))
        return Record(**found, size=(columns, rows, nonzeros))


def unrun(status: str, spent: Lap = NO_TIME) -> Answer:
    """Return the answer of a run that gave none."""
    return Answer(status, NO_TIME, spent, None)


class ProgressTracker:
    """Time since it was made, or since it was last asked."""

    def __init__(self) -> None:
        self._last = self._now()

    def lap(self) -> Lap:
        """Return the time since the last call."""
        last, self._last = self._last, self._now()
        return Lap(self._last.wall - last.wall, self._last.cpu - last.cpu)

    def _now(self) -> Lap:
        return Lap(time.perf_counter(), cpu_seconds())
