"""Rule kinds, one module each; `AnyRule` is what a pack's `rules` table may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from placement.policy.kinds.base import BaseRule, Between, Binding, Context
from placement.policy.kinds.cap import CapRule
from placement.policy.kinds.prohibition import ProhibitionRule
from placement.policy.kinds.share import ShareRule

AnyRule = Annotated[ShareRule | CapRule | ProhibitionRule, Field(discriminator="kind")]

__all__ = [
    "AnyRule",
    "BaseRule",
    "Between",
    "Binding",
    "CapRule",
    "Context",
    "ProhibitionRule",
    "ShareRule",
]
