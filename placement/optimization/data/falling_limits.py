"""Limits of sites that fall below what stands there: kit has to leave, or there is no plan.

What a site holds above the limit that it has had all along is a fact, and may stay
(`SiteLoads.overfull`). A limit that site_limits.csv lowers is one that the plan has to keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from placement.errors import Fault
from placement.optimization.data.existing_stock import MOVABLE, ExistingStock
from placement.text.decimals import counted, plain


def falling_faults(holdings: ExistingStock, file: str) -> Iterator[Fault]:
    """Return a fault for each site that holds more than a lower limit and cannot be emptied."""
    problem = holdings.problem
    for fall in _falls(holdings):
        t = next((t for t in fall.periods if _stuck(holdings, fall, t)), None)
        if t is None:
            continue
        what = _stuck(holdings, fall, t)
        column = "power_mw" if fall.of_power else "racks"
        line = problem.sites[fall.site].limit_in(t).line
        message = f"{fall.site} holds {what} from {problem.periods[t].name} on that may not leave"
        fix = _remedy(holdings, fall.site, what)
        yield Fault(message, fix, file, line, column, _limit(holdings, fall, t))


def falling_notes(holdings: ExistingStock) -> list[str]:
    """Say where kit has to leave, and from when."""
    found = []
    for fall in _falls(holdings):
        t = fall.periods[0]
        holds = counted(holdings.loads.places(fall.site, t), "places")
        if fall.of_power:
            holds = holdings.loads.drawn_text(fall.site, t)
        limit = f"{'power_mw' if fall.of_power else 'racks'} is {_limit(holdings, fall, t)}"
        period = holdings.problem.periods[t].name
        found.append(f"{fall.site} takes {holds}, and {limit} from {period} on: some has to leave")
    return found


@dataclass(frozen=True, slots=True)
class _Fall:
    """A site, and the periods in which its power (or its places) are fewer than what stands."""

    site: str
    of_power: bool
    periods: tuple[int, ...]


def _limit(holdings: ExistingStock, fall: _Fall, t: int) -> str:
    racks = holdings.problem.sites[fall.site].racks_in(t)
    return holdings.loads.power_text(fall.site, t) if fall.of_power else str(racks)


def _stuck(holdings: ExistingStock, fall: _Fall, t: int) -> str:
    """Write what stands in a period whatever is decided, where that is too much; else nothing."""
    site = holdings.problem.sites[fall.site]
    if fall.of_power:
        drawn = holdings.constant_kw(fall.site, t)
        too_much = drawn > (site.power_in(t) or 0)
        return f"{plain(Fraction(ceil(drawn), 1000))} MW" if too_much else ""
    places = holdings.constant_racks(fall.site, t)
    return counted(places, "places") if places > (site.racks_in(t) or 0) else ""


def _remedy(holdings: ExistingStock, name: str, what: str) -> str:
    problem = holdings.problem
    others = any(not lot.own for lot in holdings.loads.lots_at(name))
    if problem.moves is None and problem.retire_usd is None:
        first = "allow [moves] or [retire]"
    elif not any(problem.sites[name].status_in(period) in MOVABLE for period in problem.periods):
        first = "make the site draining"
    else:
        first = "give lots that leave an out_of_service"
        first += " (other owners' lots stand there, too)" if others else ""
    return f"{first}, or raise it to {what}"


def _falls(holdings: ExistingStock) -> Iterator[_Fall]:
    problem = holdings.problem
    for name, site in sorted(problem.sites.items()):
        for of_power, falls, lacks in (
            (True, site.power_falls, holdings.loads.lacks_power),
            (False, site.racks_fall, holdings.loads.lacks_racks),
        ):
            periods = [t for t in range(len(problem.periods)) if falls(t) and lacks(name, t)]
            if periods:
                yield _Fall(name, of_power, tuple(periods))
