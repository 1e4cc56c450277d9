"""`storage`: where the weights of controlled models may be kept; evaluated, never optimized.

training operations >= controlled_from and not published
=>  the site is in `places`, or (not in `never`) run by a company seated in `run_from`
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from placement.policy.base_model import Symbol
from placement.policy.rules.weights import RuleOnWeights


class StorageRule(RuleOnWeights):
    """Places for closed model weights, by weights.csv."""

    kind: Literal["storage"]
    run_from: Symbol
    never: Symbol

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield from super().groups_named()
        yield "run_from", self.run_from
        yield "never", self.never

    def formula(self) -> str:
        """Return the condition in one line."""
        return (
            f"weights of a closed model of >= {self.controlled_from} training operations: in "
            f"{self.places}, or outside {self.never} at a site whose owner or operator is seated "
            f"in {self.run_from}"
        )
