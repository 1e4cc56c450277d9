"""A user's accelerators.csv: every row taken, or every fault told."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from time import process_time

import pytest

from placement.catalog import Override, load_catalog
from placement.errors import InputError
from placement.readers.tables.accelerators import read_overrides


def overrides(path: Path, content: str) -> list[Override]:
    file = path / "accelerators.csv"
    file.write_text(content)
    return read_overrides(file)


def test_every_column(tmp_path: Path) -> None:
    (found,) = overrides(
        tmp_path,
        "accelerator,source,tpp,kw,purchase_unit,performance_density,memory_bandwidth_gb_s,"
        "datacenter,release_year,released\n"
        "Widget 9,sheet,2000.5,1.25,8,3.5,1400,no,2026,2026-01-09\n",
    )
    assert found == Override(
        "Widget 9",
        source="sheet",
        tpp=Fraction(4001, 2),
        kw=Fraction(5, 4),
        purchase_unit=8,
        performance_density=Fraction(7, 2),
        memory_bandwidth_gb_s=Fraction(1400),
        datacenter=False,
        release_year=2026,
        released=date(2026, 1, 9),
    )
    assert load_catalog([found]).accelerators["Widget 9"].datacenter is False


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        overrides(
            tmp_path,
            "accelerator,source,tpp,colour\nL4,s,1,\nl4,s,2,\nWidget,s,,\nH100,s,9,\n"
            "X,s,1000000001,\n",
        )
    first, *others = str(caught.value).replace(f"{tmp_path}/", "").split("\n")
    assert first.startswith("accelerators.csv: column not used: 'colour'; known: accelerator,")
    assert [one.partition(";")[0] for one in others] == [
        "accelerators.csv:3: accelerator 'l4': 'l4' is given twice",
        "accelerators.csv:4: accelerator 'Widget': 'Widget' is not in the catalogue and no tpp is "
        "given for it",
        "accelerators.csv:5: accelerator 'H100': 'H100' is another name for H100-SXM5-80GB, "
        "H100-PCIe-80GB, H100-NVL-94GB",
        "accelerators.csv:6: accelerator 'X': X: tpp 1,000,000,001 is more than 1,000,000,000",
    ]


def test_datacenter_is_yes_or_no(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="datacenter 'maybe': is neither yes nor no"):
        overrides(tmp_path, "accelerator,source,datacenter\nL4,s,maybe\n")


def test_a_launch_may_be_a_year_or_a_day_of_it(tmp_path: Path) -> None:
    found = overrides(
        tmp_path,
        "accelerator,source,release_year,released\nL4,s,2023,\nT4,s,,2018-09-13\n",
    )
    catalog = load_catalog(found)
    l4, t4 = (catalog.accelerators[name] for name in ("L4", "T4"))
    assert (l4.release_year, l4.released) == (2023, None)
    assert (t4.release_year, t4.released) == (2018, date(2018, 9, 13))
    assert any("launch year 2023 instead of" in one for one in catalog.changes)
    with pytest.raises(InputError) as caught:
        overrides(
            tmp_path,
            "accelerator,source,release_year,released\nL4,s,23,\nT4,s,2017,2018-09-13\n",
        )
    assert [line.split(": ", 2)[2] for line in str(caught.value).split("\n")] == [
        "L4: release_year may not be 23; write it as 2025",
        "T4: released 2018-09-13 is not in release_year 2017; keep the one that is right",
    ]


def test_many_rows_take_little_time(tmp_path: Path) -> None:
    began = process_time()
    rows = "".join(f"W{i},s,{i + 1}\n" for i in range(3_000))
    assert len(overrides(tmp_path, f"accelerator,source,tpp\n{rows}")) == 3_000
    assert process_time() - began < 5
