"""What is said of a commitment that cannot be kept, applied to it: nothing nearer would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.run import make_plan
from tests.oracles.periods import brute_force
from tests.support.strategies_periods import quick
from tests.support.tiny_one_period import write_pack
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManyPromise, ManySite, ManySupply

MOST = 12
NAME = "commitment line 2 (dal)"


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("pack"))


def conflict_of(folder: Path, **changed: str) -> tuple[str, ...]:
    """Plan a quarter with 40 X1 at dal, which come in fours, and room and supply for as many."""
    files = {
        "accelerators": "accelerator,source,tpp,kw,purchase_unit,datacenter\nX1,test,10000,1,4,yes",
        "inventory": "owner,site,country,accelerator,quantity\nAcme,dal,US,X1,40",
        "sites": "site,country,power_mw\ndal,US,1",
        "supply": "accelerator,period,quantity,unit_usd\nX1,2027Q1,40,100",
        "demand": "period,metric,quantity\n2027Q1,accelerators,48",
        **changed,
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(f"{text}\n")
    (folder / "placement.toml").write_text(
        '[placement]\npolicy = "ai-diffusion-2025-basic"\nheadquarters = "US"\n'
        'authorization = "uveu"\n[horizon]\nstart = "2027Q1"\n'
    )
    info = make_plan(folder).report.plan
    assert info is not None
    if info.status is PlanStatus.OPTIMAL:
        return ()
    assert info.status is PlanStatus.INFEASIBLE
    return tuple(one for one in info.conflict if one.startswith("commitment"))


@pytest.mark.parametrize(
    ("quantity", "demand", "said"),
    [
        (44, 48, "4 accelerators more would do"),
        (36, 48, "12 accelerators more would do"),
        (36, 40, "4 accelerators more would do"),
        (0, 48, "48 accelerators more would do"),
        (42, 40, "2 accelerators less or 2 accelerators more would do"),
        (43, 40, "3 accelerators less or 1 accelerator more would do"),
        (50, 51, "2 accelerators more would do"),
        (81, 40, "1 accelerator less would do"),  # 80 is all that there is
    ],
)
def test_the_direction_that_suffices(tmp_path: Path, quantity: int, demand: int, said: str) -> None:
    header = "kind,site,quantity\nexactly,dal,"
    lines = f"period,metric,quantity\n2027Q1,accelerators,{demand}"
    found = conflict_of(tmp_path, commitments=f"{header}{quantity}", demand=lines)
    assert found == (f"{NAME}: {said}",)
    step = int(said.split(maxsplit=1)[0])
    changed = quantity - step if "less" in said else quantity + step
    assert conflict_of(tmp_path, commitments=f"{header}{changed}", demand=lines) == ()


def test_amounts_of_computing_power_have_the_digits_of_the_quantity(tmp_path: Path) -> None:
    """44 of 10,000 TPP are 440,000."""
    text = "kind,site,metric,quantity\nexactly,dal,tpp,430000.5"
    lines = "period,metric,quantity\n2027Q1,accelerators,44"
    found = conflict_of(tmp_path, commitments=text, demand=lines)
    assert found == (f"{NAME}: 9,999.5 tpp more would do",)


def test_no_quantity_would_do(tmp_path: Path) -> None:
    """Four leave on the last day: fewer stand then than on the others, so no number is exact."""
    inventory = (
        "owner,site,country,accelerator,quantity,out_of_service\nAcme,dal,US,X1,36,\n"
        "Acme,dal,US,X1,4,2027-03-31"
    )
    found = conflict_of(
        tmp_path, commitments="kind,site,quantity\nexactly,dal,40", inventory=inventory,
        demand="period,metric,quantity\n2027Q1,accelerators,36",
    )  # fmt: skip
    assert found == (f"{NAME}: no other quantity would do",)


@st.composite
def exact(draw: st.DrawFn) -> Many:
    """Draw two periods, one model in ones, twos or threes, lots with dates, and two sites."""
    days = [date(2027, 1, 20), date(2027, 4, 1), date(2027, 5, 15), None, None]
    lots = [
        ManyLot(site, "B200", draw(st.integers(1, 4)), None, draw(st.sampled_from(days)))
        for site in draw(st.sampled_from([("s0",), ("s0", "s1"), ("s0", "s0")]))
    ]
    unit = draw(st.integers(1, 3))
    wanted = ManyPromise(
        "exactly", draw(st.integers(0, 9)), draw(st.integers(0, 1)), 1,
        draw(st.sampled_from([None, "s0", "s0", "s1"])),
    )  # fmt: skip
    other = ManyPromise(
        draw(st.sampled_from(["at_least", "at_most"])), draw(st.integers(0, 6)), 0, 1, None
    )
    return Many(
        "2027Q1", 2, (ManySite("s0", "US", draw(st.sampled_from([5, 9]))), ManySite("s1", "US")),
        (ManySupply("B200", unit, ((draw(st.integers(0, 2)), 1), (1, 1))),), tuple(lots),
        (ManyDemand(1, str(draw(st.integers(1, 9)))),),
        (wanted, *draw(st.sampled_from([(), (other,)]))),
        retire=draw(st.sampled_from([None, None, 1])), dilution=draw(st.booleans()),
    )  # fmt: skip


@quick(40)
@given(many=exact())
def test_what_is_said_is_the_nearest_quantity_on_either_side(many: Many, pack: Path) -> None:
    wanted = many.promises[0]
    try:
        plan = many.plan(pack)
    except InputError:
        return  # refused when it is read
    if plan.conflict is None:
        assert brute_force(many) is not None
        return
    parts = [part for part in plan.conflict.parts if part.name.startswith("commitment line 2 (")]

    def is_possible(quantity: int) -> bool:
        changed = replace(wanted, quantity=quantity)
        return brute_force(replace(many, promises=(changed, *many.promises[1:]))) is not None

    for part in parts:
        for told, quantities in (
            (part.given, range(wanted.quantity - 1, -1, -1)),
            (part.more, range(wanted.quantity + 1, MOST)),
        ):
            nearest = next((one for one in quantities if is_possible(one)), None)
            expected = None if nearest is None else abs(nearest - wanted.quantity)
            assert (told.amount if told else None) == expected, part
