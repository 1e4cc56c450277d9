"""Countries, regions and instance types: every trap is a silent compliance error elsewhere."""

from __future__ import annotations

import csv
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from iso3166 import countries

from placement.catalog import (
    RefusedName,
    UnknownName,
    all_codes,
    country,
    country_name,
    find_instance,
    find_region,
    load_catalog,
    provider_key,
    region_country,
)
from placement.catalog.countries import _folded, _names
from placement.catalog.csv_tables import rows
from placement.enums import Confidence


def data(*parts: str) -> Path:
    """Return a file of the real data; skip where there is none."""
    named = os.environ.get("PLACEMENT_REAL_DATA")
    above = [parent / "shared" / "data" for parent in Path(__file__).resolve().parents]
    for folder in [Path(named)] if named else above:
        if (found := folder.joinpath(*parts)).exists():
            return found
    pytest.skip("no real data: set PLACEMENT_REAL_DATA")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NA", "NA"),
        ("na", "NA"),
        ("Namibia", "NA"),
        (" us ", "US"),
        ("USA", "US"),
        ("U.S.", "US"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("UK", "GB"),
        ("uk", "GB"),
        ("United Kingdom", "GB"),
        ("England", "GB"),
        ("EL", "GR"),
        ("are", "AE"),
        ("UAE", "AE"),
        ("Republic of Korea", "KR"),
        ("Korea (Republic of)", "KR"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("DPRK", "KP"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Hong Kong", "HK"),
        ("Hong Kong, China", "HK"),
        ("Macao", "MO"),
        ("Macau SAR", "MO"),
        ("Taiwan", "TW"),
        ("Taiwan, Province of China", "TW"),
        ("Puerto Rico", "PR"),
        ("Guam", "GU"),
        ("DR Congo", "CD"),
        ("Congo (Brazzaville)", "CG"),
        ("GE", "GE"),
        ("GEO", "GE"),
        ("Republic of Georgia", "GE"),
        ("Jersey", "JE"),
        ("Türkiye", "TR"),
        ("turkiye", "TR"),
        ("Turkey", "TR"),
        ("Cote d\u2019Ivoire", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("The Gambia", "GM"),
        ("Viet Nam", "VN"),
        ("Iran (Islamic Republic of)", "IR"),
        ("United Kingdom of Great Britain and Northern Ireland", "GB"),
        ("Netherlands (Kingdom of the)", "NL"),
        ("Trinidad & Tobago", "TT"),
        ("U.S. Virgin Islands", "VI"),
        ("BVI", "VG"),
        ("Kosovo", "XK"),
    ],
)
def test_countries(text: str, code: str) -> None:
    assert country(text) == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Korea", "KR .*KP"),
        ("Congo", "CG .*CD"),
        ("the congo", "CG .*CD"),
        ("Georgia", "GE for the country, US for the state"),
        ("Virgin Islands", "VI .*VG"),
        ("St. Martin", "MF .*SX"),
        ("America", "write US for the United States"),
        ("Republic of China", "TW .*CN"),
        ("Europe", "is no country"),
        ("EU", "is no country"),
        ("Asia", "is no country"),
        ("asia-pacific", "is no country"),
        ("Crimea", "no ISO 3166 code and is judged nowhere; treat it as barred"),
        ("Republic of Crimea", "treat it as barred"),
        ("Donetsk People's Republic", "treat it as barred"),
    ],
)
def test_what_is_several_countries_or_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(RefusedName, match=said):
        country(text)


@pytest.mark.parametrize(
    "text",
    ["United Kingdon", "New Jersey", "Georgia, US, NA", ", US, NA", "N/A", "n.a.", "nan", "", " ",
     "\u00df", "\u00dfD", "a\u00df", "\ufb01", "\u017fd",
     "US-GA", "ZZ", "XX", "Unknown", "u s", "-", "Virginia", "K\u00f6rea",
     "US\x00", "US?", "Niger?"],
)  # fmt: skip
def test_nothing_is_guessed(text: str) -> None:
    with pytest.raises(UnknownName):
        country(text)


def test_a_near_name_is_proposed() -> None:
    with pytest.raises(UnknownName, match="did you mean 'United Kingdom'"):
        country("United Kingdon")


def test_every_code_and_iso_name_is_accepted_in_any_case() -> None:
    assert len(all_codes()) == len(list(countries)) >= 249
    refused = {"CG", "GE"}
    for one in countries:
        assert country(one.alpha2.lower()) == country(one.alpha3.lower()) == one.alpha2
        if one.alpha2 in refused:
            with pytest.raises(RefusedName):
                country({"CG": "Congo", "GE": "Georgia"}[one.alpha2])
        else:
            assert country(one.name.upper()) == one.alpha2
            assert country(country_name(one.alpha2)) == one.alpha2


def test_names_we_print() -> None:
    assert country_name("GB") == "United Kingdom"
    assert country_name("NA") == "Namibia"
    assert country_name("TW") == "Taiwan"
    for wrong in ("UK", "us", "", "ZZ"):
        with pytest.raises(UnknownName):
            country_name(wrong)


