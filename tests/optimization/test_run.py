"""Plans at the edges: limits met exactly, nothing asked for, too much asked for."""

from __future__ import annotations

import dataclasses
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from placement.enums import PlanStatus, Verdict
from placement.errors import NothingEvaluatedError, SolverError, UsageError
from placement.optimization.run import make_plan
from placement.optimization.solving import candidates
from placement.render.optimize import render
from placement.solvers.highs import Highs
from placement.text.csv_writer import csv_text
from tests.oracles.one_period import brute_force
from tests.support.paths import ROOT
from tests.support.plan_figures import MY, US, plan_files, status, stock, value
from tests.support.tiny_one_period import Tiny, TinyDemand, TinySite, TinySupply

INPUTS = ROOT / "inputs"


def test_share_exactly_at_the_limit_is_used(pack: Path) -> None:
    """With 7 in all, 3 of 10 in MY are exactly 30 %: the cheap place is filled to the limit."""
    tiny = Tiny((US, MY), (TinySupply("H100 SXM", 9, 1, 5),), (TinyDemand("9"),))
    plan = tiny.plan(pack)
    assert stock(plan)["my", "H100-SXM5-80GB"] == 3
    finding = next(f for f in plan.report.findings if f.place == "MY")
    assert finding.share == "0.300000" or Fraction(finding.share or 0) == Fraction(3, 10)
    assert finding.verdict is Verdict.OK
    assert value(plan) == brute_force(tiny)


def test_seven_percent_exactly(tmp_path: Path) -> None:
    plan = plan_files(
        tmp_path,
        placement_toml='[placement]\npolicy="ai-diffusion-2025-basic"\n[horizon]\nstart="2027Q1"\n',
        inventory_csv="owner,site,country,accelerator,quantity\nA,us,US,H100 SXM,93\n",
        sites_csv="site,country,power_mw\nus,US,0\nmy,MY,5\n",
        supply_csv="accelerator,period,quantity,unit_usd,purchase_unit,kw\n"
        "H100 SXM,2027Q1,8,100,1,1\n",
        demand_csv="period,metric,quantity\n2027Q1,accelerators,100\n",
    )
    assert stock(plan)["my", "H100-SXM5-80GB"] == 7
    assert next(f for f in plan.report.findings if f.place == "MY").headroom == "0.000"
    more = (tmp_path / "demand.csv").read_text().replace("100", "101")
    beyond = plan_files(tmp_path, demand_csv=more)
    assert status(beyond) is PlanStatus.INFEASIBLE
    assert beyond.report.exit_code == 3


def test_zero_demand_asks_for_nothing(pack: Path) -> None:
    plan = Tiny((US, MY), (TinySupply("H100 SXM", 3, 1, 5),), (TinyDemand("0"),)).plan(pack)
    assert plan.layout is not None
    assert plan.layout.actions == ()
    assert value(plan) == 0
    assert any("asks for nothing" in note for note in plan.report.notes)


def test_without_demand_every_delivery_is_installed(pack: Path) -> None:
    plan = Tiny((US, MY), (TinySupply("H100 SXM", 4, 2, 5),)).plan(pack)
    assert sum(stock(plan).values()) == 8 + 1


def test_no_plan_claims_a_rule_that_is_not_judged_again(tmp_path: Path) -> None:
    """No day after which t3_location goes unmeasured counts as kept."""
    plan = plan_files(
        tmp_path,
        placement_toml='[placement]\npolicy="ai-diffusion-2025"\nheadquarters="US"\n'
        'authorization="uveu"\n[horizon]\nstart="2027Q1"\n',
        inventory_csv="owner,site,country,accelerator,quantity\n"
        "A,us,US,H100 SXM,930\nA,cn,CN,H100 SXM,8\n",
        sites_csv="site,country,power_mw\nus,US,9\ncn,CN,9\n",
    )
    assert status(plan) is PlanStatus.INFEASIBLE
    assert plan.layout is None
    problem = plan.task.problem
    first, *rest = problem.days
    once = [
        dataclasses.replace(
            day,
            measured=day.measured - {"uveu.t3_location"},
            watched=day.watched - {"uveu.t3_location"},
        )
        for day in rest
    ]
    assert once
    # The shares are measured last on 1 February.
    early = [day.day for day in problem.days if day.day <= date(2027, 2, 1)]
    assert candidates(problem) == early
    assert candidates(dataclasses.replace(problem, days=(first, *once))) == [first.day]


@pytest.mark.parametrize("rows", ["", "2027Q1,,h100e,0,\n"])
def test_nothing_is_bought_to_dilute_where_nothing_is_asked_for(tmp_path: Path, rows: str) -> None:
    for name in ("inventory.csv", "sites.csv", "supply.csv", "entities.csv", "placement.toml"):
        text = (INPUTS / "example" / name).read_text()
        (tmp_path / name).write_text(text.split("[moves]")[0])
    (tmp_path / "demand.csv").write_text("period,accelerator,metric,quantity,countries\n" + rows)
    plan = make_plan(tmp_path)
    assert status(plan) is PlanStatus.INFEASIBLE
    assert plan.report.plan is not None
    assert any("no useless kit" in said for said in plan.report.plan.conflict)


