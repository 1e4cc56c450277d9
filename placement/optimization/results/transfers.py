"""Which kit goes where: departures of a model in a period, paired with arrivals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from placement.optimization.data.eligibility import Eligibility
from placement.optimization.data.problem import Lot, Problem

#: A lot and the site that it goes to.
Pair = tuple[Lot, str]


def match_transfers(
    problem: Problem,
    gates: Eligibility,
    leaving: Iterable[Lot],
    arrivals: Iterable[tuple[str, int]],
) -> list[Pair]:
    """Pair departures with arrivals, within a country first, in the order of both.

    Where moves take time, nothing goes to where it stood as long as it can change places with
    other kit. Kit that moves inside another country stays there, unless nobody counts what does.
    """
    pairs = list(_in_order(problem, leaving, arrivals))
    if not problem.transit_periods:
        return pairs

    def inside(one: Pair, other: Pair) -> bool:
        return one[0].country in (other[0].country, problem.sites[other[1]].country)

    def abroad(one: Pair, other: Pair) -> bool:
        sites = problem.sites[one[1]], problem.sites[other[1]]
        free = problem.policy.pack.ledger is None and problem.transit == "destination"
        crosses = other[0].country != sites[1].country or other[0].site == other[1]
        return (free or crosses) and all(gates.may_cross(site, one[0].model) for site in sites)

    return _to_others(_to_others(pairs, inside), abroad)


def _to_others(pairs: Iterable[Pair], may_swap: Callable[[Pair, Pair], bool]) -> list[Pair]:
    """Swap the destination of what goes to where it stood with that of something else."""
    found, at = list(pairs), 0
    while at < len(found):
        lot, site = one = found[at]
        swaps = (
            place
            for place, other in enumerate(found)
            if lot.site == site and site not in (other[0].site, other[1]) and may_swap(one, other)
        )
        place = next(swaps, None)
        if place is not None:
            other, to_site = found[place]
            part = min(lot.quantity, other.quantity)
            found[at] = replace(lot, quantity=part), to_site
            found[place] = replace(other, quantity=part), site
            found += [
                (replace(left, quantity=left.quantity - part), where)
                for left, where in (one, (other, to_site))
                if left.quantity > part
            ]
        at += 1
    return found


def _in_order(
    problem: Problem, leaving: Iterable[Lot], arrivals: Iterable[tuple[str, int]]
) -> Iterator[Pair]:
    places = list(arrivals)
    abroad = []
    for lot in leaving:
        left = lot.quantity
        for at, (site, room) in enumerate(places):
            part = min(left, room)
            if part and problem.sites[site].country == lot.country:
                yield replace(lot, quantity=part), site
                left -= part
                places[at] = (site, room - part)
        abroad.append(replace(lot, quantity=left))
    for lot in abroad:
        left = lot.quantity
        for at, (site, room) in enumerate(places):
            part = min(left, room)
            if part:
                yield replace(lot, quantity=part), site
                left -= part
                places[at] = (site, room - part)
