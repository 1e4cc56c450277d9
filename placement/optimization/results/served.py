"""Which accelerators serve which line of demand, and from where: the rows of served.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Problem
from placement.optimization.data.records import Demand
from placement.optimization.model.credit.zones import Zone
from placement.optimization.model.plan_program import PlanProgram
from placement.optimization.results.decisions import decisions_of
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


def served_of(problem: Problem, program: PlanProgram, x: Ints) -> tuple[ServedAmount, ...]:
    """Return what serves at a point, in the order of periods, lines, zones and models."""
    found = sorted(
        decisions_of(program, x).served,
        key=lambda one: (one[0].t, one[0].line, one[0].zone.name, one[0].model),
    )
    return tuple(
        ServedAmount(
            problem.periods[one.t], line, one.zone, one.model, quantity,
            quantity * line.amount(problem.kits[one.model]),
        )
        for one, quantity in found
        for line in [problem.demands[one.line]]
    )  # fmt: skip


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
        line.row,
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
