"""Servers and racks in tables of accelerators; regions and continents beside countries."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import placement
from placement.catalog import load_catalog
from placement.errors import InputError
from placement.inventory import Inventory
from placement.readers.inventory.read import read_inventory
from placement.readers.tables.entities import read_entities
from placement.readers.tables.shipments import read_shipments, resolve_shipments
from placement.readers.tables.sites import read_places
from tests.support.paths import TESTS

INPUTS = TESTS / "inputs"
HEADER = "owner,site,country,accelerator,quantity,unit\n"


def read(
    folder: Path, text: str, aliases: dict[str, str] | None = None, merge_from: int = 1 << 30
) -> Inventory:
    path = folder / "inv.csv"
    path.write_text(text, "utf-8")
    return read_inventory(
        path, catalog=load_catalog(aliases=aliases), name="inv.csv", merge_from=merge_from
    )


def counts(found: Inventory) -> list[tuple[str, object]]:
    lots = found.lots.sort("line").select("model", "quantity", "unit_num", "unit_den").rows()
    return [(model, Fraction(quantity * num, den)) for model, quantity, num, den in lots]


@pytest.mark.parametrize("merge_from", [0, 1 << 30])
@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("GB300 NVL72", "720 may be 720 accelerators, or 720 racks with 51,840"),
        ("nvidia gb200-nvl72", "720 may be 720 accelerators, or 720 racks with 51,840"),
        ("DGX H100", "720 may be 720 accelerators, or 720 servers with 5,760"),
        ("NVIDIA HGX B200", "720 may be 720 accelerators, or 720 servers with 5,760"),
    ],
)
def test_both_readings_are_shown(tmp_path: Path, name: str, readings: str, merge_from: int) -> None:
    text = f"{HEADER}A,us,US,B200,1,\nA,s,NA,{name},720,\n"
    for table in (text, text.replace(",unit\n", "\n").replace(",\n", "\n")):
        with pytest.raises(InputError) as caught:
            read(tmp_path, table, merge_from=merge_from)
        (problem,) = caught.value.problems
        assert (problem.line, problem.column, problem.value) == (3, "accelerator", name)
        assert readings in problem.message
        assert "unit = accelerator or" in problem.fix
        assert "[aliases]" in problem.fix


def test_the_unit_settles_it_and_the_factor_is_an_assumption(tmp_path: Path) -> None:
    rows = (
        "A,s,NA,GB300 NVL72,720,rack\nA,s,NA,GB300 NVL72,720,accelerator\n"
        "A,s,NA,HGX B200,3,Server\nA,s,NA,H100-SXM5-80GB,2,server\nA,s,NA,GB200,2,rack\n"
        "A,s,NA,B200,5,\n"
    )
    found = read(tmp_path, HEADER + rows)
    assert counts(found) == [
        ("GB300", 51840), ("GB300", 720), ("B200", 24), ("H100-SXM5-80GB", 16), ("GB200", 144),
        ("B200", 5),
    ]  # fmt: skip
    assert found.assumptions == (
        "inv.csv: GB200 in racks: 72 x GB200 each",
        "inv.csv: GB300 NVL72 in accelerators: counted in GB300",
        "inv.csv: GB300 NVL72 in racks: 72 x GB300 each",
        "inv.csv: H100-SXM5-80GB in servers: 8 x H100-SXM5-80GB each",
        "inv.csv: HGX B200 in servers: 8 x B200 each",
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("GB300 NVL72,1,server", "names a rack of 72 GB300, and the unit says server"),
        ("GB300,1,server", "how many GB300 a server holds is not in the catalogue"),
        ("L4,1,server", "how many L4 a server holds is not in the catalogue"),
        ("H100-SXM5-80GB,1,rack", "how many H100-SXM5-80GB a rack holds"),
        ("H100-SXM5-80GB,1,box", "unit 'box': is not a unit"),
        ("DGX Z9,1,", "names a server or rack that is not in the catalogue"),
        ("DGX-1,1,server", "'DGX-1' could be P100-SXM2-16GB"),
    ],
)
def test_units_that_do_not_do(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"{HEADER}A,s,NA,{row}\n")
    (problem,) = caught.value.problems
    assert said in str(problem)


def test_a_unit_beside_instances_is_refused(tmp_path: Path) -> None:
    text = (
        "owner,site,country,provider,instance_type,quantity,unit\nA,s,NA,aws,p5.48xlarge,1,rack\n"
    )
    with pytest.raises(InputError, match="unit 'rack': instances are counted there"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("target", "each"), [("GB300", 1), ("72 x GB300", 72), ("36 \u00d7 gb300", 36)]
)
def test_an_alias_settles_it(tmp_path: Path, target: str, each: int) -> None:
    text = HEADER.replace(",unit", "") + "A,s,NA,GB300 NVL72,10,\n".replace(",\n", "\n")
    found = read(tmp_path, text, {"GB300 NVL72": target})
    assert counts(found) == [("GB300", 10 * each)]
    assert bool(found.assumptions) == (each != 1)


def test_an_alias_of_several_contradicts_a_unit_of_accelerators(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is 8 x B200 by your .* and the unit says accelerator"):
        read(tmp_path, f"{HEADER}A,s,NA,our box,2,accelerator\n", {"our box": "8 x B200"})
    assert counts(read(tmp_path, f"{HEADER}A,s,NA,our box,2,server\n", {"our box": "8 x B200"}))[
        0
    ] == ("B200", 16)


def test_merged_lines_keep_their_units_apart(tmp_path: Path) -> None:
    units = ("rack", "accelerator") * 3
    rows = "".join(f"A,s,NA,GB300 NVL72,1,{unit},a{n}\n" for n, unit in enumerate(units))
    found = read(tmp_path, HEADER.replace("unit", "unit,asset_id") + rows, merge_from=0)
    assert sorted(counts(found)) == [("GB300", 3), ("GB300", 216)]


def test_a_report_says_the_factor_and_what_one_is(tmp_path: Path) -> None:
    path = tmp_path / "inv.csv"
    path.write_text(f"{HEADER}A,s,US,GB300 NVL72,1,rack\nA,t,NA,MI250X,4,\nA,u,US,K80,2,\n")
    report = placement.check(path, headquarters="US", authorization="uveu", as_of="2026-08-01")
    assert any("GB300 NVL72 in racks: 72 x GB300 each" in one for one in report.assumptions)
    (note,) = [one for one in report.notes if one.startswith("what one accelerator is")]
    assert "MI250X: one module of two dies" in note
    assert "K80: one of the two GPUs of a board" in note


def test_shipments_of_racks(tmp_path: Path) -> None:
    path = tmp_path / "shipments.csv"
    path.write_text(
        "date,exporter,accelerator,quantity,from_country,to_country,end_use_country\n"
        "2026-02-03,X,GB300 NVL72,10,US,NA,NA\n"
    )
    with pytest.raises(InputError, match="10 may be 10 accelerators, or 10 racks with 720"):
        resolve_shipments(read_shipments(path), load_catalog())
    own = load_catalog(aliases={"GB300 NVL72": "72 x GB300"})
    (one,) = resolve_shipments(read_shipments(path), own)
    assert (one.model, one.quantity) == ("GB300", 720)


def test_a_right_country_beside_a_doubtful_region_is_no_error(tmp_path: Path) -> None:
    text = "owner,site,country,provider,region,accelerator,quantity\n"
    found = read(
        tmp_path, f"{text}A,s,NA,lambda,us-midwest-1,B200,8\nA,t,,lambda,us-west-3,B200,8\n"
    )
    assert found.lots.sort("line")["country"].to_list() == ["NA", "US"]
    assert found.notes == (
        "inv.csv: region lambda us-midwest-1 is in US by the catalogue, with low confidence; NA is "
        "taken as written",
        "inv.csv: region lambda us-west-3 is taken for US, with low confidence: check it",
    )
    with pytest.raises(InputError, match="the country disagrees with the region"):
        read(tmp_path, f"{text}A,s,NA,aws,us-east-1,B200,8\n")
    open_question = read(tmp_path, f"{text}A,s,BR,azure,brazilus,B200,8\n")
    assert open_question.lots["country"].to_list() == ["BR"]
    with pytest.raises(InputError, match="may be in BR or US"):
        read(tmp_path, f"{text}A,s,,azure,brazilus,B200,8\n")


def test_a_table_of_sites_wins_over_a_doubtful_region(tmp_path: Path) -> None:
    path = tmp_path / "inv.csv"
    path.write_text(
        "owner,site,provider,region,accelerator,quantity\nA,s,lambda,us-midwest-1,B200,8\n"
    )
    found = read_inventory(path, catalog=load_catalog(), site_countries={"s": "NA"})
    assert found.lots["country"].to_list() == ["NA"]


@pytest.mark.parametrize(
    ("codes", "refused"),
    [
        (["NA", "EU", "US"], {"NA", "EU"}),
        (["NA", "OC"], {"NA", "OC"}),
        (["NA", "SA"], {"NA", "SA"}),
        (["na", "As"], {"na", "As"}),
        (["NA", "SA", "US"], set()),
        (["NA"], set()),
        (["AS", "US"], set()),
    ],
)
@pytest.mark.parametrize("merge_from", [0, 1 << 30])
def test_codes_of_continents(
    tmp_path: Path, codes: list[str], refused: set[str], merge_from: int
) -> None:
    rows = "".join(f"A,s{code},{code},B200,8,\n" for code in codes)
    if not refused:
        notes = " ".join(read(tmp_path, HEADER + rows, merge_from=merge_from).notes)
        assert ("AS as American Samoa" in notes) == ("AS" in codes)
        assert ("NA as Namibia" in notes) == ({"NA", "SA"} <= {*codes})
        return
    with pytest.raises(InputError) as caught:
        read(tmp_path, HEADER + rows, merge_from=merge_from)
    assert {one.value for one in caught.value.problems} == refused
    assert all(one.column == "country" for one in caught.value.problems)


@pytest.mark.parametrize(
    ("case", "exit_code", "said"),
    [
        ("linode-regions/by-region.csv", 1, "1266560.000 of 15515360.000"),
        ("linode-regions/right-country-refused.csv", 1, "1266560.000 of 15515360.000"),
        ("coreweave-region/by-region.csv", 0, ""),
        ("coreweave-region/right-country-refused.csv", 0, ""),
        ("h200-alias/h200.csv", 2, "H200-NVL-141GB (TPP 13,368)"),
        ("h200-alias/h200-nvl.csv", 1, "110824.000 of 1447624.000"),
        ("v100-alias/v100.csv", 2, "V100-PCIe-16GB (TPP 1,792)"),
        ("v100-alias/v100-pcie.csv", 1, "1792000.000 of 1934488.000"),
    ],
)
def test_cases(case: str, exit_code: int, said: str) -> None:
    house = case.startswith("v100")
    policy = str(INPUTS / "v100-alias" / "home.toml") if house else None

    def check() -> placement.Report:
        return placement.check(
            INPUTS / case,
            as_of="2026-08-01",
            policy=policy,
            headquarters=None if house else "US",
            authorization=() if house else "uveu",
        )

    if exit_code == 2:
        with pytest.raises(InputError) as caught:
            check()
        assert said in str(caught.value)
        return
    report = check()
    assert report.exit_code == exit_code
    broken = [f"{one.numerator} of {one.denominator}" for one in report.breaches]
    assert said in broken if said else not broken


def test_a_clouds_label_in_a_row_of_that_cloud(tmp_path: Path) -> None:
    text = "owner,site,country,provider,accelerator,quantity\n"
    found = read(tmp_path, f"{text}A,s,NA,aws,H200,8\nA,t,NA,Google Cloud,nvidia-h100-80gb,8\n")
    assert counts(found) == [("H200-SXM5-141GB", 8), ("H100-SXM5-80GB", 8)]
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"{text}A,s,NA,aws,H200,8\nA,t,NA,azure,H200,8\nA,u,NA,,H200,8\n")
    assert [one.line for one in caught.value.problems] == [3, 4]


@pytest.mark.parametrize(
    ("table", "text", "column", "lines"),
    [
        ("sites", "site,country,power_mw\na,NA,1\nb,AS,1\n", "country", [2, 3]),
        ("sites", "site,country,power_mw\na,US,1\nb,AS,1\n", "country", []),
        ("entities", "entity,headquarters\nA,NA\nB,EU\n", "headquarters", [2, 3]),
        ("entities", "entity,headquarters\nA,NA\nB,US\n", "headquarters", []),
    ],
)
def test_codes_of_continents_in_other_tables(
    tmp_path: Path, table: str, text: str, column: str, lines: list[int]
) -> None:
    path = tmp_path / f"{table}.csv"
    path.write_text(text, "utf-8")
    readers = {"sites": read_places, "entities": read_entities}
    if not lines:
        readers[table](path)
        return
    with pytest.raises(InputError) as caught:
        readers[table](path)
    assert [(one.line, one.column) for one in caught.value.problems] == [
        (line, column) for line in lines
    ]
