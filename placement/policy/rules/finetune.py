"""`finetune`: how much of a controlled model's training may be added abroad, or for others.

    fine-tuning operations <= limit * training operations

for each line of weights.csv whose fine-tuning site is outside `places`, or whose customer has its
headquarters outside them. Exactly at the limit is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import field_validator

from placement.policy.base_model import DecimalText, Symbol, WholeText, at_most_one
from placement.policy.rules.base import BaseRule


class FinetuneRule(BaseRule):
    """A limit on fine-tuning closed models, by weights.csv."""

    kind: Literal["finetune"]
    controlled_from: WholeText
    places: Symbol
    limit: DecimalText

    @field_validator("limit")
    @classmethod
    def _is_a_ratio(cls, text: str) -> str:
        return at_most_one(text)

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield "places", self.places

    def place(self) -> str:
        """Return the group that the rule is about."""
        return self.places

    def unit(self) -> str:
        """Return the unit of the rule's amounts."""
        return "operations"

    def formula(self) -> str:
        """Return the inequality in one line."""
        return (
            f"fine-tuning operations outside {self.places}, or for a customer seated outside, "
            f"<= {self.limit} * training operations"
        )
