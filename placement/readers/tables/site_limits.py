"""site_limits.csv: power and places of sites that change over time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from placement.errors import Fault
from placement.readers.cells import Exact, PeriodName, Whole
from placement.readers.doubts import Accepting, large_site
from placement.readers.table import Doubts, Table, read_table
from placement.text.lookalikes import NameKind


class SiteLimitRow(BaseModel):
    """What a site has from a period on, until its next row; MW at the meter.

    Blank: as before.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    site: Annotated[str, NameKind.SITE]
    period: PeriodName
    power_mw: Exact | None = Field(default=None, ge=0)
    racks: Whole | None = None

    @model_validator(mode="after")
    def _says_something(self) -> SiteLimitRow:
        if self.power_mw is None and self.racks is None:
            raise ValueError("give power_mw, racks, or both")
        return self


def read_site_limits(
    path: str | Path, *, name: str | None = None, accepting: Accepting | None = None
) -> Table[SiteLimitRow]:
    """Read site_limits.csv; InputError with every fault."""
    return read_table(
        path,
        SiteLimitRow,
        name=name,
        allow_empty=True,
        doubts=Doubts(note=_large),
        accepting=accepting,
    )


def _large(table: Table[SiteLimitRow]) -> Iterator[Fault]:
    for line, row in table.rows:
        yield from large_site(row.power_mw, table.file, line)
