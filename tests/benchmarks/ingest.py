"""Time `read_inventory` against a bare polars scan of the same file.

    python -m tests.benchmarks.ingest [--rows 10000000] [--pairs 5] [--assets] [--scattered]

The bare scan groups by the same columns and sums; it validates nothing. Both run alternately in
one process; the medians and their ratio are written. A column `host`, which is not read, tells
rows apart that are equal else; with `--assets` a column of unique asset ids does (the bare scan
ignores both). `--scattered` makes nearly every line a group of its own.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import polars as pl

from placement.catalog import all_codes, country_name, load_catalog
from placement.readers import read_inventory
from tests.benchmarks import cold

COLUMNS = ("owner", "site", "country", "accelerator", "status", "in_service")
SITES, OWNERS, COUNTRIES, CHIPS, QUARTERS = 5_000, 300, 65, 160, 16


def generate(path: Path, rows: int, *, assets: bool, scattered: bool, seed: int = 7) -> None:
    """Write an inventory that is valid in every line."""
    random = np.random.default_rng(seed)
    codes = ["NA", *sorted(all_codes() - {"NA"})]
    codes = [code for code in codes if code != "GE"][:COUNTRIES]  # its name is also a US state
    models = [name for name, one in load_catalog().accelerators.items() if one.mtpp() is not None]
    chips = [*models, *(name.lower().replace("-", "_") for name in models)]
    chips = list(dict.fromkeys(chips))[:CHIPS]
    site_country = random.integers(0, COUNTRIES, SITES)
    site_owners = random.integers(0, OWNERS, (SITES, 3))
    site_owner_count = random.integers(1, 4, SITES)
    site = random.integers(0, SITES, rows)
    owner = site_owners[site, random.integers(0, 6, rows) % site_owner_count[site]]
    if scattered:
        chip = random.integers(0, len(chips), rows)
        quarter = random.integers(0, QUARTERS, rows)
    else:
        chip = random.integers(0, len(chips), (SITES, 6))[site, random.integers(0, 6, rows)]
        quarter = random.integers(0, QUARTERS, (SITES, 3))[site, random.integers(0, 3, rows)]
    columns = {
        "owner": _taken([f"Owner {i:03d} Holdings Inc" for i in range(OWNERS)], owner),
        "site": _taken([f"site-{i:04d}-campus" for i in range(SITES)], site),
        "country": _taken(
            [*codes, *(country_name(code) for code in codes)],
            site_country[site] + COUNTRIES * random.integers(0, 2, rows),
        ),
        "accelerator": _taken(chips, chip),
        "quantity": pl.Series(random.integers(1, 512, rows)),
        "status": _taken(
            [*["installed"] * 17, "ordered", "planned", "transferred"],
            random.integers(0, 20, rows),
        ),
        "in_service": _taken(
            [f"{2023 + i // 4}-{1 + 3 * (i % 4):02d}-01" for i in range(QUARTERS)], quarter
        ),
    }
    numbers = pl.Series(np.arange(rows)).cast(pl.String).str.zfill(9)
    if assets:
        columns["asset_id"] = pl.Series("AST-" + numbers)
    else:
        columns["host"] = pl.Series("host-" + numbers)
    pl.DataFrame(columns).write_csv(path)


def _taken(names: list[str], places: np.ndarray) -> pl.Series:
    return pl.Series(names).gather(pl.Series(places))


def bare(path: Path) -> int:
    """Scan, group and sum, nothing else."""
    found = (
        pl.scan_csv(path, infer_schema=False)
        .group_by(COLUMNS)
        .agg(pl.col("quantity").cast(pl.Int64).sum())
        .collect(engine="streaming")
    )
    return int(found["quantity"].sum())


def validated(path: Path) -> int:
    """Read as the program does."""
    return int(read_inventory(path, catalog=load_catalog(), merge_from=0).lots["quantity"].sum())


BARE = f"""
import sys
import polars as pl
found = (
    pl.scan_csv(sys.argv[1], infer_schema=False)
    .group_by({COLUMNS!r})
    .agg(pl.col("quantity").cast(pl.Int64).sum())
    .collect(engine="streaming")
)
print(found.height)
"""


def check_pairs(path: Path, count: int, groups: int) -> list[tuple[float, float]]:
    """Time the whole `placement check` and the bare scan in turn, each a process of its own.

    The owners are legal entities of so many owner groups.
    """
    entities = path.with_name("entities.csv")
    rows = ["entity,parent,headquarters,authorization"]
    rows += [f"Group {n},,US,uveu" for n in range(groups)]
    rows += [f"Owner {n:03d} Holdings Inc,Group {n % groups},," for n in range(OWNERS)]
    entities.write_text("\n".join(rows) + "\n", "utf-8")
    check = [sys.executable, "-m", "placement", "check", str(path), "--entities", str(entities)]
    check += ["--as-of", "2026-08-01"]
    return cold.pairs(check, [sys.executable, "-c", BARE, str(path)], count)


def timed(run: Callable[[Path], int], path: Path) -> tuple[float, int]:
    """Return the seconds a run took, and its total."""
    begun = time.perf_counter()
    total = run(path)
    return time.perf_counter() - begun, total


@click.command()
@click.option("--rows", default=10_000_000)
@click.option("--pairs", default=5)
@click.option("--assets", is_flag=True)
@click.option("--scattered", is_flag=True)
def main(rows: int, pairs: int, *, assets: bool, scattered: bool) -> None:
    """Write the medians of both ways and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inventory.csv"
        generate(path, rows, assets=assets, scattered=scattered)
        times: dict[str, list[float]] = {"bare": [], "validated": []}
        bare(path)
        for pair in range(pairs):
            runs = [("bare", bare), ("validated", validated)]
            totals = set()
            for name, run in runs if pair % 2 else reversed(runs):
                seconds, total = timed(run, path)
                times[name].append(seconds)
                totals.add(total)
            if len(totals) > 1:
                sys.exit("the two ways disagree on the total")
    paired = [b / a for a, b in zip(times["bare"], times["validated"], strict=True)]
    for name, seconds_of in times.items():
        click.echo(f"{name:>10}: median {statistics.median(seconds_of):.2f} s")
    click.echo(f"     ratio: median of pairs {statistics.median(paired):.2f}")
    click.echo(f"     pairs: {' '.join(f'{ratio:.2f}' for ratio in paired)}")


if __name__ == "__main__":
    main()
