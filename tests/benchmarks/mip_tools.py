"""The plain program with whole purchase units, in general solvers: what is known at the limit.

The limit is in seconds of CPU (for HiGHS by the clock, too).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.answers import OPTIMAL, STOPPED, Answer, Lap, ProgressTracker
from tests.benchmarks.lp_tools import highs_model, pulp_problem
from tests.benchmarks.plain import USD, Plain
from tests.benchmarks.tables import Floats

GAP = 1e-4
"""The relative gap at which a run may stop."""

_NUMBER = r"(-?[0-9.]+(?:e[+-]?[0-9]+)?)"


def mip_highs(plain: Plain, limit: float) -> Answer:
    """HiGHS (arrays)."""
    import highspy

    clock = ProgressTracker()
    # At the root it asks nobody whether to go on: there only its own limit, by the clock, holds.
    highs = highs_model(plain, limit, mip_rel_gap=GAP, time_limit=limit)
    kinds = highspy.HighsVarType
    whole = [kinds.kInteger if one else kinds.kContinuous for one in plain.integrality.tolist()]
    highs.changeColsIntegrality(len(whole), np.arange(len(whole), dtype=np.int32), np.array(whole))
    build = clock.lap()
    highs.run()
    info = highs.getInfo()
    solve = clock.lap()
    solution = highs.getSolution()
    bound = info.mip_dual_bound * USD if np.isfinite(info.mip_dual_bound) else None
    return _answer(plain, build, solve, solution.col_value if solution.value_valid else (), bound)


def mip_cbc(plain: Plain, limit: float) -> Answer:
    """CBC (PuLP).

    The bound is read from its log, since PuLP does not give it.
    """
    import pulp

    clock = ProgressTracker()
    problem = pulp_problem(plain, batch=True, whole=True)
    build = clock.lap()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        problem.solve(
            pulp.PULP_CBC_CMD(
                msg=False, timeLimit=limit, timeMode="cpu", threads=1, gapRel=GAP, logPath=str(log)
            )
        )
        seconds = clock.lap()
        told = log.read_text("utf-8", errors="replace")
    values = [variable.varValue for variable in problem.variables()]
    point = np.zeros(0) if None in values else _in_order(problem, plain)
    return _answer(plain, build, seconds, point, _bound(told))


def _in_order(problem: Any, plain: Plain) -> Floats:
    """Return the values by column; those of columns without cost or row are 0."""
    point = np.zeros(len(plain.c))
    for variable in problem.variables():
        point[int(variable.name[1:])] = variable.varValue
    return point


def _answer(
    plain: Plain, build: Lap, solve: Lap, point: Sequence[float] | Floats, bound: float | None
) -> Answer:
    """Take a point only if it keeps every row in whole units, whatever the tool says of it.

    Optimal is what has a gap as small as was asked for. After a time limit PuLP hands on points of
    CBC that are not whole, and calls them so.
    """
    x = np.asarray(point, dtype=np.float64)
    objective = float(plain.c @ x) * USD if len(x) and is_plan(plain, x) else None
    found = Answer(STOPPED, build, solve, objective, bound)
    closed = found.gap is not None and found.gap <= GAP
    return replace(found, status=OPTIMAL) if closed else found


def is_plan(plain: Plain, x: Floats, tolerance: float = 1e-6) -> bool:
    """Tell whether a point keeps rows and bounds and is whole; relative to what rows add up."""
    size = tolerance * (1 + abs(plain.a) @ abs(x))
    ends = plain.a @ x
    kept = (plain.row_lower - size <= ends) & (ends <= plain.row_upper + size)
    inside = (plain.lower - tolerance <= x) & (x <= plain.upper + tolerance)
    units = x[plain.integrality == 1]
    return bool(kept.all() and inside.all() and (abs(units - units.round()) <= 1e-5).all())


def _bound(told: str) -> float | None:
    """Return the last lower bound in a log of CBC: of its result, its tree, its relaxation."""
    # Where it stops at the gap, it says Optimal, too, and the bound is below its objective.
    for pattern in (
        rf"Lower bound:\s+{_NUMBER}",
        rf"Result - Optimal solution found\n\nObjective value:\s+{_NUMBER}",
        rf"best possible {_NUMBER}",
        rf"Continuous objective value is {_NUMBER}",
    ):
        found = re.findall(pattern, told)
        if found:
            return float(found[-1]) * USD
    return None


def mip_scip(plain: Plain, limit: float) -> Answer:
    """SCIP (pyscipopt)."""
    from pyscipopt import Model, quicksum

    clock = ProgressTracker()
    model = Model()
    model.hideOutput()
    model.setParam("timing/clocktype", 1)  # CPU
    model.setParam("limits/time", limit)
    model.setParam("limits/gap", GAP)
    columns = zip(
        plain.c.tolist(),
        plain.lower.tolist(),
        plain.upper.tolist(),
        plain.integrality.tolist(),
        strict=True,
    )
    x = [
        model.addVar(
            vtype="I" if whole else "C", lb=low, ub=high if np.isfinite(high) else None, obj=cost
        )
        for cost, low, high, whole in columns
    ]
    starts = plain.a.indptr.tolist()
    indices, values = plain.a.indices.tolist(), plain.a.data.tolist()
    for row, (low, high) in enumerate(
        zip(plain.row_lower.tolist(), plain.row_upper.tolist(), strict=True)
    ):
        if starts[row] == starts[row + 1]:
            continue
        left = quicksum(values[n] * x[indices[n]] for n in range(starts[row], starts[row + 1]))
        if low == high:
            model.addCons(left == low)
        elif np.isfinite(high):
            model.addCons(left <= high)
        else:
            model.addCons(left >= low)
    build = clock.lap()
    model.optimize()
    solve = clock.lap()
    bound = model.getDualbound()
    best = model.getBestSol() if model.getNSols() else None
    point = [] if best is None else [model.getSolVal(best, one) for one in x]
    proven = bound * USD if abs(bound) < model.infinity() else None
    return _answer(plain, build, solve, point, proven)
