"""A plan for a terminal: whether there is one, its cost, where everything goes, the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from placement.amounts import floor_text, grouped, percent_text, plain
from placement.render import text
from placement.render.escape import terminal
from placement.render.table import table
from placement.report import overall
from placement.vocabulary import PlanStatus

if TYPE_CHECKING:
    from placement.planner.layout import Action, Layout
    from placement.planner.plan import Plan
    from placement.report import Finding, PlanInfo, Report

MOST_ACTIONS = 20
_MOST_BROKEN = 6

_SAID = {
    PlanStatus.OPTIMAL: "optimal",
    PlanStatus.FEASIBLE: "feasible; whether it is the cheapest is not known",
    PlanStatus.INFEASIBLE: "infeasible: no plan exists",
    PlanStatus.STOPPED: "stopped without a usable plan",
}


def render(plan: Plan, files: Iterable[str] = ()) -> str:
    """Give the plan as text, verdict last; `files` are those that were written."""
    info = plan.report.plan
    if info is None:
        raise AssertionError("a plan's report says how it ended")
    blocks = [_head(plan, info)]
    if plan.conflict is not None:
        blocks.append(_conflict(plan, info))
    if plan.layout is not None:
        blocks += [_countries(plan, plan.layout), _actions(plan.layout, info)]
    listed = list(files)
    if listed:
        blocks.append("\n".join(["written", *(f"  {terminal(name)}" for name in listed)]))
    if plan.layout is None:
        blocks.append("Without a plan, the fleet as it is:")
    # Without a plan the report judges none; the text shows the verdict on the fleet as it is.
    shown = plan.report
    if plan.layout is None:
        shown = shown.model_copy(update={"verdict": overall(shown.findings)})
    blocks.append(text.render(shown).rstrip("\n"))
    if plan.layout is None:
        blocks.append(f"NO PLAN: {_SAID[info.status]}")
    return "\n\n".join(blocks) + "\n"


def _head(plan: Plan, info: PlanInfo) -> str:
    said = _SAID[info.status]
    if info.status is PlanStatus.FEASIBLE and plan.within_gap:
        said = "feasible, within the gap asked for"
    lines = [f"PLAN for {terminal(info.owner)} in {info.period}: {said}"]
    for tier in info.tiers:
        money = " USD" if tier.objective == "cost" else ""
        lines.append(
            f"  {tier.objective:<8} {_money(tier.value)}{money}; proven: none below "
            f"{_money(tier.bound)}, even in parts of purchase units (gap {_percent(tier.gap)})"
        )
    if info.cost:
        parts = ", ".join(f"{name} {_money(part)}" for name, part in info.cost.items())
        lines.append(f"           of it: {parts}")
    if info.claimed_bound is not None:
        lines.append(
            f"           {terminal(info.solver)} claims (not re-verified) that no whole-unit plan "
            f"is below {_money(info.claimed_bound)}"
        )
    if info.compliant_from is not None:
        since = info.compliant_from
        left = any(finding.date >= since for finding in plan.report.breaches)
        which = "every rule that a plan can keep" if left else "every rule"
        lines.append(f"  kept     {which} from {since} on")
    lines += _without(plan.before)
    if info.size is not None:
        size, timings = info.size, info.timings
        seconds = ", ".join(f"{name} {value:.2f}" for name, value in timings.items())
        lines.append(f"  size     {size.columns} columns, {size.rows} rows; seconds: {seconds}")
    return "\n".join(lines)


def _without(before: Report | None) -> list[str]:
    broken = before.breaches if before is not None else ()
    if not broken:
        return ["  before   without the plan, no rule is broken on these dates"]
    lines = [
        f"  before   without the plan: {terminal(f.rule)} broken in {terminal(f.place)} on "
        f"{f.date}, {_share(f)}"
        for f in broken[:_MOST_BROKEN]
    ]
    hidden = len(broken) - len(lines)
    return lines + ([f"           ... and {hidden} more"] if hidden > 0 else [])


def _conflict(plan: Plan, info: PlanInfo) -> str:
    conflict = plan.conflict
    sure = conflict is not None and conflict.irreducible and len(info.conflict) > 1
    lines = ["These cannot hold together" + (", but could without any one:" if sure else ":")]
    lines += [f"  {terminal(sentence)}" for sentence in info.conflict]
    lines += [f"  besides: {terminal(sentence)}" for sentence in (*plan.overfull, *plan.late)]
    if plan.certificate is not None:
        lines.append("  proven in exact arithmetic")
    else:
        lines.append(f"  by the word of {terminal(info.solver)}: whole units leave nothing")
    return "\n".join(lines)


def _countries(plan: Plan, layout: Layout) -> str:
    from placement.planner.summary import by_country

    problem = plan.task.problem
    rows = [
        (
            line.country,
            grouped(str(line.before)),
            grouped(str(line.after)),
            grouped(floor_text(Fraction(line.mtpp, 1000), 0)),
            f"{floor_text(line.share * 100, 2)} %",
            terminal(line.tightest.rule) if line.tightest else "",
            _share(line.tightest) if line.tightest else "",
        )
        for line in by_country(problem, layout, plan.report.findings)
    ]
    header = ("country", "before", "planned", "TPP", "of all", "rule", "measured")
    return f"LAYOUT on {problem.days[-1].day}\n" + table(header, rows, right=(1, 2, 3, 4))


def _actions(layout: Layout, info: PlanInfo) -> str:
    if not layout.actions:
        return "ACTIONS: none"
    shown = layout.actions[:MOST_ACTIONS]
    to_file = any(action.to_file for action in shown)
    rows = [
        (
            action.action,
            grouped(str(action.quantity)),
            terminal(action.accelerator),
            terminal(action.owner),
            terminal(action.from_site),
            terminal(action.to_site),
            _money(floor_text(action.cost, 2)),
            terminal(action.reason),
            *([_to_file(action)] if to_file else []),
        )
        for action in shown
    ]
    header = ("action", "count", "accelerator", "owner", "from", "to", "cost", "why")
    hidden = len(layout.actions) - len(rows)
    head = f"ACTIONS on {layout.actions[0].day}: {len(layout.actions)} in {info.period}"
    text_ = table((*header, *(["file by"] if to_file else [])), rows, right=(1, 6))
    return f"{head}\n{text_}" + (f"\n... and {hidden} more in actions.csv" if hidden > 0 else "")


def _to_file(action: Action) -> str:
    """Name the notices that an action still needs, with the last day of each."""
    return "; ".join(f"{one.by} ({terminal(one.rule)})" for one in action.to_file)


def _share(finding: Finding) -> str:
    """Write the measured amount against its limit."""
    limit = Fraction(finding.limit or 0)
    part = Fraction(finding.numerator or 0)
    if finding.denominator is None or not Fraction(finding.denominator):
        return f"{grouped(plain(part))}, limit {finding.comparison} {grouped(plain(limit))}"
    share = percent_text(part / Fraction(finding.denominator), limit)
    return f"{share}, limit {finding.comparison} {plain(limit * 100)} %"


def _money(text_: str) -> str:
    return grouped(floor_text(Fraction(text_), 2))


def _percent(gap: str) -> str:
    percent = Fraction(gap) * 100
    if 0 < percent < Fraction(1, 10**5):
        return "less than 0.00001 %"
    return f"{plain(Fraction(ceil(percent * 10**5), 10**5))} %"
