"""`finetune`: how much of a controlled model's training may be added abroad, or for others.

    fine-tuning operations <= limit * training operations

for each line of weights.csv whose fine-tuning site is outside `places`, or whose customer has its
headquarters outside them. Exactly at the limit is kept.
"""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from placement.policy.base_model import DecimalText, at_most_one
from placement.policy.rules.weights import RuleOnWeights


class FinetuneRule(RuleOnWeights):
    """A limit on fine-tuning closed models, by weights.csv."""

    kind: Literal["finetune"]
    limit: DecimalText

    @field_validator("limit")
    @classmethod
    def _is_a_ratio(cls, text: str) -> str:
        return at_most_one(text)

    def formula(self) -> str:
        """Return the inequality in one line."""
        return (
            f"fine-tuning operations outside {self.places}, or for a customer seated outside, "
            f"<= {self.limit} * training operations"
        )
