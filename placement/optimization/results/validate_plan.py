"""The judge's word on a plan: the layout is written out, read back and judged as any inventory.

Rules about all owners together see the other owners' lots beside those of the layout. Notices that
the plan says to file are taken as filed in time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from placement.compliance.dates import Day, today
from placement.compliance.in_force import in_force
from placement.compliance.judge import judge_day
from placement.compliance.several import check_policies, report_of
from placement.enums import Verdict
from placement.errors import NothingEvaluatedError
from placement.fleet.context import FleetContext, build_context
from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory
from placement.optimization.data.notices import Notices
from placement.optimization.data.task import Task
from placement.optimization.results.layout import Layout
from placement.optimization.results.plan_folder.write import layout_text
from placement.optimization.results.rule_names import as_planned
from placement.policy import ALL_OWNERS, Policy
from placement.policy.rules import CapRule
from placement.readers.doubts import Accepting
from placement.readers.inventory.read import read_inventory
from placement.readers.plan_layouts import LAYOUT
from placement.report import Finding, InForce, Line, Report, exit_code, overall
from placement.waivers.decide import with_waivers
from placement.worse import is_worse

if TYPE_CHECKING:
    import polars as pl


NOTHING_LEFT = "nothing is left to judge"


def check_layout(task: Task, layout: Layout) -> Report:
    """Judge a layout on the days of the plan, under each policy by itself.

    The rules of several packs are named as in the plan: see `rule_names`.
    Where the plan leaves nothing to judge the report has no findings, and says so.
    NothingEvaluatedError where kit stands and no rule is bound to it, with or without the plan.
    """
    try:
        if layout.lots:
            return _judge(task, *_read_back(task, layout))
        raise NothingEvaluatedError("nothing was evaluated: no accelerator is left anywhere")
    except NothingEvaluatedError:
        days = [day.day for day in task.problem.days]
        is_empty = not any(lot.counts_on(day) for lot in layout.lots for day in days)
        before = check_baseline(task)
        if not is_empty and before is None:
            raise
        what = "no accelerator stands" if is_empty else "none that counts stands"
        made = report_of(
            task.settings.policies,
            (),
            dates=task.problem.measured,
            assumptions=before.assumptions if before is not None else (),
            notes=(f"{NOTHING_LEFT}: {what} anywhere on the dates judged",),
        )
        return made.model_copy(update={"verdict": Verdict.NOT_APPLICABLE})


def holds_every_day_from(task: Task, layout: Layout, judged: Report) -> date | None:
    """Return the first day of the plan from which every limit holds on every day, None: on none.

    Each rule is judged as if every day were one of its measurement dates, on all days on which
    something changes, the last one first. `judged`: what is known from the days of the plan.
    """
    problem, policy = task.problem, task.problem.policy
    limits = {rule.id for rule in policy.on_totals}
    # What is waived is beyond its limit all the same.
    broken = {
        one.date for one in judged.findings if one.verdict is Verdict.BREACH and one.rule in limits
    }
    known = {day.day: frozenset(problem.rules_on(day)) for day in problem.days}
    cases: list[FleetContext] = []
    since: date | None = None
    for day in _changes(task, layout):
        rules = {
            rule.id for rule in policy.on_totals if policy.schedules[rule.schedule].began_by(day)
        }
        rules -= known.get(day, frozenset())
        if day not in broken and rules and layout.lots:
            cases = cases or _cases(task, layout)
            found = [
                one
                for case in cases
                for one in judge_day(case, day_of(Day(day, frozenset(rules)), task, case.policy))[0]
            ]
            if any(one.verdict is Verdict.BREACH and _is_ours(task, one) for one in found):
                break
        if day in broken:
            break
        since = day
    return since


def _changes(task: Task, layout: Layout) -> list[date]:
    """Return the days of the plan on which what stands or a rule changes, the last one first."""
    problem, policy = task.problem, task.problem.policy
    days: set[date | None] = {period.first for period in problem.periods}
    days |= {day.day for day in problem.days} | policy.changes() | task.records.balances.days
    days |= {date(year, 1, 1) for year in range(problem.first.year + 1, problem.last.year + 1)}
    for lot in (*layout.lots, *problem.lots):
        days |= {lot.start, lot.works_since, lot.end}
    for rule in policy.on_totals:
        days |= {rule.since, rule.until, policy.schedules[rule.schedule].first}
        if isinstance(rule, CapRule):
            days |= {step.since for step in rule.steps}
    inside = (day for day in days if day is not None and problem.first <= day <= problem.last)
    return sorted(inside, reverse=True)


def _cases(task: Task, layout: Layout) -> list[FleetContext]:
    """Return what each policy looks at where a layout is in place of the group's fleet."""
    settings, found = task.settings, list[FleetContext]()
    inventory, records = _read_back(task, layout)
    shown, _ = _beside_others(task, inventory)
    for policy in settings.policies:
        like = found[0] if found else None
        found.append(
            build_context(
                shown, policy, settings.catalog, settings.entities, records=records, like=like
            )
        )
    return found


