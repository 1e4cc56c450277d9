"""The objectives changes and relaxation, by formulas of their own; what is asked for in words."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from placement.cli.main import cli
from placement.enums import ColumnKind, Ended, PlanStatus, RowKind, Verdict
from placement.errors import InputError, UsageError
from placement.lp.auxiliary import UpperEnds, add_min_variables
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import exact_ints
from placement.lp.labels import Label, LabelFamily
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.solvers.test_custom_constraints import sites, world
from tests.support.paths import ROOT

INPUTS = ROOT / "inputs"
LAYOUT = "owner,site,country,accelerator,quantity,in_service,out_of_service\n"


def tiers(plan: Plan) -> dict[str, Fraction]:
    assert plan.report.plan is not None
    return {tier.objective: Fraction(tier.value) for tier in plan.report.plan.tiers}


def previous(folder: Path, rows: str) -> Path:
    path = folder / "before.csv"
    path.write_text(LAYOUT + rows)
    return path


def one_word(word: str) -> tuple[str, ...]:
    return (word,)


def test_followers_are_the_least_of_their_ends() -> None:
    made = ProgramBuilder()
    a = made.column(Label(ColumnKind.INSTALL, ("a",)), 10, cost=1)
    rule = made.row(Label(RowKind.RULE, ("r",)), {a: 3}, None, 4)
    program = made.build()
    names = LabelFamily(ColumnKind.UNCHANGED, one_word, (("a",),), exact_ints([0]).reshape(1, 1))
    found = add_min_variables(
        program, names, exact_ints([-99]), exact_ints([7]),
        (
            UpperEnds(RowKind.UNCHANGED_STOCK, exact_ints([5]), exact_ints([a]), exact_ints([2])),
            UpperEnds(RowKind.UNCHANGED_BEFORE, exact_ints([7])),
        ),
    )  # fmt: skip
    assert [int(found.point({a: n})[1]) for n in (0, 1, 3)] == [5, 7, 7]
    assert [str(one) for one in found.rows][1:] == [
        "unchanged at most stock of a", "unchanged at most before of a",
    ]  # fmt: skip
    found = add_min_variables(
        program,
        names,
        exact_ints([-99]),
        exact_ints([0]),
        (UpperEnds(RowKind.INSIDE_NONE, exact_ints([0])),),
        into=exact_ints([rule]),
    )
    # The row is 1 x a <= 1 in whole units, and holds whatever a is.
    assert [int(found.point({a: n})[1]) for n in (0, 1, 3)] == [0, 0, -2]
    assert all(found.is_kept(found.point({a: n})) for n in (0, 3, 10))
    assert not program.is_kept(program.point({a: 3}))


@pytest.mark.parametrize(
    ("rows", "wanted", "changes"),
    [
        ("A,gone,FR,X,3,,\n", {"us1": 20}, 23),  # everything is new: the cheapest
        ("A,de1,DE,X,6,,\n", {"us1": 14, "de1": 6}, 14),
        ("A,de1,DE,X,30,,\n", {"us1": 1, "de1": 30}, 1),
        ("A,de1,DE,X,6,,2027-02-01\nA,de1,DE,X,2,2027-03-31,\n", {"us1": 18, "de1": 2}, 18),
        ("A,gone,FR,X,5,,\nA,us1,US,H100 SXM,8,,\nA,us1,US,X,1,,\n", {"us1": 20}, 19 + 5 + 8),
    ],
)
def test_changes_against_a_layout_of_before(
    tmp_path: Path, rows: str, wanted: dict[str, int], changes: int
) -> None:
    path = previous(tmp_path, rows)
    plan = world(tmp_path).plan(objective="changes, cost", previous=path)
    assert sites(plan) == wanted
    assert tiers(plan)["changes"] == changes
    assert plan.report.plan is not None
    assert plan.report.plan.status is PlanStatus.OPTIMAL


def test_changes_over_periods_and_with_kit_that_no_plan_touches(tmp_path: Path) -> None:
    """Ordered kit comes in the second quarter; the layout of before had two chips of it earlier."""
    one = world(tmp_path, "periods = 2\n")
    one.columns += ",status,in_service"
    one.inventory = "A,us1,US,X,1,installed,\nA,de1,DE,X,4,ordered,2027-05-01\n"
    one.demand = "2027Q1,accelerators,3,\n2027Q2,accelerators,3,\n"
    rows = "A,us1,US,X,1,,\nA,de1,DE,X,2,,\n"
    plan = one.plan(objective="changes,cost", previous=previous(tmp_path, rows))
    # Q1: 2 in Germany as before. Q2: those and 4 that were ordered, where 2 stood.
    assert tiers(plan)["changes"] == 4
    assert sites(plan) == {"us1": 1, "de1": 6}


def test_the_layout_of_a_plan_is_no_change(tmp_path: Path) -> None:
    first = make_plan(INPUTS / "example", gap=Fraction(1, 100))
    path = tmp_path / "layout.csv"
    first.layout_frame().to_csv(path, index=False)
    again = make_plan(
        INPUTS / "example", objective=["changes", "cost"], previous=path, gap=Fraction(1, 100)
    )
    assert tiers(again)["changes"] == 0
    assert again.report.plan is not None
    # A sum of distances is not below 0: nothing is searched for once it is 0.
    assert again.report.plan.tiers[0].bound == "0.000000"
    assert again.report.plan.search[0].ended is Ended.NEAR
    assert tiers(again)["cost"] == tiers(first)["cost"]


def test_a_layout_of_before_has_its_own_faults(tmp_path: Path) -> None:
    path = previous(tmp_path, "A,us1,US,X,-3,,\n")
    with pytest.raises(InputError, match=r"before\.csv:2: quantity '-3'"):
        world(tmp_path).plan(objective="changes", previous=path)


def test_relaxation_breaks_rules_by_as_little_as_can_be() -> None:
    plan = make_plan(INPUTS / "infeasible", objective="relaxation,cost")
    assert plan.report.exit_code == 1
    assert plan.report.verdict is Verdict.BREACH
    assert plan.layout is not None
    assert plan.report.plan is not None
    assert plan.report.plan.compliant_from is None
    assert any(note.endswith("is no compliant plan") for note in plan.report.notes)
    (breach,) = plan.report.breaches
    part, whole = Fraction(breach.numerator or 0), Fraction(breach.denominator or 0)
    before = sum(
        Fraction(lot.quantity * plan.task.problem.kits[lot.model].mtpp, 1000)
        for lot in plan.task.problem.lots
    )
    excess = (part - Fraction(7, 100) * whole) / (Fraction(7, 100) * before)
    assert abs(tiers(plan)["relaxation"] - excess) < Fraction(1, 10**5)


def test_relaxation_breaks_nothing_where_it_need_not(tmp_path: Path) -> None:
    plan = world(tmp_path, entities="A,US,uveu\n").plan(objective="relaxation,cost")
    free = world(tmp_path, entities="A,US,uveu\n").plan()
    assert tiers(plan)["relaxation"] == 0
    assert tiers(plan)["cost"] == tiers(free)["cost"]
    assert plan.report.exit_code == 0
    assert plan.report.plan is not None
    assert plan.report.plan.compliant_from is not None


def test_capacity_is_not_relaxed(tmp_path: Path) -> None:
    one = world(tmp_path, entities="A,US,uveu\n")
    one.demand = "2027Q1,accelerators,99999,\n"
    assert one.plan(objective="relaxation").report.exit_code == 3


def test_objectives_of_the_caller_win(tmp_path: Path) -> None:
    more = '[optimize]\nobjective = ["moves", "cost"]\nslack = [0, 0.1]\n'
    assert list(tiers(world(tmp_path, more).plan(objective="cost,carbon"))) == ["cost", "carbon"]
    with pytest.raises(UsageError, match=r"1 objectives, and .optimize. slack has 2 numbers"):
        world(tmp_path, more).plan(objective="cost")
    with pytest.raises(UsageError, match="did you mean 'cost'") as caught:
        world(tmp_path).plan(objective="cots,cost,cost")
    assert len(caught.value.problems) == 2
    with pytest.raises(UsageError, match="give --previous"):
        world(tmp_path).plan(objective="changes")
    # Without that objective a plan of before is where the search starts.
    began = world(tmp_path).plan(previous=previous(tmp_path, "A,de1,DE,X,19,,\n"))
    assert tiers(began) == tiers(world(tmp_path).plan())


def test_what_of_a_layout_has_no_place_here_is_said(tmp_path: Path) -> None:
    rows = "A,de1,DE,X,19,,\nZeta,nowhere,JP,X,7,,\nA,gone,FR,X,2,,\n"
    plan = world(tmp_path).plan(previous=previous(tmp_path, rows))
    file = tmp_path / "before.csv"
    said = [one for one in plan.report.notes if str(file) in one]
    assert said == [
        f"the search starts from {file}",
        f"of {file}, 9 accelerators stand at no site of this plan: nowhere, gone",
        f"of {file}, 7 accelerators are of companies that own nothing here: Zeta",
    ]
    plan = world(tmp_path).plan(previous=file, objective="cost,changes")
    against = f"the search starts from {file}, and the objective changes is against it"
    assert against in plan.report.notes


@pytest.mark.parametrize("place", ["every_period", "by_end", "as_much_as_fits"])
def test_deliveries_that_are_placed_besides_demand_are_said(tmp_path: Path, place: str) -> None:
    plan = world(tmp_path, f'[optimize]\nplace = "{place}"\n').plan()
    (said,) = [one for one in plan.report.assumptions if one.startswith("place = ")]
    assert said.startswith(f'place = "{place}": ')
    assert said.endswith("whatever demand.csv asks for")
    assert not [one for one in world(tmp_path).plan().report.assumptions if "place =" in one]


def test_command(tmp_path: Path) -> None:
    found = CliRunner().invoke(
        cli, ["optimize", str(INPUTS / "infeasible"), "--objective", "relaxation,cost", "--out",
              str(tmp_path)],
    )  # fmt: skip
    assert found.exit_code == 1
    assert (tmp_path / "layout.csv").is_file()
    assert "relaxation 1.80; proven" in found.output
    assert "\n  verdict  BREACH, not enforced: " in found.output
