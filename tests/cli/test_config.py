"""Which configuration counts, who says each setting, and that a verdict tells it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from placement.cli.main import cli
from placement.cli.setup.environment import SETTINGS, check_environment, take_environment, variable
from placement.errors import InputError

INVENTORY = "owner,site,country,accelerator,quantity\nNimbus,ashburn-1,US,H100-SXM5-80GB,8\n"
SETTINGS_OF_NIMBUS = (
    '[placement]\npolicy = "ai-diffusion-2025-basic"\nheadquarters = "US"\nauthorization = "none"\n'
)
WITHIN = SETTINGS_OF_NIMBUS.replace("[", "[tool.placement.")


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PLACEMENT_")]:
        monkeypatch.delenv(name)


def run(*args: str | Path, env: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], env=env)


def failure(*args: str | Path, env: Mapping[str, str] | None = None) -> str:
    result = run(*args, env=env)
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


def report(*args: str | Path, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    result = run("check", *args, "--output", "json", env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """An inventory two folders below the root of a repository."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    return write(tmp_path / "repo" / "fleets" / "asia" / "inventory.csv", INVENTORY)


def test_the_nearest_one_counts_alone(fleet: Path) -> None:
    top = write(fleet.parents[2] / "placement.toml", SETTINGS_OF_NIMBUS)
    assert f"settings from {top}" in report(fleet)["assumptions"]
    near = write(fleet.parents[1] / "pyproject.toml", f'[project]\nname = "x"\n\n{WITHIN}')
    found = report(fleet)
    assert f"settings from {near}" in found["assumptions"]
    assert found["pack"]["id"] == "ai-diffusion-2025-basic"
    # Nothing is merged: the nearest one names no pack, and the default is none of the other's.
    write(fleet.parent / "placement.toml", '[placement]\nheadquarters = "US"\n')
    assert "ai-diffusion-2025-basic" not in json.dumps(run("config", "show", fleet).stdout)


def test_a_pyproject_without_our_table_is_no_configuration(fleet: Path) -> None:
    top = write(fleet.parents[2] / "placement.toml", SETTINGS_OF_NIMBUS)
    write(fleet.parent / "pyproject.toml", '[project]\nname = "placement-of-things"\n')
    write(fleet.parents[1] / "pyproject.toml", "this is = not [toml")  # nor does it speak of us
    assert f"settings from {top}" in report(fleet)["assumptions"]


def test_the_search_ends_at_the_root_of_the_repository(fleet: Path) -> None:
    write(fleet.parents[3] / "placement.toml", SETTINGS_OF_NIMBUS)
    shown = run("config", "show", fleet)
    assert shown.stdout.startswith("# no configuration\n")
    (fleet.parents[2] / ".git").rmdir()
    assert run("config", "show", fleet).stdout.startswith(f"# {fleet.parents[3]}")


