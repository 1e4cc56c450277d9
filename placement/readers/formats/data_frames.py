"""DataFrames, of pandas or polars, as the text of the CSV file that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from placement.errors import Fault
from placement.readers.formats.csv_records import Header, no_name
from placement.readers.formats.quotes import lines_of, rows_within
from placement.text.csv_writer import quoted

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    Frame: TypeAlias = pd.DataFrame | pl.DataFrame


@dataclass(frozen=True, slots=True)
class Texts:
    """The names and cells of a DataFrame as text, by column; None: no value.

    Lines count as in the file that it would make: the first row is line 2.
    """

    names: list[str]
    columns: list[list[str | None]]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def faults(self, header: Header, name: str) -> list[Fault]:
        """Return what is wrong with a frame that was made of a damaged file.

        Columns with values that have no name, and cells that took in rows of the file.
        """
        found = [
            no_name(place, header.line, name)
            for place in header.unnamed
            if any(cell and cell.strip() for cell in self.columns[place])
        ]
        broken = {
            row
            for column in self.columns
            for row, cell in enumerate(column)
            if cell and ("\n" in cell or "\r" in cell)
        }
        for row in sorted(broken):
            inside = rows_within(lines_of(self._row_text(row)), len(self.names))
            if inside:
                what = "a row" if len(inside) == 1 else f"{len(inside)} rows"
                message = f"a cell of this line has lines in it, {what} of {len(self.names)} cells"
                fix = "look for a stray quote in the file that the DataFrame was read from"
                found.append(Fault(message, fix, name, row + 2))
        return found

    def csv(self) -> str:
        """Return the CSV file that says the same."""
        head = _csv_line(self.names)
        return head + "".join(self._row_text(row) for row in range(self.rows))

    def _row_text(self, row: int) -> str:
        return _csv_line([column[row] or "" for column in self.columns])


def is_frame(given: object) -> bool:
    """Tell whether something is a DataFrame of pandas or polars."""
    return _is_polars(given) or (hasattr(given, "columns") and hasattr(given, "iloc"))


def texts_of(frame: Frame) -> Texts:
    """Return the names and cells of a DataFrame as they would stand in a CSV file."""
    given: Any = frame
    if _is_polars(given):
        columns = [given[name].to_list() for name in given.columns]
    else:
        columns = [given.iloc[:, place].tolist() for place in range(given.shape[1])]
    names = ["" if _is_missing(name) else str(name) for name in given.columns]
    return Texts(names, [[cell_text(value) for value in column] for column in columns])


def cell_text(value: object) -> str | None:
    """Write a cell of a DataFrame as it would stand in a CSV file; None where it is missing."""
    if isinstance(value, str):
        return value or None
    if _is_missing(value):
        return None
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value))
        # Digits, not an exponent: 1e-05 is 0.00001.
        return format(Decimal(repr(float(value))), "f") if isfinite(value) else str(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return str(value) or None


def _is_missing(value: object) -> bool:
    """Tell whether a cell is None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | Decimal) and value != value


def _is_polars(given: object) -> bool:
    kind = type(given)
    return kind.__module__.split(".")[0] == "polars" and kind.__name__ == "DataFrame"


def _csv_line(cells: Sequence[str]) -> str:
    """Write a row; the csv module of Python 3.11 leaves a lone carriage return unquoted."""
    return ",".join(map(quoted, cells)) + "\n"
