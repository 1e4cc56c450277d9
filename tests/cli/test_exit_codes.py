"""Every exit code, by what leads to it, and what --exit-zero changes.

That of a plan that was stopped, 4, is that of the function here; a run that is stopped is in
test_streams.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from placement.enums import PlanStatus, Verdict
from placement.report import exit_code
from tests.compliance.terms.fleets import HEADER, PACK, TODAY, fleet
from tests.optimization.test_waivers import CONFIG, DEMAND, FLEET, MOVES, SITES
from tests.support.forked_cli import placement_run
from tests.waivers.test_waivers import write as write_waivers

OK, BREACH, TIGHT, NOTHING, BAD = "ok", "breach", "tight", "nothing", "bad"
REPAIR = CONFIG.replace("strict", "repair")
#: 50, 100 and 64 of 950, 1,000 and 964; chips of which no rule counts any; a wrong number.
LOTS = {OK: 50, BREACH: 100, TIGHT: 64}
CHECKS = [
    # inventory, options, code, with --exit-zero
    (OK, "", 0, 0),
    (BREACH, "", 1, 0),
    (NOTHING, "", 2, 2),
    (BAD, "", 2, 2),
    (TIGHT, "--warn-headroom 10%", 0, 0),
    (TIGHT, "--warn-headroom 10% --fail-on warning", 1, 0),
    (TIGHT, "--fail-on warning", 0, 0),
    (OK, "--fail-on warning", 0, 0),
    (BREACH, "--fail-on warning", 1, 0),
    (BREACH, "--base breach.csv", 0, 0),
    (BREACH, "--base ok.csv", 1, 0),
    (BREACH, "--base nothing.csv", 1, 0),
    (NOTHING, "--base breach.csv", 2, 2),
    (BREACH, "--base bad.csv", 2, 2),
    (BREACH, "--base gone.csv", 2, 2),
    (OK, "--base breach.csv", 0, 0),
    (BREACH, "--baseline breach.json", 0, 0),
    (BREACH, "--baseline ok.json", 1, 0),
    (BREACH, "--baseline gone.json", 2, 2),
    (NOTHING, "--baseline breach.json", 2, 2),
    (BREACH, "--waivers waived.toml", 0, 0),
    (BREACH, "--waivers waived.toml --today 2027-07-01", 1, 0),
    (OK, "--waivers waived.toml", 0, 0),
    (OK, "--waivers waived.toml --fail-on warning", 1, 0),
    (NOTHING, "--waivers waived.toml", 2, 2),
    (BREACH, "--waivers gone.toml", 2, 2),
    (BREACH, "--waivers unknown.toml", 2, 2),
    (BREACH, "--only-new", 1, 0),
    (BREACH, "--only-new --base breach.csv", 0, 0),
    (BREACH, "--fail-on never", 2, 2),
    (BREACH, "--warn-headroom much", 2, 2),
    (BREACH, "--base-ref main", 2, 2),
    (BREACH, "--no-such-option", 2, 2),
    (BREACH, "--as-of 2026-12-01 --from 2026-12-01 --until 2027-01-01", 2, 2),
    (BREACH, "--output json=breach.csv", 2, 2),
]


@pytest.fixture(scope="module")
def fleets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleets")
    for name, my in LOTS.items():
        fleet(folder, f"{name}.csv", my, us=1000 - my if name == TIGHT else 900)
    (folder / "nothing.csv").write_text(HEADER + "Acme,us-1,US,T4,5,installed,,\n")
    (folder / "bad.csv").write_text(HEADER + "Acme,us-1,US,H100 SXM,many,installed,,\n")
    write_waivers(folder, name="waived.toml")
    write_waivers(folder, {"rule": "no.such"}, name="unknown.toml")
    for name in (OK, BREACH):
        words = ("--policy", PACK, "--today", TODAY, "--out", f"{name}.json")
        assert placement_run(folder, "baseline", "write", f"{name}.csv", *words).returncode == 0
    return folder


@pytest.mark.parametrize(("name", "options", "code", "with_zero"), CHECKS)
def test_check(fleets: Path, name: str, options: str, code: int, with_zero: int) -> None:
    words = ["check", f"{name}.csv", "--policy", PACK, "--today", TODAY, *options.split()]
    for more, wanted in ((), code), (("--exit-zero",), with_zero):
        ran = placement_run(fleets, *words, *more)
        assert ran.returncode == wanted, ran.stdout + ran.stderr
        assert bool(ran.stderr) is (wanted == 2)


def test_exit_zero_leaves_the_report_as_it_is(fleets: Path) -> None:
    words = ("--policy", PACK, "--today", TODAY, "--exit-zero", "--output", "json")
    ran = placement_run(fleets, "check", "breach.csv", *words)
    assert (ran.returncode, json.loads(ran.stdout)["exit_code"]) == (0, 1)


@pytest.mark.parametrize(
    ("changed", "options", "code"),
    [
        ({"placement.toml": CONFIG + MOVES}, "", 0),
        # 20 a quarter may move, and 30 have to: broken until the second quarter.
        ({"placement.toml": REPAIR + MOVES + "max_accelerators_per_period = 20\n"}, "", 1),
        # Nothing may move: there is no day from which every rule is kept.
        ({}, "", 3),
        ({"placement.toml": REPAIR}, "", 3),
        ({"demand.csv": "period,metric,quantity\n2027Q1,accelerators,9\n"}, "", 3),
        ({"sites.csv": "site\n"}, "", 2),
        ({"placement.toml": CONFIG + "[none]\n"}, "", 2),
        ({}, "--solver none", 2),
    ],
)
def test_optimize(tmp_path: Path, changed: dict[str, str], options: str, code: int) -> None:
    files = {
        "inventory.csv": FLEET,
        "sites.csv": SITES,
        "demand.csv": DEMAND,
        "accelerators.csv": "accelerator,purchase_unit,kw,source\nH100-SXM5-80GB,10,1.4,own\n",
        "placement.toml": CONFIG,
    }
    for name, text in {**files, **changed}.items():
        (tmp_path / name).write_text(text)
    ran = placement_run(tmp_path, "optimize", ".", "--out", "plan", *options.split())
    assert ran.returncode == code, ran.stdout + ran.stderr


def test_one_function_says_them_all() -> None:
    """Of every verdict and end of a plan, with either word of --fail-on: no other code, ever."""
    ends = {PlanStatus.INFEASIBLE: 3, PlanStatus.STOPPED: 4}
    for verdict, status, fail_on in product(
        Verdict, (None, *PlanStatus), (Verdict.BREACH, Verdict.WARNING)
    ):
        fails = verdict is Verdict.BREACH or (verdict is fail_on is Verdict.WARNING)
        wanted = ends.get(status, int(fails)) if status is not None else int(fails)
        assert exit_code(verdict, status, fail_on=fail_on) == wanted
