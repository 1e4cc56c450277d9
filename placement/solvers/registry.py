"""The choice of a solver by name, and what a solver is to those who use one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from placement.lp.program import Program
from placement.solvers.solution import Solution

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints
    from placement.lp.scaling import Scaling
    from placement.solvers.custom_constraints import Hook

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
class HasCustomConstraints(Protocol):
    """A solver of more than the program: of what a hook adds, too."""

    hook: Hook
    added: int

    def broken(self, x: Ints) -> list[str]:
        """Return the names of the added constraints that a point breaks."""
        ...


class Relaxation(Protocol):
    """A relaxed program that is held, changed, and solved again."""

    image: Scaling

    def set_row(self, row: int, low: int | None, high: int | None) -> None:
        """Change the ends of a row."""
        ...

    def run(self, *, time_limit: float = 1e9) -> Solution:
        """Solve, from the last basis where there is one."""
        ...


def solver_named(name: str, hook: Hook | None = None) -> Relaxer:
    """Return HiGHS, or any solver that PuLP finds here; SolverError names those there are.

    With a hook it solves the program with the constraints that the hook adds, through PuLP.
    """
    if name.casefold() == HIGHS and hook is None:
        from placement.solvers.highs import Highs

        return Highs()
    from placement.solvers.pulp_solvers import Hooked, pulp_solver

    found = pulp_solver(name)
    return found if hook is None else Hooked(found, hook)
