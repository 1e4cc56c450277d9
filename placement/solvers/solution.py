"""What a solver gives back, in our own words: only what it proved, and a point to be checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from placement.enums import Ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placement.lp.exact_arrays import Floats


class Outcome(StrEnum):
    """What a solver says it proved."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"  # a limit was hit; the point, if any, may be infeasible


@dataclass(frozen=True, slots=True)
class Solution:
    """A solver's answer, floats in the program's own units.

    `bound`: what it claims that no point is below, None where it claims nothing. `duals`: one
    multiplier per row (>= 0 pushes a lower end), empty where there are none; of an infeasible
    program, a ray. They are those of the scaled rows, to be snapped to a grid. `looks`:
    how far HiGHS searched whole units; `ended`: why a search ended before it was done.
    """

    outcome: Outcome
    solver: str
    x: Sequence[float] | Floats = ()
    objective: float | None = None
    bound: float | None = None
    duals: Sequence[float] | Floats = ()
    looks: int = 0
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class WholeSteps:
    """A point whose steps are whole, None where none was found; why the search ended early."""

    x: Floats | None
    ended: Ended | None = None
