"""Tiny instances in which much has a date: lots, sites, limits and commitments; some are far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from tests.support.strategies_periods import day_in, instances
from tests.support.tiny_periods import Many, ManyLot, ManyPromise, ManySite, Span


@st.composite
def dated(draw: st.DrawFn) -> Many:
    """Draw an instance with part-period stock, shut sites, commitments, and transit."""
    many = draw(instances())
    periods = many.periods
    sites = tuple(draw(_shut(site, periods)) for site in many.sites)
    lots = list(many.lots)
    for _ in range(draw(st.integers(0, 2))):
        site = draw(st.sampled_from([sites[0], sites[0], *sites]))
        begin, end = (day_in(draw, periods) if draw(st.booleans()) else None for _ in "be")
        before = [lot.end for lot in lots if lot.site == site.name and lot.end]
        if before and draw(st.integers(0, 2)) == 0:  # one takes the place of another
            begin, end = before[-1], None
        if begin is not None and end is not None and end <= begin:
            begin = None
        model = draw(st.sampled_from(list(many.models)))
        lots.append(ManyLot(site.name, model, draw(st.integers(1, 3)), begin, end))
    if draw(st.integers(0, 7)):
        lots = [found for lot in lots for found in _in_time(lot, sites, many)]
    promises = [*many.promises]
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
        since = draw(st.integers(0, many.count - 1))
        until = draw(st.integers(since, many.count - 1))
        spot = draw(st.sampled_from([None, *(site.name for site in sites)]))
        days = None
        if draw(st.integers(0, 2)) == 0:
            inside = [day_in(draw, [periods[t]]) for t in (since, until)]
            days = min(inside), max(inside)
        groups = [(), *((site.country,) for site in sites), tuple({s.country for s in sites[:2]})]
        promises.append(
            ManyPromise(
                draw(st.sampled_from(["at_least", "at_most", "at_most", "exactly"])),
                draw(st.integers(0, 6)),
                since,
                until,
                spot,
                () if spot else draw(st.sampled_from(groups)),
                draw(st.sampled_from([None, None, *many.models])),
                days,
            )
        )
    ms, demand = many.ms, many.demand
    if draw(st.booleans()) and demand:
        ms = (5, *(draw(st.sampled_from([5, 15, 25])) for _ in sites[1:]))
        demand = tuple(replace(d, within=draw(st.sampled_from([None, 10, 20]))) for d in demand)
    if not ms:
        demand = tuple(replace(d, within=None) for d in demand)
    if draw(st.integers(0, 5)):  # most lines can be served from the first site
        demand = tuple(replace(d, countries=()) if "US" not in d.countries else d for d in demand)
    margins = draw(
        st.sampled_from([(), (), (("*", "2pp"),), (("basic.us", "5pp"),), (("*", "10%"),)])
    )
    budgets = many.budgets if draw(st.integers(0, 3)) == 0 else ()
    transit = int(many.move is not None and draw(st.integers(0, 2)) == 0)
    return replace(
        many, transit=transit, both=bool(transit and draw(st.booleans())), budgets=budgets,
        sites=sites, lots=tuple(lots), promises=tuple(promises), ms=ms, demand=demand,
        margins=margins,
    )  # fmt: skip


def _in_time(lot: ManyLot, sites: Sequence[ManySite], many: Many) -> list[ManyLot]:
    """Return what is left of a lot whose site closes: what no plan takes away ends in time."""
    closes = next(site.closes for site in sites if site.name == lot.site)
    stays = lot.start is None and lot.end is None
    frozen = next(site.status for site in sites if site.name == lot.site) == "frozen"
    movable = stays and not frozen and (many.move is not None or many.retire is not None)
    if closes is None or movable or (lot.end is not None and lot.end <= closes):
        return [lot]
    return [] if lot.start is not None and lot.start >= closes else [replace(lot, end=closes)]


@st.composite
def _shut(draw: st.DrawFn, site: ManySite, periods: list[Span]) -> ManySite:
    opens, closes, limits = site.opens, site.closes, site.limits
    if draw(st.integers(0, 3)) == 0:
        opens = day_in(draw, periods)
    if draw(st.integers(0, 3)) == 0:
        closes = day_in(draw, periods)
    if opens and closes and closes <= opens:
        opens = None
    if draw(st.integers(0, 4)) == 0:
        pairs = [(None, 4), (None, 5), (6, None), (9, 5), (12, None)]
        limits = ((draw(st.integers(0, len(periods) - 1)), *draw(st.sampled_from(pairs))),)
    return replace(site, opens=opens, closes=closes, limits=limits)
