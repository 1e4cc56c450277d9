"""What a position weighs under a policy: counted models, their weights, and what is in doubt.

A model is in doubt where a catalogue field is missing (it counts or it does not) or where its
rate has low confidence (it may weigh a quarter more or less). Rows are linear, so the
worst and the best case of a row are sums over models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.catalog import Accelerator, Catalog
from placement.enums import Confidence, Counted
from placement.fleet.opening_balances import OPENING
from placement.fleet.positions import Count, Fleet
from placement.policy import Measured, Policy, Row
from placement.policy.counted import Answer, CountedTest, is_counted
from placement.policy.pack import OpenChannel, ShipmentException
from placement.policy.row import Amount
from placement.policy.rules import ProhibitionRule, RuleOnTotals
from placement.text.decimals import THOUSAND

if TYPE_CHECKING:
    from placement.readers.tables.shipments import Shipment

#: A low-confidence rate is varied by one part in PARTS, up and down, to see whether a verdict
#: rests on it. Weights in doubt are counted in these parts, so that they stay integers.
PARTS = 4


@dataclass(frozen=True, slots=True)
class Weight:
    """One model under one policy: thousandths of the metric's unit per accelerator."""

    model: str
    each: int
    counted: Counted
    missing: tuple[str, ...]
    #: Between how many parts of the stated weight the true one lies (PARTS and PARTS: no doubt).
    least: int
    most: int

    @property
    def charged(self) -> int:
        """What one takes of a limit: its weight where it counts or may, else 0."""
        return 0 if self.counted is Counted.NO else self.each

    @property
    def condition(self) -> str:
        """Say what is to be known where a verdict rests on whether the model counts."""
        return f"rests on whether {self.model} counts: supply its {', '.join(self.missing)}"


