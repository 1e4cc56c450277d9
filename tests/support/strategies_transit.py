"""Random tiny instances in which it pays to move kit, and moves take one or two periods."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.tiny_periods import (
    Many,
    ManyDemand,
    ManyLot,
    ManyPromise,
    ManySite,
    ManySupply,
)

COUNT = 3
#: One of the first three periods has a measurement date in it, sometimes two.
STARTS = ("2027Q1", "2026Q4", "2027Q2", "2027-01", "2026-12", "2027-07")


@st.composite
def journeys(draw: st.DrawFn) -> Many:
    countries = draw(
        st.sampled_from(
            [("US", "MY"), ("US", "MY", "US"), ("US", "MY", "NA"), ("US", "MY", "MY"),
             ("US", "DE", "MY"), ("US", "US", "NA")]
        )
    )  # fmt: skip
    large = len(countries) > 2
    where = tuple(
        ManySite(
            name=f"s{n}",
            country=country,
            power_kw=draw(st.sampled_from([2, 1000, 1000, 1000])),
            status=draw(st.sampled_from(["open"] * 5 + ["draining", "storage"])) if n else "open",
            energy=draw(st.sampled_from([-25, 0, 0, 25, 50])),
            limits=((draw(st.integers(1, 2)), draw(st.sampled_from([1, 3])), None),)
            if draw(st.integers(0, 5)) == 0
            else (),
        )
        for n, country in enumerate(countries)
    )
    model = draw(st.sampled_from(["H100 SXM", "H100 SXM", "B200", "T4"]))
    unit = draw(st.sampled_from([1, 1, 2]))
    units = draw(st.sampled_from([(1, 2, 0), (2, 1, 1), (3, 1, 0), (0, 2, 1), (1, 1, 1)]))
    lots = tuple(
        ManyLot(site.name, model, count * unit + draw(st.sampled_from([0, 0, 0, 1])))
        for site, count in zip(where, units, strict=False)
        if count
    )
    rows: list[tuple[int, int] | None] = [None] * COUNT
    rows[draw(st.integers(0, 2))] = (draw(st.sampled_from([0, 0, 1])), draw(st.integers(5, 90)))
    demand = tuple(
        ManyDemand(t, str(size), "accelerators", model, there)
        for t in range(COUNT)
        for there in [draw(st.sampled_from([(), ("US",), ("MY",), ("NA", "DE"), ("US", "MY")]))]
        for size in [draw(st.sampled_from([0, 0, 0, 1, 2]))]
        if size
    )
    promises: tuple[ManyPromise, ...] = ()
    if draw(st.integers(0, 2)) == 0:
        since = draw(st.integers(0, 2))
        kind = draw(st.sampled_from(["at_least", "at_most", "exactly"]))
        spot = draw(st.sampled_from(["s0", "s1"]))
        quantity = draw(st.integers(0, 2)) * unit
        promises = (ManyPromise(kind, quantity, since, draw(st.integers(since, 2)), spot),)
    return Many(
        start=draw(st.sampled_from(STARTS)),
        count=COUNT,
        sites=where,
        supply=(ManySupply(model, unit, tuple(rows)),),
        lots=lots,
        demand=demand,
        promises=promises,
        move=draw(st.sampled_from([0, 1, 3, 20])),
        most_moved=draw(st.sampled_from([None, None, None, unit, 2 * unit])),
        retire=None if large else draw(st.sampled_from([None, None, 30])),
        dilution=draw(st.booleans()),
        mode=draw(st.sampled_from(["repair", "repair", "strict"])),
        place=None if demand else "as_much_as_fits",
        budgets=draw(st.sampled_from([(), (), (), (60,), (200,)])),
        rate=draw(st.sampled_from(["0", "0", "0.08"])),
        adrift=draw(st.sampled_from([1, 2, 4, 6])),
        transit=draw(st.sampled_from([1, 1, 1, 2])),
        both=draw(st.booleans()),
    )
