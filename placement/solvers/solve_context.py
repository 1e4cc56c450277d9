"""What every solver of a run obeys: threads, seed, and whether someone asked it to end.

It is set once for a run (`with solving_in(context)`) and every solver that is started in it obeys:
what one asks at the top holds for the solvers of every step, and no step can forget to hand it on.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import FrameType

from placement.errors import Fault, UsageError

MOST_THREADS = 1024
MOST_SEED = 2**31 - 1


class Stop:
    """Whether someone asked the search to end with the best plan so far, or to end at once."""

    def __init__(self) -> None:
        self.asked = self.aborted = False

    @contextmanager
    def on_interrupt(self) -> Iterator[None]:
        """Take the first Ctrl-C as the wish to end, the second one as KeyboardInterrupt.

        Only the main thread hears of signals; elsewhere nothing changes, nor where Ctrl-C is
        ignored from the start (a script's background job: it is meant for what runs in front).
        """
        before = signal.getsignal(signal.SIGINT)
        main = threading.current_thread() is threading.main_thread()
        if not main or before is signal.SIG_IGN:
            yield
            return
        signal.signal(signal.SIGINT, self._heard)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            self.aborted = True
            raise KeyboardInterrupt
        self.asked = True


@dataclass(frozen=True, slots=True)
class SolveContext:
    """Threads and seed of every solver that takes them, and who may stop them.

    `better` hears of the value of every better plan, in the objective's own units.
    """

    threads: int = 1
    seed: int = 0
    stop: Stop = field(default_factory=Stop)
    better: Callable[[int], None] = lambda _: None


_NOBODY = SolveContext()
_current: ContextVar[SolveContext] = ContextVar("solve_context", default=_NOBODY)


def current_context() -> SolveContext:
    """Return the context of the run that we are in."""
    return _current.get()


@contextmanager
def solving_in(given: SolveContext) -> Iterator[SolveContext]:
    """Set the context of everything that runs inside."""
    token = _current.set(given)
    try:
        yield given
    finally:
        _current.reset(token)


def check_effort(threads: object, seed: object) -> None:
    """Refuse numbers of threads and seeds that no solver takes; UsageError with each."""
    given = (("threads", threads, 1, MOST_THREADS), ("seed", seed, 0, MOST_SEED))
    faults = [
        Fault("is no whole number in range", f"write one from {low} to {high}", None, None, name,
              str(value))
        for name, value, low, high in given
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high
    ]  # fmt: skip
    if faults:
        raise UsageError(faults)
