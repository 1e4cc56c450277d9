"""latency.csv: how long it takes from zones of demand to sites."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from placement.errors import Fault, InputError
from placement.readers.cells import Exact
from placement.readers.table import Table, read_table
from placement.text.lookalikes import NameKind


class LatencyRow(BaseModel):
    """Milliseconds between a zone of demand.csv and a site, measured as `max_latency_ms` is."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    zone: Annotated[str, NameKind.ZONE]
    site: Annotated[str, NameKind.SITE]
    ms: Exact = Field(ge=0)


def read_latency(path: str | Path, *, name: str | None = None) -> Table[LatencyRow]:
    """Read latency.csv; InputError with every fault, a pair named twice among them."""
    table = read_table(path, LatencyRow, name=name, allow_empty=True)
    first: dict[tuple[str, str], int] = {}
    problems = []
    for line, row in table.rows:
        if first.setdefault((row.zone, row.site), line) != line:
            already = first[row.zone, row.site]
            message = f"{row.zone} to {row.site} is already on line {already}"
            problems.append(Fault(message, "keep one row", table.file, line, "site", row.site))
    if problems:
        raise InputError(problems)
    return table
