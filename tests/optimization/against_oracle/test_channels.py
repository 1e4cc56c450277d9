"""Plans under caps on what is received against trying every layout and every split over channels.

The enumeration knows no rule: it writes each layout as an inventory and asks `check`. A cap that is
broken before the plan may stay broken, not become worse.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placement import check
from placement.enums import PlanStatus
from placement.report import Report
from tests.support.planned_worlds import LEDGER, PACK, World, cost, lots, rule, status

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
RULES = (
    rule(
        id="year", kind="cap", about="consignee", measure="received", channels=["lpp"],
        calendar_year=True, limit="2900000",
    ),
    rule(
        id="nation", kind="cap", about="all", measure="received", channels=["licence"],
        numerator="abroad", per="each place", received_since="2025-01-01", limit="3000000",
    ).replace('"2025-01-01"', "2025-01-01"),
    rule(id="stock", kind="cap", numerator="abroad", per="each place", limit="5000000"),
)  # fmt: skip
COLUMNS = "owner,site,country,accelerator,quantity,arrived,channel,out_of_service,status".split(",")
PRICE, MOVE, FIRST = 7, 2, "2027-01-01"


@dataclass(frozen=True)
class Place:
    site: str
    country: str
    energy: int
    stock: int
    arrived: str | None
    channel: str | None
    power: int = 9


@dataclass(frozen=True)
class Case:
    """One chip, in purchase units of 1; `others`: (country, quantity) of B by licence."""

    places: tuple[Place, ...]
    supply: int
    demand: tuple[tuple[int, str], ...]
    others: tuple[tuple[str, int], ...]
    moves: bool
    retire: bool

    def own(self) -> list[tuple[object, ...]]:
        return [
            ("A", p.site, p.country, "X", p.stock, p.arrived, p.channel, None, None)
            for p in self.places
            if p.stock
        ]

    def rest(self) -> list[tuple[object, ...]]:
        return [
            ("B", f"b-{country}", country, "X", count, "2025-05-01", "licence", None, None)
            for country, count in self.others
            if count
        ] + [("A", "home", "US", "X", 1, None, None, None, "transferred")]

    def world(self, folder: Path) -> World:
        rows = [*self.own(), *self.rest()]
        more = "[moves]\nallowed = true\nusd_per_accelerator = 2\n" if self.moves else ""
        more += "[retire]\nallowed = true\nusd_per_accelerator = 1\n" if self.retire else ""
        return World(
            folder,
            policy=str(folder / "pack.toml"),
            entities="A,IN,none\nB,US,none\n",
            columns=",".join([*COLUMNS, "row"]),
            inventory="".join(
                ",".join("" if x is None else str(x) for x in (*row, n)) + "\n"
                for n, row in enumerate(rows)
            ),
            site_columns="site,country,power_mw,energy_usd_per_mwh",
            sites="".join(f"{p.site},{p.country},0.00{p.power},{p.energy}\n" for p in self.places),
            supply=f"X,2027Q1,{self.supply},{PRICE}\n",
            demand="".join(f"2027Q1,accelerators,{n},{where}\n" for n, where in self.demand),
            more=more,
        )


def layouts(case: Case) -> Iterator[tuple[Fraction, tuple[int, ...], tuple[int, ...]]]:
    """Return (cost, bought, change by moves and retirements) of all layouts that fit and serve."""
    count = range(len(case.places))
    spans = [
        range(-p.stock if case.moves or case.retire else 0, case.moves * 6 + 1) for p in case.places
    ]
    for change in itertools.product(*spans):
        lost, came = -sum(change), sum(one for one in change if one > 0)
        if lost < 0 or (lost and not case.retire) or (came and not case.moves):
            continue
        for bought in itertools.product(range(case.supply + 1), repeat=len(case.places)):
            now = [case.places[n].stock + change[n] + bought[n] for n in count]
            if sum(bought) > case.supply or any(now[n] > case.places[n].power for n in count):
                continue
            if not serves(case, now):
                continue
            spent = Fraction(sum(bought) * PRICE + came * MOVE + lost)
            hours = Fraction(24 * 90, 1000)
            spent += sum((now[n] * hours * case.places[n].energy for n in count), Fraction(0))
            yield spent, bought, change


def serves(case: Case, now: list[int]) -> bool:
    """Tell whether single countries' lines, and then the one for anywhere, can be met."""
    by: dict[str, int] = {}
    for place, count in zip(case.places, now, strict=True):
        by[place.country] = by.get(place.country, 0) + count
    for wanted, where in case.demand:
        if where and by.get(where, 0) < wanted:
            return False
        if where:
            by[where] -= wanted
    return all(wanted <= sum(by.values()) for wanted, where in case.demand if not where)


