"""HiGHS in memory. Nothing outside `solvers` imports it."""

from __future__ import annotations

import math
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from placement.errors import SolverError
from placement.lp.exact_arrays import exact_ints
from placement.lp.program import Program
from placement.lp.scaling import Scaling, floats
from placement.solvers.highs_arrays import loaded, model_of
from placement.solvers.registry import HIGHS
from placement.solvers.solution import Outcome, Solution
from placement.solvers.solve_context import current_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from placement.lp.exact_arrays import Floats, Ints
    from placement.solvers.highs_arrays import Model
    from placement.solvers.highs_process import Looks

_TOLERANCE = 1e-9


class _Apart(threading.local):
    """For each thread, a thread beside it in which HiGHS runs.

    HiGHS sets its scheduler up once in each thread, for the number of threads of the first run
    there, and fails ever after where another number is asked for. So ours never runs where any
    other program's may, neither before nor after, and in a new thread for another number.
    """

    def __init__(self) -> None:
        self._of = (0, 0)
        self._thread: ThreadPoolExecutor | None = None

    def run(self, call: Callable[[], Any], threads: int) -> Future[Any]:
        """Begin a call in the thread for so many threads of HiGHS."""
        # Threads do not survive a fork.
        of = os.getpid(), threads
        if self._thread is None or self._of != of:
            self._thread, self._of = ThreadPoolExecutor(1, "highs"), of
            # Started now, since a Ctrl-C while it starts would make it two.
            self._thread.submit(int).result()
        return self._thread.submit(call)


_apart = _Apart()


def _answer(asked: Future[Any]) -> Any:
    """Return what a call answers. A Ctrl-C just before a wait does not end it: it is short."""
    while not asked.done():
        wait((asked,), timeout=0.1)
    return asked.result()


def quiet_highs() -> tuple[Any, Any]:
    """Return a HiGHS that prints nothing and obeys the effort of this run, and its module.

    1.16 prints before options can be set, and searches in parallel where it is not told otherwise.
    Where the run is asked to stop, it stops as if its time were over.
    """
    import highspy

    context = current_context()
    stop = context.stop

    class QuietHighs(highspy.Highs):  # type: ignore[misc]
        """HiGHS without its banner."""

        left = False

        def enableCallbacks(self) -> None:  # noqa: N802
            """Enable callbacks, as the constructor does, with the output off."""
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

        def run(self) -> Any:
            """Run; what a callback raises never gets through HiGHS, so it is raised here."""
            try:
                status = _answer(_apart.run(super().run, context.threads))
            except BaseException:
                # Whoever breaks in does so here. HiGHS ends first: what is asked of its thread
                # after it is done after it.
                self.left = True
                _apart.run(int, context.threads).result()
                raise
            if stop.aborted:
                raise KeyboardInterrupt
            return status

    def ask(event: Any) -> None:
        if stop.asked or highs.left:
            event.interrupt()

    highs = QuietHighs()
    highs.setOptionValue("threads", context.threads)
    highs.setOptionValue("parallel", "off" if context.threads == 1 else "choose")
    highs.setOptionValue("random_seed", context.seed)
    highs.cbSimplexInterrupt += ask
    highs.cbIpmInterrupt += ask
    highs.cbMipInterrupt += ask
    return highs, highspy


class Highs:
    """HiGHS, on a fresh model per call."""

    name = HIGHS

    def solve(
        self,
        program: Program,
        *,
        time_limit: float,
        gap: float,
        looks: Looks | None = None,
        start: Ints | None = None,
    ) -> Solution:
        """Solve with whole units, within the time limit and some looks; `start`: a known point."""
        session = HighsMip(program)
        return session.run(time_limit=time_limit, gap=gap, looks=looks, start=start)

    def relax(self, program: Program, *, time_limit: float = 1e9) -> Solution:
        """Solve without whole units: duals at the optimum, or a ray where it is infeasible."""
        return HighsLp(program).run(time_limit=time_limit)


