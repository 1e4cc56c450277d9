"""All benchmarks as one Markdown table.

    python -m tests.benchmarks [--rows 10000000] [--write]

Figures are medians of paired runs in one process or of whole processes; ratios carry over to
other machines, times do not. `--write` puts the table into docs/benchmarks.md between its markers.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import tempfile
from pathlib import Path

import click

from tests.benchmarks import cold, ingest

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- benchmarks -->", "<!-- end of benchmarks -->"


@click.command()
@click.option("--rows", default=10_000_000, help="Rows of the generated inventory.")
@click.option("--count", default=5, help="Pairs of the ingest runs.")
@click.option("--write", is_flag=True, help="Put the table into docs/benchmarks.md.")
def main(rows: int, count: int, *, write: bool) -> None:
    """Measure everything and print one table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check, polars, ratio = cold.check_against_polars(folder)
        helped, bare, over = cold.help_over_bare()
        big = folder / "big.csv"
        ingest.generate(big, rows, assets=False, scattered=False)
        runs = {groups: ingest.check_pairs(big, count, groups) for groups in (10, 300)}
    table = "\n".join(
        [
            "| work | measured | against | ratio | goal |",
            "|---|---|---|---|---|",
            f"| `check`, 200 rows, cold start | {check:.2f} s | `import polars`, {polars:.2f} s "
            f"| {ratio:.2f} | at most 2 |",
            *(
                f"| `check`, {rows:,} rows of 300 owners in {groups} groups "
                f"| {statistics.median(a for a, _ in times):.2f} s | bare scan and group-by, "
                f"{statistics.median(b for _, b in times):.2f} s "
                f"| {statistics.median(a / b for a, b in times):.2f} | at most 1.3 |"
                for groups, times in runs.items()
            ),
            f"| `placement --help` | {helped * 1000:.0f} ms | bare interpreter, "
            f"{bare * 1000:.0f} ms | +{over * 1000:.0f} ms | at most +100 ms |",
            "",
            f"Python {platform.python_version()}, {os.cpu_count()} cores; medians of paired runs.",
        ]
    )
    click.echo(table)
    if write:
        text = PAGE.read_text("utf-8")
        block = f"{BEGIN}\n{table}\n{END}"
        PAGE.write_text(re.sub(f"(?s){BEGIN}.*{END}", lambda _: block, text), "utf-8")


if __name__ == "__main__":
    main()
