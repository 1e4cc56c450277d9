"""The horizon: the periods that are planned, the days judged in them, and what moves in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from placement.compliance.dates import Day, EvaluationDates
from placement.errors import Fault, UsageError
from placement.fleet.positions import Timeline
from placement.inventory import Inventory
from placement.optimization.data.periods import Period, consecutive, parse_period
from placement.optimization.data.problem import Moves
from placement.policy import Policy
from placement.readers.config.placement_toml import Config, Transit


def periods_of(config: Config, file: str) -> tuple[Period, ...]:
    """Return the periods of `[horizon]`; UsageError where there is none, or it makes no sense."""
    if config.horizon is None:
        fix = 'write [horizon] start = "2027Q1"'
        raise UsageError(Fault("there is nothing to plan: no horizon", fix, file))
    period = parse_period(config.horizon.start)
    if period is None:
        raise UsageError(
            Fault(
                "is no period",
                "write 2027Q1, 2027-02 or 2027",
                file,
                column="horizon.start",
                value=config.horizon.start,
            )
        )
    if config.horizon.period not in (None, period.kind):
        raise UsageError(
            Fault(
                f"horizon.start {period.name} is a {period.kind}",
                f'write period = "{period.kind}", or leave it out',
                file,
                column="horizon.period",
                value=config.horizon.period,
            )
        )
    periods = consecutive(period, config.horizon.periods)
    if len(periods) < config.horizon.periods:
        last = periods[-1].name
        raise UsageError(
            Fault(
                f"the calendar ends with {last}",
                f"write {len(periods)} or fewer",
                file,
                column="horizon.periods",
                value=str(config.horizon.periods),
            )
        )
    _check_discount(config, periods[0], file)
    return periods


def _check_discount(config: Config, first: Period, file: str) -> None:
    """Refuse a day to discount to that is after the first period, or within a month."""
    day = config.horizon.discounted_to if config.horizon is not None else None
    if day is None or (day.day == 1 and day <= first.first):
        return
    message = f"is after the first day planned, {first.first}"
    if day.day != 1:
        message = "is not the first day of a month"
    fix = f"write {min(day, first.first).replace(day=1)}, or leave it out"
    column = "horizon.discounted_to"
    raise UsageError(Fault(message, fix, file, column=column, value=day.isoformat()))


def days_of(
    policy: Policy,
    fleet: Inventory,
    subjects: Mapping[str, str],
    periods: tuple[Period, ...],
    also: Iterable[date] = (),
) -> tuple[Day, ...]:
    """Return the agenda of the periods: a plan acts on the first day of each.

    `also`: other days on which something changes.

    Rules without a measurement date in the last period are judged on its last day: what a plan
    leaves behind stands there on the next date, too.
    """
    timeline = Timeline(fleet, subjects, policy.basis)
    first, last = periods[0].first, periods[-1].last
    acts = [*(period.first for period in periods), *also]
    when = EvaluationDates(since=first, until=last)
    days = {day.day: day for day in when.days(policy, timeline, None, also=acts)}
    seen = [day.measured for day in days.values() if day.day >= periods[-1].first]
    late = frozenset(rule.id for rule in policy.on_totals) - frozenset().union(*seen)
    if late:
        found = days.get(last, Day(last, frozenset()))
        days[last] = Day(last, found.measured | late, found.watched - late)
    return tuple(days[day] for day in sorted(days))


def judged_late(policy: Policy, days: tuple[Day, ...], periods: tuple[Period, ...]) -> list[str]:
    """Say which rules are judged on the last day, for want of a measurement date."""
    end = periods[-1]
    found = []
    for rule in policy.on_totals:
        schedule = policy.schedules[rule.schedule]
        if not schedule.every_day and not list(schedule.between(end.first, end.last)):
            found.append(rule.id)
    if not found or days[-1].day != end.last:
        return []
    said = (
        f"no measurement date of {', '.join(found)} lies in {end.name}: "
        f"judged on {end.last} as if it were one"
    )
    return [said]


def moves_of(config: Config) -> tuple[Moves | None, list[str]]:
    """Return how standing kit may move, None where it may not, and the note that says why."""
    chosen, count = config.moves, config.horizon.periods if config.horizon else 1
    if not chosen.allowed or chosen.usd_per_accelerator is None:
        return None, []
    if chosen.transit_periods >= count:
        which = "only one" if count == 1 else "last one"
        return None, [
            f"moves take {chosen.transit_periods} periods and would arrive after the {which}: none"
        ]
    return Moves(
        chosen.usd_per_accelerator, chosen.max_accelerators_per_period, chosen.transit_periods
    ), []


def on_the_way(moves: Moves | None, transit: Transit) -> list[str]:
    """Return where what is on its way counts."""
    if moves is None or not moves.transit_periods:
        return []
    count = moves.transit_periods
    took = f"moves take {count} period{'s' if count > 1 else ''}"
    counts = f"{took}: what is on its way counts at its destination from its departure"
    if transit == "destination":
        return [counts]
    return [f"{counts}; the plan also keeps every limit with it counted where it left"]
