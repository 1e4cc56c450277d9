"""The second opinion: agreement, and every way to disagree."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from placement.cli.main import cli
from placement.enums import ColumnKind, PlanStatus
from placement.errors import SolverError
from placement.lp.program import Program
from placement.optimization import cross_check as module
from placement.optimization import run as plan_module
from placement.optimization.cross_check import cross_check
from placement.optimization.lexicographic import SearchResult
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from placement.render.optimize import render
from placement.report import CrossCheck
from placement.solvers.highs import Highs
from placement.solvers.registry import solver_named
from placement.solvers.solution import Outcome, Solution
from tests.solvers.test_solve_context import world
from tests.support.paths import ROOT

INPUTS = ROOT / "inputs"


@dataclass
class Liar:
    """HiGHS, with something else in its answer."""

    lie: Any
    name: str = "liar"

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        return self._said(program, Highs().solve(program, time_limit=time_limit, gap=gap))

    def relax(self, program: Program, *, time_limit: float = 1e9) -> Solution:
        return self._said(program, Highs().relax(program, time_limit=time_limit))

    def _said(self, program: Program, answer: Solution) -> Solution:
        said: Solution = self.lie(program, answer)
        return said


def told(plan: Plan) -> CrossCheck:
    assert plan.report.plan is not None
    assert plan.report.plan.cross_check is not None
    return plan.report.plan.cross_check


def lied(folder: Path, monkeypatch: pytest.MonkeyPatch, lie: Any) -> Plan:
    """Plan with HiGHS, and let a liar check it."""
    monkeypatch.setattr(
        plan_module, "solver_named", lambda name, _hook: Liar(lie) if name == "liar" else Highs()
    )
    return world(folder).plan(cross_check="liar")


@pytest.mark.parametrize("name", ["cbc", "highs"])
def test_solvers_agree(tmp_path: Path, name: str) -> None:
    plan = world(tmp_path).plan(cross_check=name)
    found = told(plan)
    assert plan.report.plan is not None
    assert (found.solver, found.of, found.status, found.agrees) == (
        name, "whole units", "optimal", True,
    )  # fmt: skip
    assert Fraction(found.value or 0) == Fraction(plan.report.plan.tiers[-1].value)
    assert f"CROSS-CHECK by {name} agrees (whole units, optimal; value 1,900.00" in render(plan)
    assert "cross-check" in plan.report.plan.timings


def test_solvers_agree_on_a_large_program_by_its_relaxation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WHOLE", 0)
    found = told(world(tmp_path).plan(cross_check="cbc"))
    assert (found.of, found.status, found.agrees) == ("relaxation", "optimal", True)


def test_solvers_agree_that_there_is_no_plan() -> None:
    for name in ("cbc", "highs"):
        plan = make_plan(INPUTS / "infeasible", cross_check=name)
        assert (told(plan).status, told(plan).agrees, told(plan).value) == (
            "infeasible", True, None,
        )  # fmt: skip
        assert plan.report.exit_code == 3


def cheaper(by: float) -> Any:
    def lie(_: Program, answer: Solution) -> Solution:
        assert answer.objective is not None
        return replace(answer, x=(), objective=answer.objective * (1 - by), bound=None)

    return lie


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (cheaper(0.01), "its optimum is below our proven bound"),
        (lambda *_: Solution(Outcome.INFEASIBLE, "liar"), "it says that there is no plan"),
        (
            lambda _p, a: replace(a, objective=a.objective * 1.01, bound=a.objective * 1.01),
            "it says that no plan is as good as ours",
        ),
    ],
)
@pytest.mark.parametrize("most", [5000, 0])
def test_disagreements_are_said_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: Any, said: str, most: int
) -> None:
    monkeypatch.setattr(module, "MOST_WHOLE", most)
    plan = lied(tmp_path, monkeypatch, lie)
    assert told(plan).agrees is False
    assert told(plan).disagreement.startswith(said)
    assert plan.report.exit_code == 0  # the plan was judged, whatever the other one says
    text = render(plan)
    assert "CROSS-CHECK by liar DISAGREES" in text
    assert text.splitlines()[-1].startswith(f"CROSS-CHECK: liar disagrees: {said}")


def test_digits_that_floats_lose_are_no_disagreement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(lied(tmp_path, monkeypatch, cheaper(1e-8))).agrees is True


def test_nothing_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = lied(tmp_path, monkeypatch, lambda *_: Solution(Outcome.STOPPED, "liar"))
    assert told(plan).agrees is None
    assert "CROSS-CHECK by liar gives no second opinion (whole units, stopped" in render(plan)


class Slow(Liar):
    """It ends no search of whole units."""

    def solve(self, program: Program, *, time_limit: float, gap: float) -> Solution:
        del program, time_limit, gap
        return Solution(Outcome.STOPPED, "slow")


@pytest.mark.parametrize(("by", "agrees"), [(0.0, True), (0.01, False)])
def test_the_relaxation_is_compared_always(tmp_path: Path, by: float, agrees: bool) -> None:
    plan = world(tmp_path).plan()
    program, slow = plan.program, Slow(cheaper(by))
    assert plan.certificate is not None
    from placement.optimization.heuristics.integer import exact

    best = exact(program, Highs().solve(program, time_limit=9, gap=0).x)
    search = SearchResult(
        PlanStatus.OPTIMAL, program, best, certificate=plan.certificate, aim=plan.search.aim,
        within_gap=True,
    )  # fmt: skip
    found = cross_check(search, slow, time_limit=9, gap=Fraction(0))
    assert (found.of, found.agrees) == ("relaxation", agrees)
    assert found.status == found.relaxation_status == "optimal"
    assert found.value == found.relaxation_value is not None
    both = cross_check(search, Highs(), time_limit=9, gap=Fraction(0))
    assert (both.of, both.agrees, both.relaxation_status) == ("whole units", True, "optimal")
    assert both.relaxation_value is not None


def test_a_better_plan_that_keeps_every_row_is_a_disagreement(tmp_path: Path) -> None:
    """Ours is made worse by hand: bought and left idle."""
    plan = world(tmp_path).plan()
    program = plan.program
    search = SearchResult(PlanStatus.OPTIMAL, program, within_gap=True)
    from placement.optimization.heuristics.integer import exact

    best = exact(program, Highs().solve(program, time_limit=9, gap=0).x)
    worse = best.copy()
    installs = program.columns.of_kind(ColumnKind.INSTALL)
    free = installs[np.flatnonzero(worse[installs] < program.upper[installs])[0]]
    worse[free] += 5
    worse = program.complete(worse)
    assert program.is_kept(worse)
    search = replace(search, x=worse, aim=plan.search.aim)
    found = cross_check(search, Highs(), time_limit=9, gap=Fraction(1, 10**6))
    assert found.disagreement.startswith("its plan keeps every row and is better than ours")
    wide = cross_check(search, Highs(), time_limit=9, gap=Fraction(1, 2))
    assert wide.agrees is True
    # A bound that is too high is found out by any plan below it.
    assert plan.certificate is not None
    high = replace(plan.certificate, value=Fraction(program.cost(best)) + Fraction(1, 2))
    search = replace(search, x=best, certificate=high)
    found = cross_check(search, Highs(), time_limit=9, gap=Fraction(0))
    assert found.disagreement == "its plan keeps every row and is below our proven bound"


def test_a_plan_where_we_say_there_is_none(tmp_path: Path) -> None:
    plan = world(tmp_path).plan()
    search = SearchResult(
        PlanStatus.INFEASIBLE, plan.program, certificate=plan.certificate, aim=plan.search.aim
    )
    found = cross_check(search, Highs(), time_limit=9, gap=Fraction(0))
    assert found.disagreement == "it has a plan, and we say that there is none"


def test_unknown_solver_is_told_before_anything_is_solved(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="no solver 'cpc'"):
        world(tmp_path).plan(cross_check="cpc")
    assert solver_named("highs").name == "highs"


@pytest.fixture
def quarter(tmp_path: Path) -> Path:
    """All sites of the example and one quarter, which takes both solvers about a second."""
    folder = tmp_path / "example"
    folder.mkdir()
    for file in (INPUTS / "example").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = folder / "placement.toml"
    config.write_text(config.read_text().replace("periods = 12", "periods = 1"))
    return folder


def test_command_says_it_in_text_and_json(quarter: Path) -> None:
    out = quarter / "out"
    found = CliRunner().invoke(
        cli, ["optimize", str(quarter), "--cross-check", "cbc", "--out", str(out)]
    )
    assert found.exit_code == 0
    assert "CROSS-CHECK by cbc agrees" in found.output
    report = json.loads((out / "report.json").read_text())
    assert report["plan"]["cross_check"]["agrees"] is True
    assert report["plan"]["cross_check"]["solver"] == "cbc"


def test_solvers_agree_on_the_optimum_of_the_example_within_their_gaps(quarter: Path) -> None:
    gap = Fraction(1, 2000)
    plan = make_plan(quarter, gap=gap, time_limit=25, cross_check="cbc")
    assert plan.report.plan is not None
    assert plan.search.within_gap
    ours, bound = (Fraction(getattr(plan.report.plan.tiers[-1], n)) for n in ("value", "bound"))
    found = told(plan)
    assert (found.of, found.agrees) == ("whole units", True)
    theirs, claimed = Fraction(found.value or 0), Fraction(found.bound or 0)
    assert theirs >= bound
    assert claimed <= ours
    if found.status == "optimal":  # on a slow machine the limit may end it before
        assert abs(theirs - ours) <= 2 * gap * ours
        assert theirs - claimed <= 2 * gap * theirs
