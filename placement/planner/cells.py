"""Cells: what stands of each model at each site, what may come and go, and what is constant.

A cell plans in purchase units. Kit that no decision touches is constant: lots that begin or end
within the period, kit that is not installed, the part that fills no purchase unit, kit at frozen
sites, and that of other owners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from placement.amounts import plain
from placement.planner.gates import Gates
from placement.planner.period import Period
from placement.planner.problem import Kit, Lot, Problem, Site
from placement.sources.sites import SiteStatus
from placement.vocabulary import Counted

_MOVABLE = (SiteStatus.OPEN, SiteStatus.DRAINING, SiteStatus.STORAGE)
_RECEIVING = (SiteStatus.OPEN, SiteStatus.STORAGE)


@dataclass(frozen=True, slots=True)
class Cell:
    """One (site, model): units that stand and may leave, and the most that may come."""

    site: Site
    kit: Kit
    start: int
    may_install: int
    may_move_in: int
    may_leave: bool

    def running_cost(self, period: Period) -> Fraction:
        """Give what one unit costs in energy and hosting over a period, in currency."""
        return running_cost(self.site, self.kit, period, period.days) * self.kit.unit


def running_cost(site: Site, kit: Kit, period: Period, days: int) -> Fraction:
    """Give what one accelerator costs in energy and hosting over some days of a period.

    Energy: kW x PUE x hours x price per MWh. Hosting: kW of IT x months x price, by days.
    """
    if site.status is SiteStatus.STORAGE:
        return Fraction(0)
    energy = kit.kw * site.pue * 24 * days * site.energy_usd_per_mwh / 1000
    months = Fraction(period.months * days, period.days)
    return energy + kit.kw * site.hosting_usd_per_kw_month * months


class Cells:
    """All cells of a problem; `planned` are those with something to decide, in order of names."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.kits = problem.kits
        self.gates = Gates(problem)
        self._by_site: dict[str, list[Lot]] = {}
        for lot in problem.lots:
            self._by_site.setdefault(lot.site, []).append(lot)
        #: Sites that hold more than their power or places allow: nothing comes there.
        self.overfull = sorted(name for name in self._by_site if self._is_overfull(name))
        standing = self._sum(problem.lots)
        self._may_go = self._sum(lot for lot in problem.lots if problem.counts(lot))
        self._unlicensed = self._sum(
            lot for lot in problem.lots if problem.counts(lot) and not lot.licensed
        )
        starts = {
            key: count // self.kits[key[1]].unit
            for key, count in self._may_go.items()
            if self._may_leave(*key)
        }
        self._movable: dict[tuple[str | None, str], int] = {}
        if problem.moves is not None:
            for (name, model), units in starts.items():
                for where in (None, problem.sites[name].country):
                    key = where, model
                    self._movable[key] = self._movable.get(key, 0) + units
        self.at: dict[tuple[str, str], Cell] = {}
        for name in sorted(problem.sites):
            for model in sorted(self.kits):
                cell = self._cell(name, model, starts.get((name, model), 0))
                if cell.start or cell.may_install or cell.may_move_in:
                    self.at[name, model] = cell
        self.planned = list(self.at.values())
        self._standing_rest = {
            key: count - self.planned_start(key) for key, count in standing.items()
        }

    def planned_start(self, key: tuple[str, str]) -> int:
        """Give the accelerators of a (site, model) that stand and are planned."""
        cell = self.at.get(key)
        return cell.start * cell.kit.unit if cell else 0

    def mixed_licences(self, key: tuple[str, str]) -> int | None:
        """Give the accelerators without a licence among those that may go; None: all are."""
        count = self._unlicensed.get(key, 0)
        return None if count == self._may_go.get(key, 0) else count

    def idle_capacity(self) -> dict[tuple[str, str], int]:
        """Give, by country and model, standing accelerators that can serve but are not planned."""
        return self._by_country(self._standing_rest.items())

    def standing(self) -> dict[tuple[str, str], int]:
        """Give, by country and model, all the group's accelerators that can serve if untouched."""
        return self._by_country(self._sum(self.problem.lots).items())

    def constant_power(self, name: str) -> Fraction:
        """Give the most kW that kit without a decision draws at a site in the period."""
        site = self.problem.sites[name]
        starts = sum(
            (self.planned_start((name, model)) * kit.kw for model, kit in self.kits.items()),
            Fraction(0),
        )
        drawn = self._most(name, self._kw)
        return (drawn - starts) * site.pue

    def constant_racks(self, name: str) -> int:
        """Give the most purchase units without a decision that stand at a site in the period."""
        starts = sum(cell.start for key, cell in self.at.items() if key[0] == name)
        return max(0, int(self._most(name, self._places)) - starts)

    def constant_cost(self) -> Fraction:
        """Give what the group pays whatever is decided: fixed costs, and kit it cannot plan."""
        period = self.problem.period
        total = Fraction(0)
        for site in self.problem.sites.values():
            total += site.fixed_usd_per_month * period.months
        for lot in self.problem.lots:
            if lot.own and lot.works:
                site, kit = self.problem.sites[lot.site], self.kits[lot.model]
                total += lot.quantity * running_cost(site, kit, period, lot.days_in(period))
        for cell in self.planned:
            total -= cell.start * cell.running_cost(period)
        return total

    def _sum(self, lots: Iterable[Lot]) -> dict[tuple[str, str], int]:
        """Sum the group's working kit that stands from the first day of the period to the last."""
        found: dict[tuple[str, str], int] = {}
        period = self.problem.period
        for lot in lots:
            if lot.own and lot.works and lot.days_in(period) == period.days:
                key = lot.site, lot.model
                found[key] = found.get(key, 0) + lot.quantity
        return found

    def _may_leave(self, name: str, model: str) -> bool:
        problem = self.problem
        if problem.moves is None and problem.retire_usd is None:
            return False
        counted = problem.scope.weight(model, "tpp").counted
        return counted is not Counted.UNKNOWN and problem.sites[name].status in _MOVABLE

    def _cell(self, name: str, model: str, start: int) -> Cell:
        site, kit = self.problem.sites[name], self.kits[model]
        offer = self.problem.offers.get(model)
        install = move_in = 0
        takes = site.takes(model) and name not in self.overfull
        buys = takes and offer is not None and site.status is SiteStatus.OPEN
        if buys and offer is not None and self.gates.may_buy(site, model):
            install = min(offer.quantity // kit.unit, self._fits(site, kit))
        movable = self._movable_to(site, model)
        if takes and movable > start and site.status in _RECEIVING:
            move_in = min(movable - start, self._fits(site, kit))
        return Cell(site, kit, start, install, move_in, self._may_leave(name, model))

    def _movable_to(self, site: Site, model: str) -> int:
        """Give the units that could be moved to a site, its own among them."""
        if not self.gates.may_move_inside(site, model):
            return 0
        crosses = self.gates.may_cross(site, model)
        return self._movable.get((None if crosses else site.country, model), 0)

    def _is_overfull(self, name: str) -> bool:
        site = self.problem.sites[name]
        if site.racks is not None and self._most(name, self._places) > site.racks:
            return True
        if site.power_kw is None or site.status is SiteStatus.STORAGE:
            return False
        drawn = self._most(name, self._kw)
        return drawn * site.pue > site.power_kw

    def overfull_text(self, name: str) -> str:
        """Say by how much a site holds more than it has room for."""
        site = self.problem.sites[name]
        parts = []
        drawn = self._most(name, self._kw) * site.pue
        storage = site.status is SiteStatus.STORAGE
        if site.power_kw is not None and not storage and drawn > site.power_kw:
            power = f"{plain(Fraction(ceil(drawn), 1000))} MW, power_mw is"
            parts.append(f"{power} {plain(site.power_kw / 1000)}")
        if site.racks is not None and self._most(name, self._places) > site.racks:
            parts.append(f"{self._most(name, self._places)} places, racks is {site.racks}")
        return f"{name} already takes {' and '.join(parts)}: nothing comes there"

    def _kw(self, model: str, count: int) -> Fraction:
        return count * self.kits[model].kw

    def _places(self, model: str, count: int) -> Fraction:
        return Fraction(-(-count // self.kits[model].unit))

    def _fits(self, site: Site, kit: Kit) -> int:
        """Give the most units that an empty site could take."""
        most = []
        if site.status is not SiteStatus.STORAGE and site.power_kw is not None:
            most.append(int(site.power_kw // (kit.kw * kit.unit * site.pue)))
        if site.racks is not None:
            most.append(site.racks)
        return min(most, default=10**12)

    def _most(self, name: str, amount: Callable[[str, int], Fraction]) -> Fraction:
        """Give the most of something (by model and count) at a site on any day of the period."""
        lots = [lot for lot in self._by_site.get(name, ()) if lot.works]
        period = self.problem.period
        days = {period.first}
        for lot in lots:
            days.update(d for d in (lot.start, lot.end) if d and period.first <= d <= period.last)
        most = Fraction(0)
        for day in days:
            counts: dict[str, int] = {}
            for lot in lots:
                if lot.counts_on(day):
                    counts[lot.model] = counts.get(lot.model, 0) + lot.quantity
            most = max(most, sum((amount(*one) for one in counts.items()), Fraction(0)))
        return most

    def _by_country(
        self, counts: Iterable[tuple[tuple[str, str], int]]
    ) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for (name, model), count in counts:
            site = self.problem.sites[name]
            if count and site.status is not SiteStatus.STORAGE:
                key = site.country, model
                found[key] = found.get(key, 0) + count
        return found
