"""Faults of all tables in one go, and tables that hold nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import placement
from placement.errors import InputError, NothingEvaluatedError, UsageError
from placement.report import Report
from tests.support.forked_cli import placement_run as run

GOOD = {
    "inventory": "owner,site,country,accelerator,quantity\nA,na-1,NA,H100 SXM,7\n"
    "A,us-1,US,H100 SXM,993\n",
    "entities": "entity,headquarters,authorization\nA,US,uveu\n",
    "sites": "site,country,notice_filed\nna-1,NA,2026-01-01\n",
    "shipments": "date,exporter,accelerator,quantity,from_country,to_country,end_use_country\n"
    "2026-03-01,A,H200 SXM,8,US,NA,NA\n",
    "weights": "model,owner,training_operations,published,storage_site\nM,A,1e26,no,us-1\n",
    "accelerators": "accelerator,tpp,performance_density,datacenter,source\nEX,9000,10,yes,own\n",
}
#: A line that is wrong in each table, and what is said of it.
BAD = {
    "inventory": ("A,us-1,US,H100 SXM,x8", "inventory.csv:4: quantity 'x8': is not a number;"),
    "entities": ("B,Utopia,none", "entities.csv:3: headquarters 'Utopia': no country is called"),
    "sites": ("us-9,US,soon", "sites.csv:3: notice_filed 'soon': is not a date as YYYY-MM-DD;"),
    "shipments": (
        "2026-03-01,A,H2000,1,US,CN,CN",
        "shipments.csv:3: accelerator 'H2000': no accelerator is called 'H2000';",
    ),
    "weights": (
        "M,A,1e27,no,us-1",
        "weights.csv:3: training_operations '1e27': line 2 says 1e26 of the same model 'M';",
    ),
    "accelerators": (
        "EY,0,10,yes,own",
        "accelerators.csv:3: accelerator 'EY': EY: tpp may not",
    ),
}
GIVEN = [f"--{name}={name}.csv" for name in ("entities", "sites", "shipments", "weights")]


def write(folder: Path, **tables: str) -> None:
    for name, text in {**GOOD, **tables}.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")


def check(folder: Path, *left_out: str, **given: str) -> Report:
    files = {
        name: folder / f"{name}.csv" for name in GOOD if name not in ("accelerators", *left_out)
    }
    inventory = files.pop("inventory", None)
    return placement.check(inventory, as_of="2026-08-01", **files, **given)  # type: ignore[arg-type]


def faults(folder: Path) -> list[str]:
    with pytest.raises(InputError) as refused:
        check(folder)
    return str(refused.value).splitlines()


def with_line(name: str, line: str) -> dict[str, str]:
    return {name: f"{GOOD[name]}{line}\n"}


def test_all_is_well(tmp_path: Path) -> None:
    write(tmp_path)
    assert check(tmp_path).verdict == "ok"


@pytest.mark.parametrize("alone", BAD)
def test_each_fault_alone(tmp_path: Path, alone: str) -> None:
    line, said = BAD[alone]
    write(tmp_path, **with_line(alone, line))
    (found,) = faults(tmp_path)
    assert found.removeprefix(f"{tmp_path}/").startswith(said)
    assert "; " in found


def test_faults_of_all_tables_in_one_go(tmp_path: Path) -> None:
    bad = {name: text for name in BAD for text in [f"{GOOD[name]}{BAD[name][0]}\n"]}
    del bad["accelerators"]
    write(tmp_path, **bad)
    ran = run(tmp_path, "check", "inventory.csv", *GIVEN)
    assert (ran.returncode, ran.stdout) == (2, "")
    told = [line.removeprefix("error: ") for line in ran.stderr.splitlines()]
    assert len(told) == len(bad)
    for name in bad:
        assert any(line.startswith(BAD[name][1]) for line in told), name


def test_two_kinds_of_faults_in_one_table(tmp_path: Path) -> None:
    """A bad cell hides neither names that nobody knows nor lines that disagree."""
    write(
        tmp_path,
        **with_line("shipments", "soon,A,B200,1,US,CN,CN\n" + BAD["shipments"][0]),
        **with_line("weights", "N,A,many,no,us-1\n" + BAD["weights"][0]),
        **with_line("sites", "na-1,NA,\nus-9,US,soon"),
    )
    assert [one.rpartition("/")[2].split(":")[:2] for one in faults(tmp_path)] == [
        ["shipments.csv", "3"], ["shipments.csv", "4"], ["sites.csv", "3"], ["sites.csv", "4"],
        ["weights.csv", "3"], ["weights.csv", "4"],
    ]  # fmt: skip


def test_what_a_bad_table_would_have_said_is_not_missed(tmp_path: Path) -> None:
    """Neither the names of a bad accelerators.csv, nor the countries of a bad sites.csv."""
    lots = "owner,site,accelerator,quantity\nA,na-1,EX,7\nA,na-1,H100 SXM,x\n"
    write(
        tmp_path,
        inventory=lots,
        **with_line("accelerators", BAD["accelerators"][0]),
        **with_line("sites", BAD["sites"][0]),
    )
    assert [one.rpartition("/")[2].split(":")[0] for one in faults(tmp_path)] == [
        "accelerators.csv", "inventory.csv", "sites.csv",
    ]  # fmt: skip


def test_faults_between_tables_are_told_with_those_of_tables(tmp_path: Path) -> None:
    write(
        tmp_path,
        **with_line("inventory", "B,us-1,US,H100 SXM,1"),
        **with_line("weights", "N,A,1e26,no,nowhere-1"),
        **with_line("shipments", BAD["shipments"][0]),
    )
    said = "\n".join(faults(tmp_path))
    assert "inventory.csv" in said
    assert "'B'" in said
    assert "'nowhere-1': nobody says where the site is" in said
    assert "'H2000'" in said
    write(tmp_path, **with_line("inventory", "B,us-1,US,H100 SXM,1"),
          **with_line("weights", "N,A,1e26,no,nowhere-1"))  # fmt: skip
    assert len(faults(tmp_path)) == 2


def test_a_bad_pack_is_told_before_any_table(tmp_path: Path) -> None:
    write(tmp_path, **with_line("sites", BAD["sites"][0]))
    with pytest.raises(InputError, match="no such policy"):
        check(tmp_path, policy="none")


def header(name: str) -> str:
    return GOOD[name].splitlines()[0] + "\n"


@pytest.mark.parametrize("name", ["weights", "shipments"])
def test_a_table_without_rows_is_said(tmp_path: Path, name: str) -> None:
    write(tmp_path, **{name: header(name)})
    report = check(tmp_path)
    told = [note for note in report.notes if "NO ROWS below the header" in note]
    assert [note.partition(": ")[0] for note in told] == [f"{tmp_path}/{name}.csv"]
    write(tmp_path)
    assert not [note for note in check(tmp_path).notes if "NO ROWS" in note]


def test_model_weights_without_rows_are_the_reason(tmp_path: Path) -> None:
    write(tmp_path, weights=header("weights"))
    reasons = {f.reason for f in check(tmp_path).findings if f.rule == "weights.train_ops"}
    assert reasons == {f"{tmp_path}/weights.csv has no rows, so nothing is known of model weights"}


def test_nothing_but_tables_without_rows_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, weights=header("weights"), shipments=header("shipments"))
    with pytest.raises(InputError) as refused:
        check(tmp_path, "inventory")
    assert not isinstance(refused.value, UsageError)
    assert [one.file for one in refused.value.problems] == [
        f"{tmp_path}/shipments.csv", f"{tmp_path}/weights.csv",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="nothing to judge; give an inventory"):
        check(tmp_path, "inventory", "weights", "shipments")


def test_no_shipments_under_a_pack_about_shipments_is_no_green(tmp_path: Path) -> None:
    write(tmp_path, shipments=header("shipments"))
    with pytest.raises(NothingEvaluatedError):
        check(tmp_path, policy="china-h200-2026")


def test_a_table_that_the_pack_has_no_rule_about_is_said(tmp_path: Path) -> None:
    write(tmp_path)
    notes = check(tmp_path, policy="ai-diffusion-2025-basic").notes
    assert [note.partition("csv: ")[2] for note in notes if "has no rule about" in note] == [
        "ai-diffusion-2025-basic has no rule about shipments",
        "ai-diffusion-2025-basic has no rule about model weights",
    ]


def test_columns_that_are_not_read_are_said_of_every_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        weights=GOOD["weights"].replace("site\n", "site,colour\n").replace("-1\n", "-1,red\n"),
    )
    assert any("weights.csv" in note and "colour" in note for note in check(tmp_path).notes)


@pytest.mark.parametrize("name", ["placement.toml", "accelerators.csv"])
def test_a_broken_link_is_no_missing_file(tmp_path: Path, name: str) -> None:
    """What it names may answer open questions, or change a figure."""
    write(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to("nowhere")
    with pytest.raises((InputError, UsageError), match=f"{name}: .*mend the link"):
        check(tmp_path)
