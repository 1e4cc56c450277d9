"""supply.csv: what may be bought, when, at what price; accelerators.csv: a user's own figures."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from placement.catalog import Override
from placement.sources.fields import Exact, Flag, Whole
from placement.sources.table import Table, read_table


class SupplyRow(BaseModel):
    """What is delivered of one model in one period.

    Quantity and price (USD) are per accelerator; kw per accelerator with its share of the server,
    before PUE.
    """

    model_config = ConfigDict(frozen=True)

    accelerator: str
    period: str
    quantity: Whole
    unit_usd: Exact = Field(ge=0)
    purchase_unit: Whole | None = Field(default=None, gt=0)
    kw: Exact | None = Field(default=None, gt=0)


class AcceleratorRow(BaseModel):
    """A user's figures for a model of the catalogue, or for one that it lacks."""

    model_config = ConfigDict(frozen=True)

    accelerator: str
    source: str
    tpp: Exact | None = None
    kw: Exact | None = None
    purchase_unit: Whole | None = None
    performance_density: Exact | None = None
    memory_bandwidth_gb_s: Exact | None = None
    datacenter: Flag | None = None

    def override(self) -> Override:
        """Give the row as the catalogue takes it."""
        return Override(self.accelerator, **self.model_dump(exclude={"accelerator"}, mode="python"))


def read_supply(path: str | Path, *, name: str | None = None) -> Table[SupplyRow]:
    """Read supply.csv; InputError with every fault."""
    return read_table(path, SupplyRow, name=name, allow_empty=True)


def read_accelerators(path: str | Path, *, name: str | None = None) -> Table[AcceleratorRow]:
    """Read accelerators.csv; InputError with every fault."""
    return read_table(path, AcceleratorRow, name=name, allow_empty=True)
