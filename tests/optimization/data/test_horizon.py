"""What the tables say of many periods: what is asked for, delivered and open in each."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from placement.errors import InputError, UsageError
from placement.optimization.data import load as reader
from placement.optimization.data.existing_stock import ExistingStock
from placement.optimization.data.problem import Problem
from placement.optimization.data.records import Delivery
from placement.readers.tables.sites import SiteStatus

HORIZON = '[placement]\npolicy = "ai-diffusion-2025-basic"\n[horizon]\nstart = "2027Q1"\n'
BASE = {
    "placement.toml": HORIZON + "periods = 4\n",
    "inventory.csv": "owner,site,country,accelerator,quantity\nA,us,US,H100 SXM,16\n",
    "sites.csv": "site,country,power_mw\nus,US,5\nwindhoek,NA,2\n",
    "supply.csv": "accelerator,period,quantity,unit_usd\nH200 SXM,2027Q1,16,30000\n",
    "demand.csv": "period,zone,metric,quantity,countries\n2027Q1,home,tpp,1,US\n",
}


def read(folder: Path, changes: dict[str, str], **options: Any) -> Problem:
    for name, text in {**BASE, **changes}.items():
        (folder / name).write_text(text)
    return reader.load_task(folder, **options).problem


def fault(folder: Path, changes: dict[str, str]) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, changes)
    return str(caught.value).replace(f"{folder}/", "")


def notes(folder: Path, problem: Problem) -> list[str]:
    return [note.replace(f"{folder}/", "") for note in problem.notes]


def test_the_periods_of_the_horizon(tmp_path: Path) -> None:
    problem = read(tmp_path, {})
    assert [one.name for one in problem.periods] == ["2027Q1", "2027Q2", "2027Q3", "2027Q4"]
    assert problem.period == problem.periods[0]
    assert (problem.first, problem.last) == (date(2027, 1, 1), date(2027, 12, 31))
    assert problem.index_on(date(2027, 7, 1)) == 2
    # Rules without a measurement date in the last period are judged on its last day.
    assert [str(day) for day in problem.measured] == ["2027-02-01", "2027-08-01", "2027-12-31"]


def test_a_horizon_ends_with_the_calendar(tmp_path: Path) -> None:
    config = HORIZON.replace("2027Q1", "9999Q3") + "periods = 4\n"
    with pytest.raises(UsageError, match="'4': the calendar ends with 9999Q4; write 2 or fewer"):
        read(tmp_path, {"placement.toml": config})


def test_deliveries_by_period(tmp_path: Path) -> None:
    supply = (
        "accelerator,period,quantity,unit_usd,kw\nH200 SXM,2027Q3,16,28000,\n"
        "H200 SXM,2027Q1,20,30000,1.2\nB200,2027Q2,8,1,\nH200 SXM,2028Q1,8,1,9\n"
    )
    problem = read(tmp_path, {"supply.csv": supply})
    assert problem.deliveries == {
        "H200-SXM5-141GB": (
            Delivery(0, 20, Fraction(30000)),
            Delivery(2, 16, Fraction(28000)),
        ),
        "B200": (Delivery(1, 8, Fraction(1)),),
    }
    assert problem.kits["H200-SXM5-141GB"].kw == Fraction(6, 5)
    assert "rows of other periods are left out: supply.csv: 2028Q1" in problem.assumptions
    assert notes(tmp_path, problem)[0] == (
        "supply of H200-SXM5-141GB: 36 accelerators are no multiple of its purchase unit 8; "
        "4 cannot be bought"
    )


def test_rows_of_one_model_agree(tmp_path: Path) -> None:
    supply = (
        "accelerator,period,quantity,unit_usd,purchase_unit,kw\nH200 SXM,2027Q1,16,1,8,1.2\n"
        "H200 SXM,2027Q2,16,1,,\nH200 SXM,2027Q3,16,1,4,1.25\nH200 SXM,2027Q3,16,1,8,1.2\n"
    )
    fix = "write the same in every row, or leave it blank in all but one"
    assert fault(tmp_path, {"supply.csv": supply}).splitlines() == [
        f"supply.csv:4: purchase_unit '4': H200-SXM5-141GB has purchase_unit 8 on line 2; {fix}",
        f"supply.csv:4: kw '1.25': H200-SXM5-141GB has kw 1.2 on line 2; {fix}",
        "supply.csv:5: accelerator 'H200 SXM': H200-SXM5-141GB in 2027Q3 is already on line 4; "
        "add the quantities up in one row",
    ]


def test_demand_by_period(tmp_path: Path) -> None:
    demand = (
        "period,zone,metric,quantity,countries\n2027Q1,home,tpp,1,US\n2027Q3,,mw,2,NA;tier1\n"
        "2026Q4,home,tpp,1,US\n2027Q3,home,tpp,0,\n"
    )
    problem = read(tmp_path, {"demand.csv": demand}, policy="ai-diffusion-2025", headquarters="US",
                   authorization=["uveu"])  # fmt: skip
    first, second = problem.demands
    assert (first.t, first.zone, first.label) == (0, "home", "demand line 2 (2027Q1, home, US)")
    assert (second.t, second.label) == (2, "demand line 3 (2027Q3, NA;tier1)")
    assert second.countries is not None
    assert {"NA", "US", "DE"} <= second.countries
    assert [second.allows_site(problem.sites[name]) for name in ("us", "windhoek")] == [True, True]
    assert [first.allows_site(problem.sites[name]) for name in ("us", "windhoek")] == [True, False]
    assert "rows of other periods are left out: demand.csv: 2026Q4" in problem.assumptions
    said = notes(tmp_path, problem)
    assert "demand.csv:5: a demand of 0 asks for nothing" in said
    assert "demand.csv asks for nothing in 2027Q2, 2027Q4" in said


def test_a_period_of_another_kind(tmp_path: Path) -> None:
    demand = "period,metric,quantity\n2027-05,tpp,1\n2027,tpp,1\n"
    message = "overlaps the planned periods 2027Q1 to 2027Q4, and is none of them; write a quarter"
    assert fault(tmp_path, {"demand.csv": demand}).splitlines() == [
        f"demand.csv:2: period '2027-05': {message}, as 2027Q2",
        f"demand.csv:3: period '2027': {message}, as 2027Q1",
    ]


def test_sites_open_and_close(tmp_path: Path) -> None:
    sites = (
        "site,country,power_mw,opens,closes,status,carbon_g_per_kwh\nus,US,5,,,,401.5\n"
        "windhoek,NA,2,2027-04-01,2027-08-15,,\nlate,DE,2,2027-11-01,,,\nkept,DE,1,,,frozen,\n"
        "store,DE,1,2027-05-01,2027-12-31,storage,\n"
    )
    problem = read(tmp_path, {"sites.csv": sites})
    letters = {
        name: "".join(site.status_in(period)[0] for period in problem.periods)
        for name, site in problem.sites.items()
    }
    assert letters == {
        "us": "oooo", "windhoek": "fodf", "late": "ffff", "kept": "ffff", "store": "ffsd",
    }  # fmt: skip
    windhoek = problem.sites["windhoek"]
    assert windhoek.status is SiteStatus.FROZEN
    # What closes within a period neither holds kit all of it nor serves in it.
    assert [windhoek.closes_by(period) for period in problem.periods] == [False] * 2 + [True] * 2
    serving = {
        name: "".join("-+"[site.serves_in(period)] for period in problem.periods)
        for name, site in problem.sites.items()
    }
    assert serving == {
        "us": "++++", "windhoek": "-+--", "late": "----", "kept": "++++", "store": "----",
    }  # fmt: skip
    assert problem.sites["us"].carbon_g_per_kwh == Fraction(803, 2)
    assert windhoek.carbon_g_per_kwh is None
    assert notes(tmp_path, problem)[:5] == [
        "windhoek opens on 2027-04-01: nothing comes there before 2027Q2",
        "windhoek closes on 2027-08-15: nothing new comes there from 2027Q3 on",
        "late opens on 2027-11-01: nothing comes there",
        "store opens on 2027-05-01: nothing comes there before 2027Q3",
        "store closes on 2027-12-31: nothing new comes there from 2027Q4 on",
    ]


def test_nothing_stands_where_a_site_closed(tmp_path: Path) -> None:
    sites = "site,country,power_mw,closes\nus,US,5,2027-08-15\n"
    assert fault(tmp_path, {"sites.csv": sites}) == (
        "sites.csv:2: closes '2027-08-15': the site closes then, and 16 accelerators stand there "
        "in 2027Q3 that may not leave; allow [moves] or [retire], give their lots out_of_service "
        "2027-08-15 or earlier, or move them to another site in the inventory"
    )
    stock = "owner,site,country,accelerator,quantity,out_of_service\nA,us,US,H100 SXM,16,2027-08-15"
    read(tmp_path, {"sites.csv": sites, "inventory.csv": stock})


def test_moves_that_arrive_within_the_horizon(tmp_path: Path) -> None:
    moves = "[moves]\nallowed = true\nusd_per_accelerator = 5\ntransit_periods = "
    config = BASE["placement.toml"]
    problem = read(tmp_path, {"placement.toml": f"{config}{moves}3\n"})
    assert problem.transit_periods == 3
    assert problem.arrival(0) == problem.periods[3]
    assert problem.assumptions[1].startswith("moves take 3 periods: what is on its way counts")
    problem = read(tmp_path, {"placement.toml": f"{config}{moves}4\n"})
    assert problem.moves is None
    assert notes(tmp_path, problem)[-1] == (
        "moves take 4 periods and would arrive after the last one: none"
    )


LIMITS = "site,period,power_mw,racks\n"


def test_a_limit_holds_until_the_next(tmp_path: Path) -> None:
    limits = LIMITS + (
        "us,2027Q3,,7\nus,2027Q2,6.5,\nwindhoek,2026Q2,1,9\nwindhoek,2026-11,3,\n"
        "windhoek,2028Q1,9,\n"
    )
    problem = read(tmp_path, {"site_limits.csv": limits})
    us, windhoek = problem.sites["us"], problem.sites["windhoek"]
    assert [us.power_in(t) for t in range(4)] == [5000, 6500, 6500, 6500]
    assert [us.racks_in(t) for t in range(4)] == [None, None, 7, 7]
    assert [windhoek.power_in(t) for t in range(4)] == [3000] * 4
    assert windhoek.power_kw == 3000
    assert windhoek.racks == 9
    assert not windhoek.limits
    assert "rows of other periods are left out: site_limits.csv: 2028Q1" in problem.assumptions


def test_faults_of_site_limits(tmp_path: Path) -> None:
    limits = LIMITS + "us,2027Q2,6,\nus,2027Q2,7,\nwindhuk,2027Q2,1,\nus,2027Q4,,\nus,2027-02,1,\n"
    assert fault(tmp_path, {"site_limits.csv": limits}) == (
        "site_limits.csv:5: give power_mw, racks, or both"
    )
    limits = limits.replace("us,2027Q4,,\n", "us,2026,1,\nus,2026Q1,2,\n")
    assert fault(tmp_path, {"site_limits.csv": limits}).splitlines() == [
        "site_limits.csv:3: period '2027Q2': us from 2027-04-01 on is already on line 2; "
        "keep one row",
        "site_limits.csv:4: site 'windhuk': no such site in sites.csv; did you mean 'windhoek'?",
        "site_limits.csv:6: period '2026Q1': us from 2026-01-01 on is already on line 5; "
        "keep one row",
        "site_limits.csv:7: period '2027-02': overlaps the planned periods 2027Q1 to 2027Q4, "
        "and is none of them; write a quarter, as 2027Q1",
    ]


def test_what_no_site_takes_is_said(tmp_path: Path) -> None:
    sites = "site,country,power_mw,accelerators,status\nus,US,5,H100 SXM,\nde,DE,5,,frozen\n"
    assert notes(tmp_path, read(tmp_path, {"sites.csv": sites}))[0] == (
        "no open site takes what is delivered of H200-SXM5-141GB"
    )


def test_numbers_of_many_sizes(tmp_path: Path) -> None:
    sites = "site,country,power_mw,energy_usd_per_mwh\nus,US,1000000,-0.000001\nna,NA,0.000001,0\n"
    demand = "period,metric,quantity\n2027Q1,tpp,1000000000000\n2027Q1,mw,0.000000000001\n"
    problem = read(tmp_path, {"sites.csv": sites, "demand.csv": demand})
    assert problem.sites["us"].power_kw == 10**9
    assert problem.sites["na"].power_kw == Fraction(1, 1000)
    assert problem.sites["us"].energy_usd_per_mwh == Fraction(-1, 10**6)
    assert [one.quantity for one in problem.demands] == [10**12, Fraction(1, 10**12)]


def test_less_than_a_purchase_unit(tmp_path: Path) -> None:
    supply = BASE["supply.csv"].replace(",16,", ",4,") + "H200 SXM,2027Q2,3,30000\n"
    problem = read(tmp_path, {"supply.csv": supply})
    assert notes(tmp_path, problem)[0] == (
        "supply of H200-SXM5-141GB: 7 accelerators are no multiple of its purchase unit 8; "
        "7 cannot be bought"
    )


def test_a_site_of_the_inventory_that_is_not_listed(tmp_path: Path) -> None:
    stock = BASE["inventory.csv"] + "A,walvis,NA,H100 SXM,8\n"
    problem = read(tmp_path, {"inventory.csv": stock})
    walvis = problem.sites["walvis"]
    assert {walvis.status_in(period) for period in problem.periods} == {SiteStatus.FROZEN}
    assert [walvis.power_in(t) for t in range(4)] == [None] * 4
    assert "frozen, since sites.csv lacks them: walvis" in problem.notes


@pytest.mark.parametrize(
    ("dates", "lots", "expected"),
    [
        (",", "", [300, 300, 300, 300]),
        # 46 of the 91 days of the second quarter, then 76 of 92 of the third.
        ("2027-05-16,2027-09-15", "", [0, Fraction(300 * 46, 91), Fraction(300 * 76, 92), 0]),
        ("2027-07-01,2027-10-01", "", [0, 0, 300, 0]),
        # Kit that is there before it opens: 31 days of 90.
        (
            "2027-07-01,",
            "A,b,NA,H200 SXM,8,2027-01-01,2027-02-01\n",
            [Fraction(310, 3), 0, 300, 300],
        ),
        # Another owner's does not count.
        ("2027-07-01,", "B,b,NA,H200 SXM,8,2027-01-01,2027-02-01\n", [0, 0, 300, 300]),
    ],
)
def test_a_site_is_paid_while_it_is_open_or_holds_kit(
    tmp_path: Path, dates: str, lots: str, expected: list[Fraction | int]
) -> None:
    sites = (
        "site,country,power_mw,fixed_usd_per_month,opens,closes\nus,US,5,,,\n"
        f"b,NA,5,100,{dates}\nwindhoek,NA,2,,,\n"
    )
    inventory = (
        "owner,site,country,accelerator,quantity,in_service,out_of_service\n"
        f"A,us,US,H100 SXM,16,,\nB,us,US,H100 SXM,1,,\n{lots}"
    )
    config = BASE["placement.toml"].replace("[horizon]", 'owner = "A"\n[horizon]')
    problem = read(
        tmp_path,
        {"sites.csv": sites, "inventory.csv": inventory, "placement.toml": config},
        headquarters="US", authorization=["uveu"],
    )  # fmt: skip
    holdings = ExistingStock(problem)
    assert [holdings.constant_costs(t)[0]["NA"] for t in range(4)] == expected
