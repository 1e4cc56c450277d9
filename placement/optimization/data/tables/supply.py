"""supply.csv as deliveries by model, and the kits that models are bought and installed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from placement.catalog import Accelerator
from placement.enums import Counted
from placement.errors import Fault
from placement.optimization.data.records import AcceleratorSpec, Delivery
from placement.optimization.data.tables.lookups import Reading
from placement.readers.tables.supply import SupplyRow, read_supply
from placement.text.decimals import plain

SERVER_SHARE = Fraction(3, 2)
"""kW per accelerator with its server, over its TDP, where nothing better is known."""


@dataclass(frozen=True, slots=True)
class SupplyLine:
    """A row of supply.csv: its line, and the index of its period."""

    line: int
    t: int
    row: SupplyRow


@dataclass(frozen=True, slots=True)
class Supply:
    """The rows of supply.csv by model, in the order of periods."""

    file: str
    lines: dict[str, list[SupplyLine]]

    def deliveries(self, model: str) -> tuple[Delivery, ...]:
        """Return what is delivered of a model."""
        return tuple(
            Delivery(one.t, one.row.quantity, one.row.unit_usd) for one in self.lines[model]
        )


def read_supplies(reading: Reading) -> Supply:
    """Read the rows of the periods that are planned."""
    if "supply" not in reading.paths:
        reading.notes.append("no supply.csv: nothing is bought")
    table = reading.table(
        "supply",
        lambda path, name: read_supply(
            path, name=name, currency=reading.currency, accepting=reading.accepting
        ),
    )
    if table is None:
        return Supply("", {})
    found: dict[str, dict[int, SupplyLine]] = {}
    for line, row in table.rows:
        model = _supplied(row, table.file, line, reading)
        t = None if model is None else reading.index_of(row.period, table.file, line)
        if model is None or t is None:
            continue
        answer = reading.policy.counts(model)
        of_model = found.setdefault(model.model, {})
        message = fix = ""
        if answer.counted is Counted.UNKNOWN:
            missing = ", ".join(answer.missing)
            message = f"nobody can say whether {model.model} counts: its {missing} is not known"
            fix = "supply it in accelerators.csv"
        elif t in of_model:
            message = f"{model.model} in {row.period} is already on line {of_model[t].line}"
            fix = "add the quantities up in one row"
        else:
            of_model[t] = SupplyLine(line, t, row)
        if message:
            fault = Fault(message, fix, table.file, line, "accelerator", row.accelerator)
            reading.faults.append(fault)
    lines = {model: sorted(rows.values(), key=lambda one: one.t) for model, rows in found.items()}
    supply = Supply(table.file, {model: rows for model, rows in lines.items() if rows})
    _check_agreement(supply, reading)
    return supply


def _supplied(row: SupplyRow, file: str, line: int, reading: Reading) -> Accelerator | None:
    """Resolve the model of a row; a fault and None where it counts servers or racks.

    Its price and kW are per accelerator, and what is written would be those of a server.
    """
    found = reading.counted(row.accelerator, row.quantity, file, line)
    if found is None or found[1] == 1:
        return found[0] if found else None
    model, many = found
    message = (
        f"is {many} x {model.model} by [aliases], and accelerators are counted and priced here"
    )
    fix = f"write {model.model}, with quantity, price and kW of accelerators"
    reading.faults.append(Fault(message, fix, file, line, "accelerator", row.accelerator))
    return None


def read_kits(
    supply: Supply, standing: Iterable[str], reading: Reading
) -> dict[str, AcceleratorSpec]:
    """Return the kit of each model that is delivered or stands somewhere."""
    kits: dict[str, AcceleratorSpec] = {}
    accelerators = reading.catalog.accelerators
    for model, lines in supply.lines.items():
        kit = kits[model] = _kit(accelerators[model], lines, reading, supply.file)
        count = sum(line.row.quantity for line in lines)
        if count % kit.unit:
            reading.notes.append(
                f"supply of {model}: {count} accelerators are no multiple of its purchase "
                f"unit {kit.unit}; {count % kit.unit} cannot be bought"
            )
    for model in sorted(set(standing) - kits.keys()):
        kits[model] = _kit(accelerators[model], [], reading, None)
    return kits


def _check_agreement(supply: Supply, reading: Reading) -> None:
    """Refuse rows of one model that give two purchase units, or two powers."""
    for model, lines in supply.lines.items():
        for column in ("purchase_unit", "kw"):
            given = [line for line in lines if getattr(line.row, column) is not None]
            for one in given[1:]:
                value, first = getattr(one.row, column), getattr(given[0].row, column)
                if value != first:
                    message = f"{model} has {column} {plain(Fraction(first))} on line "
                    fix = "write the same in every row, or leave it blank in all but one"
                    reading.faults.append(
                        Fault(
                            message + str(given[0].line),
                            fix,
                            supply.file,
                            one.line,
                            column,
                            plain(Fraction(value)),
                        )
                    )


def _kit(
    accelerator: Accelerator, lines: list[SupplyLine], reading: Reading, file: str | None
) -> AcceleratorSpec:
    """Return power and purchase unit: of the supply rows, else the catalogue, else assumed."""
    model, mtpp = accelerator.model, accelerator.mtpp(reading.policy.tf32_bits) or 0
    said_kw = next((line.row.kw for line in lines if line.row.kw), None)
    said_unit = next((line.row.purchase_unit for line in lines if line.row.purchase_unit), None)
    kw = said_kw or accelerator.kw
    if kw is None and accelerator.tdp_w is not None:
        kw = accelerator.tdp_w * SERVER_SHARE / 1000
        reading.assume("kW per accelerator = TDP x 1.5", f"{model} ({plain(kw)})")
    if kw is None:
        fix = f"supply kw for {model} in {'supply.csv or ' if lines else ''}accelerators.csv"
        line = lines[0].line if lines else None
        reading.faults.append(Fault(f"the power of {model} is not known", fix, file, line))
    unit = said_unit or accelerator.purchase_unit
    if unit is None:
        unit = 1
        reading.assume("purchase unit 1 where the catalogue has none", model)
    elif lines and said_unit is None:
        reading.assume("purchase units of the catalogue", f"{model} ({unit})")
    return AcceleratorSpec(model, unit, kw or Fraction(0), mtpp, reading.h100e)
