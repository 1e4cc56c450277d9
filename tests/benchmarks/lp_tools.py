"""The plain linear program, without whole units, in the tools that people plan with.

Each takes the arrays of a `Plain`, and builds variables and rows as its own documentation does;
one thread each. The limit is in seconds, of CPU for HiGHS by its arrays and by the clock for the
others. Tools are imported where they are used.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from tests.benchmarks.answers import OPTIMAL, STOPPED, Answer, ProgressTracker
from tests.benchmarks.plain import USD, Plain


def _rows(plain: Plain) -> Iterator[tuple[list[int], list[float], float, float]]:
    """Return columns, coefficients and both ends of each row."""
    starts, indices = plain.a.indptr.tolist(), plain.a.indices.tolist()
    values = plain.a.data.tolist()
    ends = zip(plain.row_lower.tolist(), plain.row_upper.tolist(), strict=True)
    for row, (low, high) in enumerate(ends):
        one = slice(starts[row], starts[row + 1])
        yield indices[one], values[one], low, high


def _usd(value: float | None) -> float | None:
    return None if value is None else float(value) * USD


def highs_model(plain: Plain, limit: float = np.inf, **options: Any) -> Any:
    """Return HiGHS with the program in it; one thread, no output, a limit in seconds of CPU."""
    import highspy

    last = time.process_time() + limit

    def stop(event: Any) -> None:
        if time.process_time() > last:
            event.interrupt()

    class QuietHighs(highspy.Highs):  # type: ignore[misc]
        """HiGHS without the banner that 1.16 prints before any option can be set."""

        def enableCallbacks(self) -> None:  # noqa: N802
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    highs = QuietHighs()
    for name, value in {"threads": 1, **options}.items():
        assert highs.setOptionValue(name, value) == highspy.HighsStatus.kOk
    model = highspy.HighsLp()
    model.num_col_, model.num_row_, _ = plain.size
    model.col_cost_, model.col_lower_, model.col_upper_ = plain.c, plain.lower, plain.upper
    model.row_lower_, model.row_upper_ = plain.row_lower, plain.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = plain.a.indptr, plain.a.indices
    model.a_matrix_.value_ = plain.a.data
    highs.passModel(model)
    if limit < np.inf:  # its own limit is by the clock, which others' work makes too short
        highs.cbSimplexInterrupt += stop
        highs.cbIpmInterrupt += stop
        highs.cbMipInterrupt += stop
    return highs


def _highs(plain: Plain, limit: float, solver: str) -> Answer:
    import highspy

    clock = ProgressTracker()
    highs = highs_model(plain, limit, solver=solver)
    build = clock.lap()
    highs.run()
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    # The point of a simplex that was stopped need not be feasible: it says nothing.
    objective = _usd(highs.getInfo().objective_function_value) if optimal else None
    return Answer(OPTIMAL if optimal else STOPPED, build, clock.lap(), objective, objective)


def highs_simplex(plain: Plain, limit: float) -> Answer:
    """HiGHS (arrays), simplex."""
    return _highs(plain, limit, "simplex")


def highs_ipm(plain: Plain, limit: float) -> Answer:
    """HiGHS (arrays), interior points with crossover."""
    return _highs(plain, limit, "ipm")


def scipy_linprog(plain: Plain, limit: float) -> Answer:
    """scipy.optimize.linprog (HiGHS)."""
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    clock = ProgressTracker()
    equal = plain.row_lower == plain.row_upper
    below = ~equal & np.isfinite(plain.row_upper)
    above = ~equal & np.isfinite(plain.row_lower)
    parts = {
        "A_eq": plain.a[equal],
        "b_eq": plain.row_upper[equal],
        "A_ub": vstack([plain.a[below], -plain.a[above]]),
        "b_ub": np.concatenate([plain.row_upper[below], -plain.row_lower[above]]),
        "bounds": np.column_stack([plain.lower, plain.upper]),
    }
    build = clock.lap()
    found = linprog(plain.c, **parts, method="highs", options={"time_limit": limit})
    optimal = found.status == 0
    objective = _usd(found.fun) if optimal else None
    return Answer(OPTIMAL if optimal else STOPPED, build, clock.lap(), objective, objective)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def pulp_problem(plain: Plain, *, batch: bool, whole: bool = False) -> Any:
    """Return the LpProblem: row by row with operators, or from lists of (variable, coefficient)."""
    import pulp

    problem = pulp.LpProblem("plain", pulp.LpMinimize)
    ends = zip(plain.lower.tolist(), plain.upper.tolist(), strict=True)
    kinds = [whole and bool(kind) for kind in plain.integrality.tolist()]
    variables = {
        column: problem.add_variable(
            f"x{column}",
            low,
            _finite(high),
            pulp.LpInteger if kinds[column] else pulp.LpContinuous,
        )
        for column, (low, high) in enumerate(ends)
    }
    costs = plain.c.tolist()
    if batch:
        priced = [(variables[j], cost) for j, cost in enumerate(costs) if cost]
        problem.setObjective(pulp.LpAffineExpression(priced))
    else:
        problem += pulp.lpSum(cost * variables[j] for j, cost in enumerate(costs) if cost)
    for columns, values, low, high in _rows(plain):
        if not columns:
            assert low <= 0 <= high
            continue
        if batch:
            terms = [(variables[j], value) for j, value in zip(columns, values, strict=True)]
            left = pulp.LpAffineExpression(terms)
        else:
            left = pulp.lpSum(
                value * variables[j] for j, value in zip(columns, values, strict=True)
            )
        if low == high:
            problem += left == low
        elif np.isfinite(high):
            problem += left <= high
        else:
            problem += left >= low
    return problem


def _pulp(plain: Plain, limit: float, *, batch: bool) -> Answer:
    import pulp

    clock = ProgressTracker()
    problem = pulp_problem(plain, batch=batch)
    build = clock.lap()
    problem.solve(pulp.HiGHS(msg=False, timeLimit=limit, threads=1))
    # `status` says Optimal after a time limit, too.
    optimal = problem.sol_status == pulp.LpSolutionOptimal
    objective = _usd(pulp.value(problem.objective)) if optimal else None
    return Answer(OPTIMAL if optimal else STOPPED, build, clock.lap(), objective, objective)


def pulp_operators(plain: Plain, limit: float) -> Answer:
    """PuLP, operators on a dict of variables (HiGHS)."""
    return _pulp(plain, limit, batch=False)


def pulp_batch(plain: Plain, limit: float) -> Answer:
    """PuLP, lists of variable and coefficient (HiGHS)."""
    return _pulp(plain, limit, batch=True)


def pyomo_appsi(plain: Plain, limit: float) -> Answer:
    """Pyomo, indexed variables and rules (HiGHS by appsi)."""
    from pyomo.contrib.appsi.base import TerminationCondition
    from pyomo.contrib.appsi.solvers import Highs
    from pyomo.core import ConcreteModel, Constraint, Objective, RangeSet, Var, quicksum

    clock = ProgressTracker()
    columns, rows, _ = plain.size
    model = ConcreteModel()
    low, high = plain.lower.tolist(), [_finite(value) for value in plain.upper.tolist()]
    model.x = Var(RangeSet(0, columns - 1), bounds=lambda _, j: (low[j], high[j]))
    costs, all_rows, x = plain.c.tolist(), list(_rows(plain)), model.x
    model.cost = Objective(expr=quicksum(cost * x[j] for j, cost in enumerate(costs) if cost))

    def rule(_: Any, row: int) -> Any:
        found, values, least, most = all_rows[row]
        if not found:
            return Constraint.Feasible
        left = quicksum(value * x[j] for j, value in zip(found, values, strict=True))
        if least == most:
            return left == least
        return left <= most if np.isfinite(most) else left >= least

    model.rows = Constraint(RangeSet(0, rows - 1), rule=rule)
    build = clock.lap()
    solver = Highs()
    solver.config.time_limit = limit
    solver.config.load_solution = False
    solver.highs_options = {"threads": 1}
    found = solver.solve(model)
    optimal = found.termination_condition == TerminationCondition.optimal
    objective = _usd(found.best_feasible_objective) if optimal else None
    return Answer(OPTIMAL if optimal else STOPPED, build, clock.lap(), objective, objective)


def linopy_arrays(plain: Plain, limit: float) -> Answer:
    """Linopy, arrays of terms (HiGHS).

    The rows are added in blocks of about the same number of terms.
    """
    import linopy
    import xarray as xr

    clock = ProgressTracker()
    model = linopy.Model()
    x = model.add_variables(plain.lower, plain.upper, dims=["column"], name="x")
    labels = x.labels.values
    lengths = np.diff(plain.a.indptr)
    width = 2 ** np.ceil(np.log2(np.maximum(lengths, 1))).astype(np.int64)
    for most in np.unique(width[lengths > 0]).tolist():
        rows = np.flatnonzero((width == most) & (lengths > 0))
        place = plain.a.indptr[rows][:, None] + np.arange(most)
        inside = np.arange(most) < lengths[rows][:, None]
        place = np.where(inside, place, 0)
        terms = xr.Dataset(
            {
                "coeffs": (("row", "_term"), np.where(inside, plain.a.data[place], np.nan)),
                "vars": (("row", "_term"), np.where(inside, labels[plain.a.indices[place]], -1)),
            }
        )
        low, high = plain.row_lower[rows], plain.row_upper[rows]
        sign = np.where(low == high, "=", np.where(np.isfinite(high), "<=", ">="))
        right = np.where(np.isfinite(high), high, low)
        left = linopy.LinearExpression(terms, model)
        model.add_constraints(left, xr.DataArray(sign, dims="row"), xr.DataArray(right, dims="row"))
    model.add_objective((xr.DataArray(plain.c, dims="column") * x).sum())
    build = clock.lap()
    status, _ = model.solve(
        "highs", io_api="direct", progress=False, threads=1, time_limit=limit, output_flag=False
    )
    optimal = status == "ok" and model.termination_condition == "optimal"
    objective = _usd(model.objective.value) if optimal else None
    return Answer(OPTIMAL if optimal else STOPPED, build, clock.lap(), objective, objective)


def _mathopt(plain: Plain, limit: float, kind: str) -> Answer:
    from ortools.math_opt.python import mathopt

    clock = ProgressTracker()
    model = mathopt.Model()
    ends = zip(plain.lower.tolist(), plain.upper.tolist(), strict=True)
    x = [model.add_variable(lb=low, ub=high) for low, high in ends]
    for j, cost in enumerate(plain.c.tolist()):
        if cost:
            model.objective.set_linear_coefficient(x[j], cost)
    for columns, values, low, high in _rows(plain):
        row = model.add_linear_constraint(lb=low, ub=high)
        for j, value in zip(columns, values, strict=True):
            row.set_coefficient(x[j], value)
    build = clock.lap()
    # HiGHS refuses a number of threads there; its simplex has one.
    threads = None if kind == "HIGHS" else 1
    params = mathopt.SolveParameters(time_limit=timedelta(seconds=limit), threads=threads)
    found = mathopt.solve(model, mathopt.SolverType[kind], params=params)
    optimal = found.termination.reason == mathopt.TerminationReason.OPTIMAL
    objective = _usd(found.objective_value()) if optimal else None
    return Answer(OPTIMAL if optimal else STOPPED, build, clock.lap(), objective, objective)


def mathopt_highs(plain: Plain, limit: float) -> Answer:
    """OR-Tools MathOpt (HiGHS)."""
    return _mathopt(plain, limit, "HIGHS")


def mathopt_glop(plain: Plain, limit: float) -> Answer:
    """OR-Tools MathOpt (GLOP)."""
    return _mathopt(plain, limit, "GLOP")
