"""What a pack file may say: one frozen record per table of the TOML file.

Rule kinds are in `rules/`, one module each; what groups, schedules and the counted test mean at
a date is in the modules of those names.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, model_validator

from placement.enums import Channel
from placement.policy.base_model import Record, Symbol
from placement.policy.counted import CountedTest
from placement.policy.country_groups import EVERYWHERE, Group
from placement.policy.rules import AnyRule, Binding
from placement.policy.schedules import Schedule

DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: What the statements of a pack on authorizations may be about.
Authorization = Literal["uveu", "nveu"]


class LegalStatus(Record):
    """Where the rule text stands in law, as of a date; printed with every verdict.

    `authorizations`: of an authorization, the sentence that a report says once where a verdict
    rests on it, as whether anyone was ever granted it.
    """

    text: str = Field(min_length=1)
    codified: StrictBool | None = None
    enforced: StrictBool | None = None
    as_of: date
    authorizations: dict[Authorization, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict
    )


class Option(Record):
    """One question that the law leaves open, its possible answers, and the default.

    Those of `policy.answers.UNDERSTOOD` are read by the tool itself; groups, schedules and rules
    refer to others by id. One with a single value states how the text is read, and asks nothing.
    """

    question: str = Field(min_length=1)
    default: str
    values: Annotated[dict[str, str], Field(min_length=1)]
    citation: str = ""

    @model_validator(mode="after")
    def _default_is_a_value(self) -> Option:
        if self.default not in self.values:
            raise ValueError(f"default {self.default!r} is not one of {', '.join(self.values)}")
        return self


class OpenChannel(Record):
    """By which authorization a lot may come to some places, and to whom it is open.

    `seated`: it is open besides, wherever, to owners and consignees with headquarters (or those of
    the ultimate parent) in that group. `room`: the id of a cap; the channel is open only while that
    has room. `counted`: open only for models that pass the test. `by_record`: open only where the
    line of a lot records it, since it asks for more than a company, a place and a model. `needs`:
    what has to be done before the first shipment under it.
    """

    id: Channel
    title: str = Field(min_length=1)
    binds: Binding = Binding()
    places: Symbol = EVERYWHERE
    seated: Symbol | None = None
    room: Symbol | None = None
    needs: str = ""
    counted: CountedTest | None = None
    by_record: StrictBool = False
    citation: str = Field(min_length=1)


class Ledger(Record):
    """How what a country receives is charged: to the first channel, in this order, that is open.

    `home`: the countries to which nothing is exported.
    """

    home: Symbol
    channels: Annotated[list[OpenChannel], Field(min_length=1)]


class ShipmentException(Record):
    """A licence exception by which shipments go, recorded for each; rules on shipments leave it.

    `counted`: it is for models that pass the test, for certain.
    """

    id: Channel
    title: str = Field(min_length=1)
    counted: CountedTest
    citation: str = Field(min_length=1)


class Unjudged(Record):
    """A duty of the same law that no input table shows, so that nobody judges it here; `why`."""

    id: Symbol
    title: str = Field(min_length=1)
    why: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    codified: StrictBool | None = None
    enforced: StrictBool | None = None
    as_of: date | None = None


class WrittenFor(Record):
    """Whom the law's own text is about, where the pack binds others, too: companies seated there.

    `note` is told to those others.
    """

    headquarters: Symbol
    note: str = Field(min_length=1)


class Pack(Record):
    """One policy: who may have how much where, with citations. Data only.

    `partition`: groups to one and only one of which every country belongs, on every day.
    `unjudged`: what the law asks for besides, so that nobody takes the rules for all of it.
    `in_force`: whether a check that did not choose it says in a line what it finds; of the packs
    that ship.
    """

    schema_: Literal["placement.pack/1"] = Field(alias="schema")
    id: Symbol
    version: str = Field(min_length=1)
    title: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    status: LegalStatus
    in_force: StrictBool = False
    counted: CountedTest
    groups: dict[Symbol, Group]
    schedules: dict[Symbol, Schedule]
    options: dict[Symbol, Option] = Field(default_factory=dict)
    partition: list[Symbol] = Field(default_factory=list)
    ledger: Ledger | None = None
    shipment_exceptions: list[ShipmentException] = Field(default_factory=list)
    rules: Annotated[list[AnyRule], Field(min_length=1)]
    unjudged: list[Unjudged] = Field(default_factory=list)
    written_for: WrittenFor | None = None

    @property
    def channels(self) -> list[OpenChannel]:
        """The channels of its ledger in order; none where it has no ledger."""
        return [] if self.ledger is None else self.ledger.channels


def pack_schema() -> dict[str, Any]:
    """Return the JSON Schema of a pack file; dates of TOML are its texts of format `date`."""
    found = Pack.model_json_schema(by_alias=True)
    return {"$schema": DIALECT, **found, "title": "A policy pack of placement"}
