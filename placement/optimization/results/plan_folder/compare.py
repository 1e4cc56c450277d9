"""Two plans side by side: their cost, what stands at the end, what is done, what is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from placement.enums import Objective, Verdict
from placement.optimization.results.costs import KINDS
from placement.optimization.results.plan_folder.read_back import (
    Done,
    PlanFinding,
    PlanFolder,
    PlanMade,
    PlanReport,
    Standing,
    read_plans,
)
from placement.text.decimals import plain


class Amount(NamedTuple):
    """An amount of both plans as exact text, None where one has none; `change` is b - a."""

    name: str
    a: str | None
    b: str | None

    @property
    def change(self) -> str | None:
        """The exact difference, None where one is missing."""
        if self.a is None or self.b is None:
            return None
        return plain(Fraction(self.b) - Fraction(self.a))


class Difference(NamedTuple):
    """What is proven of how much better an objective can be in plan b's problem than in a's.

    The least (or most) of each problem is between its plan's value and its bound, so the true
    difference b - a is from `low` to `high`; `of_bounds` is that of the two bounds. Exact text.
    """

    name: str
    low: str
    high: str
    of_bounds: str

    @property
    def is_shown(self) -> bool:
        """Whether there is a difference for sure: zero is outside."""
        return not Fraction(self.low) <= 0 <= Fraction(self.high)


class Count(NamedTuple):
    """Accelerators under both plans, of some things (a country and a model, a site, an action)."""

    of: tuple[str, ...]
    a: int
    b: int


class Judged(NamedTuple):
    """A rule's verdict under both plans, None where it was not judged."""

    rule: str
    owner: str
    place: str
    item: str
    date: str
    a: Verdict | None
    b: Verdict | None


@dataclass(frozen=True, slots=True)
class ComparedPlans:
    """What differs between plan `a` and plan `b`; what is equal is left out of all but `amounts`.

    `objectives` and `cost` have every line. `models` by country and model, `sites` by country, site
    and model: what stands on the last day. `actions`: units of the same action in the same period,
    by (period, action, accelerator, from, to, owner). `difference` is of the first objective, None
    where the plans have different ones, in different money, or one has no bound: those after it are
    proven only beside the value that its own plan has of the first.
    """

    a: PlanFolder
    b: PlanFolder
    objectives: tuple[Amount, ...]
    cost: tuple[Amount, ...]
    models: tuple[Count, ...]
    sites: tuple[Count, ...]
    actions: tuple[Count, ...]
    verdicts: tuple[Judged, ...]
    notes: tuple[str, ...] = ()
    difference: Difference | None = None

    @property
    def only_a(self) -> list[Count]:
        """The actions of which plan `a` does more."""
        return [action for action in self.actions if action.a > action.b]

    @property
    def only_b(self) -> list[Count]:
        """The actions of which plan `b` does more."""
        return [action for action in self.actions if action.b > action.a]


def compare_plans(a: str | Path, b: str | Path) -> ComparedPlans:
    """Compare the plans of two folders; InputError where one of them holds none."""
    one, other = read_plans(a, b)
    mine, yours = one.report.plan, other.report.plan
    return ComparedPlans(
        one,
        other,
        objectives=_amounts(
            {tier.objective: tier.value for tier in mine.tiers},
            {tier.objective: tier.value for tier in yours.tiers},
        ),
        cost=_amounts(mine.cost, yours.cost, KINDS),
        models=_stand(one, other, lambda lot: (lot.country, lot.accelerator)),
        sites=_stand(one, other, lambda lot: (lot.country, lot.site, lot.accelerator)),
        actions=_done(one.actions, other.actions),
        verdicts=_verdicts(one.report, other.report),
        notes=tuple(_notes(one, other)),
        difference=_difference(mine, yours),
    )


