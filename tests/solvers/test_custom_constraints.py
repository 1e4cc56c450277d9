"""A user's function adds constraints: they are kept, proofs stay honest, faults name its file."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pulp
import pytest
from click.testing import CliRunner

import placement
from placement.cli.main import cli
from placement.enums import PlanStatus
from placement.errors import UsageError
from placement.optimization.plan import Plan
from placement.render.optimize import render
from placement.solvers.custom_constraints import NamedColumns, hook_of, read_hook
from tests.support.planned_worlds import World, lots


def not_in_germany(problem: Any, columns: NamedColumns) -> None:
    for stock in columns.find("stock", "de1").values():
        problem += stock <= 0, "nothing in Germany"


def in_germany(problem: Any, columns: NamedColumns) -> None:
    problem += pulp.lpSum(columns.find("install", "de1").values()) >= 5, "five in Germany"


def world(folder: Path, more: str = "", entities: str = "A,US,none\n") -> World:
    """Twenty chips are asked for; one stands at home, and Germany is dearer."""
    return World(
        folder, entities=entities, more=more, demand="2027Q1,accelerators,20,\n",
        site_columns="site,country,power_mw,energy_usd_per_mwh", sites="de1,DE,1,9\nus1,US,1,1\n",
    )  # fmt: skip


def sites(plan: Plan) -> dict[str, int]:
    found: dict[str, int] = {}
    for lot in lots(plan):
        found[lot.site] = found.get(lot.site, 0) + lot.quantity
    return found


def value(plan: Plan) -> Fraction:
    assert plan.report.plan is not None
    return Fraction(plan.report.plan.tiers[-1].value)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_constraints_are_kept(tmp_path: Path, solver: str) -> None:
    for hook, wanted in ((not_in_germany, {"us1": 20}), (in_germany, {"us1": 15, "de1": 5})):
        plan = world(tmp_path).plan(solver=solver, hook=hook)
        assert sites(plan) == wanted
        assert plan.report.exit_code == 0
        assert plan.report.plan is not None
        assert plan.report.plan.status is PlanStatus.OPTIMAL
        assert any(
            note.startswith(f"{hook.__name__} added 1 constraints") for note in plan.report.notes
        )


def test_a_bound_is_proven_without_them_and_is_said_to_be(tmp_path: Path) -> None:
    free, held = world(tmp_path).plan(), world(tmp_path).plan(hook=in_germany)
    assert value(held) > value(free)
    assert held.report.plan is not None
    tier = held.report.plan.tiers[-1]
    assert Fraction(tier.bound) <= value(free) < value(held)
    assert Fraction(tier.gap) > 0
    assert held.report.plan.claimed_bound is not None
    assert Fraction(held.report.plan.claimed_bound) > value(free)
    assert held.certificate is not None
    assert held.certificate.value <= value(free) * 1_000_000


def test_sums_are_in_their_own_units(tmp_path: Path) -> None:
    """A total is scaled for the solver; the function sees thousandths of a TPP all the same."""

    def most(problem: Any, columns: NamedColumns) -> None:
        for total in columns.find("total", "tpp", "DE").values():
            problem += total == 3 * 1_000_000 * 1000

    plan = world(tmp_path, entities="A,US,uveu\n").plan(hook=most)
    assert sites(plan) == {"us1": 17, "de1": 3}


def test_columns_of_ones_own(tmp_path: Path) -> None:
    def all_or_nothing(problem: Any, columns: NamedColumns) -> None:
        opened = problem.add_variable("opened", cat=pulp.LpBinary)
        for units in columns.find("stock", "de1").values():
            problem += units >= 12 * opened
            problem += units <= 100 * opened
            problem += units >= 1

    assert sites(world(tmp_path).plan(hook=all_or_nothing))["de1"] >= 12


def test_constraints_that_leave_no_plan(tmp_path: Path) -> None:
    def none(problem: Any, columns: NamedColumns) -> None:
        problem += pulp.lpSum(columns.find("stock").values()) <= 3

    plan = world(tmp_path).plan(hook=none)
    assert plan.report.exit_code == 3
    assert plan.conflict is None
    assert plan.certificate is None
    said = "with the constraints of none there is no plan, by the word of the solver"
    assert said in plan.report.notes
    assert said in " ".join(render(plan).split())


def test_what_is_infeasible_without_them_is_proven(tmp_path: Path) -> None:
    one = world(tmp_path)
    one.demand = "2027Q1,accelerators,99999,\n"
    plan = one.plan(hook=in_germany)
    assert plan.report.exit_code == 3
    assert plan.certificate is not None
    assert plan.conflict is not None


def test_every_solver_that_is_asked_gets_them(tmp_path: Path) -> None:
    plan = world(tmp_path).plan(hook=in_germany, cross_check="cbc")
    assert plan.report.plan is not None
    assert plan.report.plan.cross_check is not None
    assert plan.report.plan.cross_check.agrees is True


def test_a_plan_that_breaks_them_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from placement.solvers.pulp_solvers import Hooked

    real = Hooked.broken
    told: list[list[str]] = []

    def without_one(self: Hooked, x: Any) -> list[str]:
        worse = x.copy()
        worse[:] = 0
        told.append(real(self, worse))
        return told[-1]

    assert sites(world(tmp_path).plan(hook=in_germany)) == {"us1": 15, "de1": 5}
    monkeypatch.setattr(Hooked, "broken", without_one)
    plan = world(tmp_path).plan(hook=in_germany)
    assert told == [["five_in_Germany"]]
    assert plan.layout is None
    assert plan.report.exit_code == 4
    assert any("keeps the constraints of in_germany" in note for note in plan.report.notes)


def test_the_objective_is_ours(tmp_path: Path) -> None:
    def cheat(problem: Any, columns: NamedColumns) -> None:
        problem.setObjective(0 * next(iter(columns.find("stock").values())))

    with pytest.raises(UsageError, match="changes the objective"):
        world(tmp_path).plan(hook=cheat)


def test_faults_of_the_function_name_its_line(tmp_path: Path) -> None:
    file = tmp_path / "rules.py"
    file.write_text(
        "def add(problem, columns):\n    return columns.find('stok')\n\n"
        "def few(problem):\n    pass\n\n"
        "def deep(problem, columns):\n    helper()\n\n"
        "def helper():\n    raise RuntimeError('no \\x1b[31m')\n"
    )  # fmt: skip
    for name, line, said in (
        ("add", 2, "LookupError: .*did you mean 'stock'"),
        ("few", 4, "TypeError: .*takes 1 positional argument"),
        ("deep", 11, "RuntimeError: no"),
    ):
        with pytest.raises(UsageError, match=said) as caught:
            world(tmp_path).plan(hook=f"{file}:{name}")
        assert (caught.value.problems[0].file, caught.value.problems[0].line) == (str(file), line)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules.py", "names no function"),
        (":add", "names no function"),
        ("none.py:add", "no such file"),
        ("{0}/rules.py:ad", "has no function 'ad'; did you mean 'add'"),
        ("{0}/rules.py:number", "has no function 'number'"),
        ("{0}/broken.py:add", r"broken.py:2: SyntaxError"),
        ("{0}/raises.py:add", r"raises.py:3: ZeroDivisionError"),
        ("{0}/data.txt:add", "is no Python file"),
    ],
)
def test_faults_of_the_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rules.py").write_text("number = 3\n\ndef add(problem, columns):\n    pass\n")
    (tmp_path / "broken.py").write_text("x = 1\ndef add(:\n")
    (tmp_path / "raises.py").write_text("x = 1\n\nx / 0\n")
    (tmp_path / "data.txt").write_text("")
    with pytest.raises(UsageError, match=said):
        read_hook(text.format(tmp_path))


def test_no_function_at_all() -> None:
    with pytest.raises(UsageError, match="cannot be a int"):
        hook_of(3)  # type: ignore[arg-type]
    assert hook_of(None) is None


def test_a_configuration_names_no_code(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"optimize\.hook"):
        world(tmp_path, '[optimize]\nhook = "rules.py:add"\n').plan()


def test_command_and_api(tmp_path: Path) -> None:
    file = tmp_path / "rules.py"
    file.write_text(
        "def add(problem, columns):\n"
        "    problem += sum(columns.find('install', 'de1').values()) >= 5\n"
    )
    (tmp_path / "in").mkdir()
    world(tmp_path / "in").plan()
    out = tmp_path / "o"
    found = subprocess.run(
        [sys.executable, "-m", "placement", "optimize", str(tmp_path / "in"), "--out", str(out),
         "--hook", f"{file}:add", "--output", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["plan"]["status"] == "optimal"  # no solver wrote before it
    assert "de1" in (out / "layout.csv").read_text()
    assert sites(placement.optimize(tmp_path / "in", hook=in_germany))["de1"] == 5
    file.write_text("def add(problem, columns):\n    raise ValueError('mine')\n")
    failed = CliRunner().invoke(cli, ["optimize", str(tmp_path / "in"), "--hook", f"{file}:add"])
    assert isinstance(failed.exception, UsageError)
    assert f"{file}:2: ValueError: mine" in str(failed.exception)
