"""Rule kinds, one module each; `AnyRule` is what a pack's `rules` table may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from placement.policy.rules.base import BaseRule, Between, Binding
from placement.policy.rules.cap import CapRule
from placement.policy.rules.duty import DutyRule
from placement.policy.rules.finetune import FinetuneRule
from placement.policy.rules.linear import Context, On, RuleOnTotals
from placement.policy.rules.notice import NoticeRule
from placement.policy.rules.prohibition import ProhibitionRule
from placement.policy.rules.ratio import RatioRule
from placement.policy.rules.share import ShareRule
from placement.policy.rules.storage import StorageRule
from placement.policy.rules.weights import RuleOnWeights

AnyRule = Annotated[
    ShareRule
    | CapRule
    | RatioRule
    | ProhibitionRule
    | NoticeRule
    | DutyRule
    | StorageRule
    | FinetuneRule,
    Field(discriminator="kind"),
]

__all__ = [
    "AnyRule",
    "BaseRule",
    "Between",
    "Binding",
    "CapRule",
    "Context",
    "DutyRule",
    "FinetuneRule",
    "NoticeRule",
    "On",
    "ProhibitionRule",
    "RatioRule",
    "RuleOnTotals",
    "RuleOnWeights",
    "ShareRule",
    "StorageRule",
]