class Classification:
    """The weights of all models under a policy, worked out once each."""

    def __init__(self, policy: Policy, catalog: Catalog) -> None:
        self.policy = policy
        self.catalog = catalog
        self._known: dict[tuple[str, str, str | None], Weight] = {}
        self._passing: dict[tuple[str, str], Counted] = {}
        self._mattering: dict[str, bool] = {}

    def weight(self, model: str, metric: str, tested_by: str | None = None) -> Weight:
        """Return a model's weight in `tpp` or `accelerators`.

        `tested_by`: the id of a rule whose own tests say whether it counts.
        """
        if model == OPENING:
            counted = Counted.YES if metric == "tpp" else Counted.NO
            return Weight(model, 1, counted, (), PARTS, PARTS)
        key = (model, metric, tested_by)
        if key not in self._known:
            accelerator = self.catalog.accelerators[model]
            rule = None if tested_by is None else self.policy.rule(tested_by)
            own = rule.counted if isinstance(rule, RuleOnTotals) else None
            weight = self._weigh(accelerator, metric, own or self.policy.pack.counted)
            if isinstance(rule, ProhibitionRule) and rule.unless is not None:
                weight = self._freed(weight, rule.unless)
            self._known[key] = weight
        return self._known[key]

    def covers(self, model: str, rule: RuleOnTotals) -> Counted:
        """Return whether a rule is about a model at all, be it freed or not."""
        test = rule.counted or self.policy.pack.counted
        return self._weigh(self.catalog.accelerators[model], rule.metric, test).counted

    def matters(self, model: str) -> bool:
        """Return whether the pack, or any rule by a test of its own, counts a model, or may."""
        if model not in self._mattering:
            tests = [None, *(rule.tested_by() for rule in self.policy.on_totals)]
            found = (self.weight(model, "tpp", one) for one in dict.fromkeys(tests))
            self._mattering[model] = any(one.counted is not Counted.NO for one in found)
        return self._mattering[model]

    def passes(self, channel: OpenChannel | ShipmentException, model: str) -> Counted:
        """Return whether a model passes the test of a channel or of an exception, if it has one."""
        if channel.counted is None:
            return Counted.YES
        key = (channel.id.value, model)
        if key not in self._passing:
            self._passing[key] = self._weigh(
                self.catalog.accelerators[model], "tpp", channel.counted
            ).counted
        return self._passing[key]

    def is_excepted(self, shipment: Shipment) -> bool:
        """Tell whether a shipment went by an exception of the pack that is for its model."""
        return any(
            exception.id is shipment.channel
            and self.passes(exception, shipment.model) is Counted.YES
            for exception in self.policy.pack.shipment_exceptions
        )

    def _freed(self, weight: Weight, unless: CountedTest) -> Weight:
        """Free a model that passes a test; one of which it is unknown may count."""
        accelerator = self.catalog.accelerators[weight.model]
        mtpp = accelerator.mtpp(self.policy.tf32_bits)
        answer = is_counted(unless, accelerator, mtpp)
        if accelerator.confidence is Confidence.LOW and accelerator.fixed_mtpp is None and mtpp:
            for end in (PARTS - 1, PARTS + 1):
                other = is_counted(unless, accelerator, mtpp, Fraction(end, PARTS))
                if other.counted is not answer.counted:
                    answer = Answer(Counted.UNKNOWN, ("tpp",))
        if answer.counted is Counted.NO or weight.counted is Counted.NO:
            return weight
        if answer.counted is Counted.YES:
            return replace(weight, counted=Counted.NO, missing=())
        missing = tuple(dict.fromkeys((*weight.missing, *answer.missing)))
        return replace(weight, counted=Counted.UNKNOWN, missing=missing)

    def _weigh(self, accelerator: Accelerator, metric: str, test: CountedTest) -> Weight:
        mtpp = accelerator.mtpp(self.policy.tf32_bits)
        answer = is_counted(test, accelerator, mtpp)
        least = most = PARTS
        if accelerator.confidence is Confidence.LOW and accelerator.fixed_mtpp is None and mtpp:
            least, most = PARTS - 1, PARTS + 1
            scales = [Fraction(end, PARTS) for end in (least, most)]
            ends = [is_counted(test, accelerator, mtpp, scale) for scale in scales]
            if answer.counted is Counted.YES and ends[0].counted is not Counted.YES:
                least = 0
            if answer.counted is Counted.NO and ends[1].counted is not Counted.NO:
                answer = type(answer)(Counted.UNKNOWN, ("tpp",))
        if metric == "accelerators":
            least, most = (least, PARTS) if least == 0 else (PARTS, PARTS)
            return Weight(accelerator.model, THOUSAND, answer.counted, answer.missing, least, most)
        return Weight(accelerator.model, mtpp or 0, answer.counted, answer.missing, least, most)


class PlaceTotals:
    """Totals by place, in thousandths of a metric's unit, summed up over the places of rows."""

    def __init__(self, by_place: Mapping[str, Amount]) -> None:
        self.by_place = by_place
        self._wholes: dict[frozenset[str], Amount] = {}

    def parts(self, row: Row) -> tuple[Amount, Amount]:
        """Return the totals of a row's numerator and denominator (0 for an amount)."""
        part = self._sum(row.numerator)
        if row.denominator is None:
            return part, 0
        if row.denominator not in self._wholes:
            self._wholes[row.denominator] = self._sum(row.denominator)
        return part, self._wholes[row.denominator]

    def _sum(self, places: frozenset[str]) -> Amount:
        if len(places) == 1:
            return self.by_place.get(next(iter(places)), 0)
        return sum(self.by_place[place] for place in self.by_place.keys() & places)


@dataclass(frozen=True, slots=True)
class UncertainModel:
    """What one model in doubt adds to each place, at its stated weight."""

    weight: Weight
    totals: PlaceTotals


#: A model in doubt, and what it adds to a row's numerator and denominator.
_Added = tuple[Weight, Amount, Amount]
#: A model in doubt, and by how much it may lower (<= 0) and raise (>= 0) a row's excess.
Swing = tuple[Weight, Amount, Amount]


