"""Plans for fleets that break a rule: mended by a day, or refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from placement.enums import PlanStatus
from placement.errors import UsageError
from placement.optimization.plan import Plan
from tests.support.plan_figures import plan_files, status


def repair(
    tmp_path: Path,
    optimize: str = "",
    fleet_end: str = "2027-03-01",
    demand: str = "2027,accelerators,92,US",
) -> Plan:
    """Plan a fleet that is broken on 1 February and, as kit leaves MY, no longer on 1 August."""
    return plan_files(
        tmp_path,
        placement_toml='[placement]\npolicy="ai-diffusion-2025-basic"\n[horizon]\nstart="2027"\n'
        f"[optimize]\n{optimize}\n",
        inventory_csv="owner,site,country,accelerator,quantity,out_of_service\n"
        f"A,us,US,H100 SXM,90,\nA,my,MY,H100 SXM,8,{fleet_end}\nA,my,MY,H100 SXM,2,\n",
        sites_csv="site,country,power_mw\nus,US,1\nmy,MY,1\n",
        supply_csv="accelerator,period,quantity,unit_usd,purchase_unit,kw\n"
        "H100 SXM,2027,4,100,1,1\n",
        demand_csv=f"period,metric,quantity,countries\n{demand}\n",
    )


def test_broken_fleet_is_kept_from_the_first_day_that_works(tmp_path: Path) -> None:
    plan = repair(tmp_path)
    assert plan.report.plan is not None
    # The first day looked at after the breach: basic.tier3 is watched when kit leaves, too.
    assert str(plan.report.plan.compliant_from) == "2027-03-01"
    assert plan.report.exit_code == 1
    assert [str(f.date) for f in plan.report.breaches] == ["2027-02-01"]
    # 10 % on 1 February may not become worse.
    found = {(f.place, str(f.date)): Fraction(f.share or 0) for f in plan.report.findings}
    assert found["MY", "2027-02-01"] <= Fraction(10, 100)
    assert found["MY", "2027-08-01"] <= Fraction(7, 100)


def test_nothing_may_become_worse_on_the_way(tmp_path: Path) -> None:
    """Two more in MY would be kept on 1 August, but raise a broken share on 1 February."""
    plan = repair(tmp_path, demand="2027,accelerators,4,MY")
    assert status(plan) is PlanStatus.INFEASIBLE
    later = repair(tmp_path, "by = 2027-08-01", demand="2027,accelerators,4,MY")
    assert status(later) is PlanStatus.INFEASIBLE


def test_strict_refuses_the_same_fleet(tmp_path: Path) -> None:
    plan = repair(tmp_path, 'mode = "strict"')
    assert status(plan) is PlanStatus.INFEASIBLE
    assert plan.report.exit_code == 3


def test_by_says_from_when(tmp_path: Path) -> None:
    assert status(repair(tmp_path, "by = 2027-02-01")) is PlanStatus.INFEASIBLE
    late = repair(tmp_path, "by = 2027-08-01")
    assert status(late) is PlanStatus.OPTIMAL
    assert {str(f.date) for f in late.report.breaches} == {"2027-02-01"}
    with pytest.raises(UsageError) as caught:
        repair(tmp_path, "by = 2027-08-02")
    assert str(caught.value).endswith(
        "optimize.by '2027-08-02': after it, not every rule that binds A is judged again; "
        "write 2027-08-01 or an earlier day, which is in 2027"
    )
