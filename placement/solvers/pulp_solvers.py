"""PuLP: the gateway to CBC and every other solver it speaks; a problem that users can extend."""

from __future__ import annotations

import warnings
from fractions import Fraction
from inspect import signature
from math import ceil
from typing import TYPE_CHECKING, Any

from placement.errors import SolverError, UsageError, did_you_mean
from placement.lp.program import Program
from placement.lp.scaling import Scaling, floats
from placement.solvers.custom_constraints import Hook, NamedColumns
from placement.solvers.highs import quiet_highs
from placement.solvers.solution import Outcome, Solution
from placement.solvers.solve_context import current_context

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

_SUFFIXES = ("", "_CMD", "_PY")
_FIRST = {"cbc": "PULP_CBC_CMD"}
_ENDLESS = 1e8
_NEAR = Fraction(1, 10**6)
_TOLERANCES = (
    "primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance",
)  # fmt: skip
_DETERMINISTIC = 100
"""CBC's threads take turns in a fixed order where 100 is added to their number."""


def to_pulp(program: Program, image: Scaling | None = None) -> Any:
    """Return a program as a `pulp.LpProblem` with opaque names x0001, r0001 (1-based).

    Scaled by an image where one is given. `columns[n - 1]` of the program says what x<n> means,
    `rows[n - 1]` what r<n> means. The objective is in micro-units, without `constant`.
    """
    import numpy as np
    import pulp

    plain = np.zeros(len(program.columns), dtype=np.int64), np.zeros(len(program.rows), np.int64)
    image = image or Scaling(*plain, 0)
    problem = pulp.LpProblem("placement", pulp.LpMinimize)
    ends = zip(
        floats(program.lower, -image.columns).tolist(),
        floats(program.upper, -image.columns).tolist(),
        program.integer.tolist(),
        strict=True,
    )
    columns = [
        problem.add_variable(
            f"x{j + 1:04}", low, high, pulp.LpInteger if whole else pulp.LpContinuous
        )
        for j, (low, high, whole) in enumerate(ends)
    ]
    prices = floats(program.objective, image.columns + image.cost).tolist()
    problem.setObjective(
        pulp.LpAffineExpression([(columns[j], price) for j, price in enumerate(prices) if price])
    )
    scales = image.rows[program.row_of] + image.columns[program.indices]
    values, indices = floats(program.values, scales).tolist(), program.indices.tolist()
    lows = floats(program.row_lower, image.rows).tolist()
    highs = floats(program.row_upper, image.rows).tolist()
    starts = program.starts.tolist()
    for row in range(len(program.rows)):
        part = slice(starts[row], starts[row + 1])
        terms = [
            (columns[column], value)
            for column, value in zip(indices[part], values[part], strict=True)
        ]
        name, (low, high) = f"r{row + 1:04}", program.ends(row)
        if low is not None and low == high:
            sides = [(name, pulp.LpConstraintEQ, lows[row])]
        else:
            sides = [(f"{name}_low", pulp.LpConstraintGE, lows[row])] if low is not None else []
            if high is not None:
                sides.append((name, pulp.LpConstraintLE, highs[row]))
        if not terms:
            # PuLP drops rows without columns, and with them a proof that nothing fits.
            terms = [(_nothing(problem, columns), 1.0)]
        for called, sense, end in sides:
            expression = pulp.LpAffineExpression(terms)
            problem.addConstraint(pulp.LpConstraint(expression, sense, called, end))
    return problem


def _nothing(problem: Any, columns: list[Any]) -> Any:
    """Return a column that is 0."""
    if columns and columns[-1].name == "nothing":
        return columns[-1]
    columns.append(problem.add_variable("nothing", 0, 0))
    return columns[-1]


class PulpSolver:
    """One solver of PuLP's, used through its name."""

    def __init__(self, name: str, pulp_name: str) -> None:
        self.name = name
        self.pulp_name = pulp_name

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        """Solve with whole units."""
        return self._run(program, time_limit, gap, mip=True)

    def relax(self, program: Program, *, time_limit: float = 1e9) -> Solution:
        """Solve without whole units; no duals are taken from here."""
        return self._run(program, time_limit, 0.0, mip=False)

    def _problem(self, program: Program, image: Scaling) -> Any:
        """Return what is solved."""
        return to_pulp(program, image)

    def _run(self, program: Program, time_limit: float, gap: float, *, mip: bool) -> Solution:
        import numpy as np
        import pulp

        image = Scaling.of(program)
        problem = self._problem(program, image)
        limits = options_of(self.pulp_name, time_limit=time_limit, gap=gap)
        solver = _solver(self.pulp_name, mip=mip, **limits)
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
        found_x = [values.get(f"x{j + 1:04}", 0.0) for j in range(len(program.columns))]
        x = np.ldexp(np.array(found_x), image.columns)
        objective = float(floats(program.objective, 0) @ x)
        # A stop at a gap is called optimal too: then only the gap that was asked for is claimed.
        proven = problem.sol_status == pulp.LpSolutionOptimal
        bound = objective - gap * abs(objective) if proven else None
        outcome = Outcome.OPTIMAL if proven else Outcome.STOPPED
        return Solution(outcome, self.name, x, objective, bound)


