"""`cap`: the most that may stand in some places at a date, or may have been received there.

    total <= limit

in the metric's unit (TPP, or accelerators). Exactly at the limit is kept. Stock is what stands on
the day; received is what came into a country from another one, from a day on or in the calendar
year, up to the day. `steps` give the limit by date; before the first and after the last there is
none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from placement.enums import Comparison
from placement.policy.base_model import DecimalText, Record
from placement.policy.row import Row
from placement.policy.rules.linear import Context, Received


class Step(Record):
    """A limit from a day (included) to a day (included)."""

    since: date = Field(alias="from")
    to: date
    limit: DecimalText


class CapRule(Received):
    """A limit on a total; `counted_by`: who keeps the account of what everyone has or receives."""

    kind: Literal["cap"]
    limit: DecimalText | None = None
    steps: list[Step] = Field(default_factory=list)
    counted_by: str = ""

    @model_validator(mode="after")
    def _steps_follow_each_other(self) -> CapRule:
        if (self.limit is None) == (not self.steps):
            raise ValueError("give either limit or steps")
        for step in self.steps:
            if step.to < step.since:
                raise ValueError(f"a step ends on {step.to}, before it begins on {step.since}")
        for earlier, later in zip(self.steps, self.steps[1:], strict=False):
            expected = earlier.to + timedelta(days=1)
            if later.since != expected:
                what = "a gap" if later.since > expected else "an overlap"
                raise ValueError(
                    f"steps leave {what}: one ends on {earlier.to}, the next begins on "
                    f"{later.since}, not on {expected}"
                )
        return self

    def limit_on(self, day: date) -> str | None:
        """Return the limit on a day, None where the steps say nothing."""
        if self.limit is not None:
            return self.limit
        return next((step.limit for step in self.steps if step.since <= day <= step.to), None)

    def in_force(self, day: date) -> bool:
        """Tell whether the rule stands on a day."""
        return super().in_force(day) and self.limit_on(day) is not None

    def rows(self, context: Context) -> Iterator[Row]:
        """Return one row, or one for each place of interest in the group."""
        limit = self.limit_on(context.on.day)
        if limit is None:
            return
        of, most = self.of(context.on), Fraction(limit)
        for place, part in self._numerators(context):
            yield self._row(context, place, part, None, most, Comparison.AT_MOST, of)

    def formula(self) -> str:
        """Return the inequality in one line."""
        return f"{self.part()} <= {self.limit or 'the limit of the day'}"
