"""Making a proof from a solver's multipliers: snapped to a grid, then evaluated exactly.

Any multipliers prove some bound; good ones prove a good one. Those of rows that only define a
total are set so that the total cancels, since its bounds are wide.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from placement.lp.exact_arrays import sums, wide
from placement.proof.verify import Multipliers, lower_bound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placement.lp.exact_arrays import Floats, Ints
    from placement.lp.program import Program
    from placement.lp.scaling import Scaling

GRID_BITS = 40
"""Multipliers are snapped to multiples of 2**-40 of the scaled rows'."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A bound on the objective (in micro-units), or a proof that no point exists.

    `program` is the digest of the program it is about.
    """

    kind: Literal["bound", "infeasible"]
    program: str
    value: Fraction
    multipliers: Multipliers

    def to_json(self) -> str:
        """Write it as JSON: multipliers by row, in whole steps of 2**-shift, as text."""
        found = self.multipliers
        pairs = zip(found.rows.tolist(), found.steps.tolist(), strict=True)
        return json.dumps(
            {
                "schema": "placement.certificate/1",
                "kind": self.kind,
                "program": self.program,
                "value": str(self.value),
                "shift": found.shift,
                "multipliers": {str(row): str(steps) for row, steps in pairs},
            },
            indent=2,
        )

    @classmethod
    def from_json(cls, text: str) -> Certificate:
        """Read what `to_json` wrote; ValueError or KeyError for anything else."""
        data = json.loads(text)
        kind: Literal["bound", "infeasible"] = "bound" if data["kind"] == "bound" else "infeasible"
        rows = np.array([int(row) for row in data["multipliers"]], dtype=np.int64)
        steps = np.array([int(steps) for steps in data["multipliers"].values()], dtype=object)
        multipliers = Multipliers(rows, steps, int(data["shift"]))
        return cls(kind, str(data["program"]), Fraction(data["value"]), multipliers)


def prove_bound(program: Program, duals: Sequence[float] | Floats, image: Scaling) -> Certificate:
    """Return the bound that a solver's duals (of scaled rows) prove."""
    steps, shift = _snapped(program, duals, image, -image.cost)
    y = Multipliers.of(_cancelled(program, steps, shift, feasibility=False), shift)
    return Certificate("bound", program.digest, lower_bound(program, y), y)


def prove_infeasible(
    program: Program, ray: Sequence[float] | Floats, image: Scaling
) -> Certificate | None:
    """Return the proof that a dual ray (of scaled rows) makes, None where it makes none."""
    for sign in (1, -1):
        signed = sign * np.asarray(ray, dtype=float)
        steps, shift = _snapped(program, signed, image, 0)
        y = Multipliers.of(_cancelled(program, steps, shift, feasibility=True), shift)
        value = lower_bound(program, y, feasibility=True)
        if value > 0:
            return Certificate("infeasible", program.digest, value, y)
    return None


def _snapped(
    program: Program, duals: Sequence[float] | Floats, image: Scaling, exponent: int
) -> tuple[Ints, int]:
    """Snap to the grid, scale back exactly, and drop what pushes an end that is not there.

    Also gives the shift: multipliers are steps of 2**-shift.
    """
    count = len(program.rows)
    least = int(image.rows.min()) if count else 0
    shift = max(0, GRID_BITS - exponent - least)
    found = np.zeros(count, dtype=object)
    if len(duals):
        scaled = np.rint(np.asarray(duals, dtype=float) * 2.0**GRID_BITS)
        there = np.where(scaled > 0, program.has_lower, program.has_upper) & (scaled != 0)
        for row in np.flatnonzero(there).tolist():
            up = int(image.rows[row]) + exponent - GRID_BITS + shift
            found[row] = int(scaled[row]) << up
    return found, shift


def _cancelled(program: Program, steps: Ints, shift: int, *, feasibility: bool) -> Ints:
    """Set the multipliers of defining rows so that defined columns have no reduced cost."""
    blocks = [one for one in program.defined if len(one.rows) == 1 and one.each is None]
    if not blocks:
        return steps
    order = np.argsort(program.indices, kind="stable")
    by_column = np.searchsorted(program.indices[order], np.arange(len(program.columns) + 1))
    row_of, values = program.row_of[order], wide(program.values[order])
    y = steps.copy()
    for block in reversed(blocks):
        y[block.rows[0]] = 0
    for block in reversed(blocks):
        columns, own = block.columns, block.rows[0]
        counts = by_column[columns + 1] - by_column[columns]
        starts = np.concatenate([[0], np.cumsum(counts)])
        at = (
            np.repeat(by_column[columns], counts)
            + np.arange(starts[-1])
            - np.repeat(starts[:-1], counts)
        )
        rest = -wide(sums(y[row_of[at]] * values[at], starts))
        if not feasibility:
            rest = rest + wide(program.objective[columns]) * (1 << shift)
        y[own] = rest
    return y