def day_of(day: Day, task: Task, policy: Policy) -> Day:
    """Return what one policy judges on a day of the plan, under the names of its own rules."""
    if len(task.settings.policies) == 1:
        return day
    prefix = f"{policy.pack.id}:"
    measured, watched = (
        frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))
        for names in (day.measured, day.watched)
    )
    return Day(day.day, measured, watched)


def _days_of(task: Task, policy: Policy) -> list[Day]:
    """Return the days of the plan on which a policy has something to judge."""
    days = (day_of(day, task, policy) for day in task.problem.days)
    return [day for day in days if day.measured or day.watched]


def _read_back(task: Task, layout: Layout) -> tuple[Inventory, SideTables]:
    """Write a layout out and read it as any inventory, with the notices that it says to file."""
    filed, records = _as_filed(task, layout)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LAYOUT
        path.write_bytes(layout_text(task.problem, filed).encode())
        inventory = read_inventory(
            path,
            catalog=task.settings.catalog,
            name=LAYOUT,
            accepting=Accepting(everything=True),
        )
    return replace(inventory, notes=()), records


def check_baseline(task: Task) -> Report | None:
    """Judge the fleet that no plan touches; None where nothing of it is bound by a rule."""
    if task.problem.fleet.lots.is_empty():
        return None
    try:
        return _judge(task, task.problem.fleet, task.records)
    except NothingEvaluatedError:
        return None


def found_in_force(task: Task, layout: Layout | None) -> tuple[InForce, ...]:
    """Return what is in force, and was not planned under, finds of a layout, or of the fleet."""
    settings, inventory, records = task.settings, task.problem.fleet, task.records
    if layout is not None:
        if not layout.lots:
            return ()
        inventory, records = _read_back(task, layout)
    return in_force(
        inventory,
        chosen={policy.pack.id for policy in settings.policies},
        run=settings.policies[0],
        catalog=settings.catalog,
        entities=settings.entities,
        days=task.problem.measured,
        records=records,
    )


def _as_filed(task: Task, layout: Layout) -> tuple[Layout, SideTables]:
    """Return the layout and the sites with the notices of what the plan brings filed in time."""
    first = task.problem.first
    longest = max(Notices(task.problem, t).longest for t in range(len(task.problem.periods)))
    lots = tuple(
        replace(lot, notice_filed=lot.notice_filed or lot.start - longest)
        if lot in layout.brought and lot.start is not None and lot.start >= first
        else lot
        for lot in layout.lots
    )
    sites = task.records.sites
    if sites is None:
        return replace(layout, lots=lots), task.records
    places = dict(sites.places)
    for lot in layout.brought:
        # A lot that moved inside its country arrived there earlier than the plan.
        place = places.get(lot.site)
        if place is not None:
            needed = min(first, lot.start or first) - longest
            filed = min(place.notice_filed or needed, needed)
            places[lot.site] = replace(place, notice_filed=filed)
    records = replace(task.records, sites=replace(sites, places=places))
    return replace(layout, lots=lots), records


