"""What a planner looks up in a plan: sites, budgets, commitments and demand, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.render.findings.limits import bar
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.view import Detail, View
from placement.text.decimals import floor_text, grouped, plain

if TYPE_CHECKING:
    from placement.optimization.plan import Plan
    from placement.optimization.results.layout import Layout
    from placement.optimization.results.site_periods import SitePeriod

MOST_ROWS = 40


def looked_up(plan: Plan, layout: Layout, view: View) -> list[str]:
    """Return the tables of sites, budgets, commitments and demand; the empty ones as nothing."""
    return [
        _sites(plan, view),
        _budgets(plan, view),
        _commitments(plan, layout, view),
        _demand(plan, view),
    ]


def _some(
    rows: Sequence[tuple[str, ...]],
    header: tuple[str, ...],
    title: str,
    view: View,
    right: Iterable[int],
) -> str:
    """Return a table of the first rows, and say how many others there are."""
    if not rows:
        return ""
    shown = rows[: view.most(MOST_ROWS)]
    hidden = len(rows) - len(shown)
    more = f"\n... and {hidden} more: -vv shows them" if hidden else ""
    return f"{title}\n{table(header, shown, right)}{more}"


def _sites(plan: Plan, view: View) -> str:
    """Return each site in the period in which it is fullest; with -vv in every period."""
    found = [one for one in plan.site_periods() if one.accelerators]
    title = "SITES in every period"
    if view.detail is not Detail.ALL:
        fullest: dict[str, SitePeriod] = {}
        for one in found:
            known = fullest.get(one.site.name)
            if known is None or (one.used, one.accelerators) > (known.used, known.accelerators):
                fullest[one.site.name] = one
        found = sorted(fullest.values(), key=lambda one: (-one.used, one.site.name))
        title = "SITES, each in the period in which it is fullest; every period: site_periods.csv"
    rows = [
        (
            terminal(one.site.name),
            one.site.country,
            one.period.name,
            grouped(str(one.accelerators)),
            _of(_up(one.mw), None if one.mw_limit is None else plain(one.mw_limit)),
            _of(str(one.racks), None if one.racks_limit is None else str(one.racks_limit)),
            bar(one.used) if one.used else "",
        )
        for one in found
    ]
    header = ("site", "country", "period", "accelerators", "MW", "racks", "used")
    return _some(rows, header, title, view, (3, 4, 5))


def _of(amount: str, limit: str | None) -> str:
    return grouped(amount) if limit is None else f"{grouped(amount)} of {grouped(limit)}"


def _up(amount: Fraction) -> str:
    """Write an amount rounded up to hundredths: no more is drawn than that."""
    return floor_text(-(-amount * 100 // 1) / Fraction(100), 2)


def _budgets(plan: Plan, view: View) -> str:
    from placement.optimization.results.site_periods import budgets_used

    money = plan.task.problem.currency
    rows = [
        (one.period.name, _money(one.spent), _money(one.budget), _money(one.budget - one.spent))
        for one in budgets_used(plan.task.problem, plan.costs)
    ]
    header = ("period", "spent", "budget", "left")
    return _some(rows, header, f"BUDGET by period, {money} as paid", view, (1, 2, 3))


def _commitments(plan: Plan, layout: Layout, view: View) -> str:
    """Return each commitment in the period in which least of it is left over."""
    from placement.optimization.results.site_periods import CommitmentUse, commitments_kept

    found = commitments_kept(plan.task.problem, layout)
    if view.detail is not Detail.ALL:
        tightest: dict[str, CommitmentUse] = {}
        for one in found:
            known = tightest.get(one.commitment.label)
            if known is None or one.left < known.left:
                tightest[one.commitment.label] = one
        found = list(tightest.values())
    rows = [
        (
            terminal(one.commitment.label),
            one.commitment.kind.value.replace("_", " "),
            _amount(one.commitment.quantity),
            one.period.name,
            _amount(one.least)
            if one.least == one.most
            else f"{_amount(one.least)} to {_amount(one.most)}",
            _amount(one.left),
        )
        for one in found
    ]
    header = ("commitment", "kind", "quantity", "tightest in", "stands", "left over")
    return _some(rows, header, "COMMITMENTS, each where least is left over", view, (2, 4, 5))


def _demand(plan: Plan, view: View) -> str:
    from placement.optimization.results.site_periods import demand_served

    rows = [
        (terminal(one.line.label), _amount(one.line.quantity), _amount(one.served), one.line.unit)
        for one in demand_served(plan.task.problem, plan.served)
    ]
    header = ("demand", "asked", "served", "unit")
    return _some(rows, header, "DEMAND served, by line; from where: served.csv", view, (1, 2))


def _amount(amount: Fraction) -> str:
    return grouped(floor_text(amount, 0) if amount.denominator == 1 else floor_text(amount, 3))


def _money(amount: Fraction) -> str:
    return grouped(floor_text(amount, 2))
