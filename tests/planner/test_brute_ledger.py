"""Plans over several periods under caps on what is received and notices, against all layouts."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.errors import InputError
from placement.vocabulary import PlanStatus
from tests.planner.brute_ledger import Ledgered, Received
from tests.planner.drawn_many import day_in, quick
from tests.planner.tiny_many import (
    ManyDemand,
    ManyLot,
    ManySite,
    ManySupply,
    Span,
    spans,
)

PLACES = [
    [("s1", "IN")], [("s1", "IN"), ("s2", "IN")], [("s1", "IN"), ("s2", "NA")]
]  # fmt: skip
CAME = ["lpp", "licence", None]


@st.composite
def lots(
    draw: st.DrawFn, site: ManySite, model: str, periods: list[Span], most: int
) -> list[tuple[ManyLot, str | None]]:
    """Draw what stands at a site, and what comes or goes within the horizon."""
    found: list[tuple[ManyLot, str | None]] = []
    at_home = site.country == "US"
    count = draw(st.sampled_from([1, 2] if at_home else [0, 0, 1, 2]))
    if count:
        start = draw(st.sampled_from([date(2024, 7, 1), date(2026, 3, 1), date(2026, 7, 1)]))
        channel = None if at_home else draw(st.sampled_from(CAME))
        dated = at_home or channel != "licence" or draw(st.booleans())
        lot = ManyLot(site.name, model, min(count, most), start if dated else None)
        found.append((lot, channel))
    if draw(st.integers(0, 3)) == 0:
        start = day_in(draw, periods)
        end = start + timedelta(days=draw(st.sampled_from([20, 50, 400])))
        channel = None if at_home else draw(st.sampled_from(CAME))
        found.append((ManyLot(site.name, model, 1, start, end), channel))
    return found


@st.composite
def ledgered(draw: st.DrawFn) -> Ledgered:
    count = draw(st.sampled_from([2, 2, 3]))
    periods = spans(draw(st.sampled_from(["2026Q4", "2027Q1", "2027-02", "2026-12"])), count)
    move = draw(st.sampled_from([None, 1, 3]))
    retire = draw(st.sampled_from([None, None, 1]))
    change = move is not None or retire is not None
    models = draw(st.sampled_from([["H100 SXM"], ["H100 SXM"], ["B200"], ["H100 SXM", "T4"],
                                   ["H100 SXM", "B200"]]))  # fmt: skip
    if change or count == 3:
        models = models[:1]
    places = draw(st.sampled_from(PLACES[:1] if count == 3 and change else PLACES))
    sites = [ManySite("s0", "US", energy=draw(st.sampled_from([5, 50])))]
    for name, country in places:
        # What comes abroad is paid for, so a plan brings as much as the rules let in.
        energy, power = draw(st.sampled_from([-20, -50, 20])), draw(st.sampled_from([1000, 4]))
        status = draw(st.sampled_from(["open", "open", "open", "open", "draining", "storage"]))
        sites.append(ManySite(name, country, power, status, energy=energy))
    supply = []
    for model in models:
        rows: list[tuple[int, int] | None] = []
        left = 3 if not change and len(models) == 1 else 2
        left = 1 if change and (count == 3 or len(places) > 1) else left
        for t in range(count):
            units = min(left, draw(st.sampled_from([2, 1, 3 if t == 0 else 0])))
            left -= units
            rows.append((units, draw(st.integers(1, 9))) if units else None)
        supply.append(ManySupply(model, draw(st.sampled_from([1, 1, 2])), tuple(rows)))
    stock = [
        one
        for site in sites
        for model in models
        for one in draw(lots(site, model, periods, 2 * supply[0].unit))
    ]
    demand = []
    for t in range(count):
        for country in draw(st.sampled_from([("",), (), ("IN",), ("NA",)])):
            if country in ("", *(site.country for site in sites)):
                countries = (country,) if country else ()
                demand.append(ManyDemand(t, draw(st.sampled_from("112")), countries=countries))
    days: list[date | None] = [None, None]
    days += [one.first - timedelta(days=n) for one in periods for n in (60, 59, 30, 29)]
    noticed = draw(st.sampled_from([True, True, False]))
    return Ledgered(
        periods[0].name,
        count,
        tuple(sites),
        tuple(supply),
        tuple(lot for lot, _ in stock),
        tuple(demand),
        move=move,
        retire=retire,
        mode=draw(st.sampled_from(["repair", "repair", "strict"])),
        place=None if demand else "as_much_as_fits",
        rate=draw(st.sampled_from(["0", "0.08"])),
        channels=tuple(channel for _, channel in stock),
        others=draw(st.sampled_from([(), (), (("IN", 1),), (("IN", 4), ("NA", 2))])),
        filed=tuple(draw(st.sampled_from(days)) if noticed else None for _ in sites),
        filed_moves=draw(st.sampled_from(days)) if noticed else None,
        year=draw(st.sampled_from([1, 2, 3])),
        nation=draw(st.sampled_from([1, 2, 4])),
        stock=draw(st.sampled_from([None, None, 1, 3])),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@quick(32)
@given(many=ledgered())
def test_same_optimum_as_trying_every_layout_and_split(many: Ledgered, folder: Path) -> None:
    best = Received(many).best()
    try:
        plan = many.plan(many.pack(folder))
    except InputError:
        assert best is None
        return
    info = plan.report.plan
    assert info is not None
    if best is None:
        assert info.status is PlanStatus.INFEASIBLE
        return
    assert info.status is PlanStatus.OPTIMAL
    assert info.compliant_from == best.kept_from
    assert Fraction(info.tiers[-1].value) * 10**6 == best.cost
    if many.place == "as_much_as_fits":
        assert Fraction(info.tiers[0].value) == best.unplaced
