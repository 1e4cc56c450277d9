"""Names of several forms are refused, spellings fold, nothing harmful is proposed."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby

import pytest

from placement.catalog import RefusedName, UnknownName, country, find_instance, find_region
from placement.catalog import load_catalog as catalog
from placement.catalog.accelerators import shipped
from placement.catalog.csv_tables import rows
from placement.catalog.spelling import loose, numbers


def model(name: str, provider: str | None = None) -> str:
    return catalog().find(name, provider).accelerator.model


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("V100", ["V100-SXM2-16GB (TPP 2,000)", "V100-PCIe-16GB (TPP 1,792)", "V100S-PCIe-32GB"]),
        ("NVIDIA Tesla V100", ["V100-SXM2-16GB (TPP 2,000)", "V100-PCIe-16GB (TPP 1,792)"]),
        ("Tesla V100", ["V100-PCIe-32GB"]),
        ("V100-32GB", ["V100-SXM2-32GB", "V100-PCIe-32GB", "V100S-PCIe-32GB (TPP 2,080)"]),
        ("H200", ["H200-SXM5-141GB (TPP 15,832)", "H200-NVL-141GB (TPP 13,368)"]),
        ("NVIDIA H200 141 GB", ["H200-NVL-141GB"]),
        ("NVIDIA H100 80GB", ["H100-SXM5-80GB (TPP 15,832)", "H100-PCIe-80GB (TPP 12,104)"]),
        ("H100-80G", ["H100-SXM5-80GB", "H100-PCIe-80GB"]),
        ("NVIDIA H800", ["H800-SXM5-80GB", "H800-PCIe-80GB", "H800-NVL-94GB"]),
        ("P100", ["P100-SXM2-16GB (TPP 339.2)", "P100-PCIe-16GB (TPP 300.8)"]),
        ("NVIDIA Tesla P100", ["P100-SXM2-16GB", "P100-PCIe-16GB"]),
        ("Trainium", ["Trainium1", "Trainium2", "Trainium3"]),
        ("Gaudi", ["Gaudi (HL-205)", "Gaudi2", "Gaudi3"]),
        ("MI300", ["MI300X", "MI300A", "MI300 (early figure) (TPP 6,128"]),
        ("RTX PRO 6000", ["Server Edition", "Workstation Edition", "not for data centres"]),
    ],
)
def test_a_name_of_several_forms_is_refused_with_all(name: str, forms: list[str]) -> None:
    with pytest.raises(RefusedName) as caught:
        catalog().find(name)
    for one in forms:
        assert one in caught.value.message


@pytest.mark.parametrize(
    ("name", "provider", "expected"),
    [
        ("V100", "aws", "V100-SXM2-16GB"),
        ("H200", "Amazon", "H200-SXM5-141GB"),
        ("H100", "aws", "H100-SXM5-80GB"),
        ("nvidia-tesla-v100", "gcp", "V100-SXM2-16GB"),
        ("nvidia-tesla-p100", "Google Cloud", "P100-PCIe-16GB"),
        ("nvidia-h100-80gb", "gcp", "H100-SXM5-80GB"),
        ("nvidia-h200-141gb", "gcp", "H200-SXM5-141GB"),
        ("Trainium", "aws", "Trainium1"),
    ],
)
def test_a_clouds_label_holds_for_that_cloud(name: str, provider: str, expected: str) -> None:
    assert model(name, provider) == expected
    for other in (None, "azure", "a house of our own"):
        with pytest.raises(RefusedName):
            catalog().find(name, other)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("H100 SXM5", "H100-SXM5-80GB"),
        ("H100 PCIe 80GB", "H100-PCIe-80GB"),
        ("H200 NVL", "H200-NVL-141GB"),
        ("GH200 Superchip", "GH200-96GB"),
        ("RTX6000Ada", "RTX 6000 Ada"),
        ("Instinct MI300X", "MI300X"),
        ("AMD Radeon Instinct MI25", "MI25"),
        ("AMD MI250X", "MI250X"),
        ("AWS Trainium2", "Trainium2"),
        ("Trn2", "Trainium2"),
        ("Intel Gaudi 3", "Gaudi3"),
        ("HL-225", "Gaudi2"),
        ("TPU v5 lite", "TPU v5e"),
        ("tpu-v5litepod", "TPU v5e"),
        ("TPU v7", "TPU7x (Ironwood)"),
        ("Ascend 910", "Ascend 910 (2019)"),
        ("Qualcomm Cloud AI 100", "Cloud AI 100"),
        ("Cerebras WSE-3", "WSE-3 (CS-3)"),
        ("GroqCard", "LPU v1 (GroqChip)"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("H100\u200b-PCIe\u00a080 GB", "H100-PCIe-80GB"),
        ("\uff281\uff10\uff10 PCIe", "H100-PCIe-80GB"),
        ("T4G", "T4G"),
    ],
)
def test_spellings(name: str, expected: str) -> None:
    assert model(name) == expected


def test_no_two_models_fold_alike() -> None:
    folded = sorted(shipped(), key=loose)
    assert all(len([*same]) == 1 for _, same in groupby(folded, key=loose))


def test_every_spelling_of_the_table_gives_its_models_or_is_refused_with_them() -> None:
    for row in rows("aliases"):
        wanted = set(row["models"].split("|"))
        said = ""
        try:
            match = catalog().find(row["alias"], row["provider"] or None)
        except RefusedName as error:
            said = error.message
        if said:
            assert all(one in said for one in wanted), row
        else:
            assert {match.accelerator.model} & wanted or match.note, row
            for one in wanted:
                assert shipped()[one].mtpp() == match.accelerator.mtpp(), row


def test_an_alias_holds_for_every_spelling_that_folds_alike() -> None:
    own = catalog(aliases={"V100": "V100-PCIe-16GB"})
    for name in ("v100", "Tesla V100", "NVIDIA-Tesla-V100"):
        assert own.find(name).accelerator.model == "V100-PCIe-16GB"
    with pytest.raises(RefusedName):
        own.find("V100-32GB")
    chained = catalog(aliases={"NVIDIA H100": "H100", "H100": "H100-PCIe-80GB"})
    assert chained.find("nvidia_h100").accelerator.model == "H100-PCIe-80GB"
    with pytest.raises(UnknownName):  # it leads to itself, and is ambiguous without it
        catalog(aliases={"H100": "NVIDIA H100"})


@pytest.mark.parametrize(
    "name",
    ["K20X", "H100 PCIe 96GB", "HL-100", "RTX 4090 Laptop GPU", "MI250Y", "A1000", "Trainum2"],
)
def test_no_chip_of_another_number_or_rate_is_proposed(name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        catalog().find(name)
    assert "did you mean" not in str(caught.value)


def test_what_is_proposed_agrees_in_number_and_rate() -> None:
    for name in shipped():
        slip = name[:-1] + ("Q" if name[-1] != "Q" else "Z")
        try:
            catalog().find(slip)
        except RefusedName:
            continue
        except UnknownName as error:
            proposed = [one for one in shipped() if f"'{one}'" in str(error).split("Else")[0]]
        else:
            continue
        for one in proposed:
            assert numbers(one) <= numbers(slip), (slip, one)
        rates = [shipped()[one].mtpp() or 0 for one in proposed]
        assert not rates or min(rates) * 10 >= max(rates) * 9, (slip, proposed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Michigan", "write US"),
        ("California", "write US"),
        ("Ontario", "write CA"),
        ("Austrlia", "is called 'Austrlia'; write the country"),
        ("Irak", "is called 'Irak'; write the country"),
        ("OC", "is no country"),
    ],
)
def test_no_other_country_is_proposed(text: str, said: str) -> None:
    with pytest.raises(UnknownName) as caught:
        country(text)
    assert said in str(caught.value)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Republic of China (Taiwan)", "TW"),
        ("Congo, Dem. Rep.", "CD"),
        ("Congo, Republic of the", "CG"),
        ("Congo, Rep.", "CG"),
        ("Korea, Rep.", "KR"),
        ("Korea, Dem. People's Rep.", "KP"),
        ("Hong Kong SAR, China", "HK"),
        ("N\u200bA", "NA"),
    ],
)
def test_names_of_countries_in_lists_of_others(text: str, code: str) -> None:
    assert country(text) == code


@pytest.mark.parametrize(
    ("provider", "region", "code"),
    [
        ("linode", "ap-west", "IN"),
        ("akamai", "ap-south", "SG"),
        ("coreweave", "EU-SOUTH-04A", "ES"),
        ("coreweave", "EU-NORTH-02A", "NO"),
        ("gcp", "us-south1-ai1b", "US"),
        ("gcp", "us-east2", "US"),
        ("gcp", "europe-west4-ai1a", "NL"),
        ("azure", "eastus3", "US"),
        ("lambda", "asia-northeast-2", "JP"),
        ("lambda", "us-midwest-1", "US"),
    ],
)
def test_regions(provider: str, region: str, code: str) -> None:
    assert find_region(provider, region).country == code


@pytest.mark.parametrize(
    ("provider", "region", "said"),
    [
        ("azure", "brazilus", "may be in BR or US"),
        ("lambda", "europe-south-1", "in a country that is not known"),
        ("gcp", "is-central1", "no region of gcp is called 'is-central1'; write the country"),
        ("vast", "anywhere", "no region of vast"),
    ],
)
def test_regions_that_say_no_country(provider: str, region: str, said: str) -> None:
    with pytest.raises(UnknownName) as caught:
        find_region(provider, region)
    assert said in str(caught.value)
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("provider", "name", "expected", "count"),
    [
        ("aws", "g4ad.16xlarge", "Radeon Pro V520", 4),
        ("azure", "Standard_NV24s_v2", "M60", 4),
        ("azure", "Standard_NV4as_v4", "MI25", Fraction(1, 8)),
        ("lambda", "gpu_8x_v100_n", "V100-SXM2-16GB", 8),
        ("lambda", "gpu_2x_b200_sxm6", "B200", 2),
        ("coreweave", "gb200-4x", "GB200", 4),
        ("nebius", "gpu-h100-sxm_8gpu-128vcpu-1600gb", "H100-SXM5-80GB", 8),
        ("digitalocean", "gpu-h100x8-640gb", "H100-SXM5-80GB", 8),
    ],
)
def test_instances(provider: str, name: str, expected: str, count: Fraction | int) -> None:
    found = find_instance(provider, name)
    assert (found.accelerator, found.count) == (expected, count)


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("aws", "t2.micro"),
        (None, "m5.24xlarge"),
        ("azure", "Standard_D2s_v5"),
        ("gcp", "n2-standard-8"),
        ("lambda", "cpu_4x_general"),
    ],
)
def test_a_type_without_accelerators_is_told_from_an_unknown_one(
    provider: str | None, name: str
) -> None:
    with pytest.raises(RefusedName, match="has no accelerators"):
        find_instance(provider, name)
    with pytest.raises(RefusedName, match="has no accelerators"):
        catalog().find(name)


@pytest.mark.parametrize("name", ["p99.xlarge", "trn9.48xlarge", "t2.gigantic"])
def test_an_unknown_type_is_unknown(name: str) -> None:
    with pytest.raises(UnknownName, match="no instance type of aws") as caught:
        find_instance("aws", name)
    assert not isinstance(caught.value, RefusedName)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NVIDIA-A100-SXM4-40GB-MIG-INVALID", "slices the node's label cannot tell"),
        ("AMD_Instinct_MI300X_VF", "a virtual function (VF)"),
    ],
)
def test_labels_of_parts_are_explained(name: str, said: str) -> None:
    with pytest.raises(RefusedName) as caught:
        catalog().find(name)
    assert said in caught.value.message
    assert "count the GPUs" in caught.value.fix


def test_contested_figures_say_which_was_taken_and_why() -> None:
    tpp = {one: shipped()[one].mtpp() for one in ("Gaudi2", "Ascend 910C", "MI308X")}
    assert tpp == {"Gaudi2": 6_920_000, "Ascend 910C": 12_800_000, "MI308X": 10_459_200}
    assert "7,200" in shipped()["Gaudi2"].note
    assert "12,480" in shipped()["Ascend 910C"].note
    assert "no dense rate" in shipped()["MI308X"].note
    assert shipped()["Ascend 910 (2019)"].performance_density is None
    assert "3.34" in shipped()["Ascend 910 (2019)"].note


@pytest.mark.parametrize(
    ("name", "tpp"),
    [
        ("RTX 4090", "5284.8"), ("RTX 5090", "6704"), ("RTX 3090", "2288"), ("RTX 3090 Ti", "2560"),
        ("RTX 4080", "3120"), ("Rubin CPX", "120000"), ("MI455X", "161040"), ("TPU 8t", "50400"),
        ("TPU 8i", "40400"), ("TPU v1", "736"), ("Ascend 910A", "4096"),
        ("Ascend 910B Pro", "4480"),
        ("Ascend 920", "14400"), ("Ascend 960", "16000"), ("Ascend 970", "32000"),
        ("MLU290", "4096"), ("MLU370-S4", "1536"), ("MLU370-X4", "2048"), ("MTIA 400", "48000"),
        ("Dojo D1", "5792"), ("SN40L", "10240"), ("Blackhole p150a", "5312"),
        ("Hanguang 800", "6600"), ("MTT S4000", "1600"), ("Kunlun R200", "2048"),
        ("Groq 3 LPU", "9840"),
    ],
)  # fmt: skip
def test_rates_of_later_models(name: str, tpp: str) -> None:
    chip = shipped()[name]
    assert Fraction(chip.mtpp() or 0, 1000) == Fraction(tpp)
    assert chip.confidence == "low"
    assert chip.source