class UncertainModels:
    """Models in doubt. What they add to the rows of many places is looked up, not summed up."""

    def __init__(self, doubts: Iterable[UncertainModel] = ()) -> None:
        self._doubts = tuple(doubts)
        self._at: dict[str, dict[int, Amount]] = {}
        for n, doubt in enumerate(self._doubts):
            for place, amount in doubt.totals.by_place.items():
                self._at.setdefault(place, {})[n] = amount
        self._wholes: dict[frozenset[str], dict[int, Amount]] = {}

    def __iter__(self) -> Iterator[UncertainModel]:
        return iter(self._doubts)

    @property
    def places(self) -> set[str]:
        """Where any of them stands."""
        return set(self._at)

    def of(self, row: Row) -> list[_Added]:
        """Return what each adds to a row, those that add nothing left out."""
        parts = self._sums(row.numerator)
        if row.denominator is None:
            return [(self._doubts[n].weight, parts[n], 0) for n in sorted(parts) if parts[n]]
        if row.denominator not in self._wholes:
            self._wholes[row.denominator] = self._sums(row.denominator)
        wholes = self._wholes[row.denominator]
        both = ((n, parts.get(n, 0), wholes.get(n, 0)) for n in sorted({*wholes, *parts}))
        return [(self._doubts[n].weight, part, whole) for n, part, whole in both if part or whole]

    def part(self, row: Row) -> Amount:
        """Return what all of them add to a row's numerator."""
        return sum(self._sums(row.numerator).values())

    def _sums(self, places: frozenset[str]) -> dict[int, Amount]:
        """Return the totals over some places, by number of the model."""
        if len(places) == 1:
            return self._at.get(next(iter(places)), {})
        sums: dict[int, Amount] = {}
        for place in self._at.keys() & places:
            for n, amount in self._at[place].items():
                sums[n] = sums.get(n, 0) + amount
        return sums


@dataclass(frozen=True, slots=True)
class Reading:
    """A row's numerator and denominator where some models of unknown scope count and others do not.

    Only models that are in the row's totals are named.
    """

    part: Amount
    whole: Amount
    counted: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """One subject's totals on one day: of models that count, and of each model in doubt.

    `unknown`: models that may or may not count. `rated`: models that count, or may (they are in
    `certain` or `unknown`, too), but whose rate has low confidence. `rated_mass`: by how much PARTS
    times the totals of all places may differ because of these rates. `undated`: what a window of
    receipts may hold, since nobody knows when it came; of it, `undated_unknown` may not count.
    """

    certain: PlaceTotals
    unknown: UncertainModels
    rated: UncertainModels
    forecast: frozenset[str]
    rated_mass: Amount
    undated: PlaceTotals
    undated_unknown: UncertainModels

    @property
    def places(self) -> frozenset[str]:
        """Where anything stands that counts, or may count."""
        return frozenset(self.certain.by_place).union(self.undated.by_place, self.unknown.places)

    @property
    def everywhere(self) -> Amount:
        """All that has a date, models that may not count included."""
        totals = (self.certain, *(doubt.totals for doubt in self.unknown))
        return sum(amount for total in totals for amount in total.by_place.values())

    def parts(self, row: Row) -> tuple[Amount, Amount]:
        """Return the row's numerator and denominator, models that may not count left out."""
        return self.certain.parts(row)

    def parts_with_undated(self, row: Row) -> tuple[Amount, Amount]:
        """Return the same, what came nobody knows when included."""
        part, whole = self.parts(row)
        return part + self.undated.parts(row)[0], whole

    def readings(self, row: Row) -> tuple[Reading, Reading]:
        """Return the strictest reading of a row and the one that answers every doubt otherwise.

        Each model of unknown scope is looked at by itself: in a ceiling of p/q the strictest
        reading counts model m where p * T_m - q * N_m < 0, in a floor where it is > 0, and leaves
        it out otherwise. No reading has a larger excess, so a headroom that is worked out from the
        strictest one holds in all of them.
        """
        part, whole = self.parts(row)
        counted: list[str] = []
        left_out: list[str] = []
        strict, other = [part, whole], [part, whole]
        of_part, of_whole = row.factors
        for weight, more, more_whole in self.unknown.of(row):
            raises = of_part * more + of_whole * more_whole > 0
            names, totals = (counted, strict) if raises else (left_out, other)
            names.append(weight.model)
            totals[0], totals[1] = totals[0] + more, totals[1] + more_whole
        return (
            Reading(strict[0], strict[1], tuple(counted), tuple(left_out)),
            Reading(other[0], other[1], tuple(left_out), tuple(counted)),
        )

    def swings(self, row: Row, excess: Amount) -> tuple[list[Swing], list[Swing]]:
        """Return how far each model in doubt may lower and raise PARTS times the row's excess.

        First those of unknown scope, then those whose rate has low confidence. Rates are left out
        where all of them together cannot reach the limit: no coefficient of a row is larger than
        the limit's denominator.
        """
        unknown: list[Swing] = []
        worst = best = PARTS * excess
        of_part, of_whole = row.factors
        for weight, part, whole in self.unknown.of(row):
            stated = PARTS * (of_part * part + of_whole * whole)
            if stated > 0:
                unknown.append((weight, 0, stated))
                worst += stated
            elif stated < 0:
                unknown.append((weight, stated, 0))
                best += stated
        rated: list[Swing] = []
        reach = self.rated_mass * max(row.limit.numerator, row.limit.denominator)
        if worst < -reach or best > reach:
            return unknown, rated
        for weight, part, whole in self.rated.of(row):
            stated = of_part * part + of_whole * whole
            if stated:
                ends = (stated * (weight.least - PARTS), stated * (weight.most - PARTS))
                rated.append((weight, min(*ends, 0), max(*ends, 0)))
        return unknown, rated

    def rests_on_forecast(self, row: Row) -> bool:
        """Tell whether a lot that is only planned is in the row's totals."""
        looked_at = row.numerator if row.denominator is None else row.denominator
        return not self.forecast.isdisjoint(looked_at)


