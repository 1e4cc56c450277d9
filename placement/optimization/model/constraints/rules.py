"""The rules of the pack as rows over totals by place, and the credit that stops dilution.

    C[place, t] = sum of weight x stock[t],   T[t] = sum of C[t]
    numerator <= limit x credit

The credit is T (dilution allowed, nothing is asked for, shares of all owners together, rows that
cannot bind), or that of `credit`. A floor on the numerator is written as a ceiling on the rest.
Constants of each day enter the right-hand sides. Rows on what was received are over charges to
channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from placement.enums import ColumnKind, Comparison, RowKind, Which
from placement.lp.builder import ProgramBuilder
from placement.lp.exact_arrays import exact_ints, product
from placement.lp.labels import Label
from placement.optimization.data.problem import Problem
from placement.optimization.model.constraints.departed import Departed
from placement.optimization.model.constraints.in_transit import Away
from placement.optimization.model.credit.binding_shares import Binding, limited
from placement.optimization.model.credit.served_alone import Fleet
from placement.optimization.model.credit.share_credit import Credits
from placement.optimization.model.credit.zones import Alone, Whole, weight, whole_of
from placement.optimization.model.rule_instances import RuleInstance, RuleInstances
from placement.optimization.model.sets import PlanSets
from placement.optimization.model.variables import Variables
from placement.policy import Row
from placement.policy.row import PlaceColumn
from placement.text.decimals import THOUSAND

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Ints


@dataclass(frozen=True, slots=True)
class Kind:
    """What the totals of planned stock depend on.

    `tested_by`: the rule whose own tests say which models count; `travels`: what is on its way
    counts at its destination; `since`: from when on uncovered kit came.
    """

    metric: str
    tested_by: str | None = None
    by: PlaceColumn = "country"
    which: Which = Which.ALL
    travels: bool = True
    since: date | None = None

    def names(self, place: str) -> tuple[str, ...]:
        """Return the label of a total; (metric, country) for the plain key."""
        if self == Kind(self.metric):
            return self.metric, place
        more = () if self.travels else ("arrived",)
        if self.since is not None:
            more = (*more, str(self.since))
        return self.metric, place, self.by, self.which.value, self.tested_by or "", *more


def add_policy_rows(
    grid: PlanSets,
    law: RuleInstances,
    made: ProgramBuilder,
    columns: Variables,
    credit: Credits,
    kept_from: date,
    credited: Mapping[Alone, Binding],
    alone: Mapping[Alone, Fleet],
) -> None:
    """Add the rows of every rule and day; before `kept_from` a broken rule may stay as broken."""
    away, departed = Away(grid, made, columns), Departed(grid, made, columns)
    totals = _Totals(grid, law, made, columns, away, departed, credit)
    for at, binding in credited.items():
        credit.add(at, binding, totals.whole(*at), alone[at])
    seen = set()
    for held in law.held:
        row = held.row
        as_it_is = held.stuck or row.day < kept_from
        asked = held.not_worse() if as_it_is else limited(grid.problem, row)
        terms, high = totals.row(held, asked)
        if held.stuck:
            high = max(0, high)  # what is beyond the limit by no plan's doing is in no conflict
        key = (row.rule, row.place, tuple(sorted(terms.items())), high)
        if key in seen or (not terms and high >= 0):
            continue
        seen.add(key)
        unit = "TPP" if row.metric == "tpp" else "accelerators"
        each = Fraction(abs(int(asked.linear(1, 0))) * THOUSAND)
        made.row(Label(RowKind.RULE, held.key, held.group, unit, each), terms, None, high)


@dataclass
class _Totals:
    """Columns of totals, made when a row first needs them."""

    grid: PlanSets
    law: RuleInstances
    made: ProgramBuilder
    columns: Variables
    away: Away
    departed: Departed
    credit: Credits
    _place: dict[tuple[int, Kind, str], int | None] = field(default_factory=dict)
    _both: dict[tuple[int, Kind, frozenset[str], Comparison], int | None] = field(
        default_factory=dict
    )
    _starts: dict[Kind, dict[str, int]] = field(default_factory=dict)
    _groups: dict[tuple[PlaceColumn, str], Ints] = field(default_factory=dict)

    def row(self, held: RuleInstance, row: Row) -> tuple[dict[int, int], int]:
        """Return a policy row's terms over columns, and its right-hand side.

        `row` is that of `held`, or the one with its limit moved to where the fleet stands.
        """
        part = int(row.linear(1, 0))
        rest = int(row.linear(0, 1))
        high = row.bound - int(row.linear(*held.parts())) - int(held.doubt())
        t = held.t
        if held.is_received:
            return _received(self.law, self.columns, held, part), high
        travels = self._travels if row.of.as_answered else True
        of = row.of
        kind = Kind(of.metric, of.tested_by, of.by, of.which, travels, of.since)
        starts = self._start(kind)
        high += part * sum(starts[place] for place in starts.keys() & row.numerator)
        terms: dict[int, int] = {}
        for place in sorted(row.numerator):
            column = self.place(t, kind, place)
            if column is not None:
                terms[column] = part
        both = self.both_ends(t, kind, row)
        if both is not None:
            terms[both] = part
        high -= part * _under_way(self.grid.problem, kind, row)
        if row.denominator is None:
            return terms, high
        high += rest * sum(starts[place] for place in starts.keys() & row.denominator)
        whole = whole_of(row, self._countries)
        credit = self.credit.of(t, whole, row) if held.rule.about == "owner" else None
        if credit is None:
            terms[self.whole(t, whole)] = rest
        elif row.comparison is Comparison.AT_LEAST:
            terms[self.whole(t, whole)] = -part
            terms |= dict.fromkeys(credit, rest + part)
        else:
            terms |= dict.fromkeys(credit, rest)
        return terms, high

    def place(self, t: int, kind: Kind, place: str) -> int | None:
        """Return the column of a place's planned total, None where nothing is planned."""
        known = t, kind, place
        if known not in self._place:
            groups = self._groups_in(kind, place)
            if kind.which is Which.UNCOVERED:  # what a plan brings is covered
                keys, bare = self.grid.keys, self.grid.holdings.uncovered
                groups = groups[[bare(keys[group], kind.since) > 0 for group in groups.tolist()]]
            of = (*kind.names(place), self.grid.periods[t])
            label = Label(ColumnKind.TOTAL, of)
            column = self._total(t, kind, groups, label) if len(groups) else None
            if column is not None:
                self.columns.place_of_total[column] = place
            self._place[known] = column
        return self._place[known]

    def both_ends(self, t: int, kind: Kind, row: Row) -> int | None:
        """Return the column of what a numerator has more where it counts both ends, or less."""
        problem = self.grid.problem
        if problem.transit != "both" or not problem.transit_periods or not kind.travels:
            return None
        if kind.which is Which.UNCOVERED:  # what leaves is covered where it goes
            return None
        known = t, kind, row.numerator, row.comparison
        if known not in self._both:
            parts = [self._groups_in(kind, place) for place in sorted(row.numerator)]
            groups = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
            leaves = groups
            if kind.which is Which.UNLICENSED:  # where all kit has a licence, none without leaves
                none = [self.grid.holdings.mixed_licences(key) == 0 for key in self.grid.keys]
                leaves = groups[~np.array(none, dtype=bool)[groups]]
            units = np.array([problem.kits[model].unit for model in self.grid.models])
            each = product(units, self._weights(kind))
            floor = row.comparison is Comparison.AT_LEAST
            terms = self.away.terms(t, leaves, groups, each, floor=floor)
            of = (*kind.names(row.place), row.rule, self.grid.periods[t])
            self._both[known] = (
                self.made.total(Label(ColumnKind.AWAY, of), terms) if terms else None
            )
        return self._both[known]

    def whole(self, t: int, whole: Whole) -> int:
        """Return the column of the planned total of some countries."""
        if (t, whole) not in self.columns.whole:
            metric, places = whole
            kind = Kind(metric, travels=self._travels)
            columns = [self.place(t, kind, place) for place in sorted(places)]
            terms = {column: 1 for column in columns if column is not None}
            of = (metric, _name(places), self.grid.periods[t])
            meaning = Label(ColumnKind.WHOLE, of)
            most = self._reachable(t, Kind(metric))
            self.columns.whole[t, whole] = self.made.total(meaning, terms, most=most)
        return self.columns.whole[t, whole]

    @property
    def _travels(self) -> bool:
        """Whether shares count what is on its way: it is in no total until it is installed."""
        problem = self.grid.problem
        installed = problem.policy.answers.of("in_country") == "installed"
        return not (installed and problem.transit_periods)

    @property
    def _countries(self) -> frozenset[str]:
        return frozenset(site.country for site in self.grid.problem.sites.values())

    def _groups_in(self, kind: Kind, place: str) -> Ints:
        """Return the groups of counted models in a place."""
        known = kind.by, place
        if known not in self._groups:
            sites = self.grid.problem.sites
            names = frozenset(n for n, site in sites.items() if site.place(kind.by) == place)
            self._groups[known] = np.flatnonzero(self.grid.in_sites(names))
        groups = self._groups[known]
        counted: Ints = groups[self._weights(kind)[self.grid.model[groups]] != 0]
        return counted

    def _weights(self, kind: Kind) -> Ints:
        """Return the thousandths per accelerator of each model."""
        problem = self.grid.problem
        return exact_ints(
            [weight(problem, model, kind.metric, kind.tested_by) for model in self.grid.models]
        )

    def _reachable(self, t: int, kind: Kind) -> int:
        """Return the most that all planned stock can be: what stands and what is delivered."""
        problem, found = self.grid.problem, 0
        starts: dict[str, int] = {}
        for (_, model), units in self.grid.holdings.starts.items():
            starts[model] = starts.get(model, 0) + units
        for place, model in enumerate(self.grid.models):
            units = starts.get(model, 0) + int(self.grid.delivered[place, t])
            each = weight(problem, model, kind.metric, kind.tested_by)
            found += units * problem.kits[model].unit * each
        return found

    def _total(self, t: int, kind: Kind, groups: Ints, meaning: Label[ColumnKind]) -> int:
        """Add the total of some groups, in thousandths."""
        each = product(self.grid.unit()[groups], self._weights(kind)[self.grid.model[groups]])
        most = self._reachable(t, kind)
        if kind.which not in (Which.UNLICENSED, Which.UNCOVERED):
            columns = self.columns.stock[groups, t]
            if kind.travels:
                coming = self.columns.move_in[groups, self.columns.on_the_way(t)]
                at = np.nonzero(coming >= 0)[0]
                columns = np.append(columns, coming[coming >= 0])
                each = np.append(each, each[at])
            return self.made.total_of(meaning, columns, each, most=most)
        terms: dict[int, int] = {}
        for group, value in zip(groups.tolist(), each.tolist(), strict=True):
            if kind.which is Which.UNCOVERED:
                terms.update(self.departed.uncovered(t, group, value, kind.since))
            else:
                terms.update(self.departed.unlicensed(t, group, value))
        return self.made.total(meaning, terms)

    def _start(self, kind: Kind) -> dict[str, int]:
        """Give, by place, what stands of the planned stock columns before any decision."""
        if kind not in self._starts:
            found: dict[str, int] = {}
            holdings, problem = self.grid.holdings, self.grid.problem
            for key in holdings.starts:
                unlicensed = kind.which is Which.UNLICENSED
                mixed = unlicensed and holdings.mixed_licences(key) is not None
                if mixed or kind.which is Which.UNCOVERED:
                    continue  # its columns are changes: what stands is all constant
                each = weight(problem, key[1], kind.metric, kind.tested_by)
                amount = holdings.planned_start(key) * each
                if amount:
                    place = problem.sites[key[0]].place(kind.by)
                    found[place] = found.get(place, 0) + amount
            self._starts[kind] = found
        return self._starts[kind]


