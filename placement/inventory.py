"""The lot table: what every reader of `sources` gives and everything after it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.text.forked import starts_threads

if TYPE_CHECKING:
    import polars as pl

    from placement.text.lookalikes import Mention

#: Columns of `Inventory.lots`, in order. Units: accelerators in a lot = quantity * unit_num /
#: unit_den (unit is 1/1 but for instance types, where quantity counts instances).
#:
#:   owner, operator  Utf8      company names as written, trimmed; operator = owner where not given
#:   site             Utf8      the site's name, trimmed
#:   country          Utf8      ISO 3166-1 alpha-2
#:   model            Utf8      a model of the catalogue
#:   quantity         Int128    sum over the lines that the lot stands for
#:   unit_num/_den    Int64     accelerators per unit of quantity, as a fraction
#:   status           Utf8      a `vocabulary.Status`
#:   start            Date      first day on which the lot counts; null: always
#:   end              Date      out_of_service: first day on which it no longer counts; null: never
#:   consignee        Utf8      company whose yearly low-volume limit is charged; owner where blank
#:   channel          Utf8      a `vocabulary.Channel`: what the lot came under; null: not said
#:   licensed         Boolean   whether a licence is held; null: not said
#:   from_country     Utf8      ISO 3166-1 alpha-2, may be `country` (a move inside it); null: from
#:                              abroad, unknown
#:   notice_filed     Date      when notice of the transfer was filed; null: not recorded
#:   in_service       Date      when it was installed; null: not said, so as it arrived
#:   stays            Boolean   whether no plan may move or retire it; null: it may
#:   line             Int64     the line that weighs most in the lot
#:   line_quantity    Int64     that line's own quantity
LOT_COLUMNS = (
    "owner",
    "operator",
    "site",
    "country",
    "model",
    "quantity",
    "unit_num",
    "unit_den",
    "status",
    "start",
    "end",
    "consignee",
    "channel",
    "licensed",
    "from_country",
    "notice_filed",
    "in_service",
    "stays",
    "line",
    "line_quantity",
)


@dataclass(frozen=True, slots=True)
class Inventory:
    """Lots from one file: validated, resolved, and equal lines of a big file merged.

    A small file has one lot per line. In a big one, lines that agree in everything but quantity
    are one lot, which names its heaviest line. `columns`: those that the file has; `extra`: those
    of it that nothing reads; `names`: each spelling of a company or site, with a line of it.
    `each_line` reads a big one again with a lot for each line; None where that is so already.
    `assumptions` say what each server or rack was counted as. `lesser_notes`: those of `notes`
    that move no verdict.
    """

    lots: pl.DataFrame
    source: str
    rows: int
    notes: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()
    extra: tuple[str, ...] = ()
    names: tuple[Mention, ...] = ()
    each_line: Callable[[], Inventory] | None = None
    assumptions: tuple[str, ...] = ()
    lesser_notes: tuple[str, ...] = ()

    def accelerators(self) -> Fraction:
        """Return the accelerators of all lots, whatever their status."""
        import polars as pl

        sums = self.lots.group_by("unit_den").agg(
            (pl.col("quantity").cast(pl.Int128) * pl.col("unit_num")).sum()
        )
        return sum((Fraction(count, den) for den, count in sums.rows()), Fraction(0))

    def last_date(self) -> date | None:
        """Return the latest start or end of any lot, None where no lot has a date."""
        import polars as pl

        found = self.lots.select(
            pl.max_horizontal(pl.col("start").max(), pl.col("end").max())
        ).item()
        return found if isinstance(found, date) else None


def no_lots() -> Inventory:
    """Return the inventory of someone who has none."""
    starts_threads()
    import polars as pl

    kinds: dict[str, pl.DataType] = {
        "quantity": pl.Int128(),
        **dict.fromkeys(("licensed", "stays"), pl.Boolean()),
        **dict.fromkeys(("unit_num", "unit_den", "line", "line_quantity"), pl.Int64()),
        **dict.fromkeys(("start", "end", "notice_filed", "in_service"), pl.Date()),
    }
    schema = {column: kinds.get(column, pl.String()) for column in LOT_COLUMNS}
    return Inventory(pl.DataFrame(schema=schema), "no inventory", 0)
