"""What a planner looks up: sites against their limits, budgets, commitments, demand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

import pytest

from placement.optimization.plan import Plan, plan_tables
from placement.optimization.results.site_periods import (
    budgets_used,
    commitments_kept,
    demand_served,
)
from placement.optimization.run import make_plan
from placement.render.optimize import render
from placement.render.view import MORE, Detail, View
from tests.support.paths import ROOT

EXAMPLE = ROOT / "inputs" / "example"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The example with a budget in each period."""
    folder = tmp_path_factory.mktemp("looked-up")
    for path in EXAMPLE.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config = folder / "placement.toml"
    text = config.read_text("utf-8")
    assert "[optimize]\n" in text
    budget = "[optimize]\nbudget_usd_per_period = 2_000_000_000\n"
    config.write_text(text.replace("[optimize]\n", budget), "utf-8")
    return make_plan(folder, gap=Fraction("0.02"))


def rows(plan: Plan, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(plan_tables(plan)[name], newline="")))


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def test_sites_hold_what_the_layout_says_on_the_fullest_day(plan: Plan) -> None:
    """Every lot of layout.csv, day by day, at its site's PUE; others' lots are in the inventory."""
    problem = plan.task.problem
    lots = [
        (
            lot["site"],
            lot["accelerator"],
            int(lot["quantity"]),
            date.fromisoformat(lot["in_service"] or lot["arrived"] or "0001-01-01"),
            date.fromisoformat(lot["out_of_service"] or "9999-12-31"),
        )
        for lot in rows(plan, "layout.csv")
        if lot["status"] != "transferred"
    ]
    lots += [
        (lot.site, lot.model, lot.quantity, lot.works_since or date.min, lot.end or date.max)
        for lot in problem.lots
        if not lot.own and lot.works
    ]
    found = {(row["period"], row["site"]): row for row in rows(plan, "site_periods.csv")}
    assert len(found) == len(problem.periods) * len(problem.sites)
    for period in (problem.periods[0], problem.periods[5], problem.periods[-1]):
        for name, site in problem.sites.items():
            most, power, racks = 0, Fraction(0), 0
            for day in days(period.first, period.last):
                counts: dict[str, int] = {}
                for where, model, count, since, until in lots:
                    if where == name and since <= day < until:
                        counts[model] = counts.get(model, 0) + count
                kits = [(problem.kits[model], count) for model, count in counts.items()]
                most = max(most, sum(counts.values()))
                drawn = sum((count * kit.kw for kit, count in kits), Fraction(0))
                power = max(power, drawn * site.pue / 1000)
                racks = max(racks, sum(-(-count // kit.unit) for kit, count in kits))
            row = found[period.name, name]
            assert (int(row["accelerators"]), Fraction(row["mw"])) == (most, power), (name, period)
            assert int(row["racks"]) == racks


def test_no_site_is_beyond_a_limit_of_its_table(plan: Plan) -> None:
    with (EXAMPLE / "sites.csv").open(encoding="utf-8", newline="") as file:
        limits = {row["site"]: row for row in csv.DictReader(file)}
    found = rows(plan, "site_periods.csv")
    for row in found:
        if row["mw_limit"]:
            assert Fraction(row["mw"]) <= Fraction(row["mw_limit"])
        if row["racks_limit"]:
            assert int(row["racks"]) <= int(row["racks_limit"])
    first = [row for row in found if row["period"] == "2027Q1"]
    told = {row["site"]: row["mw_limit"] for row in first if row["site"] == "windhoek-1"}
    assert told == {"windhoek-1": limits["windhoek-1"]["power_mw"]}


def test_budgets_commitments_and_demand(plan: Plan) -> None:
    problem = plan.task.problem
    assert plan.layout is not None
    used = budgets_used(problem, plan.costs)
    paid: dict[str, Fraction] = {}
    for row in rows(plan, "costs.csv"):
        paid[row["period"]] = paid.get(row["period"], Fraction(0)) + Fraction(row["cost"])
    assert {one.period.name: one.spent for one in used} == paid
    assert all(one.spent <= one.budget for one in used)
    assert all(one.left >= 0 for one in commitments_kept(problem, plan.layout))
    served = demand_served(problem, plan.served)
    assert [one.line for one in served] == list(problem.demands)
    assert all(one.served >= one.line.quantity for one in served)
    amounts: dict[tuple[str, str], Fraction] = {}
    for row in rows(plan, "served.csv"):
        key = row["period"], row["demand"]
        amounts[key] = amounts.get(key, Fraction(0)) + Fraction(row["amount"])
    for one in served:
        shown = amounts[problem.periods[one.line.t].name, one.line.row]
        assert 0 <= one.served - shown < Fraction(1, 10**6)


def test_the_tables_of_the_text(plan: Plan) -> None:
    short, more, whole = (render(plan, view=view) for view in (View(), MORE, View(Detail.ALL)))
    titles = ("SITES", "BUDGET by period", "COMMITMENTS", "DEMAND served")
    for title in titles:
        assert f"\n{title}" not in short
        assert f"\n{title}" in more
    assert "-vv shows them" in more
    assert "-vv shows them" not in whole
    assert len(whole.splitlines()) > len(more.splitlines())
    assert len(short.splitlines()) <= 45
