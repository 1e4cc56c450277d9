"""demand.csv as lines of demand, each of one period."""

from __future__ import annotations

from collections.abc import Mapping

from placement.errors import Fault
from placement.optimization.data.records import Demand, Site
from placement.optimization.data.tables.latency import read_latencies
from placement.optimization.data.tables.lookups import Reading, some
from placement.readers.table import Table
from placement.readers.tables.demand import DemandRow, Metric, read_demand


def read_demands(sites: Mapping[str, Site], reading: Reading) -> tuple[Demand, ...]:
    """Read the rows of the periods that are planned; `sites` is empty where they have faults."""
    latency = read_latencies(sites, reading)
    table = reading.table(
        "demand", lambda path, name: read_demand(path, name=name, accepting=reading.accepting)
    )
    if table is None:
        if latency is not None and "demand" not in reading.paths:
            latency.note(reading)
        return ()
    found = []
    asked: set[int] = set()
    no_latency: list[int] = []
    for line, row in table.rows:
        t = reading.index_of(row.period, table.file, line)
        if t is None:
            continue
        asked.add(t)
        demand = _demand(table, line, row, t, reading)
        if latency is not None and demand.max_latency_ms is not None:
            demand = latency.reached(demand, table.file, line, reading)
        elif demand.max_latency_ms is not None and "latency" not in reading.paths:
            no_latency.append(line)
        if row.quantity == 0:
            reading.notes.append(f"{table.file}:{line}: a demand of 0 asks for nothing")
        else:
            found.append(demand)
    if no_latency:
        message = "there is no latency.csv, and the line has a max_latency_ms"
        fix = "add a latency.csv with zone, site and ms, or leave it blank"
        reading.faults.append(Fault(message, fix, table.file, no_latency[0], "max_latency_ms"))
    if latency is not None:
        latency.note(reading)
    blank = [one.name for t, one in enumerate(reading.periods) if t not in asked]
    if asked and blank:
        reading.notes.append(f"{table.file} asks for nothing in {some(blank)}")
    return tuple(found)


def _demand(table: Table[DemandRow], line: int, row: DemandRow, t: int, reading: Reading) -> Demand:
    period = reading.periods[t]
    model, quantity = None, row.quantity
    if row.accelerator is not None:
        named = reading.counted(row.accelerator, quantity, table.file, line)
        model = named[0].model if named else None
        quantity *= named[1] if named else 1
    countries = reading.places(row.countries, period.last, table.file, line, "countries")
    return Demand(
        row=f"demand line {line}",
        where=";".join(row.countries) or "anywhere",
        period=period.name if len(reading.periods) > 1 else "",
        quantity=quantity,
        metric=row.metric or Metric.ACCELERATORS,
        model=model,
        countries=countries if row.countries else None,
        t=t,
        zone=row.zone,
        max_latency_ms=row.max_latency_ms,
    )