def test_aliases_never_contradict_each_other_iso_or_a_code() -> None:
    seen = {_folded(one.name): one.alpha2 for one in countries}
    codes = {code: one.alpha2 for one in countries for code in (one.alpha2, one.alpha3)}
    for row in rows("country_aliases"):
        assert row["country"] in all_codes(), row
        name = _folded(row["alias"])
        assert seen.setdefault(name, row["country"]) == row["country"], row
        code = codes.get(row["alias"].upper())
        assert code in (None, row["country"]), row
        assert row["alias"] == "Georgia" or country(row["alias"]) == row["country"], row
    assert "na" not in _names()


def test_one_printed_name_per_country() -> None:
    named = [row["country"] for row in rows("country_aliases") if row["kind"] == "name"]
    assert len(named) == len(set(named))
    assert len(rows("country_aliases")) > 150


def test_the_countries_of_the_real_data() -> None:
    with data("epoch", "data_centers.csv").open(encoding="utf-8", newline="") as file:
        found = {row["Country"] for row in csv.DictReader(file)}
    assert {country(name) for name in found} >= {"US", "CN", "AE", "GB", "MY"}


LOCAL_ZONES = {
    "us-east-1-qro-1a": "MX",
    "us-east-1-scl-1a": "CL",
    "us-east-1-bue-1a": "AR",
    "us-east-1-lim-1a": "PE",
    "us-east-1-bos-1a": "US",
    "eu-central-1-waw-1a": "PL",
    "eu-central-1-ath-1a": "GR",
    "eu-central-1-ist-1a": "TR",
    "eu-central-1-ham-1a": "DE",
    "eu-north-1-cph-1a": "DK",
    "eu-north-1-hel-1a": "FI",
    "eu-west-3-cmn-1a": "MA",
    "ap-southeast-1-bkk-1a": "TH",
    "ap-southeast-1-han-1a": "VN",
    "ap-southeast-1-mnl-1a": "PH",
    "ap-southeast-2-akl-1a": "NZ",
    "ap-northeast-1-tpe-1a": "TW",
    "me-south-1-mct-1a": "OM",
    "af-south-1-los-1a": "NG",
}


@pytest.mark.parametrize("zone", LOCAL_ZONES)
def test_local_zones_stand_where_they_stand(zone: str) -> None:
    assert region_country("aws", zone) == LOCAL_ZONES[zone]
    assert region_country("aws", zone[:-1].upper()) == LOCAL_ZONES[zone]


@pytest.mark.parametrize(
    ("provider", "zone"),
    [
        ("aws", "us-east-1-xyz-1"),
        ("aws", "us-east-1-xyz-1a"),
        ("aws", "us-east-1-qro-2a"),
        ("aws", "us-east-1-qro-1aa"),
        ("aws", "us-east-1-wl1-bos-wlz-1"),
        ("aws", "eu-west-3-wl1-cmn-wlz-1"),
        ("gcp", "us-central1-ai2b"),
        ("gcp", "us-central1-aa"),
    ],
)
def test_an_unknown_zone_of_a_known_region_is_refused(provider: str, zone: str) -> None:
    with pytest.raises(RefusedName, match="may stand in another country"):
        region_country(provider, zone)


@pytest.mark.parametrize(
    ("provider", "region", "code"),
    [
        ("aws", "ap-southeast-3", "ID"),
        ("alibaba", "ap-southeast-3", "MY"),
        ("aws", "ap-southeast-5", "MY"),
        ("alibaba", "ap-southeast-5", "ID"),
        ("aws", "ap-southeast-6", "NZ"),
        ("alibaba", "ap-southeast-6", "PH"),
        ("aws", "eu-west-1", "IE"),
        ("alibaba", "eu-west-1", "GB"),
        ("nebius", "eu-west1", "FR"),
        ("aws", "eu-west-2", "GB"),
        ("alibaba", "eu-west-2", "FR"),
        ("aws", "me-central-1", "AE"),
        ("alibaba", "me-central-1", "SA"),
        ("gcp", "me-central1", "QA"),
        ("aws", "eu-north-1", "SE"),
        ("nebius", "eu-north1", "FI"),
        ("azure", "eastasia", "HK"),
        ("azure", "southeastasia", "SG"),
        ("azure", "mexicocentral", "MX"),
        ("azure", "brazilsoutheast", "BR"),
        ("azure", "West Europe", "NL"),
        ("Microsoft Azure", "East US 2", "US"),
        ("azure", "NORTHEUROPE", "IE"),
        ("runpod", "US-DE-1", "US"),
        ("runpod", "us-ga-1", "US"),
        ("Oracle Cloud Infrastructure", "me-dcc-muscat-1", "OM"),
        ("oracle", "ap-dcc-gazipur-1", "BD"),
        ("oci", "eu-jovanovac-1", "RS"),
        ("Amazon", "us-east-1a", "US"),
        ("Amazon Web Services", "ap-northeast-1c", "JP"),
        ("aws", "us-gov-west-1", "US"),
        ("Google Cloud", "us-central1-a", "US"),
        ("google_cloud", "europe-west10-b", "DE"),
        ("gcp", "us-central1-ai1a", "US"),
        ("vultr", "fra", "DE"),
        ("ovh", "UK", "GB"),
    ],
)
def test_regions(provider: str, region: str, code: str) -> None:
    assert region_country(provider, region) == code


