"""What still fits: how many accelerators of one model may be added at one place.

Adding n accelerators of u thousandths each moves a row's excess from e to e + n * u * a, where a
is the row's integer coefficient at the place (q - p in numerator and denominator, -p in the
denominator only, q for an amount). So for each rule:

    a > 0, kept:     n <= floor(-e / (a * u))
    a > 0, broken:   n <= 0, since any more makes it worse (but a share of 100 % stays one)
    a < 0, broken:   n >= ceil(e / (-a * u))
    a = 0, broken:   no n here helps

The answer is an interval: the least that makes everything comply, the most that breaks or
worsens nothing, each end with its rule. Chips may add to the totals of several owner groups
(where sister companies are left out, those of a parent do): the answer is then what the intervals
of all these groups have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, overload

from placement.enums import Channel, Counted, Measure, Which
from placement.errors import Fault, UsageError
from placement.fleet.channel_charges import countries_charged
from placement.fleet.classification import Tally
from placement.fleet.context import FleetContext
from placement.fleet.owner_groups import Acquirer
from placement.policy import ALL_OWNERS, Measured, Row, Subject
from placement.policy.rules import RuleOnTotals
from placement.report import PackInfo, ReadInfo
from placement.text.frames import html_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class End:
    """One end of an interval, and the rule, its pack, the place and the subject of its row."""

    amount: int
    rule: str
    place: str
    subject: str
    pack: str


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many accelerators of a model may be added at a place.

    `subject`: who adds them; `adds_to`: the owner groups to whose totals they add. `least` None:
    everything complies already. `most` None: no upper end. `hopeless` names the broken rows that no
    addition here can mend; `bound`: whether any rule binds the subject; `unsolved`: rules by
    another column than the country, which are not in the answer; `in_doubt`: models of which it is
    unknown whether they count: the answer holds either way. `comes_by`: the channels by which it
    comes, in order, and how many fit each (None: no end; a channel of None: none is open).
    """

    subject: str
    place: str
    model: str
    day: date
    least: End | None
    most: End | None
    hopeless: tuple[tuple[str, str], ...]
    bound: bool
    unsolved: tuple[str, ...] = ()
    adds_to: tuple[str, ...] = ()
    in_doubt: tuple[str, ...] = ()
    comes_by: tuple[tuple[str | None, int | None], ...] = ()

    @property
    def complies(self) -> bool:
        """Whether some amount here makes, or leaves, everything compliant."""
        if self.hopeless:
            return False
        low = self.least.amount if self.least is not None else 0
        return self.most is None or low <= self.most.amount


@dataclass(frozen=True, slots=True, repr=False)
class Headrooms(Sequence[Headroom]):
    """The intervals of a run, in the order of owner and place, and the packs that they are under.

    `pack` is the first of `packs`.
    """

    intervals: tuple[Headroom, ...]
    packs: tuple[PackInfo, ...]
    read: ReadInfo | None = None
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def pack(self) -> PackInfo:
        """The first pack."""
        return self.packs[0]

    @overload
    def __getitem__(self, at: int) -> Headroom: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Headroom, ...]: ...
    def __getitem__(self, at: int | slice) -> Headroom | tuple[Headroom, ...]:
        """Return one interval, or some."""
        return self.intervals[at]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.intervals)

    def frame(self) -> pd.DataFrame:
        """Return one row for each interval; counts of accelerators are Int64, <NA> for no end."""
        import pandas as pd

        rows = [
            {
                "owner": interval.subject,
                "place": interval.place,
                "accelerator": interval.model,
                "date": interval.day,
                "complies": interval.complies,
                "least": None
                if interval.hopeless
                else interval.least.amount
                if interval.least
                else 0,
                "most": interval.most.amount if interval.most else None,
                "least_rule": interval.least.rule if interval.least else "",
                "most_rule": interval.most.rule if interval.most else "",
                "least_pack": interval.least.pack if interval.least else "",
                "most_pack": interval.most.pack if interval.most else "",
            }
            for interval in self.intervals
        ]
        columns = [
            "owner", "place", "accelerator", "date", "complies", "least", "most", "least_rule",
            "most_rule", "least_pack", "most_pack",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns).astype({"least": "Int64", "most": "Int64"})

    def __repr__(self) -> str:
        """Return what is in it, in two lines."""
        packs = ", ".join(pack.id for pack in self.packs)
        places = len({one.place for one in self})
        full = sum(1 for one in self if one.most is not None and one.most.amount <= 0)
        return (
            f"Headrooms({len(self)} intervals in {places} places, {full} without room)\n"
            f"  under {packs}: see .frame()"
        )

    def _repr_html_(self) -> str:
        """Return the intervals as a table, for a notebook."""
        return html_of(repr(self), self.frame())