def written(
    case: Case, bought: tuple[int, ...], change: tuple[int, ...]
) -> Iterator[list[tuple[object, ...]]]:
    """Return the layout's inventories, one for each split over channels of what was received.

    Stock is moved about by countries: no rule of this pack tells sites of one country apart.
    """
    rows: list[tuple[object, ...]] = [*case.rest()]
    received: dict[str, int] = {}
    for country in sorted({p.country for p in case.places}):
        here = [n for n, p in enumerate(case.places) if p.country == country]
        net = sum(change[n] for n in here)
        received[country] = sum(bought[n] for n in here) + max(0, net)
        leaves = max(0, -net)
        for n in here:
            p = case.places[n]
            gone = min(leaves, p.stock)
            leaves -= gone
            for count, end in ((gone, FIRST), (p.stock - gone, None)):
                if count:
                    rows.append(("A", p.site, country, "X", count, p.arrived, p.channel, end, None))
    abroad = [c for c, count in received.items() if count and c != "US"]
    if received.get("US"):
        rows.append(("A", "us", "US", "X", received["US"], FIRST, None, None, None))
    for split in itertools.product(*(range(received[c] + 1) for c in abroad)):
        more = []
        for country, low in zip(abroad, split, strict=True):
            for count, channel in ((low, "lpp"), (received[country] - low, "licence")):
                if count:
                    more.append(
                        ("A", f"new-{country}", country, "X", count, FIRST, channel, None, None)
                    )
        yield [*rows, *more]


def judge(rows: list[tuple[object, ...]], world: World) -> Report:
    return check(
        pd.DataFrame(rows, columns=COLUMNS),
        policy=world.policy,
        entities=world.folder / "entities.csv",
        config=world.folder / "placement.toml",
        since=FIRST,
        until="2027-03-31",
    )


def cheapest(case: Case, world: World) -> Fraction | None:
    """Return the least cost of all layouts and splits that `check` accepts."""
    before: dict[tuple[str, str], Fraction] = {}
    for finding in judge([*case.own(), *case.rest()], world).breaches:
        if finding.owner != "B" and finding.rule != "stock":
            before[finding.rule, finding.place] = Fraction(finding.numerator or 0)
    known: dict[tuple[object, ...], bool] = {}
    for spent, bought, change in sorted(layouts(case), key=lambda one: one[0]):
        for rows in written(case, bought, change):
            key = tuple(sorted(str(row) for row in rows))
            if key not in known:
                known[key] = all(
                    Fraction(f.numerator or 0) <= before.get((f.rule, f.place), Fraction(-1))
                    for f in judge(rows, world).breaches
                    if f.owner != "B"
                )
            if known[key]:
                return spent
    return None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    change = draw(st.sampled_from(["none", "moves", "retire"]))
    places = [
        Place("us1", "US", draw(st.sampled_from([1, 20])), draw(st.integers(0, 1)), None, None)
    ]
    for site, country in draw(
        st.sampled_from(
            [
                (("in1", "IN"), ("na1", "NA")),
                (("in1", "IN"), ("in2", "IN")),
                (("in1", "IN"), ("in2", "IN"), ("na1", "NA")),
            ]
        )
    ):
        came: tuple[str | None, str | None] = draw(
            st.sampled_from(
                [
                    (None, None),
                    ("2027-01-01", "lpp"),
                    ("2026-07-01", "lpp"),
                    ("2026-07-01", "licence"),
                    ("2024-07-01", "licence"),
                    ("2026-07-01", None),
                    (None, "licence"),
                ]
            )
        )
        if came[0] == FIRST and change != "none":
            came = (None, None)  # what leaves on the day on which it would come never came
        stock = draw(st.sampled_from([0, 0, 1, 2, 4] if came[1] == "licence" else [0, 1, 2]))
        energy = draw(st.sampled_from([0, 5, 10]))
        power = max(stock, draw(st.sampled_from([3, 9])))
        places.append(Place(site, country, energy, stock, *came, power=power))
    demand = [(draw(st.integers(1, 5)), "IN")]
    if any(p.country == "NA" for p in places):
        demand.append((draw(st.integers(1, 4)), "NA"))
    if draw(st.booleans()):
        demand.append((draw(st.integers(1, 2)), ""))
    return Case(
        tuple(places),
        draw(st.integers(1, 3 if change != "none" else 5)),
        tuple(demand),
        (("IN", draw(st.sampled_from([0, 0, 1, 2, 4]))), ("NA", draw(st.sampled_from([0, 2])))),
        moves=change == "moves",
        retire=change == "retire",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("channels")
    (made / "pack.toml").write_text(PACK + LEDGER + "".join(RULES))
    return made


@QUICK
@given(case=cases())
def test_same_optimum_as_trying_every_split(case: Case, folder: Path) -> None:
    world = case.world(folder)
    plan = world.plan()
    found = None if status(plan) is PlanStatus.INFEASIBLE else cost(plan)
    assert status(plan) in (PlanStatus.OPTIMAL, PlanStatus.INFEASIBLE)
    assert found == cheapest(case, world)
    if found is not None:
        assert sum(lot.quantity for lot in lots(plan)) >= sum(n for n, _ in case.demand)
