"""The shipped tables hold what the research tables hold, where those are at hand."""

from __future__ import annotations

import csv
import os
import re
from fractions import Fraction
from pathlib import Path

import pytest

from placement.catalog import RefusedName, UnknownName, find_instance, find_region, load_catalog
from placement.catalog.accelerators import shipped

ROUNDED = {"K80", "P40", "A2"}
"""Models whose TPP the research table prints rounded to one decimal."""

SERVER_EDITION = "RTX PRO 4500 Blackwell Server Edition"
"""Ours alone: AWS g7 carries this part, not the workstation card of the research table."""

# Facts that were found later win over the tables.
LATER_REGIONS = {("linode", "ap-west"), ("linode", "ap-south"), ("azure", "brazilus")}
OTHER_RATES = {"MI308X"}
OTHER_DENSITIES = {"Ascend 910 (2019)"}
OTHER_INSTANCES = {"gpu-h100x8-80gb"}

UNLIKE = re.compile(r"NVIDIA.(A100.SXM.64GB|H800.NVL|A800-SXM4-40GB)")
"""Names the research table gives to a model whose rates are not theirs; they have their own."""

NOT_CHIPS = re.compile(r".*-MIG-.*|.*-SHARED|GRID .*|NVIDIA A16-4Q|(tpu-)?v\d\w*-8|NVIDIA HGX H20")


def facts(name: str) -> list[dict[str, str]]:
    """Read a research table; skip where it is not at hand."""
    named = os.environ.get("PLACEMENT_REAL_DATA")
    above = [parent / "shared" / "data" for parent in Path(__file__).resolve().parents]
    for folder in [Path(named)] if named else above:
        path = folder.parent / "facts" / f"{name}.csv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
    pytest.skip("no research tables: set PLACEMENT_REAL_DATA to a folder with facts beside it")


def test_models_rates_and_tpp() -> None:
    listed = facts("accelerators")
    assert {row["model"] for row in listed} | {SERVER_EDITION} <= set(shipped())
    for row in listed:
        chip = shipped()[row["model"]]
        if chip.model in OTHER_RATES:
            continue
        theirs = {
            column.removesuffix("_dense"): Fraction(row[column])
            for column in row
            if re.fullmatch(r"[a-z]+\d+(_dense)?", column) and row[column]
        }
        assert {rate.precision: rate.tops for rate in chip.rates} == theirs, chip.model
        mtpp = chip.mtpp(19)
        if row["tpp"]:
            assert mtpp is not None
            ours = Fraction(mtpp, 1000)
            near = Fraction(1, 10) if chip.model in ROUNDED else Fraction(0)
            assert abs(ours - Fraction(row["tpp"])) <= near, chip.model
            assert row["tpp_decided_by"] in chip.decided_by(19), chip.model
        else:
            assert mtpp is None
        if row["tpp_tf32_as_32bit"]:
            assert chip.mtpp(32) == Fraction(row["tpp_tf32_as_32bit"]) * 1000
        density = chip.performance_density
        known = Fraction(row["performance_density"] or 0) or None
        assert density == (None if chip.model in OTHER_DENSITIES else known)
        assert chip.confidence == row["confidence"]
        assert chip.source == row["source_url"]
        assert chip.vendor == row["vendor"]


def test_aliases() -> None:
    catalog = load_catalog()
    for row in facts("aliases"):
        alias, models = row["alias"], row["model"].split("|")
        if NOT_CHIPS.fullmatch(alias):
            with pytest.raises(RefusedName):
                catalog.find(alias)
            continue
        try:
            match = catalog.find(alias)
        except RefusedName as error:
            refused = error.message
        except UnknownName:
            refused = "unlike" if UNLIKE.fullmatch(alias) else ""
            models = ["unlike"]
        else:
            first = match.accelerator
            if UNLIKE.fullmatch(alias):
                continue
            assert first.model in models or match.note, alias
            for one in models:
                assert shipped()[one].mtpp() == first.mtpp(), alias
            continue
        assert all(one in refused for one in models), alias


def test_instances() -> None:
    for row in facts("instances"):
        if row["instance_type"] in OTHER_INSTANCES:
            continue
        found = find_instance(row["provider"], row["instance_type"])
        expected = row["accelerator"]
        if row["instance_type"].startswith("g7."):
            expected = SERVER_EDITION
        assert found.accelerator == expected
        assert abs(found.count - Fraction(row["count"])) < Fraction(1, 100_000)


def test_regions() -> None:
    for row in facts("regions"):
        if (row["provider"], row["region"]) in LATER_REGIONS or row["provider"] == "coreweave":
            continue
        found = find_region(row["provider"], row["region"])
        assert (found.country, found.kind) == (row["country_iso2"], row["kind"])
        assert found.confidence == row["confidence"]