def _difference(a: PlanMade, b: PlanMade) -> Difference | None:
    """Return what is proven of the first objective, [bound_b - value_a, value_b - bound_a]."""
    if not a.tiers or not b.tiers or a.tiers[0].objective != b.tiers[0].objective:
        return None
    mine, yours = a.tiers[0], b.tiers[0]
    if mine.bound is None or yours.bound is None:
        return None
    if mine.objective == Objective.COST and a.currency != b.currency:
        return None
    ends = [sorted((Fraction(one.value), Fraction(one.bound or 0))) for one in (mine, yours)]
    (least_a, most_a), (least_b, most_b) = ends
    return Difference(
        mine.objective,
        plain(least_b - most_a),
        plain(most_b - least_a),
        plain(Fraction(yours.bound) - Fraction(mine.bound)),
    )


def _amounts(a: dict[str, str], b: dict[str, str], order: Sequence[str] = ()) -> tuple[Amount, ...]:
    """Pair amounts by name, in a given order first, then in that of the plans."""
    names = dict.fromkeys([*(name for name in order if name in {*a, *b}), *a, *b])
    return tuple(Amount(name, a.get(name), b.get(name)) for name in names)


def _stand(
    a: PlanFolder, b: PlanFolder, key: Callable[[Standing], tuple[str, ...]]
) -> tuple[Count, ...]:
    sums: list[Counter[tuple[str, ...]]] = []
    for plan in (a, b):
        found: Counter[tuple[str, ...]] = Counter()
        for lot in plan.stands:
            found[key(lot)] += lot.quantity
        sums.append(found)
    return _counts(*sums)


def _done(a: Iterable[tuple[Done, int]], b: Iterable[tuple[Done, int]]) -> tuple[Count, ...]:
    sums: list[Counter[tuple[str, ...]]] = []
    for actions in (a, b):
        found: Counter[tuple[str, ...]] = Counter()
        for one, quantity in actions:
            key = one.period, one.action, one.accelerator, one.from_site, one.to_site, one.owner
            found[key] += quantity
        sums.append(found)
    return tuple(sorted(_counts(*sums), key=lambda one: one.of))


def _counts(a: Counter[tuple[str, ...]], b: Counter[tuple[str, ...]]) -> tuple[Count, ...]:
    """Return what differs, the greatest difference first."""
    found = [Count(of, a[of], b[of]) for of in {*a, *b} if a[of] != b[of]]
    return tuple(sorted(found, key=lambda one: (-abs(one.b - one.a), one.of)))


def _verdicts(a: PlanReport, b: PlanReport) -> tuple[Judged, ...]:
    """Return what one plan breaks, or is warned of, and the other is not."""

    def known(report: PlanReport) -> dict[tuple[str, ...], Verdict]:
        several = len({finding.pack for finding in report.findings}) > 1
        return {_where(finding, several=several): finding.verdict for finding in report.findings}

    mine, yours = known(a), known(b)
    bad = (Verdict.BREACH, Verdict.WARNING)
    found = []
    for where in sorted({*mine, *yours}):
        verdicts = mine.get(where), yours.get(where)
        if verdicts[0] != verdicts[1] and any(verdict in bad for verdict in verdicts):
            day, rule, owner, place, item = where
            found.append(Judged(rule, owner, place, item, day, *verdicts))
    return tuple(found)


def _where(one: PlanFinding, *, several: bool) -> tuple[str, ...]:
    rule = f"{one.pack}:{one.rule}" if several else one.rule
    return one.date.isoformat(), rule, one.owner, one.place, one.item or ""


def _notes(a: PlanFolder, b: PlanFolder) -> Iterable[str]:
    mine, yours = a.report.plan, b.report.plan
    for plan in dict.fromkeys((a.name, b.name)):
        if not all(one.is_vouched for one in (a, b) if one.name == plan):
            yield (
                f"{plan}: its report, of an earlier version, does not say which files are its own; "
                "whether they belong together cannot be told"
            )
    if mine.periods != yours.periods:
        yield (
            f"the plans are of different periods: {mine.periods.first} to {mine.periods.last}, "
            f"and {yours.periods.first} to {yours.periods.last}"
        )
    if mine.owner != yours.owner:
        yield f"the plans are of different owners: {mine.owner}, and {yours.owner}"
    if mine.currency != yours.currency:
        yield (
            f"the plans are in different currencies: {mine.currency}, and {yours.currency}; "
            "differences of money mean nothing"
        )
