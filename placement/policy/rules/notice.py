"""`notice`: an action needs a notice so many days before.

    arrival - filed >= days

in calendar days; exactly `days` is kept. `of`: what needs the notice. `new_site`: the first lot
that comes to a site; `transfer`: a lot that comes from another country (`from_country`), or the
first one that comes to a country. It is no row: a plan is barred from the action until the notice
is old enough, or says until when it must be filed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from placement.policy.base_model import Symbol
from placement.policy.country_groups import EVERYWHERE
from placement.policy.rules.base import BaseRule


class NoticeRule(BaseRule):
    """A notice to the regulator before something moves; `places`: only actions there need it."""

    kind: Literal["notice"]
    of: Literal["new_site", "transfer"]
    days: int = Field(gt=0)
    places: Symbol = EVERYWHERE

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield "places", self.places

    def file_by(self, arrival: date) -> date:
        """Return the last day on which a notice is early enough."""
        return arrival - timedelta(days=self.days)

    def place(self) -> str:
        """Return the group that the rule is about."""
        return self.places

    def unit(self) -> str:
        """Return the unit of the rule's amounts."""
        return "days"

    def formula(self) -> str:
        """Return the inequality in one line."""
        what = (
            "the first lot of a site" if self.of == "new_site" else "a transfer between countries"
        )
        return f"arrival of {what} in {self.places} - notice filed >= {self.days} days"
