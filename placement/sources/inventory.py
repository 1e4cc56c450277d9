"""Read an inventory: a CSV file or a DataFrame to lots, every line validated, exactly summed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.catalog import Catalog
from placement.errors import InputError, NoLotsError, Problem
from placement.inventory import LOT_COLUMNS, Inventory
from placement.sources.checks import checks, count, mark
from placement.sources.csvfile import (
    SPACE,
    Header,
    Record,
    Source,
    body,
    check_readable,
    first_record,
    folded_name,
    header_of,
    ignored_note,
    printable,
    records,
    source_of,
)
from placement.sources.grouping import READ, Groups, group, is_empty
from placement.sources.offenders import duplicate_assets, line_problems, site_conflicts
from placement.sources.resolve import Faults, resolve
from placement.sources.survey import survey
from placement.vocabulary import Status

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

#: From this size in bytes on, lines that agree in everything but quantity become one lot.
MERGE_FROM = 64 * 1024 * 1024

#: Below this size in bytes, reading row by row takes less time than loading what a scan needs.
ROW_BY_ROW_BELOW = 256 * 1024

_CHUNK_ROWS = 100_000
_NO_LOTS = ("no lots: nothing to judge", "write at least one row below the header")


def read_inventory(
    path: str | Path,
    *,
    catalog: Catalog,
    site_countries: Mapping[str, str] | None = None,
    name: str | None = None,
    merge_from: int = MERGE_FROM,
) -> Inventory:
    """Read the lots of a CSV file; InputError with every fault found.

    `-` is standard input. `site_countries` gives the country of a site for lines that name none.
    `name` is how messages and the inventory call the file.
    """
    source: Source
    if str(path) == "-":
        source, called = sys.stdin.buffer.read(), printable(name or "<stdin>")
    else:
        called = printable(name or str(path))
        source = source_of(path, called)
    check_readable(source, called)
    return _read(source, called, catalog, dict(site_countries or {}), merge_from)


def _read(
    source: Source, called: str, catalog: Catalog, sites: Mapping[str, str], merge_from: int
) -> Inventory:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    header = _header(first_record(source, called), sites, called)
    each_line = size < merge_from
    small = size < min(ROW_BY_ROW_BELOW, merge_from)
    found = None if small else _regular(source, header, each_line=each_line)
    if found is None:
        raw = _slowly(source, sites, called)
        found = raw, group(raw, each_line=each_line)
    read = _judged(*found, header, catalog, sites, called, each_line=each_line)
    if each_line:
        return read
    return replace(read, each_line=lambda: _read(source, called, catalog, sites, size + 1))


def inventory_from_frame(
    frame: pd.DataFrame,
    *,
    catalog: Catalog,
    site_countries: Mapping[str, str] | None = None,
    name: str = "DataFrame",
) -> Inventory:
    """Take the lots of a DataFrame with the columns of an inventory file, one lot per row.

    Lines count as in the CSV file that the frame would make: its first row is line 2.
    """
    import polars as pl

    sites = dict(site_countries or {})
    header = _header((1, [str(column) for column in frame.columns]), sites, name)
    cells: dict[str, Any] = {
        column: pl.Series(
            [_cell_text(value) for value in frame.iloc[:, place].tolist()], dtype=pl.String
        )
        for column, place in header.columns.items()
    }
    cells["line"] = pl.Series(range(2, len(frame) + 2), dtype=pl.Int64)
    blank = pl.all_horizontal(is_empty(pl.col(column)) for column in header.columns)
    raw = pl.DataFrame(cells).filter(~blank).lazy()
    found = group(raw, each_line=True)
    return _judged(raw, found, header, catalog, sites, name, each_line=True)


def _header(record: Record | None, sites: Mapping[str, str], name: str) -> Header:
    cells = {folded_name(cell) for cell in record[1]} if record else set()
    required = ["owner", "site", "quantity"]
    if not cells & {"accelerator", "instance_type"}:
        required.append("accelerator")
    if "country" not in cells and not {"provider", "region"} <= cells and not sites:
        required.append("country")
    return header_of(record, READ, required, name)


def _regular(
    source: Source, header: Header, *, each_line: bool
) -> tuple[pl.LazyFrame, Groups] | None:
    """Group the rows of a file in which every line is one full row; None where it is no such file.

    A row that may be blank makes it none: what was short and what was blank could not be told.
    """
    import polars as pl

    if header.line != 1 or (isinstance(source, Path) and printable(str(source)) != str(source)):
        return None
    names = [f"extra {place}" for place in range(len(header.names))]
    for column, place in header.columns.items():
        names[place] = column
    with ThreadPoolExecutor(1) as aside:
        surveyed = aside.submit(survey, source)
        try:
            raw = pl.scan_csv(
                source,
                infer_schema=False,
                with_column_names=lambda _: names,
                row_index_name="line",
                row_index_offset=2,
                glob=False,
            ).select(pl.col("line").cast(pl.Int64), *header.columns)
            found = group(raw, each_line=each_line)
        except pl.exceptions.PolarsError:
            return None
        looked = surveyed.result()
    regular = not found.keyless and looked.is_regular(found.rows, len(names))
    return (raw, found) if regular else None


def _slowly(source: Source, sites: Mapping[str, str], name: str) -> pl.LazyFrame:
    """Read the rows of a file one by one, with the line on which each begins; blank ones apart.

    A row is blank where every column that is read is empty.
    """
    import polars as pl

    with closing(records(source, name)) as rows:
        header = _header(next(rows, None), sites, name)
        schema = {"line": pl.Int64, **dict.fromkeys(header.columns, pl.String)}
        places = tuple(header.columns.values())
        parts = [pl.DataFrame(schema=schema)]
        lots = body(rows, header, name)
        while chunk := list(islice(lots, _CHUNK_ROWS)):
            cells = [
                (line, *(row[place] or None for place in places))
                for line, row in chunk
                if any(row[place].strip(SPACE) for place in places)
            ]
            parts.append(pl.DataFrame(cells, schema=schema, orient="row"))
    return pl.concat(parts).lazy()


def _judged(
    raw: pl.LazyFrame,
    found: Groups,
    header: Header,
    catalog: Catalog,
    sites: Mapping[str, str],
    name: str,
    *,
    each_line: bool,
) -> Inventory:
    if not found.rows:
        raise NoLotsError(Problem(*_NO_LOTS, file=name))
    faults = Faults()
    frame = resolve(found.frame, catalog, sites, faults)
    listed = checks(faults)
    marked = mark(frame, listed)
    problems: list[Problem] = []
    total = 0
    if not marked.is_empty():
        total += count(marked, listed)
        problems += line_problems(
            raw,
            marked,
            listed,
            name,
            lambda rows: resolve(rows, catalog, sites, faults),
            each_line=each_line,
        )
    for told in (
        site_conflicts(raw, frame, name, each_line=each_line),
        duplicate_assets(raw, name) if found.asset_twice else [],
    ):
        total += len(told)
        problems += told
    if total and not problems:
        problems.append(_untold(total, name))
    if problems:
        raise InputError(problems, total)
    notes = [ignored_note(name, header.extra)] if header.extra else []
    notes += [f"{name}: {note}" for note in [*sorted(faults.notes), *_notes(frame, faults)]]
    return Inventory(
        _lots(frame),
        name,
        found.rows,
        tuple(notes),
        frozenset(header.columns),
        header.extra,
        assumptions=tuple(f"{name}: {one}" for one in sorted(faults.assumptions)),
    )


def no_lots() -> Inventory:
    """Give the inventory of someone who has none."""
    import polars as pl

    kinds: dict[str, pl.DataType] = {
        "quantity": pl.Int128(),
        **dict.fromkeys(("licensed", "stays"), pl.Boolean()),
        **dict.fromkeys(("unit_num", "unit_den", "line", "line_quantity"), pl.Int64()),
        **dict.fromkeys(("start", "end", "notice_filed", "in_service"), pl.Date()),
    }
    schema = {column: kinds.get(column, pl.String()) for column in LOT_COLUMNS}
    return Inventory(pl.DataFrame(schema=schema), "no inventory", 0)


def _untold(total: int, name: str) -> Problem:
    faults = "1 fault was" if total == 1 else f"{total} faults were"
    message = f"{faults} found in the lots but cannot be told: an error of placement itself"
    return Problem(message, "report it with this file", name)


def _lots(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    never = (pl.col("the_status") == Status.RETIRED.value) & pl.col("end").is_null()
    return frame.select(
        owner="the_owner",
        operator="the_operator",
        site="the_site",
        country="country_found",
        model="model",
        quantity="quantity",
        unit_num="unit_num",
        unit_den="unit_den",
        status="the_status",
        start="start",
        end=pl.when(never).then(pl.lit(date.min)).otherwise("end"),
        consignee="the_consignee",
        channel="the_channel",
        licensed="the_licensed",
        from_country="country_left",
        notice_filed="day_noticed",
        in_service="day_in_service",
        stays="it_stays",
        line="line",
        line_quantity="line_quantity",
    ).select(LOT_COLUMNS)


def _notes(frame: pl.DataFrame, faults: Faults) -> list[str]:
    import polars as pl

    notes = []
    retired = (pl.col("the_status") == Status.RETIRED.value) & pl.col("end").is_null()
    undated = int(frame.filter(retired)["count"].sum())
    if undated:
        lines = "1 retired line has" if undated == 1 else f"{undated} retired lines have"
        notes.append(f"{lines} no out_of_service and never counted")
    unknown = [
        f"{provider} {region}" for provider, region in faults.said.get("region", {}) if provider
    ]
    if unknown:
        shown = ", ".join(sorted(unknown)[:5]) + (", ..." if len(unknown) > 5 else "")
        notes.append(f"regions not in the catalogue, country taken as written: {shown}")
    return [*notes, *_doubtful_regions(frame)]


def _doubtful_regions(frame: pl.DataFrame) -> list[str]:
    """Say what was made of regions of low confidence."""
    import polars as pl

    doubtful = (
        frame.lazy()
        .filter(~pl.col("region_sure"))
        .select(
            pl.col("the_provider"),
            pl.col("region").cast(pl.String).str.strip_chars(),
            "country_region",
            "country_found",
        )
        .unique()
        .collect()
        if "region" in frame.columns
        else pl.DataFrame()
    )
    notes = []
    for provider, region, ours, taken in sorted(doubtful.rows()):
        if ours == taken:
            said = f"is taken for {ours}, with low confidence: check it"
        else:
            said = (
                f"is in {ours} by the catalogue, with low confidence; {taken} is taken as written"
            )
        notes.append(f"region {provider} {region} {said}")
    return notes


def _cell_text(value: object) -> str | None:
    """Write a cell of a DataFrame as it would stand in a CSV file; None where it is missing."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    return str(value) or None
