"""HiGHS on whole units, in a process of its own that can be stopped.

How far it searches is counted in looks: it looks up at each round at the root of its search tree
and at each node, whatever the machine does beside. Its search keeps no time limit within a round,
and 1.16 does not end on some programs of a few dozen rows. So a process that is over its time is
killed, and one that has not looked up for very long ends itself; its best point so far is what it
found, and `ended` says so. One process is started when the first search asks, and serves all.
"""

from __future__ import annotations

import atexit
import math
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from placement.enums import Ended
from placement.errors import SolverError
from placement.solvers.highs_arrays import Model, loaded
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import SolveContext, current_context, solving_in

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Floats

_GRACE = 0.5
"""Seconds over its time after which the process is killed."""
_TICK = 0.05
_QUIET = 60.0
"""Seconds of computing, and some more for each column, in which HiGHS looks up if it ever does."""
_QUIET_A_COLUMN = 0.01
_FIRST_PART = 4


@dataclass(frozen=True, slots=True)
class Looks:
    """How far HiGHS searches: so many looks at most.

    `worth`: after a quarter of them it ends where the last half of those it made lowered the
    objective by less than this part of it; `constant` is what the model's objective leaves out.
    """

    most: int
    worth: float | None = None
    constant: float = 0.0


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
    looks: Looks | None
    quiet: float


@dataclass(frozen=True, slots=True)
class Found:
    """A point, None where there is none (yet), its objective, and the bound that HiGHS claims.

    `looks`: how far it searched. `ended`: why it ended before it had solved the model.
    """

    outcome: Outcome
    x: Floats | None = None
    objective: float | None = None
    bound: float | None = None
    looks: int = 0
    ended: Ended | None = None


def search_apart(
    model: Model,
    *,
    seconds: float,
    gap: float,
    tolerance: float,
    start: Floats | None = None,
    looks: Looks | None = None,
    better: Callable[[float], None] = lambda _: None,
) -> Found:
    """Solve a model in whole units within some looks; seconds, and the wish to stop, end it, too.

    `better` hears of the objective of every better point.
    """
    current = current_context()
    quiet = _QUIET + _QUIET_A_COLUMN * len(model.cost)
    asked = Asked(
        model, seconds, gap, tolerance, start, current.threads, current.seed, looks, quiet
    )
    process = _process()
    try:
        process.ask(asked)
        return _heard(process, time.monotonic() + seconds + _GRACE, better)
    except BaseException:
        # What it still says would be taken for the answer to the next search.
        process.end()
        raise


def _heard(process: _Process, until: float, better: Callable[[float], None]) -> Found:
    stop, best = current_context().stop, Found(Outcome.STOPPED)
    while True:
        told = process.hear(_TICK)
        if told is not None and told.outcome is not Outcome.STOPPED:
            return told if told.x is not None or best.x is None else best
        if told is not None and told.x is None:
            if told.ended is Ended.LOST:
                process.end()
            return replace(best, bound=told.bound, looks=told.looks, ended=told.ended)
        if told is not None:
            best = told
            if told.objective is not None:
                better(told.objective)
        if stop.aborted:
            raise KeyboardInterrupt
        if stop.asked or time.monotonic() >= until:
            process.end()
            return replace(best, ended=Ended.ASKED if stop.asked else Ended.TIME)


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
        """Return what it says next; None: nothing so far."""
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
    """Return the process of this thread, started if need be."""
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
    told = _Told(os.fdopen(os.dup(1), "wb"))
    # What HiGHS prints is not ours to read.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    import highspy  # noqa: F401 - before it says that it is ready

    told.say(Found(Outcome.STOPPED))
    threading.Thread(target=told.watch, daemon=True).start()
    while True:
        try:
            asked = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        with solving_in(SolveContext(threads=asked.threads, seed=asked.seed)):
            _answer(asked, told)


