"""Other ways to write the same, which are taken; and a date that is none."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import placement
from placement.catalog import load_catalog
from placement.optimization.data.periods import parse_period
from placement.readers import inventory_from_frame, read_inventory
from placement.readers.cells import BadText, whole
from placement.readers.tables.commitments import read_commitments
from placement.readers.tables.demand import Metric, read_demand
from placement.readers.tables.sites import SiteStatus, read_sites
from tests.support.forked_cli import placement_run as run
from tests.support.paths import TESTS

INPUTS = TESTS / "inputs"
CATALOG = load_catalog()
CHOSEN: dict[str, Any] = {"headquarters": "US", "authorization": "uveu"}


def test_words_of_the_tables(tmp_path: Path) -> None:
    """Accelerators of a named model; words in any case; a quarter as others write it."""
    path = tmp_path / "x.csv"
    path.write_text(
        "period,accelerator,metric,quantity\n"
        "2027-Q1,B200,accelerators,8\n2027q2,B200,Accelerators,8\n2027Q3,,H100E,8\n"
    )
    rows = [row for _, row in read_demand(path).rows]
    assert [row.period for row in rows] == ["2027Q1", "2027Q2", "2027Q3"]
    assert [(row.accelerator, row.metric) for row in rows] == [
        ("B200", None), ("B200", None), (None, Metric.H100E)
    ]  # fmt: skip
    path.write_text("period,accelerator,metric,quantity\n2027Q1,B200,tpp,8\n")
    with pytest.raises(placement.InputError, match="give one of accelerator and metric"):
        read_demand(path)
    path.write_text("kind,metric,quantity\nAt_Least,H100E,8\n")
    assert read_commitments(path).rows[0][1].metric is Metric.H100E
    path.write_text("site,country,power_mw,status\na,US,1,Frozen\n")
    assert read_sites(path).rows[0][1].status is SiteStatus.FROZEN


@pytest.mark.parametrize("text", ["2027Q1", "2027-Q1", "2027q1", "2027-q1", " 2027Q1 "])
def test_periods(text: str) -> None:
    found = parse_period(text)
    assert found is not None
    assert (found.name, found.first) == ("2027Q1", date(2027, 1, 1))
    assert parse_period("2027--Q1") is None
    assert parse_period("2027-Q5") is None


def test_whole_numbers(tmp_path: Path) -> None:
    """1024.0 is what spreadsheets and pandas write; 1.000 may be a thousand."""
    for text, value in (("1024.0", 1024), ("8.00", 8), ("0.0", 0), ("1024.000", 1024)):
        assert whole(text) == value
    for text in ("1.000", "12.000", "8.5", "8.", ".0", "-8.0", "1e3.0"):
        with pytest.raises(BadText):
            whole(text)
    path = tmp_path / "inventory.csv"
    path.write_text("owner,site,country,accelerator,quantity\nA,s,NA,B200,1024.0\nA,t,NA,B200,7\n")
    for merge_from in (0, 1 << 40):
        lots = read_inventory(path, catalog=CATALOG, merge_from=merge_from).lots
        assert lots["quantity"].sum() == 1031


def test_frames() -> None:
    """Of polars, with days as dates, and as datetimes at midnight; in a plan, too."""
    frame = pl.DataFrame(
        {
            "owner": ["A", "A"],
            "site": ["s", "t"],
            "country": ["US", "NA"],
            "accelerator": ["B200", "B200"],
            "quantity": [8.0, 7.0],
            "arrived": [datetime(2026, 1, 1), None],  # noqa: DTZ001
            "out_of_service": [None, date(2026, 7, 1)],
        }
    )
    for one in (frame, pd.DataFrame(frame.to_dict(as_series=False), dtype=object)):
        lots = inventory_from_frame(one, catalog=CATALOG).lots
        assert lots["quantity"].to_list() == [8, 7]
        assert lots["start"].to_list() == [date(2026, 1, 1), None]
        assert lots["end"].to_list() == [None, date(2026, 7, 1)]
    case = INPUTS / "demand-row-twice"
    tables = {
        "inventory": pl.read_csv(case / "inventory.csv"),
        "sites": pl.read_csv(case / "sites.csv"),
        "supply": pl.read_csv(case / "supply.csv"),
        "demand": pl.DataFrame({"period": ["2027Q1"], "metric": ["tpp"], "quantity": [120000.0]}),
    }
    plan = placement.optimize(case, tables=tables)
    assert plan.report.exit_code == 0
    assert plan.report.read is not None
    assert plan.report.read.files["demand DataFrame"] == 1


def test_a_day_given_as_a_datetime() -> None:
    """In the content of a configuration; one at noon is none."""
    case = INPUTS / "demand-row-twice"
    config = {
        "placement": {"policy": "ai-diffusion-2025-basic", **CHOSEN},
        "horizon": {"start": "2027-Q1"},
        "files": {
            name: str(case / f"{name}.csv") for name in ("inventory", "sites", "accelerators")
        },
        "optimize": {"by": datetime(2027, 2, 1)},  # noqa: DTZ001
    }
    assert placement.optimize(config).task.problem.by == date(2027, 2, 1)
    config["optimize"] = {"by": datetime(2027, 2, 1, 12)}  # noqa: DTZ001
    with pytest.raises(placement.UsageError, match="is no day"):
        placement.optimize(config)


@pytest.mark.parametrize("day", ["2026-W31-6", "2026-8-1", "20260801", "2026-02-30", "2026-213"])
def test_no_date(tmp_path: Path, day: str) -> None:
    (tmp_path / "inventory.csv").write_bytes((INPUTS / "repeated-rows" / "once.csv").read_bytes())
    given = ["--headquarters", "US", "--authorization", "uveu"]
    ran = run(tmp_path, "check", "inventory.csv", *given, "--as-of", day)
    assert ran.returncode == 2
    assert f"{day!r} is not a date; write it as YYYY-MM-DD" in ran.stderr


def test_a_day_before_the_rule() -> None:
    """Before it is effective it binds nobody; before it is measured it is judged, as is said."""
    once = INPUTS / "repeated-rows" / "once.csv"

    def early(day: str) -> list[str]:
        report = placement.check(once, as_of=day, **CHOSEN)
        said = [one for one in report.notes if one.startswith("NOT YET A RULE")]
        return [one for one in said if "uveu.single_country" in one]

    before = placement.check(once, as_of="2025-01-12", **CHOSEN)
    (share,) = [one for one in before.findings if one.rule == "uveu.single_country"]
    assert share.verdict == "not_applicable"
    assert share.reason == "this rule does not stand before 2025-01-13"
    (said,) = early("2025-01-13")
    assert "on 2025-01-13" in said
    assert "measured from 2025-05-15 on" in said
    assert early("2025-05-14")
    assert not early("2025-05-15")
