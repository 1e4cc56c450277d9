"""HiGHS in memory, and the choice of a solver by name. Nothing outside `solvers*` imports one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from placement.errors import SolverError
from placement.planner.effort import effort
from placement.planner.numbers import ints
from placement.planner.program import Program
from placement.planner.solution import Image, Outcome, Solution, floats

if TYPE_CHECKING:
    from placement.planner.hook import Hook
    from placement.planner.numbers import Floats, Ints

HIGHS = "highs"


class Solver(Protocol):
    """Anything that solves a program with whole units."""

    name: str

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        """Solve with whole units; seconds, and the relative gap at which it may stop."""
        ...


class Relaxer(Solver, Protocol):
    """A solver that solves without whole units, too."""

    def relax(self, program: Program, *, time_limit: float = 1e9) -> Solution:
        """Solve without whole units."""
        ...


@runtime_checkable
class Extended(Protocol):
    """A solver of more than the program: of what a hook adds, too."""

    hook: Hook
    added: int

    def broken(self, x: Ints) -> list[str]:
        """Give the names of the added constraints that a point breaks."""
        ...


class Relaxation(Protocol):
    """A relaxed program that is held, changed, and solved again."""

    image: Image

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row."""
        ...

    def run(self, *, time_limit: float = 1e9) -> Solution:
        """Solve, from the last basis where there is one."""
        ...


def solver_named(name: str, hook: Hook | None = None) -> Relaxer:
    """Give HiGHS, or any solver that PuLP finds here; SolverError names those there are.

    With a hook it solves the program with the constraints that the hook adds, through PuLP.
    """
    if name.casefold() == HIGHS and hook is None:
        return Highs()
    from placement.planner.solvers_pulp import Hooked, pulp_solver

    found = pulp_solver(name)
    return found if hook is None else Hooked(found, hook)


_scheduled = [1]
"""The threads for which HiGHS set its scheduler up, which is one for the whole process."""


def quiet_highs() -> tuple[Any, Any]:
    """Give a HiGHS that prints nothing and obeys the effort of this run, and its module.

    1.16 prints before options can be set. Where the run is asked to stop, it stops as if its time
    were over.
    """
    import highspy

    trying = effort()
    stop = trying.stop

    class QuietHighs(highspy.Highs):  # type: ignore[misc]
        """HiGHS without its banner."""

        def enableCallbacks(self) -> None:  # noqa: N802
            """Enable callbacks, as the constructor does, with the output off."""
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

        def run(self) -> Any:
            """Run; what a callback raises never gets through HiGHS, so it is raised here."""
            status = super().run()
            if stop.aborted:
                raise KeyboardInterrupt
            return status

    def ask(event: Any) -> None:
        if stop.asked:
            event.interrupt()

    highs = QuietHighs()
    if _scheduled[0] != trying.threads:
        highspy.Highs.resetGlobalScheduler(True)
        _scheduled[0] = trying.threads
    highs.setOptionValue("threads", trying.threads)
    highs.setOptionValue("random_seed", trying.seed)
    highs.cbSimplexInterrupt += ask
    highs.cbIpmInterrupt += ask
    highs.cbMipInterrupt += ask
    return highs, highspy


class Highs:
    """HiGHS, on a fresh model per call."""

    name = HIGHS

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        """Solve with whole units."""
        session = Session(program, integers=True)
        session.tell(effort().better)
        return session.run(time_limit=time_limit, gap=gap)

    def relax(self, program: Program, *, time_limit: float = 1e9) -> Solution:
        """Solve without whole units: duals at the optimum, or a ray where it is infeasible."""
        return Session(program).run(time_limit=time_limit)