def _under_way(problem: Problem, kind: Kind, row: Row) -> int:
    """Return what a numerator has more for what an earlier plan sent, or less for a floor.

    That is where numerators count both ends. Where kit left is known by its country alone.
    """
    found = 0
    installed = problem.policy.answers.of("in_country") == "installed"
    if problem.transit != "both" or (installed and row.of.as_answered):
        return 0
    floor = row.comparison is Comparison.AT_LEAST
    for lot in problem.lots:
        on_its_way = lot.in_service is not None and row.day < lot.in_service
        known = lot.own and lot.stays and lot.from_country is not None and kind.by == "country"
        if not (known and on_its_way and lot.counts_on(row.day) and problem.counts(lot)):
            continue
        if kind.which is Which.UNLICENSED and not lot.needs_licence:
            continue
        if kind.which is Which.UNCOVERED:
            continue
        left, goes = lot.from_country in row.numerator, lot.country in row.numerator
        each = lot.quantity * weight(problem, lot.model, kind.metric, kind.tested_by)
        found += each if left and not goes and not floor else 0
        found -= each if goes and not left and floor else 0
    return found


def _received(
    law: RuleInstances, columns: Variables, held: RuleInstance, part: int
) -> dict[int, int]:
    """Return the charges that a row on what was received counts."""
    found = {}
    for (country, model, t), charges in columns.charge.items():
        if t > held.t:
            continue
        for channel, column in charges.items():
            each = law.weigh_receipt(held, country, model, channel, t)
            if each:
                found[column] = part * each
    return found


def _name(places: frozenset[str]) -> str:
    return ";".join(sorted(places))
