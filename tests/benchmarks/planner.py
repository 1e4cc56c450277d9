"""Planning programs of growing size: the plain program in general solvers, and the planner.

    python -m tests.benchmarks.planner [--sizes 50x8x4,100x10x8] [--records FILE] [--write]

Four tables: the plain linear program in HiGHS at every size beside the planner, with the growth of
time and memory; the same program in other tools at one size; the planner's plans in whole units at
every size; general solvers with whole units at one size. Each run is a process of its own with one
thread. Seconds are of CPU, since others may use the machine; so are the limits, where a tool can
count them. `--records` keeps every run in a file of JSON lines, and takes from it those that are
there already. `--write` puts the tables into docs/benchmarks.md between their markers.
"""

from __future__ import annotations

import math
import os
import platform
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tests.benchmarks import solvers
from tests.benchmarks.answers import OPTIMAL, Record
from tests.benchmarks.instances import SIZES, Shape, write

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- planner benchmarks -->", "<!-- end of planner benchmarks -->"
PLAIN = "highs_simplex"
AGREE = 1e-6
"""Optima of two tools may differ by this, relatively."""


@dataclass(slots=True)
class TotalsJudge:
    """Runs of tools on instances, kept in a file where there is one."""

    folder: Path
    seed: int
    kept: Path | None = None

    def record(self, tool: str, size: str, limit: float) -> Record:
        """Run a tool on an instance of a size, or give the run that was kept."""
        name = size if self.seed == 1 else f"{size}-{self.seed}"
        for record in self._known():
            if (record.tool, record.instance) == (tool, name):
                return record
        path = self.folder / name
        if not path.is_dir():
            write(path, Shape.parse(size, self.seed))
        record = solvers.run(tool, path, limit)
        click.echo(record.text(), err=True)
        if self.kept is not None:
            with self.kept.open("a", encoding="utf-8") as file:
                file.write(record.text() + "\n")
        return record

    def _known(self) -> list[Record]:
        if self.kept is None or not self.kept.is_file():
            return []
        return [Record.parse(line) for line in self.kept.read_text("utf-8").splitlines()]


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Return p of seconds ~ cells^p by least squares of the logarithms; None below two sizes."""
    logs = [(math.log(cells), math.log(max(seconds, 1e-3))) for cells, seconds in points]
    if len({x for x, _ in logs}) < 2:
        return None
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    return slope / sum((x - mean_x) ** 2 for x, _ in logs)


def check_agree(records: Iterable[Record]) -> None:
    """Refuse optima of the same program that differ."""
    found: dict[str, tuple[str, float]] = {}
    for record in records:
        value = record.answer.objective
        if record.answer.status != OPTIMAL or value is None:
            continue
        tool, first = found.setdefault(record.instance, (record.tool, value))
        if abs(value - first) > AGREE * abs(first):
            message = f"{record.instance}: {tool} has {first}, {record.tool} {value}"
            raise click.ClickException(message)


def sizes_table(plain: Sequence[Record], own: Sequence[Record]) -> list[str]:
    """Return the lines of the table of sizes."""
    lines = [
        "| sites x models x periods | columns | rows | HiGHS, s | MB | placement: read, build, s "
        "| solve, s | MB | HiGHS / placement, solve | with reading and building |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one, other in zip(plain, own, strict=True):
        columns, rows, _ = one.size
        lines.append(
            f"| {one.instance.replace('x', ' x ')} | {columns:,} | {rows:,} "
            f"| {_seconds(one, build=False)} | {_peak(one)} "
            f"| {other.answer.build.cpu:.2f} | {_seconds(other, build=False)} | {_peak(other)} "
            f"| {_ratio(one, other, build=False)} | {_ratio(one, other)} |"
        )
    growths = [_growth("HiGHS", plain), _growth("placement", own)]
    told = "; ".join(growth for growth in growths if growth)
    return [*lines, "", f"Growth with the cells, as powers by least squares: {told}."]


def _growth(name: str, records: Sequence[Record]) -> str:
    solved = [record for record in records if record.answer.status == OPTIMAL]
    time = exponent([(r.cells, r.answer.solve.cpu) for r in solved])
    memory = exponent([(r.cells, r.peak) for r in solved])
    if time is None or memory is None:
        return ""
    return f"{name} time {time:.2f}, memory {memory:.2f} ({len(solved)} sizes solved)"


def plans_table(records: Sequence[Record]) -> list[str]:
    """Return the lines of the table of plans in whole units, seconds by the clock."""
    lines = [
        "| sites x models x periods | linear program, s | first plan after, s | its gap "
        "| gap after 3 times the linear program | after 20 times |",
        "|---|---|---|---|---|---|",
    ]
    for record in records:
        name, lp = record.instance.replace("x", " x "), record.lp.wall
        if not record.plans:
            lines.append(f"| {name} | {_short(lp)} | none | | | |")
            continue
        after, gap = record.plans[0]
        gaps = [
            min((gap for at, gap in record.plans if at <= times * lp), default=None)
            for times in (3, 20)
        ]
        told = [_percent(gap) for gap in gaps]
        lines.append(
            f"| {name} | {_short(lp)} | {_short(after)} | {_percent(gap)} | {' | '.join(told)} |"
        )
    return lines


def _short(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:,.0f}"


def _percent(gap: float | None) -> str:
    return "none" if gap is None else f"{100 * gap:.4f} %"


def tools_table(records: Sequence[Record]) -> list[str]:
    """Return the lines of the table of tools, one size, without whole units."""
    base = next((r for r in records if r.tool == PLAIN and r.answer.status == OPTIMAL), None)
    lines = [
        "| tool | build, s | solve, s | against HiGHS | MB |",
        "|---|---|---|---|---|",
    ]
    for record in records:
        answer = record.answer
        if record.note and answer.objective is None:
            lines.append(f"| {solvers.title(record.tool)} | | {answer.status}: {record.note} | | |")
            continue
        lines.append(
            f"| {solvers.title(record.tool)} | {answer.build.cpu:.2f} "
            f"| {_seconds(record, build=False)} | {_ratio(record, base)} | {_peak(record)} |"
        )
    return lines


def mips_table(records: Sequence[Record]) -> list[str]:
    """Return the lines of the table of solvers with whole units, one size."""
    lines = ["| tool | s | cost, USD | bound, USD | gap | MB |"]
    lines.append("|---|---|---|---|---|---|")
    for record in records:
        answer = record.answer
        if record.note and answer.bound is None:
            lines.append(
                f"| {solvers.title(record.tool)} | | {answer.status}: {record.note} | | | |"
            )
            continue
        gap = "" if answer.gap is None else f"{100 * answer.gap:.3f} %"
        cost = "none" if answer.objective is None else f"{answer.objective:,.0f}"
        bound = "none" if answer.bound is None else f"{answer.bound:,.0f}"
        lines.append(
            f"| {solvers.title(record.tool)} | {answer.solve.cpu:.0f} "
            f"| {cost} | {bound} | {gap} | {_peak(record)} |"
        )
    return lines


def _seconds(record: Record, *, build: bool = True) -> str:
    answer = record.answer
    if answer.status == OPTIMAL:
        return _short(answer.solve.cpu + (answer.build.cpu if build else 0))
    if record.note:
        return answer.status
    return f"not solved in {answer.solve.cpu:,.0f}"


def _peak(record: Record) -> str:
    return f"{record.peak:,.0f}" if record.peak else ""


def _ratio(one: Record, other: Record | None, *, build: bool = True) -> str:
    if other is None or other.answer.status != OPTIMAL:
        return ""
    spent = [(r.answer.build.cpu if build else 0) + r.answer.solve.cpu for r in (one, other)]
    more = "" if one.answer.status == OPTIMAL else "more than "
    return f"{more}{spent[0] / max(spent[1], 1e-3):.1f}"


@click.command()
@click.option("--sizes", default=",".join(SIZES), help="Sites x models x periods, with commas.")
@click.option("--limit", default=300.0, help="Seconds for HiGHS, but for the last size.")
@click.option("--limit-last", default=900.0, help="Seconds for HiGHS at the last size.")
@click.option("--tools-at", default="300x20x12", help="Size of the other tools; '' for none.")
@click.option("--mips-at", default="300x20x12", help="Size with whole units; '' for none.")
@click.option("--mip-limit", default=40.0, help="Seconds of others with whole units.")
@click.option("--seed", default=1)
@click.option("--records", type=click.Path(path_type=Path), help="A file that keeps the runs.")
@click.option("--write", "into_page", is_flag=True, help="Put the tables into docs/benchmarks.md.")
def main(
    sizes: str,
    limit: float,
    limit_last: float,
    tools_at: str,
    mips_at: str,
    mip_limit: float,
    seed: int,
    records: Path | None,
    *,
    into_page: bool,
) -> None:
    """Run what is asked for and print the tables."""
    names = sizes.split(",")
    with tempfile.TemporaryDirectory() as folder:
        bench = TotalsJudge(Path(folder), seed, records)
        limits = [*[limit] * (len(names) - 1), limit_last]
        plain = [bench.record(PLAIN, *one) for one in zip(names, limits, strict=True)]
        own = [bench.record(solvers.STRUCTURED, *one) for one in zip(names, limits, strict=True)]
        tools = [bench.record(tool, tools_at, limit) for tool in solvers.LP_TOOLS if tools_at]
        whole = [bench.record(solvers.STRUCTURED_WHOLE, size, limit_last) for size in names]
        mips = [bench.record(tool, mips_at, mip_limit) for tool in solvers.MIP_TOOLS if mips_at]
    check_agree([*plain, *own, *tools])
    blocks = [sizes_table(plain, own)]
    if tools:
        blocks.append([f"The plain program of {tools_at} in other tools:"])
        blocks.append(tools_table(tools))
    blocks.append(["Plans of placement in whole units, seconds by the clock:"])
    blocks.append(plans_table(whole))
    if mips:
        blocks.append([f"{mips_at} in whole units in general solvers, after {mip_limit:.0f} s:"])
        blocks.append(mips_table(mips))
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, one thread each"
    blocks.append([f"{machine}; seconds of CPU, MB at the peak of the whole process."])
    table = "\n\n".join("\n".join(lines) for lines in blocks)
    click.echo(table)
    if into_page:
        put(PAGE, table)


def put(path: Path, table: str) -> None:
    """Put the tables between their markers."""
    text = path.read_text("utf-8")
    if BEGIN not in text:
        raise click.ClickException(f"{path.name} has no line {BEGIN}")
    block = f"{BEGIN}\n{table}\n{END}"
    path.write_text(re.sub(f"(?s){BEGIN}.*{END}", lambda _: block, text), "utf-8")


if __name__ == "__main__":
    main()
