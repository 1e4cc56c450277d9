"""`placement policy show --places`: one line each, worked out from the packs, checked by hand."""

from __future__ import annotations

import json
from datetime import date

import pytest

from placement.catalog import load_catalog
from placement.compliance.places import Places, company_of, places_of
from placement.policy import load_policy
from placement.render import policy_places as render
from tests.support.policy_command import Command

DAY = date(2026, 11, 30)
CATALOG = load_catalog()
#: place -> (tier, channels, licence, limits, enforced)
Line = tuple[str | None, str, str, list[str], str]


def places(
    pack: str, *where: str, seat: str | None = "US", held: str = "", chip: str = "B200"
) -> dict[str, Line]:
    company = None if seat is None else company_of(seat, frozenset(held.split()))
    found = places_of(load_policy(pack), CATALOG, where, company, DAY, chip)
    return {
        one.place: (
            one.tier,
            "none" if one.channels is None else " ".join(way.channel for way in one.channels),
            "; ".join(f"{rule.what} {rule.rule}" for rule in (*one.barred, *one.licence)),
            [f"{rule.rule} {rule.what}" for rule in one.limits],
            one.enforced,
        )
        for one in found.lines
    }


OUTSIDE = "uveu.outside_t1 <= 25 % in all of outside_tier1"
SINGLE = "uveu.single_country <= 7 %"
ABROAD = "uveu.outside_us <= 50 % in all of outside_us"
NATION = "country.alloc <= 790,000,000 TPP"
YEAR = "lpp.cap <= 26,900,000 TPP a calendar year"


def test_a_us_company_with_a_universal_authorization() -> None:
    found = places("ai-diffusion-2025", "AE", "MY", "IN", "GB", "PL", "US", held="uveu")
    outside: Line = ("tier2", "uveu", "", [OUTSIDE, SINGLE, ABROAD], "no")
    assert found == {
        **dict.fromkeys(("AE", "MY", "IN", "PL"), outside),
        "GB": ("tier1", "uveu", "", [ABROAD], "no"),
        "US": ("tier1", "", "", [], "nothing binds"),
    }


def test_a_us_company_without_one_needs_licences_beyond_lpp() -> None:
    found = places("ai-diffusion-2025", "AE", "MY", "GB", "CN")
    beyond: Line = ("tier2", "lpp licence", "needed beyond lpp t2.licence", [NATION, YEAR], "no")
    assert found == {
        "AE": beyond,
        "MY": beyond,
        "GB": ("tier1", "aia", "", [], "nothing binds"),
        "CN": ("tier3", "licence", "needed t3.licence", [], "yes"),
    }


def test_a_company_of_the_emirates_with_a_national_authorization_for_them() -> None:
    found = places("ai-diffusion-2025", "AE", "GB", seat="AE", held="nveu:AE")
    assert found["AE"] == ("tier2", "nveu", "", ["nveu.cap <= 4,272,750,000 TPP"], "no")
    assert found["GB"] == ("tier1", "lpp licence", "needed beyond lpp t1.licence", [YEAR], "no")


def test_a_chinese_company_needs_a_licence_that_is_enforced_anywhere() -> None:
    found = places("ai-diffusion-2025", "MY", seat="CN")["MY"]
    assert found[1] == "licence"
    assert set(found[2].split("; ")) == {"needed t2.licence", "needed t3hq.licence"}
    assert found[4] == "only t3hq.licence"


def test_what_is_enforced_today() -> None:
    found = places("us-ear-enforced", "AE", "MY", "IN", "GB", "IL", "HK")
    free: Line = ("free", "licence", "", [], "nothing binds")
    needed: Line = ("controlled", "licence", "needed ear.destination", [], "yes")
    assert found == {
        **dict.fromkeys(("AE", "HK"), needed),
        **dict.fromkeys(("MY", "IN", "GB", "IL"), free),
    }
    assert places("us-ear-enforced", "MY", seat="CN")["MY"][2].startswith("needed ")


def test_a_chip_that_is_not_for_data_centres_goes_by_exception() -> None:
    """An RTX 5090 meets 3A090.a by its TPP; ACA takes it to the Emirates, and not to China."""
    found = places("us-ear-enforced", "AE", "CN", chip="RTX 5090")
    assert found["AE"][2] == ""
    assert found["CN"][2].startswith("needed, or nac on record ")


def test_a_pack_without_a_ledger_says_so(policy: Command) -> None:
    found = places("ai-diffusion-2025-basic", "MY", "US", seat=None)
    assert found["MY"][:2] == ("tier2", "none")
    assert "basic.single_country <= 7 %" in found["MY"][3]
    assert "basic.us >= 50 % in all of us" in found["US"][3]
    _, text, _ = policy("show", "ai-diffusion-2025-basic", "--places", "MY")
    assert "the pack has no ledger" in text
    assert "the pack asks for none" in text


