"""`duty`: something that must be told to the regulator; evaluated, never optimized.

    due where  total >= threshold      (received by a consignee, or one shipment)
    due on     each date of the schedule

A duty that is due is a warning that says what to do; one with dates is `ok` and says when it is
due next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from placement.enums import Channel
from placement.policy.base_model import DecimalText, Symbol
from placement.policy.country_groups import EVERYWHERE
from placement.policy.rules.base import BaseRule


class DutyRule(BaseRule):
    """A report, certification or notice.

    `of`: `consignee`: TPP that it received since `received_since` by `channels`; `shipment`: the
    TPP of one lot that came by them; `date`: each measurement date.
    """

    kind: Literal["duty"]
    of: Literal["consignee", "shipment", "date"]
    threshold: DecimalText | None = None
    channels: list[Channel] = Field(default_factory=list)
    received_since: date | None = None
    places: Symbol = EVERYWHERE
    what: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_when_it_is_due(self) -> DutyRule:
        if (self.of == "date") == (self.threshold is not None):
            raise ValueError("give a threshold, or of = 'date'")
        return self

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield "places", self.places

    def place(self) -> str:
        """Return the group that the rule is about."""
        return self.places

    def formula(self) -> str:
        """Return the condition in one line."""
        if self.of == "date":
            return "due on each measurement date"
        by = f" by {', '.join(self.channels)}" if self.channels else ""
        window = f" since {self.received_since}" if self.received_since else ""
        what = "received by a consignee" if self.of == "consignee" else "of one shipment received"
        return f"due where tpp {what}{by}{window} in {self.places} >= {self.threshold}"
