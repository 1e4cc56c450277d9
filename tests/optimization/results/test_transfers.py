"""Departures paired with arrivals: nothing goes to where it stood, and what can stays inside."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from placement.enums import Status
from placement.optimization.data.problem import Lot
from placement.optimization.results.transfers import match_transfers
from tests.support.strategies_periods import quick

COUNTRIES = {"a": "US", "b": "US", "c": "MY", "d": "MY", "e": "NA"}
#: Two sites, and how many go from one to the other.
FLIGHTS = st.lists(
    st.tuples(
        st.permutations(list(COUNTRIES)).map(lambda sites: (sites[0], sites[1])), st.integers(1, 4)
    ),
    min_size=1,
    max_size=6,
)


def pairs(out: dict[str, int], into: dict[str, int], *, ledger: bool) -> dict[tuple[str, str], int]:
    problem: Any = SimpleNamespace(
        transit_periods=1,
        transit="destination",
        sites={site: SimpleNamespace(country=country) for site, country in COUNTRIES.items()},
        policy=SimpleNamespace(pack=SimpleNamespace(ledger=object() if ledger else None)),
    )
    gates: Any = SimpleNamespace(may_cross=lambda _site, _model: True)
    leaving = [
        Lot("A", "A", site, COUNTRIES[site], "X", count, Status.INSTALLED, None, None, True, "A",
            None, None, None)
        for site, count in out.items()
        if count
    ]  # fmt: skip
    found: dict[tuple[str, str], int] = {}
    for lot, site in match_transfers(
        problem, gates, leaving, [(s, n) for s, n in into.items() if n]
    ):
        assert lot.quantity > 0
        found[lot.site, site] = found.get((lot.site, site), 0) + lot.quantity
    return found


@quick(400)
@given(flights=FLIGHTS)
def test_nothing_goes_to_where_it_stood(flights: list[tuple[tuple[str, str], int]]) -> None:
    out, into = dict.fromkeys(COUNTRIES, 0), dict.fromkeys(COUNTRIES, 0)
    for (a, b), count in flights:
        out[a] += count
        into[b] += count
    for ledger in (False, True):
        found = pairs(out, into, ledger=ledger)
        for site, count in out.items():
            assert sum(n for (a, _), n in found.items() if a == site) == count
            assert sum(n for (_, b), n in found.items() if b == site) == into[site]
        if not ledger:
            assert all(a != b for a, b in found)
            continue
        for country in set(COUNTRIES.values()):
            inside = [site for site, of in COUNTRIES.items() if of == country]
            leave, come = (sum(part[site] for site in inside) for part in (out, into))
            ends = [leave, come, *(leave + come - out[site] - into[site] for site in inside)]
            stays = sum(n for (a, b), n in found.items() if a in inside and b in inside and a != b)
            assert stays == min(ends)
