"""Sites that close within the horizon: kit has to leave in time, or there is no plan.

A plan acts on the first day of a period, so kit leaves by the first day of the one in which its
site closes. What no plan takes away has to end by itself, by the day on which the site closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from placement.errors import Fault
from placement.optimization.data.existing_stock import MOVABLE, ExistingStock
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.data.records import Site
from placement.readers.table import Table
from placement.readers.tables.sites import SiteRow, SiteStatus


def closing_faults(holdings: ExistingStock, table: Table[SiteRow]) -> Iterator[Fault]:
    """Yield a fault for each site that closes and holds kit then that may not leave it."""
    problem = holdings.problem
    for line, row in table.rows:
        site, lots = problem.sites[row.site], holdings.loads.lots_at(row.site)
        if site.closes is None:
            continue
        models = {lot.model for lot in lots}
        leaves = sum(holdings.planned_start((site.name, model)) for model in models)
        for period in problem.periods:
            held = _held(lots, site.closes, period) - leaves
            if held > 0:
                message = (
                    f"the site closes then, and {held} accelerators stand there in {period.name} "
                    "that may not leave"
                )
                fix, value = _remedy(problem, site, site.closes), site.closes.isoformat()
                yield Fault(message, fix, table.file, line, "closes", value)
                break


def closing_notes(holdings: ExistingStock) -> list[str]:
    """Say where kit stands that serves nobody yet, and what has to leave, and until when."""
    problem, found = holdings.problem, []
    for name, site in sorted(problem.sites.items()):
        waiting = sum(
            lot.quantity
            for lot in problem.lots
            if lot.own and lot.site == name and site.opens and lot.stands_on(problem.first)
        )
        if waiting and site.opens and site.opens > problem.first:
            serves = next((p.name for p in problem.periods if site.serves_in(p)), None)
            until = "" if serves is None else f" before {serves}"
            found.append(
                f"{name} opens on {site.opens}: {waiting} accelerators that stand there serve "
                f"nobody{until}"
            )
        leaves = sum(holdings.planned_start(key) for key in holdings.starts if key[0] == name)
        last = next((p for p in problem.periods if site.closes_by(p)), None)
        if leaves and last is not None:
            found.append(
                f"{name} closes on {site.closes}: {leaves} accelerators have to leave it by "
                f"{last.first}, and it serves nobody from then on"
            )
    return found


def _held(lots: Sequence[Lot], closes: date, period: Period) -> int:
    """Return what stands somewhere on a day of a period on or after the one on which it closes."""
    if closes > period.last:
        return 0
    first = max(closes, period.first)
    return sum(
        lot.quantity
        for lot in lots
        if (lot.works_since is None or lot.works_since <= period.last)
        and (lot.end is None or lot.end > max(first, lot.works_since or first))
    )


def _remedy(problem: Problem, site: Site, closes: date) -> str:
    ways = [
        f"give their lots out_of_service {closes} or earlier",
        "or move them to another site in the inventory",
    ]
    could_leave = any(site.status_in(period) in MOVABLE for period in problem.periods)
    if site.stated is SiteStatus.FROZEN and closes >= problem.first:
        ways.insert(0, "make the site draining")
    elif could_leave and problem.moves is None and problem.retire_usd is None:
        ways.insert(0, "allow [moves] or [retire]")
    return ", ".join(ways)
