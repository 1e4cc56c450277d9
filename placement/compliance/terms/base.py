"""The fleet that a change was made from, judged as the changed one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from placement.compliance.dates import Day
from placement.compliance.judge import judge
from placement.errors import InputError
from placement.fleet.context import FleetContext, build_context
from placement.loading.base import in_base
from placement.loading.inputs import Inputs
from placement.policy import Policy
from placement.report import Finding

#: Why all is new where the base has something, and no rule is about it.
NOTHING_EVALUATED = (
    "nothing was evaluated in the base: no rule was bound there to an owner of counted "
    "accelerators, so all that is found is new"
)


@dataclass(frozen=True, slots=True)
class Base:
    """A base by its `name`; `inputs` None: there was nothing, so all is new, and `why`."""

    name: str
    inputs: Inputs | None = None
    why: str = ""

    def findings(
        self, policies: Sequence[Policy], days: Callable[[Policy], Sequence[Day]], *, plans: bool
    ) -> tuple[tuple[Finding, ...], str]:
        """Judge it under policies, each on its days; also say why there is nothing, if so.

        `plans` False leaves ordered and planned lots out. InputError, which names the base, where
        its owners cannot be judged.
        """
        if self.inputs is None:
            return (), self.why
        settings = self.inputs.settings
        found: list[Finding] = []
        cases: list[FleetContext] = []
        evaluated = False
        for policy in policies:
            try:
                case = build_context(
                    self.inputs.lots, policy, settings.catalog, settings.entities,
                    plans=plans, records=self.inputs.records, like=cases[0] if cases else None,
                )  # fmt: skip
                judgement = judge(case, days(policy))
            except InputError as error:
                raise in_base(error, self.name) from error
            cases.append(case)
            found += judgement.findings
            evaluated = evaluated or judgement.evaluated
        return (tuple(found), "") if evaluated else ((), NOTHING_EVALUATED)
