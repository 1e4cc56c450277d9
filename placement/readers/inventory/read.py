"""Read an inventory: a CSV file or a DataFrame to lots, every line validated, exactly summed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placement.catalog import Catalog
from placement.enums import Status
from placement.errors import Fault, InputError, NoLotsError
from placement.inventory import LOT_COLUMNS, Inventory
from placement.readers.doubts import Accepting
from placement.readers.formats.csv_records import (
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
    standard_input,
)
from placement.readers.formats.data_frames import texts_of
from placement.readers.inventory.fault_lines import (
    duplicate_assets,
    line_problems,
    repeated_rows,
    site_conflicts,
)
from placement.readers.inventory.group import KEYS, READ, Groups, group, is_empty, unread
from placement.readers.inventory.line_checks import checks, count, mark
from placement.readers.inventory.notes import inventory_notes
from placement.readers.inventory.resolve import Faults, resolve
from placement.readers.inventory.survey import survey
from placement.text.forked import starts_threads
from placement.text.lookalikes import Mention, NameKind, lookalikes

if TYPE_CHECKING:
    import polars as pl

    from placement.readers.formats.data_frames import Frame

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
    accepting: Accepting | None = None,
) -> Inventory:
    """Read the lots of a CSV file; InputError with every fault found.

    `-` is standard input. `site_countries` gives the country of a site for lines that name none.
    `name` is how messages and the inventory call the file. `accepting` are the lines that may be
    equal to others.
    """
    starts_threads()
    source: Source
    if str(path) == "-":
        called = printable(name or "<stdin>")
        source = standard_input(called)
    else:
        called = printable(name or str(path))
        source = source_of(path, called)
    check_readable(source, called)
    ways = _Ways(catalog, dict(site_countries or {}), called, accepting or Accepting())
    return _read(source, ways, merge_from)


@dataclass(frozen=True, slots=True)
class _Ways:
    """What cells are resolved by, what the file is called, and which of its lines are accepted."""

    catalog: Catalog
    sites: Mapping[str, str]
    name: str
    accepting: Accepting


def _read(source: Source, ways: _Ways, merge_from: int) -> Inventory:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    header = _header(first_record(source, ways.name), ways.sites, ways.name)
    each_line = size < merge_from
    small = size < min(ROW_BY_ROW_BELOW, merge_from)
    found = None if small else _regular(source, header, each_line=each_line)
    if found is None:
        raw = _slowly(source, ways.sites, ways.name)
        found = raw, group(raw, each_line=each_line)
    read = _judged(*found, header, ways, each_line=each_line)
    if each_line:
        return read
    return replace(read, each_line=lambda: _read(source, ways, size + 1))


def inventory_from_frame(
    frame: Frame,
    *,
    catalog: Catalog,
    site_countries: Mapping[str, str] | None = None,
    name: str = "DataFrame",
    accepting: Accepting | None = None,
) -> Inventory:
    """Return the lots of a DataFrame, of pandas or polars, with the columns of an inventory file.

    Lines count as in the CSV file that the frame would make: its first row is line 2.
    """
    starts_threads()
    import polars as pl

    sites = dict(site_countries or {})
    given = texts_of(frame)
    header = _header((1, given.names), sites, name)
    faults = given.faults(header, name)
    if faults:
        raise InputError(faults)
    cells: dict[str, Any] = {
        column: pl.Series(given.columns[place], dtype=pl.String)
        for place, column in enumerate(_cell_names(header))
    }
    cells["line"] = pl.Series(range(2, given.rows + 2), dtype=pl.Int64)
    blank = pl.all_horizontal(is_empty(pl.col(column)) for column in header.columns)
    raw = pl.DataFrame(cells).filter(~blank).lazy()
    found = group(raw, each_line=True)
    ways = _Ways(catalog, sites, name, accepting or Accepting())
    return _judged(raw, found, header, ways, each_line=True)


def _cell_names(header: Header) -> list[str]:
    """Return the names of all cells of a row: those that are read have that of their column."""
    names = [f"extra {place}" for place in range(len(header.names))]
    for column, place in header.columns.items():
        names[place] = column
    return names


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

    A row that may be blank makes it none: what was short and what was blank could not be told. So
    does a value in a column without a name, which is told by who reads row by row.
    """
    import polars as pl

    if header.line != 1 or (isinstance(source, Path) and printable(str(source)) != str(source)):
        return None
    names = _cell_names(header)
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
            )
            if _unnamed_hold(raw, header):
                return None
            raw = raw.select(pl.col("line").cast(pl.Int64), *names)
            found = group(raw, each_line=each_line)
        except pl.exceptions.PolarsError:
            return None
        looked = surveyed.result()
    regular = not found.keyless and looked.is_regular(found.rows, len(names))
    return (raw, found) if regular else None


