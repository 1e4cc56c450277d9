"""Exact positions: how many accelerators of each model each subject has in each place on a day.

Positions are sums, so they add up: the position of two fleets is the sum of their positions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from placement.enums import Basis, Status
from placement.inventory import Inventory

if TYPE_CHECKING:
    import polars as pl

#: An exact number of accelerators.
Count = int | Fraction


@dataclass(frozen=True, slots=True)
class Holding:
    """Accelerators of one model in one place: in all, and of these the ones only planned."""

    accelerators: Count
    forecast: Count = 0

    def __add__(self, other: Holding) -> Holding:
        return Holding(self.accelerators + other.accelerators, self.forecast + other.forecast)


#: place -> model -> holding
Fleet = Mapping[str, Mapping[str, Holding]]


@dataclass(frozen=True, slots=True)
class Position:
    """What every subject has on one day."""

    day: date
    fleets: Mapping[str, Fleet]

    def __add__(self, other: Position) -> Position:
        """Add the position of another fleet on the same day."""
        if self.day != other.day:
            raise ValueError(f"positions of {self.day} and {other.day} do not add up")
        entries = [*_entries(self), *_entries(other)]
        return Position(self.day, _gather(entries))


class Timeline:
    """The lots of an inventory, ready to be summed up on any day."""

    def __init__(
        self,
        inventory: Inventory,
        subjects: Mapping[str, str | tuple[str, ...]],
        basis: Basis = Basis.OWNED,
        plans: bool = True,
        transferred: bool = True,
    ) -> None:
        """Take the subject, or subjects, of each owner (or operator, by the basis).

        `plans`: count forecasts; `transferred`: count what is in a country, not installed.
        """
        import polars as pl

        pairs = [
            (company, subject)
            for company, found in subjects.items()
            for subject in ((found,) if isinstance(found, str) else found)
        ]
        names = pl.DataFrame(
            pairs, schema={"company": pl.String, "subject": pl.String}, orient="row"
        )
        company = "owner" if basis is Basis.OWNED else "operator"
        self.inventory = inventory
        #: All that its lots are worked out from, besides the inventory.
        self.by = tuple(pairs), basis, plans, transferred
        #: The lots that may count, with `forecast`; once each.
        self.once: pl.DataFrame = countable(inventory, plans=plans, transferred=transferred)
        #: The same with `subject`: one row for each subject to whose totals a lot adds.
        self.lots: pl.DataFrame = self.once.join(
            names, left_on=company, right_on="company", how="left"
        )
        #: The lots that count on the day asked for last.
        self._standing: tuple[date, pl.DataFrame] | None = None
        self._first: date | None = None

    def on(self, day: date) -> Position:
        """Sum up the lots that count on a day: start <= day < end."""
        if self._first in (None, day):  # sums by date are worth their price from two days on
            self._first = day
            return position_of(self.lots_on(day), day)
        return position_of(self._sums.filter(_counts(day)), day)

    @cached_property
    def _sums(self) -> pl.DataFrame:
        import polars as pl

        keys = ["subject", "country", "model", "unit_num", "unit_den", "forecast", "start", "end"]
        return self.lots.group_by(keys).agg(pl.col("quantity").sum())

    def lots_on(self, day: date) -> pl.DataFrame:
        """Return the lots that count on a day; what they are summed up by is categorical."""
        import polars as pl

        if self._standing is None or self._standing[0] != day:
            names = pl.col("subject", "country", "model").cast(pl.Categorical)
            self._standing = day, self.lots.filter(_counts(day)).with_columns(names)
        return self._standing[1]

    def changes(self, since: date, until: date) -> list[date]:
        """Return the days from `since` to `until` on which a lot starts or ends to count."""
        days: set[date] = set()
        for column in ("start", "end"):
            days.update(self.once[column].unique().drop_nulls().to_list())
        return sorted(day for day in days if since <= day <= until)


def countable(inventory: Inventory, *, plans: bool, transferred: bool) -> pl.DataFrame:
    """Return the lots that may count, with a column `forecast`."""
    import polars as pl

    # A lot of no accelerators is nowhere, and came from nowhere.
    lots = inventory.lots.filter(pl.col("quantity") > 0).with_columns(
        forecast=pl.col("status").is_in([s.value for s in Status if s.is_forecast])
    )
    if not plans:
        lots = lots.filter(~pl.col("forecast"))
    if transferred:
        return lots
    return lots.filter(pl.col("status") != Status.TRANSFERRED.value).with_columns(
        start=pl.coalesce("in_service", "start")
    )


def position_of(lots: pl.DataFrame, day: date) -> Position:
    """Sum up lots with the columns of `Timeline.lots`, all of them."""
    import polars as pl

    keys = ["subject", "country", "model", "unit_num", "unit_den"]
    quantity = pl.col("quantity").cast(pl.Int128)
    planned = pl.when("forecast").then(quantity).otherwise(0)
    sums = lots.lazy().group_by(keys).agg(quantity.sum(), planned.sum().alias("planned")).collect()
    entries = (
        (subject, country, model, Holding(_count(held, num, den), _count(plan, num, den)))
        for subject, country, model, num, den, held, plan in sums.iter_rows()
    )
    return Position(day, _gather(entries))


def _counts(day: date) -> pl.Expr:
    import polars as pl

    started = pl.col("start").is_null() | (pl.col("start") <= day)
    return started & (pl.col("end").is_null() | (pl.col("end") > day))


def _count(quantity: int, num: int, den: int) -> Count:
    if den == 1:
        return quantity * num
    ratio = Fraction(quantity * num, den)
    return ratio.numerator if ratio.denominator == 1 else ratio


def _entries(position: Position) -> Iterator[tuple[str, str, str, Holding]]:
    for subject, fleet in position.fleets.items():
        for place, models in fleet.items():
            for model, holding in models.items():
                yield subject, place, model, holding


def _gather(entries: Iterable[tuple[str, str, str, Holding]]) -> dict[str, Fleet]:
    fleets: dict[str, dict[str, dict[str, Holding]]] = {}
    for subject, place, model, holding in entries:
        models = fleets.setdefault(subject, {}).setdefault(place, {})
        models[model] = models[model] + holding if model in models else holding
    return dict(fleets)
