"""One US company with sites in five countries: every figure worked out by hand.

A GB300 has 60,000 TPP. In the first fleet stand (million TPP, GB300 in brackets):

    US 3,480 (58,000)  GB 600 (10,000)  AE 300 (5,000)  MY 120 (2,000)  IN 60 (1,000)  PL 30 (500)

All told 4,590; outside tier 1 (that is without US and GB) 510; outside the United States 1,110.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from placement import check
from placement.report import Finding, Report

AI, BASIC, EAR = "ai-diffusion-2025", "ai-diffusion-2025-basic", "us-ear-enforced"
FLEET = {"US": 58_000, "GB": 10_000, "AE": 5_000, "MY": 2_000, "IN": 1_000, "PL": 500}
SECOND = ("AE", "MY", "IN", "PL")
M = 1_000_000


def judged(
    folder: Path,
    *packs: str,
    authorization: str = "none",
    licensed: str = "no",
    fleet: dict[str, int] | None = None,
    options: dict[str, str] | None = None,
) -> Report:
    """Judge the fleet; `licensed`: what the lines of lots outside the United States say."""
    rows = [
        f"Co,{place}-1,{place},GB300,{count},2026-03-01,{'' if place == 'US' else licensed}\n"
        for place, count in (fleet or FLEET).items()
    ]
    path = folder / "inventory.csv"
    path.write_text("owner,site,country,accelerator,quantity,arrived,licensed\n" + "".join(rows))
    return check(
        path,
        policy=list(packs),
        headquarters="US",
        authorization=authorization,
        options=options,
        as_of="2026-11-30",
    )


def of(report: Report, rule: str) -> dict[str, Finding]:
    """Return what was judged of a rule, by place."""
    return {
        one.place: one
        for one in report.findings
        if one.rule == rule and one.verdict != "not_applicable"
    }


def amounts(found: dict[str, Finding]) -> dict[str, tuple[str, float]]:
    """Return verdict and million TPP by place."""
    return {
        place: (one.verdict.value, float(one.numerator or 0) / M) for place, one in found.items()
    }


# ---------------------------------------------------------------- the whole rule of January 2025


def test_with_a_universal_authorization_the_shares_decide(tmp_path: Path) -> None:
    """AE 300 / 4,590 = 6.536 %, of 7; 510 / 4,590 = 11.11 %, of 25; 1,110 / 4,590 = 24.18 %."""
    report = judged(tmp_path, AI, authorization="uveu")
    assert report.exit_code == 0
    shares = of(report, "uveu.single_country")
    assert {place: one.share for place, one in shares.items()} == {
        "AE": "0.065359", "MY": "0.026143", "IN": "0.013071", "PL": "0.006535",
    }  # fmt: skip
    assert amounts(of(report, "uveu.outside_t1")) == {"outside_tier1": ("ok", 510)}
    assert amounts(of(report, "uveu.outside_us")) == {"outside_us": ("ok", 1_110)}
    # Marked as unlicensed, and covered by the authorization.
    assert amounts(of(report, "t2.licence")) == {"second_tier": ("ok", 0)}
    assert not of(report, "country.alloc")


def test_a_thousand_more_in_one_country_are_too_many(tmp_path: Path) -> None:
    """360 / 4,650 = 7.741935 %: shares are rounded away from their limit."""
    report = judged(tmp_path, AI, authorization="uveu", fleet={**FLEET, "AE": 6_000})
    assert report.exit_code == 1
    found = of(report, "uveu.single_country")["AE"]
    assert (found.verdict, found.share) == ("breach", "0.077420")
    # What must leave: (360 - 7 % of 4,650) / 93 % = 34.5 / 0.93 = 37.097 million.
    assert found.headroom == "-37096774.194"


def test_without_one_nothing_covers_what_is_unlicensed(tmp_path: Path) -> None:
    """The year's 26.9 million of LPP go to the first line abroad that AIA does not cover: AE.

    26.9 million / 60,000 = 448.3, so 448 of 5,000; 4,552 x 60,000 = 273.12 million are left. GB is
    tier 1, and AIA covers it.
    """
    report = judged(tmp_path, AI)
    assert report.exit_code == 1
    assert amounts(of(report, "t2.licence")) == {
        "AE": ("breach", 273.12),
        "MY": ("breach", 120),
        "IN": ("breach", 60),
        "PL": ("breach", 30),
    }
    assert amounts(of(report, "t1.licence")) == {"tier1": ("ok", 0)}
    assert amounts(of(report, "lpp.cap")) == {"everywhere": ("ok", 26.88)}
    assert not of(report, "country.alloc")
    assert not any(one.enforced for one in report.findings if one.verdict == "breach")


def test_with_licences_each_country_is_charged(tmp_path: Path) -> None:
    report = judged(tmp_path, AI, licensed="yes")
    assert report.exit_code == 0
    assert amounts(of(report, "country.alloc")) == {
        "AE": ("ok", 300),
        "MY": ("ok", 120),
        "IN": ("ok", 60),
        "PL": ("ok", 30),
    }
    assert of(report, "country.alloc")["AE"].headroom == "490000000.000"
    assert amounts(of(report, "t2.licence")) == {"second_tier": ("ok", 0)}


def test_licences_for_more_than_a_country_may_have(tmp_path: Path) -> None:
    """13,167 x 60,000 = 790.02 million."""
    report = judged(tmp_path, AI, licensed="yes", fleet={**FLEET, "AE": 13_167})
    assert report.exit_code == 1
    assert amounts(of(report, "country.alloc"))["AE"] == ("breach", 790.02)
    assert amounts(of(report, "t2.licence")) == {"second_tier": ("ok", 0)}


def test_a_blank_is_taken_as_licensed_and_told(tmp_path: Path) -> None:
    report = judged(tmp_path, AI, licensed="")
    assert report.exit_code == 0
    assert amounts(of(report, "t2.licence")) == {"second_tier": ("ok", 0)}
    assert amounts(of(report, "country.alloc"))["AE"] == ("ok", 273.12)
    assert (
        "taken as licensed, since nothing says otherwise: AE 273,120,000 TPP, MY 120,000,000 TPP, "
        "IN 60,000,000 TPP, PL 30,000,000 TPP; --option blank_licence=unlicensed makes that a "
        "breach"
    ) in report.assumptions


def test_or_as_unlicensed(tmp_path: Path) -> None:
    report = judged(tmp_path, AI, licensed="", options={"blank_licence": "unlicensed"})
    assert report.exit_code == 1
    assert set(of(report, "t2.licence")) == set(SECOND)
    assert not any("taken as licensed" in one for one in report.assumptions)


# ------------------------------------------------------------------------- the two shares of all


@pytest.mark.parametrize("authorization", ["none", "uveu"])
def test_the_basic_pack_binds_whatever_is_held(tmp_path: Path, authorization: str) -> None:
    """3,480 / 4,590 = 75.8 % in the US, at least 50; AE 300 / 4,590, and 360 / 4,650 = 7.742 %."""
    report = judged(tmp_path, BASIC, authorization=authorization)
    assert report.exit_code == 0
    assert amounts(of(report, "basic.single_country")) == {
        "AE": ("ok", 300),
        "MY": ("ok", 120),
        "IN": ("ok", 60),
        "PL": ("ok", 30),
    }
    more = judged(tmp_path, BASIC, authorization=authorization, fleet={**FLEET, "AE": 6_000})
    assert more.exit_code == 1
    assert of(more, "basic.single_country")["AE"].share == "0.077420"


# ------------------------------------------------------------------------------ the law in force


@pytest.mark.parametrize(
    ("authorization", "licensed", "code"),
    [("uveu", "no", 1), ("none", "no", 1), ("none", "", 1), ("uveu", "", 1), ("none", "yes", 0)],
)
def test_what_is_enforced_asks_for_a_licence_in_the_emirates_alone(
    tmp_path: Path, authorization: str, licensed: str, code: int
) -> None:
    """AE is in D:4; MY, IN, PL and GB are in none of D:1, D:4 and D:5. No authorization helps."""
    report = judged(tmp_path, EAR, authorization=authorization, licensed=licensed)
    assert report.exit_code == code
    expected = {"AE": ("breach", 300)} if code else {"controlled": ("ok", 0)}
    assert amounts(of(report, "ear.destination")) == expected
    assert amounts(of(report, "ear.headquarters")) == {"everywhere": ("ok", 0)}
    assert all(one.enforced for one in report.findings)


# ----------------------------------------------------------------------------- two of them at once


def test_the_authorization_of_a_rule_that_nobody_enforces_covers_nothing(tmp_path: Path) -> None:
    """Under the rule of 2025 all is well, and the law in force says no: the worst verdict wins."""
    report = judged(tmp_path, AI, EAR, authorization="uveu")
    assert report.exit_code == 1
    broken = {(one.pack, one.rule, one.place) for one in report.findings if one.verdict == "breach"}
    assert broken == {(EAR, "ear.destination", "AE")}


def test_licences_keep_both(tmp_path: Path) -> None:
    report = judged(tmp_path, AI, EAR, licensed="yes")
    assert report.exit_code == 0
    assert {one.pack for one in report.findings} == {AI, EAR}


def test_a_blank_under_both_is_told_in_one_line(tmp_path: Path) -> None:
    report = judged(tmp_path, AI, EAR, licensed="")
    assert report.exit_code == 1
    (line,) = [one for one in report.assumptions if "taken as licensed" in one]
    assert line.startswith("taken as licensed, since nothing says otherwise: AE 273,120,000 TPP")
    assert "not enforced (t2.licence)" in line
    assert line.endswith(
        "those that are take a blank as no licence (us-ear-enforced:ear.destination: "
        "AE 300,000,000 TPP)"
    )


def test_the_basic_pack_beside_the_law_in_force(tmp_path: Path) -> None:
    report = judged(tmp_path, BASIC, EAR, authorization="uveu", fleet={**FLEET, "AE": 6_000})
    broken = {(one.pack, one.place) for one in report.findings if one.verdict == "breach"}
    assert broken == {(BASIC, "AE"), (EAR, "AE")}
