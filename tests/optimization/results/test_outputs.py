"""What a plan of many periods is written as: every table, the text, and how they agree."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import Verdict
from placement.optimization.plan import Plan, plan_tables
from placement.optimization.results.by_country import by_country
from placement.optimization.results.layout import Action, Layout
from placement.optimization.results.plan_folder.write import PLAN_FILES
from placement.optimization.run import make_plan
from placement.render.optimize import MOST_ACTIONS, MOST_NOTES, render
from placement.render.view import MORE, SCREEN
from placement.report import Finding
from tests.support.small_plan import CONFIG, DEMAND, FLEET, write

Golden = Callable[[str, str], None]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return make_plan(write(tmp_path_factory.mktemp("outputs")), ran_on=date(2026, 8, 1))


def rows(plan: Plan, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(plan_tables(plan)[name], newline="")))


def laid(plan: Plan) -> Layout:
    assert plan.layout is not None
    return plan.layout


@pytest.mark.parametrize("name", ["actions", "costs", "shares"])
def test_tables(plan: Plan, name: str, golden: Golden) -> None:
    golden(f"plan/{name}.csv", plan_tables(plan)[f"{name}.csv"])


def test_text(plan: Plan, golden: Golden) -> None:
    """What a solver may say otherwise on another day is masked; the plan is the only cheapest."""
    for name, view in (("plan", SCREEN), ("plan-more", MORE)):
        text = re.sub(r"settings from [^;\n]*", "settings from FILE", render(plan, view=view))
        text = re.sub(r"proven: .*", "proven: ...", text)
        golden(f"plan/{name}.txt", re.sub(r"  size  .*|.* claims .*", "...", text))


def test_the_report_says_which_periods_and_what_each_year_costs(plan: Plan) -> None:
    info = plan.report.model_dump(mode="json")["plan"]
    assert info["periods"] == {"first": "2027Q1", "last": "2028Q1", "count": 5}
    assert info["period"] == "2027Q1 to 2028Q1"
    assert info["currency"] == "USD"
    value = Decimal(info["tiers"][0]["value"])
    assert sum(Decimal(part) for part in info["cost"].values()) == value
    assert [one["year"] for one in info["cost_by_year"]] == [2027, 2028]
    assert sum(Decimal(one["discounted"]) for one in info["cost_by_year"]) == value


def test_costs_are_the_objective(plan: Plan) -> None:
    found = rows(plan, "costs.csv")
    assert plan.report.plan is not None
    assert sum(Decimal(row["discounted"]) for row in found) == Decimal(
        plan.report.plan.tiers[0].value
    )
    assert {row["kind"] for row in found} == {"purchases", "running", "moves", "fixed"}
    for row in found:
        later = row["period"] != "2027Q1"
        assert (Decimal(row["discounted"]) < Decimal(row["cost"])) == later, row
        assert row["year"] == row["period"][:4]


def test_costs_as_paid_are_those_of_the_actions(plan: Plan) -> None:
    paid: dict[tuple[str, str], Decimal] = {}
    for action in laid(plan).actions:
        kind = {"install": "purchases", "move": "moves"}[action.action]
        key = action.period, kind
        paid[key] = paid.get(key, Decimal(0)) + Decimal(str(float(action.cost)))
    found: dict[tuple[str, str], Decimal] = {}
    for row in rows(plan, "costs.csv"):
        if row["kind"] in ("purchases", "moves"):
            key = row["period"], row["kind"]
            found[key] = found.get(key, Decimal(0)) + Decimal(row["cost"])
    assert found == paid


def test_running_costs_by_another_formula(plan: Plan) -> None:
    """Energy and hosting of what the layout says stands in a period, lot by lot."""
    problem = plan.task.problem
    for period in problem.periods:
        expected: dict[str, Fraction] = {}
        for lot in laid(plan).lots:
            if lot.counts_on(period.first):
                site, kit = problem.sites[lot.site], problem.kits[lot.model]
                energy = site.pue * 24 * period.days * site.energy_usd_per_mwh / 1000
                each = kit.kw * (energy + site.hosting_usd_per_kw_month * period.months)
                there = expected.get(lot.country, Fraction(0))
                expected[lot.country] = there + lot.quantity * each
        found = {
            row["country"]: Fraction(row["cost"])
            for row in rows(plan, "costs.csv")
            if (row["period"], row["kind"]) == (period.name, "running")
        }
        assert found.keys() == {country for country, cost in expected.items() if cost}
        for country, cost in found.items():
            assert abs(cost - expected[country]) < Fraction(1, 100)


def test_without_a_discount_rate_both_columns_are_one(tmp_path: Path) -> None:
    config = CONFIG.replace("discount_rate = 0.08\n", "")
    plan = make_plan(write(tmp_path, placement=config))
    found = rows(plan, "costs.csv")
    assert found
    assert all(row["cost"] == row["discounted"] for row in found)
    text = render(plan, view=MORE)
    assert plan.report.plan is not None
    assert plan.report.plan.paid == plan.report.plan.cost
    assert re.search(r"^  cost     [0-9,.]+ USD, not discounted; proven", text, re.MULTILINE)
    assert "as paid, not discounted" not in text
    assert "COST by year and by country, USD as paid\n" in text


def test_header_and_tables_say_what_is_discounted(plan: Plan) -> None:
    """What is paid is added up from costs.csv here; both sums stand in the header once."""
    info, text = plan.report.plan, render(plan, view=MORE)
    assert info is not None
    paid, discounted = (
        sum(Decimal(row[column]) for row in rows(plan, "costs.csv"))
        for column in ("cost", "discounted")
    )
    assert sum(map(Decimal, info.paid.values())) == paid != discounted
    assert (info.discount_rate, info.discounted_to) == ("0.08", date(2027, 1, 1))
    head, *tables = text.split("\n\n")
    assert f"  cost     {discounted // 1:,}." in head
    assert " USD, discounted; proven" in head
    said = f"as paid, not discounted: {paid:,.2f}; the rate is 8 % a year, to 2027-01-01"
    assert said in head
    titles = [block.split("\n")[0] for block in tables]
    assert "COST by year and by country, USD as paid; the last column is discounted" in titles
    assert any(one.startswith("ACTIONS") and one.endswith("costs as paid") for one in titles)


def test_the_layout_tells_what_stands_from_what_is_ordered(tmp_path: Path) -> None:
    """21 stand in NA today, of which 5 leave again; 3 are ordered, 4 work later."""
    more = """A,windhoek,NA,H100 SXM,3,ordered,,2027-06-01,
