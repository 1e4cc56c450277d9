"""A plan for a terminal: whether there is one, its cost, where everything goes, the verdict."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.enums import Objective, PlanStatus, Verdict
from placement.optimization.results.assumptions import allowed
from placement.render import check as text
from placement.render.explain import conflict
from placement.render.findings.limits import figures
from placement.render.findings.verdict import closing, verdict_line
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.formats.wrapped import fitted
from placement.render.plan import cross_check, lookup, screen, search, tables
from placement.render.view import SCREEN, Detail, View
from placement.report import overall
from placement.text.decimals import floor_text, grouped

if TYPE_CHECKING:
    from placement.optimization.plan import Plan
    from placement.optimization.results.layout import Action, Layout
    from placement.report import Finding, PlanInfo, Report

MOST_ACTIONS = 25
MOST_PERIODS = 12
MOST_NOTES = 12
_MOST_BROKEN = 6

_MANY_COUNTRIES = re.compile(r"\w+(;\w+){3,}")

_SAID = {
    PlanStatus.OPTIMAL: "optimal",
    PlanStatus.FEASIBLE: "feasible; whether it is the cheapest is not known",
    PlanStatus.INFEASIBLE: "infeasible: no plan exists",
    PlanStatus.STOPPED: "stopped without a usable plan",
}


def render(plan: Plan, files: Iterable[str] = (), view: View = SCREEN) -> str:
    """Return the plan as text, its status first; `files` are those that were written."""
    plan = replace(plan, report=plan.report.by_pack())
    info = plan.report.plan
    if info is None:
        raise AssertionError("a plan's report says how it ended")
    head = _head(plan, info, view)
    if view.detail is Detail.VERDICT:
        return head.splitlines()[0] + "\n"
    blocks = [head]
    if info.cross_check is not None:
        blocks.append(cross_check.lines(info.cross_check))
    if plan.conflict is not None:
        blocks.append(conflict.block(plan, info))
    written = _written(list(files), view)
    if plan.layout is None:
        blocks += [written, *_untouched(plan, info, view)]
    elif view.is_short:
        blocks += [
            screen.countries(plan, plan.layout), _dilution(plan, info),
            screen.costliest(plan, plan.layout), screen.filings(plan, plan.layout),
            *text.breaches(plan.report), _last(written),
        ]  # fmt: skip
    else:
        blocks += [
            tables.countries(plan, plan.layout), tables.costs(plan), _dilution(plan, info),
            _actions(plan.layout, info), *lookup.looked_up(plan, plan.layout, view), written,
            *text.whole(_with_notes(plan, view), view, _measured(plan, view)),
            closing(plan.report),
        ]  # fmt: skip
    if info.cross_check is not None and info.cross_check.disagreement:
        blocks.append(cross_check.last_word(info.cross_check))
    return fitted("\n\n".join(filter(None, blocks)) + "\n", view.width)


def _last(written: str) -> str:
    """Return what was written, where the rest is, and what it is not."""
    return text.ending("; ".join(filter(None, [written, "more with -v: costs, rules, reasons"])))


def _written(files: list[str], view: View) -> str:
    if not files:
        return ""
    if view.is_short:
        folders = {os.path.dirname(name) for name in files}
        if len(folders) > 1:
            return f"written: {', '.join(map(terminal, files))}"
        names = (os.path.basename(name) for name in files)
        return f"written to {terminal(folders.pop() or '.')}: {', '.join(map(terminal, names))}"
    return "\n".join(["written", *(f"  {terminal(name)}" for name in files)])


def _untouched(plan: Plan, info: PlanInfo, view: View) -> list[str]:
    """Return the verdict on the fleet as it is, where there is no plan: the report judges none."""
    shown = _with_notes(plan, view)
    shown = shown.model_copy(update={"verdict": overall(shown.findings)})
    parts = [text.render(shown, view).rstrip("\n")]
    return ["Without a plan, the fleet as it is:", *parts, f"NO PLAN: {_SAID[info.status]}"]


def _with_notes(plan: Plan, view: View) -> Report:
    """Return the report with its notes, of those on the input files only the first."""
    return plan.report.model_copy(update={"notes": _notes(plan, view.most(MOST_NOTES))})


def _notes(plan: Plan, most: int) -> tuple[str, ...]:
    problem, notes = plan.task.problem, plan.report.notes
    read = {*problem.fleet.notes, *problem.notes}
    on_files = [note for note in notes if note in read]
    hidden = len(on_files) - most
    if hidden <= 0:
        return notes
    more = f"... and {hidden} more on the input files: -vv shows them"
    others = [note for note in notes if note not in read]
    return (*on_files[:most], more, *others)


def _head(plan: Plan, info: PlanInfo, view: View) -> str:
    said = _SAID[info.status]
    if info.status is PlanStatus.FEASIBLE and plan.search.within_gap:
        said = "feasible, within the gap asked for"
    lines = [f"PLAN for {terminal(info.owner)} in {info.period}: {said}"]
    lines += (f"  waived   {terminal(one)}" for one in allowed(plan.task))
    if plan.layout is not None:
        lines.append(f"  to do    {screen.to_do(plan, plan.layout)}")
    parts = _cost_parts(plan, info, view)
    for tier, said in zip(info.tiers, search.objectives(plan, info), strict=True):
        lines.append(said)
        if tier.objective == Objective.COST:
            lines += parts
            parts = []
    lines += parts
    lines += [*search.claimed(info), *search.ends(info)]
    lines += tables.overdue(info)
    if plan.report.verdict is Verdict.NOT_APPLICABLE and plan.layout is not None:
        lines.append("  kept     nothing is left to judge")
    elif info.compliant_from is not None and not (
        view.is_short and info.compliant_every_day_from is not None  # the sentence says it
    ):
        since = info.compliant_from
        left = any(finding.date >= since for finding in plan.report.breaches)
        which = "every rule that a plan can keep" if left else "every rule"
        lines.append(f"  kept     {which} from {since} on, on its measurement dates")
        lines.append(f"           {_every_day(plan, info)}")
    lines += _without(plan.before)
    if view.is_short and plan.layout is not None:
        lines.append(f"  verdict  {verdict_line(plan.report)}")
        lines += text.rests_on(plan.report.model_copy(update={"read": None}))
    if info.size is not None and not view.is_short:
        size, timings = info.size, info.timings
        seconds = ", ".join(f"{name} {value:.2f}" for name, value in timings.items())
        lines.append(f"  size     {size.columns} columns, {size.rows} rows; seconds: {seconds}")
    return "\n".join(lines)


def _cost_parts(plan: Plan, info: PlanInfo, view: View) -> list[str]:
    """Return what the cost is made of, and what is paid as it is due."""
    lines = []
    if info.cost and not view.is_short:
        parts = ", ".join(f"{name} {_money(part)}" for name, part in info.cost.items())
        which = "of it" if any(tier.objective == Objective.COST for tier in info.tiers) else "cost"
        lines.append(f"           {which}: {parts}")
    if info.dilution:
        diluting = sum((Fraction(one.discounted) for one in info.dilution), Fraction(0))
        lines.append(
            f"           of it: dilution {_money(str(diluting))}, for kit that serves no demand"
        )
    return lines + (tables.as_paid(plan, info) if info.cost else [])


def _every_day(plan: Plan, info: PlanInfo) -> str:
    """Say from when on every limit holds, whether the day is a measurement date or not."""
    since = info.compliant_every_day_from
    if since is None:
        last = plan.task.problem.last
        return f"from no day on every limit on every day: one is still broken on {last}"
    return f"every limit on every day from {since} on"


def _without(before: Report | None) -> list[str]:
    broken = before.breaches if before is not None else ()
    if not broken:
        return ["  before   without the plan, no rule is broken on these dates"]
    firsts: dict[tuple[str, str, str], list[Finding]] = {}
    for found in broken:
        firsts.setdefault((found.rule, found.owner, found.place), []).append(found)
    lines = []
    for found, *later in list(firsts.values())[:_MOST_BROKEN]:
        dates = "1 later date" if len(later) == 1 else f"{len(later)} later dates"
        more = f", and on {dates}" if later else ""
        lines.append(
            f"  before   without the plan: {terminal(found.rule)} broken in "
            f"{terminal(found.place)} on {found.date}, {tables.measured(found)}{more}"
        )
    hidden = len(firsts) - len(lines)
    return lines + ([f"           ... and {hidden} more"] if hidden > 0 else [])


def _dilution(plan: Plan, info: PlanInfo) -> str:
    """Return what was bought only to dilute shares, by period."""
    if not info.dilution:
        return ""
    discounts = plan.task.problem.discount_rate != 0
    there = {kind for one in info.dilution for kind in one.cost}
    kinds = [kind for kind in info.cost if kind in there]

    def row(
        name: str, amount: str, costs: dict[str, Fraction], discounted: Fraction
    ) -> tuple[str, ...]:
        paid = [costs.get(kind, Fraction(0)) for kind in kinds]
        amounts = [*paid, sum(paid, Fraction(0)), *([discounted] if discounts else [])]
        return name, amount, *(grouped(floor_text(amount, 0)) for amount in amounts)

    rows = []
    sums: dict[str, Fraction] = {}
    for one in info.dilution:
        costs = {kind: Fraction(cost) for kind, cost in one.cost.items()}
        sums = {kind: sums.get(kind, Fraction(0)) + costs.get(kind, 0) for kind in kinds}
        amount = f"{grouped(floor_text(Fraction(one.amount), 0))} {one.unit}"
        rows.append(row(one.period, amount, costs, Fraction(one.discounted)))
    if len(rows) > 1:
        whole = sum((Fraction(one.discounted) for one in info.dilution), Fraction(0))
        rows.append(row("all", "", sums, whole))
    rules = list(dict.fromkeys(rule for one in info.dilution for rule in one.rules))
    header = (
        "period", "serves nobody", *kinds, "all", *(["discounted"] if discounts else []),
    )  # fmt: skip
    money = tables.in_tables(plan)
    return (
        f"DILUTION: kit that is bought and serves no demand, and its part of the cost, {money}\n"
        f"{table(header, rows, right=range(1, len(header)))}\n"
        f"without it these would not be kept: {terminal('; '.join(rules))}"
    )


def _actions(layout: Layout, info: PlanInfo) -> str:
    """List the actions with most at stake of each period, and sum up the others."""
    if not layout.actions:
        return "ACTIONS: none"
    periods: dict[str, list[Action]] = {}
    for action in layout.actions:
        periods.setdefault(action.period, []).append(action)
    many = info.periods is not None and info.periods.count > 1
    shown = _shown(periods)
    listed = [action for actions in shown.values() for action in actions]
    owners = len({action.owner for action in layout.actions}) > 1 or not many
    to_file = any(action.to_file for action in listed)
    rows: list[tuple[str, ...]] = []
    for period, actions in shown.items():
        lines = [_line(action, owners=owners, to_file=to_file) for action in actions]
        taken = {id(action) for action in actions}
        rest = [action for action in periods[period] if id(action) not in taken]
        if rest and many:
            lines.append(_rest(rest, bool(actions), owners=owners, to_file=to_file))
        names = [period, *[""] * (len(lines) - 1)]
        rows += [((name,) if many else ()) + line for name, line in zip(names, lines, strict=True)]
    header = (
        *(["period"] if many else []),
        "action", "count", "accelerator", *(["owner"] if owners else []), "from", "to", "cost",
        "why", *(["file by"] if to_file else []),
    )  # fmt: skip
    right = (header.index("count"), header.index("cost"))
    hidden = sum(map(len, (periods[name] for name in periods if name not in shown or not many)))
    hidden -= 0 if many else len(listed)
    head = f"ACTIONS on {layout.actions[0].day}: {len(layout.actions)} in {info.period}"
    if many:
        head = f"ACTIONS: {len(layout.actions)} in {info.period}, on the first day of each period"
    head += "; costs as paid"
    text_ = table(header, rows, right=right)
    return f"{head}\n{text_}" + (f"\n... and {hidden} more in actions.csv" if hidden > 0 else "")


def _shown(periods: dict[str, list[Action]]) -> dict[str, list[Action]]:
    """Choose the actions to list, as many of each period, those that cost most or are largest.

    Of more periods than there are lines only the first are shown. Lines that sum others up count.
    """
    each = max(0, MOST_ACTIONS // len(periods) - (len(periods) > 1))
    found = {}
    for period in list(periods)[:MOST_ACTIONS]:
        actions = periods[period]
        largest = sorted(actions, key=lambda one: (-abs(one.cost), -one.quantity))
        chosen = {id(one) for one in largest[:each]}
        found[period] = [action for action in actions if id(action) in chosen]
    return found


def _line(action: Action, *, owners: bool, to_file: bool) -> tuple[str, ...]:
    return (
        action.action,
        grouped(str(action.quantity)),
        terminal(action.accelerator),
        *([terminal(action.owner)] if owners else []),
        terminal(action.from_site),
        terminal(action.to_site),
        _money(floor_text(action.cost, 2)),
        terminal(_brief(action.reason)),
        *([_to_file(action)] if to_file else []),
    )


def _rest(actions: list[Action], some: bool, *, owners: bool, to_file: bool) -> tuple[str, ...]:
    """Sum up the actions of a period that are not listed."""
    more = "more" if some else "actions" if len(actions) > 1 else "action"
    first = min((action.file_by for action in actions if action.file_by), default=None)
    return (
        "...",
        grouped(str(sum(action.quantity for action in actions))),
        f"({len(actions)} {more})",
        *([""] if owners else []),
        "",
        "",
        _money(floor_text(sum((action.cost for action in actions), Fraction(0)), 2)),
        "",
        *([str(first or "")] if to_file else []),
    )


def _brief(reason: str) -> str:
    """Shorten lists of countries and of lines in a reason."""

    def some(found: re.Match[str]) -> str:
        countries = found.group().split(";")
        return f"{';'.join(countries[:2])} and {len(countries) - 2} more"

    return _MANY_COUNTRIES.sub(some, reason).replace("; demand line ", ", ")


def _measured(plan: Plan, view: View) -> str | None:
    """Return the tightest of each rule and of each period; None: the table of all is short."""
    from placement.optimization.results.shares import tightest_by_period, tightest_by_rule

    periods = plan.task.problem.periods
    if len(periods) == 1:
        return None
    rules = tightest_by_rule(plan.report.findings)
    tightest = tightest_by_period(periods, plan.report.findings)
    shown = sorted(tightest, key=lambda one: one.utilisation, reverse=True)
    shown = shown[: view.most(MOST_PERIODS)]
    blocks = [
        "RULES, each where and when it is tightest; all figures are in shares.csv\n"
        + figures(rules, view),
        "PERIODS, each with the rule that is tightest in it\n" + figures(shown, view),
    ]
    hidden = len(tightest) - len(shown)
    if hidden > 0:
        blocks[1] += f"\n... and {hidden} more periods, none tighter"
    return "\n\n".join(blocks) if rules else ""


def _to_file(action: Action) -> str:
    """Name the notices that an action still needs, with the last day of each."""
    return "; ".join(f"{one.by} ({terminal(one.rule)})" for one in action.to_file)


def _money(text_: str) -> str:
    return grouped(floor_text(Fraction(text_), 2))