@pytest.mark.parametrize(
    ("provider", "region"),
    [
        ("aws", "eu-west1"),
        ("aws", "useast1"),
        ("aws", "us-east"),
        ("aws", "us_east_1"),
        ("aws", ""),
        ("gcp", "eu-west-1"),
        ("gcp", "us-central1a"),
        ("nebius", "eu-west-1"),
        ("azure", "west-europe"),
        ("azure", "Europe"),
        ("azure", "global"),
        ("azure", "westeurope1a"),
        ("alibaba", "eu-west-1a"),
        ("runpod", "US-ZZ-1"),
    ],
)
def test_unknown_regions_are_not_guessed(provider: str, region: str) -> None:
    with pytest.raises(UnknownName) as caught:
        region_country(provider, region)
    assert caught.value.fix


def test_a_region_needs_a_provider() -> None:
    for nobody in ("", "acme", "a w s"):
        with pytest.raises(UnknownName, match="no provider is called"):
            region_country(nobody, "us-east-1")
    assert provider_key(" Google-Cloud_Platform ") == "gcp"


def test_a_region_tells_how_far_to_trust_it() -> None:
    region = find_region("azure", "eastus3")
    assert (region.country, region.confidence) == ("US", Confidence.LOW)
    assert find_region("aws", "us-east-1-qro-1a").kind == "local-zone"
    assert find_region("aws", "us-east-1a").region == "us-east-1"


def test_every_region_of_the_table_resolves_to_its_own_row() -> None:
    open_questions = []
    for row in rows("regions"):
        if row["country"] not in all_codes():
            open_questions.append(row["region"])
            with pytest.raises(RefusedName, match="write the country"):
                find_region(row["provider"], row["region"])
            continue
        found = find_region(row["provider"], row["region"])
        assert (found.region, found.country) == (row["region"], row["country"])
    assert open_questions == ["brazilus", "europe-south-1"]


def test_azure_display_names_of_the_real_data() -> None:
    listed = json.loads(data("azure", "locations.tf.json").read_text(encoding="utf-8"))
    physical = [
        one
        for one in listed["locals"]["locations_cached"]["value"]
        if one["metadata"]["regionType"] == "Physical"
    ]
    assert len(physical) > 50
    for one in physical:
        assert find_region("azure", one["displayName"]) == find_region("azure", one["name"])


@pytest.mark.parametrize(
    ("provider", "instance_type", "expected", "count"),
    [
        ("aws", "p5.48xlarge", "H100-SXM5-80GB", 8),
        (None, "P5.48XLARGE", "H100-SXM5-80GB", 8),
        ("aws", "g6f.large", "L4", Fraction(1, 8)),
        ("aws", "gr6f.4xlarge", "L4", Fraction(1, 2)),
        ("azure", "Standard_NV6ads_A10_v5", "A10", Fraction(1, 6)),
        ("azure", "standard_nv12ads_a10_v5", "A10", Fraction(1, 3)),
        ("gcp", "g2-standard-24", "L4", 2),
        ("gcp", "g2-standard-32", "L4", 1),
        ("gcp", "g4-standard-6", "RTX PRO 6000 Blackwell Server Edition", Fraction(1, 8)),
        ("gcp", "v5p-8", "TPU v5p", 4),
        ("gcp", "v6e-8", "TPU v6e (Trillium)", 8),
        ("aws", "p2.16xlarge", "K80", 16),
        ("aws", "g7.2xlarge", "RTX PRO 4500 Blackwell Server Edition", 1),
        ("oracle", "BM.GPU.H100.8", "H100-SXM5-80GB", 8),
    ],
)
def test_instances(
    provider: str | None, instance_type: str, expected: str, count: Fraction | int
) -> None:
    accelerator, found = load_catalog().instance(provider, instance_type)
    assert (accelerator.model, found) == (expected, count)


def test_unknown_instances_and_those_of_another_provider() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'p5\.48xlarge'"):
        load_catalog().instance("aws", "p5.48xlarg")
    with pytest.raises(UnknownName, match="no instance type of azure"):
        load_catalog().instance("azure", "p5.48xlarge")
    with pytest.raises(UnknownName, match="no provider"):
        load_catalog().instance("acme", "p5.48xlarge")


def test_every_instance_type_of_the_table_is_one_of_a_kind() -> None:
    models = load_catalog().accelerators
    for row in rows("instances"):
        found = find_instance(None, row["instance_type"])
        assert (found.provider, found.accelerator) == (row["provider"], row["accelerator"])
        assert found.accelerator in models
        assert found.count > 0
        assert (found.count * 24).denominator == 1
    assert find_instance("azure", "Standard_NC8ads_A10_v4").confidence is Confidence.LOW
