"""supply.csv: what may be bought, when, at what price."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from placement.errors import Fault
from placement.readers.cells import Exact, PeriodName, Price, Whole
from placement.readers.config.money import CURRENCY, in_currency
from placement.readers.doubts import Accepting, dear_price
from placement.readers.table import Doubts, Table, read_table


class SupplyRow(BaseModel):
    """What is delivered of one model in one period.

    Quantity and price are per accelerator; kw per accelerator with its share of the server,
    before PUE.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    accelerator: str
    period: PeriodName
    quantity: Whole
    unit_usd: Price = Field(ge=0)
    purchase_unit: Whole | None = Field(default=None, gt=0)
    kw: Exact | None = Field(default=None, gt=0)


def read_supply(
    path: str | Path,
    *,
    name: str | None = None,
    currency: str = CURRENCY,
    accepting: Accepting | None = None,
) -> Table[SupplyRow]:
    """Read supply.csv; InputError with every fault."""
    column = in_currency("unit_usd", currency)

    def dear(table: Table[SupplyRow]) -> Iterator[Fault]:
        for line, row in table.rows:
            yield from dear_price(row.unit_usd, currency, table.file, line, column)

    return read_table(
        path,
        SupplyRow,
        name=name,
        currency=currency,
        allow_empty=True,
        doubts=Doubts(note=dear),
        accepting=accepting,
    )
