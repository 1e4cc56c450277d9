"""The parts of a plan's text about money and about what stands where."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.share import limit_of, share
from placement.text.decimals import floor_text, grouped, plain

if TYPE_CHECKING:
    from placement.optimization.plan import Plan
    from placement.optimization.results.layout import Layout
    from placement.report import Finding, PlanInfo

MOST_COUNTRIES = 40
MOST_COST_COUNTRIES = 8


def unit(plan: Plan) -> str:
    """Return what follows the cost in the header: the currency, and whether it is discounted."""
    discounts = plan.task.problem.discount_rate != 0
    return f" {plan.task.problem.currency}{', discounted' if discounts else ', not discounted'}"


def in_tables(plan: Plan) -> str:
    """Return what follows the title of a table of money: its currency, and what is discounted."""
    money, discounts = plan.task.problem.currency, plan.task.problem.discount_rate != 0
    return f"{money} as paid; the last column is discounted" if discounts else f"{money} as paid"


def as_paid(plan: Plan, info: PlanInfo) -> list[str]:
    """Return the line that says what is paid, and how that is discounted; none without a rate."""
    if plan.task.problem.discount_rate == 0 or info.discount_rate is None:
        return []
    paid = sum((Fraction(part) for part in info.paid.values()), Fraction(0))
    rate = plain(Fraction(info.discount_rate) * 100)
    said = f"as paid, not discounted: {grouped(floor_text(paid, 2))}"
    return [f"           {said}; the rate is {rate} % a year, to {info.discounted_to}"]


def overdue(info: PlanInfo) -> list[str]:
    """Return the line that says which notices were due before the run; none where none were."""
    if not info.overdue:
        return []
    one, days = len(info.overdue) == 1, sorted({notice.by for notice in info.overdue})
    what = "1 notice was due" if one else f"{len(info.overdue)} notices were due"
    when = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
    return [f"  notices  cannot be carried out as it stands: {what} {when}"]


def countries(plan: Plan, layout: Layout) -> str:
    """Return what stands where on the last day judged, and each country's tightest rule."""
    from placement.optimization.results.by_country import by_country

    problem = plan.task.problem
    lines = by_country(problem, layout, plan.report.findings)
    rows = [
        (
            line.country,
            grouped(str(line.stands)),
            grouped(str(line.to_come)),
            grouped(str(line.after)),
            grouped(floor_text(Fraction(line.mtpp, 1000), 0)),
            f"{floor_text(line.share * 100, 2)} %",
            terminal(line.tightest.rule) if line.tightest else "",
            measured(line.tightest) if line.tightest else "",
        )
        for line in lines[:MOST_COUNTRIES]
    ]
    header = ("country", "stands", "to come", "planned", "TPP", "of all", "rule", "measured")
    hidden = len(lines) - len(rows)
    more = f"\n... and {hidden} more countries in layout.csv" if hidden > 0 else ""
    head = (
        f"LAYOUT on {problem.days[-1].day}: what stands on {problem.first}, what is ordered or on "
        "its way besides, and all with the plan"
    )
    return f"{head}\n{table(header, rows, right=(1, 2, 3, 4, 5))}{more}"


def costs(plan: Plan) -> str:
    """Return what is paid by year, and in the countries where most is."""
    from placement.optimization.results.costs import KINDS, summed

    if not plan.costs:
        return ""
    years = summed(plan.costs, lambda one: str(one.year))
    countries = summed(plan.costs, lambda one: one.country)
    there = {cost.kind for cost in plan.costs}
    kinds = [kind for kind in KINDS if kind in there]
    discounts = plan.task.problem.discount_rate != 0

    def row(year: str, country: str, of: tuple[dict[str, int], int]) -> tuple[str, ...]:
        paid = [of[0].get(kind, 0) for kind in kinds]
        amounts = [*paid, sum(paid), *([of[1]] if discounts else [])]
        return (
            year,
            country,
            *(grouped(floor_text(Fraction(amount, 10**6), 0)) for amount in amounts),
        )

    most = sorted(countries, key=lambda name: (-sum(countries[name][0].values()), name))
    rows = [row(year, "all", of) for year, of in years.items()]
    rows += [row("all", name, countries[name]) for name in most[:MOST_COST_COUNTRIES]]
    if len(years) > 1:
        rows.append(row("all", "all", summed(plan.costs, lambda _: "")[""]))
    header = ("year", "country", *kinds, "all", *(["discounted"] if discounts else []))
    hidden = len(most) - MOST_COST_COUNTRIES
    more = f"\n... and {hidden} more countries in costs.csv" if hidden > 0 else ""
    head = f"COST by year and by country, {in_tables(plan)}"
    return f"{head}\n{table(header, rows, right=range(2, len(header)))}{more}"


def measured(finding: Finding) -> str:
    """Return the measured amount against its limit."""
    amount = share(finding) or grouped(plain(finding.measured))
    return f"{amount}, limit {limit_of(finding)}"