def _watch(parent: int) -> None:
    """End with the process that started us, whatever HiGHS does."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


class _Told:
    """What is told to the one who asked; and the looks of HiGHS, without which it is lost.

    That it is lost is seen by the computing it did since, not by the time: the same on a busy
    machine.
    """

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers, self._lock = answers, threading.Lock()
        self._quiet: float | None = None
        self._last = 0.0
        self.looks: list[float] = []

    def say(self, found: Found) -> None:
        with self._lock:
            pickle.dump(found, self._answers, protocol=pickle.HIGHEST_PROTOCOL)
            self._answers.flush()

    def begin(self, quiet: float) -> None:
        self.looks, self._quiet, self._last = [], quiet, time.process_time()

    def end(self) -> None:
        self._quiet = None

    def look(self, objective: float) -> None:
        self.looks.append(objective)
        self._last = time.process_time()

    def watch(self) -> None:
        """End the process where HiGHS has not looked up for long."""
        while True:
            time.sleep(_TICK)
            if self._quiet is not None and time.process_time() - self._last > self._quiet:
                self.say(Found(Outcome.STOPPED, looks=len(self.looks), ended=Ended.LOST))
                os._exit(0)


def _why_over(asked: Looks, objectives: list[float]) -> Ended | None:
    """Tell why a search ends after some looks, at each of which its best point had an objective."""
    count, best = len(objectives), objectives[-1]
    if count >= asked.most:
        return Ended.EFFORT
    before = objectives[count // 2]
    if asked.worth is None or count < asked.most // _FIRST_PART or math.isinf(before):
        return None
    return Ended.NO_BETTER if before - best < asked.worth * abs(best + asked.constant) else None


def _answer(asked: Asked, told: _Told) -> None:
    """Search, and tell every better point and, last, how it ended."""
    import numpy as np

    from placement.solvers.highs import quiet_highs

    highs, api = quiet_highs()
    ended: Ended | None = None

    def improving(event: Any) -> None:
        point = np.array(event.data_out.mip_solution)
        told.say(Found(Outcome.STOPPED, point, event.data_out.objective_function_value))

    def looking(event: Any) -> None:
        nonlocal ended
        told.look(event.data_out.mip_primal_bound)
        if asked.looks is not None:
            ended = _why_over(asked.looks, told.looks)
            if ended is not None:
                event.interrupt()

    _load(highs, api, asked)
    highs.cbMipImprovingSolution += improving
    highs.cbMipInterrupt += looking
    kinds = api.HighsModelStatus
    told.begin(asked.quiet)
    try:
        highs.run()
        status = highs.getModelStatus()
        if status in (kinds.kUnboundedOrInfeasible, kinds.kUnbounded):
            # Every column is bounded, so it can only be infeasible; let simplex say which.
            highs.setOptionValue("presolve", "off")
            highs.run()
            status = highs.getModelStatus()
    finally:
        told.end()
    looks = len(told.looks)
    if status == kinds.kModelEmpty:
        told.say(Found(Outcome.OPTIMAL, np.zeros(0), 0.0, 0.0))
    elif status == kinds.kInfeasible:
        told.say(Found(Outcome.INFEASIBLE, looks=looks))
    else:
        best = _best(highs, asked.model, is_optimal=status == kinds.kOptimal)
        if best.outcome is Outcome.OPTIMAL:
            told.say(replace(best, looks=looks))
            return
        if best.x is not None:
            told.say(replace(best, bound=None))
        ended = Ended.TIME if status == kinds.kTimeLimit else ended
        told.say(Found(Outcome.STOPPED, bound=best.bound, looks=looks, ended=ended))


def _load(highs: Any, api: Any, asked: Asked) -> None:
    """Give HiGHS the model, the point to begin from, and how near and how long to search."""
    import numpy as np

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


def _best(highs: Any, model: Model, *, is_optimal: bool) -> Found:
    """Return the best point of a search and its bound; optimal where there is one and it is."""
    import numpy as np

    info = highs.getInfo()
    objective, bound = info.objective_function_value, info.mip_dual_bound
    if not model.whole.any():
        # Of a linear program HiGHS gives no such bound.
        bound = objective if is_optimal else None
    if info.primal_solution_status != 2:
        return Found(Outcome.STOPPED, bound=bound)
    outcome = Outcome.OPTIMAL if is_optimal else Outcome.STOPPED
    return Found(outcome, np.array(highs.getSolution().col_value), objective, bound)
