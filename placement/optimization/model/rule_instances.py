"""What the rules ask of the group on the days of a plan, and how the untouched fleet stands to it.

Everyone's fleets are in the totals of rules about all owners, and what was received is cumulative:
where a total is beyond its limit by what no plan can take away, it is stuck. Nothing may be added
to it, and it is told as a breach; it is no reason to refuse a plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from placement.compliance.dates import today
from placement.enums import Channel, Measure, Which
from placement.fleet.classification import Tally
from placement.fleet.context import FleetContext
from placement.optimization.data.plannable_rules import is_written, measure_of
from placement.optimization.data.problem import Lot, Problem
from placement.optimization.model.credit.zones import weight
from placement.optimization.model.label_keys import RuleKey
from placement.policy import ALL_OWNERS, Row
from placement.policy.row import Amount
from placement.policy.rules import RuleOnTotals
from placement.report import Finding
from placement.text.decimals import THOUSAND
from placement.waivers.decide import relaxed


@dataclass(frozen=True, slots=True)
class RuleInstance:
    """One row that the plan is held to; `untouched`: the totals of the fleet that no plan touches.

    `baseline`: of the fleet than which it may not be worse, another where a plan is carried on.
    `t`: the index of the period of its day. `stuck`: beyond its limit by what no plan can take
    away.
    """

    t: int
    rule: RuleOnTotals
    row: Row
    untouched: Tally
    baseline: Tally
    stuck: bool

    @property
    def is_received(self) -> bool:
        """Whether it is about what was received."""
        return self.row.of.measure is Measure.RECEIVED

    @property
    def key(self) -> RuleKey:
        """What the row of a program that says it is of."""
        return RuleKey(self.row.rule, self.row.place, str(self.row.day))

    @property
    def group(self) -> str:
        """The name under which it takes part in a conflict."""
        return group_name(self.rule, self.row.place)

    def parts(self) -> tuple[Amount, Amount]:
        """Return numerator and denominator of the untouched fleet, what came undated included."""
        return self.untouched.parts_with_undated(self.row)

    def doubt(self) -> Amount:
        """Return how far models that may or may not count can raise the row."""
        doubts = (self.row.linear(*one.totals.parts(self.row)) for one in self.untouched.unknown)
        return sum(max(0, one) for one in doubts)

    def not_worse(self) -> Row:
        """Return the row with its limit moved to where the baseline is, if that is beyond it.

        The measure (part / whole for shares, the part for amounts) may not exceed max(limit, that
        of the baseline on the same day).
        """
        part, whole = self.baseline.parts_with_undated(self.row)
        if self.row.excess(part, whole) <= 0:
            return self.row
        at = Fraction(part) / whole if self.row.is_share else Fraction(part) / THOUSAND
        return replace(self.row, limit=at)


class RuleInstances:
    """The rows of a problem, worked out once; in the order of days and rules."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.held = tuple(self._read())
        self._kept = {(h.row.rule, h.row.place, h.row.day) for h in self.held if not h.stuck}

    @property
    def has_receipts(self) -> bool:
        """Whether a rule looks at something that was received by now."""
        return any(held.is_received and held.untouched.places for held in self.held)

    def mends(self, finding: Finding) -> bool:
        """Tell whether a breach is of a row that a plan has to keep."""
        at = finding.rule, finding.place, finding.date
        mine = finding.owner in (self._problem.subject.name, ALL_OWNERS.name)
        return mine and at in self._kept

    def weigh_receipt(
        self, held: RuleInstance, country: str, model: str, channel: Channel, t: int
    ) -> int:
        """Return what an accelerator adds to a row that comes into a country, in thousandths.

        It comes on the first day of the period `t`.
        """
        of = held.row.of
        if not held.is_received or (of.channels and channel not in of.channels):
            return 0
        comes = self._problem.periods[t].first
        if comes > held.row.day or (of.since is not None and of.since > comes):
            return 0
        each = weight(self._problem, model, of.metric, of.tested_by)
        return each * len(self._charged(held.rule, country) & held.row.numerator)

    def _charged(self, rule: RuleOnTotals, country: str) -> frozenset[str]:
        """Return the countries to which a receipt is charged, as the ledger does it."""
        by = self._problem.policy.answers.of("charge_by")
        if rule.about != "all" or by == "location":
            return frozenset({country})
        seat = self._problem.subject.headquarters
        return frozenset({seat} if by == "headquarters" else {seat, country})

    def _read(self) -> Iterator[RuleInstance]:
        problem = self._problem
        policy, baseline = problem.policy, problem.baseline or problem.case
        for day in problem.days:
            t = problem.index_on(day.day)
            if t is None:
                raise AssertionError(f"{day.day} is in no period of the plan")
            for rule_id in problem.rules_on(day):
                rule = policy.rule(rule_id)
                if not is_written(rule) or not problem.binds(rule, day.day):
                    continue
                who = ALL_OWNERS if rule.about == "all" else problem.subject
                own, first = (
                    _tally(case, rule, day.day, who.name) for case in (problem.case, baseline)
                )
                places = own.places | {site.place(rule.by) for site in problem.sites.values()}
                if measure_of(rule) is Measure.RECEIVED:
                    places |= {problem.subject.headquarters} - {""}
                for asked in policy.rows(rule, who, day.day, places):
                    row = relaxed(asked, problem.waivers, problem.ran_on or today())
                    held = RuleInstance(t, rule, row, own, first, stuck=False)
                    yield replace(held, stuck=self._is_stuck(held))

    def _is_stuck(self, held: RuleInstance) -> bool:
        if held.row.is_share:
            return False
        part, whole = held.parts()
        ours: Amount = 0
        if not held.is_received:
            if held.rule.about != "all":
                return False
            ours = sum(
                lot.quantity
                * weight(self._problem, lot.model, held.row.metric, held.row.of.tested_by)
                for lot in self._problem.lots
                if lot.own and self._is_in(lot, held.row)
            )
        return held.row.excess(part - ours, whole) + held.doubt() > 0

    def _is_in(self, lot: Lot, row: Row) -> bool:
        if not lot.counts_on(row.day) or not self._problem.counts(lot):
            return False
        if row.of.which is Which.UNLICENSED and not lot.needs_licence:
            return False
        if row.of.which is Which.UNCOVERED and not _came_bare(lot, row.of.since):
            return False
        return self._problem.sites[lot.site].place(row.of.by) in row.numerator


def _came_bare(lot: Lot, since: date | None) -> bool:
    """Tell whether nothing covers a lot that came since a day, or nobody knows when."""
    return lot.uncovered and (since is None or lot.start is None or lot.start >= since)


def _tally(case: FleetContext, rule: RuleOnTotals, day: date, who: str) -> Tally:
    """Return the totals of someone's fleet on a day, as a rule measures them."""
    account = case.books.account(rule, day)
    return account.tally(who, case.scope, case.policy.measured(rule, day))


def group_name(rule: RuleOnTotals, place: str) -> str:
    """Return the name under which the rows of a rule at a place take part in a conflict."""
    return f"{rule.id} in {place}: {rule.title}"