class HighsMip:
    """A program in whole units, of which ends can be changed; each run starts anew."""

    def __init__(self, program: Program, *, free_upper: bool = False) -> None:
        """Take a program; `free_upper`: leave implied upper bounds out, so that rows speak."""
        self.image = Scaling.of(program)
        self._program, self._free_upper = program, free_upper
        self._ends: dict[int, tuple[int | None, int | None]] = {}

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row."""
        self._ends[row] = (low, high)

    def run(
        self,
        *,
        time_limit: float = 1e9,
        gap: float = 0.0,
        looks: Looks | None = None,
        start: Ints | None = None,
    ) -> Solution:
        """Solve from scratch, or from a known point, as far as so many looks get."""
        import numpy as np

        from placement.solvers.highs_process import search_apart

        program = self._program.with_ends(self._ends) if self._ends else self._program
        if not len(program.columns):
            return _without_columns(program)
        image = self.image
        factor = 2.0**-image.cost
        tell = current_context().better
        if looks is not None:
            looks = replace(looks, constant=float(program.constant) / factor)
        scales = -image.columns[program.integer]
        found = search_apart(
            model_of(program, image, whole=True, free_upper=self._free_upper),
            seconds=time_limit, gap=gap, tolerance=_TOLERANCE, looks=looks,
            start=None if start is None else floats(start[program.integer], scales),
            # To the digits that floats have.
            better=lambda objective: tell(round(objective * factor) + program.constant),
        )  # fmt: skip
        bound = None
        if found.bound is not None and math.isfinite(found.bound):
            bound = found.bound * factor
        answer = Solution(
            found.outcome, HIGHS, bound=bound, looks=found.looks, ended=found.ended
        )  # fmt: skip
        if found.x is None or found.objective is None:
            return answer
        x = np.ldexp(found.x, image.columns)
        return replace(answer, x=x, objective=found.objective * factor)


class HeldLp:
    """A model without whole units held in HiGHS, to be changed and solved again."""

    def __init__(self, model: Model) -> None:
        self.highs, self.api = quiet_highs()
        for option in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
            self.option(option, _TOLERANCE)
        self.require(self.highs.passModel(loaded(model, self.api)), "passModel")

    def set_ends(self, row: int, low: float, high: float) -> None:
        """Change the ends of a row, infinite where it has none."""
        self.require(self.highs.changeRowBounds(row, low, high), "changeRowBounds")

    def solve(self, seconds: float) -> Any:
        """Solve, from the last basis where there is one; return the status of HiGHS."""
        self.option("time_limit", float(self.highs.getRunTime() + seconds))
        self.require(self.highs.run(), "run")
        return self.highs.getModelStatus()

    def dual_ray(self) -> Floats | None:
        """Return a dual ray where it is infeasible, scaled to at most 1; None: there is none."""
        import numpy as np

        for presolve in (None, "off"):
            if presolve is not None:
                self.highs.setOptionValue("presolve", presolve)
                self.highs.clearSolver()
                self.highs.run()
            _, found, ray = self.highs.getDualRay()
            if found:
                array = np.array(ray)
                scaled: Floats = array / (np.abs(array).max(initial=0.0) or 1.0)
                return scaled
        return None

    def option(self, name: str, value: Any) -> None:
        """Set an option of HiGHS; SolverError where it refuses."""
        self.require(self.highs.setOptionValue(name, value), f"option {name}")

    def require(self, status: Any, what: str) -> None:
        """Refuse, as SolverError, what HiGHS says is an error."""
        if status == self.api.HighsStatus.kError:
            raise SolverError(f"HiGHS failed: {what}")


class HighsLp:
    """A program's relaxation, for changing ends and solving again from the last basis."""

    def __init__(self, program: Program, *, free_upper: bool = False) -> None:
        """Load a program; `free_upper`: leave implied upper bounds out, so that rows speak."""
        self.program = program
        self.image = Scaling.of(program)
        self._ends: dict[int, tuple[int | None, int | None]] = {}
        self._held = HeldLp(model_of(program, self.image, whole=False, free_upper=free_upper))

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row."""
        self._ends[row] = (low, high)
        scale = int(self.image.rows[row])
        self._held.set_ends(
            row,
            -math.inf if low is None else float(floats(exact_ints([low]), scale)[0]),
            math.inf if high is None else float(floats(exact_ints([high]), scale)[0]),
        )

    def run(self, *, time_limit: float = 1e9) -> Solution:
        """Solve, from the last basis where there is one."""
        held = self._held
        status = held.solve(time_limit)
        kinds = held.api.HighsModelStatus
        if status == kinds.kUnboundedOrInfeasible or status == kinds.kUnbounded:
            # Every column is bounded, so it can only be infeasible; let simplex say which.
            held.option("presolve", "off")
            held.require(held.highs.run(), "run")
            status = held.highs.getModelStatus()
        if status == kinds.kInfeasible:
            ray = held.dual_ray()
            return Solution(Outcome.INFEASIBLE, HIGHS, duals=() if ray is None else ray)
        if status == kinds.kModelEmpty:
            return _without_columns(self.program.with_ends(self._ends))
        outcome = Outcome.OPTIMAL if status == kinds.kOptimal else Outcome.STOPPED
        return self._solution(outcome)

    def _solution(self, outcome: Outcome) -> Solution:
        import numpy as np

        highs, image = self._held.highs, self.image
        info, answer = highs.getInfo(), highs.getSolution()
        factor = 2.0**-image.cost
        x: Floats | tuple[float, ...] = ()
        if answer.value_valid:
            x = np.ldexp(np.array(answer.col_value), image.columns)
        duals: Floats | tuple[float, ...] = ()
        if answer.dual_valid:
            duals = np.array(answer.row_dual)
        objective = info.objective_function_value * factor if len(x) else None
        return Solution(outcome, HIGHS, x, objective, objective, duals)


def _without_columns(program: Program) -> Solution:
    """Solve a program without columns, of whose rows HiGHS does not ask whether they allow 0."""
    import numpy as np

    broken = program.violations(np.zeros(0, dtype=np.int64))
    if not broken:
        return Solution(Outcome.OPTIMAL, HIGHS, (), 0.0, 0.0, ())
    ray = np.zeros(len(program.rows))
    row, over = broken[0]
    ray[row] = -1.0 if over > 0 else 1.0
    return Solution(Outcome.INFEASIBLE, HIGHS, duals=ray)
