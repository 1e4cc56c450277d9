"""Small fleets for tests: lots in memory, without a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from placement.inventory import LOT_COLUMNS, Inventory

SCHEMA = {
    "owner": pl.String,
    "operator": pl.String,
    "site": pl.String,
    "country": pl.String,
    "model": pl.String,
    "quantity": pl.Int128,
    "unit_num": pl.Int64,
    "unit_den": pl.Int64,
    "status": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "consignee": pl.String,
    "channel": pl.String,
    "licensed": pl.Boolean,
    "from_country": pl.String,
    "notice_filed": pl.Date,
    "in_service": pl.Date,
    "stays": pl.Boolean,
    "line": pl.Int64,
    "line_quantity": pl.Int64,
}


@dataclass(frozen=True)
class Lot:
    """One lot; H100 SXM by default, whose TPP is 15,832."""

    country: str
    quantity: int
    model: str = "H100-SXM5-80GB"
    owner: str = "USco"
    operator: str | None = None
    status: str = "installed"
    start: date | None = None
    end: date | None = None
    unit: tuple[int, int] = (1, 1)
    consignee: str | None = None
    channel: str | None = None
    licensed: bool | None = None
    from_country: str | None = None
    notice_filed: date | None = None
    in_service: date | None = None


def inventory(lots: Sequence[Lot]) -> Inventory:
    """Return the lots as an inventory whose lines start at 2."""
    rows = [
        (
            lot.owner,
            lot.operator or lot.owner,
            f"{lot.country}-1",
            lot.country,
            lot.model,
            lot.quantity,
            *lot.unit,
            lot.status,
            lot.start,
            lot.end,
            lot.consignee or lot.owner,
            lot.channel,
            lot.licensed,
            lot.from_country,
            lot.notice_filed,
            lot.in_service,
            None,
            number,
            lot.quantity,
        )
        for number, lot in enumerate(lots, start=2)
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    assert tuple(frame.columns) == LOT_COLUMNS
    return Inventory(frame, "inventory.csv", len(rows))
