"""The same inputs and seed give the same plan, whatever the machine does beside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import Ended
from placement.optimization.heuristics import integer as whole
from placement.optimization.heuristics import search_budget as budget
from placement.optimization.plan import Plan
from placement.optimization.results.plan_folder.write import layout_text
from placement.optimization.results.search_notes import INTERRUPTED
from placement.optimization.run import make_plan
from placement.render.optimize import render
from placement.solvers import highs_process as solvers_apart
from placement.solvers.solve_context import SolveContext, solving_in
from tests.benchmarks.instances import Shape, write
from tests.solvers.test_custom_constraints import world

STEPS = 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("instance")
    write(made, Shape(30, 6, 4, movable=True, over=True))
    return made


def plan_of(folder: Path, seed: int = 0, steps: int = STEPS) -> tuple[bytes, Plan]:
    plan = make_plan(folder, effort=steps, time_limit=1e6, seed=seed)
    assert plan.layout is not None
    return layout_text(plan.task.problem, plan.layout).encode(), plan


@pytest.fixture(scope="module")
def quiet(folder: Path) -> bytes:
    return plan_of(folder)[0]


@contextmanager
def busy() -> Iterator[None]:
    """Run three processes that take all they can get."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        yield
    finally:
        for one in loops:
            one.kill()
            one.wait()


@contextmanager
def halting() -> Iterator[None]:
    """Halt the process of HiGHS most of the time, as a machine does that has others to serve."""
    over = threading.Event()
    asked = threading.get_ident()

    def halt() -> None:
        while not over.wait(0.01):
            process = solvers_apart._running.get(asked)
            if process is None or not process.is_running:
                continue
            os.kill(process._child.pid, signal.SIGSTOP)
            over.wait(0.04)
            os.kill(process._child.pid, signal.SIGCONT)

    thread = threading.Thread(target=halt)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Fast:
    """A clock that runs a thousand times as fast, or one on which everything takes so long."""

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)

    def monotonic(self) -> float:
        return time.monotonic() * 1000


def test_on_a_busy_machine(folder: Path, quiet: bytes) -> None:
    with busy():
        assert plan_of(folder)[0] == quiet


def test_where_the_solver_is_halted(folder: Path, quiet: bytes) -> None:
    with halting():
        assert plan_of(folder)[0] == quiet


def test_by_a_clock_that_runs_fast(
    folder: Path, quiet: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (budget, solvers_apart, whole):
        monkeypatch.setattr(module, "time", _Fast())
    assert plan_of(folder)[0] == quiet


def test_the_steps_decide(folder: Path, quiet: bytes) -> None:
    """Else the tests above would show nothing."""
    few = plan_of(folder, steps=1)[1]
    many, plan = plan_of(folder)
    assert many == quiet
    for made, steps in ((few, 1), (plan, STEPS)):
        assert made.report.plan is not None
        (end,) = made.report.plan.search
        assert (end.most, end.repeatable) == (steps, True)
        assert end.steps <= steps
    assert few.report.plan is not None
    assert plan.report.plan is not None
    values = [Fraction(one.report.plan.tiers[0].value) for one in (few, plan)]  # type: ignore[union-attr]
    assert values[1] < values[0]
    assert "  search   all 1 steps were made; --effort 2 for more" in render(few)


def test_a_time_limit_only_ends_it_and_the_plan_says_so(folder: Path) -> None:
    plan = make_plan(folder, time_limit=0.001)
    assert plan.layout is not None
    info = plan.report.plan
    assert info is not None
    (end,) = info.search
    assert (end.ended, end.repeatable) == (Ended.TIME, False)
    text = render(plan)
    assert "  search   ended by the time limit, after 0 of 240 steps" in text
    assert any(note.startswith("the time limit of 0.001 s ended the search") for note in
               plan.report.notes)  # fmt: skip


def test_a_limit_too_short_for_a_first_plan_says_what_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "by_rounding", lambda *_: None)
    plan = world(tmp_path).plan(time_limit=1e-6)
    assert plan.report.exit_code == 4
    (said,) = [note for note in plan.report.notes if "no plan was found" in note]
    assert said.startswith("no plan was found within 1e-06 s: the linear program alone took 0.")
    assert said.endswith("pass --time-limit 10")
    assert world(tmp_path).plan(time_limit=10).report.exit_code == 0


def test_objectives_that_no_time_was_left_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget.Limits, "is_over", True)
    plan = world(tmp_path).plan(objective="cost,carbon,compute")
    info = plan.report.plan
    assert info is not None
    assert [tier.status for tier in info.tiers] == ["proven", "not reached", "not reached"]
    assert [tier.objective for tier in info.tiers] == ["cost", "carbon", "compute"]
    assert info.status == "feasible"
    assert [(end.objective, end.ended) for end in info.search] == [
        ("cost", "near"), ("carbon", "time"),
    ]  # fmt: skip
    assert INTERRUPTED not in plan.report.notes
    assert "carbon" in render(plan)


def test_a_solver_that_is_lost_is_told_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is lost at its first look: the plan is the one that was there before."""
    monkeypatch.setattr(solvers_apart, "_QUIET", -1e6)
    plan = make_plan(folder, effort=1)
    assert plan.layout is not None
    info = plan.report.plan
    assert info is not None
    if info.search[0].ended is Ended.LOST:  # it may have been quicker than the one who watches
        assert not info.search[0].repeatable
        assert any("HiGHS did not come to an end" in note for note in plan.report.notes)
    monkeypatch.undo()
    with solving_in(SolveContext()):
        assert make_plan(folder, effort=1).report.exit_code == 0