def tally(fleet: Fleet, scope: Classification, of: Measured, undated: Fleet | None = None) -> Tally:
    """Weigh a subject's fleet, and what of it nobody knows the date of."""
    totals: dict[str, Amount] = {}
    unknown: dict[str, dict[str, Amount]] = {}
    rated: dict[str, dict[str, Amount]] = {}
    forecast = set()
    mass: Amount = 0
    held = set[str]().union(*fleet.values())
    if of.model is not None:
        held &= {of.model}
    weights = {model: scope.weight(model, of.metric, of.tested_by) for model in held}
    counted = {name: one for name, one in weights.items() if one.counted is not Counted.NO}
    for place, models in fleet.items():
        for model, holding in models.items():
            weight = counted.get(model)
            if weight is None or not holding.accelerators:
                continue
            amount = _whole(holding.accelerators * weight.each)
            if weight.counted is Counted.UNKNOWN:
                unknown.setdefault(model, {})[place] = amount
            else:
                totals[place] = totals.get(place, 0) + amount
            if weight.least != weight.most:
                rated.setdefault(model, {})[place] = amount
                mass += amount * max(PARTS - weight.least, weight.most - PARTS)
            if holding.forecast:
                forecast.add(place)

    def doubts(found: Mapping[str, Mapping[str, Amount]]) -> UncertainModels:
        return UncertainModels(
            UncertainModel(scope.weight(name, of.metric, of.tested_by), PlaceTotals(at))
            for name, at in sorted(found.items())
        )

    dateless: dict[str, Amount] = {}
    dateless_unknown: dict[str, dict[str, Amount]] = {}
    for place, models in (undated or {}).items():
        for model, holding in models.items():
            weight = scope.weight(model, of.metric, of.tested_by)
            if weight.counted is not Counted.NO and holding.accelerators:
                amount = _whole(holding.accelerators * weight.each)
                dateless[place] = dateless.get(place, 0) + amount
                if weight.counted is Counted.UNKNOWN:
                    dateless_unknown.setdefault(model, {})[place] = amount
    return Tally(
        PlaceTotals(totals),
        doubts(unknown),
        doubts(rated),
        frozenset(forecast),
        mass,
        PlaceTotals(dateless),
        doubts(dateless_unknown),
    )


def _whole(value: Count) -> Amount:
    return value.numerator if value.denominator == 1 else value
