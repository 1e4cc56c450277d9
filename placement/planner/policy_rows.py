"""The rules of the pack as rows over totals by country, and the credit that stops dilution.

    C[country] = sum of weight x stock,   T = sum of C
    numerator <= limit x credit,   credit <= T
    credit <= weight of what serves + what the untouched fleet leaves idle

Without the last row (dilution allowed, or nothing is asked for) credit is T. A floor on the
numerator is written as a ceiling on the rest. Constants of each day enter the right-hand sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from placement.amounts import THOUSAND
from placement.planner.cells import Cells
from placement.planner.problem import Problem
from placement.planner.program import Defined, Meaning, ProgramBuilder
from placement.planner.service import (
    NO_DILUTION,
    Served,
    Whole,
    is_planned,
    share_wholes,
    uses_credit,
    weight,
    whole_of,
)
from placement.policy import Measured, Row
from placement.policy.row import Metric
from placement.position import Holding
from placement.scope import Tally, tally
from placement.vocabulary import Comparison


def add_policy_rows(
    problem: Problem,
    cells: Cells,
    made: ProgramBuilder,
    stock: Mapping[tuple[str, str], int],
    served: Sequence[Served],
    kept_from: date,
    alone: Mapping[Whole, int],
) -> None:
    """Add the rows of every rule and day; before `kept_from` a broken rule may stay as broken."""
    totals = _Totals(problem, cells, made, stock)
    if uses_credit(problem):
        for whole in share_wholes(problem):
            totals.limit_credit(whole, served, alone[whole])
    seen = set()
    for day in problem.days:
        for rule_id in problem.rules_on(day):
            rule = problem.scope.policy.rule(rule_id)
            subject = problem.subject
            if not is_planned(rule):
                continue
            if problem.scope.policy.not_bound(rule, subject, day.day) is not None:
                continue
            for row in problem.scope.policy.rows(rule, subject, day.day, totals.countries):
                before = day.day < kept_from
                held = not_worse(row, totals.untouched(row.metric, day.day)) if before else row
                terms, high = totals.row(held)
                key = (rule_id, row.place, tuple(sorted(terms.items())), high)
                if key in seen or (not terms and high >= 0):
                    continue
                seen.add(key)
                group = f"{rule_id} in {row.place}: {rule.title}"
                of = (rule_id, row.place, str(row.day))
                unit = "TPP" if row.metric == "tpp" else "accelerators"
                each = Fraction(abs(int(held.linear(1, 0))) * THOUSAND)
                made.row(Meaning("rule", of, group, unit, each), terms, None, high)


def not_worse(row: Row, untouched: Tally) -> Row:
    """Give the row with its limit moved to where the untouched fleet stands, if that is beyond it.

    The measure (part / whole for shares, the part for amounts) may not exceed max(limit, that of
    the untouched fleet on the same day).
    """
    part, whole = untouched.parts(row)
    if row.excess(part, whole) <= 0:
        return row
    return replace(row, limit=Fraction(part) / whole if row.is_share else Fraction(part) / THOUSAND)


@dataclass
class _Totals:
    """Columns of totals, made when a row first needs them."""

    problem: Problem
    cells: Cells
    made: ProgramBuilder
    stock: Mapping[tuple[str, str], int]
    _country: dict[tuple[str, str], int | None] = field(default_factory=dict)
    _whole: dict[Whole, int] = field(default_factory=dict)
    _credit: dict[Whole, int] = field(default_factory=dict)
    _tallies: dict[tuple[str, date], Tally] = field(default_factory=dict)
    _constants: dict[tuple[str, date], dict[str, int]] = field(default_factory=dict)

    @property
    def countries(self) -> frozenset[str]:
        """Where the group has kit, or could get some."""
        planned = {self.problem.sites[name].country for name, _ in self.stock}
        return frozenset(planned | {lot.country for lot in self.problem.lots if lot.own})

    def row(self, row: Row) -> tuple[dict[int, int], int]:
        """Give a policy row's terms over total columns, and its right-hand side."""
        part = int(row.linear(1, 0))
        rest = int(row.linear(0, 1))
        terms: dict[int, int] = {}
        for country in row.numerator & self.countries:
            column = self.country(row.metric, country)
            if column is not None:
                terms[column] = part
        constants = self._constant(row.metric, row.day)
        high = row.bound - part * sum(
            amount for country, amount in constants.items() if country in row.numerator
        )
        if row.denominator is not None:
            whole = whole_of(row, self.countries)
            high -= rest * sum(amount for c, amount in constants.items() if c in whole[1])
            if whole in self._credit and row.comparison is Comparison.AT_LEAST:
                terms[self.whole(whole)] = -part
                terms[self._credit[whole]] = rest + part
            else:
                terms[self._credit.get(whole, self.whole(whole))] = rest
        return terms, high - self._doubt(row)

    def limit_credit(self, whole: Whole, served: Sequence[Served], alone: int) -> None:
        """Add the credit of a denominator; `alone`: the weight that the untouched fleet serves.

        Credit leaves the constants out, as the total does: credit + K <= served + (T0 + K - alone).
        """
        metric, places = whole
        total = self.whole(whole)
        start = sum(
            self.cells.planned_start(key) * weight(self.problem, key[1], metric)
            for key in self.stock
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

    def country(self, metric: str, country: str) -> int | None:
        """Give the column of a country's planned total, None where nothing is planned."""
        key = metric, country
        if key not in self._country:
            terms = {}
            for (name, model), column in self.stock.items():
                each = weight(self.problem, model, metric) * self.cells.kits[model].unit
                if each and self.problem.sites[name].country == country:
                    terms[column] = each
            self._country[key] = self.made.total(Meaning("total", key), terms) if terms else None
        return self._country[key]

    def whole(self, whole: Whole) -> int:
        """Give the column of the planned total of some places."""
        if whole not in self._whole:
            metric, places = whole
            columns = [self.country(metric, place) for place in sorted(places)]
            terms = {column: 1 for column in columns if column is not None}
            self._whole[whole] = self.made.total(Meaning("whole", (metric, _name(places))), terms)
        return self._whole[whole]

    def untouched(self, metric: Metric, day: date) -> Tally:
        """Weigh the fleet that no plan touches."""
        key = metric, day
        if key not in self._tallies:
            fleet: dict[str, dict[str, Holding]] = {}
            for lot in self.problem.lots:
                if lot.own and lot.counts_on(day):
                    models = fleet.setdefault(lot.country, {})
                    models[lot.model] = models.get(lot.model, Holding(0)) + Holding(lot.quantity)
            self._tallies[key] = tally(fleet, self.problem.scope, Measured(metric))
        return self._tallies[key]

    def _constant(self, metric: str, day: date) -> dict[str, int]:
        key = metric, day
        if key not in self._constants:
            self._constants[key] = self.cells.constant_on(
                day, lambda model: weight(self.problem, model, metric)
            )
        return self._constants[key]

    def _doubt(self, row: Row) -> int:
        """Give how far models that may or may not count can raise the row; none is planned."""
        found = 0
        for doubt in self.untouched(row.metric, row.day).unknown:
            found += max(0, int(row.linear(*doubt.totals.parts(row))))
        return found


def _name(places: frozenset[str]) -> str:
    return ";".join(sorted(places))
