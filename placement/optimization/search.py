"""How a plan is searched, in place of what the configuration says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.optimization.data.overrides import check_limits, with_overrides
from placement.optimization.data.task import Task
from placement.optimization.heuristics.search_budget import Limits
from placement.solvers.custom_constraints import NamedColumns
from placement.solvers.solve_context import check_effort

if TYPE_CHECKING:
    from placement.readers.config.placement_toml import OptimizeSection


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a plan is searched, in place of what the configuration says.

    `gap` is relative, `effort` in steps, `time_limit` in seconds of the search of whole units. With
    the same `threads` and `seed` a search that no time limit ends finds the same plan, however busy
    the machine is. `cross_check` names another solver to be asked, too. `hook`, a function or
    FILE:FUNCTION, adds constraints (see `placement.solvers.custom_constraints`). `previous` is a
    plan's folder or its layout: where the search starts, and what the objective `changes` is
    against.
    """

    solver: str | None = None
    time_limit: float | None = None
    gap: Fraction | None = None
    effort: int | None = None
    threads: int = 1
    seed: int = 0
    cross_check: str | None = None
    hook: str | Callable[[Any, NamedColumns], object] | None = None
    objective: str | Sequence[str] | None = None
    previous: str | Path | None = None

    def __post_init__(self) -> None:
        """Refuse what no search can have."""
        check_limits(self.time_limit, self.gap, self.effort)
        check_effort(self.threads, self.seed)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Search:
        """Return a search of what is given; None is as if nothing were."""
        return cls(**{name: value for name, value in given.items() if value is not None})

    def asked_of(self, task: Task) -> Task:
        """Return a task with the objectives asked for, and the plan of before."""
        return with_overrides(task, self.objective, self.previous)

    def limits(self, options: OptimizeSection) -> Limits:
        """Return the limits of the search, of the configuration where none are given."""
        return Limits(
            float(options.time_limit) if self.time_limit is None else self.time_limit,
            options.gap if self.gap is None else self.gap,
            options.effort if self.effort is None else self.effort,
        )
