"""The judge's word on a plan: the layout is written out, read back and judged as any inventory.

Rules about all owners together see the other owners' lots beside those of the layout. Notices that
the plan says to file are taken as filed in time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from placement.errors import NothingEvaluatedError
from placement.inventory import Inventory
from placement.planner.files import layout_text
from placement.planner.layout import Layout
from placement.planner.notices import Notices
from placement.planner.read import Task
from placement.policy import ALL_OWNERS
from placement.report import Finding, Line, Report
from placement.run import Records, check_inventory
from placement.sources.doubts import Accepting
from placement.sources.inventory import read_inventory
from placement.vocabulary import Verdict

if TYPE_CHECKING:
    import polars as pl

LAYOUT_FILE = "layout.csv"


def judge_layout(task: Task, layout: Layout) -> Report:
    """Judge a layout on the days of the plan; NothingEvaluatedError where no rule was bound."""
    if not layout.lots:
        raise NothingEvaluatedError(
            "nothing was evaluated: the plan leaves no accelerator anywhere"
        )
    filed, records = _as_filed(task, layout)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LAYOUT_FILE
        path.write_bytes(layout_text(task.problem, filed).encode())
        inventory = read_inventory(
            path,
            catalog=task.settings.catalog,
            name=LAYOUT_FILE,
            accepting=Accepting(everything=True),
        )
    return _judge(task, replace(inventory, notes=()), records)


def judge_fleet(task: Task) -> Report | None:
    """Judge the fleet that no plan touches; None where nothing of it is bound by a rule."""
    if task.problem.fleet.lots.is_empty():
        return None
    try:
        return _judge(task, task.problem.fleet, task.records)
    except NothingEvaluatedError:
        return None


def _as_filed(task: Task, layout: Layout) -> tuple[Layout, Records]:
    """Give the layout and the sites with the notices of what the plan brings filed in time."""
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


def _judge(task: Task, inventory: Inventory, records: Records) -> Report:
    settings, others = task.settings, _others(task)
    least = max(inventory.lots["line"].to_list(), default=0) + 1
    shown = inventory
    if others is not None:
        import polars as pl

        apart = others.with_columns(line=pl.col("line") + least)
        shown = replace(inventory, lots=pl.concat([inventory.lots, apart]))
    report = check_inventory(
        shown,
        policy=settings.policy,
        catalog=settings.catalog,
        entities=settings.entities,
        days=task.problem.days,
        records=records,
    )
    if others is None:
        return report
    source = task.inventory.source
    kept = [_told_of(one, least, source) for one in report.findings if _is_ours(task, one)]
    if not any(one.verdict is not Verdict.NOT_APPLICABLE and one.kind != "duty" for one in kept):
        raise NothingEvaluatedError("nothing was evaluated: no rule is bound to the planned group")
    return report.model_copy(update={"findings": tuple(kept)})


def _others(task: Task) -> pl.DataFrame | None:
    """Give the other owners' lots, where some rule is about all owners together."""
    import polars as pl

    policy = task.settings.policy
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
    """Give a finding that names the lines of other owners' lots by their own file."""
    lines = tuple(
        Line(file=source, line=one.line - least, amount=one.amount) if one.line >= least else one
        for one in finding.lines
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
    return any(_at_least_as_bad(one, finding) for one in same)


def _at_least_as_bad(before: Finding, after: Finding) -> bool:
    """Compare two measures of one rule: shares by their ratio, amounts as they are."""
    if before.numerator is None or after.numerator is None:
        return before.numerator is None  # a notice that was never filed is the worst
    old, new = (_measure(one) for one in (before, after))
    return new >= old if after.comparison == ">=" else new <= old


def _measure(finding: Finding) -> Fraction:
    whole = Fraction(finding.denominator) if finding.denominator else Fraction(1)
    return Fraction(finding.numerator or 0) / (whole or 1)


def not_mended(rows: Iterable[Finding]) -> list[str]:
    """Say which breaches no plan mends, once each, with their dates."""
    days: dict[tuple[str, str], list[str]] = {}
    for one in rows:
        days.setdefault((one.rule, one.place), []).append(str(one.date))
    found = []
    for (rule, place), on in sorted(days.items()):
        more = f" and {len(on) - 1} more days" if len(on) > 1 else ""
        found.append(f"not the plan's to mend: {rule} in {place}, on {on[0]}{more}")
    return found
