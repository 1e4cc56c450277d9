"""Weights: exact operations, fine-tunes with their site, and one truth about each model."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.errors import InputError
from placement.readers.table import Table
from placement.readers.tables.weights import WeightsRow, read_weights

HEADER = (
    "model,owner,training_operations,published,storage_site,"
    "finetune_operations,finetune_site,customer_headquarters\n"
)


def weights(folder: Path, body: str) -> Table[WeightsRow]:
    path = folder / "weights.csv"
    path.write_text(HEADER + body)
    return read_weights(path, name="weights.csv")


def test_rows(tmp_path: Path) -> None:
    found = weights(
        tmp_path,
        "big,Lab,2.5e26,no,oslo-1,,,\n"
        "big,Lab,250000000000000000000000000,no,Windhoek,1e25,Windhoek,Namibia\n",
    )
    one, two = (row for _, row in found.rows)
    assert one == WeightsRow(
        model="big",
        owner="Lab",
        training_operations=25 * 10**25,
        published=False,
        storage_site="oslo-1",
    )
    assert (two.finetune_operations, two.finetune_site) == (10**25, "Windhoek")
    assert (two.customer_headquarters, two.training_operations) == ("NA", 25 * 10**25)


def test_columns_of_fine_tunes_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "weights.csv"
    path.write_text("model,owner,training_operations,published,storage_site\nm,L,1e24,yes,NA\n")
    ((line, row),) = read_weights(path).rows
    assert (line, row.published, row.storage_site, row.finetune_site) == (2, True, "NA", None)


def test_faults(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        weights(
            tmp_path,
            "big,Lab,1.23e1,maybe,oslo-1,,,\n"
            "big,Lab,,no,oslo-1,1e25,,\n"
            "big,Lab,1e26,no,oslo-1,1e25,,\n"
            "big,Lab,1e26,no,,,oslo-1,Atlantis\n",
        )
    said = str(caught.value).split("\n")
    assert said[:4] == [
        "weights.csv:2: training_operations '1.23e1': is not a whole number; check the digits and "
        "the exponent",
        "weights.csv:2: published 'maybe': is neither yes nor no; write yes or no",
        "weights.csv:3: training_operations: is blank; fill the column training_operations",
        "weights.csv:4: finetune_operations and finetune_site go together: give both or none",
    ]
    assert said[4] == "weights.csv:5: storage_site: is blank; fill the column storage_site"
    assert said[5].startswith("weights.csv:5: customer_headquarters 'Atlantis'")


def test_lines_that_disagree_on_a_model(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        weights(
            tmp_path,
            "big,Lab,1e26,no,oslo-1,,,\nsmall,Lab,1e24,no,oslo-1,,,\n"
            "big,Lab,2.5e26,yes,paris-1,,,\n",
        )
    fix = "mend one of them, or give the models different names"
    assert str(caught.value).split("\n") == [
        f"weights.csv:4: training_operations '25e25': line 2 says 1e26 of the same model 'big'; "
        f"{fix}",
        f"weights.csv:4: published 'yes': line 2 says no of the same model 'big'; {fix}",
    ]