A,windhoek,NA,H100 SXM,4,installed,2026-12-01,2027-02-01,
A,windhoek,NA,H100 SXM,5,installed,,,2027-06-01
"""
    header = "owner,site,country,accelerator,quantity,status,arrived,in_service,out_of_service\n"
    body = FLEET.split("\n", 1)[1].replace("\n", ",,,,\n")
    config = CONFIG.replace("[moves]\nallowed = true\nusd_per_accelerator = 12.5\n", "")
    config += '[optimize]\nobjective = "relaxation, cost"\n'
    plan = make_plan(write(tmp_path, placement=config, inventory=header + body + more))
    (line,) = [
        line
        for line in by_country(plan.task.problem, laid(plan), plan.report.findings)
        if line.country == "NA"
    ]
    bought = sum(one.quantity for one in laid(plan).actions if one.to_site == "windhoek")
    assert (line.stands, line.to_come, line.after) == (21, 7, 21 + 7 - 5 + bought)
    block = next(
        one for one in render(plan, view=MORE).split("\n\n") if one.startswith("LAYOUT on")
    )
    assert "what stands on 2027-01-01, what is ordered or on its way" in block
    (row,) = [row.split() for row in block.split("\n") if row.startswith("NA")]
    assert row[1:3] == ["21", "7"]


def test_what_serves_a_line_is_what_it_asks_for(plan: Plan) -> None:
    """Which accelerators serve which line is not unique: what they add up to is."""
    found = rows(plan, "served.csv")
    assert ",".join(found[0]) == (
        "period,demand,zone,countries,from_countries,from_sites,accelerator,quantity,amount,"
        "metric,asked"
    )
    assert next(one["metric"] for one in found if one["zone"] == "'-east") == "h100e"
    assert {one["countries"] for one in found} == {"", "DE;MY;NA;PL;SG"}
    amounts: dict[tuple[str, str], Decimal] = {}
    asked: dict[tuple[str, str], Decimal] = {}
    for row in found:
        key = row["period"], row["demand"]
        amounts[key] = amounts.get(key, Decimal(0)) + Decimal(row["amount"])
        asked[key] = Decimal(row["asked"])
    lines = [line.split(",") for line in DEMAND.splitlines()[1:]]
    assert list(asked.values()) == [Decimal(line[3]) for line in lines]
    assert all(amounts[key] >= quantity for key, quantity in asked.items())


def test_no_more_serves_than_stands(plan: Plan) -> None:
    served: dict[tuple[str, str], int] = {}
    for one in plan.served:
        key = one.period.name, one.model
        served[key] = served.get(key, 0) + one.quantity
    for period in plan.task.problem.periods:
        for model in plan.task.problem.kits:
            stands = sum(
                lot.quantity
                for lot in laid(plan).lots
                if lot.model == model and lot.counts_on(period.first)
            )
            assert served.get((period.name, model), 0) <= stands


def test_amounts_that_are_no_decimals_add_up_rounded_down(tmp_path: Path) -> None:
    """In h100e a B200 is 36,000 / 15,832; an H100 is 1."""
    demand = "period,metric,quantity\n2027Q2,h100e,240\n"
    plan = make_plan(write(tmp_path, demand=demand))
    found = rows(plan, "served.csv")
    exact = sum((one.amount for one in plan.served), Fraction(0))
    assert {row["accelerator"] for row in found} == {"B200", "H100-SXM5-80GB"}
    total = sum(Fraction(row["amount"]) for row in found)
    assert 0 <= exact - total < Fraction(1, 10**6)
    assert total >= 240


def test_shares_are_what_the_judge_measured(plan: Plan) -> None:
    found = rows(plan, "shares.csv")
    assert {row["period"] for row in found} >= {"2027Q1", "2027Q3", "2028Q1"}
    for row in found:
        assert row["verdict"] == "ok"
        if row["rule"] == "basic.tier3":
            assert (row["share"], Fraction(row["numerator"])) == ("", Fraction(0))
            continue
        share = Fraction(row["numerator"]) / Fraction(row["denominator"])
        assert abs(share - Fraction(row["share"])) < Fraction(1, 10**5)
    assert "NA" in {row["place"] for row in found}


def test_namibia_and_formulas(plan: Plan) -> None:
    """NA is a country, and no name of a site or zone is run by a spreadsheet."""
    assert "NA" in {row["country"] for row in rows(plan, "costs.csv")}
    assert {row["to_site"] for row in rows(plan, "actions.csv")} >= {"'=new()"}
    assert {row["zone"] for row in rows(plan, "served.csv")} == {"all", "'-east"}
    frame = plan.served_frame()
    assert set(frame["zone"]) == {"all", "-east"}
    assert "NA" in ";".join(frame["from_countries"]).split(";")


def test_frames_are_the_files(plan: Plan) -> None:
    for name in ("served", "costs", "shares", "actions", "layout"):
        frame = getattr(plan, f"{name}_frame")()
        found = rows(plan, f"{name}.csv")
        assert [one for one in frame.columns if not one.endswith("_exact")] == list(found[0])
        assert len(frame) == len(found)
    costs, found = plan.costs_frame(), rows(plan, "costs.csv")
    assert list(costs["cost_exact"]) == [row["cost"] for row in found]
    assert list(costs["cost"]) == [float(row["cost"]) for row in found]
    assert str(plan.actions_frame()["quantity"].dtype) == "Int64"
    assert str(plan.layout_frame()["tpp"].dtype) == "float64"


def test_a_plan_is_saved_as_the_command_writes_it(plan: Plan, tmp_path: Path) -> None:
    written = plan.save(tmp_path / "saved")
    assert {path.name for path in written} == set(PLAN_FILES)
    assert (tmp_path / "saved" / "layout.csv").read_text() == plan_tables(plan)["layout.csv"]
    lines = repr(plan).splitlines()
    assert len(lines) <= 10
    assert lines[0].startswith("Plan(")


def test_without_a_plan_there_are_no_figures(tmp_path: Path) -> None:
    plan = make_plan(write(tmp_path, demand=DEMAND.replace(",216,", ",999,")))
    assert plan.layout is None
    assert plan_tables(plan) == {}
    for name in ("served", "costs", "shares"):
        frame = getattr(plan, f"{name}_frame")()
        assert frame.empty
        assert len(frame.columns) > 5


def test_a_country_shows_the_share_that_is_measured_last(plan: Plan) -> None:
    """A rule is judged on many dates, and was tighter on an earlier one."""
    of = next(one for one in plan.report.findings if one.place == "NA" and one.share is not None)
    dates = (date(2027, 2, 1), date(2028, 3, 31), date(2027, 8, 1))
    shares: list[Finding] = [
        of.model_copy(update={"date": day, "numerator": part, "denominator": "100"})
        for day, part in zip(dates, ("20", "10", "15"), strict=True)
    ]
    lines = by_country(plan.task.problem, laid(plan), shares)
    (line,) = [line for line in lines if line.country == "NA"]
    assert line.tightest is shares[1]
    # What an earlier day said of a place that no later one mentions is over.
    elsewhere = shares[1].model_copy(update={"place": "US"})
    lines = by_country(plan.task.problem, laid(plan), [shares[0], elsewhere])
    tightest = {line.country: line.tightest for line in lines}
    assert tightest["US"] is elsewhere
    assert tightest["NA"] is None


def action(period: str, number: int) -> Action:
    return Action(
        period, date(2027, 1, 1), "install", "A", f"model{number}", 8, "", f"site{number}",
        "demand line 2 (far, DE;FR;IT;PL;SE); demand line 3 (all, anywhere)", Fraction(number),
    )  # fmt: skip


def shown(plan: Plan, actions: list[Action]) -> str:
    changed = replace(plan, layout=replace(laid(plan), actions=tuple(actions)))
    text = render(changed, view=MORE)
    return next(block for block in text.split("\n\n") if block.startswith("ACTIONS"))


@pytest.mark.parametrize(("periods", "each"), [(2, 300), (5, 7), (24, 30), (60, 2)])
def test_actions_are_few_lines_however_many_there_are(plan: Plan, periods: int, each: int) -> None:
    actions = [action(f"P{t}", n) for t in range(periods) for n in range(each)]
    head, _, *lines = shown(plan, actions).splitlines()
    assert head.startswith(f"ACTIONS: {periods * each} in ")
    if lines[-1].startswith("..."):
        hidden = int(lines.pop().split()[2])
        assert hidden == (periods - MOST_ACTIONS) * each
    else:
        hidden = 0
    assert len(lines) <= MOST_ACTIONS + 1
    named = sum(" install " in f" {line} " for line in lines)
    rest = sum(int(found) for line in lines for found in re.findall(r"\((\d+) \w+\)", line))
    assert named + rest + hidden == periods * each


def test_the_dearest_actions_are_named_with_short_reasons(plan: Plan) -> None:
    text = shown(plan, [action(f"P{t}", n) for t in range(5) for n in range(300)])
    assert "model299" in text
    assert "model7 " not in text
    assert "demand line 2 (far, DE;FR and 3 more), 3 (all, anywhere)" in text


def test_a_rule_is_described_once_for_each_place(plan: Plan) -> None:
    """On all dates, in their order; the worst place first."""
    of = next(one for one in plan.report.findings if one.place == "NA" and one.share is not None)
    broken = tuple(
        of.model_copy(
            update={"date": day, "place": place, "numerator": part, "verdict": Verdict.BREACH}
        )
        for place in ("NA", "PL")
        for day, part in ((date(2027, 2, 1), "1000000"), (date(2027, 8, 1), "1500000"))
    )
    report = plan.report.model_copy(update={"findings": broken})
    for view in (SCREEN, MORE):
        text = render(replace(plan, report=report), view=view)
        blocks = [one for one in text.split("\n\n") if one.startswith("BREACH (not enforced)")]
        assert [block.splitlines()[0] for block in blocks] == [
            f"BREACH (not enforced) basic.single_country: A in {place}" for place in ("NA", "PL")
        ]
        for block in blocks:
            dates = re.findall(r"(?m)^  (\S+) \(forecast\): ", block)
            assert dates == ["2027-02-01", "2027-08-01"]


def test_few_of_the_notes_on_the_files_are_shown(plan: Plan) -> None:
    problem = replace(plan.task.problem, notes=tuple(f"of the files {n}" for n in range(30)))
    notes = (*problem.notes, "of the plan")
    changed = replace(
        plan,
        report=plan.report.model_copy(update={"notes": notes}),
        task=replace(plan.task, problem=problem),
    )
    shown = [line for line in render(changed, view=MORE).splitlines() if line.startswith("  note ")]
    assert len(shown) == MOST_NOTES + 2
    assert "... and 18 more on the input files" in shown[-2]
    assert shown[-1].endswith("of the plan")


def test_reasons_leave_the_period_to_the_action(plan: Plan) -> None:
    reasons = {one.reason for one in laid(plan).actions if one.action == "install"}
    assert "demand line 2 (all, anywhere)" in reasons
    assert not any("2027Q" in reason for reason in reasons)
