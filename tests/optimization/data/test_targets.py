"""What a plan aims at: objectives, slack, budgets, margins, and all of it in one currency."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import Comparison, Objective
from placement.errors import UsageError
from placement.optimization.data.problem import Problem
from placement.readers.config.margins import Margin, margin
from tests.optimization.data.test_horizon import BASE, fault, read

LAW = "ai-diffusion-2025"


def aims(folder: Path, text: str, policy: str = LAW) -> Problem:
    changes = {"placement.toml": BASE["placement.toml"] + text}
    return read(folder, changes, policy=policy, headquarters="US", authorization=["uveu"])


def refused(folder: Path, text: str, policy: str = LAW) -> str:
    with pytest.raises(UsageError) as caught:
        aims(folder, text, policy)
    return str(caught.value).replace(f"{folder}/", "")


def test_what_is_aimed_at_without_a_word(tmp_path: Path) -> None:
    problem = aims(tmp_path, "")
    assert problem.objectives == (Objective.COST,)
    assert problem.slack == (Fraction(0),)
    assert problem.budgets == (None,) * 4
    assert not problem.margins
    assert (problem.transit, problem.currency) == ("destination", "USD")
    assert problem.discount_rate == 0


def test_objectives_with_slack(tmp_path: Path) -> None:
    problem = aims(
        tmp_path,
        'discount_rate = 0.08\n[optimize]\nobjective = "cost, moves"\nslack = "0.01"\n'
        'budget_usd_per_period = 1000000.5\ntransit = "both"\n',
    )
    assert problem.objectives == (Objective.COST, Objective.MOVES)
    assert problem.slack == (Fraction(1, 100),) * 2
    assert problem.budgets == (Fraction(2000001, 2),) * 4
    assert (problem.transit, problem.discount_rate) == ("both", Fraction(2, 25))
    problem = aims(
        tmp_path,
        '[optimize]\nobjective = ["carbon", "cost"]\nslack = [0.5, 0]\n'
        "budget_usd_per_period = [1, 2, 3, 4]\n",
    )
    assert problem.objectives == (Objective.CARBON, Objective.COST)
    assert problem.slack == (Fraction(1, 2), Fraction(0))
    assert problem.budgets == tuple(Fraction(n) for n in (1, 2, 3, 4))


def test_a_budget_for_each_period(tmp_path: Path) -> None:
    assert refused(tmp_path, "[optimize]\nbudget_usd_per_period = [1, 2]\n") == (
        "placement.toml:7: optimize.budget_usd_per_period: has 2 numbers, and the horizon has 4 "
        "periods; write one number, or one for each period"
    )


@pytest.mark.parametrize(
    ("text", "points", "part"), [("0.5pp", "1/200", "0"), ("2 %", "0", "1/50"), ("0pp", "0", "0")]
)
def test_a_margin(text: str, points: str, part: str) -> None:
    assert margin(text) == Margin(Fraction(points), Fraction(part))


def test_inside_a_limit() -> None:
    limit = Fraction("0.07")
    assert Margin(points=Fraction("0.005")).inside(limit) == Fraction("0.065")
    assert Margin(part=Fraction("0.02")).inside(limit) == Fraction("0.0686")
    assert Margin(part=Fraction("0.02")).inside(limit, Comparison.AT_LEAST) == Fraction("0.0714")


def test_margins_by_rule(tmp_path: Path) -> None:
    text = (
        '[optimize.margin]\n"uveu.single_country" = "0.5pp"\n"lpp.cap" = "2%"\n'
        '"uveu.outside_us" = "0pp"\n'
    )
    assert aims(tmp_path, text).margins == {
        "uveu.single_country": Margin(points=Fraction(1, 200)),
        "lpp.cap": Margin(part=Fraction(1, 50)),
    }


def test_a_margin_of_every_rule(tmp_path: Path) -> None:
    found = aims(tmp_path, '[optimize]\nmargin = "7pp"\n').margins
    assert found["uveu.single_country"] == Margin(points=Fraction("0.07"))
    assert found["uveu.outside_us"] == Margin(points=Fraction("0.07"))
    assert "lpp.cap" not in found
    found = aims(tmp_path, '[optimize.margin]\n"*" = "10%"\n"lpp.cap" = "0%"\n').margins
    assert found["uveu.single_country"] == Margin(points=Fraction("0.007"))
    assert "lpp.cap" not in found
    assert any(one == Margin(part=Fraction("0.1")) for one in found.values())


def test_faults_of_margins(tmp_path: Path) -> None:
    text = (
        '[optimize.margin]\n"uveu.single_county" = "0.5pp"\n"lpp.cap" = "2pp"\n'
        '"uveu.outside_us" = "51pp"\n"t3hq.licence" = "2%"\n'
    )
    lines = refused(tmp_path, text).splitlines()
    assert [line.split(": ", 2)[0] for line in lines] == [
        f"placement.toml:{n}" for n in range(7, 11)
    ]
    assert lines[0].startswith(
        "placement.toml:7: optimize.margin.uveu.single_county '0.5pp': ai-diffusion-2025 has "
        "no rule 'uveu.single_county'; did you mean 'uveu.single_country'"
    )
    assert lines[1].endswith('lpp.cap is no share, and pp are points of one; write it as "2%"')
    assert lines[2] == (
        "placement.toml:9: optimize.margin.uveu.outside_us '51pp': is more than the limit of "
        "uveu.outside_us, 50 %: nothing would be left inside it; write at most 50pp"
    )
    assert "t3hq.licence has no limit that a plan is held to" in lines[3]


@pytest.mark.parametrize(
    ("text", "line"),
    [('[optimize]\nmargin = "7.1pp"\n', 7), ('[optimize.margin]\n# all\n"*" = "7.1pp"\n', 8)],
)
def test_a_margin_that_is_more_than_a_limit(tmp_path: Path, text: str, line: int) -> None:
    assert refused(tmp_path, text) == (
        f"placement.toml:{line}: optimize.margin '7.1pp': is more than the limit of "
        "uveu.single_country, 7 %: nothing would be left inside it; write at most 7pp, or give it "
        "a margin of its own"
    )
    own = '[optimize.margin]\n"*" = "7.1pp"\n"uveu.single_country" = "1pp"\n'
    assert aims(tmp_path, own).margins["uveu.single_country"] == Margin(points=Fraction(1, 100))


def test_a_margin_above_a_least_share(tmp_path: Path) -> None:
    text = '[optimize.margin]\n"basic.us" = "50.5pp"\n'
    assert refused(tmp_path, text, "ai-diffusion-2025-basic").endswith(
        "'50.5pp': is more than there is above the limit of basic.us, which is at least 50 %; "
        "write at most 50pp"
    )


EUROS = {
    "placement.toml": BASE["placement.toml"].replace("[horizon]", 'currency = "EUR"\n[horizon]'),
    "supply.csv": "accelerator,period,quantity,unit_eur\nH200 SXM,2027Q1,16,30000\n",
    "sites.csv": "site,country,power_mw,Energy EUR per MWh\nus,US,5,-1.5\nwindhoek,NA,2,\n",
}


def test_tables_in_another_currency(tmp_path: Path) -> None:
    problem = read(tmp_path, EUROS)
    assert problem.currency == "EUR"
    assert problem.sites["us"].energy_usd_per_mwh == Fraction(-3, 2)
    assert problem.deliveries["H200-SXM5-141GB"][0].unit_usd == 30000


def test_currencies_are_never_mixed(tmp_path: Path) -> None:
    usd = {"supply.csv": BASE["supply.csv"]}
    assert fault(tmp_path, {**EUROS, **usd}) == (
        "supply.csv:1: unit_usd: is in USD, and the currency of the configuration is EUR; give "
        'the amounts in EUR as unit_eur, or set [placement] currency = "USD"'
    )
    sites = {"sites.csv": EUROS["sites.csv"]}
    assert fault(tmp_path, sites).startswith("sites.csv:1: Energy EUR per MWh: is in EUR, and ")
    supply = {"supply.csv": EUROS["supply.csv"].replace("30000", "-1")}
    assert fault(tmp_path, {**EUROS, **supply}) == (
        "supply.csv:2: unit_eur '-1': must be greater than or equal to 0"
    )
    supply = {"supply.csv": EUROS["supply.csv"].replace("unit_eur", "unit_kwh")}
    assert fault(tmp_path, {**EUROS, **supply}).startswith("supply.csv:1: no column 'unit_eur'")
