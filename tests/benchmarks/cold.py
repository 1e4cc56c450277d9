"""Cold starts: whole processes, paired with what they are held against, medians of ratios."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HEADER = "owner,site,country,accelerator,quantity,status,in_service\n"
COUNTRIES = ("US", "DE", "JP", "MY", "NA", "IN", "BR", "AE")


def inventory(path: Path, rows: int = 200) -> None:
    """Write a small inventory, mostly in the United States."""
    lines = [
        f"USco,site-{n},{'US' if n % 4 else COUNTRIES[n // 4 % 8]},H100 SXM,{8 + n % 5 * 8},,\n"
        for n in range(rows)
    ]
    path.write_text(HEADER + "".join(lines), "utf-8")


def seconds(command: list[str]) -> float:
    """Return the wall time of one process; modules are compiled once, as in any installation."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    none = subprocess.DEVNULL
    begun = time.perf_counter()
    subprocess.run(command, check=False, env=env, stdout=none, stderr=none)
    return time.perf_counter() - begun


def pairs(one: list[str], other: list[str], count: int) -> list[tuple[float, float]]:
    """Time two commands in turn, after one warm-up of each."""
    seconds(one)
    seconds(other)
    return [(seconds(one), seconds(other)) for _ in range(count)]


def check_against_polars(folder: Path, count: int = 15) -> tuple[float, float, float]:
    """Return the medians of `check` on 200 rows, of `import polars`, and of their ratio."""
    path = folder / "small.csv"
    inventory(path)
    check = [sys.executable, "-m", "placement", "check", str(path), "--headquarters", "US"]
    check += ["--authorization", "uveu", "--as-of", "2026-08-01"]
    found = pairs(check, [sys.executable, "-c", "import polars"], count)
    ratio = statistics.median(a / b for a, b in found)
    return (
        statistics.median(a for a, _ in found),
        statistics.median(b for _, b in found),
        ratio,
    )


def help_over_bare(count: int = 15) -> tuple[float, float, float]:
    """Return the medians of `--help`, of a bare interpreter, and of their difference."""
    ask = [sys.executable, "-m", "placement", "--help"]
    found = pairs(ask, [sys.executable, "-c", "pass"], count)
    return (
        statistics.median(a for a, _ in found),
        statistics.median(b for _, b in found),
        statistics.median(a - b for a, b in found),
    )
