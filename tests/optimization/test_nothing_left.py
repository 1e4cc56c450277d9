"""A fleet that begins with nothing, and plans that leave nothing to judge."""

from __future__ import annotations

import json
import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from placement.cli.main import cli
from placement.enums import PlanStatus, Verdict
from placement.errors import InputError, NothingEvaluatedError, UsageError
from placement.optimization.plan import Plan
from placement.optimization.run import make_plan
from tests.support.paths import TESTS

INPUTS = TESTS / "inputs"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def cost(plan: Plan) -> Fraction:
    assert plan.report.plan is not None
    assert plan.report.plan.status is PlanStatus.OPTIMAL
    return Fraction(plan.report.plan.tiers[-1].value)


def copied(case: str, folder: Path, **files: str | None) -> Path:
    """Copy a case, with other texts of some of its files."""
    shutil.copytree(INPUTS / case, folder, dirs_exist_ok=True)
    for name, text in files.items():
        path = folder / name.replace("_", ".")
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
    return folder


def test_a_fleet_that_begins_with_nothing() -> None:
    """Twelve, half of them in the US at 100 USD/MWh and whole servers of 4: 8 there, 4 in CA."""
    plan = make_plan(INPUTS / "greenfield")
    hours = 90 * 24
    assert cost(plan) == 1200 + Fraction(hours * (8 * 100 + 4 * 1), 1000)
    assert plan.report.exit_code == 0
    assert plan.report.verdict is Verdict.OK
    assert plan.layout is not None
    assert {lot.owner for lot in plan.layout.lots} == {"owner"}
    assert "what is bought is of 'owner': set [placement] owner for another name" in (
        plan.report.assumptions
    )
    assert any("inventory.csv has no lots" in note for note in plan.report.notes)


def test_its_owner_is_the_one_that_is_configured(tmp_path: Path) -> None:
    config = (INPUTS / "greenfield" / "placement.toml").read_text()
    named = config.replace("[placement]\n", '[placement]\nowner = "Acme"\n')
    plan = make_plan(copied("greenfield", tmp_path, placement_toml=named))
    assert plan.layout is not None
    assert {lot.owner for lot in plan.layout.lots} == {"Acme"}
    assert not any("what is bought is of" in text for text in plan.report.assumptions)


def test_its_owner_is_one_of_the_entities(tmp_path: Path) -> None:
    config = (INPUTS / "greenfield" / "placement.toml").read_text()
    without = config.replace('headquarters = "US"\nauthorization = "uveu"\n', "")
    entities = "entity,headquarters,authorization\nAcme,US,uveu\n"
    folder = copied("greenfield", tmp_path, placement_toml=without, entities_csv=entities)
    with pytest.raises(UsageError) as caught:
        make_plan(folder, entities=folder / "entities.csv")
    assert "the inventory has no lots, so it does not say who is planned; set [placement]" in str(
        caught.value
    )
    named = without.replace("[placement]\n", '[placement]\nowner = "Acme"\n')
    (folder / "placement.toml").write_text(named)
    assert cost(make_plan(folder, entities=folder / "entities.csv")) > 0


def test_a_frame_without_rows() -> None:
    source = INPUTS / "greenfield"
    columns = ["owner", "site", "country", "accelerator", "quantity"]
    plan = make_plan(source, tables={"inventory": pd.DataFrame(columns=columns)})
    assert cost(plan) == cost(make_plan(source))


def test_lots_of_no_accelerators(tmp_path: Path) -> None:
    stock = "owner,site,country,accelerator,quantity\nAcme,dal,US,X1,0\n"
    plan = make_plan(copied("greenfield", tmp_path, inventory_csv=stock))
    assert cost(plan) == cost(make_plan(INPUTS / "greenfield"))
    assert plan.layout is not None
    assert {lot.owner for lot in plan.layout.lots} == {"Acme"}


def test_check_still_refuses_an_inventory_without_lots(tmp_path: Path) -> None:
    folder = copied("greenfield", tmp_path)
    found = run("check", folder / "inventory.csv", "--headquarters", "US", "--authorization",
                "uveu")  # fmt: skip
    assert isinstance(found.exception, InputError)  # `main` shows it and exits 2
    assert "no lots: nothing to judge" in str(found.exception)


@pytest.mark.parametrize(
    ("case", "money", "as_of"),
    [
        ("sell-everything", Fraction(-60000), "2027-02-01"),
        ("empty-fleet-plan", Fraction(220248, 100), "2028-02-01"),
    ],
)
def test_a_plan_that_leaves_nothing(case: str, money: Fraction, as_of: str, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    found = run("optimize", copied(case, tmp_path / "in"), "--out", out)
    assert found.exit_code == 0, found.output
    assert "  kept     nothing is left to judge\n" in found.output
    assert "\n  verdict  NOT APPLICABLE: nothing is left to judge\n" in found.output
    report = json.loads((out / "report.json").read_text())
    assert (report["verdict"], report["exit_code"]) == ("not_applicable", 0)
    assert Fraction(report["plan"]["tiers"][-1]["value"]) == money
    assert report["assumptions"]
    assert (
        "nothing is left to judge: no accelerator stands anywhere on the dates judged"
        in (report["notes"])
    )
    # Judged by itself, what is left is no green: `main` shows it and exits 2.
    config = tmp_path / "in" / "placement.toml"
    checked = run("check", out / "layout.csv", "--config", config, "--as-of", as_of)
    assert isinstance(checked.exception, InputError | NothingEvaluatedError), checked.output
    assert str(checked.exception).startswith(
        "nothing was evaluated" if case == "empty-fleet-plan" else f"{out / 'layout.csv'}: no lots"
    )


def test_only_what_no_rule_counts_is_left(tmp_path: Path) -> None:
    """The plan sells what counts and keeps what does not: nothing is left to judge, either."""
    models = (INPUTS / "sell-everything" / "accelerators.csv").read_text()
    stock = (INPUTS / "sell-everything" / "inventory.csv").read_text()
    folder = copied(
        "sell-everything", tmp_path, accelerators_csv=f"{models}Y1,made up,10,1,4,no\n",
        inventory_csv=f"{stock}Acme,phx,US,Y1,2\n",
    )  # fmt: skip
    pack = tmp_path / "pack.toml"
    text = (INPUTS / "empty-fleet-plan" / "tiny.toml").read_text()
    pack.write_text(text.replace('tpp_at_least = "0"', 'tpp_at_least = "4800"'))
    plan = make_plan(folder, policy=str(pack))
    assert cost(plan) == -60000 + 2 * Fraction(24 * 90 * 10, 1000)
    assert plan.report.verdict is Verdict.NOT_APPLICABLE
    assert plan.report.exit_code == 0
    assert plan.layout is not None
    assert any(lot.counts_on(date(2027, 2, 1)) for lot in plan.layout.lots)
    assert "nothing is left to judge: none that counts stands anywhere on the dates judged" in (
        plan.report.notes
    )


def test_a_missing_inventory_is_still_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no inventory\.csv"):
        make_plan(copied("greenfield", tmp_path, inventory_csv=None))
