"""`notice` against loops over first lots and transfers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from placement.policy import Policy
from placement.readers.tables.sites import SitePlace
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Lot, World

FILED = [None, date(2025, 6, 1), date(2025, 11, 2), date(2026, 1, 5), date(2026, 6, 2)]


def notice(of: str, days: int, *lines: str) -> Policy:
    base = wp.rule("cap", 'limit = "999999999"', name="other")
    return wp.pack(base, wp.rule("notice", f'of = "{of}"', f"days = {days}", *lines))


@st.composite
def announced(draw: st.DrawFn) -> World:
    """A world whose sites stand in a table, with the days on which notices were filed."""
    given = {"notice_filed": st.sampled_from(FILED), "from_country": w.origins}
    world = draw(w.worlds(given))
    listed = [replace(lot, site=f"{lot.country}-{draw(st.integers(1, 2))}") for lot in world.lots]
    sites = {
        lot.where: SitePlace(lot.where, lot.country, None, None, draw(st.sampled_from(FILED)))
        for lot in listed
    }
    return replace(
        world, lots=listed, sites=sites, site_notices=draw(st.booleans()),
        lot_notices=draw(st.booleans()),
    )  # fmt: skip


def judged(world: World, policy: Policy, day: date) -> list[tuple[str, str, str, str, int | None]]:
    return sorted(
        (one.owner, one.place, one.item or "", str(one.verdict), int(one.numerator or -999))
        for one in w.found(world, policy, days=EvaluationDates(as_of=day))
    )


def expected(
    world: World, actions: list[tuple[str, Lot, date | None]], days: int, group: str, day: date
) -> list[tuple[str, str, str, str, int | None]]:
    out = []
    for top, lot, filed in actions:
        assert lot.start is not None
        due = lot.start - timedelta(days)
        if due > day or not w.in_group(lot.country, group, lot.start):
            continue
        kept = filed is not None and filed <= due
        number = -999 if filed is None else (lot.start - filed).days
        out.append((top, lot.country, lot.where, w.verdict(kept), number))
    return sorted(out)


def firsts(world: World, key: str) -> list[tuple[str, Lot]]:
    """Return the first lot of each group at each site, or in each country; it came on a day."""
    found: dict[tuple[str, str], Lot] = {}
    always = set()
    for lot in world.lots:
        if lot.model in w.UNCOUNTED:
            continue
        here = (world.root(lot.owner).name, lot.where if key == "site" else lot.country)
        if lot.start is None:
            always.add(here)
        elif here not in found or lot.start < (found[here].start or date.min):
            found[here] = lot
    return [(top, lot) for (top, where), lot in found.items() if (top, where) not in always]


@settings(max_examples=40)
@given(announced(), w.days, st.sampled_from(["everywhere", "abroad", "tier2"]))
def test_new_sites_need_a_notice(world: World, day: date, group: str) -> None:
    policy = notice("new_site", 180, f'places = "{group}"')
    actions = [
        (top, lot, world.sites[lot.where].notice_filed) for top, lot in firsts(world, "site")
    ]
    if not world.site_notices:
        actions = []
    assert judged(world, policy, day) == expected(world, actions, 180, group, day)


@settings(max_examples=40)
@given(announced(), w.days, st.sampled_from(["everywhere", "abroad", "tier2"]))
def test_transfers_need_a_notice(world: World, day: date, group: str) -> None:
    """A lot from another country, or the first one in a country that no other lot came before."""
    policy = notice("transfer", 60, f'places = "{group}"')
    actions: list[tuple[str, Lot, date | None]] = []
    for lot in world.lots:
        moved = lot.from_country is not None and lot.from_country != lot.country
        told = world.lot_notices and lot.start is not None and moved
        if lot.model not in w.UNCOUNTED and told:
            actions.append((world.root(lot.owner).name, lot, lot.notice_filed))
    for top, lot in firsts(world, "country"):
        if lot.from_country is None:
            filed = lot.notice_filed or world.sites[lot.where].notice_filed
            actions.append((top, lot, filed))
    if not (world.site_notices or world.lot_notices):
        actions = []
    assert judged(world, policy, day) == expected(world, actions, 60, group, day)


@pytest.mark.parametrize(("early", "said"), [(181, "ok"), (180, "ok"), (179, "breach")])
def test_exactly_the_days_are_kept(early: int, said: str) -> None:
    came = date(2026, 9, 1)
    filed = came - timedelta(early)
    sites = {"MY-1": SitePlace("MY-1", "MY", None, None, filed)}
    world = World([Lot("MY", 1, start=came)], sites=sites, site_notices=True)
    (found,) = w.found(world, notice("new_site", 180))
    assert (found.verdict, found.numerator, found.limit) == (said, str(early), "180")
    assert found.forecast


@pytest.mark.parametrize(("day", "count"), [(date(2026, 3, 4), 0), (date(2026, 3, 5), 1)])
def test_it_is_due_on_its_last_day(day: date, count: int) -> None:
    sites = {"MY-1": SitePlace("MY-1", "MY", None, None, None)}
    world = World([Lot("MY", 1, start=date(2026, 9, 1))], sites=sites, site_notices=True)
    assert len(w.found(world, notice("new_site", 180), days=EvaluationDates(as_of=day))) == count


def test_a_move_inside_a_country_is_no_transfer() -> None:
    moved = Lot("MY", 1, start=date(2026, 6, 1), from_country="MY")
    assert w.found(World([moved, Lot("US", 1)]), notice("transfer", 60)) == []
    after = replace(moved, start=date(2026, 7, 1), from_country=None)
    assert w.found(World([moved, after]), notice("transfer", 60)) == []
    from_abroad = replace(moved, from_country="IN")
    (found,) = w.found(World([from_abroad]), notice("transfer", 60))
    assert (found.verdict, found.place) == ("breach", "MY")


def test_only_what_came_since_the_rule_began_needs_it() -> None:
    world = World([Lot("MY", 1, start=date(2026, 1, 1)), Lot("IN", 1, start=date(2026, 1, 2))])
    found = w.found(world, notice("transfer", 60, "from = 2026-01-02"))
    assert [one.place for one in found] == ["IN"]


def test_a_notice_binds_holders_only() -> None:
    companies = (Company("A", held=("uveu",)), Company("B"))
    lots = [Lot("MY", 1, owner=name, start=date(2026, 6, 1)) for name in "AB"]
    policy = notice("transfer", 60, 'binds = { authorization = "uveu" }')
    assert [one.owner for one in w.found(World(lots, companies), policy)] == ["A"]


@pytest.mark.parametrize(("came", "count"), [(date(2026, 2, 2), 0), (date(2026, 2, 3), 1)])
def test_the_tier_is_that_of_the_day_of_arrival(came: date, count: int) -> None:
    policy = notice("transfer", 60, 'places = "tier2"')
    world = World([Lot("US", 1), Lot("KH", 1, start=came)])
    assert len(w.found(world, policy, days=EvaluationDates(as_of=date(2026, 1, 5)))) == count
    assert len(w.found(world, policy)) == count


@pytest.mark.parametrize("place", ["US", "PR"])
def test_a_purchase_at_home_needs_none(place: str) -> None:
    """The first lot there, and one that goes from one part of it to another, are no transfer."""
    bought = Lot(place, 1, start=date(2026, 6, 1))
    policy = wp.pack(
        wp.LEDGER,
        wp.LPP_CAP,
        wp.rule("notice", 'of = "transfer"', "days = 60", 'places = "everywhere"'),
    )
    assert w.found(World([bought]), policy) == []
    inside = replace(bought, from_country="US" if place == "PR" else "PR")
    assert w.found(World([inside]), policy) == []
    (found,) = w.found(World([Lot("MY", 1, start=date(2026, 6, 1))]), policy)
    assert (found.verdict, found.place) == ("breach", "MY")
    (back,) = w.found(World([replace(bought, from_country="MY")]), policy)
    assert (back.verdict, back.place) == ("breach", place)
