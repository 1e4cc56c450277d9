"""What rules on the weights of closed models share: which models, and in which places."""

from __future__ import annotations

from collections.abc import Iterator

from placement.policy.base_model import Symbol, WholeText
from placement.policy.rules.base import BaseRule


class RuleOnWeights(BaseRule):
    """A rule on models of `controlled_from` training operations or more, by weights.csv."""

    controlled_from: WholeText
    places: Symbol

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield "places", self.places

    def place(self) -> str:
        """Return the group that the rule is about."""
        return self.places

    def unit(self) -> str:
        """Return the unit of the rule's amounts."""
        return "operations"
