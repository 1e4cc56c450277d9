"""Which accelerators serve which line of demand, and from where: the rows of served.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from placement.enums import ColumnKind
from placement.lp.program import Program
from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Problem
from placement.optimization.data.records import Demand
from placement.optimization.model.credit.zones import Zone, zones_of
from placement.optimization.model.label_keys import ServedKey
from placement.text.decimals import MOST_PLACES, plain

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints

SERVED_COLUMNS = (
    "period", "demand", "zone", "countries", "from_countries", "from_sites", "accelerator",
    "quantity", "amount", "metric", "asked",
)  # fmt: skip

_PLACES = 6


@dataclass(frozen=True, slots=True)
class ServedAmount:
    """Accelerators of a model, somewhere in a zone, that serve a line of demand in a period.

    `amount`: what they are in the line's metric.
    """

    period: Period
    line: Demand
    zone: Zone
    model: str
    quantity: int
    amount: Fraction


def served_of(problem: Problem, program: Program, x: Ints) -> tuple[ServedAmount, ...]:
    """Read the service off a point, in the order of periods, lines, zones and models."""
    columns = program.columns.of_kind(ColumnKind.SERVED)
    lines = {(one.label, one.t): place for place, one in enumerate(problem.demands)}
    index = {period.name: t for t, period in enumerate(problem.periods)}
    zones: dict[int, dict[str, Zone]] = {}
    found = []
    for column in columns[x[columns] != 0].tolist():
        label, zone, model, name = program.columns[column].key(ServedKey)
        t = index[name]
        if t not in zones:
            zones[t] = {one.name: one for one in zones_of(problem, t)}
        place, quantity = lines[label, t], int(x[column])
        line = problem.demands[place]
        one = ServedAmount(
            problem.periods[t], line, zones[t][zone], model, quantity,
            quantity * line.amount(problem.kits[model]),
        )  # fmt: skip
        found.append((t, place, zone, model, one))
    return tuple(serving for *_, serving in sorted(found, key=lambda one: one[:4]))


def served_rows(served: Sequence[ServedAmount]) -> Iterator[tuple[str, ...]]:
    """Return the rows of served.csv.

    An amount that no decimal text holds (h100e) is rounded to millionths, so that those of a line
    add up to its sum rounded down.
    """
    for _, rows in groupby(served, key=lambda one: (one.period.first, one.line.label)):
        exact, shown = Fraction(0), Fraction(0)
        for one in rows:
            exact += one.amount
            amount = one.amount
            if (amount * 10**MOST_PLACES).denominator != 1 or exact != shown + amount:
                amount = Fraction(exact * 10**_PLACES // 1, 10**_PLACES) - shown
            shown += amount
            yield _cells(one, amount)


def _cells(one: ServedAmount, amount: Fraction) -> tuple[str, ...]:
    line = one.line
    by_site = one.zone.name != ";".join(sorted(one.zone.countries))
    return (
        one.period.name,
        line.label.partition(" (")[0],
        line.zone,
        "" if line.countries is None else ";".join(sorted(line.countries)),
        ";".join(sorted(one.zone.countries)),
        ";".join(sorted(one.zone.sites)) if by_site else "",
        one.model,
        str(one.quantity),
        plain(amount),
        line.metric.value,
        plain(line.quantity),
    )
