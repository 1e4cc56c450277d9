"""What a site has room for beside the kit that no decision touches, by period."""

from __future__ import annotations

from fractions import Fraction

from placement.optimization.data.records import Site
from placement.optimization.model.sets import PlanSets
from placement.readers.tables.sites import SiteStatus


def free_kw(grid: PlanSets, site: Site) -> list[Fraction | None]:
    """Return the kW at the meter that are left for what is planned, None for no limit."""
    found: list[Fraction | None] = []
    for t in range(len(grid.periods)):
        power = site.power_in(t)
        limited = power is not None and site.stated is not SiteStatus.STORAGE
        if power is None or not limited or site.name in grid.holdings.loads.overpowered[t]:
            found.append(None)
        else:
            found.append(power - grid.holdings.constant_kw(site.name, t))
    return found


def free_places(grid: PlanSets, site: Site) -> list[Fraction | None]:
    """Return the places that are left for what is planned, None for no limit."""
    found: list[Fraction | None] = []
    for t in range(len(grid.periods)):
        racks = site.racks_in(t)
        if racks is None or site.name in grid.holdings.loads.overracked[t]:
            found.append(None)
        else:
            found.append(Fraction(racks - grid.holdings.constant_racks(site.name, t)))
    return found


def binding_limits(limits: list[Fraction | None], *, only_last: bool) -> list[tuple[int, Fraction]]:
    """Return the limits that need a row, by period.

    Where nothing leaves, stock only grows, so a limit that is no lower than a later one holds
    because of that one.
    """
    found: list[tuple[int, Fraction]] = []
    for t in range(len(limits) - 1, -1, -1):
        limit = limits[t]
        if limit is not None and not (only_last and found and limit >= found[-1][1]):
            found.append((t, limit))
    return found[::-1]
