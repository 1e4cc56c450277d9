"""Packs: those that ship, and the exact words for each fault of a user's own."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from placement.errors import PolicyError, UsageError
from placement.policy import load_policy, parse_policy, shipped_packs

TEXT = (resources.files("placement.policy") / "packs" / "ai-diffusion-2025.toml").read_text("utf-8")
LATER = date(2026, 8, 1)

# 15 CFR part 740 supp. no. 5 para. (a), and D:5 as reconstructed for 2025-01-15, plus Macau.
TIER1 = "AU BE CA DK FI FR DE IE IT JP NL NZ NO KR ES SE TW GB US".split()
D5 = "AF BY CD CF CN CU ER HT IQ IR KH KP LB LY MM NI RU SD SO SS SY VE ZW".split()
TERRITORIES = {"PR", "GU", "VI", "AS", "MP"}


def test_packs_that_ship() -> None:
    assert {"ai-diffusion-2025", "ai-diffusion-2025-basic"} <= set(shipped_packs())


@pytest.mark.parametrize("name", shipped_packs())
def test_every_pack_loads_and_cites(name: str) -> None:
    policy = load_policy(name)
    assert policy.pack.id == name
    assert policy.digest.startswith("sha256:")
    assert all(rule.citation and rule.as_of for rule in policy.pack.rules)


def test_tiers_are_those_of_the_rule() -> None:
    groups = load_policy(options={"dependencies": "separate"}).groups_on(date(2025, 8, 1))
    assert groups["tier1"] == {*TIER1, "UM"} | TERRITORIES
    assert groups["tier3"] == {*D5, "HK", "MO"}
    assert len(D5) == 23
    assert "NA" in groups["outside_tier1"]
    assert groups["outside_tier1"] >= groups["tier3"]
    assert groups["outside_us"] == groups["everywhere"] - groups["us"]


def test_cambodia_leaves_tier_3() -> None:
    policy = load_policy()
    assert "KH" in policy.groups_on(date(2025, 11, 6))["tier3"]
    assert "KH" not in policy.groups_on(date(2025, 11, 7))["tier3"]


def test_tier_2_of_the_basic_pack_is_the_rest() -> None:
    groups = load_policy("ai-diffusion-2025-basic").groups_on(LATER)
    assert groups["tier2"] == groups["everywhere"] - groups["tier1"] - groups["tier3"]
    assert {"NA", "MY", "AE", "KH", "CY", "IL"} <= groups["tier2"]


def test_options_move_territories_and_dependencies() -> None:
    options = {"us_territories": "separate", "dependencies": "sovereign"}
    groups = load_policy(options=options).groups_on(LATER)
    assert "PR" in groups["outside_us"] & groups["outside_tier1"]
    assert {"JE", "BM", "GL", "NC"} <= groups["tier1"]


def test_formulas() -> None:
    formulas = {rule.id: rule.formula() for rule in load_policy().pack.rules[:4]}
    assert formulas == {
        "uveu.outside_t1": "tpp(outside_tier1) <= 0.25 * tpp(fleet)",
        "uveu.single_country": "tpp(each country of outside_tier1) <= 0.07 * tpp(fleet)",
        "uveu.outside_us": "tpp(outside_us) <= 0.50 * tpp(fleet)",
        "uveu.t3_location": "tpp(each country of tier3) = 0",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'limit = "0.07"',
            'limit = "7"',
            "x.toml:{line}: rules.2.limit '7': a share lies between 0 and 1, 7 does not; "
            'write 7 percent as "0.07"',
        ),
        (
            'limit = "0.07"',
            "limit = 0.07",
            "x.toml:{line}: rules.2.limit '0.07': must be text; "
            "put the value in quotes, so that it stays exact",
        ),
        (
            'per = "each place"',
            'por = "each place"',
            "x.toml:{line}: rules.2.por: unknown key 'por'; did you mean 'per'?",
        ),
        (
            'schedule = "always"',
            'schedule = "alway"',
            "x.toml:{line}: rules.4.schedule: there is no schedule 'alway'; did you mean 'always'?",
        ),
        (
            'numerator = "tier3"',
            'numerator = "tier4"',
            "x.toml:{line}: rules.4.numerator: there is no group 'tier4'; "
            "did you mean 'tier3', 'tier2', 'tier1'?",
        ),
        (
            '"AU", "BE"',
            '"UK", "BE"',
            "x.toml:{line}: groups.tier1.members: 'UK' is not an ISO 3166-1 alpha-2 code",
        ),
        (
            'binds = { authorization = "uveu", headquarters = "us", whose',
            'binds = { authorization = "uvue", headquarters = "us", whose',
            "x.toml:{line}: rules.3.binds: there is no authorization 'uvue'; did you mean 'uveu'?",
        ),
        (
            'id = "uveu.t3_location"',
            'id = "uveu.outside_t1"',
            "x.toml:{line}: rules.4.id: two rules are called 'uveu.outside_t1'; "
            "give each its own id",
        ),
        (
            'all_except = ["us"]',
            'all_except = ["outside_us"]',
            "x.toml:{line}: groups.outside_us.all_except: group 'outside_us' excludes itself; "
            "break the loop",
        ),
    ],
)
def test_fault_of_a_pack_in_exact_words(old: str, new: str, message: str) -> None:
    assert old in TEXT
    changed = TEXT.replace(old, new, 1)
    with pytest.raises(PolicyError) as raised:
        parse_policy(changed.encode(), "x.toml")
    assert str(raised.value) == message.format(line=_line_of(changed, TEXT.index(old) + len(new)))


def _line_of(text: str, end: int) -> int:
    """Return the line of the last key before a place in the text."""
    lines = text[:end].splitlines()
    return max(n for n, line in enumerate(lines, start=1) if re.match(r"\w+ =", line))


def test_faults_are_listed_together() -> None:
    text = TEXT.replace('limit = "0.07"', 'limit = "7"').replace('limit = "0.50"', 'limit = "50"')
    with pytest.raises(PolicyError) as raised:
        parse_policy(text.encode(), "x.toml")
    assert len(raised.value.problems) == 2


def test_not_toml_and_not_utf8() -> None:
    with pytest.raises(PolicyError, match=r"x\.toml:1: is not TOML"):
        parse_policy(b"=", "x.toml")
    with pytest.raises(PolicyError, match="is not UTF-8; save it as UTF-8"):
        parse_policy(b"\xff", "x.toml")


def test_unknown_pack_and_options(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'ai-diffusion-2025'"):
        load_policy("ai-difusion-2025")
    with pytest.raises(UsageError, match="no such policy file"):
        load_policy(str(tmp_path / "none.toml"))
    with pytest.raises(UsageError, match="did you mean 'tf32_bits'"):
        load_policy(options={"tf32": "19"})
    with pytest.raises(UsageError, match="one of: 19, 32, 0"):
        load_policy(options={"tf32_bits": "18"})


def test_a_pack_by_path_is_the_pack(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(TEXT, "utf-8")
    assert load_policy(str(path)).pack == load_policy().pack
