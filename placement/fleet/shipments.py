"""Shipments as lots: what rules on shipments add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from placement.enums import Which
from placement.fleet.classification import Classification
from placement.policy import Measured

if TYPE_CHECKING:
    import polars as pl

    from placement.readers.tables.shipments import Shipment


def shipped_lots(
    shipments: Iterable[Shipment],
    of: Measured,
    day: date,
    groups: Mapping[str, Sequence[str]],
    scope: Classification,
) -> pl.DataFrame:
    """Return shipments in a window as lots: from the origin, or to the home for use there.

    `groups`: the owner groups that each exporter adds to. What went by an exception is there and
    weighs nothing; so does what has a licence, where only what has none is asked for.
    """
    import polars as pl

    is_free = of.which is Which.UNLICENSED
    rows = [
        (
            subject,
            _destination(shipment, of),
            shipment.model,
            0
            if (is_free and shipment.licensed) or scope.is_excepted(shipment)
            else shipment.quantity,
            shipment.line,
        )
        for shipment in shipments
        for subject in groups[shipment.exporter]
        if shipment.quantity
        and shipment.day <= day
        and (of.since is None or of.since <= shipment.day)
        and _is_asked(shipment, of)
    ]
    schema = {
        "subject": pl.String,
        "country": pl.String,
        "model": pl.String,
        "quantity": pl.Int128,
        "line": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        unit_num=pl.lit(1, pl.Int64),
        unit_den=pl.lit(1, pl.Int64),
        forecast=pl.lit(value=False),
        line_quantity=pl.col("quantity").cast(pl.Int64),
    )


def _destination(one: Shipment, of: Measured) -> str:
    """Return where a shipment counts: where a rule looks, it goes there or is used there."""
    through = one.to_country not in of.to and one.end_use in of.to
    return one.end_use if through else one.to_country


def _is_asked(one: Shipment, of: Measured) -> bool:
    to = _destination(one, of)
    if to in of.home:
        return one.end_use in of.home
    if one.from_country == to:
        return False
    return of.origin is None or one.from_country in of.origin
