"""The second look, taken only when something is wrong: which lines, and what stands on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from placement.errors import SHOWN_PROBLEMS, Fault
from placement.readers.doubts import Accepting
from placement.readers.inventory.group import (
    KEYS,
    READ,
    amount_read,
    asset_ids,
    group,
    trimmed,
    unread,
    without_asset,
)
from placement.readers.inventory.line_checks import Check, Kind, count, kinds, mark, problems

if TYPE_CHECKING:
    import polars as pl


def line_problems(
    raw: pl.LazyFrame,
    marked: pl.DataFrame,
    listed: list[Check],
    file: str,
    resolved: Callable[[pl.DataFrame], pl.DataFrame],
    *,
    each_line: bool,
) -> list[Fault]:
    """Return the faults of the first lines, in file order, that belong to marked groups."""
    import polars as pl

    rows, on = _keyed(raw, marked, each_line=each_line)
    counts = None
    if count(marked, listed) > SHOWN_PROBLEMS:
        chosen, counts = kinds(marked, listed)
        lines = _first_lines(rows, on, chosen, marked, each_line=each_line)
        return _told(raw, lines, listed, file, resolved, counts)
    always = pl.any_horizontal(f"!{check.name}" for check in listed)
    wanted = marked.lazy().select(*on, always=always)
    kept = (pl.col("quantity"), pl.col("line"), *(pl.col(key) for key in on if key != "line"))
    lines = (
        rows.select(kept)
        .join(wanted, on=on, how="inner", nulls_equal=True)
        .filter(pl.col("always") | amount_read().is_null())
        .select("line")
        .sort("line")
        .head(SHOWN_PROBLEMS)
        .collect(engine="streaming")
    )
    return _told(raw, lines, listed, file, resolved, None)


def _first_lines(
    rows: pl.LazyFrame,
    on: list[str],
    chosen: pl.DataFrame,
    marked: pl.DataFrame,
    *,
    each_line: bool,
) -> pl.DataFrame:
    """Return the first line of each group that was chosen, and the first with a bad quantity."""
    import polars as pl

    first = chosen.select("line")
    if not each_line:
        of_groups = rows.join(chosen.lazy().select(on), on=on, how="inner", nulls_equal=True)
        first = of_groups.group_by(on).agg(pl.col("line").min()).select("line").collect()
    bad = marked.lazy().filter(pl.col("bad") > 0).select(on)
    unread_amounts = (
        rows.join(bad, on=on, how="inner", nulls_equal=True)
        .filter(amount_read().is_null())
        .select("line")
        .sort("line")
        .head(SHOWN_PROBLEMS)
        .collect(engine="streaming")
    )
    lines = [frame.cast(pl.Int64) for frame in (first, unread_amounts)]
    return pl.concat(lines).unique().sort("line").cast(rows.collect_schema()["line"])


def _told(
    raw: pl.LazyFrame,
    lines: pl.DataFrame,
    listed: list[Check],
    file: str,
    resolved: Callable[[pl.DataFrame], pl.DataFrame],
    counts: Mapping[Kind, int] | None,
) -> list[Fault]:
    """Return the faults of some lines; `counts`: of each kind, where the lines stand for others."""
    read = raw.select("line", *(name for name in READ if name in raw.collect_schema().names()))
    first = read.join(lines.lazy(), on="line", how="semi").collect(engine="streaming")
    texts = first.select("line", quantity_text="quantity")
    present = [column for column in READ if column in first.columns and column != "asset_id"]
    again = group(first.lazy().select("line", *present), each_line=True)
    shown = mark(resolved(again.frame), listed).join(texts, on="line")
    found = list(problems(shown, listed, file, counts))
    return found if counts is not None else found[:SHOWN_PROBLEMS]


def site_conflicts(
    raw: pl.LazyFrame, frame: pl.DataFrame, file: str, *, each_line: bool
) -> list[Fault]:
    """Name the sites that stand in two countries, with the first line of each country."""
    import polars as pl

    country = pl.col("country_found")
    torn = (
        frame.lazy()
        .group_by("the_site")
        .agg(low=country.min(), high=country.max())
        .filter((pl.col("low") != pl.col("high")) & pl.col("the_site").is_not_null())
        .collect()
    )
    if torn.is_empty():
        return []
    groups = frame.join(torn, on="the_site", how="semi").filter(country.is_not_null())
    if not each_line:
        rows, on = _keyed(raw, frame, each_line=False)
        firsts = rows.group_by(on).agg(pl.col("line").min())
        groups = (
            groups.lazy()
            .drop("line")
            .join(firsts, on=on, how="left", nulls_equal=True)
            .collect(engine="streaming")
        )
    places = groups.group_by("the_site", "country_found").agg(pl.col("line").min()).sort("line")
    seen: dict[str, tuple[str, int]] = {}
    told = []
    for site, where, line in places.rows():
        first = seen.setdefault(site, (where, line))
        if first[0] != where:
            message = f"the site is in {first[0]} on line {first[1]} and in {where} here"
            told.append(Fault(message, "mend one, or rename one site", file, line, "site", site))
    return told


def duplicate_assets(raw: pl.LazyFrame, file: str) -> list[Fault]:
    """Name every line whose asset_id stands on an earlier line already."""
    twice = _later_lines(asset_ids(raw), ["asset_id"])
    return [
        Fault(
            f"the asset_id is already on line {first}",
            "keep one line for each asset",
            file,
            line,
            "asset_id",
            asset,
            alike="repeated asset",
        )
        for asset, line, first in twice.rows()
    ]


def repeated_rows(
    raw: pl.LazyFrame, lots: pl.DataFrame | None, file: str, accepting: Accepting
) -> tuple[list[Fault], int]:
    """Return the rows that say the same as an earlier one, the first of them, how many there are.

    Only rows without an asset_id: two of one owner, site and model may be two servers. `lots` are
    the groups of rows, each with the number of the lot that it was read as (`lot`): then `us` is
    the same as `United States`; None: rows are the same where all their cells are.
    """
    import polars as pl

    rows = without_asset(raw)
    cells = [name for name in rows.collect_schema().names() if name != "line"]
    if lots is not None:
        rows, on = _keyed(rows, lots, each_line="line" in lots.columns)
        rows = rows.join(lots.lazy(), on=on, how="inner", nulls_equal=True)
        rows = rows.with_columns(quantity=amount_read().cast(pl.String))
        cells = ["lot", "quantity", *unread(raw)]
    texts = (trimmed(pl.col(name).cast(pl.String)).alias(name) for name in cells)
    twice = _later_lines(rows.select("line", *texts), cells).select("line", "first")
    taken = twice["line"].is_in(accepting.lines(file))
    shown = pl.concat([twice.filter(taken), twice.filter(~taken).head(SHOWN_PROBLEMS)])
    doubts = [
        Fault(
            f"the row says the same as line {first}, and no asset_id tells them apart",
            "drop it, or give each an asset_id",
            file,
            line,
            alike="repeated row",
        )
        for line, first in shown.rows()
    ]
    refused, total = list(accepting.refused(doubts)), int((~taken).sum())
    if refused:
        refused[-1] = replace(refused[-1], more=total - len(refused))
    return refused, 0 if accepting.everything else total


def _later_lines(rows: pl.LazyFrame, by: list[str]) -> pl.DataFrame:
    """Return the lines that agree in some columns with an earlier one, and the `first` of each."""
    import polars as pl

    return (
        rows.group_by(by)
        .agg(pl.col("line"), first=pl.col("line").min())
        .filter(pl.col("line").list.len() > 1)
        .explode("line")
        .filter(pl.col("line") != pl.col("first"))
        .sort("line")
        .collect(engine="streaming")
    )


def _keyed(
    raw: pl.LazyFrame, frame: pl.DataFrame, *, each_line: bool
) -> tuple[pl.LazyFrame, list[str]]:
    """Return the raw rows with the columns that lead to their group in `frame`."""
    import polars as pl

    present = raw.collect_schema().names()
    if each_line:
        return raw, ["line"]
    on = [key for key in KEYS if key in present]
    return raw.with_columns(pl.col(key).cast(frame.schema[key]) for key in on), on
