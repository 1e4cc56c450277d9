"""HiGHS on whole units, in a process of its own that can be stopped.

Its search in whole units keeps no time limit within a separation round, and 1.16 does not end on
some programs of a few dozen rows. A process that is over its time is killed, and its best point so
far is what it found. One process is started when the first search asks, and serves all of them.
"""

from __future__ import annotations

import atexit
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from placement.errors import SolverError
from placement.planner.effort import Effort, effort, trying
from placement.planner.model import Model, loaded
from placement.planner.solution import Outcome

if TYPE_CHECKING:
    from placement.planner.numbers import Floats

_GRACE = 0.5
"""Seconds over its time after which the process is killed."""
_TICK = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the process: `gap` relative, `start` values of the whole columns."""

    model: Model
    seconds: float
    gap: float
    tolerance: float
    start: Floats | None
    threads: int
    seed: int


@dataclass(frozen=True, slots=True)
class Found:
    """A point, None where there is none (yet), its objective, and the bound that HiGHS claims."""

    outcome: Outcome
    x: Floats | None = None
    objective: float | None = None
    bound: float | None = None


def search_apart(
    model: Model,
    *,
    seconds: float,
    gap: float,
    tolerance: float,
    start: Floats | None = None,
    better: Callable[[float], None] = lambda _: None,
) -> Found:
    """Solve a model in whole units within some seconds, or until the run is asked to stop.

    `better` hears of the objective of every better point.
    """
    current = effort()
    asked = Asked(model, seconds, gap, tolerance, start, current.threads, current.seed)
    process = _process()
    try:
        process.ask(asked)
        return _heard(process, time.monotonic() + seconds + _GRACE, better)
    except BaseException:
        # What it still says would be taken for the answer to the next search.
        process.end()
        raise


def _heard(process: _Process, until: float, better: Callable[[float], None]) -> Found:
    stop, best = effort().stop, Found(Outcome.STOPPED)
    while True:
        told = process.hear(_TICK)
        if told is not None and told.outcome is not Outcome.STOPPED:
            return told if told.x is not None or best.x is None else best
        if told is not None and told.x is None:
            return best
        if told is not None:
            best = told
            if told.objective is not None:
                better(told.objective)
        if stop.aborted:
            raise KeyboardInterrupt
        if stop.asked or time.monotonic() >= until:
            process.end()
            return best


class _Process:
    """The process, and a thread that takes what it says."""

    def __init__(self) -> None:
        path = os.pathsep.join(part or os.getcwd() for part in sys.path)
        self._child = subprocess.Popen(
            # -P: nothing that lies beside the user's data is imported.
            [sys.executable, "-P", "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._said: queue.SimpleQueue[Found | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._take, daemon=True)
        self._listener.start()
        # Its start is no time of a search.
        while self.hear(_TICK) is None:
            pass

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    def ask(self, asked: Asked) -> None:
        if self._child.stdin is None:
            raise AssertionError("the process was started with a pipe")
        try:
            pickle.dump(asked, self._child.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            self._child.stdin.flush()
        except OSError as error:
            self.end()
            raise SolverError(f"HiGHS does not answer: {error}") from error

    def hear(self, seconds: float) -> Found | None:
        """Give what it says next; None: nothing so far."""
        try:
            found = self._said.get(timeout=seconds)
        except queue.Empty:
            return None
        if found is None:
            self.end()
            raise SolverError("HiGHS ended unexpectedly; is there memory left?")
        return found

    def end(self) -> None:
        self._child.kill()
        self._child.wait()
        self._listener.join()
        for pipe in (self._child.stdin, self._child.stdout):
            # What was not yet written has nobody to read it.
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _take(self) -> None:
        if self._child.stdout is None:
            raise AssertionError("the process was started with a pipe")
        try:
            while True:
                self._said.put(pickle.load(self._child.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            self._said.put(None)


#: One for each thread, since each asks and hears by itself.
_running: dict[int, _Process] = {}

if hasattr(os, "register_at_fork"):
    # A forked child has none: those are its parent's, and would answer to both.
    os.register_at_fork(after_in_child=_running.clear)


def _process() -> _Process:
    """Give the process of this thread, started if need be."""
    thread = threading.get_ident()
    if thread in _running and _running[thread].is_running:
        return _running[thread]
    if not _running:
        atexit.register(_end)
    if thread in _running:
        _running[thread].end()
    _running[thread] = _Process()
    return _running[thread]


def _end() -> None:
    for process in _running.values():
        process.end()


def main() -> None:
    """Answer searches from the standard input until it ends."""
    threading.Thread(target=_watch, args=[os.getppid()], daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    # What HiGHS prints is not ours to read.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    import highspy  # noqa: F401 - before it says that it is ready

    _say(answers, Found(Outcome.STOPPED))
    while True:
        try:
            asked = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        with trying(Effort(threads=asked.threads, seed=asked.seed)):
            _answer(asked, answers)


def _say(answers: IO[bytes], found: Found) -> None:
    pickle.dump(found, answers, protocol=pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _watch(parent: int) -> None:
    """End with the process that started us, whatever HiGHS does."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _answer(asked: Asked, answers: IO[bytes]) -> None:
    import numpy as np

    from placement.planner.solvers import quiet_highs

    highs, api = quiet_highs()

    def say(found: Found) -> None:
        _say(answers, found)

    def improving(event: Any) -> None:
        point = np.array(event.data_out.mip_solution)
        say(Found(Outcome.STOPPED, point, event.data_out.objective_function_value))

    for option, value in (
        ("primal_feasibility_tolerance", asked.tolerance),
        ("dual_feasibility_tolerance", asked.tolerance),
        ("mip_feasibility_tolerance", asked.tolerance),
        ("mip_rel_gap", asked.gap),
        ("mip_abs_gap", 0.0),
        ("time_limit", asked.seconds),
    ):
        highs.setOptionValue(option, value)
    highs.passModel(loaded(asked.model, api))
    if asked.start is not None:
        at = np.flatnonzero(asked.model.whole).astype(np.int32)
        highs.setSolution(len(at), at, asked.start)
    highs.cbMipImprovingSolution += improving
    kinds = api.HighsModelStatus
    highs.run()
    status = highs.getModelStatus()
    if status in (kinds.kUnboundedOrInfeasible, kinds.kUnbounded):
        # Every column is bounded, so it can only be infeasible; let simplex say which.
        highs.setOptionValue("presolve", "off")
        highs.run()
        status = highs.getModelStatus()
    if status == kinds.kModelEmpty:
        say(Found(Outcome.OPTIMAL, np.zeros(0), 0.0, 0.0))
        return
    if status == kinds.kInfeasible:
        say(Found(Outcome.INFEASIBLE))
        return
    info, answer = highs.getInfo(), highs.getSolution()
    x = np.array(answer.col_value) if info.primal_solution_status == 2 else None
    objective = info.objective_function_value
    bound = info.mip_dual_bound
    if not asked.model.whole.any():
        # Of a linear program HiGHS gives no such bound.
        bound = objective if status == kinds.kOptimal else None
    if status == kinds.kOptimal and x is not None:
        say(Found(Outcome.OPTIMAL, x, objective, bound))
        return
    if x is not None:
        say(Found(Outcome.STOPPED, x, objective, bound))
    say(Found(Outcome.STOPPED))
