"""The rules of the pack as rows over totals by place, and the credit that stops dilution.

    C[place] = sum of weight x stock,   T = sum of C
    numerator <= limit x credit,   credit <= T
    credit <= weight of what serves + what the untouched fleet leaves idle

Without the last row (dilution allowed, nothing is asked for, or shares of all owners together)
credit is T. A floor on the numerator is written as a ceiling on the rest. Constants of each day
enter the right-hand sides. Rows on what was received are over charges to channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from placement.amounts import THOUSAND
from placement.planner.cells import Cells
from placement.planner.columns import Columns, Key
from placement.planner.law import Held, Law
from placement.planner.problem import Problem
from placement.planner.program import Defined, Meaning, ProgramBuilder
from placement.planner.service import (
    NO_DILUTION,
    Served,
    Whole,
    share_wholes,
    uses_credit,
    weight,
    whole_of,
)
from placement.policy import Row
from placement.policy.row import PlaceColumn
from placement.vocabulary import Comparison, Which


@dataclass(frozen=True, slots=True)
class Kind:
    """What the totals of planned stock depend on; `unless`: the rule that frees models."""

    metric: str
    unless: str | None = None
    by: PlaceColumn = "country"
    which: Which = Which.ALL

    def names(self, place: str) -> tuple[str, ...]:
        """Give the name of a total; the plain one is that of a metric and a country."""
        if self == Kind(self.metric):
            return self.metric, place
        return self.metric, place, self.by, self.which.value, self.unless or ""


def add_policy_rows(
    problem: Problem,
    cells: Cells,
    law: Law,
    made: ProgramBuilder,
    columns: Columns,
    served: Sequence[Served],
    kept_from: date,
    alone: Mapping[Whole, int],
) -> None:
    """Add the rows of every rule and day; before `kept_from` a broken rule may stay as broken."""
    totals = _Totals(problem, cells, law, made, columns)
    if uses_credit(problem):
        for whole in share_wholes(problem):
            totals.limit_credit(whole, served, alone[whole])
    seen = set()
    for held in law.held:
        row = held.row
        as_it_is = held.stuck or row.day < kept_from
        terms, high = totals.row(held, held.not_worse() if as_it_is else row)
        if held.stuck:
            high = max(0, high)  # what is beyond the limit by no plan's doing is in no conflict
        key = (row.rule, row.place, tuple(sorted(terms.items())), high)
        if key in seen or (not terms and high >= 0):
            continue
        seen.add(key)
        of = (row.rule, row.place, str(row.day))
        unit = "TPP" if row.metric == "tpp" else "accelerators"
        each = Fraction(abs(int(row.linear(1, 0))) * THOUSAND)
        made.row(Meaning("rule", of, held.group, unit, each), terms, None, high)


@dataclass
class _Totals:
    """Columns of totals, made when a row first needs them."""

    problem: Problem
    cells: Cells
    law: Law
    made: ProgramBuilder
    columns: Columns
    _place: dict[tuple[Kind, str], int | None] = field(default_factory=dict)
    _whole: dict[Whole, int] = field(default_factory=dict)
    _credit: dict[Whole, int] = field(default_factory=dict)
    _starts: dict[Kind, dict[str, int]] = field(default_factory=dict)

    def row(self, held: Held, row: Row) -> tuple[dict[int, int], int]:
        """Give a policy row's terms over columns, and its right-hand side.

        `row` is that of `held`, or the one with its limit moved to where the fleet stands.
        """
        part = int(row.linear(1, 0))
        rest = int(row.linear(0, 1))
        high = row.bound - int(row.linear(*held.parts())) - int(held.doubt())
        if held.is_received:
            return self._received(held, part), high
        kind = Kind(row.of.metric, row.of.unless, row.of.by, row.of.which)
        starts = self._start(kind)
        high += part * sum(starts[place] for place in starts.keys() & row.numerator)
        terms: dict[int, int] = {}
        for place in sorted(row.numerator):
            column = self.place(kind, place)
            if column is not None:
                terms[column] = part
        if row.denominator is None:
            return terms, high
        high += rest * sum(starts[place] for place in starts.keys() & row.denominator)
        whole = whole_of(row, self._countries)
        credit = self._credit.get(whole) if held.rule.about == "owner" else None
        if credit is None:
            terms[self.whole(whole)] = rest
        elif row.comparison is Comparison.AT_LEAST:
            terms[self.whole(whole)] = -part
            terms[credit] = rest + part
        else:
            terms[credit] = rest
        return terms, high

    def limit_credit(self, whole: Whole, served: Sequence[Served], alone: int) -> None:
        """Add the credit of a denominator; `alone`: the weight that the untouched fleet serves.

        Credit leaves the constants out, as the total does: credit + K <= served + (T0 + K - alone).
        """
        metric, places = whole
        total = self.whole(whole)
        start = sum(
            self.cells.planned_start(key) * weight(self.problem, key[1], metric)
            for key in self.columns.stock
            if self.problem.sites[key[0]].country in places
        )
        terms = {
            one.column: weight(self.problem, one.model, metric)
            for one in served
            if one.countries <= places
        }
        low = min(0, start - alone)
        of = (metric, _name(places))
        credit = self.made.column(
            Meaning("credit", of), self.made.upper[total], lower=low, integer=False
        )
        below = self.made.row(Meaning("credit at most total", of), {credit: 1, total: -1}, None, 0)
        useful = self.made.row(
            Meaning("credit at most useful", of, NO_DILUTION),
            {credit: 1, **{column: -value for column, value in terms.items()}},
            None,
            start - alone,
        )
        self.made.defined.append(Defined(credit, (below, useful)))
        self._credit[whole] = credit

    def place(self, kind: Kind, place: str) -> int | None:
        """Give the column of a place's planned total, None where nothing is planned."""
        known = kind, place
        if known not in self._place:
            terms: dict[int, int] = {}
            for key in self.columns.stock:
                each = self._each(kind, key[1])
                if each and self.problem.sites[key[0]].place(kind.by) == place:
                    terms.update(self._terms(kind, key, each))
            meaning = Meaning("total", kind.names(place))
            self._place[known] = self.made.total(meaning, terms) if terms else None
        return self._place[known]

    def whole(self, whole: Whole) -> int:
        """Give the column of the planned total of some countries."""
        if whole not in self._whole:
            metric, places = whole
            columns = [self.place(Kind(metric), place) for place in sorted(places)]
            terms = {column: 1 for column in columns if column is not None}
            self._whole[whole] = self.made.total(Meaning("whole", (metric, _name(places))), terms)
        return self._whole[whole]

    @property
    def _countries(self) -> frozenset[str]:
        return frozenset(site.country for site in self.problem.sites.values())

    def _received(self, held: Held, part: int) -> dict[int, int]:
        """Give the charges that a row on what was received counts."""
        found = {}
        for (country, model), charges in self.columns.charge.items():
            for channel, column in charges.items():
                each = self.law.weigh_receipt(held, country, model, channel)
                if each:
                    found[column] = part * each
        return found

    def _terms(self, kind: Kind, key: Key, each: int) -> dict[int, int]:
        """Give what the columns of a cell add to a total, in thousandths."""
        unit = self.cells.kits[key[1]].unit * each
        unlicensed = self.cells.mixed_licences(key) if kind.which is Which.UNLICENSED else None
        if unlicensed is None:
            return {self.columns.stock[key]: unit}
        # Kit without a licence leaves first; what comes has none.
        comes = (self.columns.install, self.columns.move_in)
        terms = {columns[key]: unit for columns in comes if key in columns}
        leaves = [c[key] for c in (self.columns.retire, self.columns.move_out) if key in c]
        if unlicensed and leaves:
            gone = self.made.column(Meaning("unlicensed gone", key), unlicensed, integer=False)
            of = Meaning("definition of unlicensed gone", key)
            size = self.cells.kits[key[1]].unit
            rows = (
                self.made.row(of, {gone: 1, **dict.fromkeys(leaves, -size)}, None, 0),
                self.made.row(of, {gone: 1}, None, unlicensed),
            )
            self.made.defined.append(Defined(gone, rows))
            terms[gone] = -each
        return terms

    def _start(self, kind: Kind) -> dict[str, int]:
        """Give, by place, what stands of the planned stock columns before any decision."""
        if kind not in self._starts:
            found: dict[str, int] = {}
            for key in self.columns.stock:
                unlicensed = kind.which is Which.UNLICENSED
                if unlicensed and self.cells.mixed_licences(key) is not None:
                    continue  # its columns are changes: what stands is all constant
                amount = self.cells.planned_start(key) * self._each(kind, key[1])
                if amount:
                    place = self.problem.sites[key[0]].place(kind.by)
                    found[place] = found.get(place, 0) + amount
            self._starts[kind] = found
        return self._starts[kind]

    def _each(self, kind: Kind, model: str) -> int:
        return weight(self.problem, model, kind.metric, kind.unless)


def _name(places: frozenset[str]) -> str:
    return ";".join(sorted(places))
