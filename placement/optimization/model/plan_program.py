"""The program of a plan: a linear program that knows where its variables are."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from placement.lp.program import Program
from placement.optimization.model.variables import Variables


@dataclass(frozen=True)
class PlanProgram(Program):
    """A program, and where its variables are; they stay there when columns or rows are added."""

    variables: Variables = field(kw_only=True)

    @classmethod
    def of(cls, program: Program, variables: Variables) -> PlanProgram:
        """Return a program with its variables."""
        parts = {part.name: getattr(program, part.name) for part in fields(Program)}
        return cls(**parts, variables=variables)