def headroom(case: FleetContext, adder: Acquirer, place: str, model: str, day: date) -> Headroom:
    """Solve every row to which an owner's chips add for the number added at a place.

    They come from abroad, by the first channel that is open, without a licence, and the owner
    runs them itself. UsageError where it is unknown whether the model counts at all.
    """
    least: End | None = None
    most: End | None = None
    hopeless: list[tuple[str, str]] = []
    bound = False
    in_doubt = set[str]()
    comes_by: tuple[tuple[str | None, int | None], ...] = ()
    for row, own, slope, entry in _rows(case, adder, place, model, day):
        bound, comes_by = True, entry.parts()
        in_doubt.update(doubt.weight.model for doubt in own.unknown if any(doubt.totals.parts(row)))
        excess, slope, at_its_worst = _standing(row, own, slope)
        if slope > 0 and not at_its_worst:
            room = entry.most(max(0, -excess // slope), row.of)
            if room is not None and (most is None or room < most.amount):
                most = End(room, row.rule, row.place, row.subject, case.policy.pack.id)
        if excess > 0:
            if slope >= 0:
                hopeless.append((row.rule, row.place))
                continue
            need = -(excess // slope)  # ceil(excess / -slope)
            if least is None or need > least.amount:
                least = End(need, row.rule, row.place, row.subject, case.policy.pack.id)
    unsolved = tuple(
        rule.id for rule in case.policy.on_totals if rule.by != "country" and rule.about == "owner"
    )
    broken = tuple(dict.fromkeys(hopeless))
    groups = tuple(group.name for group in adder.groups)
    return Headroom(
        adder.name, place, model, day, least, most, broken, bound, unsolved, groups,
        tuple(sorted(in_doubt)), comes_by,
    )  # fmt: skip


def in_common(of: Mapping[str, Headroom]) -> Headroom:
    """Return what the intervals under several packs, by the pack's id, have in common.

    Rules that no addition mends, and those that are not in the answer, are named PACK:RULE.
    """
    found = [*of.values()]
    if len(found) == 1:
        return found[0]
    lows = [one.least for one in found if one.least is not None]
    highs = [one.most for one in found if one.most is not None]
    return replace(
        found[0],
        least=max(lows, key=lambda end: end.amount, default=None),
        most=min(highs, key=lambda end: end.amount, default=None),
        hopeless=tuple((f"{pack}:{rule}", at) for pack in of for rule, at in of[pack].hopeless),
        bound=any(one.bound for one in found),
        unsolved=tuple(f"{pack}:{rule}" for pack in of for rule in of[pack].unsolved),
        in_doubt=tuple(sorted({model for one in found for model in one.in_doubt})),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """By which channels more kit would come: units that fit those with room, and the last one.

    `charged`: the countries that its receipts are charged to where all owners are added up.
    """

    roomy: tuple[tuple[Channel, int], ...]
    last: Channel | None
    received: bool
    charged: frozenset[str]

    def parts(self) -> tuple[tuple[str | None, int | None], ...]:
        """Return the channels in order, each with how many fit it; None where it has no end."""
        if not self.received:
            return ()
        roomy = ((channel.value, units) for channel, units in self.roomy if units)
        return (*roomy, (None if self.last is None else self.last.value, None))

    def most(self, count: int, of: Measured) -> int | None:
        """Return how many may come where so many may be counted in a row; None: no end."""
        if of.which is Which.UNCOVERED:
            return count + sum(units for _, units in self.roomy)
        if of.measure is not Measure.RECEIVED or not of.channels:
            return count
        found = 0
        for channel, units in self.roomy:
            if channel in of.channels:
                if units > count:
                    return found + count
                count -= units
            found += units
        return found + count if self.last in of.channels else None

    def touches(self, of: Measured) -> bool:
        """Tell whether any of it would be in a row's totals."""
        match of.measure:
            case Measure.STOCK:
                uncovered = of.which is Which.UNCOVERED and self.received and self.last is None
                return uncovered or of.which in (Which.ALL, Which.UNLICENSED)
            case Measure.RECEIVED:
                by = {self.last, *(channel for channel, _ in self.roomy)}
                return self.received and (not of.channels or not by.isdisjoint(of.channels))
            case Measure.SHIPPED:
                return False


def _rows(
    case: FleetContext, adder: Acquirer, place: str, model: str, day: date
) -> Iterator[tuple[Row, Tally, int, _Entry]]:
    """Return each row that binds, with the tally it is over, what a unit adds, how it comes."""
    policy = case.policy
    entry = _entry(case, adder.holder, place, model, day)
    for rule in policy.on_totals:
        if rule.by != "country" or policy.not_in_force(rule, day) is not None:
            continue
        subjects = _bound(case, rule, adder, day)
        if not subjects:
            continue
        of = policy.measured(rule, day)
        weight = case.scope.weight(model, of.metric, of.tested_by)
        if weight.counted is Counted.UNKNOWN:
            raise UsageError(
                Fault(
                    f"it is unknown whether {model} counts",
                    f"supply its {', '.join(weight.missing)} in accelerators.csv",
                )
            )
        # Of a rule on the chips of companies seated somewhere, others' chips are none.
        seated = of.seated is None or not adder.seats.isdisjoint(of.seated)
        counts = seated and weight.counted is Counted.YES and entry.touches(of)
        each = weight.each if counts else 0
        by_seat = rule.about == "all" and of.measure is Measure.RECEIVED
        places = entry.charged if by_seat else frozenset({place})
        account = case.books.account(rule, day)
        for subject in subjects:
            own = account.tally(subject.name, case.scope, of)
            for row in policy.rows(rule, subject, day, own.places | places):
                if not seated and _standing(row, own, 0)[0] <= 0:
                    continue
                yield row, own, sum(map(row.coefficient, places)) * each, entry


def _standing(row: Row, own: Tally, slope: int) -> tuple[int, int, bool]:
    """Return a row's excess in its strictest reading, what a unit adds, whether it is at its worst.

    The first two are multiplied out where parts of a chip are counted: the row stays exact.
    """
    strict, other = own.readings(row)
    excess = row.excess(strict.part + own.undated.parts(row)[0], strict.whole)
    worst = all(row.is_at_its_worst(one.part, one.whole) for one in (strict, other))
    return excess.numerator, slope * excess.denominator, worst


def _bound(case: FleetContext, rule: RuleOnTotals, adder: Acquirer, day: date) -> list[Subject]:
    """Return those that a rule binds to whose totals an owner's chips may add."""
    policy = case.policy
    if rule.about == "all":
        seatless = replace(adder.holder, seats=frozenset())
        return [ALL_OWNERS] if policy.not_open(rule.binds, seatless, day) is None else []
    about = (adder.parent,) if rule.about == "consignee" else adder.groups
    return [one for one in about if policy.not_bound(rule, one, day) is None]


def _entry(case: FleetContext, holder: Subject, place: str, model: str, day: date) -> _Entry:
    ledger = case.books.ledger
    where = countries_charged(place, holder.headquarters, case.policy)
    if place in ledger.home(day) or case.policy.pack.ledger is None:
        return _Entry((), None, case.policy.pack.ledger is None, where)
    way = ledger.way(holder, holder, place, day, model)
    roomy = []
    for channel in way.roomy:
        spare = ledger.spare(channel, holder, day)
        cap = case.policy.rule(channel.room or "")
        metric = cap.metric if isinstance(cap, RuleOnTotals) else "tpp"
        each = case.scope.weight(model, metric).charged
        if spare is not None and each:
            roomy.append((channel.id, spare // each))
    assumed = case.policy.answers.of("blank_licence") == "assumed"
    last = way.last if assumed else way.without_licence()
    return _Entry(tuple(roomy), last, received=True, charged=where)
