"""A user's accelerators.csv: new models, and fields that replace those of the catalogue."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from placement.catalog import Override, refused_overrides
from placement.errors import Fault, InputError
from placement.readers.cells import Exact, Flag, IsoDate, Whole
from placement.readers.table import read_table


class AcceleratorRow(BaseModel):
    """What is known of one model; blank: as in the catalogue."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    accelerator: str
    source: str
    tpp: Exact | None = None
    kw: Exact | None = None
    purchase_unit: Whole | None = None
    performance_density: Exact | None = None
    memory_bandwidth_gb_s: Exact | None = None
    datacenter: Flag | None = None
    release_year: Whole | None = None
    released: IsoDate | None = None


def read_overrides(path: str | Path) -> list[Override]:
    """Read the table; InputError with every row that the catalogue cannot take."""
    table = read_table(path, AcceleratorRow)
    # Nothing here may be lost in silence: a column that is not read was meant to change something.
    problems: list[Fault] = [
        Fault(
            note.removeprefix(f"{table.file}: "),
            f"known: {', '.join(AcceleratorRow.model_fields)}",
            table.file,
        )
        for note in table.notes
    ]
    overrides = [
        Override(
            row.accelerator,
            source=row.source,
            tpp=row.tpp,
            kw=row.kw,
            purchase_unit=row.purchase_unit,
            performance_density=row.performance_density,
            memory_bandwidth_gb_s=row.memory_bandwidth_gb_s,
            datacenter=row.datacenter,
            release_year=row.release_year,
            released=row.released,
        )
        for _, row in table.rows
    ]
    for place, error in refused_overrides(overrides):
        line, row = table.rows[place]
        problems.append(
            Fault(error.message, error.fix, table.file, line, "accelerator", row.accelerator)
        )
    if problems:
        raise InputError(problems)
    return overrides