class Hooked(PulpSolver):
    """A solver of the program with the constraints that a user's function adds.

    `added`: how many they were the last time.
    """

    def __init__(self, solver: PulpSolver, hook: Hook) -> None:
        super().__init__(solver.name, solver.pulp_name)
        self.hook = hook
        self.added = 0
        self._last: tuple[list[Any], list[Any], list[int]] = ([], [], [])

    def broken(self, x: Ints) -> list[str]:
        """Return the names of the added constraints that a point breaks, by more than a millionth.

        What the user's own columns are is taken from the solver. Their numbers are floats, so there
        is no exact answer; the rows of the program itself are another matter.
        """
        rows, variables, exponents = self._last
        exact = {
            variable.name: Fraction(int(value), 2**exponent)
            for variable, value, exponent in zip(variables, x.tolist(), exponents, strict=True)
        }
        found = []
        for number, row in enumerate(rows, start=1):
            over = Fraction(row.constant)
            for variable, factor in row.items():
                own = exact.get(variable.name)
                value = Fraction(variable.value() or 0) if own is None else own
                over += Fraction(factor) * value
            room = _NEAR * max(Fraction(1), abs(Fraction(row.constant)))
            if (row.sense >= 0 and over < -room) or (row.sense <= 0 and over > room):
                found.append(row.name or f"number {number}")
        return found

    def _problem(self, program: Program, image: Scaling) -> Any:
        problem = to_pulp(program, image)
        called, before = problem.variablesDict(), _rows(problem)
        variables = [called[f"x{j + 1:04}"] for j in range(len(program.columns))]
        objective, sense = dict(problem.objective.items()), problem.sense
        exponents = image.columns.tolist()
        self.hook.add(problem, NamedColumns(program.columns, variables, exponents))
        if (
            problem.objective is None
            or problem.sense != sense
            or (dict(problem.objective.items()) != objective)
        ):
            raise UsageError(self.hook.fault("changes the objective, and may only add constraints"))
        known = {id(row) for row in before}
        added = [row for row in _rows(problem) if id(row) not in known]
        self.added, self._last = len(added), (added, variables, exponents)
        return problem


def _rows(problem: Any) -> list[Any]:
    return list(problem.constraints())


def pulp_solver(name: str) -> PulpSolver:
    """Return a solver by PuLP's name for it or the usual one (cbc, glpk, scip, gurobi, ...)."""
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
    """Return PuLP's solver object; that its bundled CBC will leave it one day is no news here."""
    import pulp

    if pulp_name == "HiGHS":
        return _quiet_highs(msg=False, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pulp.getSolver(pulp_name, msg=False, **options)


def options_of(pulp_name: str, *, time_limit: float, gap: float) -> dict[str, Any]:
    """Return limits, threads and seed as a solver of PuLP's takes them; none where it does not."""
    import pulp

    now, short = current_context(), _short(pulp_name)
    taken = signature(getattr(pulp, pulp_name).__init__).parameters
    found: dict[str, Any] = {}
    if time_limit <= _ENDLESS:
        # glpsol takes whole seconds.
        found["timeLimit"] = ceil(time_limit) if short == "glpk" else time_limit
    if "gapRel" in taken:
        found["gapRel"] = gap
    if "threads" in taken and short not in ("cbc", "coin"):
        found["threads"] = now.threads
    match short:
        case "cbc" | "coin":
            found["options"] = [f"randomSeed {now.seed}", f"randomCbcSeed {now.seed}"]
            if now.threads > 1:
                found["threads"] = _DETERMINISTIC + now.threads
        case "highs" if "solverParams" in taken:
            found["random_seed"] = now.seed
        case "glpk":
            found["options"] = ["--seed", str(now.seed), "--mipgap", repr(gap)]
        case "gurobi" if "solverParams" in taken:
            found |= {"Threads": now.threads, "Seed": now.seed}
        case "scip" | "fscip":
            found["options"] = [f"randomization/randomseedshift={now.seed}"]
    return found


def _quiet_highs(**options: Any) -> Any:
    """Return PuLP's HiGHS without its banner, which can be stopped, too."""
    import pulp

    class Quiet(pulp.HiGHS):  # type: ignore[misc]
        """PuLP's HiGHS on one of ours."""

        def createAndConfigureSolver(self, lp: Any) -> None:  # noqa: N802
            """Make the model; threads and seed are set already."""
            lp.solverModel, _ = quiet_highs()
            limits = {"mip_rel_gap": self.gapRel, "time_limit": self.timeLimit}
            tight = dict.fromkeys(_TOLERANCES, 1e-9)
            for option, value in {**tight, **limits}.items():
                if value is not None:
                    lp.solverModel.setOptionValue(option, float(value))

    return Quiet(**options)


def _short(name: str) -> str:
    short = name.casefold().removeprefix("pulp_")
    for suffix in ("_cmd", "_py"):
        short = short.removesuffix(suffix)
    return short
