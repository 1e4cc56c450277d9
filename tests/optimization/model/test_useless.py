"""`allow_dilution = false`: only purchases that serve nobody and lower a share are denied.

Of the random problems a sample is tried; PLACEMENT_USELESS_PROBLEMS=2000 tries that many.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.errors import InputError
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.oracles.periods import brute_force
from tests.support.paths import TESTS
from tests.support.strategies_useless import drawn
from tests.support.tiny_periods import Many, ManyDemand, ManyLot, ManyPromise, ManySite, ManySupply

INPUTS = TESTS / "inputs"
COUNT = int(os.environ.get("PLACEMENT_USELESS_PROBLEMS", "0"))
#: Small ones, of which each kind of fault made some fail.
SAMPLE = range(COUNT) if COUNT else (0, 2, 5, 8, 106, 152, 721, 1353, 1514, 1532)


def found(plan: Plan) -> tuple[Fraction, date | None] | None:
    info = plan.report.plan
    assert info is not None
    if info.status is PlanStatus.INFEASIBLE:
        assert plan.report.exit_code == 3
        return None
    assert info.status is PlanStatus.OPTIMAL
    return Fraction(info.tiers[-1].value), info.compliant_from


@pytest.mark.parametrize(
    ("case", "cost"),
    [
        ("idle-later-us-floor", "10000"),
        ("contract-my-cap", "7000"),
        ("contract-costs-more", "21035.84"),
    ],
)
@pytest.mark.parametrize("dilution", [True, False])
def test_a_plan_without_useless_kit_is_allowed(case: str, cost: str, dilution: bool) -> None:
    folder = INPUTS / case
    config = (folder / "placement.toml").read_text("utf-8")
    assert "allow_dilution = false" in config
    if not dilution:
        plan = make_plan(folder)
    else:
        import tomllib

        content = tomllib.loads(config)
        content["optimize"]["allow_dilution"] = True
        content["files"] = {path.stem: str(path) for path in sorted(folder.glob("*.csv"))}
        plan = make_plan(content)
    answer = found(plan)
    assert answer is not None
    assert round(answer[0], 2) == Fraction(cost)
    assert plan.report.exit_code == 0
    assert plan.report.plan is not None
    assert plan.report.plan.dilution == ()


@pytest.mark.parametrize("number", SAMPLE)
def test_what_does_not_dilute_is_allowed_at_the_same_cost(number: int, pack: Path) -> None:
    many = drawn(number)
    try:
        plan = replace(many, dilution=True).plan(pack, gap=Fraction(0))
    except InputError:
        return
    best = found(plan)
    assert plan.report.plan is not None
    if best is not None and not plan.report.plan.dilution:
        assert found(many.plan(pack, gap=Fraction(0))) == best


@pytest.mark.parametrize("number", SAMPLE if COUNT else (0, 2, 5, 8, 152, 1532))
def test_same_optimum_as_trying_every_layout(number: int, pack: Path) -> None:
    many = drawn(number)
    best = brute_force(many)
    try:
        answer = found(many.plan(pack, gap=Fraction(0)))
    except InputError:
        assert best is None
        return
    assert answer == (None if best is None else (Fraction(best.cost, 10**6), best.kept_from))


# Worked by hand: at most 30 % in MY, at least 40 % in the US; every chip is an H100 of price 1.


def fleet(us: int, my: int, us_asked: int, *, supply: int = 20, **more: object) -> Many:
    many = Many(
        "2027Q1", 1, (ManySite("us", "US"), ManySite("my", "MY")),
        (ManySupply("H100 SXM", 1, ((supply, 1),)),),
        (ManyLot("us", "H100 SXM", us), ManyLot("my", "H100 SXM", my)),
        (ManyDemand(0, str(us_asked), countries=("US",)),), adrift=0,
    )  # fmt: skip
    return replace(many, **more)  # type: ignore[arg-type]


def bought(many: Many, pack: Path) -> int | None:
    answer = found(many.plan(pack, gap=Fraction(0)))
    return None if answer is None else int(answer[0])


def test_idle_kit_of_before_gives_no_room_for_more(pack: Path) -> None:
    """3 idle in MY of 9: 10 would do, but the tenth serves nobody; with dilution it is bought."""
    many = fleet(6, 3, 5)
    assert bought(replace(many, dilution=True), pack) == 1
    assert bought(many, pack) is None
    # One more is asked for than stands: it serves, and so does one beyond that.
    assert bought(fleet(6, 3, 7), pack) == 1


def test_idle_kit_in_the_numerator_is_never_taken_off(pack: Path) -> None:
    """A contract wants 3 in MY: 3 of 10 are 30 %, whether they serve or not."""
    contract = (ManyPromise("at_least", 3, 0, 0, "my"),)
    many = fleet(7, 1, 6, promises=contract)
    assert bought(many, pack) == 2
    assert bought(fleet(6, 1, 6, promises=contract), pack) == 3  # and one more serves in the US


def test_what_a_contract_asks_for_outside_counts(pack: Path) -> None:
    """3 in MY serve; the tenth chip stands in the US for a contract, and serves nobody."""
    contract = (ManyPromise("at_least", 7, 0, 0, "us"),)
    many = fleet(5, 3, 3, promises=contract)
    assert bought(many, pack) == 2
    assert bought(replace(many, promises=()), pack) is None


def test_what_is_committed_is_not_idle_elsewhere(pack: Path) -> None:
    """2 in MY are idle and committed: they are no reason for idle kit in the US."""
    contract = (ManyPromise("at_least", 2, 0, 0, "my"),)
    many = fleet(2, 1, 3, promises=contract)
    (line,) = many.demand
    wide = replace(many, demand=(replace(line, countries=()),))
    assert bought(wide, pack) is None
    assert bought(replace(wide, dilution=True), pack) == 4


def test_work_may_be_taken_from_kit_in_the_numerator(pack: Path) -> None:
    """All 9 serve, 3 of them in MY: with one more in the US these may stand idle in part."""
    many = fleet(6, 3, 9)
    (line,) = many.demand
    assert bought(replace(many, demand=(replace(line, countries=()),)), pack) == 1


def test_a_plan_that_only_moves_dilutes_nothing(pack: Path) -> None:
    """2 of 4 are in MY, where one serves: the other one moves, and serves nobody."""
    line = ManyDemand(0, "1", countries=("MY",))
    many = fleet(2, 2, 1, demand=(line,), move=5)
    assert bought(many, pack) == 5
