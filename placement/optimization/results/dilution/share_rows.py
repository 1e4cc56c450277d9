"""The rows of the group's shares over one denominator, and which of them rest on some kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placement.enums import RowKind
from placement.optimization.data.problem import Problem
from placement.optimization.model.credit.zones import Whole
from placement.optimization.model.label_keys import RuleKey
from placement.optimization.model.plan_program import PlanProgram
from placement.policy.row import PlaceColumn
from placement.policy.rules import ShareRule

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A row of a share: how far it is kept, and what a thousandth in the denominator does to it.

    `parts`: what one does besides that stands at a place (in the terms of `by`).
    """

    name: str
    by: PlaceColumn
    slack: int
    whole: int
    parts: Mapping[str, int]

    def may_rest(self, amount: int) -> bool:
        """Tell whether it could be kept only by so much, wherever it stands."""
        return self.slack + (self.whole + min((0, *self.parts.values()))) * amount < 0

    def rests(self, problem: Problem, sites: Mapping[str, int]) -> bool:
        """Tell whether it would not be kept without so much at some sites."""
        less = sum(sites.values()) * self.whole
        for name, amount in sites.items():
            less += amount * self.parts.get(problem.sites[name].place(self.by), 0)
        return self.slack + less < 0


def share_rows(
    problem: Problem, program: PlanProgram, x: Ints, whole: Whole
) -> dict[int, Sequence[ShareRow]]:
    """Return the rows of shares over a denominator by period, as they are at a point."""
    place_of, found = program.variables.place_of_total, dict[int, list[ShareRow]]()
    wholes = {column: t for (t, of), column in program.variables.whole.items() if of == whole}
    for row, (rule, place, _) in program.rows.keys(RowKind.RULE, RuleKey):
        kind = problem.policy.rule(rule)
        entries = list(program.entries(row))
        at = next((entry for entry in entries if entry[0] in wholes), None)
        if at is None or not isinstance(kind, ShareRule) or kind.about != "owner":
            continue
        slack = int(program.row_upper[row]) - program.activity(row, x)
        parts = {place_of[column]: value for column, value in entries if column in place_of}
        share = ShareRow(f"{rule} in {place}", kind.by, slack, at[1], parts)
        found.setdefault(wholes[at[0]], []).append(share)
    return dict(found)
