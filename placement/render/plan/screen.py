"""A plan on one screen: what to do, what changes where, what costs most, what to file by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.catalog.countries import country_name
from placement.render.findings.background import duties
from placement.render.findings.limits import of_limit, used
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.view import Detail, View
from placement.text.decimals import floor_text, grouped

if TYPE_CHECKING:
    from placement.optimization.plan import Plan
    from placement.optimization.results.layout import Action, Layout

MOST_COUNTRIES = 8
MOST_ACTIONS = 10
MOST_COUNTRIES_LEFT = 2
MOST_DATES = 3
_MILLION = 10**6


def to_do(plan: Plan, layout: Layout) -> str:
    """Return what the plan comes to in a sentence, to paste: bought, moved, retired, and kept."""
    sites = plan.task.problem.sites
    money = plan.task.problem.currency
    by_kind: dict[str, list[Action]] = {}
    for action in layout.actions:
        by_kind.setdefault(action.action, []).append(action)
    said = []
    if bought := by_kind.get("install"):
        cost = sum((action.cost for action in bought), Fraction(0))
        said.append(f"buy {_count(bought)} accelerators for {_short_money(cost)} {money}")
    if moved := by_kind.get("move"):
        left = _left(moved, {name: site.country for name, site in sites.items()})
        said.append(f"move {_count(moved)}{left}")
    if retired := by_kind.get("retire"):
        said.append(f"retire {_count(retired)}")
    return f"{', '.join(said) or 'change nothing'}; {_kept(plan)}"


def _count(actions: Iterable[Action]) -> str:
    return grouped(str(sum(action.quantity for action in actions)))


def _short_money(amount: Fraction) -> str:
    """Return money to the nearest million where it is tens of them, else to the unit."""
    if abs(amount) < 10 * _MILLION:
        return grouped(str(round(amount)))
    return f"{grouped(str(round(amount / _MILLION)))} M"


def _left(moved: Iterable[Action], countries: Mapping[str, str]) -> str:
    """Say from which countries kit moves into others; empty where all moves stay in a country."""
    counts: dict[str, int] = {}
    for action in moved:
        source, target = countries.get(action.from_site), countries.get(action.to_site)
        if source is not None and source != target:
            counts[source] = counts.get(source, 0) + action.quantity
    if not counts:
        return ""
    most = sorted(counts, key=lambda code: (-counts[code], code))
    named = most if len(most) <= MOST_COUNTRIES_LEFT + 1 else most[:MOST_COUNTRIES_LEFT]
    parts = [f"{grouped(str(counts[code]))} out of {country_name(code)}" for code in named]
    if len(most) > len(named):
        rest = sum(counts[code] for code in most[len(named) :])
        parts.append(f"{grouped(str(rest))} out of {len(most) - len(named)} others")
    return f" ({', '.join(parts)})"


def _kept(plan: Plan) -> str:
    info = plan.report.plan
    if info is None or not plan.report.findings:
        return "no rule is about what stands then"
    if plan.report.breaches and info.compliant_from is None:
        return "not every rule is kept: see below"
    if info.compliant_every_day_from is not None:
        return f"every limit kept on every day from {info.compliant_every_day_from}"
    left = any(
        finding.date >= (info.compliant_from or date.min) for finding in plan.report.breaches
    )
    which = "every rule that a plan can keep" if left else "every rule"
    return f"{which} kept on its measurement dates from {info.compliant_from}"


def countries(plan: Plan, layout: Layout) -> str:
    """Return what stands, is ordered and planned by country, and its tightest limit, as a table.

    Where much changes or a limit is near comes first.
    """
    from placement.optimization.results.by_country import by_country

    problem = plan.task.problem
    lines = by_country(problem, layout, plan.report.findings)
    shown = sorted(
        lines,
        key=lambda line: (
            -abs(line.after - line.stands - line.to_come),
            -(line.tightest.utilisation[1] if line.tightest else Fraction(0)),
            line.country,
        ),
    )[:MOST_COUNTRIES]
    rows = [
        (
            line.country,
            grouped(str(line.stands)),
            grouped(str(line.to_come)),
            grouped(str(line.after)),
            f"{floor_text(line.share * 100, 2)} %",
            of_limit(line.tightest) if line.tightest else "",
            used(line.tightest) if line.tightest else "",
        )
        for line in shown
    ]
    header = ("country", "stands", "ordered", "planned", "of all", "measured", "used")
    hidden = len(lines) - len(rows)
    more = f"\n... and {hidden} more countries, less changed: -v" if hidden > 0 else ""
    head = f"BY COUNTRY on {problem.days[-1].day} (stands: on {problem.first})"
    return f"{head}\n{table(header, rows, right=range(1, 6))}{more}"


@dataclass(frozen=True, slots=True)
class _Site:
    name: str
    actions: tuple[Action, ...]

    @property
    def cost(self) -> Fraction:
        return sum((abs(action.cost) for action in self.actions), Fraction(0))


def costliest(plan: Plan, layout: Layout) -> str:
    """Return the actions that cost most, grouped by the site that they are about."""
    actions = layout.actions
    if not actions:
        return "ACTIONS: none"
    most = sorted(actions, key=lambda one: (-abs(one.cost), -one.quantity, one.day, one.to_site))
    by_site: dict[str, list[Action]] = {}
    for action in most[:MOST_ACTIONS]:
        by_site.setdefault(action.to_site or action.from_site, []).append(action)
    sites = [_Site(name, tuple(listed)) for name, listed in by_site.items()]
    sites.sort(key=lambda site: (-site.cost, site.name))
    owners = len({action.owner for action in actions}) > 1
    rows: list[tuple[str, ...]] = []
    for site in sites:
        in_order = sorted(site.actions, key=lambda one: (one.day, -one.quantity))
        for at, action in enumerate(in_order):
            rows.append(
                (
                    "" if at else terminal(site.name),
                    action.period,
                    action.action,
                    grouped(str(action.quantity)),
                    terminal(action.accelerator),
                    *([terminal(action.owner)] if owners else []),
                    terminal(action.from_site) if action.from_site != site.name else "",
                    grouped(floor_text(action.cost, 0)),
                )
            )
    header = (
        "site", "period", "action", "count", "accelerator", *(["owner"] if owners else []),
        "from", plan.task.problem.currency,
    )  # fmt: skip
    if not any(row[-2] for row in rows):
        header = (*header[:-2], header[-1])
        rows = [(*row[:-2], row[-1]) for row in rows]
    shown = len(rows)
    head = "ACTIONS"
    if len(actions) > shown:
        of = sum((abs(action.cost) for action in most[:shown]), Fraction(0))
        whole = sum((abs(action.cost) for action in actions), Fraction(0))
        part = f", {floor_text(100 * of / whole, 0)} % of what all cost" if whole else ""
        head = (
            f"ACTIONS: the {shown} of {len(actions)} that cost most{part}; why: -v or actions.csv"
        )
    return f"{head}\n{table(header, rows, right=(3, len(header) - 1))}"


def filings(plan: Plan, layout: Layout) -> str:
    """Return what must be filed by when: notices that nobody has filed, then duties with dates."""
    found: dict[tuple[date, str], list[str]] = {}
    for notice in layout.to_file():
        found.setdefault((notice.by, notice.rule), []).append(notice.what)
    lines = []
    for (by, rule), what in found.items():
        more = f" and {len(what) - 2} more" if len(what) > 2 else ""
        lines.append(f"{by}  {terminal(rule)}: {terminal(', '.join(what[:2]))}{more}")
    lines += duties(plan.report.findings, View(Detail.ALL)).splitlines()
    if not lines:
        return ""
    shown = lines[:MOST_DATES]
    hidden = len(lines) - len(shown)
    if hidden:
        shown.append(f"... and {hidden} more: -v")
    return "\n".join(["TO FILE, by when", *(f"  {line}" for line in shown)])
