"""`placement check` as a user runs it: output, exit codes, errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import placement
from tests.support.forked_cli import placement_run as run
from tests.support.paths import ROOT

INVENTORY = """\
owner,site,country,accelerator,quantity,status,in_service
USco,us-1,US,NVIDIA H100 80GB HBM3,80,installed,
USco,my-1,Malaysia,H100 SXM,20,installed,2026-01-05
USco,na-1,NA,B200,2,planned,2027-01-04
USco,na-1,NA,T4,200,,
EUco,de-1,Germany,A100,64,,
"""
ENTITIES = """\
entity,parent,headquarters,authorization
USco,,US,uveu
EUco,,DE,none
"""
AS_OF = ("--as-of", "2026-08-01", "--today", "2026-08-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.csv").write_text(INVENTORY, "utf-8")
    (tmp_path / "companies.csv").write_text(ENTITIES, "utf-8")
    return tmp_path


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "check", "inventory.csv", "--entities", "companies.csv", *words)


def test_text(folder: Path, golden: Callable[[str, str], None]) -> None:
    ran = check(folder, *AS_OF)
    golden("check.txt", ran.stdout)
    assert (ran.returncode, ran.stderr) == (1, "")
    golden("check-more.txt", check(folder, *AS_OF, "-v").stdout)
    assert check(folder, *AS_OF, "-q").stdout == ran.stdout.splitlines()[0] + "\n"


def test_json(folder: Path, golden: Callable[[str, str], None]) -> None:
    ran = check(folder, *AS_OF, "--output", "json")
    report = json.loads(ran.stdout)
    for pack in (report["pack"], *report["packs"]):
        assert pack["digest"].startswith("sha256:")
        pack["digest"] = "sha256:..."
    golden("check.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    assert (ran.returncode, ran.stderr) == (1, "")


def test_json_holds_the_keys_of_the_contract(folder: Path) -> None:
    report = json.loads(check(folder, *AS_OF, "--output", "json").stdout)
    assert report["schema"] == "placement.report/1"
    assert (report["verdict"], report["exit_code"]) == ("breach", 1)
    assert report["dates"] == ["2026-08-01"]
    assert {"id", "version", "digest", "status"} <= set(report["pack"])
    (finding,) = (f for f in report["findings"] if f["place"] == "MY")
    lines = [{"file": "inventory.csv", "line": 3, "amount": "316640.000"}]
    expected = {
        "rule": "uveu.single_country",
        "kind": "share",
        "owner": "USco",
        "date": "2026-08-01",
        "verdict": "breach",
        "waived": False,
        "forecast": False,
        "reason": None,
        "unit": "TPP",
        "comparison": "<=",
        "numerator": "316640.000",
        "denominator": "1583200.000",
        "share": "0.200000",
        "limit": "0.07",
        "headroom": "-221307.527",
        "lines": lines,
    }
    assert expected.items() <= finding.items()


def test_exit_zero_keeps_the_code_in_the_report(folder: Path) -> None:
    ran = check(folder, *AS_OF, "--exit-zero", "--output", "json")
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["exit_code"] == 1


def test_several_outputs_at_once(folder: Path) -> None:
    ran = check(folder, *AS_OF, "--output", "text", "--output", "json=report.json")
    assert ran.stdout.startswith("BREACH, not enforced: USco breaks uveu.single_country in MY; ")
    tally = "1 breach (none enforced), 5 ok, 13 with nothing found, 36 not applicable"
    assert f"\n{tally}; more with -v\n" in ran.stdout
    assert json.loads((folder / "report.json").read_text("utf-8"))["exit_code"] == 1


def test_the_basic_pack_needs_no_entities(folder: Path) -> None:
    words = ("check", "inventory.csv", "--policy", "ai-diffusion-2025-basic", *AS_OF)
    ran = run(folder, *words)
    assert ran.returncode == 1
    assert "BREACH (not enforced) basic.us: EUco in us" in ran.stdout


def test_standard_input(folder: Path) -> None:
    words = ("check", "-", "--headquarters", "US", "--authorization", "uveu", *AS_OF)
    ran = run(folder, *words, stdin=INVENTORY)
    assert ran.returncode == 1
    assert "<stdin>:3: 316,640.000 TPP" in ran.stdout
    assert "assumed  every owner is its own ultimate parent" in ran.stdout


def test_no_companies_is_exit_2_with_a_file_to_copy(folder: Path) -> None:
    ran = run(folder, "check", "inventory.csv")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "    entity,parent,headquarters,authorization\n    EUco,,,\n" in ran.stderr


def test_an_owner_without_headquarters(folder: Path) -> None:
    (folder / "companies.csv").write_text("entity,headquarters\nUSco,US\nEUcorp,DE\n", "utf-8")
    ran = check(folder)
    assert ran.returncode == 2
    assert ran.stderr == (
        "error: inventory.csv: owner 'EUco': company without headquarters; "
        "did you mean 'EUcorp', 'USco'? Else add a row for it to companies.csv\n"
    )


def test_nothing_evaluated_is_no_green(folder: Path) -> None:
    words = ("check", "inventory.csv", "--headquarters", "US", "--authorization", "none")
    ran = run(folder, *words, *AS_OF, "--policy", only_for_holders(folder))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: nothing was evaluated")
    assert "(USco): USco does not hold a universal authorization (uveu)" in ran.stderr


def only_for_holders(folder: Path) -> str:
    """Write the basic pack with rules that bind nobody but holders."""
    shipped = Path(placement.__file__).parent / "policy" / "packs" / "ai-diffusion-2025-basic.toml"
    bound, held = 'binds = { headquarters = "bound" }', 'binds = { authorization = "uveu" }'
    (folder / "held.toml").write_text(shipped.read_text("utf-8").replace(bound, held))
    return "./held.toml"


def test_bad_input_wins_over_a_breach_and_exit_zero(folder: Path) -> None:
    (folder / "inventory.csv").write_text(INVENTORY + "USco,x,Kora,H100,-5,,\n", "utf-8")
    ran = check(folder, *AS_OF, "--exit-zero")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("error: inventory.csv:7: ") == 3


def test_settings_from_placement_toml(folder: Path) -> None:
    (folder / "inventory.csv").write_text(INVENTORY.replace("H100 SXM", "H100"), "utf-8")
    (folder / "placement.toml").write_text(
        '[placement]\nheadquarters = "US"\nauthorization = "uveu"\n'
        '[aliases]\nH100 = "H100-SXM5-80GB"\n',
        "utf-8",
    )
    ran = run(folder, "check", "inventory.csv", *AS_OF)
    assert ran.returncode == 1
    assert "assumed  settings from placement.toml" in ran.stdout
    assert "headquarters in US and authorization uveu" in ran.stdout
    assert "'H100' is read as H100-SXM5-80GB" in ran.stdout


def test_a_users_accelerators(folder: Path) -> None:
    (folder / "placement.toml").write_text("[placement]\n", "utf-8")
    (folder / "accelerators.csv").write_text(
        "accelerator,tpp,source\nH100-SXM5-80GB,15831,SemiAnalysis\n", "utf-8"
    )
    ran = check(folder, *AS_OF)
    assert "316,620.000 / 1,583,100.000 TPP" in ran.stdout
    assert "H100-SXM5-80GB" in ran.stdout.partition("note")[2]


def test_a_terminal_is_not_steered_by_a_file(folder: Path) -> None:
    evil = INVENTORY.replace("USco,my-1", "US\x1b[31mco,my-1")
    (folder / "inventory.csv").write_text(evil, "utf-8")
    words = ("check", "inventory.csv", "--policy", "ai-diffusion-2025-basic", *AS_OF)
    ran = run(folder, *words)
    assert "\x1b" not in ran.stdout + ran.stderr
    assert "US\\x1b[31mco" in ran.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--output", "jsn"), "'jsn': no such output format; did you mean 'json'?"),
        (("--output", "json="), "no path after '='; write json=PATH"),
        (("--output", "json", "--output", "text"), "two formats for one terminal"),
        (("--output", "json=none/r.json"), "cannot write: No such file or directory"),
        (("--policy", "ai-difusion"), "did you mean 'ai-diffusion-2025'"),
        (("--option", "tf32_bits"), "--option takes NAME=VALUE"),
        (("--option", "tf32_bits=20"), "tf32_bits '20': not a value of this option"),
        (("--from", "2026-01-01"), "--from and --until go together"),
        (("--as-of", "1.8.2026"), "'1.8.2026' is not a date; write it as YYYY-MM-DD"),
        (("--headquarters", "US"), "an entities file says headquarters and authorization"),
        (("--config", "none.toml"), "none.toml: cannot be read: No such file or directory"),
    ],
)
def test_bad_usage_is_exit_2_and_says_what_to_do(
    folder: Path, words: tuple[str, ...], message: str
) -> None:
    ran = check(folder, *words)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert message in ran.stderr


def test_a_report_is_written_whole_or_not_at_all(folder: Path) -> None:
    (folder / "report.json").mkdir()
    ran = check(folder, *AS_OF, "--output", "json=report.json")
    assert ran.returncode == 2
    assert "cannot write" in ran.stderr
    assert {p.name for p in folder.iterdir()} == {"inventory.csv", "companies.csv", "report.json"}


def test_help_and_version_load_nothing_heavy(folder: Path) -> None:
    heavy = "polars", "pandas", "numpy", "pulp", "highspy", "pydantic", "rich"
    for word in ("--help", "--version"):
        code = (
            "import sys\nfrom placement.cli.main import main\n"
            f"sys.argv = ['placement', {word!r}]\n"
            "import os\n"
            f"os._exit = lambda code: print([m for m in {heavy!r} if m in sys.modules])\n"
            "main()\n"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert ran.stdout.splitlines()[-1] == "[]"


def test_check_loads_no_solver_pandas_or_rich(folder: Path) -> None:
    code = (
        "import sys\nfrom placement.cli.main import main\n"
        "sys.argv = ['placement', 'check', 'inventory.csv', '--entities', 'companies.csv']\n"
        "heavy = 'pandas', 'numpy', 'pulp', 'highspy', 'rich'\n"
        "import os\nos._exit = lambda code: print([m for m in heavy if m in sys.modules])\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_unknown_command(folder: Path) -> None:
    ran = run(folder, "chek")
    assert ran.returncode == 2
    assert "no such command 'chek'; did you mean 'check'?" in ran.stderr


def test_a_reader_that_leaves_changes_no_exit_code(folder: Path) -> None:
    words = [sys.executable, "-m", "placement", "check", "inventory.csv"]
    words += ["--entities", "companies.csv", "--output", "json", "--exit-zero"]
    with subprocess.Popen(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.close()
        assert ran.stderr.read() == b""
        assert ran.wait() == 0


def test_a_fault_of_our_own_is_exit_2_never_1(folder: Path) -> None:
    code = (
        "import sys\nimport placement.compliance.run\nfrom placement.cli.main import main\n"
        "def broken(*_, **__):\n    raise KeyError('x')\n"
        "placement.compliance.run.judge = broken\n"
        "sys.argv = ['placement', 'check', 'inventory.csv', '--entities', 'companies.csv']\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 2
    assert "KeyError: 'x'" in ran.stderr
    assert ran.stderr.endswith("fault of placement itself; no verdict was reached\n")


def test_accelerators_beside_the_inventory_need_no_placement_toml(folder: Path) -> None:
    (folder / "accelerators.csv").write_text("accelerator,tpp,source\nX1,5000,us\n", "utf-8")
    (folder / "inventory.csv").write_text(INVENTORY + "USco,us-1,US,X1,1,,\n", "utf-8")
    ran = check(folder, *AS_OF)
    assert ran.returncode == 1
    assert "X1: added by your accelerators.csv" in ran.stdout


def test_owners_that_differ_in_case_are_one(folder: Path) -> None:
    (folder / "inventory.csv").write_text(INVENTORY + "usco,us-2,US,B200,1,,\n", "utf-8")
    ran = run(folder, "check", "inventory.csv", "--policy", "ai-diffusion-2025-basic", *AS_OF)
    assert ran.returncode == 2
    assert "owner 'usco': the company is written 'USco' on line 2" in ran.stderr


def test_a_link_and_a_device_are_written_through(folder: Path) -> None:
    (folder / "real.json").write_text("old", "utf-8")
    (folder / "link.json").symlink_to("real.json")
    assert check(folder, *AS_OF, "--output", "json=link.json").returncode == 1
    assert (folder / "link.json").is_symlink()
    assert json.loads((folder / "real.json").read_text("utf-8"))["exit_code"] == 1
    assert check(folder, *AS_OF, "--output", "json=/dev/null").returncode == 1
    assert Path("/dev/null").is_char_device()


def test_a_terminal_that_cannot_show_a_name_is_no_fault(folder: Path) -> None:
    (folder / "inventory.csv").write_text(INVENTORY.replace("USco", "日本"), "utf-8")
    words = [sys.executable, "-m", "placement", "check", "inventory.csv"]
    words += ["--headquarters", "US", "--authorization", "uveu"]
    ran = subprocess.run(
        [*words, *AS_OF],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONIOENCODING": "latin-1",
            "PYTHONPATH": str(ROOT),
        },
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "\\u65e5" in ran.stdout


def test_headroom_for_nobody_is_no_green(folder: Path) -> None:
    words = ("headroom", "inventory.csv", "--accelerator", "B200", "--headquarters", "US")
    ran = run(folder, *words, "--authorization", "none", "--policy", only_for_holders(folder))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "nothing was evaluated: no rule of ai-diffusion-2025-basic binds" in ran.stderr