class Session:
    """One model held in HiGHS, for changing ends and solving again from the last basis."""

    def __init__(
        self, program: Program, *, integers: bool = False, free_upper: bool = False
    ) -> None:
        """Load a program; `free_upper`: leave implied upper bounds out, so that rows speak."""
        self.program = program
        self.image = Image.of(program)
        self._integers = integers
        self._highs, self._api = quiet_highs()
        for option, value in (
            ("primal_feasibility_tolerance", 1e-9),
            ("dual_feasibility_tolerance", 1e-9),
            ("mip_feasibility_tolerance", 1e-9),
        ):
            self._option(option, value)
        self._require(self._highs.passModel(self._model(free_upper)), "passModel")

    def tell(self, better: Callable[[int], None]) -> None:
        """Let someone hear of the value of every better point, to the digits that floats have."""
        factor = 2.0**-self.image.cost

        def improving(event: Any) -> None:
            better(round(event.data_out.objective_function_value * factor) + self.program.constant)

        self._highs.cbMipImprovingSolution += improving

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row."""
        scale, infinity = int(self.image.rows[row]), self._api.kHighsInf
        ends = (
            -infinity if low is None else float(floats(ints([low]), scale)[0]),
            infinity if high is None else float(floats(ints([high]), scale)[0]),
        )
        self._require(self._highs.changeRowBounds(row, *ends), "changeRowBounds")

    def set_objective(self, objective: Mapping[int, int]) -> None:
        """Replace the objective (unscaled: keep coefficients moderate)."""
        import numpy as np

        count = len(self.program.columns)
        cost = floats(
            self.program.with_objective(objective).objective, self.image.columns + self.image.cost
        )
        self._require(
            self._highs.changeColsCost(count, np.arange(count, dtype=np.int32), cost),
            "changeColsCost",
        )

    def run(self, *, time_limit: float = 1e9, gap: float = 0.0) -> Solution:
        """Solve, from the last basis where there is one."""
        self._option("time_limit", float(self._highs.getRunTime() + time_limit))
        self._option("mip_rel_gap", gap)
        self._option("mip_abs_gap", 0.0)
        self._require(self._highs.run(), "run")
        status = self._highs.getModelStatus()
        kinds = self._api.HighsModelStatus
        if status == kinds.kUnboundedOrInfeasible or status == kinds.kUnbounded:
            # Every column is bounded, so it can only be infeasible; let simplex say which.
            self._option("presolve", "off")
            self._require(self._highs.run(), "run")
            status = self._highs.getModelStatus()
        if status == kinds.kInfeasible:
            return Solution(Outcome.INFEASIBLE, HIGHS, duals=() if self._integers else self._ray())
        if status == kinds.kModelEmpty:
            return Solution(Outcome.OPTIMAL, HIGHS, (), 0.0, 0.0, ())
        outcome = Outcome.OPTIMAL if status == kinds.kOptimal else Outcome.STOPPED
        return self._solution(outcome)

    def _solution(self, outcome: Outcome) -> Solution:
        import numpy as np

        info, answer = self._highs.getInfo(), self._highs.getSolution()
        image = self.image
        factor = 2.0**-image.cost
        x: Floats | tuple[float, ...] = ()
        if answer.value_valid:
            x = np.ldexp(np.array(answer.col_value), image.columns)
        duals: Floats | tuple[float, ...] = ()
        if not self._integers and answer.dual_valid:
            duals = np.array(answer.row_dual)
        objective = info.objective_function_value * factor if len(x) else None
        bound = info.mip_dual_bound * factor if self._integers else objective
        return Solution(outcome, HIGHS, x, objective, bound, duals)

    def _ray(self) -> Floats | tuple[float, ...]:
        """Give a dual ray of an infeasible LP, scaled to at most 1; empty where there is none."""
        import numpy as np

        for presolve in (None, "off"):
            if presolve is not None:
                self._option("presolve", presolve)
                self._highs.clearSolver()
                self._highs.run()
            _, found, ray = self._highs.getDualRay()
            if found:
                array = np.array(ray)
                return array / (np.abs(array).max(initial=0.0) or 1.0)
        return ()

    def _model(self, free_upper: bool) -> Any:
        import numpy as np

        highspy, program, image = self._api, self.program, self.image
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(program.columns), len(program.rows)
        model.col_cost_ = floats(program.objective, image.columns + image.cost)
        model.col_lower_ = floats(program.lower, -image.columns)
        upper = floats(program.upper, -image.columns)
        # A dual on the bound of a column that follows from others would be lost to the proof.
        free = program.implied if free_upper else ~(program.decides | self._integers)
        model.col_upper_ = np.where(free, np.inf, upper)
        low, high = floats(program.row_lower, image.rows), floats(program.row_upper, image.rows)
        model.row_lower_ = np.where(program.has_lower, low, -np.inf)
        model.row_upper_ = np.where(program.has_upper, high, np.inf)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = program.starts.astype(np.int32)
        model.a_matrix_.index_ = program.indices.astype(np.int32)
        scales = image.rows[program.row_of] + image.columns[program.indices]
        model.a_matrix_.value_ = floats(program.values, scales)
        if self._integers:
            kinds = highspy.HighsVarType
            model.integrality_ = [
                kinds.kInteger if whole else kinds.kContinuous for whole in program.integer
            ]
        return model

    def _option(self, name: str, value: Any) -> None:
        self._require(self._highs.setOptionValue(name, value), f"option {name}")

    def _require(self, status: Any, what: str) -> None:
        if status == self._api.HighsStatus.kError:
            raise SolverError(f"HiGHS failed: {what}")
