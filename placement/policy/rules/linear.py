"""What the kinds that are rows share: totals of some places, for one subject, on one date."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from placement.enums import Channel, Comparison, Measure, Which
from placement.policy.base_model import Symbol
from placement.policy.counted import CountedTest
from placement.policy.country_groups import EVERYWHERE
from placement.policy.row import Measured, Metric, PlaceColumn, Row
from placement.policy.rules.base import BaseRule, OptionChoice

#: Whose totals a rule is about.
About = Literal["owner", "consignee", "all"]
UNITS: Mapping[Metric, str] = {"tpp": "TPP", "accelerators": "accelerators"}


@dataclass(frozen=True, slots=True)
class On:
    """A day, the countries of the pack's groups on it, and the answers to its open questions."""

    day: date
    groups: Mapping[str, frozenset[str]]
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule needs to become rows for a subject on a day.

    `places`, `models`: where the subject has anything, and of what. `authorized`: the countries
    for which it holds the authorization that the rule needs, None where it is held for all.
    """

    subject: str
    on: On
    places: frozenset[str]
    models: frozenset[str] = frozenset()
    authorized: frozenset[str] | None = None


class RuleOnTotals(BaseRule):
    """A rule that is rows over totals by place.

    `about`: the totals of an owner group (default), of a consignee, or of all owners that the rule
    binds together. `by`: the column of a site that its places are (another than the country only
    with the group `everywhere`). `which`: only lots of a certain kind. `seated`: only lots whose
    owner or consignee, or its ultimate parent, has headquarters in that group. `counted`: which
    models it counts, in the place of the pack's test.
    """

    about: About = "owner"
    numerator: Symbol = EVERYWHERE
    per: Literal["each place", "group"] = "group"
    by: PlaceColumn = "country"
    metric: Metric = "tpp"
    which: Which = Which.ALL
    seated: Symbol | None = None
    counted: CountedTest | None = None

    @model_validator(mode="after")
    def _sites_are_not_grouped(self) -> RuleOnTotals:
        groups = {group for field, group in self.groups_named() if field != "seated"}
        if self.by != "country" and groups != {EVERYWHERE}:
            raise ValueError(f"groups are of countries; a rule by {self.by} is about everywhere")
        return self

    @model_validator(mode="after")
    def _consignees_receive(self) -> RuleOnTotals:
        measure = getattr(self, "measure", "stock")
        if self.about == "consignee" and measure != "received":
            raise ValueError("a consignee receives: measure = 'received'")
        if self.about == "all" and self.binds.authorization == "nveu":
            raise ValueError("nveu is held country by country: a rule about all cannot bind by it")
        if self.about == "all" and self.binds.seatless is not None:
            raise ValueError("a rule about all binds by headquarters, not by seatless")
        if self.which is Which.UNCOVERED and (self.by != "country" or self.kind != "prohibition"):
            raise ValueError("what nothing covers is barred, by country: kind = 'prohibition'")
        if self.which is Which.FOREIGN_OPERATOR and self.binds.authorization is None:
            raise ValueError("name the authorization that an operator needs: binds.authorization")
        return self

    @abstractmethod
    def rows(self, context: Context) -> Iterator[Row]:
        """Return the rule's rows for one subject on one date."""

    def of(self, on: On) -> Measured:
        """Return the totals that the rows of a day are over, all models together."""
        held = self.binds.authorization if self.which is Which.FOREIGN_OPERATOR else None
        seated = None if self.seated is None else on.groups[self.seated]
        return Measured(
            self.metric,
            Measure.STOCK,
            self.by,
            self.which,
            tested_by=self.tested_by(),
            authorization=held,
            seated=seated,
        )

    def tested_by(self) -> str | None:
        """Return the rule's own id where its own tests say which models count, else None."""
        return self.id if self.counted is not None else None

    def groups_named(self) -> Iterator[tuple[str, str]]:
        """Return (field, group id) for each group the rule names."""
        yield "numerator", self.numerator
        if self.seated is not None:
            yield "seated", self.seated

    def place(self) -> str:
        """Return the group that the rule is about."""
        return self.numerator

    def unit(self) -> str:
        """Return the unit of the rule's amounts."""
        return UNITS[self.metric]

    def part(self) -> str:
        """Return the left-hand side of the formula."""
        where = (
            f"each {self.by} of {self.numerator}" if self.per == "each place" else self.numerator
        )
        return f"{self._what()}({where})"

    def _what(self) -> str:
        which = "" if self.which is Which.ALL else f"{self.which} "
        seated = "" if self.seated is None else f" of companies seated in {self.seated}"
        counted = "" if self.counted is None else f" of models that pass '{self.counted.title}'"
        return f"{which}{self.metric}{counted}{seated}"

    def _numerators(
        self, context: Context, *, every: bool = False
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """Return (place or group id, its places): one, or one per place of interest.

        `every`: each place of the group is of interest, also where nothing stands (a floor).
        """
        group = self._group(context, self.numerator)
        if context.authorized is not None:
            group &= context.authorized
        present = sorted(group if every else group & context.places)
        if self.per == "each place" and present:
            for place in present:
                yield place, frozenset({place})
        else:
            yield self.numerator, group

    def _group(self, context: Context, name: str) -> frozenset[str]:
        """Return a group's places: those of interest where they are no countries."""
        return context.on.groups[name] if self.by == "country" else context.places

    def _row(
        self,
        context: Context,
        place: str,
        numerator: frozenset[str],
        denominator: frozenset[str] | None,
        limit: Fraction,
        comparison: Comparison,
        of: Measured,
    ) -> Row:
        return Row(
            rule=self.id,
            kind=self.kind,
            subject=context.subject,
            place=place,
            day=context.on.day,
            of=of,
            numerator=numerator,
            denominator=denominator,
            limit=limit,
            comparison=comparison,
        )


class Received(RuleOnTotals):
    """The part of a rule that may be about what was received, not about what stands.

    `received_since`: the first day that counts; `calendar_year`: what came in the year of the day.
    """

    measure: Literal["stock", "received"] = "stock"
    channels: list[Channel] = Field(default_factory=list)
    received_since: date | OptionChoice | None = None
    calendar_year: bool = False

    @model_validator(mode="after")
    def _flows_have_windows(self) -> Received:
        window = self.received_since is not None or self.calendar_year
        if self.measure == "stock" and (window or self.channels):
            raise ValueError("channels and windows are of what was received: measure = 'received'")
        if self.received_since is not None and self.calendar_year:
            raise ValueError("give received_since or calendar_year, not both")
        if self.measure == "received" and self.which is not Which.ALL:
            raise ValueError("'which' is about what stands, 'channels' about what was received")
        return self

    def of(self, on: On) -> Measured:
        """Return the totals that the rows of a day are over."""
        if self.measure == "stock":
            return super().of(on)
        since: date | None = None
        if self.calendar_year:
            since = date(on.day.year, 1, 1)
        elif isinstance(self.received_since, OptionChoice):
            since = date.fromisoformat(on.options[self.received_since.option])
        else:
            since = self.received_since
        return Measured(
            self.metric,
            Measure.RECEIVED,
            self.by,
            channels=frozenset(self.channels),
            since=since,
            tested_by=self.tested_by(),
        )

    def _what(self) -> str:
        if self.measure == "stock":
            return super()._what()
        window = "in the calendar year" if self.calendar_year else ""
        if isinstance(self.received_since, OptionChoice):
            window = f"since {self.received_since.option}"
        elif self.received_since is not None:
            window = f"since {self.received_since}"
        by = f" by {', '.join(self.channels)}" if self.channels else ""
        return f"{self.metric} received{by} {window}".strip() + " "
