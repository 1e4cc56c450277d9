"""The tables of a later period: supply that is left, demand and commitments from then on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date
from fractions import Fraction
from pathlib import Path

from placement.optimization.data.periods import Period, parse_period
from placement.optimization.data.problem import Problem
from placement.optimization.data.task import Task
from placement.readers.cells import BadText, iso_date
from placement.readers.config.money import in_currency
from placement.readers.formats.csv_records import folded_name, records
from placement.readers.tables.supply import SupplyRow, read_supply
from placement.rolling_horizon.record import Left
from placement.text.csv_writer import csv_text
from placement.text.decimals import plain


def supply_left(
    path: Path, task: Task, bought: Mapping[str, int], to: Period
) -> tuple[str, tuple[Left, ...]]:
    """Return supply.csv from a period on, and what is left of each model.

    What was delivered before and not bought is added to that period's row; the price is still that
    of the latest delivery. `bought`: accelerators by model.
    """
    problem, currency = task.problem, task.problem.currency
    by_model: dict[str, list[tuple[Period, SupplyRow]]] = {}
    for _, row in read_supply(path, currency=currency).rows:
        period = parse_period(row.period)
        if period is None:
            raise AssertionError("the supply of a plan was read when it was made")
        if period.last >= problem.first:
            model = task.settings.catalog.find(row.accelerator).accelerator.model
            by_model.setdefault(model, []).append((period, row))
    rows: list[tuple[str, ...]] = []
    left = []
    for model, given in by_model.items():
        given.sort(key=lambda one: one[0].first)
        before = [row for period, row in given if period.first < to.first]
        later = [row for period, row in given if period.first >= to.first]
        if before:
            later = _carried(before, later, bought.get(model, 0), to)
        rows += [_supply_cells(row) for row in later]
        planned = [row for row in later if _is_planned(problem, row)]
        left.append(Left(accelerator=model, quantity=sum(row.quantity for row in planned)))
    price = in_currency("unit_usd", currency)
    header = ("accelerator", "period", "quantity", price, "purchase_unit", "kw")
    return csv_text(header, rows), tuple(left)


def _is_planned(problem: Problem, row: SupplyRow) -> bool:
    period = parse_period(row.period)
    return period is not None and period.first <= problem.last


def _carried(
    before: list[SupplyRow], later: list[SupplyRow], bought: int, to: Period
) -> list[SupplyRow]:
    """Return the rows from a period on, the first with what is left of those before."""
    over = sum(row.quantity for row in before) - bought
    now = [row for row in later if parse_period(row.period) == to]
    first = now[0] if now else before[-1].model_copy(update={"period": to.name, "quantity": 0})
    stated = [*before, *later]
    first = first.model_copy(
        update={
            "quantity": first.quantity + over,
            "purchase_unit": next((r.purchase_unit for r in stated if r.purchase_unit), None),
            "kw": next((row.kw for row in stated if row.kw), None),
        }
    )
    return [first, *(row for row in later if row not in now)]


def _supply_cells(row: SupplyRow) -> tuple[str, ...]:
    return (
        row.accelerator, row.period, str(row.quantity), plain(Fraction(row.unit_usd)),
        "" if row.purchase_unit is None else str(row.purchase_unit),
        "" if row.kw is None else plain(Fraction(row.kw)),
    )  # fmt: skip


def demand_from(path: Path, day: date) -> str:
    """Return demand.csv without the rows of periods that are over on a day."""

    def goes_on(cells: Mapping[str, str]) -> bool:
        period = parse_period(cells["period"])
        return period is None or period.last >= day

    return _filtered(path, goes_on)


def commitments_from(path: Path, day: date) -> str:
    """Return commitments.csv without the rows that end before a day."""

    def goes_on(cells: Mapping[str, str]) -> bool:
        text = cells.get("until", "").strip()
        period = parse_period(text)
        if period is not None:
            return period.last >= day
        try:
            return not text or iso_date(text) >= day
        except BadText:
            return True

    return _filtered(path, goes_on)


def sites_with_notices(path: Path, filed: Mapping[str, date]) -> str:
    """Return sites.csv with the days on which notices of sites were filed, where none is said."""

    def written(cells: dict[str, str]) -> dict[str, str]:
        day = filed.get(cells["site"].strip())
        if day is None or cells["notice_filed"].strip():
            return cells
        return {**cells, "notice_filed": day.isoformat()}

    return _rewritten(path, lambda _: True, written)


def _filtered(path: Path, keeps: Callable[[Mapping[str, str]], bool]) -> str:
    return _rewritten(path, keeps, lambda cells: cells)


def _rewritten(
    path: Path,
    keeps: Callable[[Mapping[str, str]], bool],
    written: Callable[[dict[str, str]], dict[str, str]],
) -> str:
    """Return a table as it is, some of its rows left out or changed; cells by folded name."""
    with closing(records(path, str(path))) as rows:
        first = next(rows, None)
        if first is None:
            return path.read_text("utf-8")
        names = [folded_name(cell) for cell in first[1]]
        found = []
        for cells in rows:
            by_name = dict(zip(names, cells[1], strict=False))
            if keeps(by_name):
                changed = written(by_name)
                found.append([changed[name] for name in names])
    return csv_text(first[1], found)
