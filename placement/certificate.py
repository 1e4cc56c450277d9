"""Making a proof from a solver's multipliers: snapped to a grid, then evaluated exactly.

Any multipliers prove some bound; good ones prove a good one. Those of rows that only define a
total are set so that the total cancels, since its bounds are wide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from placement.verify import lower_bound

if TYPE_CHECKING:
    from placement.planner.program import Program
    from placement.planner.solution import Image

GRID_BITS = 40
"""Multipliers are snapped to multiples of 2**-40 of the scaled rows'."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A bound on the objective (in micro-units), or a proof that no point exists.

    `program` is the digest of the program it is about; `multipliers` by row, zeros left out.
    """

    kind: Literal["bound", "infeasible"]
    program: str
    value: Fraction
    multipliers: Mapping[int, Fraction]

    def to_json(self) -> str:
        """Write it as JSON; fractions are text."""
        return json.dumps(
            {
                "schema": "placement.certificate/1",
                "kind": self.kind,
                "program": self.program,
                "value": str(self.value),
                "multipliers": {str(row): str(y) for row, y in self.multipliers.items()},
            },
            indent=2,
        )

    @classmethod
    def from_json(cls, text: str) -> Certificate:
        """Read what `to_json` wrote; ValueError or KeyError for anything else."""
        data = json.loads(text)
        kind: Literal["bound", "infeasible"] = "bound" if data["kind"] == "bound" else "infeasible"
        multipliers = {int(row): Fraction(y) for row, y in data["multipliers"].items()}
        return cls(kind, str(data["program"]), Fraction(data["value"]), multipliers)


def prove_bound(program: Program, duals: Sequence[float], image: Image) -> Certificate:
    """Give the bound that a solver's duals (of scaled rows) prove."""
    y = _snapped(program, duals, image, -image.cost)
    y = _cancelled(program, y, feasibility=False)
    return Certificate("bound", program.digest(), lower_bound(program, y), y)


def prove_infeasible(program: Program, ray: Sequence[float], image: Image) -> Certificate | None:
    """Give the proof that a dual ray (of scaled rows) makes, None where it makes none."""
    for sign in (1, -1):
        y = _snapped(program, [sign * value for value in ray], image, 0)
        y = _cancelled(program, y, feasibility=True)
        value = lower_bound(program, y, feasibility=True)
        if value > 0:
            return Certificate("infeasible", program.digest(), value, y)
    return None


def _snapped(
    program: Program, duals: Sequence[float], image: Image, exponent: int
) -> dict[int, Fraction]:
    """Snap to the grid, scale back exactly, and drop what pushes an end that is not there."""
    found = {}
    for row, dual in enumerate(duals):
        steps = round(dual * 2**GRID_BITS)
        end = program.row_lower[row] if steps > 0 else program.row_upper[row]
        if steps and end is not None:
            found[row] = steps * Fraction(2) ** (image.rows[row] + exponent - GRID_BITS)
    return found


def _cancelled(
    program: Program, multipliers: dict[int, Fraction], *, feasibility: bool
) -> dict[int, Fraction]:
    """Set the multipliers of defining rows so that defined columns have no reduced cost."""
    defining = {one.column: one.rows[0] for one in program.defined if len(one.rows) == 1}
    entries: dict[int, list[tuple[int, int]]] = {column: [] for column in defining}
    for row in range(len(program.rows)):
        for column, value in program.entries(row):
            if column in entries:
                entries[column].append((row, value))
    y = dict(multipliers)
    for column, own in reversed(defining.items()):
        rest = Fraction(0 if feasibility else program.objective[column])
        for row, value in entries[column]:
            if row != own and row in y:
                rest -= y[row] * value
        y[own] = rest
    return {row: value for row, value in y.items() if value}
