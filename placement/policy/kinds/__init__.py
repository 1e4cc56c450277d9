"""Rule kinds, one module each; `AnyRule` is what a pack's `rules` table may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from placement.policy.kinds.base import BaseRule, Between, Binding
from placement.policy.kinds.cap import CapRule
from placement.policy.kinds.duty import DutyRule
from placement.policy.kinds.finetune import FinetuneRule
from placement.policy.kinds.notice import NoticeRule
from placement.policy.kinds.on_totals import Context, On, RuleOnTotals
from placement.policy.kinds.prohibition import ProhibitionRule
from placement.policy.kinds.ratio import RatioRule
from placement.policy.kinds.share import ShareRule
from placement.policy.kinds.storage import StorageRule

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
    "ShareRule",
    "StorageRule",
]