def test_a_path_that_was_given_relative_is_told_so(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(fleet.parents[2] / "placement.toml", SETTINGS_OF_NIMBUS)
    monkeypatch.chdir(fleet.parent)
    found = report("inventory.csv")
    assert f"settings from {Path('..', '..', 'placement.toml')}" in found["assumptions"]


def test_two_in_one_folder_are_an_error(fleet: Path) -> None:
    write(fleet.parents[1] / "placement.toml", SETTINGS_OF_NIMBUS)
    write(fleet.parents[1] / "pyproject.toml", WITHIN)
    said = failure("check", fleet)
    assert f"{fleet.parents[1]}: two configurations: placement.toml, and [tool.placement]" in said
    assert said.endswith("keep one of them")
    named = fleet.parents[1] / "placement.toml"
    assert report(fleet, "--config", named)["exit_code"] == 0


def test_tables_beside_a_configuration_above_are_its_own(fleet: Path) -> None:
    above = write(
        fleet.parents[2] / "placement.toml", '[placement]\npolicy = "ai-diffusion-2025"\n'
    )
    entities = "entity,headquarters,authorization\nNimbus,US,uveu\n"
    own = write(above.parent / "entities.csv", entities)
    assert report(fleet)["read"]["files"][str(own)] == 1
    # One that lies beside the inventory is found, too; of two nobody could say which counts.
    other = write(fleet.parent / "entities.csv", entities + "Other,US,uveu\n")
    said = failure("check", fleet)
    assert f"{other}: there is {own}, too; name one of them: [files] entities = ..." in said
    assert report(fleet, "--entities", other)["read"]["files"][str(other)] == 2
    own.unlink()
    assert report(fleet)["read"]["files"][str(other)] == 2


def test_an_output_never_replaces_a_configuration_above(fleet: Path) -> None:
    above = write(fleet.parents[2] / "pyproject.toml", WITHIN)
    said = failure("check", fleet, "--output", f"json={above}")
    assert "would replace an input" in said
    assert above.read_text("utf-8") == WITHIN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tool.placement.placement]\npolcy = "x"\n', ":4: tool.placement.placement.polcy: unknown"
         " key 'polcy'; did you mean 'policy'?"),
        ("[tool.placement.optimise]\ngap = 0.1\n", ":3: tool.placement.optimise: unknown key"
         " 'optimise'; did you mean 'optimize'?"),
        ('[tool.placement]\nowner = "x"\n', ":4: tool.placement.owner: unknown key 'owner'; write"
         " it below [tool.placement.placement]"),
        ('[tool.placement]\npolicy = "x"\n', ":4: tool.placement.policy: is not a table; write it"
         " as [tool.placement.policy], and what a pack is called below [tool.placement.placement]"),
        ("[tool]\nplacement = 3\n", ":4: tool.placement: is not a table; write it as"
         " [tool.placement]"),
        ("[tool.placement.optimize]\ngap = 2\n[[tool.x.y]]\ngap = 3\n", ":4:"
         " tool.placement.optimize.gap '2': must be from 0 to 1; write it as 0.001"),
        ("[tool.placement.retire]\nallowed = true\n", ":4: tool.placement.retire."
         "usd_per_accelerator: [tool.placement.retire] allows it but gives no price; set"
         " usd_per_accelerator (0 for free)"),
        ("[tool.placement\n", ":3: is not TOML: Expected"),
    ],
)  # fmt: skip
def test_a_fault_in_a_pyproject_has_its_line(fleet: Path, text: str, said: str) -> None:
    write(fleet.parent / "pyproject.toml", f'[project]\nname = "x"\n{text}')
    found = failure("check", fleet)
    assert f"{fleet.parent / 'pyproject.toml'}{said}" in found


