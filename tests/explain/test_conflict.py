"""A conflict is really infeasible, and without any one of its parts the rest is not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from placement.explain.conflict import Conflict, Part, explain
from placement.planner.loosen import loosened
from placement.planner.program import Program
from placement.planner.solution import Outcome
from placement.planner.solvers import Session, WholeSession
from placement.verify import verify
from placement.vocabulary import PlanStatus
from tests.planner.test_brute_force import instances
from tests.planner.tiny import Tiny, write_pack
from tests.planner.world import World, conflict


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pack(tmp_path_factory.mktemp("pack"))


def feasible(program: Program, groups: set[str], *, whole_units: bool) -> bool:
    """Solve a fresh model that has only the rows of some groups, and those that define columns."""
    free = {
        row: (None, None)
        for row, meaning in enumerate(program.rows)
        if meaning.group and meaning.group not in groups
    }
    alone = program.with_ends(free).with_objective({})
    session = (WholeSession if whole_units else Session)(alone, free_upper=True)
    return session.run().outcome is Outcome.OPTIMAL


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
    whole = plan.certificate is None
    assert not feasible(plan.program, names, whole_units=whole)
    for name in names:
        assert feasible(plan.program, names - {name}, whole_units=whole)
    if plan.certificate is not None:
        assert plan.certificate.kind == "infeasible"
        assert verify(plan.program, plan.certificate)
    elif not whole:
        raise AssertionError("an infeasible relaxation without a proof")


def test_a_relaxation_without_a_point_is_always_proven(pack: Path) -> None:
    from tests.planner.tiny import TinyDemand, TinySite, TinySupply

    tiny = Tiny(
        (TinySite("us", "US", power_kw=3), TinySite("de", "DE", power_kw=3, status="frozen")),
        (TinySupply("B200", 0, 1, 4),),
        (TinyDemand("4", model="B200"),),
    )
    plan = tiny.plan(pack)
    assert plan.certificate is not None
    assert verify(plan.program, plan.certificate)


def test_the_shipped_example_in_the_words_of_the_pack() -> None:
    from placement.planner.plan import make_plan

    plan = make_plan(Path(__file__).parents[2] / "inputs" / "infeasible")
    assert plan.report.exit_code == 3
    assert plan.report.plan is not None
    assert plan.report.plan.conflict == (
        "demand line 3 (residency Malaysia, MY): 591 accelerators less would do",
        "no useless kit (allow_dilution = false): giving way here alone is not enough",
        "uveu.single_country in MY: at most 7 % of owned computing power in any one country "
        "outside tier 1: 8,694,302 TPP over the limit would do",
    )


def test_giving_as_much_as_it_says_is_enough(pack: Path) -> None:
    from tests.planner.tiny import TinyDemand, TinySite, TinySupply

    tiny = Tiny(
        (TinySite("us", "US", power_kw=10), TinySite("my", "MY")),
        (TinySupply("H100 SXM", 20, 1, 4),),
        (TinyDemand("15", countries=("US",)),),
    )
    plan = tiny.plan(pack)
    assert plan.conflict is not None
    short = {part.kind: part.short for part in plan.conflict.parts}
    assert short == {"power": 5, "demand": 5}
    conflict = explain(plan.program)
    assert conflict == plan.conflict


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
    part = Part("demand line 2 (US)", "demand", None, "accelerators")
    assert Conflict((part,), irreducible=True).sentences() == (
        "demand line 2 (US): giving way here alone may do; by how much was not found",
    )


def test_each_group_gives_as_much_as_in_the_plain_program(pack: Path) -> None:
    """By generated steps, and by all columns at once."""
    from tests.planner.tiny import TinyDemand, TinySite, TinySupply

    tiny = Tiny(
        (TinySite("us", "US", power_kw=10), TinySite("my", "MY")),
        (TinySupply("H100 SXM", 20, 1, 4), TinySupply("B200", 3, 1, 4)),
        (TinyDemand("15", countries=("US",)), TinyDemand("9", countries=("MY",))),
    )
    plan = tiny.plan(pack)
    assert plan.conflict is not None
    program = plan.program
    assert program.steps is not None
    assert explain(replace(program, steps=None)) == plan.conflict
    for part in plan.conflict.parts:
        rows = [row for row, meaning in enumerate(program.rows) if meaning.group == part.name]
        loose = loosened(program, rows)
        session = Session(replace(loose, steps=None), free_upper=True)
        answer = session.run()
        assert part.helps == (answer.outcome is Outcome.OPTIMAL)
        given = sum(
            Fraction(answer.x[column]) / program.rows[int(loose.columns[column].of[0])].scale
            for column in range(len(program.columns), len(loose.columns))
            if part.helps
        )
        assert part.short == (max(1, ceil(given - Fraction(1, 10**6))) if part.helps else None)
