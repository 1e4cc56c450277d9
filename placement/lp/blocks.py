"""Columns, rows and entries by which a program is extended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placement.enums import ColumnKind, RowKind
from placement.lp.labels import Label, LabelFamily

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class ColumnBlock:
    """Columns with their bounds and costs; their upper bounds follow from rows."""

    labels: Sequence[LabelFamily[ColumnKind] | Label[ColumnKind]]
    lower: Ints
    upper: Ints
    cost: Ints
    integer: bool = False


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows with upper ends alone."""

    labels: Sequence[LabelFamily[RowKind] | Label[RowKind]]
    upper: Ints


@dataclass(frozen=True, slots=True)
class Entries:
    """Coefficients: values[n] of columns[n] in rows[n]."""

    rows: Ints
    columns: Ints
    values: Ints
