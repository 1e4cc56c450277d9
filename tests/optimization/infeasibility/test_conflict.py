"""A conflict is really infeasible, and without any one of its parts the rest is not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from placement.enums import PlanStatus, RowKind
from placement.lp.program import Program
from placement.optimization.infeasibility.amounts import Given
from placement.optimization.infeasibility.conflict import Conflict, Part, explain
from placement.optimization.model.build import build
from placement.optimization.model.credit.served_alone import served_alone
from placement.optimization.model.objectives.tiers import add_objective_variables
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import build_sets
from placement.optimization.plan import Plan
from placement.optimization.solving import candidates
from placement.proof.verify import verify
from placement.solvers.highs import HighsMip
from placement.solvers.solution import Outcome
from tests.optimization.against_oracle.test_one_period import instances
from tests.support.paths import ROOT
from tests.support.planned_worlds import World, conflict
from tests.support.tiny_one_period import Tiny, write_pack


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("pack"))


def wider(plan: Plan) -> Program:
    """Write the program that a conflict is about, with the full sites in it."""
    problem = plan.task.problem
    grid, law = build_sets(problem, roomy=True), RuleInstances(problem)
    alone = served_alone(grid, law)
    return add_objective_variables(grid, law, build(grid, law, candidates(problem)[-1], alone))


def feasible(program: Program, groups: set[str]) -> bool:
    """Solve a fresh model that has only the rows of some groups, and those that define columns."""
    free = {
        row: (None, None)
        for row, meaning in enumerate(program.rows)
        if meaning.group and meaning.group not in groups
    }
    alone = program.with_ends(free).with_objective({})
    return HighsMip(alone, free_upper=True).run().outcome is Outcome.OPTIMAL


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tiny=instances())
def test_irreducible(tiny: Tiny, pack: Path) -> None:
    plan = tiny.plan(pack)
    assert plan.report.plan is not None
    if plan.report.plan.status is not PlanStatus.INFEASIBLE:
        assert plan.conflict is None
        return
    conflict = plan.conflict
    assert conflict is not None
    assert conflict.irreducible
    assert len(plan.report.plan.conflict) == len(conflict.parts) > 0
    names = {part.name for part in conflict.parts}
    program = wider(plan)
    assert not feasible(program, names)
    for name in names:
        assert feasible(program, names - {name})
    if plan.certificate is not None:
        assert plan.certificate.kind == "infeasible"
        assert verify(plan.program, plan.certificate)


def test_a_relaxation_without_a_point_is_always_proven(pack: Path) -> None:
    from tests.support.tiny_one_period import TinyDemand, TinySite, TinySupply

    tiny = Tiny(
        (TinySite("us", "US", power_kw=3), TinySite("de", "DE", power_kw=3, status="frozen")),
        (TinySupply("B200", 0, 1, 4),),
        (TinyDemand("4", model="B200"),),
    )
    plan = tiny.plan(pack)
    assert plan.certificate is not None
    assert verify(plan.program, plan.certificate)


def test_the_shipped_example_in_the_words_of_the_pack() -> None:
    from placement.optimization.run import make_plan

    plan = make_plan(ROOT / "inputs" / "infeasible")
    assert plan.report.exit_code == 3
    assert plan.report.plan is not None
    assert plan.report.plan.conflict == (
        "demand line 3 (residency Malaysia, MY): 596 accelerators less would do",
        "no useless kit (allow_dilution = false): giving way here alone is not enough",
        "uveu.single_country in MY: at most 7 % of owned computing power in any one country "
        "outside tier 1: 8,753,197 TPP over the limit would do",
    )


def test_giving_as_much_as_it_says_is_enough(pack: Path) -> None:
    from tests.support.tiny_one_period import TinyDemand, TinySite, TinySupply

    tiny = Tiny(
        (TinySite("us", "US", power_kw=10), TinySite("my", "MY")),
        (TinySupply("H100 SXM", 20, 1, 4),),
        (TinyDemand("15", countries=("US",)),),
    )
    plan = tiny.plan(pack)
    assert plan.conflict is not None
    given = {part.kind: part.given.amount for part in plan.conflict.parts if part.given}
    assert given == {"power": 5, "demand": 5}
    assert explain(wider(plan)) == plan.conflict


def test_supply_of_several_periods_gives_once(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        sites="us1,US,9\n",
        supply="X,2027Q1,40,100\nX,2027Q2,40,100\nX,2027Q3,36,100\n",
        demand="2027Q3,accelerators,1000,\n",
        more="periods = 3\n",
    )
    said = conflict(world.plan())
    assert "supply of X: 883 accelerators more would do" in said  # 117 are there, or may be bought


def test_what_was_not_found_does_not_read_as_no_help() -> None:
    part = Part("demand line 2 (US)", RowKind.DEMAND, "accelerators")
    assert Conflict((part,), irreducible=True).sentences() == (
        "demand line 2 (US): giving way here alone may do; by how much was not found",
    )


def test_generated_steps_and_plain_columns_find_the_same(pack: Path) -> None:
    from tests.support.tiny_one_period import TinyDemand, TinySite, TinySupply

    tiny = Tiny(
        (TinySite("us", "US", power_kw=10), TinySite("my", "MY")),
        (TinySupply("H100 SXM", 20, 1, 4), TinySupply("B200", 3, 1, 4)),
        (TinyDemand("15", countries=("US",)), TinyDemand("9", countries=("MY",))),
    )
    plan = tiny.plan(pack)
    assert plan.conflict is not None
    program = wider(plan)
    assert program.steps is not None
    assert explain(replace(program, steps=None)) == plan.conflict


def amount(kind: str, unit: str, given: Given, *, is_low: bool = False) -> str:
    return Conflict((Part("G", RowKind(kind), unit, given, is_low=is_low),), True).sentences()[0]


def test_words() -> None:
    one, some = (
        Given(Fraction(1)),
        Given(Fraction(5, 2), (("a", Fraction(2)), ("b", Fraction(1, 2)))),
    )
    assert amount("racks", "places", one) == "G: 1 place more would do"
    assert amount("demand", "accelerators", one) == "G: 1 accelerator less would do"
    assert amount("power", "kW", some) == "G: 2.5 kW more would do (2 at a, 0.5 at b)"
    assert amount("budget", "EUR", Given(Fraction("1000.05"))) == "G: 1,000.05 EUR more would do"
    assert amount("commitment", "tpp", one, is_low=True) == "G: 1 tpp less would do"
    assert amount("commitment", "tpp", one) == "G: 1 tpp more would do"
    assert amount("supply", "accelerators", replace(one, is_least=False)) == (
        "G: 1 accelerator more would do, perhaps less"
    )
    assert amount("supply", "accelerators", replace(one, is_enough=False)) == (
        "G: it takes at least 1 accelerator more; how much would do was not found"
    )


def said_of(folder: Path, commitment: str, **given: str) -> tuple[str, ...]:
    folder.mkdir()
    (folder / "commitments.csv").write_text(f"kind,country,quantity\n{commitment}")
    info = World(folder, sites="us1,US,9\n", **given).plan().report.plan  # type: ignore[arg-type]
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE
    return info.conflict


def test_commitments_and_budgets_say_how_much(tmp_path: Path) -> None:
    """One stands. Ten more cost 1,000."""
    eleven = "2027Q1,accelerators,11,\n"
    least = "demand line 2 (anywhere): "
    more = "[optimize]\nbudget_usd_per_period = 900\n"
    assert said_of(tmp_path / "a", "", demand=eleven, more=more) == (
        "budget of 2027Q1: 100 USD more would do", least + "1 accelerator less would do",
    )  # fmt: skip
    assert said_of(tmp_path / "b", "at_most,US,8\n", demand=eleven) == (
        "commitment line 2 (US): 3 accelerators more would do",
        least + "3 accelerators less would do",
    )
    for kind in ("at_least", "exactly"):
        assert said_of(tmp_path / kind, f"{kind},US,12\n", supply="X,2027Q1,9,100\n") == (
            "supply of X: 2 accelerators more would do",
            "commitment line 2 (US): 2 accelerators less would do",
        )


def lacks(folder: Path, **given: str) -> tuple[str, ...]:
    info = World(folder, **given).plan().report.plan  # type: ignore[arg-type]
    assert info is not None
    assert info.status is PlanStatus.INFEASIBLE
    return info.missing


def test_what_the_tables_lack_is_said_first(tmp_path: Path) -> None:
    (tmp_path / "commitments.csv").write_text("kind,country,quantity\nat_least,US,8\n")
    assert lacks(tmp_path, supply="") == (
        "No demand: demand.csv is missing, or asks for nothing in 2027Q1",
        "No supply: supply.csv is missing, or delivers nothing in 2027Q1",
    )
    assert "supply of X" not in str(said_of(tmp_path / "c", "at_least,US,8\n", supply=""))


def test_what_no_site_can_serve_is_said_first(tmp_path: Path) -> None:
    line, eleven = "demand line 2 (anywhere): ", "2027Q1,accelerators,11,\n"
    frozen = lacks(
        tmp_path, demand=eleven, sites="us1,US,9,frozen\n",
        site_columns="site,country,power_mw,status",
    )  # fmt: skip
    assert frozen == (line + "no site in sites.csv takes anything more: us1 is frozen",)
    late = lacks(
        tmp_path, demand=eleven, sites="us1,US,9,2027-06-01\n",
        site_columns="site,country,power_mw,opens",
    )  # fmt: skip
    assert late == (line + "no site in sites.csv serves in all of 2027Q1: us1",)
    japan = lacks(tmp_path, sites="us1,US,9\n", demand="2027Q1,accelerators,11,JP\n")
    assert japan == ("demand line 2 (JP): sites.csv has no site in JP",)
