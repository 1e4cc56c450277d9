"""Threads, seed, the wish to stop, and what is told on the way."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import placement
from placement.cli.main import cli
from placement.cli.screen.progress import said_of, shown_on
from placement.enums import ColumnKind, PlanStatus, RowKind, TierStatus
from placement.errors import UsageError
from placement.lp.program import Program
from placement.optimization import lexicographic as search_module
from placement.optimization.progress import ProgressEvent, ProgressTracker
from placement.optimization.results.search_notes import INTERRUPTED
from placement.optimization.run import make_plan
from placement.render.optimize import render
from placement.solvers import pulp_solvers as solvers_pulp
from placement.solvers.column_generation import ColumnGeneration, relaxation_of
from placement.solvers.highs import Highs, HighsLp, HighsMip, quiet_highs
from placement.solvers.solution import Outcome, Solution
from placement.solvers.solve_context import SolveContext, Stop, solving_in
from tests.lp.test_program import knapsack
from tests.support.many_sites import big
from tests.support.paths import ROOT
from tests.support.planned_worlds import World

INPUTS = ROOT / "inputs"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["optimize", *args])


def world(folder: Path, more: str = "") -> World:
    return World(
        folder, entities="A,US,none\n", sites="de1,DE,1\nus1,US,1\n",
        demand="2027Q1,accelerators,20,\n", more=more,
    )  # fmt: skip


def test_threads_and_seed_reach_highs() -> None:
    with solving_in(SolveContext(threads=2, seed=7)):
        two = quiet_highs()[0]
        assert two.getOptionValue("threads")[1] == 2
        assert two.getOptionValue("random_seed")[1] == 7
        assert Highs().solve(knapsack(), time_limit=5, gap=0).outcome is Outcome.OPTIMAL
    one = quiet_highs()[0]
    assert one.getOptionValue("threads")[1] == 1
    assert Highs().solve(knapsack(), time_limit=5, gap=0).outcome is Outcome.OPTIMAL


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("PULP_CBC_CMD", {"threads": 103, "options": ["randomSeed 5", "randomCbcSeed 5"]}),
        ("HiGHS", {"threads": 3, "random_seed": 5, "gapRel": 0.25, "timeLimit": 1.5}),
        ("GLPK_CMD", {"timeLimit": 2, "options": ["--seed", "5", "--mipgap", "0.25"]}),
        ("SCIP_CMD", {"threads": 3, "options": ["randomization/randomseedshift=5"]}),
    ],
)
def test_every_solver_gets_what_it_takes(name: str, wanted: dict[str, object]) -> None:
    with solving_in(SolveContext(threads=3, seed=5)):
        found = solvers_pulp.options_of(name, time_limit=1.5, gap=0.25)
    assert wanted.items() <= found.items()
    solvers_pulp._solver(name, mip=True, **found)


@pytest.mark.parametrize(("solver", "sites"), [("highs", 40), ("highs", 24), ("cbc", 24)])
def test_same_seed_same_plan(solver: str, sites: int) -> None:
    config, tables = big(sites)
    given = {"tables": tables, "seed": 3, "solver": solver, "gap": Fraction(1, 100)}
    first, second = (placement.optimize(config, **given).layout_frame() for _ in range(2))  # type: ignore[arg-type]
    assert len(first)
    assert first.equals(second)


def test_numbers_that_no_solver_takes() -> None:
    with pytest.raises(UsageError, match=r"threads '0'.*1 to 1024\n.*seed '-1'"):
        make_plan({}, threads=0, seed=-1)
    assert run(str(INPUTS / "example"), "--seed", "x").exit_code == 2


def test_a_stop_ends_a_relaxation_and_a_search_of_whole_units() -> None:
    stop = Stop()
    stop.asked = True
    with solving_in(SolveContext(stop=stop)):
        session = HighsMip(hard())
        assert session.run(time_limit=60).outcome is Outcome.STOPPED
    # The effort is that of the run: the next one is not stopped.
    assert HighsLp(knapsack()).run().outcome is Outcome.OPTIMAL


def hard() -> Program:
    """A program that takes HiGHS minutes: many rows of a knapsack."""
    import random

    from placement.lp.builder import ProgramBuilder
    from placement.lp.labels import Label

    rng, made = random.Random(1), ProgramBuilder()
    columns = [
        made.column(Label(ColumnKind.INSTALL), 1, cost=-rng.randint(1, 50)) for _ in range(200)
    ]
    for _ in range(150):
        terms = {column: rng.randint(1, 20) for column in columns}
        made.row(Label(RowKind.POWER), terms, None, sum(terms.values()) // 3)
    return made.build()


def test_ctrl_c_in_the_middle_of_highs() -> None:
    stop = Stop()
    before = signal.getsignal(signal.SIGINT)
    with stop.on_interrupt(), solving_in(SolveContext(stop=stop)):
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        answer = HighsMip(hard()).run(time_limit=300)
    assert answer.outcome is Outcome.STOPPED
    assert stop.asked
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_that_is_ignored_stays_ignored() -> None:
    """As in a background job of a script."""
    stop = Stop()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stop.on_interrupt():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert not stop.asked


def test_a_second_ctrl_c_ends_it_at_once() -> None:
    stop = Stop()
    with stop.on_interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    # What is raised inside a callback of HiGHS gets through it, too.
    stop = Stop()
    stop.asked = stop.aborted = True
    with solving_in(SolveContext(stop=stop)):
        session = HighsMip(hard())
        with pytest.raises(KeyboardInterrupt):
            session.run(time_limit=300)


def _stops(stop: Stop, at: str) -> Callable[[ProgressEvent], None]:
    def hear(moment: ProgressEvent) -> None:
        if f"{moment.phase} {moment.objective}" == at:
            stop.asked = True

    return hear


def test_stopped_before_there_is_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Stop()
    monkeypatch.setattr(search_module, "relaxation_of", lambda _: _Stopped())
    plan = world(tmp_path).plan(stop=stop, progress=_stops(stop, "build "))
    assert plan.report.exit_code == 4
    assert plan.layout is None
    assert INTERRUPTED in plan.report.notes


class _Stopped:
    def run(self, **_: object) -> Solution:
        return Solution(Outcome.STOPPED, "highs")


def test_stopped_in_a_later_objective_keeps_the_plan_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = '[optimize]\nobjective = ["cost", "compute"]\n'
    whole = world(tmp_path, more).plan()
    assert whole.report.plan is not None
    assert [tier.objective for tier in whole.report.plan.tiers] == ["cost", "compute"]
    real, calls = relaxation_of, [0]
    stop = Stop()

    def relaxes(program: Program) -> object:
        calls[0] += 1
        if calls[0] == 1:
            return real(program)
        stop.asked = True
        return _Stopped()

    monkeypatch.setattr(search_module, "relaxation_of", relaxes)
    plan = world(tmp_path, more).plan(stop=stop)
    assert plan.report.plan is not None
    assert plan.report.plan.status is PlanStatus.FEASIBLE
    first, second = plan.report.plan.tiers
    assert first == whole.report.plan.tiers[0]
    # What the plan computes all the same: 20 x 1,000 TPP, and nothing is said of how much it could.
    assert (second.objective, second.status) == ("compute", TierStatus.NOT_REACHED)
    assert plan.layout is not None
    assert second.value == "20000000.000000"
    assert Fraction(second.bound) >= Fraction(whole.report.plan.tiers[1].bound)
    text = render(plan)
    assert "compute  20,000,000.00; not reached: the search ended before this objective" in text
    assert "search   compute: interrupted, after 0 of 0 steps" in text
    assert plan.report.exit_code == 0
    assert plan.layout is not None
    assert INTERRUPTED in plan.report.notes


def test_best_plan_so_far_of_many_sites_is_judged() -> None:
    """The first better point of the search is when the user has had enough."""
    config, tables = big(40)
    stop = Stop()

    def enough(moment: ProgressEvent) -> None:
        stop.asked = stop.asked or moment.best is not None

    plan = make_plan(config, tables=tables, stop=stop, progress=enough, time_limit=120)
    assert stop.asked
    assert plan.layout is not None
    assert plan.report.exit_code == 0
    assert plan.report.plan is not None
    assert plan.report.plan.status is PlanStatus.FEASIBLE
    assert INTERRUPTED in plan.report.notes


def test_progress_hears_of_phases_bound_and_better_plans(tmp_path: Path) -> None:
    heard: list[ProgressEvent] = []
    plan = world(tmp_path).plan(progress=heard.append)
    assert [moment.phase for moment in heard][:3] == ["read", "judge", "build"]
    last = heard[-1]
    assert plan.report.plan is not None
    tier = plan.report.plan.tiers[-1]
    assert last.best == Fraction(tier.value)
    assert last.bound is not None
    assert abs(last.bound - Fraction(tier.bound)) < Fraction(1, 10**5)
    assert (last.objective, last.unit) == ("cost", "USD")


def test_only_better_plans_are_shown() -> None:
    heard: list[ProgressEvent] = []
    clock = ProgressTracker(heard.append)
    clock.better(5)  # of no objective: the fleet that serves alone
    assert heard == []
    from placement.lp.aim import Aim

    clock.aims_at(Aim("compute", knapsack(), -1000, "TPP"))
    for value in (-5000, -4000, -7000):
        clock.better(value)
    assert [moment.best for moment in heard[1:]] == [5, 7]


def test_a_line_says_how_far_it_is() -> None:
    moment = ProgressEvent("whole", "cost", "USD", Fraction(1_000_000), Fraction(1_010_000))
    assert said_of(moment) == "whole  cost: bound 1,000,000, best 1,010,000 USD, gap 0.9900 %"
    assert said_of(ProgressEvent("read")) == "read"
    assert "\x1b" not in said_of(ProgressEvent("lp", "cost", "\x1b[31m", Fraction(1)))


def test_progress_is_for_terminals_only() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream in (io.StringIO(), Terminal()):
        with shown_on(stream) as progress:
            if progress is not None:
                progress(ProgressEvent("lp", "cost", "USD", Fraction(3)))
        assert ("lp  cost: bound 3.00 USD" in stream.getvalue()) is stream.isatty()


def test_report_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        assert (
            run(str(INPUTS / "example"), "--seed", "4", "--out", str(tmp_path / name)).exit_code
            == 0
        )
        texts.append((tmp_path / name / "layout.csv").read_bytes())
        report = json.loads((tmp_path / name / "report.json").read_text())
        assert report["plan"]["status"] == "feasible"  # within the gap asked for
    assert texts[0] == texts[1]


def test_command_gives_the_same_plan_for_the_same_seed_and_threads(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    world(tmp_path / "in").plan()
    said = []
    for name in ("a", "b"):
        out = tmp_path / name
        ran = run(str(tmp_path / "in"), "--seed", "7", "--threads", "2", "--out", str(out))
        assert ran.exit_code == 0
        report = json.loads((out / "report.json").read_text())
        del report["plan"]["timings"]
        texts = [(out / file).read_bytes() for file in ("layout.csv", "actions.csv", "served.csv")]
        said.append((report, texts))
    assert said[0] == said[1]


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_stop_in_the_middle_of_a_relaxation_proves_nothing(after: int) -> None:
    """The first columns that are written have no point; a stop then is no proof of that."""
    config, tables = big(40)
    program = placement.optimize(config, tables=tables, gap=Fraction(1, 100)).program
    stop = Stop()
    with solving_in(SolveContext(stop=stop)):
        session = ColumnGeneration(program)
        solve, calls = session.master.solve, []

        def stopped(seconds: float) -> object:
            calls.append(seconds)
            stop.asked = len(calls) > after
            return solve(seconds)

        session.master.solve = stopped  # type: ignore[method-assign]
        assert session.run().outcome is not Outcome.INFEASIBLE


def test_a_stop_before_there_is_a_proof_is_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stop()

    class Unproven(ColumnGeneration):
        def run(self, *, time_limit: float = 1e9) -> Solution:
            stop.asked = time_limit > 0
            return Solution(Outcome.INFEASIBLE, "stopped")

    monkeypatch.setattr(search_module, "relaxation_of", Unproven)
    plan = world(tmp_path).plan(stop=stop)
    assert plan.report.exit_code == 4
    assert INTERRUPTED in plan.report.notes
