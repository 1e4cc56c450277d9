"""What may be wrong with a line of an inventory: marks on groups, and sentences for lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from placement.enums import Channel
from placement.errors import SHOWN_PROBLEMS, Fault
from placement.readers.cells import BadText, whole
from placement.readers.formats.csv_records import SPACE
from placement.readers.inventory.group import KEYS, MOST_QUANTITY
from placement.readers.inventory.resolve import Faults, Said

if TYPE_CHECKING:
    import polars as pl

Cells = dict[str, Any]

_UNLICENSED = (
    "the channel is licence, and no licence is held",
    "write yes, or the channel that the lot came under",
)


@dataclass(frozen=True, slots=True)
class Check:
    """A fault that a line may have: the column it is shown at, its mark, and what to say."""

    name: str
    column: str
    marked: pl.Expr
    say: Callable[[Cells], Said]


def checks(faults: Faults) -> list[Check]:
    """Return every check on the values of one line; quantities are counted apart."""
    return [*_on_place(faults), *_on_kit(faults), *_on_dates_and_ways(faults)]


def _blank(column: str) -> Check:
    import polars as pl

    said = ("is blank", f"fill the column {column}")
    return Check(f"no_{column}", column, pl.col(f"the_{column}").is_null(), lambda _: said)


def _unresolved(faults: Faults, column: str, marked: pl.Expr | None = None) -> Check:
    import polars as pl

    return Check(
        f"unknown_{column}",
        column,
        pl.col(f"bad_{column}") if marked is None else marked,
        lambda cells: faults.said[column][_asked(column, cells)],
    )


def _on_place(faults: Faults) -> list[Check]:
    import polars as pl

    no_country = pl.col("country_found").is_null() & ~pl.col("bad_country")
    bad_region = pl.col("bad_region") & pl.col("the_provider").is_not_null()
    said, of_region = pl.col("country_said"), pl.when("region_sure").then("country_region")
    two_countries = (said != pl.col("country_region")) & pl.col("region_sure")
    other_site = pl.coalesce(said, of_region) != pl.col("country_site")
    return [
        _blank("owner"),
        _blank("site"),
        _unresolved(faults, "country"),
        _unresolved(faults, "region", bad_region & no_country),
        Check("no_country", "country", no_country & ~bad_region, _say_no_country),
        Check("two_countries", "country", two_countries, _say_region),
        Check("other_site", "country", other_site, _say_site),
    ]


def _on_kit(faults: Faults) -> list[Check]:
    import polars as pl

    named = pl.col("model_named").is_not_null() | pl.col("bad_accelerator")
    typed = pl.col("model_instance").is_not_null() | pl.col("bad_instance_type")
    return [
        Check(
            "unknown_accelerator",
            "accelerator",
            pl.col("bad_accelerator") & ~(named & typed),
            lambda cells: _say_accelerator(cells, faults),
        ),
        _unresolved(faults, "instance_type", pl.col("bad_instance_type") & ~(named & typed)),
        Check("both", "instance_type", named & typed, _say_both),
        _unresolved(faults, "unit"),
        Check(
            "unit_of_instance",
            "unit",
            pl.col("the_unit").is_not_null() & typed & ~named,
            lambda _: ("instances are counted there", "leave the column unit blank"),
        ),
        Check("neither", "accelerator", ~named & ~typed, _say_neither),
    ]


def _on_dates_and_ways(faults: Faults) -> list[Check]:
    import polars as pl

    status, unlicensed = pl.col("the_status"), ~pl.col("the_licensed")
    dated = pl.col("start").is_not_null() | pl.col("bad_arrived") | pl.col("bad_in_service")
    undated = status.is_in(["ordered", "planned"]) & ~dated
    early = pl.col("day_arrived") > pl.col("day_in_service")
    cells = (
        "status", "arrived", "in_service", "out_of_service", "channel", "licensed", "stays",
    )  # fmt: skip
    return [
        *(_unresolved(faults, column) for column in cells),
        Check(
            "unlicensed_licence",
            "licensed",
            (pl.col("the_channel") == Channel.LICENCE.value) & unlicensed,
            lambda _: _UNLICENSED,
        ),
        _unresolved(faults, "from_country"),
        _unresolved(faults, "notice_filed"),
        Check("early_service", "in_service", early, _say_early),
        Check("ends_early", "out_of_service", pl.col("end") <= pl.col("start"), _say_ends),
        Check("no_date", "status", undated, _say_no_date),
    ]


def mark(frame: pl.DataFrame, listed: list[Check]) -> pl.DataFrame:
    """Return the groups with something wrong, with a column `!<check>` for every check."""
    import polars as pl

    present = set(frame.columns)
    full = frame.with_columns(
        pl.lit(None, pl.String).alias(key) for key in KEYS if key not in present
    )
    marks = full.lazy().with_columns(
        check.marked.fill_null(value=False).alias(f"!{check.name}") for check in listed
    )
    names = [f"!{check.name}" for check in listed]
    return marks.filter(pl.any_horizontal(*names, pl.col("bad") > 0)).collect()


def count(marked: pl.DataFrame, listed: list[Check]) -> int:
    """Count the faults on all lines of marked groups."""
    import polars as pl

    lines = sum((pl.col(f"!{c.name}").cast(pl.Int64) * pl.col("count") for c in listed), pl.lit(0))
    return int(marked.select((lines + pl.col("bad")).sum()).item())


#: A kind of fault: the name of its check, and what stands in its column.
Kind = tuple[str, str | None]


def kinds(marked: pl.DataFrame, listed: list[Check]) -> tuple[pl.DataFrame, dict[Kind, int]]:
    """Return a group for each kind of fault, the first, and on how many lines each kind is."""
    import polars as pl

    chosen, counts = [], {}
    for check in listed:
        of_check = marked.filter(pl.col(f"!{check.name}")).sort("line")
        by = [check.column] if check.column in marked.columns else []
        firsts = of_check.unique(by or None, keep="first", maintain_order=True)
        chosen.append(firsts.head(SHOWN_PROBLEMS))
        sums = (
            of_check.group_by(by).agg(pl.col("count").sum())
            if by
            else of_check.select(pl.col("count").sum())
        )
        for *cell, total in sums.rows():
            counts[check.name, cell[0] if cell else None] = int(total)
    first_of_each = [frame.head(1) for frame in chosen]
    whole = pl.concat([*first_of_each, *chosen]).unique(maintain_order=True)
    return whole.head(SHOWN_PROBLEMS), counts


def problems(
    marked: pl.DataFrame, listed: list[Check], file: str, counts: Mapping[Kind, int] | None = None
) -> Iterator[Fault]:
    """Yield the faults of marked lines; `quantity_text` is their quantity as written.

    `counts`: on how many lines each kind of fault is, where only the first line of each is there.
    """
    told: set[Kind] = set()
    for cells in marked.sort("line").iter_rows(named=True):
        written = {check.column: cells.get(check.column) for check in listed}
        for key in KEYS:
            cells[key] = (cells[key] or "").strip(SPACE)
        line = cells["line"]
        for check in listed:
            if cells[f"!{check.name}"]:
                kind, more = (check.name, written[check.column]), 0
                if counts is not None:
                    if kind in told:
                        continue
                    told.add(kind)
                    more = counts.get(kind, 1) - 1
                message, fix = check.say(cells)
                value = cells[check.column] or None
                yield Fault(message, fix, file, line, check.column, value, more)
        if cells["bad"]:
            text = (cells["quantity_text"] or "").strip(SPACE)
            try:
                whole(text, MOST_QUANTITY)
            except BadText as bad:
                yield Fault(bad.message, bad.fix, file, line, "quantity", text or None)


def _asked(column: str, cells: Cells) -> Any:
    if column in ("region", "instance_type"):
        return (cells["provider"] or None, cells[column])
    return cells[column]


def _say_accelerator(cells: Cells, faults: Faults) -> Said:
    name = cells["accelerator"]
    asked = (cells["provider"] or None, cells["unit"] or None, name)
    if asked in faults.holders:
        text = (cells["quantity_text"] or "").strip(SPACE)
        is_count = text.isascii() and text.isdigit()
        return faults.holders[asked].of(int(text) if is_count else None)
    said = faults.said["accelerator"]
    # Where a table has neither column, names are read by themselves.
    return said[asked] if asked in said else said[name]


def _say_no_country(cells: Cells) -> Said:
    if cells["region"] and not cells["provider"]:
        return "no country: a region without a provider", "fill country, or provider"
    fix = "fill the column country, or provider and region, or list the site in sites.csv"
    return "no country", fix


def _say_region(cells: Cells) -> Said:
    where = f"{cells['provider']!r} {cells['region']!r} is in {cells['country_region']}"
    return f"the country disagrees with the region: {where}", "mend one of them"


def _say_site(cells: Cells) -> Said:
    said = f"the site {cells['site']!r} is in {cells['country_site']} in the table of sites"
    return said, "mend one of them"


def _say_both(_: Cells) -> Said:
    fix = "keep one: quantity counts accelerators for the first, instances for the second"
    return "accelerator and instance_type are both given", fix


def _say_neither(_: Cells) -> Said:
    return "is blank", "name the accelerator, or provider and instance_type"


def _say_early(cells: Cells) -> Said:
    return f"dates out of order: in service before it arrived on {cells['day_arrived']}", "mend one"


def _say_ends(cells: Cells) -> Said:
    column = "arrived" if cells["day_arrived"] else "in_service"
    return f"dates out of order: not after {column} {cells['start']}", "mend one of them"


def _say_no_date(_: Cells) -> Said:
    return "a planned lot needs a date", "fill arrived or in_service"
