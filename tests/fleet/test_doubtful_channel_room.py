"""Models that may or may not count, and the room that they take in the low-volume channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from placement.catalog import Catalog, Override, load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory
from placement.errors import NothingEvaluatedError
from placement.report import Finding
from tests.support import world_packs as wp
from tests.support import worlds as w
from tests.support.worlds import Company, Lot, World

POLICY = wp.pack(
    wp.LEDGER,
    wp.LPP_CAP,
    wp.rule(
        "cap",
        'about = "all"',
        'measure = "received"',
        'channels = ["licence"]',
        "received_since = 2025-01-01",
        'numerator = "tier2"',
        'per = "each place"',
        'limit = "50000"',
        name="alloc",
    ),
)
COMPANIES = (Company("A", "MY"), Company("B", "IN"))
MARCH = date(2026, 3, 1)
APRIL = date(2026, 4, 1)
RESTS = "rests on whether MAYBE counts: supply its performance_density"


def catalog(**known: object) -> Catalog:
    """The catalogue of the worlds, but that it is known whether MAYBE counts."""
    listed = [
        Override(
            name, tpp=tpp, performance_density=w.F(10), datacenter=True,
            memory_bandwidth_gb_s=w.BANDWIDTH[name], source="test",
        )
        for name, tpp in w.TPP.items()
    ]  # fmt: skip
    maybe = Override("MAYBE", tpp=w.F(2000), source="test", **known)  # type: ignore[arg-type]
    return load_catalog([*listed, maybe])


COUNTED = catalog(datacenter=True, performance_density=w.F(10))
UNCOUNTED = catalog(datacenter=True, performance_density=w.F(1))


def judge(lots: Sequence[Lot], known: Catalog = w.CATALOG) -> dict[tuple[str, str, str], Finding]:
    world = World(lots, COMPANIES)
    try:
        report = check_inventory(
            w.inventory(world),
            policy=POLICY,
            catalog=known,
            entities=w.entities(world),
            days=EvaluationDates(as_of=w.D),
        )
    except NothingEvaluatedError:
        return {}
    judged = [one for one in report.findings if one.verdict != "not_applicable"]
    return {(one.rule, one.owner, one.place): one for one in judged}


def test_what_it_pushes_to_the_next_channel() -> None:
    """80,000 of room may be taken: 60,000 of what comes then needs a licence, or nothing does."""
    lots = [Lot("MY", 40, "MAYBE", start=MARCH), Lot("MY", 8, start=APRIL)]
    found = judge(lots)
    alloc = found["alloc", "all owners", "MY"]
    assert (alloc.verdict, alloc.numerator) == ("breach", "60000.000")
    assert alloc.reason == f"{RESTS}; MAYBE took room in a channel"
    assert found["lpp.cap", "A", "everywhere"].reason == "the same whether or not MAYBE counts"
    more = judge([*lots, Lot("MY", 6, channel="licence", start=APRIL)])
    assert more["alloc", "all owners", "MY"].reason is None


def test_lots_without_a_date() -> None:
    (only,) = judge([Lot("MY", 60, "MAYBE", channel="lpp")]).values()
    assert only.verdict == "breach"
    assert (only.reason or "").startswith(f"{RESTS}; rests on 120,000.000")
    dated = Lot("MY", 30, "MAYBE", start=MARCH, channel="lpp")
    both = judge([dated, Lot("MY", 5, channel="lpp")])["lpp.cap", "A", "everywhere"]
    assert both.verdict == "breach"
    assert (both.reason or "").startswith(f"{RESTS}; rests on 50,000.000")
    enough = judge([dated, Lot("MY", 11, channel="lpp")])["lpp.cap", "A", "everywhere"]
    assert (enough.reason or "").startswith("the same whether or not MAYBE counts; rests on 110")
    few = judge([Lot("MY", 3, "MAYBE", channel="lpp")])["lpp.cap", "A", "everywhere"]
    assert few.verdict == "warning"
    assert (few.reason or "").startswith("the same whether or not MAYBE counts; 6,000.000")


@st.composite
def lots(draw: st.DrawFn) -> Lot:
    return Lot(
        draw(st.sampled_from(["MY", "IN"])),
        draw(st.integers(1, 9)) * draw(st.sampled_from([1, 5])),
        draw(st.sampled_from(["BIG", "MAYBE", "MAYBE", "DENSE"])),
        draw(st.sampled_from(["A", "B"])),
        start=draw(st.sampled_from([None, MARCH, APRIL, date(2025, 3, 1)])),
        channel=draw(st.sampled_from([None, None, "lpp", "licence"])),
    )


@given(st.lists(lots(), min_size=1, max_size=6))
def test_whatever_is_known_of_it_changes_no_verdict_unsaid(fleet: list[Lot]) -> None:
    """A breach that is none where the model counts, or where it does not, says so."""
    found = judge(fleet)
    for known in (COUNTED, UNCOUNTED):
        other = judge(fleet, known)
        for key, one in found.items():
            then = other.get(key)
            broken = then is not None and then.verdict == "breach"
            if one.verdict == "breach" and not broken:
                assert RESTS in (one.reason or ""), (key, one)
            if one.verdict != "breach":
                assert not broken, (key, one, then)
