"""What stands: kit that a plan may touch, and what no decision touches, by site and period.

Kit that no decision touches is constant: lots that begin or end within the horizon, kit that is
not installed, the part that fills no purchase unit, kit at frozen sites, and that of other owners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from placement.enums import Counted
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.data.records import AcceleratorSpec, Site
from placement.readers.tables.sites import SiteStatus
from placement.text.decimals import counted, plain

#: (site, model)
Key = tuple[str, str]

MOVABLE = (SiteStatus.OPEN, SiteStatus.DRAINING, SiteStatus.STORAGE)
"""The states of a site in which kit may leave it."""


class ExistingStock:
    """The lots of a problem, summed up as its program needs them."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._by_site: dict[str, list[Lot]] = {}
        for lot in problem.lots:
            self._by_site.setdefault(lot.site, []).append(lot)
        #: The sites where some lot begins or ends within the horizon.
        self._changing = {
            lot.site
            for lot in problem.lots
            if any(
                day and problem.first < day <= problem.last for day in (lot.works_since, lot.end)
            )
        }
        self._known: dict[tuple[str, int, bool], Fraction] = {}
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
        periods = range(len(problem.periods))
        #: The sites to which an earlier plan sent kit that has not arrived: it made room there.
        awaited = {
            lot.site
            for lot in problem.lots
            if lot.stays and lot.in_service and lot.in_service >= problem.first
        }
        #: The sites that hold more than they have power, or places, for, by the index of a period;
        #: not those where kit has to leave, since their limit falls (`falling`) or kit is awaited.
        self.overpowered = [
            {
                n
                for n in self._by_site.keys() - awaited
                if self.lacks_power(n, t) and not self._site(n).power_falls(t)
            }
            for t in periods
        ]
        self.overracked = [
            {
                n
                for n in self._by_site.keys() - awaited
                if self.lacks_racks(n, t) and not self._site(n).racks_fall(t)
            }
            for t in periods
        ]
        #: The sites of either kind.
        self.overfull = [sorted(self.overpowered[t] | self.overracked[t]) for t in periods]

    @property
    def emptied(self) -> tuple[str, ...]:
        """The overfull sites that a plan may empty: what is within the limit then may come there.

        Where nothing may leave, nothing ever comes.
        """
        full = {name for names in self.overfull for name in names}
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
            (self.planned_start((name, kit.model)) * kit.kw for kit in self._kits(name)),
            Fraction(0),
        )
        return (self._kw(name, t) - starts) * self.problem.sites[name].pue

    def constant_racks(self, name: str, t: int) -> int:
        """Return the most purchase units without a decision that stand in a period."""
        starts = sum(self.starts.get((name, kit.model), 0) for kit in self._kits(name))
        return max(0, self.places(name, t) - starts)

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
        lots = [lot for lot in self._by_site.get(site.name, ()) if lot.own]
        days = (period.first + timedelta(days=n) for n in range(period.days))
        return sum(
            site.is_open_on(day)
            or (not site.is_closed_on(day) and any(lot.counts_on(day) for lot in lots))
            for day in days
        )

    def overfull_text(self, name: str, t: int) -> str:
        """Say by how much a site holds more than it has room for."""
        parts = []
        if name in self.overpowered[t]:
            parts.append(f"{self.drawn_text(name, t)}, power_mw is {self.power_text(name, t)}")
        if name in self.overracked[t]:
            held = counted(self.places(name, t), "places")
            parts.append(f"{held}, racks is {self._site(name).racks_in(t)}")
        when = f" in {self.problem.periods[t].name}" if len(self.problem.periods) > 1 else ""
        unless = ", unless enough leaves" if name in self.emptied else ""
        return f"{name} already takes {' and '.join(parts)}{when}: nothing comes there{unless}"

    def drawn_text(self, name: str, t: int) -> str:
        """Write the power that a site draws in a period without any decision."""
        drawn = self._kw(name, t) * self._site(name).pue
        return f"{plain(Fraction(ceil(drawn), 1000))} MW"

    def power_text(self, name: str, t: int) -> str:
        """Write the MW that a site has in a period."""
        return plain((self._site(name).power_in(t) or Fraction(0)) / 1000)

    def lacks_power(self, name: str, t: int) -> bool:
        """Tell whether a site draws more than it has, without any decision."""
        site, power = self._site(name), self._site(name).power_in(t)
        if power is None or site.stated is SiteStatus.STORAGE:
            return False
        return self._kw(name, t) * site.pue > power

    def lacks_racks(self, name: str, t: int) -> bool:
        """Tell whether a site holds more purchase units than it has places."""
        racks = self._site(name).racks_in(t)
        return racks is not None and self.places(name, t) > racks

    def _site(self, name: str) -> Site:
        return self.problem.sites[name]

    def _kits(self, name: str) -> list[AcceleratorSpec]:
        models = {lot.model for lot in self._by_site.get(name, ())}
        return [self.problem.kits[model] for model in sorted(models)]

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

    def _kw(self, name: str, t: int) -> Fraction:
        """Return the most kW of IT that stand at a site in a period."""
        kits = self.problem.kits
        return self._once(name, t, False, lambda model, count: count * kits[model].kw)

    def places(self, name: str, t: int) -> int:
        """Return the most purchase units that stand at a site in a period."""
        kits = self.problem.kits
        return int(
            self._once(name, t, True, lambda model, count: Fraction(-(-count // kits[model].unit)))
        )

    def _once(
        self, name: str, t: int, places: bool, amount: Callable[[str, int], Fraction]
    ) -> Fraction:
        """Work out the most of something once where nothing changes within the horizon."""
        key = name, t if name in self._changing else 0, places
        if key not in self._known:
            self._known[key] = self._most(name, key[1], amount)
        return self._known[key]

    def _most(self, name: str, t: int, amount: Callable[[str, int], Fraction]) -> Fraction:
        """Return the most of something (by model and count) at a site on any day of a period."""
        lots = [lot for lot in self._by_site.get(name, ()) if lot.works]
        period = self.problem.periods[t]
        days = {period.first}
        for lot in lots:
            ends = lot.works_since, lot.end
            days.update(d for d in ends if d and period.first <= d <= period.last)
        most = Fraction(0)
        for day in days:
            counts: dict[str, int] = {}
            for lot in lots:
                if lot.stands_on(day):
                    counts[lot.model] = counts.get(lot.model, 0) + lot.quantity
            most = max(most, sum((amount(*one) for one in counts.items()), Fraction(0)))
        return most


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
