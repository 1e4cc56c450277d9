"""Every wrong row of the planning tables has its message; what is assumed is said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from placement.errors import InputError, UsageError
from placement.optimization.data.load import load_task
from placement.optimization.data.task import Task
from placement.readers.tables.sites import SiteStatus

BASE = {
    "placement.toml": '[placement]\npolicy = "ai-diffusion-2025-basic"\n'
    '[horizon]\nstart = "2027Q1"\n',
    "inventory.csv": "owner,site,country,accelerator,quantity\nA,us,US,H100 SXM,16\n",
    "sites.csv": "site,country,power_mw\nus,US,5\n",
    "supply.csv": "accelerator,period,quantity,unit_usd\nH200 SXM,2027Q1,16,30000\n",
    "demand.csv": "period,accelerator,metric,quantity,countries\n2027Q1,,tpp,1,US\n",
}


def read(folder: Path, changes: dict[str, str | None], **options: Any) -> Task:
    for name, text in {**BASE, **changes}.items():
        if text is not None:
            (folder / name).write_text(text)
    return load_task(folder, **options)


def fault(folder: Path, changes: dict[str, str | None], **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, changes, **options)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "sites.csv",
            "site,country,power_mw\nus,US,5\nus,US,6\n",
            "sites.csv:3: site 'us': the site is already on line 2; keep one row",
        ),
        (
            "sites.csv",
            "site,country,power_mw\nus,DE,5\n",
            "inventory.csv:2: country 'US': the site 'us' is in DE in the table of sites; "
            "mend one of them",
        ),
        (
            "sites.csv",
            "site,country,power_mw,opens,closes\nus,US,5,2027-05-01,2027-04-01\n",
            "sites.csv:2: opens on 2027-05-01 and closes on 2027-04-01, not after it",
        ),
        (
            "sites.csv",
            "site,country,power_mw,pue\nus,US,5,0.9\n",
            "sites.csv:2: pue '0.9': must be greater than or equal to 1",
        ),
        (
            "sites.csv",
            "site,country,power_mw,status\nus,US,5,opne\n",
            "sites.csv:2: status 'opne': is not one of open, frozen, draining, storage; "
            "did you mean 'open'?",
        ),
        (
            "sites.csv",
            "site,country,power_mw,closes\nus,US,5,2027-01-01\n",
            "sites.csv:2: closes '2027-01-01': the site closes then, and 16 accelerators stand "
            "there in 2027Q1 that may not leave; allow [moves] or [retire], give their lots "
            "out_of_service 2027-01-01 or earlier, or move them to another site in the inventory",
        ),
        (
            "supply.csv",
            "accelerator,period,quantity,unit_usd\nH200 SXM,2027Q5,16,30000\n",
            "supply.csv:2: period '2027Q5': is no period; write 2027Q1, 2027-02 or 2027",
        ),
        (
            "supply.csv",
            "accelerator,period,quantity,unit_usd\nH200 SXM,2027-02,16,30000\n",
            "supply.csv:2: period '2027-02': overlaps the planned period 2027Q1, and is another "
            "one; write 2027Q1",
        ),
        (
            "supply.csv",
            "accelerator,period,quantity,unit_usd\nH200 SXM,2027Q1,16,1\nH200 SXM,2027Q1,8,2\n",
            "supply.csv:3: accelerator 'H200 SXM': H200-SXM5-141GB in 2027Q1 is already on line 2; "
            "add the quantities up in one row",
        ),
        (
            "supply.csv",
            "accelerator,period,quantity,unit_usd\nH200 SXM,2027Q1,16,-1\n",
            "supply.csv:2: unit_usd '-1': must be greater than or equal to 0",
        ),
        (
            "demand.csv",
            "period,accelerator,metric,quantity,countries\n2027Q1,H200 SXM,tpp,1,US\n",
            "demand.csv:2: give one of accelerator and metric; "
            "a line of one accelerator is counted in accelerators",
        ),
        (
            "demand.csv",
            "period,accelerator,metric,quantity,countries\n2027Q1,,flops,1,US\n",
            "demand.csv:2: metric 'flops': is not one of accelerators, tpp, h100e, mw",
        ),
        (
            "demand.csv",
            "period,accelerator,metric,quantity,countries\n2027Q1,,tpp,1,tier9\n",
            "demand.csv:2: countries 'tier9': no country is called 'tier9'; did you mean "
            "'tier3', 'tier2', 'tier1'?",
        ),
    ],
)
def test_messages(tmp_path: Path, name: str, text: str, expected: str) -> None:
    assert fault(tmp_path, {name: text}) == expected


def test_faults_of_all_tables_are_listed_together(tmp_path: Path) -> None:
    found = fault(
        tmp_path,
        {
            "inventory.csv": "owner,site,accelerator,quantity\nA,us,H100 SXM,x\n",
            "sites.csv": "site,country,power_mw\nus,US,-5\n",
            "supply.csv": "accelerator,period,quantity,unit_usd\nH2000,2027Q1,16,30000\n",
            "demand.csv": "period,accelerator,metric,quantity,countries\n2027Q9,,tpp,1,Utopia\n"
            "2027Q1,,tpp,-1,\n",
        },
    )
    where = [line.split(": ")[0] for line in found.splitlines()]
    assert where == ["demand.csv:3", "inventory.csv:2", "sites.csv:2", "supply.csv:2"]
    mended = {"demand.csv": "period,metric,quantity,countries\n2027Q9,tpp,1,\n2027Q1,tpp,1,Q\n"}
    found = fault(tmp_path, {**mended, "sites.csv": "site,country,power_mw\nus,Utopia,5\n"})
    where = [line.split(": ")[0] for line in found.splitlines()]
    assert where == ["demand.csv:2", "demand.csv:3", "sites.csv:2"]


def test_frames_are_written_as_their_cells_say(tmp_path: Path) -> None:
    sites = pd.DataFrame(
        {
            "site": ["us", "de"],
            "country": ["US", "DE"],
            "power_mw": [1e16, 0.00001],
            "racks": [100, None],
            "opens": [pd.Timestamp("2026-01-01"), pd.NaT],
        }
    )
    task = read(tmp_path, {}, tables={"sites": sites})
    us, de = task.problem.sites["us"], task.problem.sites["de"]
    assert (us.racks, de.racks) == (100, None)
    assert us.power_kw == 10**19
    assert de.power_kw == Fraction(1, 100)


def test_missing_tables(tmp_path: Path) -> None:
    assert fault(tmp_path, {"sites.csv": None}) == (
        "there is no sites.csv, and [files] lists none; add it beside placement.toml"
    )


def test_a_plan_needs_a_horizon(tmp_path: Path) -> None:
    assert fault(tmp_path, {"placement.toml": '[placement]\nowner = "A"\n'}) == (
        'placement.toml: there is nothing to plan: no horizon; write [horizon] start = "2027Q1"'
    )


def test_two_owner_groups_need_a_choice(tmp_path: Path) -> None:
    stock = BASE["inventory.csv"] + "B,us,US,H100 SXM,8\n"
    assert fault(tmp_path, {"inventory.csv": stock}) == (
        "placement.toml: placement.owner: the inventory has 2 owner groups, and one is planned "
        "at a time; set [placement] owner to one of: A, B"
    )


def test_unknown_owner(tmp_path: Path) -> None:
    config = BASE["placement.toml"].replace("[horizon]", 'owner = "Ab"\n[horizon]')
    stock = BASE["inventory.csv"].replace("A,", "Abc,")
    assert fault(tmp_path, {"placement.toml": config, "inventory.csv": stock}) == (
        "placement.toml: placement.owner 'Ab': no such owner in the inventory or the entities; "
        "did you mean 'Abc'? set [placement] owner to one of: Abc"
    )


def test_companies_are_needed_where_a_rule_asks(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="binds owners by headquarters and authorization"):
        read(tmp_path, {}, policy="ai-diffusion-2025")
    task = read(tmp_path, {}, policy="ai-diffusion-2025", headquarters="US", authorization=["uveu"])
    assert task.problem.subject.headquarters == "US"


def test_part_of_an_accelerator_cannot_be_planned(tmp_path: Path) -> None:
    stock = (
        "owner,site,country,provider,instance_type,accelerator,quantity\n"
        "A,us,US,aws,g6f.large,,3\nA,us,US,,,H100 SXM,8\n"
    )
    found = fault(tmp_path, {"inventory.csv": stock})
    assert "accelerators are no whole number, and a plan is made of whole ones" in found


def test_what_is_assumed_is_said(tmp_path: Path) -> None:
    task = read(
        tmp_path,
        {
            "inventory.csv": BASE["inventory.csv"] + "A,lost,NA,H100 SXM,4\n",
            "supply.csv": "accelerator,period,quantity,unit_usd\nH200 SXM,2027Q1,20,30000\n"
            "H200 SXM,2026Q1,20,30000\n",
            "demand.csv": "period,metric,quantity\n2027Q1,h100e,0\n",
        },
    )
    problem = task.problem
    assert problem.assumptions == (
        "PUE 1 where sites.csv gives none: us",
        "rows of other periods are left out: supply.csv: 2026Q1",
        "kW per accelerator = TDP x 1.5: H200-SXM5-141GB (1.05), H100-SXM5-80GB (1.05)",
        "purchase units of the catalogue: H200-SXM5-141GB (8)",
    )
    assert problem.sites["lost"].status is SiteStatus.FROZEN
    notes = [note.replace(f"{tmp_path}/", "") for note in problem.notes]
    assert notes == [
        "frozen, since sites.csv lacks them: lost",
        "supply of H200-SXM5-141GB: 20 accelerators are no multiple of its purchase unit 8; "
        "4 cannot be bought",
        "demand.csv:2: a demand of 0 asks for nothing",
    ]


def test_period_without_a_date_is_judged_on_its_last_day(tmp_path: Path) -> None:
    config = BASE["placement.toml"].replace("2027Q1", "2027Q2")
    supply = BASE["supply.csv"].replace("2027Q1", "2027Q2")
    demand = BASE["demand.csv"].replace("2027Q1", "2027Q2")
    changes = {"placement.toml": config, "supply.csv": supply, "demand.csv": demand}
    task = read(tmp_path, dict(changes))
    assert task.problem.assumptions[0] == (
        "no measurement date of basic.us, basic.single_country, basic.tier3 lies in 2027Q2: "
        "judged on 2027-06-30 as if it were one"
    )
    assert [str(day) for day in task.problem.measured] == ["2027-06-30"]


def test_the_group_that_is_planned_is_the_one_that_is_judged(tmp_path: Path) -> None:
    """Where siblings are left out, an authorized company's group is not its ultimate parent's."""
    config = (
        '[placement]\npolicy = "ai-diffusion-2025"\nowner = "A"\n[horizon]\nstart = "2027Q1"\n'
        '[policy.options]\nsiblings = "exclude"\n'
    )
    entities = "entity,parent,headquarters,authorization\nP,,US,none\nA,P,US,uveu\n"
    problem = read(tmp_path, {"placement.toml": config, "entities.csv": entities}).problem
    assert problem.subject.name == "A"
    assert problem.fleet.lots.height == 1
    assert [lot.own for lot in problem.lots] == [True]


FLOOR = (
    "kind,site,accelerator,metric,quantity,from,until\n"
    "at_least,us,H100 SXM,accelerators,16,2027Q1,2027Q1\n"
)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"opening.csv": "country,channel,tpp,as_of,source\nZZ,licence,5,2026-01-01,me\n"}, 1),
        ({"inventory.csv": BASE["inventory.csv"] + "A,us,ZZ,H100 SXM,1\n"}, 1),
        ({"sites.csv": "site,country,power_mw\nus,ZZ,5\n"}, 1),
        ({"sites.csv": "site,country,power_mw\nus,ZZ,5\n", "supply.csv": "accelerator\n"}, 2),
    ],
)
def test_what_is_not_known_is_no_fault_of_other_tables(
    tmp_path: Path, broken: dict[str, str | None], said: int
) -> None:
    """The floor is of what stands, at a site: neither is missed while its table has a fault."""
    tables = {"opening": str(tmp_path / "opening.csv")} if "opening.csv" in broken else None
    found = fault(tmp_path, {**broken, "commitments.csv": FLOOR}, tables=tables)
    assert len(found.splitlines()) >= said
    assert "commitments.csv" not in found
    assert all(f"{name}:" in found for name in broken)