def _beside_others(task: Task, inventory: Inventory) -> tuple[Inventory, int | None]:
    """Return an inventory with the other owners' lots, where some rule is about all owners.

    Their lines are numbered from one on, None where there are none.
    """
    import polars as pl

    others = _others(task)
    if others is None:
        return inventory, None
    least = max(inventory.lots["line"].to_list(), default=0) + 1
    apart = others.with_columns(line=pl.col("line") + least)
    return replace(inventory, lots=pl.concat([inventory.lots, apart])), least


def _judge(task: Task, inventory: Inventory, records: SideTables) -> Report:
    settings = task.settings
    shown, least = _beside_others(task, inventory)
    made, _ = check_policies(
        shown,
        policies=settings.policies,
        catalog=settings.catalog,
        entities=settings.entities,
        days=lambda policy: _days_of(task, policy),
        records=records,
        ran_on=task.ran_on,
        settle=lambda judged, _: _waived(task, judged),
    )
    found = as_planned(made, settings.policies)
    if least is None:
        return found
    source = task.inventory.source
    kept = [
        _told_of(finding, least, source) for finding in found.findings if _is_ours(task, finding)
    ]
    if not any(one.verdict is not Verdict.NOT_APPLICABLE and one.kind != "duty" for one in kept):
        raise NothingEvaluatedError("nothing was evaluated: no rule is bound to the planned group")
    return found.model_copy(update={"findings": tuple(kept)})


def _waived(task: Task, judged: Report) -> Report:
    """Return a report with the waivers of the task, which are those of `check`, applied."""
    waivers, ran_on = task.settings.waivers.listed, task.ran_on or today()
    if not waivers:
        return judged
    findings = with_waivers(judged.findings, waivers, ran_on)
    verdict = overall(findings)
    told = {"findings": findings, "verdict": verdict, "exit_code": exit_code(verdict)}
    return judged.model_copy(update=told)


def _others(task: Task) -> pl.DataFrame | None:
    """Return the other owners' lots, where some rule is about all owners together."""
    import polars as pl

    policy = task.problem.policy
    if not any(rule.about == "all" for rule in policy.on_totals):
        return None
    own = task.problem.fleet.lots["line"].implode()
    others = task.inventory.lots.filter(~pl.col("line").is_in(own))
    return None if others.is_empty() else others


def _is_ours(task: Task, finding: Finding) -> bool:
    """Tell whether a finding is about the group, all owners, or whom the group's lots are for."""
    parents = task.problem.case.companies.parents
    for_whom = {lot.consignee for lot in task.problem.lots if lot.own}
    names = {parents[name].name for name in for_whom if name in parents}
    return finding.owner in {task.problem.subject.name, ALL_OWNERS.name, *names}


def _told_of(finding: Finding, least: int, source: str) -> Finding:
    """Return a finding that names the lines of other owners' lots by their own file."""
    lines = tuple(
        Line(file=source, line=line.line - least, amount=line.amount)
        if line.line >= least
        else line
        for line in finding.lines
    )
    return finding if lines == finding.lines else finding.model_copy(update={"lines": lines})


def unmended(before: Report | None, finding: Finding) -> bool:
    """Tell whether a breach is one of the untouched fleet, too, and not worse than there."""
    same = [
        one
        for one in (before.breaches if before is not None else ())
        if (one.rule, one.owner, one.place, one.date)
        == (finding.rule, finding.owner, finding.place, finding.date)
    ]
    return any(not is_worse(finding, one) for one in same)


def not_mended(rows: Iterable[Finding]) -> list[str]:
    """Say which breaches no plan mends, once each, with their dates."""
    days: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        days.setdefault((row.rule, row.place), []).append(str(row.date))
    found = []
    for (rule, place), on in sorted(days.items()):
        more = f" and {len(on) - 1} more days" if len(on) > 1 else ""
        found.append(f"not the plan's to mend: {rule} in {place}, on {on[0]}{more}")
    return found
