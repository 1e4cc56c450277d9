"""What stands in a tiny instance of several periods, and what may come and leave, and where."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cached_property

from tests.support.tiny_periods import Many, ManySite


class Standing:
    """What stands at each site of an instance, and what may happen there, by model."""

    def __init__(self, many: Many) -> None:
        self.many, self.periods = many, many.periods
        self.units = many.models
        self.first, self.last = self.periods[0].first, self.periods[-1].last
        self.states = {
            (t, s): self._state(site, t)
            for t in range(many.count)
            for s, site in enumerate(many.sites)
        }
        self.starts = {
            (s, model): self._standing(site.name, model) // unit
            if many.move is not None or many.retire is not None
            else 0
            for s, site in enumerate(many.sites)
            for model, unit in self.units.items()
        }
        for (s, model), count in list(self.starts.items()):
            movable = any(
                self.states[t, s] in ("open", "draining", "storage") for t in range(many.count)
            )
            self.starts[s, model] = count if movable else 0

    def _state(self, site: ManySite, t: int) -> str:
        period = self.periods[t]
        if site.opens is not None and site.opens > period.first:
            return "frozen"
        if site.closes is not None and site.closes < period.first:
            return "frozen"
        if site.closes is not None and site.closes <= period.last and site.status != "frozen":
            return "draining"
        return site.status

    def _standing(self, name: str, model: str) -> int:
        return sum(
            lot.count
            for lot in self.many.lots
            if (lot.site, lot.model) == (name, model)
            and (lot.start is None or lot.start <= self.first)
            and (lot.end is None or lot.end > self.last)
        )

    def on(self, day: date, name: str, model: str) -> int:
        """Return the accelerators of the inventory on a day."""
        return sum(
            lot.count
            for lot in self.many.lots
            if (lot.site, lot.model) == (name, model)
            and (lot.start is None or lot.start <= day)
            and (lot.end is None or day < lot.end)
        )

    def days_in(self, t: int) -> list[date]:
        """Return the days of a period on which something of the inventory may change."""
        period = self.periods[t]
        found = {period.first}
        for lot in self.many.lots:
            found |= {d for d in (lot.start, lot.end) if d and period.first <= d <= period.last}
        return sorted(found)

    def all_period(self, t: int, name: str, model: str) -> int:
        """Return the accelerators of the inventory that stand all of a period."""
        period = self.periods[t]
        return sum(
            lot.count
            for lot in self.many.lots
            if (lot.site, lot.model) == (name, model)
            and (lot.start is None or lot.start <= period.first)
            and (lot.end is None or lot.end > period.last)
        )

    def is_shut(self, t: int, s: int) -> bool:
        """Tell whether there is a day of a period on which a site has not opened, or has closed."""
        site, period = self.many.sites[s], self.periods[t]
        return not (
            (site.opens is None or site.opens <= period.first)
            and (site.closes is None or site.closes > period.last)
        )

    def is_left(self, t: int, s: int, planned: dict[str, int]) -> bool:
        """Tell whether nothing stands at a site once it has closed.

        What a plan may touch is gone on the first day of the period in which it closes.
        """
        closes, last = self.many.sites[s].closes, self.periods[t].last
        if closes is None or closes > last:
            return True
        days = [max(closes, self.periods[t].first), *(d for d in self.days_in(t) if d >= closes)]
        name = self.many.sites[s].name
        return not any(planned.values()) and not any(
            self.on(day, name, model) > self.starts[s, model] * unit
            for day in days
            for model, unit in self.units.items()
        )

    def fits(self, t: int, s: int, planned: dict[str, int], came: int) -> bool:
        """Tell whether a site has room for planned units beside all that no decision touches.

        What it holds beyond a limit that it has had from the beginning may stay, until something
        has come.
        """
        return self.lacks(t, s, planned) <= (set() if came else self._beyond.get((t, s), set()))

    def lacks(self, t: int, s: int, planned: dict[str, int]) -> set[str]:
        """Name what a site lacks for planned units: power, racks."""
        key = t, s, *planned.values()
        if key not in self._lacking:
            self._lacking[key] = self._lacks(t, s, planned)
        return self._lacking[key]

    @cached_property
    def _lacking(self) -> dict[tuple[int, ...], set[str]]:
        return {}

    def _lacks(self, t: int, s: int, planned: dict[str, int]) -> set[str]:
        site, found = self.many.sites[s], set()
        power, racks = site.power_in(t), site.racks_in(t)
        for day in self.days_in(t):
            counts = {
                model: self.on(day, site.name, model)
                + (planned[model] - self.starts[s, model]) * unit
                for model, unit in self.units.items()
            }
            if site.status != "storage" and sum(counts.values()) * Fraction(site.pue) > power:
                found.add("power")
            places = sum(-(-count // self.units[model]) for model, count in counts.items())
            if racks is not None and places > racks:
                found.add("racks")
        return found

    @cached_property
    def _beyond(self) -> dict[tuple[int, int], set[str]]:
        """What a site lacks untouched, of limits that are no lower than at the beginning."""
        found = {}
        for t in range(self.many.count):
            for s, site in enumerate(self.many.sites):
                power, racks = site.power_in(t), site.racks_in(t)
                falls = {"power"} if power < site.power_kw else set()
                if racks is not None and (site.racks is None or racks < site.racks):
                    falls.add("racks")
                untouched = {model: self.starts[s, model] for model in self.units}
                found[t, s] = self.lacks(t, s, untouched) - falls
        return found

    @cached_property
    def overfull(self) -> set[tuple[int, int]]:
        return {at for at, beyond in self._beyond.items() if beyond}

    def _may_come(self, t: int, s: int, model: str, states: tuple[str, ...]) -> bool:
        site = self.many.sites[s]
        closes = site.closes is not None and site.closes <= self.last
        full = any((u, s) in self.overfull for u in range(t, self.many.count))
        full = full and not any(self.starts[s, one] for one in self.units)
        takes = not site.accelerators or site.accelerators == model
        return self.states[t, s] in states and takes and not closes and not full

    @cached_property
    def barred(self) -> set[tuple[int, int | None, int, str]]:
        """What rules bar whatever stands where: (period, from or None: bought, to, model)."""
        return set()
