"""What may be asked of a plan: `plan.explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placement.optimization.infeasibility.conflict import Conflict
    from placement.optimization.plan import Plan


@dataclass(frozen=True, slots=True)
class Explanations:
    """Questions about a plan; each goes on from what was solved for it, and answers with data."""

    plan: Plan

    def conflict(self) -> Conflict | None:
        """Return why no plan exists; None where there is one, or where that was not proven."""
        return self.plan.conflict
