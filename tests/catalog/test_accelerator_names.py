"""Names resolve to one model, or are refused; a user's changes are never silent."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import placement
from placement.catalog import Override, RefusedName, UnknownName, load_catalog
from placement.catalog.accelerator_names import BANDWIDTH_LINES
from placement.catalog.accelerators import shipped
from placement.catalog.csv_tables import rows
from placement.catalog.spelling import joined
from placement.enums import Confidence


def model(name: str) -> str:
    return load_catalog().find(name).accelerator.model


def test_folding_never_merges_two_models() -> None:
    assert len({joined(name) for name in shipped()}) == len(shipped())


def test_no_alias_is_the_name_of_another_model() -> None:
    own = {joined(name): name for name in shipped()}
    for row in rows("aliases"):
        found = own.get(joined(row["alias"]))
        assert found is None or row["models"] == found, row


def test_every_alias_names_models_of_the_table_and_resolves_or_is_refused() -> None:
    catalog = load_catalog()
    for row in rows("aliases"):
        candidates = row["models"].split("|")
        assert set(candidates) <= set(shipped()), row
        try:
            match = catalog.find(row["alias"])
        except RefusedName as error:
            refused = error.message
        else:
            assert match.accelerator.model in candidates or match.note
            assert match.via
            continue
        assert all(one in refused for one in candidates)


@given(st.sampled_from(sorted(shipped())), st.sampled_from([" ", "_", "-", "  ", "\t", "_-"]))
def test_a_model_resolves_to_itself_however_joined(name: str, joint: str) -> None:
    asked = f"  {name.upper().replace(' ', joint).replace('-', joint)} "
    match = load_catalog().find(asked)
    assert (match.accelerator.model, match.asked, match.note, match.via) == (name, asked, "", ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NVIDIA-H100-80GB-HBM3", "H100-SXM5-80GB"),
        ("NVIDIA H100 PCIe", "H100-PCIe-80GB"),
        ("H100_NVL", "H100-NVL-94GB"),
        ("NVIDIA GH200 480GB", "GH200-96GB"),
        ("Tesla T4", "T4"),
        ("TPU v7", "TPU7x (Ironwood)"),
        ("tpu-v5-lite-podslice", "TPU v5e"),
        ("AMD_Instinct_MI300X_OAM", "MI300X"),
        ("Rubin", "Rubin (VR200)"),
        ("Trn2", "Trainium2"),
        ("H20", "H20-96GB"),
    ],
)
def test_aliases(name: str, expected: str) -> None:
    assert model(name) == expected


@pytest.mark.parametrize("name", ["H100", "nvidia h100", "gpu:h100"])
def test_a_name_that_hides_different_chips_is_refused(name: str) -> None:
    with pytest.raises(RefusedName) as caught:
        load_catalog().find(name)
    assert caught.value.message == (
        f"{name!r} could be H100-SXM5-80GB (TPP 15,832), H100-PCIe-80GB (TPP 12,104), "
        "H100-NVL-94GB (TPP 13,368)"
    )
    assert caught.value.fix == (
        "write one of these, or settle it under [aliases] in placement.toml"
    )
    assert str(caught.value) == f"{caught.value.message}; {caught.value.fix}"


def test_other_refusals_say_what_differs() -> None:
    with pytest.raises(RefusedName, match=r"Ascend 910B1 \(TPP 6,400\).*Ascend 910B4 \(TPP 4,480"):
        load_catalog().find("Huawei Ascend 910B")
    with pytest.raises(RefusedName, match=r"TPP 3,372, not for data centres.*, for data centres"):
        load_catalog().find("RTX PRO 4500")


@pytest.mark.parametrize(
    "name", ["A100", "NVIDIA A100", "H100/H200", "V100-SXM2", "GH200", "A100-80GB"]
)
def test_a_harmless_ambiguity_gives_the_first_and_says_so(name: str) -> None:
    match = load_catalog().find(name)
    assert f"read as {match.accelerator.model}" in match.note
    assert "no verdict depends on it" in match.note
    assert match.via


def test_the_harmless_note_names_all_candidates() -> None:
    note = load_catalog().find("A100").note
    for one in ("A100-SXM4-40GB", "A100-SXM4-80GB", "A100-PCIe-40GB", "A100-PCIe-80GB"):
        assert one in note
    assert "memory bandwidth" in note


def test_a_refusal_names_the_bandwidth_that_differs() -> None:
    own = Override("A100-PCIe-40GB", source="sheet", memory_bandwidth_gb_s=Fraction(6500))
    with pytest.raises(RefusedName, match=r"memory bandwidth in GB/s 1,555.* GB/s 6,500"):
        load_catalog([own]).find("A100")


def test_a_bandwidth_that_crosses_no_line_of_a_pack_is_harmless() -> None:
    own = Override("A100-PCIe-40GB", source="sheet", memory_bandwidth_gb_s=Fraction(6499))
    assert load_catalog([own]).find("A100").note == load_catalog().find("A100").note


def test_the_lines_are_those_of_the_packs() -> None:
    folder = Path(placement.__file__).parent / "policy" / "packs"
    drawn = {
        Fraction(line)
        for pack in folder.glob("*.toml")
        for line in re.findall(r'memory_bandwidth_below\s*=\s*"([0-9.]+)"', pack.read_text("utf-8"))
    }
    assert drawn <= set(BANDWIDTH_LINES)


def test_an_override_can_end_harmlessness() -> None:
    for changed in (
        Override("A100-PCIe-40GB", source="sheet", tpp=Fraction(5000)),
        Override("A100-PCIe-40GB", source="sheet", datacenter=False),
        Override("A100-PCIe-40GB", source="sheet", performance_density=Fraction(6)),
        Override("A100-PCIe-40GB", source="sheet", memory_bandwidth_gb_s=Fraction(7000)),
    ):
        with pytest.raises(RefusedName, match="A100-PCIe-40GB"):
            load_catalog([changed]).find("A100")


@pytest.mark.parametrize(
    ("name", "reason", "base"),
    [
        ("NVIDIA-A10G-SHARED", "replicas", "write A10G"),
        ("Tesla-T4-SHARED", "replicas", "write T4"),
        ("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", "MIG slices", "write A100-SXM4-40GB"),
        ("NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", "MIG slices", "write H100-SXM5-80GB"),
        ("NVIDIA-H100-80GB-HBM3-MIG-1g.10gb-SHARED", "MIG slices", "write H100-SXM5-80GB"),
        ("NVIDIA-Unheard-Of-MIG-3g.20gb", "MIG slices", "write the model"),
        ("GRID A100-40C", "virtual machine", "write A100-SXM4-40GB"),
        ("NVIDIA A16-4Q", "virtual machine", "write A16"),
        ("v5p-8", "several chips", "instance_type"),
        ("tpu-v5litepod-16", "several chips", "instance_type"),
    ],
)
def test_parts_of_chips_are_refused(name: str, reason: str, base: str) -> None:
    with pytest.raises(RefusedName) as caught:
        load_catalog().find(name)
    assert reason in caught.value.message
    assert base in caught.value.fix


@pytest.mark.parametrize(
    "name",
    ["H800 NVX", "H100 SMX", "V100-32", "widget-4c", "", "  ", "NaN", "RTX 4090 Laptop GPU"],
)
def test_nothing_is_guessed(name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        load_catalog().find(name)
    assert not isinstance(caught.value, RefusedName)
    assert "accelerators.csv" in caught.value.fix


def test_near_names_are_proposed_not_taken() -> None:
    with pytest.raises(UnknownName, match="did you mean 'H100-SXM5-80GB'"):
        load_catalog().find("H100-SXN5-80GB")


def test_an_override_replaces_fields_and_says_so() -> None:
    plain = load_catalog().find("H20").accelerator
    catalog = load_catalog(
        [Override("h20 96gb", source="meter", kw=Fraction("0.9"), purchase_unit=4)]
    )
    chip = catalog.find("NVIDIA H20").accelerator
    assert (chip.kw, chip.purchase_unit) == (Fraction("0.9"), 4)
    assert (chip.mtpp(), chip.performance_density) == (plain.mtpp(), plain.performance_density)
    assert "meter" in chip.source
    (sentence,) = catalog.changes
    for part in ("H20-96GB", "kW 0.9 instead of unknown", "purchase unit 4 instead of 8", "meter"):
        assert part in sentence
    assert load_catalog().find("H20").accelerator == plain
    assert load_catalog().changes == ()


def test_a_users_tpp_wins_at_every_width_and_makes_the_density_unknown() -> None:
    catalog = load_catalog([Override("A10G", source="vendor letter", tpp=Fraction("1650.5"))])
    chip = catalog.find("A10G").accelerator
    assert [chip.mtpp(width) for width in (19, 32, 0)] == [1_650_500] * 3
    assert chip.decided_by(19) == "your own figure"
    assert chip.confidence is Confidence.HIGH
    assert chip.memory_only_fields == ("tdp_w",)
    assert chip.performance_density is None
    (sentence,) = catalog.changes
    assert "TPP 1,650.5 instead of 1,120" in sentence
    assert "performance density unknown instead of 1.78" in sentence


def test_a_users_tpp_with_its_density() -> None:
    row = Override("L4", source="s", tpp=Fraction(1500), performance_density=Fraction("5.1"))
    assert load_catalog([row]).find("L4").accelerator.performance_density == Fraction("5.1")


def test_a_users_bandwidth_has_a_source() -> None:
    assert "memory_bandwidth_gb_s" in shipped()["P40"].memory_only_fields
    catalog = load_catalog([Override("P40", source="sheet", memory_bandwidth_gb_s=Fraction(347))])
    assert catalog.find("P40").accelerator.memory_only_fields == ("int8",)
    assert "memory bandwidth in GB/s 347 instead of 346" in catalog.changes[0]


def test_the_same_tpp_keeps_the_density() -> None:
    row = Override("L4", source="s", tpp=Fraction(1936))
    assert load_catalog([row]).find("L4").accelerator.performance_density == Fraction("6.59")


def test_a_users_tpp_for_the_model_without_a_rate() -> None:
    row = Override("Ascend 910D", source="letter", tpp=Fraction(2368))
    catalog = load_catalog([row])
    assert catalog.find("Huawei Ascend 910D").accelerator.mtpp() == 2_368_000
    assert "TPP 2,368 instead of none" in catalog.changes[0]


def test_a_new_model() -> None:
    row = Override("Widget 9", source="sheet", tpp=Fraction(7000), datacenter=True)
    catalog = load_catalog([row], {"w9": "widget-9"})
    chip = catalog.find("W9").accelerator
    assert (chip.model, chip.mtpp(), chip.performance_density) == ("Widget 9", 7_000_000, None)
    assert catalog.accelerators["Widget 9"] is chip
    assert "added" in catalog.changes[0]
    assert "designed for data centres yes" in catalog.changes[0]
    assert catalog.changes[1] == "'w9' is read as Widget 9, by your [aliases] in placement.toml"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ([Override("Widget 9", source="s", kw=Fraction(1))], "no tpp is given"),
        ([Override("L4", source=" ", kw=Fraction(1))], "no source"),
        ([Override(" ", source="s", tpp=Fraction(1))], "no name"),
        ([Override("L4", source="s", tpp=Fraction(0))], "tpp may not be 0"),
        ([Override("L4", source="s", kw=Fraction(-1))], "kw may not be -1"),
        ([Override("L4", source="s", purchase_unit=0)], "purchase_unit may not be 0"),
        ([Override("L4", source="s", tpp=Fraction("0.0001"))], "three decimals"),
        ([Override("L4", source="s", tpp=Fraction(10**9 + 1))], "more than 1,000,000,000; give"),
        ([Override("L4", source="s"), Override("l4", source="s")], "given twice"),
        ([Override("H100", source="s", tpp=Fraction(9))], "another name for H100-SXM5-80GB"),
    ],
)
def test_overrides_that_cannot_be_used(overrides: list[Override], said: str) -> None:
    with pytest.raises(UnknownName, match=said):
        load_catalog(overrides)


def test_a_users_alias_settles_an_ambiguity() -> None:
    catalog = load_catalog(aliases={"h100": "H100 PCIe 80GB"})
    match = catalog.find("H100")
    assert match.accelerator.model == "H100-PCIe-80GB"
    assert match.via == ("[aliases] in placement.toml",)
    assert len(catalog.changes) == 1


def test_a_users_alias_may_lead_over_others() -> None:
    catalog = load_catalog(aliases={"ours": "theirs", "theirs": "Tesla T4"})
    assert catalog.find("OURS").accelerator.model == "T4"
    assert catalog.find("ours").via[0] == "[aliases] in placement.toml"


@pytest.mark.parametrize(
    ("aliases", "said"),
    [
        ({"ours": "Widget"}, "the alias 'ours': no accelerator is called 'Widget'"),
        ({"ours": "H100"}, "the alias 'ours': 'H100' could be"),
        ({"a": "b", "b": "a"}, "leads back to itself"),
        ({"a": "a"}, "leads back to itself"),
        ({"L4": "T4"}, "is itself the model L4"),
        ({"our-gpu": "L4", "our gpu": "T4"}, "given twice"),
    ],
)
def test_aliases_that_cannot_be_used(aliases: dict[str, str], said: str) -> None:
    with pytest.raises(UnknownName, match=said):
        load_catalog(aliases=aliases)
