"""Plans over several periods under caps on what is received and notices, against all layouts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.enums import PlanStatus
from placement.errors import InputError
from tests.oracles.channels import Ledgered, Received
from tests.support.strategies_periods import day_in, quick
from tests.support.tiny_periods import (
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


CHIP = "H100 SXM"
HOME, ABROAD = ManySite("s0", "US", energy=50), ManySite("s1", "IN", energy=-50)
SOON = date(2026, 12, 22)
#: It pays to have chips abroad, as early as can be.
BASE = Ledgered(
    "2027Q1", 2, (HOME, ABROAD), (ManySupply(CHIP, 1, ((2, 3), None)),),
    (ManyLot("s0", CHIP, 2, date(2024, 7, 1)),), (ManyDemand(0, "1"), ManyDemand(1, "3")),
    move=1, channels=(None,), filed=(None, None), year=3, nation=2,
)  # fmt: skip
ARRIVES = ManyLot("s1", CHIP, 1, date(2027, 2, 10))
STANDS = ManyLot("s1", CHIP, 1, date(2024, 7, 1))


@pytest.mark.parametrize(
    "many",
    [
        BASE,
        replace(BASE, filed=(None, SOON)),
        # Kit of the inventory comes after the plan's, so the plan's is the first of the site.
        replace(
            BASE, filed=(None, SOON), lots=(*BASE.lots, ARRIVES), channels=(None, "lpp"), move=None
        ),
        # The notice of transfers is too late for the first kit in a country, that of the site not.
        replace(BASE, filed=(None, date(2026, 1, 1)), filed_moves=SOON),
        # Nothing may cross, so only what is in the country may move to its other site.
        replace(
            BASE,
            sites=(HOME, replace(ABROAD, energy=20), ManySite("s2", "IN", energy=-50)),
            lots=(*BASE.lots, replace(STANDS, count=2)),
            channels=(None, "licence"),
            filed=(None, None, None),
            filed_moves=date(2027, 3, 31),
            demand=(),
            place="as_much_as_fits",
        ),
        # What is bought is received, though as much leaves the country for a store at home.
        replace(
            BASE,
            sites=(
                replace(HOME, status="draining"),
                ABROAD,
                ManySite("s2", "US", status="storage"),
            ),
            lots=(*BASE.lots, STANDS, ManyLot("s1", CHIP, 3, date(2027, 1, 2), date(2027, 1, 9))),
            channels=(None, "licence", "lpp"),
            others=(("IN", 2),),
            filed=(None, None, None),
            demand=(),
            place="as_much_as_fits",
        ),
        # In each of two years as much may come by the channel with room.
        replace(
            BASE, start="2026Q4", year=1, nation=1, supply=(ManySupply(CHIP, 1, ((4, 3), None)),)
        ),
        # A fleet above the cap on stock is mended by what leaves later, since the site opens then.
        replace(
            BASE,
            sites=(replace(HOME, opens=date(2027, 3, 1)), ABROAD),
            lots=(*BASE.lots, replace(STANDS, count=3)),
            channels=(None, "licence"),
            demand=(),
            place="as_much_as_fits",
            stock=2,
        ),
    ],
    ids=["free", "late", "late with an arrival", "late transfer", "inside only", "swap", "years",
         "stock"],
)  # fmt: skip
def test_same_optimum_where_a_rule_decides(many: Ledgered, folder: Path) -> None:
    assert_same_optimum(many, folder)


@quick(32)
@given(many=ledgered())
def test_same_optimum_as_trying_every_layout_and_split(many: Ledgered, folder: Path) -> None:
    assert_same_optimum(many, folder)


def assert_same_optimum(many: Ledgered, folder: Path) -> None:
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
