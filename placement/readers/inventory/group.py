"""One pass over an inventory's rows: equal rows become one group with an exact sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

#: The columns that tell lots apart; quantity and asset_id are read too.
KEYS = (
    "owner",
    "operator",
    "site",
    "country",
    "provider",
    "region",
    "accelerator",
    "instance_type",
    "unit",
    "status",
    "arrived",
    "in_service",
    "out_of_service",
    "consignee",
    "channel",
    "licensed",
    "from_country",
    "notice_filed",
    "stays",
)
READ = (*KEYS, "quantity", "asset_id")

#: Most accelerators on one line.
MOST_QUANTITY = 10**12

# A weight holds a quantity and its line in one integer, so that one maximum finds the heaviest
# line: quantity * 2^40 - line. While quantities stay under 2^22 it and the sums fit 64 bits.
_SHIFT = 1 << 40
_NARROW = 1 << 22
_DOUBTFUL = 1 << 62


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups: their keys as written, quantity (Int128), line, line_quantity, count, bad.

    `bad` counts the lines of a group whose quantity is no whole number. `keyless` says that every
    key is empty in some row, which may be a blank one; `asset_twice` that some asset_id stands on
    two lines; `row_twice` that two rows without one may say the same: their cells that are not
    read are equal, or, where every column is read, all their cells.
    """

    frame: pl.DataFrame
    rows: int
    keyless: bool = False
    asset_twice: bool = False
    row_twice: bool = False


def group(raw: pl.LazyFrame, *, each_line: bool) -> Groups:
    """Group `raw`, text columns and an integer `line`; or keep each line for itself."""
    import polars as pl

    present = raw.collect_schema().names()
    keys = [key for key in KEYS if key in present]
    categories = pl.Categories.random()
    read = raw.select("line", *(name for name in READ if name in present))
    rows = read.with_columns(pl.col(key).cast(pl.Categorical(categories)) for key in keys)
    by = [*keys, "line"] if each_line else keys
    queries = [_narrow(rows, by), _hashes(raw)]
    if "asset_id" in present:
        queries.append(asset_ids(raw).select(pl.col("asset_id").hash()))
    found, of_rows, *hashes = pl.collect_all(queries, engine="streaming")
    if _needs_wide(found):
        found = _wide(rows, by).collect(engine="streaming")
    twice = bool(hashes) and hashes[0].to_series().n_unique() != hashes[0].height
    total = int(found["count"].sum())
    alike = of_rows.to_series()
    return Groups(
        _unpacked(found, keys, each_line=each_line),
        total,
        _is_keyless(found, keys),
        twice,
        alike.n_unique() != len(alike),
    )


def asset_ids(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Return the asset ids that are not blank, stripped."""
    import polars as pl

    return raw.select(pl.col("asset_id").str.strip_chars(), "line").filter(
        pl.col("asset_id").is_not_null() & (pl.col("asset_id") != "")
    )


def without_asset(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows that have no asset_id: two that are equal may be one lot written twice."""
    import polars as pl

    if "asset_id" not in raw.collect_schema().names():
        return raw
    return raw.filter(is_empty(pl.col("asset_id")))


def unread(raw: pl.LazyFrame) -> list[str]:
    """Return the columns that nothing reads, which may tell rows apart all the same."""
    return [name for name in raw.collect_schema().names() if name not in (*READ, "line")]


def _hashes(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Return a hash of each row without an asset_id: of what is not read, else of all its cells."""
    import polars as pl

    rows = without_asset(raw)
    names = unread(rows) or [name for name in rows.collect_schema().names() if name != "line"]
    mixed = pl.lit(0, pl.UInt64)
    for seed, name in enumerate(names, start=1):
        mixed ^= trimmed(pl.col(name)).hash(seed)
    return rows.select(mixed.alias("hash"))


def trimmed(text: pl.Expr) -> pl.Expr:
    """Return a cell without outer space, empty where it is missing."""
    return text.str.strip_chars().fill_null("")


def is_empty(text: pl.Expr) -> pl.Expr:
    """Whether a cell is missing, or holds nothing but spaces."""
    return trimmed(text) == ""


def amount_read() -> pl.Expr:
    """Read `quantity` as a whole number; null where it is none, or too large."""
    import polars as pl

    text = pl.col("quantity").str.strip_chars()
    # As `fields.whole`: 1024.0 is a whole number, 1.000 may be a thousand.
    is_whole = text.str.contains(r"^[0-9]+(\.0{1,18})?$") & ~text.str.contains(r"^[0-9]{1,3}\.000$")
    amount = text.str.replace(r"\..*$", "").cast(pl.Int64, strict=False)
    return pl.when(is_whole & (amount <= MOST_QUANTITY)).then(amount)


def _narrow(rows: pl.LazyFrame, by: list[str]) -> pl.LazyFrame:
    import polars as pl

    text, amount, line = pl.col("quantity"), pl.col("amount"), pl.col("line")
    fits = (amount < _NARROW) & ~text.str.starts_with("+")
    return (
        rows.with_columns(amount=text.cast(pl.UInt32, strict=False).cast(pl.Int64))
        .with_columns(weight=pl.when(fits).then(amount * _SHIFT - line).otherwise(_DOUBTFUL))
        .group_by(by)
        .agg(
            pl.col("amount").sum().alias("quantity"),
            pl.col("weight").max(),
            pl.len().cast(pl.Int64).alias("count"),
        )
        .with_columns(pl.lit(0, pl.Int64).alias("bad"))
    )


def _needs_wide(found: pl.DataFrame) -> bool:
    """Whether a line has a quantity that the narrow way does not read."""
    import polars as pl

    return not found.filter(pl.col("weight") == _DOUBTFUL).is_empty()


def _is_keyless(found: pl.DataFrame, keys: list[str]) -> bool:
    """Whether all keys of some group are empty, or spaces."""
    import polars as pl

    for key in keys:
        spellings = found.select(pl.col(key).unique())
        empty = spellings.filter(is_empty(pl.col(key).cast(pl.String)))
        found = found.join(empty, on=key, how="semi", nulls_equal=True)
    return not found.is_empty()


def _wide(rows: pl.LazyFrame, by: list[str]) -> pl.LazyFrame:
    import polars as pl

    amount, line = pl.col("amount"), pl.col("line").cast(pl.Int128)
    return (
        rows.with_columns(amount=amount_read().cast(pl.Int128))
        .with_columns(weight=amount * pl.lit(_SHIFT, pl.Int128) - line)
        .group_by(by)
        .agg(
            pl.col("amount").sum().alias("quantity"),
            pl.col("weight").max(),
            pl.len().cast(pl.Int64).alias("count"),
            pl.col("amount").is_null().sum().cast(pl.Int64).alias("bad"),
        )
    )


def _unpacked(found: pl.DataFrame, keys: list[str], *, each_line: bool) -> pl.DataFrame:
    import polars as pl

    weight = pl.col("weight")
    shift = pl.lit(_SHIFT, found.schema["weight"])
    heaviest = (weight + shift - 1) // shift
    return found.select(
        *keys,
        pl.col("quantity").cast(pl.Int128),
        line=pl.col("line") if each_line else (heaviest * shift - weight).cast(pl.Int64),
        line_quantity=heaviest.cast(pl.Int64),
        count="count",
        bad="bad",
    ).sort("line")
