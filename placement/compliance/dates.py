"""The agenda of a run: which rules are judged on which days.

- as of D: every rule on D, as if D were a measurement date of each.
- from A until B: each rule on its measurement dates in between. A rule measured every day is
  judged on A, whenever the fleet or a group of the pack changes, and on the dates of the others.
  Rules that stand between their dates are looked at on the same days, where only a breach or a
  warning is reported.
- Duties that are due on dates add none: each day says when they are due next.
- neither: as of today, and each rule on its measurement dates up to the first one on or after
  the last date in the inventory, so that no lot that is still to come goes unmeasured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from placement.enums import Measure
from placement.errors import Fault, UsageError
from placement.fleet.positions import Timeline
from placement.policy import Policy
from placement.policy.rules import AnyRule, CapRule, DutyRule, NoticeRule


@dataclass(frozen=True, slots=True)
class Day:
    """One day, the ids of the rules measured on it, and of those only watched between dates."""

    day: date
    measured: frozenset[str]
    watched: frozenset[str] = frozenset()


def as_of(policy: Policy, day: date) -> list[Day]:
    """Judge every rule on one day."""
    return [Day(day, frozenset(rule.id for rule in policy.pack.rules))]


def from_until(policy: Policy, since: date, until: date, changes: Iterable[date]) -> list[Day]:
    """Judge each rule on its measurement dates, and watch it in between where the pack says so.

    `changes` are the days on which the fleet changes; those on which a country joins or leaves a
    group of the pack are looked at, too.
    """
    if until < since:
        raise UsageError(Fault(f"--until {until} is before --from {since}", "swap them"))
    moments = {since, *changes, *policy.changes()}
    moments = {day for day in moments if since <= day <= until}
    schedules = {rule.id: policy.schedules[rule.schedule] for rule in _judged(policy)}
    told = _told(policy)
    dates = {
        rule_id: set(schedule.between(since, until)) for rule_id, schedule in schedules.items()
    }
    days = []
    for day in sorted(moments.union(*dates.values())):
        measured = {
            rule_id
            for rule_id, schedule in schedules.items()
            if day in dates[rule_id] or (schedule.every_day and schedule.began_by(day))
        }
        watched = {
            rule.id
            for rule in _judged(policy)
            if rule.id not in measured
            and schedules[rule.id].began_by(day)
            and policy.between_dates(rule) != "ignore"
        }
        if measured or watched:
            told_now = told if measured else frozenset()
            days.append(Day(day, frozenset(measured | told_now), frozenset(watched)))
    return days


def default(policy: Policy, today: date, last: date | None, changes: Iterable[date]) -> list[Day]:
    """Judge today, and each rule until it was measured on or after the inventory's last date."""
    days = {today: {rule.id for rule in policy.pack.rules}}
    if last is not None and last > today:
        for day in from_until(policy, today, last, changes):
            if day.measured:
                days.setdefault(day.day, set()).update(day.measured)
        for rule in _judged(policy):
            after = policy.schedules[rule.schedule].next_from(last)
            if after is not None:
                days.setdefault(after, set()).update({rule.id}, _told(policy))
    return [Day(day, frozenset(rules)) for day, rules in sorted(days.items())]


def _judged(policy: Policy) -> list[AnyRule]:
    """Return the rules whose schedules make the agenda."""
    told = _told(policy)
    return [rule for rule in policy.pack.rules if rule.id not in told]


def _told(policy: Policy) -> frozenset[str]:
    """Return the ids of the duties that are due on dates."""
    duties = (rule for rule in policy.pack.rules if isinstance(rule, DutyRule))
    return frozenset(rule.id for rule in duties if rule.of == "date")


def unmeasured(policy: Policy, days: Iterable[Day]) -> list[str]:
    """Return the ids of the rules that have no measurement date on the agenda."""
    seen = frozenset().union(*(day.measured for day in days))
    return [rule.id for rule in policy.pack.rules if rule.id not in seen]


def watched(days: Iterable[Day]) -> frozenset[str]:
    """Return the ids of the rules that the agenda looks at between their dates."""
    return frozenset().union(*(day.watched for day in days))


#: Without dates, so many years are judged at most: 9999-12-31 in a file means never.
MOST_YEARS = 10


@dataclass(frozen=True, slots=True)
class EvaluationDates:
    """Which days to judge: as of a day, between two days, or (neither) from today on."""

    as_of: date | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse half a range, and a day together with a range."""
        if (self.since is None) != (self.until is None):
            raise UsageError(Fault("--from and --until go together", "give both, or --as-of"))
        if self.as_of is not None and self.since is not None:
            raise UsageError(Fault("--as-of and --from exclude each other", "give one of them"))

    @property
    def is_of_run(self) -> bool:
        """Whether the day of the run is judged because it is that."""
        return self.as_of is None and self.since is None

    def days(
        self,
        policy: Policy,
        timeline: Timeline,
        last: date | None,
        shipped: Iterable[date] = (),
        also: Iterable[date] = (),
        *,
        ran_on: date | None = None,
    ) -> list[Day]:
        """Return the agenda; `last`: of the inventory; `shipped`: the days of shipments.

        `also`: other days on which something changes. `ran_on`: the day of the run.
        """
        if self.as_of is not None:
            return as_of(policy, self.as_of)
        since, until = self.since, self.until
        now = ran_on or today()
        if since is None or until is None:
            if last is not None:
                last = min(last, now.replace(year=now.year + MOST_YEARS, day=1))
            since, until = now, last
        changes: set[date] = set(also)
        if until is not None:
            changes.update(timeline.changes(since, until), _beginnings(policy))
            if policy.answers.of("in_country") == "installed":
                installed = timeline.once["in_service"].drop_nulls().unique().to_list()
                changes.update(day for day in installed if since <= day <= until)
            on = policy.on(until)
            if any(rule.of(on).measure is Measure.SHIPPED for rule in policy.on_totals):
                changes.update(shipped)
            if any(isinstance(rule, NoticeRule) for rule in policy.pack.rules):
                changes.add(until)  # on it all that are due by then are seen, whatever comes later
        if self.since is None or until is None:
            return default(policy, now, until, changes)
        return from_until(policy, since, until, changes)


FROM_TODAY = EvaluationDates()


def _beginnings(policy: Policy) -> set[date]:
    """Return the days on which a rule, its schedule, or its first limit begins."""
    days: set[date | None] = set()
    for rule in policy.pack.rules:
        days |= {rule.since, policy.schedules[rule.schedule].first}
        if isinstance(rule, CapRule) and rule.steps:
            days.add(rule.steps[0].since)
    return {day for day in days if day is not None}


def today() -> date:
    """Return the calendar day where the user is."""
    return date.today()  # noqa: DTZ011
