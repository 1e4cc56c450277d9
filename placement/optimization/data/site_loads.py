"""What sites draw and hold at most in a period where nothing is decided, against their limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from placement.optimization.data.problem import Lot, Problem
from placement.optimization.data.records import AcceleratorSpec, Site
from placement.readers.tables.sites import SiteStatus
from placement.text.decimals import plain


class SiteLoads:
    """The kW and the purchase units of all lots that stand at a site."""

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
        self._known: dict[tuple[str, int, str], Fraction] = {}
        periods = range(len(problem.periods))
        #: The sites to which an earlier plan sent kit that has not arrived: it made room there.
        awaited = {
            lot.site
            for lot in problem.lots
            if lot.stays and lot.in_service and lot.in_service >= problem.first
        }
        #: The sites that hold more than they have power, or places, for, by the index of a period;
        #: not those where kit has to leave, since their limit falls (`falling`) or kit is awaited.
        held = {name: problem.sites[name] for name in self._by_site if name not in awaited}
        self.overpowered = [
            {n for n, site in held.items() if self.lacks_power(n, t) and not site.power_falls(t)}
            for t in periods
        ]
        self.overracked = [
            {n for n, site in held.items() if self.lacks_racks(n, t) and not site.racks_fall(t)}
            for t in periods
        ]
        #: The sites of either kind.
        self.overfull = [sorted(self.overpowered[t] | self.overracked[t]) for t in periods]

    def lots_at(self, name: str) -> Sequence[Lot]:
        """Return the lots of everyone at a site."""
        return self._by_site.get(name, ())

    def kits(self, name: str) -> list[AcceleratorSpec]:
        """Return the models of the lots at a site, in the order of their names."""
        models = {lot.model for lot in self.lots_at(name)}
        return [self.problem.kits[model] for model in sorted(models)]

    def drawn_text(self, name: str, t: int) -> str:
        """Write the power that a site draws in a period without any decision."""
        drawn = self.kw(name, t) * self._site(name).pue
        return f"{plain(Fraction(ceil(drawn), 1000))} MW"

    def power_text(self, name: str, t: int) -> str:
        """Write the MW that a site has in a period."""
        return plain((self._site(name).power_in(t) or Fraction(0)) / 1000)

    def lacks_power(self, name: str, t: int) -> bool:
        """Tell whether a site draws more than it has, without any decision."""
        site, power = self._site(name), self._site(name).power_in(t)
        if power is None or site.stated is SiteStatus.STORAGE:
            return False
        return self.kw(name, t) * site.pue > power

    def lacks_racks(self, name: str, t: int) -> bool:
        """Tell whether a site holds more purchase units than it has places."""
        racks = self._site(name).racks_in(t)
        return racks is not None and self.places(name, t) > racks

    def kw(self, name: str, t: int) -> Fraction:
        """Return the most kW of IT that stand at a site in a period."""
        kits = self.problem.kits
        return self._once(name, t, "kw", lambda model, count: count * kits[model].kw)

    def places(self, name: str, t: int) -> int:
        """Return the most purchase units that stand at a site in a period."""
        kits = self.problem.kits
        return int(
            self._once(
                name, t, "places", lambda model, count: Fraction(-(-count // kits[model].unit))
            )
        )

    def accelerators(self, name: str, t: int) -> int:
        """Return the most accelerators that stand at a site in a period."""
        return int(self._once(name, t, "accelerators", lambda _, count: Fraction(count)))

    def _once(
        self, name: str, t: int, what: str, amount: Callable[[str, int], Fraction]
    ) -> Fraction:
        """Work out the most of something once where nothing changes within the horizon."""
        key = name, t if name in self._changing else 0, what
        if key not in self._known:
            self._known[key] = self._most(name, key[1], amount)
        return self._known[key]

    def _most(self, name: str, t: int, amount: Callable[[str, int], Fraction]) -> Fraction:
        """Return the most of something (by model and count) at a site on any day of a period."""
        lots = [lot for lot in self.lots_at(name) if lot.works]
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

    def _site(self, name: str) -> Site:
        return self.problem.sites[name]
