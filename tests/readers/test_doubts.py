"""What is possible and hardly meant: equal rows, a PUE of 12, kW for MW, a rack's price, 800 %."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placement
from placement.catalog import load_catalog
from placement.errors import InputError, UsageError
from placement.readers import inventory_from_frame, read_inventory
from placement.readers.doubts import Accepting
from placement.readers.inventory.read import MERGE_FROM
from placement.readers.tables.commitments import read_commitments
from placement.readers.tables.demand import read_demand
from placement.readers.tables.shipments import read_shipments
from tests.support.forked_cli import placement_run as run
from tests.support.paths import TESTS

INPUTS = TESTS / "inputs"
CATALOG = load_catalog()
HEADER = "owner,site,country,accelerator,quantity"
CHOSEN: dict[str, Any] = {"headquarters": "US", "authorization": "uveu", "as_of": "2026-08-01"}


def faults(read: Callable[[], object]) -> list[str]:
    """Say what is wrong, each with its line."""
    with pytest.raises(InputError) as caught:
        read()
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


@pytest.mark.parametrize("merge_from", [MERGE_FROM, 0], ids=["each line", "merged"])
@pytest.mark.parametrize("scan", [False, True], ids=["rows", "scan"])
def test_equal_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, merge_from: int, scan: bool
) -> None:
    """Found by every reader, whatever stands around the cells; any cell tells two lots apart."""
    if scan:
        monkeypatch.setattr("placement.readers.inventory.read.ROW_BY_ROW_BELOW", 0)
    path = tmp_path / "inventory.csv"

    def read(header: str, *rows: str, accept: tuple[str, ...] = ()) -> int:
        path.write_text("\n".join([header, *rows, ""]), "utf-8")
        accepting = Accepting.of(accept)
        found = read_inventory(path, catalog=CATALOG, merge_from=merge_from, accepting=accepting)
        accepting.require_used()
        return int(found.lots["quantity"].sum())

    row, other = "A,s,NA,B200,8", "A,s,NA,B200,9"
    said = "the row says the same as line {}, and no asset_id tells them apart"
    assert faults(lambda: read(HEADER, row, other, " A ,s,NA,B200,8")) == [f"4: {said.format(2)}"]
    assert faults(lambda: read(HEADER, row, row, row)) == [
        f"3: {said.format(2)}", f"4: {said.format(2)}"
    ]  # fmt: skip
    assert read(HEADER, row, row, accept=("inventory.csv:3",)) == 16
    assert read(HEADER, row, row, row, accept=(f"{path}:3", f"{path}:4")) == 24
    assert faults(lambda: read(HEADER, row, row, row, accept=("inventory.csv:4",))) == [
        f"3: {said.format(2)}"
    ]
    with pytest.raises(UsageError, match="nothing there is in doubt"):
        read(HEADER, row, other, accept=("inventory.csv:3",))
    # A column that is not read tells them apart, and so does an asset_id.
    assert read(f"{HEADER},rack", f"{row},1", f"{row},2") == 16
    assert faults(lambda: read(f"{HEADER},rack", f"{row},1", f"{row},1")) == [
        f"3: {said.format(2)}"
    ]
    assert read(f"{HEADER},asset_id", f"{row},1", f"{row},2", f"{row},") == 24
    assert faults(lambda: read(f"{HEADER},asset_id", f"{row},1", f"{row}, ", f"{row},")) == [
        f"4: {said.format(3)}"
    ]


#: Spellings of the cells of one row, the lot's own first.
SPELT = {
    "owner": ["A", " A"],
    "site": ["s"],
    "country": ["NA", "na", "Namibia"],
    "accelerator": ["B200", "b200"],
    "quantity": ["8", "8.0", "08"],
    "status": ["installed", "Installed", ""],
    "rack": ["r", " r "],
}


@settings(max_examples=15)
@given(data=st.data(), merge_from=st.sampled_from([MERGE_FROM, 0]), has_rack=st.booleans())
@pytest.mark.parametrize("scan", [False, True], ids=["rows", "scan"])
def test_equal_rows_however_they_are_spelt(
    data: st.DataObject, merge_from: int, has_rack: bool, scan: bool
) -> None:
    """Two rows are the same where each cell means the same; another quantity or rack is none."""
    columns = [name for name in SPELT if has_rack or name != "rack"]
    others = {"quantity": "9", "rack": "q", "country": "US"}
    kinds = ["same", "quantity", "country", *(["rack"] if has_rack else [])]
    rows, expected = [], []
    first: dict[str, int] = {}
    for line in range(2, data.draw(st.integers(2, 6)) + 2):
        kind = data.draw(st.sampled_from(kinds))
        cells = [data.draw(st.sampled_from(SPELT[name])) for name in columns]
        if kind != "same":
            cells[columns.index(kind)] = others[kind]
            if kind == "country":
                cells[columns.index("site")] = "t"
        rows.append(",".join(cells))
        if first.setdefault(kind, line) != line:
            expected.append(
                f"{line}: the row says the same as line {first[kind]}, "
                "and no asset_id tells them apart"
            )
    text = "\n".join([",".join(columns), *rows, ""])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if scan:
            patch.setattr("placement.readers.inventory.read.ROW_BY_ROW_BELOW", 0)
        path = Path(folder) / "inventory.csv"
        path.write_text(text, "utf-8")
        try:
            read_inventory(path, catalog=CATALOG, merge_from=merge_from)
            found = []
        except InputError as error:
            found = [f"{one.line}: {one.message}" for one in error.problems]
    assert found == expected


def test_equal_rows_of_other_tables_however_they_are_spelt(tmp_path: Path) -> None:
    demand = tmp_path / "demand.csv"
    demand.write_text(
        "period,metric,quantity,countries,accelerator\n"
        "2027Q1,accelerators,24,US;CA,\n"
        "2027-Q1,Accelerators,24.0,canada;us,\n"
        "2027Q1,,24,US,H100 SXM\n"
        "2027Q1,,24,us,H100-SXM5-80GB\n"
        "2027Q1,,24,us,B200\n"
    )
    assert faults(lambda: read_demand(demand)) == [
        "3: the row says the same as line 2",
        "5: the row says the same as line 4",
    ]
    promised = tmp_path / "commitments.csv"
    promised.write_text(
        "kind,country,quantity,from\nat_least,US,5,2027Q1\nAT_LEAST,United States,5.0,2027-q1\n"
    )
    notes = read_commitments(promised).notes
    assert [one for one in notes if "commitments.csv:3: the row says the same as line 2" in one]
    sent = tmp_path / "shipments.csv"
    sent.write_text(
        "date,exporter,accelerator,quantity,from_country,to_country,end_use_country\n"
        "2026-03-01,A,B200,8,US,CN,CN\n2026-03-01,A,b200,8,us,China,cn\n"
    )
    notes = read_shipments(sent).notes
    assert [one for one in notes if "shipments.csv:3: the row says the same as line 2" in one]


@pytest.mark.parametrize("library", [pd, pl])
def test_equal_rows_of_a_frame(library: Any) -> None:
    row = zip(HEADER.split(","), ("A", "s", "US", "B200", 8), strict=True)
    rows = {name: [cell, cell] for name, cell in row}
    frame = library.DataFrame(rows)
    (said,) = faults(lambda: inventory_from_frame(frame, catalog=CATALOG))
    assert said.startswith("3: the row says the same as line 2")
    report = placement.check(frame, accept="DataFrame:3", **CHOSEN)
    assert [one for one in report.assumptions if one.startswith("accepted: DataFrame:3")]
    assert report.read is not None
    assert (report.read.lots, report.read.accelerators) == (2, "16")


def test_twice_is_not_once() -> None:
    """10 % in Malaysia, written twice in the US, was 5.26 %."""
    case = INPUTS / "repeated-rows"
    assert placement.check(case / "once.csv", **CHOSEN).exit_code == 1
    assert len(faults(lambda: placement.check(case / "twice.csv", **CHOSEN))) == 1
    taken = placement.check(case / "twice.csv", accept=["twice.csv:3"], **CHOSEN)
    assert taken.exit_code == 0
    assert any(one.startswith("accepted: ") for one in taken.assumptions)


@pytest.mark.parametrize("given", ["x.csv", "x.csv:", ":3", "x.csv:a", "x.csv:-1"])
def test_accept_takes_a_line(given: str) -> None:
    with pytest.raises(UsageError, match="takes FILE:LINE"):
        Accepting.of([given])


def folder(tmp_path: Path, **tables: str) -> Path:
    """Return a copy of a small problem with some files replaced."""
    for one in (INPUTS / "demand-row-twice").iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    (tmp_path / "demand.csv").write_text("period,metric,quantity\n2027Q1,accelerators,12\n")
    for name, text in tables.items():
        suffix = "toml" if name == "placement" else "csv"
        (tmp_path / f"{name}.{suffix}").write_text(text)
    return tmp_path


TOML = (INPUTS / "demand-row-twice" / "placement.toml").read_text().rstrip() + "\n"
SITE = "site,country,power_mw,pue\ndal,US,{},{}\n"


@pytest.mark.parametrize(
    ("tables", "said", "accept"),
    [
        ({"demand": "period,metric,quantity,team\n2027Q1,tpp,6,a\n2027-q1,TPP,6.0,a\n"},
         "demand.csv:3: the row says the same as line 2", "demand.csv:3"),
        ({"sites": SITE.format(1, 12)}, "sites.csv:2: pue '12': is more than 3", "sites.csv:2"),
        ({"placement": TOML + "discount_rate = 8\n"},
         "discount_rate '8': is 800 % a year; write 0.08 for 8 %", "placement.toml:9"),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, tables: dict[str, str], said: str, accept: str) -> None:
    """Unless it is accepted, and then it is assumed."""
    where = folder(tmp_path, **tables)
    with pytest.raises(InputError) as caught:
        placement.optimize(where)
    assert said in str(caught.value)
    assert f"--accept {tmp_path}/{accept}" in str(caught.value)
    report = placement.optimize(where, accept=[accept]).report
    (taken,) = [one for one in report.assumptions if one.startswith("accepted: ")]
    assert accept in taken


@pytest.mark.parametrize(
    ("tables", "said", "accept"),
    [
        ({"sites": SITE.format(5001, 1)}, "is more than 5,000 MW at one site: is that kW?",
         "sites.csv:2"),
        ({"site_limits": "site,period,power_mw\ndal,2027-Q1,900000\n"},
         "is more than 5,000 MW at one site: is that kW?", "site_limits.csv:2"),
        ({"supply": "accelerator,period,quantity,unit_usd\nX1,2027Q1,40,3000000\n"},
         "is more than 250,000 USD per accelerator: is that a rack's price?", "supply.csv:2"),
        ({"placement": TOML + "[moves]\nallowed = true\nusd_per_accelerator = 250001\n"},
         "is more than 250,000 USD per accelerator: is that a rack's price?", "placement.toml:11"),
    ],
)  # fmt: skip
def test_said(tmp_path: Path, tables: dict[str, str], said: str, accept: str) -> None:
    """A warning: the plan is made; where it is accepted, it is assumed and no note."""
    where = folder(tmp_path, **tables)
    report = placement.optimize(where).report
    assert [one for one in report.notes if said in one and one.startswith("DOUBTFUL")]
    report = placement.optimize(where, accept=accept).report
    assert not [one for one in report.notes if said in one]
    assert [one for one in report.assumptions if said in one]


def test_not_in_doubt(tmp_path: Path) -> None:
    """At each bound; lines of demand that differ in a column that is not read; a yen price."""
    where = folder(
        tmp_path,
        sites=SITE.format(5000, 3),
        supply="accelerator,period,quantity,unit_usd\nX1,2027Q1,40,250000\n",
        demand="period,metric,quantity,team\n2027Q1,accelerators,6,a\n2027Q1,accelerators,6,b\n",
        placement=TOML + "discount_rate = 1\n",
    )
    report = placement.optimize(where).report
    assert not [one for one in report.notes if "DOUBTFUL" in one]
    folder(
        tmp_path,
        placement=TOML.replace("[horizon]", 'currency = "JPY"\n[horizon]'),
        sites=SITE.format(5, 1),
        supply="accelerator,period,quantity,unit_jpy\nX1,2027Q1,40,5000000\n",
    )
    report = placement.optimize(where).report
    assert not [one for one in report.notes if "DOUBTFUL" in one]


def test_no_percent_sign() -> None:
    with pytest.raises(InputError, match=r"'8%': has a percent sign; write 0\.08$"):
        placement.optimize(INPUTS / "discount-percent-sign")
    with pytest.raises(InputError, match=r"write 0\.08 for 8 %"):
        placement.optimize(INPUTS / "discount-800-percent")


def test_a_header_alone_is_said_first() -> None:
    report = placement.optimize(INPUTS / "demand-header-only").report
    assert report.notes[0].endswith("demand.csv: NO ROWS below the header: it asks for nothing")
    assert report.read is not None
    assert {Path(name).name: rows for name, rows in report.read.files.items()} == {
        "inventory.csv": 1, "accelerators.csv": 1, "sites.csv": 2, "supply.csv": 1, "demand.csv": 0
    }  # fmt: skip


def test_shipments_that_are_equal_are_said(tmp_path: Path) -> None:
    path = tmp_path / "shipments.csv"
    header = "date,exporter,accelerator,quantity,from_country,to_country,end_use_country"
    path.write_text(f"{header}\n" + "2026-03-01,A,H200-SXM5-141GB,10,US,US,US\n" * 2)
    chosen: dict[str, Any] = {
        **CHOSEN,
        "policy": "china-h200-2026",
        "shipments": path,
        "authorization": "none",
    }
    report = placement.check(None, **chosen)
    assert [
        one for one in report.notes if "shipments.csv:3: the row says the same as line 2" in one
    ]
    report = placement.check(None, accept="shipments.csv:3", **chosen)
    assert not [one for one in report.notes if "the same as" in one]


def test_command(tmp_path: Path) -> None:
    (tmp_path / "inventory.csv").write_bytes((INPUTS / "repeated-rows" / "twice.csv").read_bytes())
    given = ["--headquarters", "US", "--authorization", "uveu"]
    day = ["--as-of", "2026-08-01"]
    for verb, *more in (
        ["check", *day], ["ledger", *day],
        ["headroom", *day, "--accelerator", "B200"], ["report-form", "uveu", *day],
    ):  # fmt: skip
        args = [verb, *more] if verb == "report-form" else [verb, "inventory.csv", *more]
        if verb == "report-form":
            args.insert(2, "inventory.csv")
        ran = run(tmp_path, *args, *given)
        assert ran.returncode == 2
        assert "inventory.csv:3: the row says the same as line 2" in ran.stderr
        ran = run(tmp_path, *args, *given, "--accept", "inventory.csv:3")
        assert ran.returncode == 0, ran.stderr
