"""Build and solve the plain program of an instance in one tool, each run a process of its own.

    python -m tests.benchmarks.solvers FOLDER [--tool highs_simplex]... [--limit 60]

Prints a line of JSON for each run: seconds to build and to solve, peak memory, status, objective
and bound. A tool that is not installed is skipped, with the reason (`pip install -e .[bench]`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import click

from tests.benchmarks import lp_tools, mip_tools
from tests.benchmarks.answers import (
    KILLED,
    OPTIMAL,
    SKIPPED,
    STOPPED,
    Answer,
    Lap,
    ProgressTracker,
    Record,
    unrun,
)
from tests.benchmarks.plain import Plain, plain_program
from tests.benchmarks.structured import Structured, structured
from tests.benchmarks.tree import peak_mb

Tool = Callable[[Plain, float], Answer]

LP_TOOLS: Mapping[str, Tool] = {
    tool.__name__: tool
    for tool in (
        lp_tools.highs_simplex,
        lp_tools.highs_ipm,
        lp_tools.scipy_linprog,
        lp_tools.linopy_arrays,
        lp_tools.pulp_batch,
        lp_tools.pulp_operators,
        lp_tools.pyomo_appsi,
        lp_tools.mathopt_highs,
        lp_tools.mathopt_glop,
    )
}
MIP_TOOLS: Mapping[str, Tool] = {
    tool.__name__: tool for tool in (mip_tools.mip_highs, mip_tools.mip_cbc, mip_tools.mip_scip)
}
STRUCTURED, STRUCTURED_WHOLE = "placement", "placement_whole"
TOOLS = (STRUCTURED, STRUCTURED_WHOLE, *LP_TOOLS, *MIP_TOOLS)

_ROOT = Path(__file__).parents[2]
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")


def title(tool: str) -> str:
    """Say in words what a tool is."""
    if tool in (STRUCTURED, STRUCTURED_WHOLE):
        return "placement"
    told = {**LP_TOOLS, **MIP_TOOLS}[tool].__doc__ or tool
    return told.splitlines()[0].removesuffix(".")


def run(tool: str, folder: Path, limit: float, grace: float = 120) -> Record:
    """Run a tool in a process of its own, stopped far beyond its limit, seconds."""
    command = [sys.executable, "-m", "tests.benchmarks.solvers", str(folder)]
    command += ["--tool", tool, "--limit", str(limit), "--here"]
    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
    clock = ProgressTracker()
    empty = Record(tool, folder.name, _cells(folder), unrun(KILLED))
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=_ROOT,
            env=environment,
            timeout=limit * 15 + grace,
        )
    except subprocess.TimeoutExpired:
        return replace(empty, answer=unrun(KILLED, clock.lap()), note="did not stop at its limit")
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"tool"')]
    if lines:
        return Record.parse(lines[-1])
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return replace(empty, answer=unrun(KILLED, clock.lap()), note=last)


def _cells(folder: Path) -> int:
    """Read sites x models x periods from the comment that `instances` writes first."""
    found = re.match(
        r"# (\d+) sites x (\d+) models x (\d+) ", (folder / "placement.toml").read_text("utf-8")
    )
    assert found
    sites, models, periods = (int(part) for part in found.groups())
    return sites * models * periods


def run_here(tool: str, folder: Path, limit: float) -> Record:
    """Run a tool in this process."""
    cells, clock = _cells(folder), ProgressTracker()
    try:
        if tool in (STRUCTURED, STRUCTURED_WHOLE):
            whole = tool == STRUCTURED_WHOLE
            found = structured(folder, limit, whole=whole)
            answer = _answer(found, whole=whole)
            return Record(
                tool, folder.name, cells, answer, peak=peak_mb(), lp=found.lp, plans=found.plans
            )
        plain = plain_program(folder)
        written = clock.lap()
        answer = {**LP_TOOLS, **MIP_TOOLS}[tool](plain, limit)
    except (ImportError, NotImplementedError) as error:
        return Record(tool, folder.name, cells, unrun(SKIPPED), note=str(error))
    return Record(tool, folder.name, cells, answer, written, plain.size, peak_mb())


def _answer(found: Structured, *, whole: bool) -> Answer:
    objective, gap, spent = found.objective, 1e-6, found.lp
    if whole:
        if found.whole is None:
            return Answer(STOPPED, found.build, spent, None, found.bound)
        objective, gap = found.whole, mip_tools.GAP
        spent = Lap(*(a + b for a, b in zip(spent, found.rounding, strict=True)))
    status = OPTIMAL if objective - found.bound <= gap * abs(objective) else STOPPED
    return Answer(status, found.build, spent, objective, found.bound)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option("--tool", "tools", multiple=True, type=click.Choice(TOOLS), help="Default: all.")
@click.option(
    "--limit", default=60.0, help="Seconds of each solve, of CPU where the tool counts them."
)
@click.option("--here", is_flag=True, help="Run in this process.")
def main(folder: Path, tools: tuple[str, ...], limit: float, *, here: bool) -> None:
    """Run tools on an instance."""
    for tool in tools or TOOLS:
        record = (run_here if here else run)(tool, folder.resolve(), limit)
        click.echo(record.text())


if __name__ == "__main__":
    main()
