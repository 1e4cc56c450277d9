"""HiGHS on whole units in a process of its own: stopped, killed, started again."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from placement.errors import SolverError
from placement.lp.program import Program
from placement.lp.scaling import Scaling
from placement.solvers import highs_process as solvers_apart
from placement.solvers.highs import Highs
from placement.solvers.highs_arrays import Model, model_of
from placement.solvers.highs_process import Found, search_apart
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import SolveContext, Stop, solving_in
from tests.lp.test_program import knapsack
from tests.solvers.test_solve_context import hard


def model(program: Program) -> Model:
    return model_of(program, Scaling.of(program), whole=True)


def search(program: Program, seconds: float = 30.0, start: list[float] | None = None) -> Found:
    given = None if start is None else np.array(start)
    return search_apart(model(program), seconds=seconds, gap=0.0, tolerance=1e-9, start=given)


def test_the_optimum_and_its_bound() -> None:
    answer = Highs().solve(knapsack(), time_limit=30, gap=0.0)
    assert answer.outcome is Outcome.OPTIMAL
    assert answer.objective == pytest.approx(17)
    assert answer.bound == pytest.approx(17)


def test_no_point() -> None:
    program = knapsack()
    rows = {row: (10**6, None) for row in range(len(program.rows)) if program.has_lower[row]}
    assert rows
    assert search(program.with_ends(rows)).outcome is Outcome.INFEASIBLE


def test_nothing_to_decide() -> None:
    empty = np.zeros(0)
    starts = np.zeros(1, dtype=np.int64)
    nothing = Model(empty, empty, empty, empty > 0, empty, empty, starts, starts[:0], empty)
    found = search_apart(nothing, seconds=5, gap=0.0, tolerance=1e-9)
    assert (found.outcome, found.objective) == (Outcome.OPTIMAL, 0.0)


def test_what_was_found_until_the_time_is_over() -> None:
    heard: list[float] = []
    found = search_apart(model(hard()), seconds=1.0, gap=0.0, tolerance=1e-9, better=heard.append)
    assert found.outcome is Outcome.STOPPED
    assert found.x is not None
    assert heard
    assert found.objective == pytest.approx(min(heard))


def test_a_process_that_does_not_end_in_time_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given much more time than the one who waits for it has."""
    monkeypatch.setattr(solvers_apart, "_GRACE", -299.0)
    found = search(hard(), seconds=300.0)
    assert found.outcome is Outcome.STOPPED
    assert not solvers_apart._running[threading.get_ident()].is_running
    monkeypatch.undo()
    assert search(knapsack()).outcome is Outcome.OPTIMAL


def test_a_start_is_as_good_as_what_is_found() -> None:
    program = knapsack()
    best = search(program)
    assert best.x is not None
    whole = program.integer
    again = search(program, start=best.x[whole].tolist())
    assert again.objective == pytest.approx(best.objective)


def test_a_stop_ends_it_with_what_it_has() -> None:
    stop = Stop()
    heard: list[float] = []

    def better(objective: float) -> None:
        heard.append(objective)
        stop.asked = True

    with solving_in(SolveContext(stop=stop)):
        found = search_apart(model(hard()), seconds=300, gap=0.0, tolerance=1e-9, better=better)
    assert found.outcome is Outcome.STOPPED
    assert found.objective == heard[0]


def test_a_process_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    assert search(knapsack()).outcome is Outcome.OPTIMAL
    running = solvers_apart._running[threading.get_ident()]
    monkeypatch.setattr(type(running), "is_running", True)
    running._child.kill()
    running._child.wait()
    with pytest.raises(SolverError, match="HiGHS"):
        search(knapsack())
    monkeypatch.undo()
    assert search(knapsack()).outcome is Outcome.OPTIMAL


def test_a_search_that_is_broken_off_leaves_nothing_to_the_next() -> None:
    def better(_: float) -> None:
        raise ZeroDivisionError

    alone = search(knapsack()).objective
    with pytest.raises(ZeroDivisionError):
        search_apart(model(hard()), seconds=300, gap=0.0, tolerance=1e-9, better=better)
    found = search(knapsack())
    assert found.outcome is Outcome.OPTIMAL
    assert found.objective == alone


def test_each_thread_asks_and_hears_by_itself() -> None:
    alone = search(knapsack()).objective
    found: list[Found] = []
    stop = Stop()

    def better(_: float) -> None:
        stop.asked = True

    def search_besides() -> None:
        with solving_in(SolveContext(stop=stop)):
            found.append(
                search_apart(model(hard()), seconds=300, gap=0.0, tolerance=1e-9, better=better)
            )

    other = threading.Thread(target=search_besides)
    other.start()
    mine = search(knapsack())
    other.join()
    assert mine.objective == alone
    assert found[0].x is not None
    assert len(found[0].x) == len(hard().columns)


def test_what_lies_beside_the_data_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(solvers_apart, "_running", {})
    assert search(knapsack()).outcome is Outcome.OPTIMAL
    solvers_apart._end()


def test_without_whole_columns_the_bound_is_the_optimum() -> None:
    program = knapsack()
    relaxed = model_of(program, Scaling.of(program), whole=False)
    found = search_apart(relaxed, seconds=30, gap=0.0, tolerance=1e-9)
    assert found.outcome is Outcome.OPTIMAL
    assert found.bound == found.objective
