"""The layout of a plan where an inventory of the day is asked for, and what to do instead.

A layout is an inventory of its plan: of what is to come, on the days of the plan. Rows of it,
picked out by date, are not what stands on a day: what leaves later has left, and what was bought is
bought again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from placement.enums import Status
from placement.readers.formats.csv_records import folded_name

if TYPE_CHECKING:
    from placement.inventory import Inventory

LAYOUT = "layout.csv"
"""The file of a plan's layout in its folder."""

#: The columns that a layout has and no reader of inventories reads.
_OWN = {"period", "tpp"}


def is_layout(inventory: Inventory) -> bool:
    """Tell whether a table has the columns of a plan's layout."""
    return {folded_name(name) for name in inventory.extra} >= _OWN


def begun(inventory: Inventory, day: date) -> list[str]:
    """Say that a layout is of a plan that has begun by a day; nothing of any other inventory."""
    first = _first_planned(inventory) if is_layout(inventory) else None
    if first is None or first > day:
        return []
    said = f"{inventory.source} is the layout of a plan from {first} on, which has begun: it says"
    return [f"{said} what was to be, not what is; {_instead('PERIOD')}"]


def planned_from(inventory: Inventory, period: str) -> list[str]:
    """Say that a layout is no inventory to plan from; nothing of any other inventory."""
    if not is_layout(inventory):
        return []
    said = (
        f"{inventory.source} is the layout of a plan (columns period and tpp), and not what stands "
        "on a day: what the plan moves later has left, and what it bought may be bought again"
    )
    return [f"{said}; {_instead(period)}"]


def _instead(period: str) -> str:
    return f"`placement advance PLAN --to {period} --out DIR` writes the inventory of that day"


def _first_planned(inventory: Inventory) -> date | None:
    import polars as pl

    planned = inventory.lots.filter(pl.col("status") == Status.PLANNED.value)
    first = planned["start"].min()
    return first if isinstance(first, date) else None
