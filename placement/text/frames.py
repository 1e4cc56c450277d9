"""Tables as DataFrames: counts as integers, amounts as floats with the exact text beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

COUNTS = frozenset({"quantity", "lot_count"})
"""Columns of whole accelerators: Int64, <NA> where there is none."""

AMOUNTS = frozenset(
    {"accelerators", "amount", "asked", "cost", "denominator", "discounted", "headroom", "limit",
     "numerator", "other_share", "share", "tpp"}
)  # fmt: skip
"""Columns of money, TPP and shares: float64 to reckon with, and NAME_exact, text, to rely on."""


_MOST_ROWS = 60


def html_of(title: str, frame: pd.DataFrame) -> str:
    """Return a DataFrame below its title as HTML, for a notebook; both are escaped."""
    shown = frame[[name for name in frame.columns if not str(name).endswith("_exact")]]
    table: str = shown.to_html(index=False, max_rows=_MOST_ROWS, na_rep="", border=0)
    return f"<pre>{escape(title)}</pre>\n{table}"


def frame_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> pd.DataFrame:
    """Return rows as a DataFrame; a column of `AMOUNTS` is followed by its exact text.

    Text of an amount is a decimal or `numerator/denominator`; empty or None is not a number.
    """
    import pandas as pd

    table = list(rows)
    found: dict[str, pd.Series[Any]] = {}
    for place, name in enumerate(columns):
        cells = [row[place] for row in table]
        if name in COUNTS:
            whole = [None if cell in ("", None) else int(str(cell)) for cell in cells]
            found[name] = pd.Series(whole, dtype="Int64")
        elif name in AMOUNTS:
            found[name] = pd.Series([_number(cell) for cell in cells], dtype="float64")
            found[f"{name}_exact"] = pd.Series(cells, dtype="object")
        else:
            found[name] = pd.Series(cells, dtype="object")
    return pd.DataFrame(found)


def _number(cell: object) -> float:
    return float("nan") if cell in ("", None) else float(Fraction(str(cell)))
