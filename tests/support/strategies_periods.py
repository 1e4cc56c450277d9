"""Random tiny instances over several periods; some are in breach until a later delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.support.tiny_periods import (
    Many,
    ManyDemand,
    ManyLot,
    ManyPromise,
    ManySite,
    ManySupply,
    Span,
    spans,
)


def quick(examples: int) -> settings:
    """Return settings for so many examples, always the same ones; they are tiny as drawn."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


STATES = ["open"] * 6 + ["frozen", "draining", "storage"]


def day_in(draw: st.DrawFn, periods: list[Span]) -> date:
    """Draw the first day of a period, or one within it."""
    period = draw(st.sampled_from(periods))
    return period.first + timedelta(days=draw(st.sampled_from([0, 0, 12, 40 % period.days, 25])))


@st.composite
def sites(draw: st.DrawFn, periods: list[Span], most: int) -> tuple[ManySite, ...]:
    found = []
    for n in range(draw(st.integers(2, most))):
        limits = []
        if draw(st.integers(0, 3)) == 0:
            t = draw(st.integers(0, len(periods) - 1))
            both = [(None, 1), (None, 2), (None, 5), (2, None), (4, None), (9, 3)]
            limits.append((t, *draw(st.sampled_from(both))))
        opens = closes = None
        if draw(st.integers(0, 6)) == 0:
            opens = day_in(draw, periods)
        if draw(st.integers(0, 9)) == 0:
            closes = day_in(draw, periods)
        if opens and closes and closes <= opens:
            closes = None
        found.append(
            ManySite(
                name=f"s{n}",
                country=draw(st.sampled_from(["US", "MY", "NA", "DE"])) if n else "US",
                power_kw=draw(st.sampled_from([3, 5, 8, 1000, 1000, 1000])),
                status=draw(st.sampled_from(STATES if n else STATES[:-1] + ["open"] * 6)),
                racks=draw(st.sampled_from([None, None, None, 2, 4])),
                energy=draw(st.sampled_from([0, 0, 50, 125, -25])),
                pue=draw(st.sampled_from(["1", "1.25"])),
                hosting=draw(st.sampled_from([0, 0, 3])),
                fixed=draw(st.sampled_from([0, 0, 7])),
                opens=opens,
                closes=closes,
                limits=tuple(limits),
            )
        )
    return tuple(found)


@st.composite
def instances(draw: st.DrawFn) -> Many:
    count = draw(st.integers(2, 3))
    start = draw(st.sampled_from(["2027Q1", "2026Q4", "2027Q2", "2027-01", "2027-07", "2026-12"]))
    periods = spans(start, count)
    change = draw(st.booleans())
    models = draw(st.sampled_from([["H100 SXM"], ["B200"], ["H100 SXM", "B200"], ["B200", "T4"]]))
    if change:
        models = models[:1]
    small = count == 3 or len(models) > 1
    where = draw(sites(periods, 2 if small and (change or len(models) > 1) else 3))
    supply = []
    for model in models:
        rows: list[tuple[int, int] | None] = []
        left = 2 if change or len(models) > 1 else 3
        for _ in range(count):
            units = min(left, draw(st.sampled_from([0, 1, 1, 2])))
            left -= units
            price = draw(st.integers(1, 9))
            rows.append((units, price) if units or draw(st.booleans()) else None)
        if not any(rows):
            rows[0] = (1, 3)
        supply.append(ManySupply(model, draw(st.sampled_from([1, 2, 3])), tuple(rows)))
    lots = []
    for site in where:
        for model in models:
            standing = draw(st.sampled_from([1, 3, 5] if site.name == "s0" else [0, 0, 1, 2]))
            if change:
                standing = min(standing, 2 * supply[0].unit)
            if site.closes is not None and not change:
                standing = 0
            if standing:
                lots.append(ManyLot(site.name, model, standing))
            if site.closes is not None and draw(st.booleans()):
                lots.append(ManyLot(site.name, model, draw(st.integers(1, 2)), None, site.closes))
            elif draw(st.integers(0, 4)) == 0:
                begin = day_in(draw, periods) if draw(st.booleans()) else None
                end = day_in(draw, periods) if draw(st.booleans()) else None
                if begin is None or end is None or begin < end:
                    lots.append(ManyLot(site.name, model, draw(st.integers(1, 2)), begin, end))
    late = draw(st.integers(0, 3)) == 0
    if late:  # a fleet in breach that only later deliveries mend
        model, unit = models[0], supply[0].unit
        where = (
            replace(where[0], status="open", opens=None, closes=None, power_kw=1000, racks=None),
            replace(where[1], country="MY", opens=None, closes=None),
            *where[2 + small :],
        )
        supply[0] = ManySupply(model, unit, (None, (2, 3), (0, 2))[:count])
        there = {site.name for site in where[2:]}
        lots = [lot for lot in lots if lot.site in there]
        lots += [ManyLot("s0", model, draw(st.integers(1, 2))), ManyLot("s1", model, 2)]
    by_site = draw(st.integers(0, 3)) == 0
    demand = []
    for t in range(late, count) if draw(st.integers(0, 4)) else ():
        for _ in range(draw(st.sampled_from([0, 1, 1, 2]))):
            metric = draw(st.sampled_from(["accelerators", "tpp", "h100e", "mw"]))
            named = draw(st.sampled_from([None, None, models[0]]))
            size = draw(st.sampled_from([1, 1, 2, 3]))
            texts = {"tpp": str(size * 15000), "mw": f"0.00{size}"}
            demand.append(
                ManyDemand(
                    t,
                    str(size) if named else texts.get(metric, str(size)),
                    "accelerators" if named else metric,
                    named,
                    draw(st.sampled_from([(), (), (), ("US",), ("US", "MY"), ("NA", "MY")])),
                    draw(st.sampled_from([None, 10, 20])) if by_site else None,
                )
            )
    promises = []
    if draw(st.integers(0, 3)) == 0:
        since = draw(st.integers(0, count - 1))
        spot = draw(st.sampled_from([None, None, "s0", "s1"]))
        promises.append(
            ManyPromise(
                draw(st.sampled_from(["at_least", "at_most", "exactly"])),
                draw(st.sampled_from([0, 1, 2, 3, 3])),
                since,
                draw(st.integers(since, count - 1)),
                spot,
                () if spot else draw(st.sampled_from([(), ("US",), ("MY",), ("NA", "DE")])),
                draw(st.sampled_from([None, models[0]])),
            )
        )
    place = draw(st.sampled_from([None, "by_end", "as_much_as_fits", "as_much_as_fits"]))
    budgets = draw(st.sampled_from([(), (), (), (), (15,), (40,), (900,)]))
    return Many(
        start=start,
        count=count,
        sites=where,
        supply=tuple(supply),
        lots=tuple(lots),
        demand=tuple(demand),
        promises=tuple(promises),
        move=draw(st.sampled_from([None, 1, 5])) if change else None,
        most_moved=draw(st.sampled_from([None, None, 1, 3])) if change else None,
        retire=draw(st.sampled_from([None, 0, 2, -1])) if change else None,
        dilution=draw(st.booleans()),
        mode=draw(st.sampled_from(["repair", "repair", "strict"])),
        place=None if demand else place,
        budgets=budgets,
        rate=draw(st.sampled_from(["0", "0", "0.08"])),
        ms=tuple(draw(st.sampled_from([5, 15, 25])) for _ in where) if by_site else (),
    )
