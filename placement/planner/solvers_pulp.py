"""PuLP: the gateway to CBC and every other solver it speaks; a problem that users can extend."""

from __future__ import annotations

import warnings
from typing import Any

from placement.errors import SolverError, did_you_mean
from placement.planner.program import Program
from placement.planner.solution import Image, Outcome, Solution

_SUFFIXES = ("", "_CMD", "_PY")
_FIRST = {"cbc": "PULP_CBC_CMD"}


def to_pulp(program: Program, image: Image | None = None) -> Any:
    """Give the program as an LpProblem; scaled by an image where one is given."""
    import pulp

    image = image or Image((0,) * len(program.columns), (0,) * len(program.rows), 0)
    problem = pulp.LpProblem("placement", pulp.LpMinimize)
    columns = [
        problem.add_variable(
            f"x{j + 1:04}",
            image.value(program.lower[j], -image.columns[j]),
            image.value(program.upper[j], -image.columns[j]),
            pulp.LpInteger if program.integer[j] else pulp.LpContinuous,
        )
        for j in range(len(program.columns))
    ]
    cost = [
        (columns[j], image.value(value, image.columns[j] + image.cost))
        for j, value in enumerate(program.objective)
        if value
    ]
    problem.setObjective(pulp.LpAffineExpression(cost))
    for row in range(len(program.rows)):
        terms = [
            (columns[column], image.value(value, image.rows[row] + image.columns[column]))
            for column, value in program.entries(row)
        ]
        low, high = program.row_lower[row], program.row_upper[row]
        name = f"r{row + 1:04}"
        scaled = image.rows[row]
        if low is not None and low == high:
            ends = [(name, pulp.LpConstraintEQ, low)]
        else:
            ends = [(f"{name}_low", pulp.LpConstraintGE, low)] if low is not None else []
            if high is not None:
                ends.append((name, pulp.LpConstraintLE, high))
        if not terms:
            # PuLP drops rows without columns, and with them a proof that nothing fits.
            terms = [(_nothing(problem, columns), 1.0)]
        for called, sense, end in ends:
            expression = pulp.LpAffineExpression(terms)
            problem.addConstraint(
                pulp.LpConstraint(expression, sense, called, image.value(end, scaled))
            )
    return problem


def _nothing(problem: Any, columns: list[Any]) -> Any:
    """Give a column that is 0."""
    if columns and columns[-1].name == "nothing":
        return columns[-1]
    columns.append(problem.add_variable("nothing", 0, 0))
    return columns[-1]


class PulpSolver:
    """One solver of PuLP's, used through its name."""

    def __init__(self, name: str, pulp_name: str) -> None:
        self.name = name
        self._pulp_name = pulp_name

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        """Solve with whole units."""
        return self._run(program, time_limit, gap, mip=True)

    def relax(self, program: Program, *, time_limit: float = 1e9) -> Solution:
        """Solve without whole units; no duals are taken from here."""
        return self._run(program, time_limit, 0.0, mip=False)

    def _run(self, program: Program, time_limit: float, gap: float, *, mip: bool) -> Solution:
        import pulp

        image = Image.of(program)
        problem = to_pulp(program, image)
        limit = {} if time_limit > 1e8 else {"timeLimit": time_limit}
        solver = _solver(self._pulp_name, mip=mip, gapRel=gap, **limit)
        try:
            problem.solve(solver)
        except pulp.PulpSolverError as error:
            raise SolverError(f"{self.name} failed: {error}") from error
        if problem.sol_status in (pulp.LpSolutionInfeasible, pulp.LpSolutionUnbounded):
            return Solution(Outcome.INFEASIBLE, self.name)
        found = problem.sol_status in (
            pulp.LpSolutionOptimal,
            pulp.LpSolutionIntegerFeasible,
        )
        if not found:
            return Solution(Outcome.STOPPED, self.name)
        values = {variable.name: variable.value() or 0.0 for variable in problem.variables()}
        x = [
            values.get(f"x{j + 1:04}", 0.0) * 2.0 ** image.columns[j]
            for j in range(len(program.columns))
        ]
        objective = sum(c * v for c, v in zip(program.objective, x, strict=True))
        # A stop at a gap is called optimal too: then only the gap that was asked for is claimed.
        proven = problem.sol_status == pulp.LpSolutionOptimal
        bound = objective - gap * abs(objective) if proven else None
        outcome = Outcome.OPTIMAL if proven else Outcome.STOPPED
        return Solution(outcome, self.name, x, objective, bound)


def pulp_solver(name: str) -> PulpSolver:
    """Give a solver by PuLP's name for it or the usual one (cbc, glpk, scip, gurobi, ...)."""
    known = _listed()
    folded = {one.casefold(): one for one in known}
    wanted = [_FIRST.get(name.casefold(), ""), *(name + suffix for suffix in _SUFFIXES)]
    candidates = [folded[one.casefold()] for one in wanted if one.casefold() in folded]
    for candidate in candidates:
        if _solver(candidate).available():
            return PulpSolver(name.casefold(), candidate)
    here = ["highs", *(_short(one) for one in _listed(onlyAvailable=True))]
    listed = ", ".join(dict.fromkeys(one for one in here))
    if candidates:
        raise SolverError(f"solver {name!r} is not installed; installed here: {listed}")
    hint = did_you_mean(name, [*here, *(_short(one) for one in known)])
    raise SolverError(" ".join(f"there is no solver {name!r}; {hint} installed: {listed}".split()))


def _listed(**options: Any) -> list[str]:
    import pulp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return list(pulp.listSolvers(**options))


def _solver(pulp_name: str, **options: Any) -> Any:
    """Give PuLP's solver object; that its bundled CBC will leave it one day is no news here."""
    import pulp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pulp.getSolver(pulp_name, msg=False, **options)


def _short(name: str) -> str:
    short = name.casefold().removeprefix("pulp_")
    for suffix in ("_cmd", "_py"):
        short = short.removesuffix(suffix)
    return short
