"""HiGHS in memory, and the choice of a solver by name. Nothing outside `solvers*` imports one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from placement.errors import SolverError
from placement.planner.program import Program
from placement.planner.solution import Image, Outcome, Solution

HIGHS = "highs"


class Solver(Protocol):
    """Anything that solves a program with whole units."""

    name: str

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        """Solve with whole units; seconds, and the relative gap at which it may stop."""
        ...


def solver_named(name: str) -> Solver:
    """Give HiGHS, or any solver that PuLP finds here; SolverError names those there are."""
    if name.casefold() == HIGHS:
        return Highs()
    from placement.planner.solvers_pulp import pulp_solver

    return pulp_solver(name)


class Highs:
    """HiGHS, on a fresh model per call."""

    name = HIGHS

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        """Solve with whole units."""
        return Session(program, integers=True).run(time_limit=time_limit, gap=gap)

    def relax(self, program: Program, *, time_limit: float = 1e9) -> Solution:
        """Solve without whole units: duals at the optimum, or a ray where it is infeasible."""
        return Session(program).run(time_limit=time_limit)


class Session:
    """One model held in HiGHS, for changing ends and solving again from the last basis."""

    def __init__(
        self, program: Program, *, integers: bool = False, free_upper: bool = False
    ) -> None:
        """Load a program; `free_upper`: leave implied upper bounds out, so that rows speak."""
        import highspy

        class QuietHighs(highspy.Highs):  # type: ignore[misc]
            """HiGHS without its banner, which 1.16 prints before any option can be set."""

            def enableCallbacks(self) -> None:  # noqa: N802
                """Enable callbacks, as the constructor does, with the output off."""
                self.setOptionValue("output_flag", False)
                super().enableCallbacks()

        self.program = program
        self.image = Image.of(program)
        self._api: Any = highspy
        self._integers = integers
        self._highs = QuietHighs()
        for option, value in (
            ("threads", 1),
            ("random_seed", 0),
            ("primal_feasibility_tolerance", 1e-9),
            ("dual_feasibility_tolerance", 1e-9),
            ("mip_feasibility_tolerance", 1e-9),
        ):
            self._option(option, value)
        self._require(self._highs.passModel(self._model(free_upper)), "passModel")

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row."""
        ends = self._row_ends(row, low, high)
        self._require(self._highs.changeRowBounds(row, *ends), "changeRowBounds")

    def set_objective(self, objective: Mapping[int, int]) -> None:
        """Replace the objective (unscaled: keep coefficients moderate)."""
        import numpy as np

        count = len(self.program.columns)
        cost = np.zeros(count)
        for column, value in objective.items():
            cost[column] = self.image.value(value, self.image.columns[column] + self.image.cost)
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
        info, answer = self._highs.getInfo(), self._highs.getSolution()
        image = self.image
        factor = 2.0**-image.cost
        x = [value * 2.0**e for value, e in zip(answer.col_value, image.columns, strict=True)]
        if not answer.value_valid:
            x = []
        duals: list[float] = []
        if not self._integers and answer.dual_valid:
            duals = list(answer.row_dual)
        objective = info.objective_function_value * factor if x else None
        bound = info.mip_dual_bound * factor if self._integers else objective
        return Solution(outcome, HIGHS, x, objective, bound, duals)

    def _ray(self) -> list[float]:
        """Give a dual ray of an infeasible LP, scaled to at most 1; empty where there is none."""
        for presolve in (None, "off"):
            if presolve is not None:
                self._option("presolve", presolve)
                self._highs.clearSolver()
                self._highs.run()
            _, found, ray = self._highs.getDualRay()
            if found:
                largest = max((abs(value) for value in ray), default=0.0) or 1.0
                return [value / largest for value in ray]
        return []

    def _model(self, free_upper: bool) -> Any:
        import numpy as np

        highspy, program, image = self._api, self.program, self.image
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(program.columns), len(program.rows)
        scaled = zip(program.objective, image.columns, strict=True)
        model.col_cost_ = np.array([image.value(c, e + image.cost) for c, e in scaled])
        model.col_lower_ = np.array(
            [image.value(v, -e) for v, e in zip(program.lower, image.columns, strict=True)]
        )
        model.col_upper_ = np.array(
            [
                np.inf if free_upper and implied else image.value(v, -e)
                for v, e, implied in zip(program.upper, image.columns, program.implied, strict=True)
            ]
        )
        ends = [
            self._row_ends(row, program.row_lower[row], program.row_upper[row])
            for row in range(len(program.rows))
        ]
        model.row_lower_ = np.array([low for low, _ in ends])
        model.row_upper_ = np.array([high for _, high in ends])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(program.starts)
        model.a_matrix_.index_ = np.array(program.indices)
        model.a_matrix_.value_ = np.array(
            [
                image.value(value, image.rows[row] + image.columns[column])
                for row in range(len(program.rows))
                for column, value in program.entries(row)
            ]
        )
        if self._integers:
            kinds = highspy.HighsVarType
            model.integrality_ = [
                kinds.kInteger if whole else kinds.kContinuous for whole in program.integer
            ]
        return model

    def _row_ends(self, row: int, low: int | None, high: int | None) -> tuple[float, float]:
        scale, infinity = self.image.rows[row], self._api.kHighsInf
        return (
            -infinity if low is None else self.image.value(low, scale),
            infinity if high is None else self.image.value(high, scale),
        )

    def _option(self, name: str, value: Any) -> None:
        self._require(self._highs.setOptionValue(name, value), f"option {name}")

    def _require(self, status: Any, what: str) -> None:
        if status == self._api.HighsStatus.kError:
            raise SolverError(f"HiGHS failed: {what}")
