"""The fleet of Epoch AI's data centers, judged on real dates."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import placement
from placement.catalog import country, load_catalog
from tests.support.epoch import ALIASES, COPY_OF, Epoch, read_epoch, write_replan
from tests.support.real_data import folder

DATES = [date(2025, 12, 31), COPY_OF, date(2029, 1, 1)]


@pytest.fixture(scope="module")
def epoch() -> Epoch:
    return read_epoch(folder("epoch"))


@pytest.fixture
def inventory(epoch: Epoch, tmp_path: Path) -> Path:
    return epoch.write(tmp_path)


def test_what_does_not_join_is_listed(epoch: Epoch) -> None:
    total = len(epoch.rows)
    total += sum(epoch.without_country.values()) + sum(epoch.without_owner.values())
    assert total == 225
    assert len(epoch.without_country) == 13
    assert "Bridge Data Centres Kulai" in epoch.without_country
    assert {site for site, *_ in epoch.rounded} == {"DayOne Kempas"}
    assert all(whole < Fraction(text) < whole + 1 for _, _, text, whole in epoch.rounded)


def naive(epoch: Epoch, day: date) -> dict[str, dict[str, Fraction]]:
    """TPP by owner and country on a day, by a loop over the rows."""
    catalog = load_catalog(aliases=ALIASES)
    parents = {"Google Cloud": "Google", "xAI": "SpaceXAI", "Core42": "G42"}
    power: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for row in epoch.rows:
        if row["in_service"] > str(day) or ("" < row["out_of_service"] <= str(day)):
            continue
        model = catalog.find(row["accelerator"]).accelerator
        tpp = Fraction(model.mtpp() or 0, 1000)
        density = model.performance_density or 0
        if tpp >= 4800 or (tpp >= 1600 and density >= Fraction("5.92")):
            owner = parents.get(row["owner"], row["owner"])
            power[owner][country(row["country"])] += int(row["quantity"]) * tpp
    return power


@pytest.mark.parametrize("day", DATES)
def test_shares_are_those_of_a_naive_sum(epoch: Epoch, inventory: Path, day: date) -> None:
    report = placement.check(inventory, entities=inventory.parent / "entities.csv", as_of=day)
    expected = naive(epoch, day)
    judged = 0
    for finding in report.findings:
        if finding.rule != "uveu.single_country" or finding.numerator is None:
            continue
        power = expected[finding.owner]
        assert Fraction(finding.denominator or 0) == sum(power.values())
        if finding.place != "outside_tier1":
            assert Fraction(finding.numerator) == power[finding.place]
        judged += 1
    assert judged >= 5


def test_names_need_the_stated_assumption(
    inventory: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    alone = tmp_path_factory.mktemp("alone") / "inventory.csv"
    alone.write_bytes(inventory.read_bytes())
    with pytest.raises(placement.InputError, match=r"'H100' could be H100-SXM5-80GB"):
        placement.check(alone, headquarters="US", authorization="uveu")


def test_the_2029_fleet_can_be_placed_anew_under_the_rules(epoch: Epoch, tmp_path: Path) -> None:
    supply = write_replan(epoch, tmp_path, date(2029, 1, 1))
    # A holder has no chips of a maker seated in China, wherever they stand.
    barred = placement.optimize(tmp_path)
    assert barred.report.plan is not None
    assert barred.report.exit_code == 3
    named = " ".join(barred.report.plan.conflict)
    assert "Ascend 910C" in named
    assert "uveu.concern_makers" in named
    table = tmp_path / "supply.csv"
    lines = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(line for line in lines if "Ascend 910C" not in line), "utf-8")
    del supply["Ascend 910C"]
    plan = placement.optimize(tmp_path)
    assert plan.report.exit_code == 0
    assert plan.report.plan is not None
    assert plan.report.plan.status == "optimal"
    layout = plan.layout_frame()
    placed = layout["quantity"].astype(int).groupby(layout["accelerator"]).sum()
    assert placed.sum() == sum(quantity // 8 * 8 for quantity in supply.values())
    counted_in_china = layout[(layout["country"] == "CN") & (layout["accelerator"] != "H20-96GB")]
    assert counted_in_china.empty


def test_the_plans_to_2029_are_judged_on_every_reporting_date(inventory: Path) -> None:
    report = placement.check(
        inventory,
        entities=inventory.parent / "entities.csv",
        since=COPY_OF,
        until=date(2029, 1, 1),
    )
    assert {date(2027, 2, 1), date(2027, 8, 1), date(2028, 2, 1), date(2028, 8, 1)} <= set(
        report.dates
    )
    assert any(finding.forecast for finding in report.findings)
