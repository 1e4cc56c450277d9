"""supply.csv: what may be bought, when, at what price."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from placement.sources.fields import Exact, Price, Whole
from placement.sources.money import CURRENCY
from placement.sources.table import Table, read_table


class SupplyRow(BaseModel):
    """What is delivered of one model in one period.

    Quantity and price are per accelerator; kw per accelerator with its share of the server,
    before PUE.
    """

    model_config = ConfigDict(frozen=True)

    accelerator: str
    period: str
    quantity: Whole
    unit_usd: Price = Field(ge=0)
    purchase_unit: Whole | None = Field(default=None, gt=0)
    kw: Exact | None = Field(default=None, gt=0)


def read_supply(
    path: str | Path, *, name: str | None = None, currency: str = CURRENCY
) -> Table[SupplyRow]:
    """Read supply.csv; InputError with every fault."""
    return read_table(path, SupplyRow, name=name, currency=currency, allow_empty=True)