def test_optimal_means_within_a_millionth(pack: Path) -> None:
    tiny = Tiny((US, MY), (TinySupply("H100 SXM", 9, 2, 5),), (TinyDemand("9"),))
    assert status(tiny.plan(pack)) is PlanStatus.OPTIMAL
    loose = tiny.plan(pack, gap=Fraction(9, 10))
    assert status(loose) is PlanStatus.FEASIBLE
    assert "feasible, within the gap asked for" in render(loose)


def test_status_holds_for_every_tier(monkeypatch: pytest.MonkeyPatch, pack: Path) -> None:
    from placement.optimization import lexicographic as search
    from placement.optimization.heuristics.integer import Whole, best_whole

    small = TinySite("us", "US", power_kw=7)
    tiny = Tiny((small,), (TinySupply("H100 SXM", 4, 3, 5), TinySupply("B200", 2, 5, 1)))
    config = tiny.config()
    config["optimize"]["place"] = "as_much_as_fits"
    first: list[Whole] = []

    def once(*given: Any, **more: Any) -> Whole:
        found = best_whole(*given, **more)
        if first:
            return found
        first.append(found)
        return dataclasses.replace(found, optimal=False, claimed=None)

    monkeypatch.setattr(search, "best_whole", once)
    plan = make_plan(config, tables=tiny.tables(), policy=str(pack))
    assert plan.report.plan is not None
    assert Fraction(plan.report.plan.tiers[0].gap) > 0
    assert status(plan) is PlanStatus.FEASIBLE


@pytest.mark.parametrize(
    "limits",
    [
        {"gap": Fraction(2)},
        {"gap": Fraction(-1)},
        {"gap": float("inf")},
        {"time_limit": 0.0},
        {"time_limit": float("nan")},
        {"time_limit": 1e8},
    ],
)
def test_limits_of_the_search_are_checked(limits: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"must be|is not a number"):
        make_plan(INPUTS / "example", **limits)


def test_layout_reads_back_with_any_name(tmp_path: Path) -> None:
    name = 'a\rb,"c"\nd'
    plan = make_plan(
        {"horizon": {"start": "2027Q1"}, "placement": {"policy": "ai-diffusion-2025-basic"}},
        tables={
            "inventory": pd.DataFrame(
                [("A", name, "US", "H100 SXM", 4)],
                columns=["owner", "site", "country", "accelerator", "quantity"],
            ),
            # In the first column the end of a name in two lines would look like a row.
            "sites": pd.DataFrame([("US", name, 1)], columns=["country", "site", "power_mw"]),
        },
    )
    assert stock(plan) == {(name, "H100-SXM5-80GB"): 4}
    assert plan.report.exit_code == 0
    for row in csv_text(("a", "b"), [("1\r2", "3")]).split("\n")[1:2]:
        assert row == '"1\r2",3'


def test_demand_beyond_all_supply(pack: Path) -> None:
    tiny = Tiny((US,), (TinySupply("H100 SXM", 4, 2, 5),), (TinyDemand("11"),))
    plan = tiny.plan(pack)
    assert plan.report.exit_code == 3
    assert plan.layout is None
    assert plan.certificate is not None
    assert plan.report.plan is not None
    assert plan.report.plan.conflict == (
        "supply of H100-SXM5-80GB: 4 accelerators more would do",  # in whole units of 4
        "demand line 2 (anywhere): 3 accelerators less would do",
    )


def test_one_unit_serves_one_line(pack: Path) -> None:
    lines = (TinyDemand("3", countries=("US",)), TinyDemand("3"))
    tiny = Tiny((US,), (TinySupply("H100 SXM", 5, 1, 5),), lines)
    assert status(tiny.plan(pack)) is PlanStatus.INFEASIBLE
    enough = dataclasses.replace(tiny, supply=(TinySupply("H100 SXM", 6, 1, 5),))
    assert value(enough.plan(pack)) == brute_force(enough)


def test_useless_kit_dilutes_only_where_allowed(pack: Path) -> None:
    """MY must serve 6: with 8 served in the US the share is too high, unless more is bought."""
    lines = (TinyDemand("6", countries=("MY",)), TinyDemand("8", countries=("US",)))
    tiny = Tiny((US, MY), (TinySupply("H100 SXM", 30, 1, 5),), lines)
    assert status(tiny.plan(pack)) is PlanStatus.INFEASIBLE
    assert (
        brute_force(dataclasses.replace(tiny, supply=(TinySupply("H100 SXM", 17, 1, 5),))) is None
    )
    diluted = dataclasses.replace(tiny, dilution=True).plan(pack)
    assert status(diluted) is PlanStatus.OPTIMAL
    # 6 of 20 are 30 %; one chip is there from the start.
    assert sum(stock(diluted).values()) == 20


