"""A user's accelerators.csv: every row taken, or every fault told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from time import process_time

import pytest

from placement.catalog import Override, load_catalog
from placement.errors import InputError
from placement.sources.accelerators import read_overrides


def overrides(path: Path, content: str) -> list[Override]:
    file = path / "accelerators.csv"
    file.write_text(content)
    return read_overrides(file)


def test_every_column(tmp_path: Path) -> None:
    (found,) = overrides(
        tmp_path,
        "accelerator,source,tpp,kw,purchase_unit,performance_density,memory_bandwidth_gb_s,"
        "datacenter\nWidget 9,sheet,2000.5,1.25,8,3.5,1400,no\n",
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


def test_many_rows_take_little_time(tmp_path: Path) -> None:
    began = process_time()
    rows = "".join(f"W{i},s,{i + 1}\n" for i in range(3_000))
    assert len(overrides(tmp_path, f"accelerator,source,tpp\n{rows}")) == 3_000
    assert process_time() - began < 5
