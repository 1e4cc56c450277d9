"""Lots that stay, and what an earlier plan sent and has not arrived."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from placement.enums import PlanStatus
from placement.errors import UsageError
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManySite, ManySupply

SITES = (ManySite("s0", "US", energy=50), ManySite("s1", "MY"))


def plan_of(many: Many, pack: Path, inventory: pd.DataFrame, **optimize: Any) -> Plan:
    config = many.config()
    config["optimize"] |= optimize
    tables = {**many.tables(), "inventory": inventory}
    return make_plan(config, tables=tables, policy=str(pack))


def with_rows(many: Many, *rows: dict[str, object]) -> pd.DataFrame:
    """Return the inventory with more lots, and every column that one of them has."""
    table = many.tables()["inventory"]
    return pd.concat([table.astype(object), pd.DataFrame(rows, dtype=object)]).fillna("")


def test_what_stays_is_neither_moved_nor_retired(pack: Path) -> None:
    """Each chip in s0 costs 108 for energy and nothing to retire; 3 of 5 stay."""
    many = Many(
        "2027Q1", 1, SITES, (ManySupply("H100 SXM", 1, ((0, 5),)),),
        (ManyLot("s0", "H100 SXM", 2),), retire=0, place="as_much_as_fits", mode="strict",
    )  # fmt: skip
    stays = {"owner": "A", "site": "s0", "country": "US", "accelerator": "H100 SXM", "quantity": 3}
    for word, retired in (("yes", 2), ("no", 5), ("", 5)):
        plan = plan_of(many, pack, with_rows(many, {**stays, "stays": word}))
        assert plan.layout is not None
        assert sum(one.quantity for one in plan.layout.actions) == retired
        kept = {lot.stays for lot in plan.layout.lots if lot.site == "s0"}
        assert kept == ({True} if word == "yes" else set())


@pytest.mark.parametrize(
    ("stays", "transit", "status"),
    [
        ("yes", "destination", PlanStatus.OPTIMAL),
        ("yes", "both", PlanStatus.INFEASIBLE),
        ("", "both", PlanStatus.OPTIMAL),
    ],
)
def test_both_ends_count_what_an_earlier_plan_sent(
    pack: Path, stays: str, transit: str, status: PlanStatus
) -> None:
    """1 is asked for in MY, of 11: 9 %. 3 more left MY and are under way: 36 %, above 30 %."""
    many = Many(
        "2027Q1", 1, SITES, (ManySupply("H100 SXM", 1, ((1, 5),)),),
        (ManyLot("s0", "H100 SXM", 6),), (ManyDemand(0, "1", countries=("MY",)),), mode="strict",
    )  # fmt: skip
    sent = {
        "owner": "A", "site": "s0", "country": "US", "accelerator": "H100 SXM", "quantity": 3,
        "arrived": "2026-12-01", "in_service": "2027-03-01", "from_country": "MY", "stays": stays,
    }  # fmt: skip
    info = plan_of(many, pack, with_rows(many, sent), transit=transit).report.plan
    assert info is not None
    assert info.status is status


@pytest.mark.parametrize(
    ("day", "said"),
    [("2027-01-02", "is not the first day of a month"), ("2027-04-01", "is after the first day")],
)
def test_money_is_discounted_to_the_first_day_of_an_earlier_month(
    pack: Path, day: str, said: str
) -> None:
    many = Many("2027Q1", 1, SITES, (ManySupply("H100 SXM", 1, ((1, 5),)),), rate="0.21")
    config = many.config()
    config["horizon"]["discounted_to"] = day
    with pytest.raises(UsageError, match=said):
        make_plan(config, tables=many.tables(), policy=str(pack))
    # Two years of 21 %: 5 / 1.21 ** 2.
    config["horizon"]["discounted_to"] = "2025-01-01"
    info = make_plan(config, tables=many.tables(), policy=str(pack)).report.plan
    assert info is not None
    assert info.cost["purchases"] == "3.415067"
