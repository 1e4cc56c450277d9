"""How lots came: kept where they stay, said anew where a plan brings them; and read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from placement.catalog import load_catalog
from placement.enums import Basis, Status
from placement.optimization.data.lots import read_lots
from placement.optimization.data.problem import Lot
from placement.optimization.plan import Plan
from placement.optimization.results.plan_folder.write import layout_text
from placement.optimization.run import make_plan
from placement.readers.inventory.read import read_inventory

FLEET = """owner,site,country,accelerator,quantity,consignee,channel,licensed,from_country,arrived,\
out_of_service
A,stays,US,H100 SXM,200,,,,,,
A,stays,US,H100 SXM,10,A,uveu,no,US,,
A,stays,US,H100 SXM,20,Buyer,uveu,,DE,,
A,stays,US,H100 SXM,30,"B, Ltd",lpp,yes,,,
Other,stays,US,H100 SXM,5,,aia,,,,
A,windhoek,NA,H100 SXM,4,Buyer,licence,yes,US,,
A,dear,US,H100 SXM,3,Buyer,nveu,no,NA,,
A,dear,US,H100 SXM,2,,,,,2026-05-01,2028-01-01
"""
SITES = """site,country,power_mw,energy_usd_per_mwh,status
stays,US,1,0,frozen
windhoek,NA,1,9999,draining
dear,US,1,9999,draining
cheap,US,1,1,open
"""
SUPPLY = """accelerator,period,quantity,unit_usd,purchase_unit,kw
H100 SXM,2027Q1,6,100,1,1
"""
DEMAND = """period,metric,quantity
2027Q1,accelerators,275
"""
CONFIG = """[placement]
policy = "ai-diffusion-2025-basic"
owner = "A"
[horizon]
start = "2027Q1"
[moves]
allowed = true
usd_per_accelerator = 1
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("layout")
    for name, text in (
        ("placement.toml", CONFIG),
        ("inventory.csv", FLEET),
        ("sites.csv", SITES),
        ("supply.csv", SUPPLY),
        ("demand.csv", DEMAND),
    ):
        (folder / name).write_text(text)
    return make_plan(folder)


def lots_of(plan: Plan) -> tuple[Lot, ...]:
    assert plan.layout is not None
    return plan.layout.lots


def came(lot: Lot) -> tuple[str, str | None, bool | None, str | None]:
    return lot.consignee, lot.channel, lot.licensed, lot.from_country


def test_lots_that_differ_in_how_they_came_are_not_one(plan: Plan) -> None:
    standing = {lot.quantity: came(lot) for lot in plan.task.problem.lots}
    assert standing == {
        200: ("A", None, None, None),
        10: ("A", "uveu", False, "US"),
        20: ("Buyer", "uveu", None, "DE"),
        30: ("B, Ltd", "lpp", True, None),
        5: ("Other", "aia", None, None),
        4: ("Buyer", "licence", True, "US"),
        3: ("Buyer", "nveu", False, "NA"),
        2: ("A", None, None, None),
    }


def test_what_stays_keeps_how_it_came(plan: Plan) -> None:
    stays = {lot.quantity: came(lot) for lot in lots_of(plan) if lot.site == "stays"}
    standing = [lot for lot in plan.task.problem.lots if lot.own and lot.site == "stays"]
    assert stays == {lot.quantity: came(lot) for lot in standing}


def test_what_the_plan_brings_says_how_it_comes(plan: Plan) -> None:
    """From abroad it comes from where it stood, for its owner; at home as it once came and when."""
    brought = [lot for lot in lots_of(plan) if lot.site == "cheap"]
    assert {lot.quantity: came(lot) for lot in brought} == {
        4: ("A", None, None, "NA"),
        3: ("Buyer", "nveu", False, "NA"),
        2: ("A", None, None, None),
        6: ("A", None, None, None),
    }
    first = date(2027, 1, 1)
    assert {lot.quantity: (lot.country, lot.status, lot.start, lot.end) for lot in brought} == {
        4: ("US", Status.PLANNED, first, None),
        3: ("US", Status.INSTALLED, None, None),
        2: ("US", Status.INSTALLED, date(2026, 5, 1), date(2028, 1, 1)),
        6: ("US", Status.PLANNED, first, None),
    }


def test_layout_reads_back_as_the_same_lots(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "layout.csv"
    assert plan.layout is not None
    path.write_text(layout_text(plan.task.problem, plan.layout))
    text = path.read_text().splitlines()
    assert text[0] == (
        "owner,site,country,accelerator,quantity,status,in_service,out_of_service,operator,"
        "consignee,channel,licensed,from_country,period,tpp"
    )
    assert 'A,stays,US,H100-SXM5-80GB,30,installed,,,A,"B, Ltd",lpp,yes,,2027Q1,474960.000' in text
    assert "A,stays,US,H100-SXM5-80GB,10,installed,,,A,,uveu,no,US,2027Q1,158320.000" in text
    for merge_from in (0, 1 << 40):
        read = read_inventory(path, catalog=load_catalog(), merge_from=merge_from)
        again = read_lots(read, Basis.OWNED, ["A"])
        one = {key(lot): 0 for lot in lots_of(plan)}
        for lot in lots_of(plan):
            one[key(lot)] += lot.quantity
        assert {key(lot): lot.quantity for lot in again} == one


def key(lot: Lot) -> tuple[object, ...]:
    where = lot.owner, lot.operator, lot.site, lot.country, lot.model
    return *where, lot.status, lot.start, lot.end, *came(lot)


def test_frame_of_the_layout_reads_back_too(plan: Plan) -> None:
    frame = plan.layout_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns[9:13]) == ["consignee", "channel", "licensed", "from_country"]
    again = make_plan(
        {"horizon": {"start": "2027Q1"}, "placement": {"policy": "ai-diffusion-2025-basic"}},
        tables={
            "inventory": frame,
            "sites": pd.DataFrame({"site": ["cheap"], "country": ["US"], "power_mw": [1]}),
        },
    )
    assert {came(lot) for lot in again.task.problem.lots} == {came(lot) for lot in lots_of(plan)}