def test_what_was_idle_may_stay_idle(pack: Path) -> None:
    """An idle fleet of 14 in the US carries 6 in MY without any dilution."""
    tiny = Tiny(
        (US, MY),
        (TinySupply("H100 SXM", 6, 1, 5),),
        (TinyDemand("6", countries=("MY",)),),
        stock={("us", "H100 SXM"): 13},
    )
    plan = tiny.plan(pack)
    assert status(plan) is PlanStatus.OPTIMAL
    assert plan.layout is not None
    assert [action.quantity for action in plan.layout.actions] == [6]


def test_twelve_orders_of_magnitude(tmp_path: Path) -> None:
    plan = plan_files(
        tmp_path,
        placement_toml='[placement]\npolicy="ai-diffusion-2025-basic"\n[horizon]\nstart="2027Q1"\n',
        inventory_csv="owner,site,country,accelerator,quantity\n"
        "A,us,US,H100 SXM,900000000000\nA,my,MY,H100 SXM,1\n",
        sites_csv="site,country,power_mw,energy_usd_per_mwh\n"
        "us,US,2000000000,0.000001\nmy,MY,100000000,1\nde,DE,0.01,9999999\n",
        supply_csv="accelerator,period,quantity,unit_usd,purchase_unit,kw\n"
        "H100 SXM,2027Q1,100000000000,0.01,1,1\nB200,2027Q1,3,999999999.999999,1,1\n",
        demand_csv="period,accelerator,metric,quantity,countries\n"
        "2027Q1,,accelerators,3000000,MY\n2027Q1,B200,,1,DE\n",
    )
    assert status(plan) is PlanStatus.OPTIMAL
    found = stock(plan)
    assert found["my", "H100-SXM5-80GB"] == 3000000
    assert found["de", "B200"] == 1
    assert not plan.report.breaches


def test_the_judge_has_the_last_word(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from placement.optimization.results.validate_plan import check_layout as honest

    tiny = Tiny((US, MY), (TinySupply("H100 SXM", 3, 1, 5),), (TinyDemand("3"),))

    def strict(*given: Any) -> Any:
        report = honest(*given)
        broken = [f.model_copy(update={"verdict": Verdict.BREACH}) for f in report.findings]
        return report.model_copy(update={"findings": tuple(broken)})

    monkeypatch.setattr("placement.optimization.acceptance.check_layout", strict)
    plan = tiny.plan(pack)
    assert status(plan) is PlanStatus.STOPPED
    assert plan.report.exit_code == 4
    assert plan.layout is None
    assert plan.layout_frame().empty
    assert plan.report.plan is not None
    assert plan.report.plan.tiers == ()


def test_stopped_before_any_plan(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from placement.optimization.heuristics.integer import Whole
    from placement.solvers.solution import Outcome

    stopped = Whole(None, Outcome.STOPPED)
    monkeypatch.setattr("placement.optimization.lexicographic.best_whole", lambda *_, **__: stopped)
    plan = Tiny((US,), (TinySupply("H100 SXM", 3, 1, 5),), (TinyDemand("3"),)).plan(pack)
    assert status(plan) is PlanStatus.STOPPED
    assert plan.report.exit_code == 4


def test_frames_in_and_out(pack: Path) -> None:
    plan = Tiny((US, MY), (TinySupply("H100 SXM", 3, 1, 5),), (TinyDemand("3"),)).plan(pack)
    layout, actions = plan.layout_frame(), plan.actions_frame()
    assert isinstance(layout, pd.DataFrame)
    assert layout["quantity"].astype(int).sum() == 4
    assert set(actions["action"]) == {"install"}


def test_nothing_to_judge(pack: Path) -> None:
    tiny = Tiny((US,), (TinySupply("T4", 1, 1, 1),), (TinyDemand("1"),))
    tables = tiny.tables()
    tables["inventory"]["accelerator"] = "T4"
    with pytest.raises(NothingEvaluatedError):
        make_plan(tiny.config(), tables=tables, policy=str(pack))


def test_solvers_by_name(pack: Path) -> None:
    tiny = Tiny((US, MY), (TinySupply("H100 SXM", 3, 1, 5),), (TinyDemand("3"),))
    assert value(tiny.plan(pack, solver="CBC")) == value(tiny.plan(pack, solver="HiGHS"))
    with pytest.raises(SolverError, match="there is no solver 'hihgs'; did you mean 'highs'"):
        tiny.plan(pack, solver="hihgs")
    with pytest.raises(
        SolverError, match="solver 'gurobi' is not installed; installed here: highs, cbc"
    ):
        tiny.plan(pack, solver="gurobi")
    assert Highs.name == "highs"
