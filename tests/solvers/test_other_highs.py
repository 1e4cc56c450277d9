"""Other HiGHS in the process, before and after ours, on other numbers of threads."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import highspy
import pytest

from placement.solvers.highs import HighsLp, quiet_highs
from placement.solvers.solution import Outcome
from placement.solvers.solve_context import SolveContext, solving_in
from tests.lp.test_program import knapsack
from tests.support.paths import ROOT, TESTS

INPUT = TESTS / "inputs" / "api-after-highs"

_THEIRS = """
import sys, threading
import highspy, pulp

def by_pulp(**options):
    problem = pulp.LpProblem("first")
    x = pulp.LpVariable("x", 0, 4, "Integer")
    problem += x
    problem += x >= 1
    return problem.solve(pulp.HiGHS(msg=0, **options)) == 1

def by_highspy(**options):
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    for name, value in options.items():
        model.setOptionValue(name, value)
    model.addVariable(0, 4, 1.0)
    model.addRow(1.0, 9.0, 1, [0], [1.0])
    model.run()
    return model.getModelStatus() == highspy.HighsModelStatus.kOptimal

def in_a_thread(call):
    said: list[Outcome] = []
    thread = threading.Thread(target=lambda: said.append(call()))
    thread.start()
    thread.join()
    return said[0]

def ours(threads=1):
    import placement
    plan = placement.optimize(sys.argv[1], threads=threads)
    return plan.report.plan.status == "optimal"

print("said", [call() for call in (CALLS)])
"""


@pytest.mark.parametrize(
    "calls",
    [
        # What they do, and whether they do it first: theirs and ours must both come out.
        "by_pulp, ours",
        "lambda: by_pulp(threads=2), ours, lambda: by_pulp(threads=2)",
        "lambda: by_pulp(time_limit=9, presolve='off', solver='ipm'), ours",
        "lambda: by_highspy(threads=3, parallel='on'), ours, lambda: ours(2), ours",
        "ours, lambda: by_highspy(threads=2), lambda: ours(3), lambda: by_highspy(threads=2)",
        "by_pulp, lambda: in_a_thread(ours), lambda: in_a_thread(lambda: by_highspy(threads=2))",
        "lambda: in_a_thread(lambda: by_highspy(threads=2)), ours",
    ],
)
def test_both_come_out(calls: str) -> None:
    script = _THEIRS.replace("CALLS", calls)
    found = subprocess.run(
        [sys.executable, "-c", script, str(INPUT)],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    said = json.loads(found.stdout.rpartition("said ")[2].lower())
    assert said == [True] * len(said), calls


def test_one_inside_another() -> None:
    """In a callback of theirs, which runs on two threads."""
    said: list[Outcome] = []

    def inside(_: object) -> None:
        if not said:
            said.append(HighsLp(knapsack()).run().outcome)

    theirs = highspy.Highs()
    theirs.setOptionValue("output_flag", False)
    theirs.resetGlobalScheduler(True)
    theirs.setOptionValue("threads", 2)
    for _ in range(3):
        theirs.addVariable(0, 9, -1.0)
    for n in range(3):
        theirs.changeColIntegrality(n, highspy.HighsVarType.kInteger)
    theirs.addRow(-1e30, 10.5, 3, [0, 1, 2], [2.0, 3.0, 4.0])
    theirs.cbMipImprovingSolution += inside
    theirs.run()
    theirs.resetGlobalScheduler(True)
    assert said == [Outcome.OPTIMAL]


def test_one_thread_stays_one() -> None:
    """1.16 searches in parallel where nothing else is asked for."""
    one = quiet_highs()[0]
    assert one.getOptionValue("threads")[1] == 1
    assert one.getOptionValue("parallel")[1] == "off"
    with solving_in(SolveContext(threads=2)):
        two = quiet_highs()[0]
    assert two.getOptionValue("threads")[1] == 2
    assert two.getOptionValue("parallel")[1] == "choose"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")
@pytest.mark.parametrize(("threads", "more"), [(1, 1), (3, 3)])
def test_so_many_threads_run(threads: int, more: int) -> None:
    """One beside ours in which HiGHS runs, and its workers but one."""
    script = f"""
import os
import numpy, highspy
from placement.solvers.solve_context import SolveContext, solving_in
from placement.solvers.highs import HighsLp
from tests.lp.test_program import knapsack
before = len(os.listdir("/proc/self/task"))
with solving_in(SolveContext(threads={threads})):
    HighsLp(knapsack()).run()
print("said", len(os.listdir("/proc/self/task")) - before)
"""
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert int(found.stdout.rpartition("said ")[2]) == more


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_a_fork(recwarn: pytest.WarningsRecorder) -> None:
    """The thread beside ours is not there in a forked process."""
    assert HighsLp(knapsack()).run().outcome is Outcome.OPTIMAL
    child = os.fork()
    if child == 0:
        os._exit(0 if HighsLp(knapsack()).run().outcome is Outcome.OPTIMAL else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_who_breaks_in_leaves_nothing_running() -> None:
    """Ctrl-C without a `Stop`, in a search that does not end by itself."""
    highs, api = quiet_highs()
    size, drawn = 40, random.Random(1)
    for n in range(size):
        highs.addVariable(0, 1, 0.0)
        highs.changeColIntegrality(n, api.HighsVarType.kInteger)
    for _ in range(6):
        weights = [float(drawn.randrange(100)) for _ in range(size)]
        half = float(sum(weights) // 2)
        highs.addRow(half, half, size, list(range(size)), weights)
    main = threading.main_thread().ident
    assert main is not None
    asked: list[int] = []

    def press(_: object) -> None:
        if not asked:
            asked.append(main)
            signal.pthread_kill(main, signal.SIGINT)

    highs.cbMipInterrupt += press
    with pytest.raises(KeyboardInterrupt):
        highs.run()
    assert asked
    assert highs.getModelStatus() == api.HighsModelStatus.kInterrupt