def test_a_folder_is_planned_by_its_pyproject(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", WITHIN + '[tool.placement.horizon]\nstart = "2027Q1"\n')
    write(tmp_path / "inventory.csv", INVENTORY)
    sites = "site,country,power_mw\nashburn-1,US,1\n"
    write(tmp_path / "sites.csv", sites)
    out = tmp_path / "plan"
    planned = run("optimize", tmp_path, "--out", out)
    assert planned.exit_code == 0, planned.output
    later = write(tmp_path / "pyproject.toml", (tmp_path / "pyproject.toml").read_text("utf-8"))
    made = json.loads((out / "report.json").read_text("utf-8"))["plan"]["source"]["config"]
    assert made == str(later)


def test_a_flag_wins_over_a_variable_and_that_over_the_file(fleet: Path) -> None:
    write(fleet.parent / "placement.toml", SETTINGS_OF_NIMBUS)
    assert report(fleet)["pack"]["id"] == "ai-diffusion-2025-basic"
    env = {"PLACEMENT_POLICY": "ai-diffusion-2025; us-ear-enforced"}
    by_variable = report(fleet, env=env)
    assert [pack["id"] for pack in by_variable["packs"]] == ["ai-diffusion-2025", "us-ear-enforced"]
    assert "policy from PLACEMENT_POLICY" in by_variable["assumptions"]
    by_flag = report(fleet, "--policy", "us-ear-enforced", env=env)
    assert [pack["id"] for pack in by_flag["packs"]] == ["us-ear-enforced"]
    assert not [one for one in by_flag["assumptions"] if "PLACEMENT_" in one]


def test_whose_kit_it_is_is_said_in_one_place(fleet: Path) -> None:
    entities = write(
        fleet.parent / "who.csv", "entity,headquarters,authorization\nNimbus,US,uveu\n"
    )
    env = {"PLACEMENT_HEADQUARTERS": "CN", "PLACEMENT_AUTHORIZATION": "none"}
    by_flag = report(fleet, "--entities", entities, env=env)
    assert not [one for one in by_flag["assumptions"] if "PLACEMENT_" in one]
    by_variable = report(fleet, env=env)
    told = [one for one in by_variable["assumptions"] if "PLACEMENT_" in one]
    assert told == [
        "headquarters from PLACEMENT_HEADQUARTERS",
        "authorization from PLACEMENT_AUTHORIZATION",
    ]


def test_outputs_may_be_a_variable(fleet: Path) -> None:
    write(fleet.parent / "placement.toml", SETTINGS_OF_NIMBUS)
    out = fleet.parent / "report.json"
    ran = run("check", fleet, env={"PLACEMENT_OUTPUT": f"text; json={out};"})
    assert ran.exit_code == 0
    assert "OK" in ran.stdout
    assert json.loads(out.read_text("utf-8"))["exit_code"] == 0


def test_the_day_of_the_run_may_be_a_variable_and_is_told(fleet: Path) -> None:
    write(fleet.parent / "placement.toml", SETTINGS_OF_NIMBUS)
    found = report(fleet, env={"PLACEMENT_TODAY": "2026-08-01"})
    assert found["ran_on"] == "2026-08-01"
    assert "today from PLACEMENT_TODAY" in found["assumptions"]
    wrong = run("check", fleet, env={"PLACEMENT_TODAY": "soon"})
    assert wrong.exit_code == 2
    assert "PLACEMENT_TODAY" in wrong.output


def test_a_variable_that_is_nearly_one_is_an_error(fleet: Path) -> None:
    said = failure("check", fleet, env={"PLACEMENT_POLCY": "x"})
    assert said == "PLACEMENT_POLCY is no setting; did you mean PLACEMENT_POLICY?"
    # A service of that name in a cluster is no typing error.
    write(fleet.parent / "placement.toml", SETTINGS_OF_NIMBUS)
    other = run("check", fleet, env={"PLACEMENT_SERVICE_HOST": "10.0.0.1", "PLACEMENT_GAP": "0.1"})
    assert other.exit_code == 0
    assert "PLACEMENT_SERVICE_HOST is no setting of placement, and was not used" in other.stderr
    assert "PLACEMENT_GAP is no setting of check, and was not used" in other.stderr
    assert failure("config", "show", fleet, env={"PLACEMENT_SITE": "x"}).endswith(
        "PLACEMENT_SITES?"
    )


def test_nothing_that_turns_a_red_green_can_be_a_variable() -> None:
    for verb in ("check", "optimize", "headroom", "ledger", "report-form"):
        command = cli.get_command(None, verb)  # type: ignore[arg-type]
        assert command is not None
        taken = {one.name: one.envvar for one in command.params if one.envvar is not None}
        assert set(taken) <= set(SETTINGS)
        assert all(value == variable(str(name)) for name, value in taken.items())
        assert not {"exit_zero", "accept", "allow_outside", "hook", "no_plans"} & set(taken)
        assert check_environment(take_environment(command), {"PLACEMENT_REAL_DATA": "x"}) == []


def test_every_setting_has_an_origin(fleet: Path) -> None:
    file = write(fleet.parent / "placement.toml", SETTINGS_OF_NIMBUS + '[aliases]\nbox = "H200"\n')
    write(fleet.parent / "sites.csv", "site,country,power_mw\nashburn-1,US,1\n")
    args: list[str | Path] = [
        "config",
        "show",
        fleet,
        "--policy",
        "us-ear-enforced",
        "--option",
        "planned=forecast",
    ]
    shown = json.loads(run(*args, "--json", env={"PLACEMENT_GAP": "0.01"}).stdout)
    found = {one["key"]: (one["value"], one["origin"], one["by"], one["line"])
             for one in shown["settings"]}  # fmt: skip
    assert shown["file"] == str(file)
    assert found["placement.policy"] == ('"us-ear-enforced"', "flag", "--policy", None)
    assert found["placement.headquarters"] == ('"US"', "file", str(file), 3)
    assert found["optimize.gap"] == ('"0.01"', "environment", "PLACEMENT_GAP", None)
    assert found["optimize.time_limit"] == ("600", "default", None, None)
    beside = f'"{fleet.parent / "sites.csv"}"', "beside", str(file), None
    assert found["files.sites"] == beside
    assert found["aliases.box"] == ('"H200"', "file", str(file), 6)
    assert found["policy.options.planned"] == ('"forecast"', "flag", "--option", None)
    text = run(*args, env={"PLACEMENT_GAP": "0.01"}).stdout
    assert len(text.splitlines()) == 1 + len(found)
    read = tomllib.loads(text)
    assert read["placement"]["policy"] == "us-ear-enforced"
    assert f"# {file}:3\n" in text
    assert "# from PLACEMENT_GAP\n" in text


def test_headquarters_given_leave_the_table_of_companies_out(fleet: Path) -> None:
    write(fleet.parent / "placement.toml", "")
    write(fleet.parent / "entities.csv", "entity,headquarters\nNimbus,US\n")
    assert "files.entities = " in run("config", "show", fleet).stdout
    shown = run("config", "show", fleet, "--headquarters", "US").stdout
    assert "# files.entities is not set" in shown
