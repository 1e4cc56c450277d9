"""TPP is derived exactly, from every precision, and says what it does not know."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest

from placement.catalog import H100E_TPP, TF32_WIDTHS, load_catalog, refusal, tpp_text
from placement.catalog.accelerators import BITS, shipped
from placement.catalog.csv_tables import figure, rows
from placement.enums import Confidence

GOLDEN = {
    "H100-SXM5-80GB": "15,832",
    "H100-PCIe-80GB": "12,104",
    "H100-NVL-94GB": "13,368",
    "A100-SXM4-80GB": "4,992",
    "H20-96GB": "2,368",
    "L4": "1,936",
    "L40S": "5,864",
    "RTX A6000": "2,477.6",
    "MI210": "2,899.2",
    "MI350X": "55,365",
    "MI355X": "60,397.8",
    "Maia 100": "18,000",
    "MTIA 300": "9,600",
    "B300": "56,000",
    "GB300": "60,000",
    "Gaudi2": "6,920",
    "Gaudi3": "29,360",
    "Data Center GPU Max 1550": "13,424",
    "Trainium2": "12,673",
}
BY_TF32_WIDTH = {
    "Trainium1": (3_610_000, 6_080_000, 3_040_000),
    "Inferentia2": (3_610_000, 6_080_000, 3_040_000),
    "Trainium2": (12_673_000, 21_344_000, 10_672_000),
    "Trainium3": (20_136_000, 21_472_000, 20_136_000),
}


@pytest.mark.parametrize("model", GOLDEN)
def test_tpp_of_well_known_chips(model: str) -> None:
    mtpp = shipped()[model].mtpp()
    assert mtpp is not None
    assert tpp_text(mtpp) == GOLDEN[model]


@pytest.mark.parametrize("model", BY_TF32_WIDTH)
def test_tf32_counts_as_19_bits_as_32_or_not_at_all(model: str) -> None:
    assert tuple(shipped()[model].mtpp(width) for width in (19, 32, 0)) == BY_TF32_WIDTH[model]


def test_a_default_width_and_no_others_than_three() -> None:
    chip = shipped()["Trainium1"]
    assert chip.mtpp() == chip.mtpp(19)
    for width in (16, 1, -19):
        with pytest.raises(ValueError, match="TF32"):
            chip.mtpp(width)
        with pytest.raises(ValueError, match="TF32"):
            chip.decided_by(width)


def test_nvidia_chips_of_note_do_not_depend_on_the_width() -> None:
    nvidia = [chip for chip in shipped().values() if chip.vendor == "NVIDIA"]
    of_note = [chip for chip in nvidia if (chip.mtpp() or 0) >= 1_600_000]
    assert len(of_note) > 35
    for chip in of_note:
        assert len({chip.mtpp(width) for width in TF32_WIDTHS}) == 1, chip.model


def test_the_deciding_precision() -> None:
    assert shipped()["MI210"].decided_by(19) == "fp64"
    assert shipped()["MI355X"].decided_by(19) == "fp6"
    assert shipped()["GB300"].decided_by(19) == "fp4"
    assert shipped()["H100-SXM5-80GB"].decided_by(19) == "fp8, int8"
    assert shipped()["Trainium1"].decided_by(19) == "tf32"
    assert shipped()["Trainium1"].decided_by(0) == "fp16, int8"


def test_h100_equivalent_is_the_h100() -> None:
    assert shipped()["H100-SXM5-80GB"].mtpp() == H100E_TPP * 1000


def test_no_published_rate_is_no_tpp() -> None:
    chip = load_catalog().find("Ascend 910D").accelerator
    assert [chip.mtpp(width) for width in TF32_WIDTHS] == [None, None, None]
    assert chip.decided_by(19) == ""
    assert "no published rate; supply tpp for it in accelerators.csv" in refusal(chip)
    assert "Ascend 910D" in refusal(chip)


def test_which_models_lack_a_rate() -> None:
    assert {m for m, chip in shipped().items() if chip.mtpp() is None} == {
        "Ascend 910D", "Data Center GPU Max 1450", "MTIA 450", "MTIA 500", "C500", "Kunlun P800",
        "BR106", "AI200", "AI250", "WSE-1 (CS-1)",
    }  # fmt: skip


def test_every_rate_gives_whole_thousandths() -> None:
    for chip in shipped().values():
        for rate in chip.rates:
            for bits in (BITS[rate.precision], 32 if rate.precision == "tf32" else 1):
                assert (rate.tops * bits * 1000).denominator == 1, (chip.model, rate)


def test_every_row_has_a_source_and_a_positive_unit() -> None:
    for chip in shipped().values():
        named = chip.source.startswith("https://") or chip.confidence is Confidence.LOW
        assert chip.source, chip.model
        assert named, chip.model
        assert chip.purchase_unit is None or chip.purchase_unit > 0
        assert all(rate.tops > 0 for rate in chip.rates)
        assert chip.kw is None
        assert chip.fixed_mtpp is None


def test_every_table_names_source_and_confidence() -> None:
    for table in ("accelerators", "aliases", "instances", "regions", "country_aliases", "units"):
        for row in rows(table):
            assert row["source"], (table, row)
            assert row["confidence"] in {"high", "medium", "low"}, (table, row)
            assert None not in row, (table, row)


def test_purchase_units() -> None:
    units = {
        "H100-SXM5-80GB": 8,
        "MI300X": 8,
        "GB200": 72,
        "GB300": 72,
        "Rubin (VR200)": 72,
        "L4": 1,
        "H100-NVL-94GB": 1,
        "K80": 2,
        "A16": 4,
    }
    assert {model: shipped()[model].purchase_unit for model in units} == units


def test_data_centre_marks() -> None:
    not_for_them = {model for model, chip in shipped().items() if chip.datacenter is False}
    assert not_for_them == {
        "RTX 3090", "RTX 3090 Ti", "RTX 4080", "RTX 4090", "RTX 5090", "RTX A4000", "RTX A5000",
        "RTX A6000", "RTX 4000 Ada", "RTX 5000 Ada", "RTX 6000 Ada", "RTX PRO 4500 Blackwell",
        "RTX PRO 6000 Blackwell Workstation Edition",
    }  # fmt: skip
    assert shipped()["RTX PRO 4500 Blackwell Server Edition"].datacenter is True


def test_density_is_exact() -> None:
    assert shipped()["L4"].performance_density == Fraction("6.59")
    assert shipped()["MI355X"].performance_density is None


def test_memory_bandwidth_is_in_gigabytes_per_second() -> None:
    known = {
        model: chip.memory_bandwidth_gb_s
        for model, chip in shipped().items()
        if chip.memory_bandwidth_gb_s is not None
    }
    assert len(known) > 85
    assert {model: value for model, value in known.items() if not 50 <= value <= 30_000} == {}
    below = [model for model, value in known.items() if value < 6500]
    assert {"H200-SXM5-141GB", "H200-NVL-141GB", "MI325X", "MI300X", "H20-96GB"} <= set(below)
    assert not {"B200", "GB200", "B300", "GB300", "MI350X", "MI355X"} & set(below)


def test_memory_bandwidth_is_of_one_chip_and_of_its_dram() -> None:
    figures = {
        "K80": "240",
        "M60": "160",
        "A16": "200",
        "H100-NVL-94GB": "3938",
        "GB200": "8000",
        "MI250X": "3276.8",
        "MTIA v2 (MTIA 200)": "204.8",
    }
    found = {model: shipped()[model].memory_bandwidth_gb_s for model in figures}
    assert found == {model: Fraction(text) for model, text in figures.items()}
    for model in ("WSE-3 (CS-3)", "LPU v1 (GroqChip)", "MI308X", "H20-3e-141GB"):
        assert shipped()[model].memory_bandwidth_gb_s is None


def test_an_accelerator_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        shipped()["L4"].vendor = "else"  # type: ignore[misc]
    with pytest.raises(TypeError):
        shipped()["L4"] = shipped()["L2"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2899200, 1000), "2,899.2"),
        (Fraction(1, 3), "1/3"),
        (100, "100"),
        (Fraction("0.9"), "0.9"),
        (Fraction("-1.5"), "-1.5"),
        (None, "unknown"),
    ],
)
def test_figures_are_written_exactly(value: Fraction | int | None, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(("mtpp", "text"), [(0, "0"), (10_000_000, "10,000"), (1, "0.001")])
def test_tpp_text(mtpp: int, text: str) -> None:
    assert tpp_text(mtpp) == text
