"""What stands: kit that a plan may touch, and what no decision touches, by site and period.

Kit that no decision touches is constant: lots that begin or end within the horizon, kit that is
not installed, the part that fills no purchase unit, kit at frozen sites, and that of other owners.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from placement.enums import Counted
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.data.records import AcceleratorSpec, Site
from placement.optimization.data.site_loads import SiteLoads
from placement.readers.tables.sites import SiteStatus

#: (site, model)
Key = tuple[str, str]

MOVABLE = (SiteStatus.OPEN, SiteStatus.DRAINING, SiteStatus.STORAGE)
"""The states of a site in which kit may leave it."""


class ExistingStock:
    """The lots of a problem, summed up as its program needs them."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.loads = SiteLoads(problem)
        self._standing: dict[int, dict[Key, int]] = {}
        self._standing_all: dict[int, dict[Key, int]] = {}
        counted = [lot for lot in problem.lots if self._stands(lot) and problem.counts(lot)]
        self._may_go = _sum(counted)
        self._unlicensed = _sum(lot for lot in counted if lot.needs_licence)
        self._uncovered = [lot for lot in counted if lot.uncovered]
        self._constant_costs: dict[int, tuple[dict[str, Fraction], dict[str, Fraction]]] = {}
        #: Purchase units that stand throughout and may leave, by (site, model).
        self.starts: dict[Key, int] = {}
        for key, count in self._may_go.items():
            units = count // problem.kits[key[1]].unit
            if units and self._may_leave(*key):
                self.starts[key] = units

    @property
    def emptied(self) -> tuple[str, ...]:
        """The overfull sites that a plan may empty: what is within the limit then may come there.

        Where nothing may leave, nothing ever comes.
        """
        full = {name for names in self.loads.overfull for name in names}
        return tuple(sorted(full & {name for name, _ in self.starts}))

    def planned_start(self, key: Key) -> int:
        """Return the accelerators of a (site, model) that stand and are planned."""
        return self.starts.get(key, 0) * self.problem.kits[key[1]].unit

    def mixed_licences(self, key: Key) -> int | None:
        """Return the accelerators without a licence among those that may go; None: all are."""
        count = self._unlicensed.get(key, 0)
        return None if count == self._may_go.get(key, 0) else count

    def uncovered(self, key: Key, since: date | None) -> int:
        """Return the accelerators that may go and came by nothing, since a day or nobody knows."""
        return sum(
            lot.quantity
            for lot in self._uncovered
            if (lot.site, lot.model) == key
            and (since is None or lot.start is None or lot.start >= since)
        )

    def standing(self, t: int) -> dict[Key, int]:
        """Return the group's accelerators that can serve all of a period if nothing is done.

        Where a site is shut on some day of it, none do.
        """
        if t not in self._standing:
            sites, period = self.problem.sites, self.problem.periods[t]
            self._standing[t] = _sum(
                lot
                for lot in self.problem.lots
                if lot.own
                and lot.works
                and lot.days_in(period) == period.days
                and sites[lot.site].serves_in(period)
            )
        return self._standing[t].copy()

    def standing_all(self, t: int) -> dict[Key, int]:
        """Return the group's accelerators that stand all of a period, whether they can serve."""
        if t not in self._standing_all:
            period = self.problem.periods[t]
            lots = (lot for lot in self.problem.lots if lot.own)
            self._standing_all[t] = _sum(lot for lot in lots if lot.days_in(period) == period.days)
        return self._standing_all[t].copy()

    def present(self, t: int) -> dict[Key, int]:
        """Return the same without the kit that is planned."""
        found = self.standing_all(t)
        return {key: count - self.planned_start(key) for key, count in found.items()}

    def idle(self, t: int) -> dict[Key, int]:
        """Return the same without the kit that is planned."""
        found = self.standing(t)
        for key in self.starts:
            if key in found:
                found[key] -= self.planned_start(key)
        return {key: count for key, count in found.items() if count}

    def constant_kw(self, name: str, t: int) -> Fraction:
        """Return the most kW at the meter that kit without a decision draws in a period."""
        starts = sum(
            (self.planned_start((name, kit.model)) * kit.kw for kit in self.loads.kits(name)),
            Fraction(0),
        )
        return (self.loads.kw(name, t) - starts) * self.problem.sites[name].pue

    def constant_racks(self, name: str, t: int) -> int:
        """Return the most purchase units without a decision that stand in a period."""
        starts = sum(self.starts.get((name, kit.model), 0) for kit in self.loads.kits(name))
        return max(0, self.loads.places(name, t) - starts)

    def constant_cost(self, t: int) -> Fraction:
        """Return what the group pays in a period whatever is decided, before discounting."""
        fixed, running = self.constant_costs(t)
        return sum((*fixed.values(), *running.values()), Fraction(0))

    def constant_costs(self, t: int) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """Return the same by country: the fixed part (by days), and energy and hosting."""
        if t not in self._constant_costs:
            self._constant_costs[t] = self._count_costs(t)
        return self._constant_costs[t]

    def constant_units(self, t: int) -> dict[Key, int]:
        """Return the units without a decision that run all of a period, by (site, model)."""
        period, kits = self.problem.periods[t], self.problem.kits
        counts = _sum(
            lot
            for lot in self.problem.lots
            if lot.own and lot.works and lot.days_in(period) == period.days
        )
        units = {
            key: count // kits[key[1]].unit - self.starts.get(key, 0)
            for key, count in counts.items()
        }
        return {key: count for key, count in units.items() if count}

    def _count_costs(self, t: int) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        problem, period = self.problem, self.problem.periods[t]
        fixed: dict[str, Fraction] = {}
        running: dict[str, Fraction] = {}
        for site in problem.sites.values():
            if not site.fixed_usd_per_month:
                continue
            months = Fraction(period.months * self._days_paid(site, period), period.days)
            paid = site.fixed_usd_per_month * months
            fixed[site.country] = fixed.get(site.country, Fraction(0)) + paid
        for lot in problem.lots:
            if lot.own and lot.works:
                site, kit = problem.sites[lot.site], problem.kits[lot.model]
                paid = lot.quantity * running_cost(site, kit, period, lot.days_in(period))
                running[site.country] = running.get(site.country, Fraction(0)) + paid
        for (name, model), units in self.starts.items():
            site, kit = problem.sites[name], problem.kits[model]
            running[site.country] -= units * kit.unit * running_cost(site, kit, period, period.days)
        return fixed, running

    def _days_paid(self, site: Site, period: Period) -> int:
        """Return the days of a period on which a site is open, or holds our kit before it opens.

        Once it has closed, nothing stands there.
        """
        if not site.is_shut_in(period):
            return period.days
        lots = [lot for lot in self.loads.lots_at(site.name) if lot.own]
        days = (period.first + timedelta(days=n) for n in range(period.days))
        return sum(
            site.is_open_on(day)
            or (not site.is_closed_on(day) and any(lot.counts_on(day) for lot in lots))
            for day in days
        )

    def _stands(self, lot: Lot) -> bool:
        """Tell whether a lot of the group works all the time, and may be moved or retired."""
        first, last = self.problem.first, self.problem.last
        return (
            lot.own
            and lot.works
            and not lot.stays
            and (lot.works_since is None or lot.works_since <= first)
            and (lot.end is None or lot.end > last)
        )

    def _may_leave(self, name: str, model: str) -> bool:
        problem = self.problem
        if problem.moves is None and problem.retire_usd is None:
            return False
        counted = problem.scope.weight(model, "tpp").counted
        site = problem.sites[name]
        leaves = any(site.status_in(period) in MOVABLE for period in problem.periods)
        return counted is not Counted.UNKNOWN and leaves


def running_cost(site: Site, kit: AcceleratorSpec, period: Period, days: int) -> Fraction:
    """Return what one accelerator costs in energy and hosting over some days of a period.

    Energy: kW x PUE x hours x price per MWh. Hosting: kW of IT x months x price, by days.
    """
    by_day, by_month = running_costs(site)
    return kit.kw * (by_day * days + by_month * Fraction(period.months * days, period.days))


def running_costs(site: Site) -> tuple[Fraction, Fraction]:
    """Return what one kW of IT costs: energy of a day, and hosting of a month."""
    if site.stated is SiteStatus.STORAGE:
        return Fraction(0), Fraction(0)
    return site.pue * 24 * site.energy_usd_per_mwh / 1000, site.hosting_usd_per_kw_month


def _sum(lots: Iterable[Lot]) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for lot in lots:
        key = lot.site, lot.model
        found[key] = found.get(key, 0) + lot.quantity
    return found
