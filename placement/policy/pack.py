"""What a pack file may say: one frozen record per table of the TOML file.

Rule kinds are in `kinds/`, one module each; what groups, schedules and the counted test mean at
a date is in the modules of those names.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from placement.policy.counted import CountedTest
from placement.policy.dates import Schedule
from placement.policy.groups import Group
from placement.policy.kinds import AnyRule
from placement.policy.record import Record, Symbol


class LegalStatus(Record):
    """Where the rule text stands in law, as of a date; printed with every verdict."""

    text: str = Field(min_length=1)
    codified: bool | None = None
    enforced: bool | None = None
    as_of: date


class Option(Record):
    """One question that the law leaves open, its possible answers, and the default.

    Options named `tf32_bits` (19, 32 or 0: the width at which a TF32 rate counts) and `basis`
    (owned or operated) are read by the tool itself; groups and rules refer to others by id.
    """

    question: str = Field(min_length=1)
    default: str
    values: Annotated[dict[str, str], Field(min_length=2)]
    citation: str = ""

    @model_validator(mode="after")
    def _default_is_a_value(self) -> Option:
        if self.default not in self.values:
            raise ValueError(f"default {self.default!r} is not one of {', '.join(self.values)}")
        return self


class Pack(Record):
    """One policy: who may have how much where, with citations. Data only."""

    schema_: Literal["placement.pack/1"] = Field(alias="schema")
    id: Symbol
    version: str = Field(min_length=1)
    title: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    status: LegalStatus
    counted: CountedTest
    groups: dict[Symbol, Group]
    schedules: dict[Symbol, Schedule]
    options: dict[Symbol, Option] = Field(default_factory=dict)
    rules: Annotated[list[AnyRule], Field(min_length=1)]
