"""What a planner looks up: what each site holds in each period, budgets, commitments, demand.

What stands is the most of any day of a period, all owners' kit together: that is what has to fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from placement.lp.program import MICRO
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.data.records import Commitment, Demand, Site
from placement.optimization.data.site_loads import SiteLoads
from placement.optimization.results.costs import Cost
from placement.optimization.results.layout import Layout
from placement.optimization.results.served import ServedAmount
from placement.readers.tables.sites import SiteStatus
from placement.text.decimals import plain

SITE_COLUMNS = (
    "period", "site", "country", "accelerators", "mw", "mw_limit", "racks", "racks_limit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SitePeriod:
    """A site in a period: accelerators, MW at the meter, and racks, each with its limit or None.

    A site in storage draws no power. `racks` are places for purchase units.
    """

    period: Period
    site: Site
    accelerators: int
    mw: Fraction
    mw_limit: Fraction | None
    racks: int
    racks_limit: int | None

    @property
    def used(self) -> Fraction:
        """The larger part of the two limits that is used; 0 where there is none."""
        parts = [Fraction(0)]
        if self.mw_limit:
            parts.append(self.mw / self.mw_limit)
        if self.racks_limit:
            parts.append(Fraction(self.racks, self.racks_limit))
        return max(parts)

    def cells(self) -> tuple[str, ...]:
        """Return the row of site_periods.csv."""
        return (
            self.period.name, self.site.name, self.site.country, str(self.accelerators),
            plain(self.mw), "" if self.mw_limit is None else plain(self.mw_limit),
            str(self.racks), "" if self.racks_limit is None else str(self.racks_limit),
        )  # fmt: skip


def site_periods(problem: Problem, layout: Layout) -> list[SitePeriod]:
    """Return every site that holds or could hold kit, in each period, by site and period."""
    loads = SiteLoads(replace(problem, lots=tuple(_lots(problem, layout))))
    found = []
    for name in sorted(problem.sites):
        site = problem.sites[name]
        for t, period in enumerate(problem.periods):
            is_off = site.stated is SiteStatus.STORAGE
            power = None if is_off else site.power_in(t)
            drawn = Fraction(0) if is_off else loads.kw(name, t) * site.pue / 1000
            found.append(
                SitePeriod(
                    period,
                    site,
                    loads.accelerators(name, t),
                    drawn,
                    None if power is None else power / 1000,
                    loads.places(name, t),
                    site.racks_in(t),
                )
            )
    return found


def _lots(problem: Problem, layout: Layout) -> Iterator[Lot]:
    """Yield the lots of the layout, and those of owners for whom nothing is planned."""
    yield from layout.lots
    yield from (lot for lot in problem.lots if not lot.own)


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """What is paid in a period, of its budget, in the configuration's currency."""

    period: Period
    spent: Fraction
    budget: Fraction


def budgets_used(problem: Problem, costs: Sequence[Cost]) -> list[BudgetUse]:
    """Return the periods that have a budget, with what is paid in them."""
    spent: dict[str, int] = {}
    for cost in costs:
        spent[cost.period.name] = spent.get(cost.period.name, 0) + cost.cost
    return [
        BudgetUse(period, Fraction(spent.get(period.name, 0), MICRO), budget)
        for period, budget in zip(problem.periods, problem.budgets, strict=True)
        if budget is not None
    ]


@dataclass(frozen=True, slots=True)
class CommitmentUse:
    """The least and the most that stand in a period for a commitment, in its metric."""

    commitment: Commitment
    period: Period
    least: Fraction
    most: Fraction

    @property
    def left(self) -> Fraction:
        """How much less (at least), or more (at most), would keep it still; 0 where exact."""
        floor = self.least - self.commitment.quantity
        ceiling = self.commitment.quantity - self.most
        ends = [floor] * self.commitment.has_floor + [ceiling] * self.commitment.has_ceiling
        return min(ends)


def commitments_kept(problem: Problem, layout: Layout) -> list[CommitmentUse]:
    """Return each commitment in each of its periods, with what stands for it."""
    found = []
    for one in problem.commitments:
        lots = [lot for lot in layout.lots if one.covers(problem.sites[lot.site])]
        for t in one.periods:
            period = problem.periods[t]
            first, last = one.days_in(period)
            changes = {day for lot in lots for day in (lot.works_since, lot.end)}
            days = [first, *(day for day in changes if day and first < day <= last)]
            stands = [
                sum(
                    (
                        lot.quantity * one.amount(problem.kits[lot.model])
                        for lot in lots
                        if lot.stands_on(day)
                    ),
                    Fraction(0),
                )
                for day in days
            ]
            found.append(CommitmentUse(one, period, min(stands), max(stands)))
    return found


@dataclass(frozen=True, slots=True)
class DemandServed:
    """What serves a line of demand, in its metric."""

    line: Demand
    served: Fraction


def demand_served(problem: Problem, served: Sequence[ServedAmount]) -> list[DemandServed]:
    """Return every line of demand with what serves it."""
    amounts: dict[tuple[int, str], Fraction] = {}
    index = {period.name: t for t, period in enumerate(problem.periods)}
    for one in served:
        key = index[one.period.name], one.line.row
        amounts[key] = amounts.get(key, Fraction(0)) + one.amount
    return [
        DemandServed(line, amounts.get((line.t, line.row), Fraction(0))) for line in problem.demands
    ]
