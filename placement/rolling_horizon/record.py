"""What `advance` tells of the inputs that it wrote. Amounts of money are exact text."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid")


class Money(_Record):
    """A sum as it is paid, and discounted to the day `discounted_to` of the plan."""

    paid: str
    discounted: str


class Left(_Record):
    """What may still be bought of a model: accelerators, those of later periods among them."""

    accelerator: str
    quantity: int


class Advanced(_Record):
    """A plan carried on to the period `to`, which begins on `day`.

    `done`: the accelerators of the actions before that day, by action. `under_way`: those of it
    that arrive on that day or later. `ordered`: what the inventory said would come from then on.
    `undone`: the actions from that day on, which are to be planned anew. `filed`: notices that are
    taken as filed on their last day, as the plan asked. `spent` before that day, `left` from then
    on: together they are the cost of the plan.
    """

    schema_: Literal["placement.advance/1"] = Field(default="placement.advance/1", alias="schema")
    plan: str
    to: str
    day: date
    last: str
    done: dict[str, int] = Field(default_factory=dict)
    under_way: int = 0
    ordered: int = 0
    undone: int = 0
    supply: tuple[Left, ...] = ()
    filed: tuple[str, ...] = ()
    currency: str
    discounted_to: date
    spent: Money
    left: Money
    folder: str
    written: tuple[str, ...] = ()
