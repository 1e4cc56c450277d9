"""`prohibition`: nothing that counts (or no lot of a certain kind) may stand in some places.

    total <= 0

`measure = "shipped"`: nothing may have been sent there, by shipments.csv.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from placement.enums import Channel, Comparison, Measure, Which
from placement.policy.base_model import Symbol
from placement.policy.counted import CountedTest
from placement.policy.row import Measured, Row
from placement.policy.rules.base import OptionChoice
from placement.policy.rules.linear import Context, On, RuleOnTotals

LICENSED = ("judged", "free")


class ProhibitionRule(RuleOnTotals):
    """Places where no counted accelerator may be, or may be shipped to (from `origin`).

    `unless`: models that pass this test are free; one of which that is unknown is judged both ways.
    `exceptions`: lots that came by one of these channels, open to them, need no licence
    (`which = "unlicensed"`). `received_since`: only lots that came from that day on, or
    nobody knows when (`which = "uncovered"`). `licensed`: whether a shipment with a licence
    on record is judged all the same, or free. What is shipped is judged model by model.
    """

    kind: Literal["prohibition"]
    measure: Literal["stock", "shipped"] = "stock"
    origin: Symbol | None = None
    unless: CountedTest | None = None
    exceptions: list[Channel] = Field(default_factory=list)
    received_since: date | None = None
    licensed: Literal["judged", "free"] | OptionChoice = "judged"

    @model_validator(mode="after")
    def _shipments_are_by_country(self) -> ProhibitionRule:
        plain = self.by == "country" and self.about == "owner" and self.which is Which.ALL
        if self.measure == "shipped" and not plain:
            raise ValueError("shipments are by country, and of each exporter")
        if self.measure == "stock" and self.origin is not None:
            raise ValueError("an origin is that of shipments: measure = 'shipped'")
        if self.measure == "stock" and self.licensed != "judged":
            raise ValueError("'licensed' is about shipments: measure = 'shipped'")
        return self

    @model_validator(mode="after")
    def _asks_how_it_came(self) -> ProhibitionRule:
        if self.exceptions and self.which is not Which.UNLICENSED:
            raise ValueError("exceptions are from the need of a licence: which = 'unlicensed'")
        if self.received_since is not None and self.which is not Which.UNCOVERED:
            raise ValueError("received_since is of what nothing covers: which = 'uncovered'")
        return self

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield from super().groups_named()
        if self.origin is not None:
            yield "origin", self.origin

    def of(self, on: On) -> Measured:
        """Return the totals that the rows of a day are over."""
        if self.measure == "stock":
            return replace(
                super().of(on),
                exceptions=frozenset(self.exceptions),
                since=self.received_since,
            )
        origin = None if self.origin is None else on.groups[self.origin]
        said = self.licensed
        free = (on.options[said.option] if isinstance(said, OptionChoice) else said) == "free"
        return Measured(
            self.metric,
            Measure.SHIPPED,
            which=Which.UNLICENSED if free else Which.ALL,
            since=self.since,
            origin=origin,
            to=on.groups[self.numerator],
            tested_by=self.tested_by(),
        )

    def tested_by(self) -> str | None:
        """Return the rule's own id where its own tests say which models count, else None."""
        return self.id if self.unless is not None else super().tested_by()

    def rows(self, context: Context) -> Iterator[Row]:
        """Return one row, or one for each place of interest; for each model that is shipped."""
        of = self.of(context.on)
        models = [*sorted(context.models)] if self.measure == "shipped" else []
        for place, part in self._numerators(context):
            for model in models or (None,):
                one = replace(of, model=model)
                yield self._row(context, place, part, None, Fraction(0), Comparison.AT_MOST, one)

    def formula(self) -> str:
        """Return the inequality in one line."""
        unless = "" if self.unless is None else f" of models that fail '{self.unless.title}'"
        return f"{self.part()}{unless} = 0"

    def _what(self) -> str:
        if self.measure == "stock":
            return super()._what()
        free = ""
        if isinstance(self.licensed, OptionChoice):
            free = f" (with a licence: {self.licensed.option})"
        elif self.licensed == "free":
            free = " without a licence"
        return f"{super()._what()} shipped{free} to "
