"""What an infeasible problem lacks altogether, to be said before what conflicts.

No amount of power or supply helps a line of demand that no site may serve, and an empty table is
seldom meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from placement.optimization.data.periods import span
from placement.optimization.data.problem import Problem
from placement.optimization.data.records import Demand, Site
from placement.readers.tables.sites import SiteStatus

_MOST = 3
"""So many sites are named."""


def missing(problem: Problem, conflict: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what the tables lack, one sentence each.

    `conflict`: the names of what cannot hold together. Only of its lines is said that no site takes
    anything more, since what stands may be enough for the others.
    """
    found = [*_empty_tables(problem), *_unserved(problem)]
    named = set(conflict)
    found += [
        said
        for line in problem.demands
        if line.label in named
        for said in _closed_to_more(problem, line)
    ]
    return tuple(dict.fromkeys(found))


def _empty_tables(problem: Problem) -> Iterator[str]:
    when = span(problem.periods)
    if not problem.demands:
        yield f"No demand: demand.csv is missing, or asks for nothing in {when}"
    if not any(row.quantity for rows in problem.deliveries.values() for row in rows):
        yield f"No supply: supply.csv is missing, or delivers nothing in {when}"


def _unserved(problem: Problem) -> Iterator[str]:
    standing = {lot.model for lot in problem.lots if lot.own and lot.works}
    for line in problem.demands:
        if not line.quantity:
            continue
        yield from _without_site(problem, line)
        model = line.model
        if model is not None and model not in standing and not _delivered(problem, line):
            period = problem.periods[line.t].name
            yield (
                f"{line.label}: no {model} stands anywhere, and supply.csv delivers none by "
                f"{period}"
            )


def _delivered(problem: Problem, line: Demand) -> bool:
    rows = problem.deliveries.get(line.model or "", ())
    return any(row.quantity and row.t <= line.t for row in rows)


def _without_site(problem: Problem, line: Demand) -> Iterator[str]:
    """Return why no site may serve a line, if none may."""
    period = problem.periods[line.t]
    allowed = [site for site in problem.sites.values() if line.allows(site.country)]
    where = ", ".join(sorted(line.countries)) if line.countries is not None else "sites.csv"
    if not allowed:
        yield f"{line.label}: sites.csv has no site in {where}"
        return
    near = [site for site in allowed if line.allows_site(site)]
    if not near:
        yield f"{line.label}: no site in {where} is reached from {line.zone} in time"
        return
    if not any(site.serves_in(period) for site in near):
        yield f"{line.label}: no site in {where} serves in all of {period.name}: {_names(near)}"
    elif line.model is not None and not any(site.takes(line.model) for site in near):
        yield f"{line.label}: no site in {where} takes {line.model}: {_names(near)}"


def _closed_to_more(problem: Problem, line: Demand) -> Iterator[str]:
    """Return that every site which may serve a line takes nothing more."""
    periods = problem.periods[: line.t + 1]
    near = [
        site
        for site in problem.sites.values()
        if line.allows_site(site) and site.serves_in(periods[-1])
    ]
    open_ones = (SiteStatus.OPEN, SiteStatus.STORAGE)
    if near and not any(site.status_in(period) in open_ones for site in near for period in periods):
        where = ", ".join(sorted(line.countries)) if line.countries is not None else "sites.csv"
        yield f"{line.label}: no site in {where} takes anything more: " + ", ".join(
            f"{site.name} is {site.status_in(periods[-1]).value}" for site in near[:_MOST]
        )


def _names(sites: list[Site]) -> str:
    names = sorted(site.name for site in sites)
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