def _unnamed_hold(raw: pl.LazyFrame, header: Header) -> bool:
    """Tell whether a column without a name holds a value."""
    import polars as pl

    if not header.unnamed:
        return False
    columns = [pl.col(f"extra {place}") for place in header.unnamed]
    full = raw.select(pl.any_horizontal(~is_empty(column).all() for column in columns))
    return bool(full.collect(engine="streaming").item())


def _slowly(source: Source, sites: Mapping[str, str], name: str) -> pl.LazyFrame:
    """Read the rows of a file one by one, with the line on which each begins; blank ones apart.

    A row is blank where every column that is read is empty.
    """
    import polars as pl

    with closing(records(source, name)) as rows:
        header = _header(next(rows, None), sites, name)
        schema = {"line": pl.Int64, **dict.fromkeys(_cell_names(header), pl.String)}
        places = tuple(header.columns.values())
        parts = [pl.DataFrame(schema=schema)]
        lots = body(rows, header, name)
        while chunk := list(islice(lots, _CHUNK_ROWS)):
            cells = [
                (line, *(cell or None for cell in row))
                for line, row in chunk
                if any(row[place].strip(SPACE) for place in places)
            ]
            parts.append(pl.DataFrame(cells, schema=schema, orient="row"))
    return pl.concat(parts).lazy()


def _judged(
    raw: pl.LazyFrame, found: Groups, header: Header, ways: _Ways, *, each_line: bool
) -> Inventory:
    catalog, sites, name = ways.catalog, ways.sites, ways.name
    if not found.rows:
        raise NoLotsError(Fault(*_NO_LOTS, file=name))
    faults = Faults()
    frame = resolve(found.frame, catalog, sites, faults)
    listed = checks(faults)
    marked = mark(frame, listed)
    problems: list[Fault] = []
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
    names = _mentions(found.frame, name)
    for told in (
        lookalikes(names),
        site_conflicts(raw, frame, name, each_line=each_line),
        duplicate_assets(raw, name) if found.asset_twice else [],
    ):
        total += len(told)
        problems += told
    lots, all_read = None, not unread(raw)
    if marked.is_empty() and (found.row_twice or all_read):
        lots = _numbered(found.frame, frame, each_line=each_line)
    respelt = all_read and lots is not None and lots["lot"].n_unique() < lots.height
    if found.row_twice or respelt:
        told, count_of = repeated_rows(raw, lots, name, ways.accepting)
        total += count_of
        problems += told
    if total and not problems:
        problems.append(_untold(total, name))
    if problems:
        raise InputError(problems, total)
    notes = [ignored_note(name, header.extra)] if header.extra else []
    notes += [
        f"{name}: {note}" for note in [*sorted(faults.notes), *inventory_notes(frame, faults)]
    ]
    return Inventory(
        _lots(frame),
        name,
        found.rows,
        tuple(notes),
        frozenset(header.columns),
        header.extra,
        names=tuple(names),
        assumptions=tuple(f"{name}: {assumed}" for assumed in sorted(faults.assumptions)),
        lesser_notes=tuple(f"{name}: {note}" for note in sorted(faults.lesser_notes)),
    )


def _numbered(groups: pl.DataFrame, frame: pl.DataFrame, *, each_line: bool) -> pl.DataFrame:
    """Return the groups by what leads to them, each with the number of the lot it was read as."""
    import polars as pl

    lots = _lots(frame).drop("quantity", "line", "line_quantity")
    number = lots.select(lot=pl.struct(pl.all()).rank("dense")).to_series()
    by = ["line"] if each_line else [key for key in KEYS if key in groups.columns]
    return frame.select(by).with_columns(number)


def _mentions(groups: pl.DataFrame, file: str) -> list[Mention]:
    """Return each spelling of a company or site, with the first line of a group that has it."""
    import polars as pl

    found: dict[tuple[NameKind, str], Mention] = {}
    for column in ("owner", "operator", "consignee", "site"):
        if column not in groups.columns:
            continue
        kind = NameKind.SITE if column == "site" else NameKind.COMPANY
        spelt = groups.group_by(column).agg(pl.col("line").min()).cast({column: pl.String})
        for cell, line in spelt.sort("line").iter_rows():
            text = (cell or "").strip(SPACE).strip()
            if text and (kind, text) not in found:
                found[kind, text] = Mention(kind, text, file, line, column)
    return sorted(found.values(), key=lambda mention: mention.line or 0)


def _untold(total: int, name: str) -> Fault:
    faults = "1 fault was" if total == 1 else f"{total} faults were"
    message = f"{faults} found in the lots but cannot be told: an error of placement itself"
    return Fault(message, "report it with this file", name)


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