def test_without_a_company_what_depends_on_it_is_said() -> None:
    found = places_of(load_policy("ai-diffusion-2025"), CATALOG, ["AE"], None, DAY, "B200")
    (line,) = found.lines
    assert [(way.channel, way.given) for way in line.channels or ()] == [
        ("uveu", "authorization uveu"),
        ("nveu", "authorization nveu, headquarters in not_tier3"),
        ("lpp", "headquarters in not_tier3"),
        ("licence", ""),
    ]
    assert {one.rule: one.given for one in line.licence}["t3hq.licence"] == "headquarters in tier3"
    text = render.text(found)
    assert "what rests on the company stands in brackets" in text
    assert "uveu.single_country <= 7 % [authorization uveu]" in text


def test_text_and_json_of_the_command(policy: Command) -> None:
    words = ("show", "us-ear-enforced", "--places", "United Arab Emirates,MY",
             "--headquarters", "US", "--as-of", "2026-11-30")  # fmt: skip
    lines = policy(*words)[1].splitlines()
    assert lines[0] == (
        "us-ear-enforced 2 on 2026-11-30: one H100-SXM5-80GB of a company seated in US, "
        "authorization none"
    )
    assert [line.split()[:5] for line in lines[3:]] == [
        ["AE", "controlled", "licence", "needed", "(ear.destination)"],
        ["MY", "free", "licence", "not", "needed"],
    ]
    record = json.loads(policy(*words, "--output", "json")[1])
    assert record["schema"] == "placement.places/1"
    assert record["company"] == {"headquarters": "US", "authorization": []}
    assert [(one["place"], one["enforced"]) for one in record["places"]] == [
        ("AE", "yes"),
        ("MY", "nothing binds"),
    ]


def test_a_pack_that_is_not_enforced_is_not_shown_as_all_of_the_law(policy: Command) -> None:
    words = ("show", "ai-diffusion-2025", "--places", "AE,GB,VN,CN", "--headquarters", "US",
             "--authorization", "uveu", "--as-of", "2026-11-30")  # fmt: skip
    told = policy(*words)[1].splitlines()
    assert "not needed" in told[3]
    assert told[-2:] == [
        "in force today, not shown here: china-h200-2026: licence needed to ship there "
        "(cn2026.licence): CN; barred to ship there from outside_us (cn2026.reexport): CN",
        "in force today, not shown here: us-ear-enforced: licence needed (ear.destination): "
        "AE, VN, CN",
    ]
    record = json.loads(policy(*words, "--output", "json")[1])
    assert record["in_force"] == told[-2:]
    quiet = policy("show", "ai-diffusion-2025", "--places", "GB", "--headquarters", "US")[1]
    assert "in force today" not in quiet


def test_what_is_shipped_to_china_needs_a_licence() -> None:
    """The rule of 2026 changed the review, not the duty (facts, 12.7)."""
    (line,) = places_of(load_policy("china-h200-2026"), CATALOG, ["CN"], None, DAY).lines
    assert [(one.rule, one.what) for one in line.licence] == [
        ("cn2026.licence", "needed to ship there")
    ]
    assert [one.rule for one in line.barred] == ["cn2026.reexport"]


def test_what_hangs_on_a_record_or_a_figure_that_nobody_knows_is_said(policy: Command) -> None:
    """Of an RTX 4090 the catalogue has no bandwidth; NAC (740.8) is for it, on record."""
    words = ("--places", "CN", "--accelerator", "RTX 4090", "--headquarters", "US")
    _, text, _ = policy("show", "china-h200-2026", *words)
    doubt = "[if it counts: memory_bandwidth_gb_s of RTX 4090 is not known]"
    assert f"barred to ship there from us (cn2026.chip) {doubt}" in text
    assert "needed to ship there, or nac on record (cn2026.licence)" in text
    _, text, _ = policy("show", "us-ear-enforced", *words)
    assert "needed, or nac on record (ear.destination)" in text
    assert "cn2026.chip" not in text
    _, text, _ = policy("show", "us-ear-enforced", "--places", "CN", "--headquarters", "US")
    assert "on record" not in text  # an H100 is for data centers


def test_a_day_before_the_rules_is_said(policy: Command) -> None:
    words = ("show", "ai-diffusion-2025", "--places", "AE", "--headquarters", "US", "--as-of")
    _, early, _ = policy(*words, "2024-06-01")
    assert "NOT YET A RULE on 2024-06-01: uveu.outside_t1, " in early
    assert "NOT YET A RULE" not in policy(*words, "2026-08-01")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--places", "AE,Malaysa"), "did you mean 'Malaysia'?"),
        (("--places", " , "), "names no country"),
        (("--places", "AE", "--authorization", "uveu"), "give --headquarters, too"),
        (("--places", "AE", "--headquarters", "Mars"), "no country is called 'Mars'"),
        (("--places", "AE", "--headquarters", "US", "--authorization", "uvue"), "uveu"),
        (("--places", "AE", "--accelerator", "H1000"), "H1000"),
        (("--headquarters", "US"), "give PACK --places CC,CC"),
    ],
)
def test_faults(policy: Command, words: tuple[str, ...], said: str) -> None:
    code, _, errors = policy("show", "ai-diffusion-2025", *words)
    assert code == 2
    assert said in errors


def test_the_report_type_is_one_record() -> None:
    found = places_of(load_policy("us-ear-enforced"), CATALOG, ["AE", "AE"], None, DAY)
    assert isinstance(found, Places)
    assert [one.place for one in found.lines] == ["AE"]
