"""`prohibition` against loops: places, kinds of lots, shipments, and models that are free."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.compliance.dates import EvaluationDates
from placement.readers.tables.shipments import Shipment
from tests.support import world_charges as wc
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Judged, Lot, World

F = Fraction


def naive(
    world: World, day: date, group: str, *, each: bool, of: dict[str, list[Lot]], bound: set[str]
) -> Judged:
    """Judge the lots of a kind; who has other kit only has nothing of it, which is kept."""
    out: Judged = {}
    for top in world.roots():
        if top not in bound or not w.by_place(world.of(top, day)):
            continue
        totals = {c: n for c, n in w.by_place(of[top]).items() if w.in_group(c, group, day)}
        parts = totals if each and totals else {group: sum(totals.values(), F(0))}
        out |= {(top, place): (w.verdict(n == 0), n, None) for place, n in parts.items()}
    return out


@settings(max_examples=40)
@given(w.worlds(), w.days, st.booleans())
def test_nothing_may_stand_in_a_group(world: World, day: date, each: bool) -> None:
    policy = wp.pack(
        wp.rule(
            "prohibition",
            'numerator = "tier3"',
            f'per = "{"each place" if each else "group"}"',
            'binds = { authorization = "uveu" }',
        )
    )
    of = {top: world.of(top, day) for top in world.roots()}
    bound = {top for top in world.roots() if world.holds(top, "uveu")}
    expected = naive(world, day, "tier3", each=each, of=of, bound=bound)
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=40)
@given(w.worlds({"licensed": w.licences}), w.days)
def test_unlicensed_kit_of_companies_by_their_seat(world: World, day: date) -> None:
    policy = wp.pack(
        wp.rule(
            "prohibition",
            'which = "unlicensed"',
            'numerator = "everywhere"',
            'binds = { headquarters = "tier3" }',
        )
    )
    of = {top: [x for x in world.of(top, day) if x.licensed is not True] for top in world.roots()}
    seats = {top: world.company(top).headquarters for top in world.roots()}
    bound = {top for top, seat in seats.items() if w.tier(seat, day) == 3}
    expected = naive(world, day, "everywhere", each=False, of=of, bound=bound)
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=40)
@given(w.worlds({"operator": w.ANY}), w.days, st.sampled_from(["uveu", "nveu"]))
def test_operators_of_others_without_the_authorization(
    world: World, day: date, needed: str
) -> None:
    policy = wp.pack(
        wp.rule(
            "prohibition",
            'which = "unauthorized_operator"',
            'numerator = "everywhere"',
            'per = "each place"',
            f'binds = {{ authorization = "{needed}" }}',
        )
    )
    of = {}
    for top in world.roots():
        of[top] = [
            lot
            for lot in world.of(top, day)
            if world.root(lot.run_by).name != top
            and not world.holds(lot.run_by, needed, lot.country)
            and (needed == "uveu" or world.holds(top, "nveu", lot.country))
        ]
    bound = {top for top in world.roots() if world.holds(top, needed)}
    expected = naive(world, day, "everywhere", each=True, of=of, bound=bound)
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=40)
@given(
    w.worlds({"channel": w.channels, "consignee": w.ANY, "from_country": w.origins}, whole=True),
    w.days,
)
def test_lots_that_came_by_a_closed_channel(world: World, day: date) -> None:
    policy = wp.pack(
        wp.LEDGER,
        wp.LPP_CAP,
        wp.rule("prohibition", 'which = "closed_channel"', 'numerator = "everywhere"'),
    )

    def closed(lot: Lot) -> bool:
        if lot.channel is None or lot.country in w.HOME or lot.from_country == lot.country:
            return False
        came = lot.start or date(2025, 1, 1)
        return not wc.is_open(
            world, lot.channel, lot.owner, lot.consignee or lot.owner, lot.country, came
        )

    of = {top: [lot for lot in world.of(top, day) if closed(lot)] for top in world.roots()}
    expected = naive(world, day, "everywhere", each=False, of=of, bound=set(world.roots()))
    assert w.judged(world, policy, days=EvaluationDates(as_of=day)) == expected


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            Shipment,
            line=st.integers(2, 99),
            day=st.sampled_from(w.DATES),
            exporter=st.sampled_from(["A", "B", "C"]),
            model=st.sampled_from(list(w.TPP)),
            quantity=st.integers(0, 5),
            from_country=st.sampled_from(["US", "PR", "DE", "CN"]),
            to_country=st.sampled_from(["US", "CN", "MO", "MY"]),
            end_use=st.sampled_from(["US", "CN", "MY"]),
            application=st.none(),
            licensed=st.sampled_from([True, False, None]),
        ),
        min_size=4,
        max_size=12,
    ),
    st.sampled_from([date(2026, 2, 3), w.D]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_nothing_may_be_shipped_but_what_passes_its_own_test(
    shipments: list[Shipment], day: date, free: bool, origin: bool, licensed: bool
) -> None:
    """Each model by itself; a third country where it is used in tier 3 is no way around."""
    begins = date(2026, 1, 1)
    unless = (
        'unless = { title = "t", citation = "c", '
        'any = [{ tpp_below = "10000", memory_bandwidth_below = "6500" }] }'
    )
    policy = wp.pack(
        wp.rule(
            "prohibition",
            'measure = "shipped"',
            'numerator = "tier3"',
            'per = "each place"',
            'origin = "home"' if origin else "",
            f"from = {begins}",
            unless if free else "",
            'licensed = "free"' if licensed else "",
        )
    )
    companies = (Company("A"), Company("B", "DE", "A"), Company("C", "CN"))
    world = World([Lot("US", 1)], companies, shipments)
    sent: dict[str, dict[tuple[str, str], Fraction]] = {}
    for one in shipments:
        eligible = w.TPP[one.model] < 10000 and w.BANDWIDTH[one.model] < 6500
        if not begins <= one.day <= day or one.model in w.UNCOUNTED or not one.quantity:
            continue
        if one.to_country in ("CN", "MO"):
            place = one.to_country
        else:
            place = "CN" if one.end_use == "CN" else one.to_country
        if one.from_country == place or (origin and one.from_country not in w.HOME):
            continue
        mine = sent.setdefault(world.root(one.exporter).name, {})
        is_free = (free and eligible) or (licensed and one.licensed is True)
        amount = F(0) if is_free else one.quantity * w.TPP[one.model]
        mine[place, one.model] = mine.get((place, one.model), F(0)) + amount
    expected: set[tuple[str, str, str | None, str, Fraction]] = set()
    for top, mine in sent.items():
        barred = {key: n for key, n in mine.items() if key[0] in ("CN", "MO")}
        for (place, model), amount in barred.items():
            expected.add((top, place, model, w.verdict(not amount), amount))
        if not barred:
            expected.add((top, "tier3", None, "ok", F(0)))
    found = [
        (one.owner, one.place, one.item, str(one.verdict), F(one.numerator or 0))
        for one in w.found(world, policy, days=EvaluationDates(as_of=day))
    ]
    assert len(found) == len(expected)
    assert set(found) == expected


@pytest.mark.parametrize(
    ("model", "said"),
    [("ODD", "ok"), ("BIG", "breach"), ("DENSE", "breach"), ("MAYBE", "breach")],
)
def test_a_model_exactly_at_its_bounds_is_not_free(model: str, said: str) -> None:
    """BIG has 10,000 TPP, DENSE 6,500 GB/s: neither is below. Of MAYBE nobody knows."""
    policy = wp.pack(
        wp.rule(
            "prohibition",
            'measure = "shipped"',
            'numerator = "tier3"',
            'unless = { title = "t", citation = "c", '
            'any = [{ tpp_below = "10000", memory_bandwidth_below = "6500" }] }',
        )
    )
    world = World(
        [Lot("US", 1)], shipments=[Shipment(2, w.D, "A", model, 1, "US", "CN", "CN", None)]
    )
    assert [one.verdict for one in w.found(world, policy)] == [said]


def test_a_model_of_unknown_scope_is_judged_both_ways() -> None:
    policy = wp.pack(wp.rule("prohibition", 'numerator = "tier3"'))
    (found,) = w.found(World([Lot("US", 1), Lot("CN", 2, "MAYBE")]), policy)
    assert (found.verdict, found.numerator) == ("breach", "4000.000")
    assert found.reason == "rests on whether MAYBE counts: supply its performance_density"


def test_an_operator_may_be_named_only_as_operator() -> None:
    """Without a ledger, too, operators are companies of the run."""
    companies = (
        Company("A", "US", None, ("uveu",)),
        Company("B"),
        Company("C", "US", None, ("uveu",)),
    )
    policy = wp.pack(
        wp.rule(
            "prohibition",
            'which = "unauthorized_operator"',
            'binds = { authorization = "uveu" }',
        )
    )
    lots = [Lot("US", 2, operator="B"), Lot("US", 4, operator="C"), Lot("US", 8)]
    found = w.judged(World(lots, companies), policy)
    assert found == {("A", "everywhere"): ("breach", F(20000), None)}


@pytest.mark.parametrize(("came", "said"), [(date(2026, 2, 2), "breach"), (w.KH_LEAVES, "ok")])
def test_a_channel_opens_on_the_day_on_which_a_country_changes_its_tier(
    came: date, said: str
) -> None:
    policy = wp.pack(wp.LEDGER, wp.LPP_CAP, wp.rule("prohibition", 'which = "closed_channel"'))
    world = World([Lot("KH", 1, start=came, channel="uveu")])
    assert w.judged(world, policy)["A", "everywhere"][0] == said
