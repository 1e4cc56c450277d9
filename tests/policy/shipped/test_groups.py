"""The groups and channels of the packs that ship, written out, on the days that matter."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import resources

import pytest

from placement.catalog import all_codes
from placement.policy import Policy, load_policy, parse_policy
from placement.policy.rules import CapRule, ProhibitionRule

AI, CHINA, EAR = "ai-diffusion-2025", "china-h200-2026", "us-ear-enforced"
PACKS = {name: load_policy(name) for name in (AI, CHINA)}
LATER = date(2026, 8, 1)

# Groups on dates.

TIER1 = "AU BE CA DK FI FR DE IE IT JP NL NZ NO KR ES SE TW GB US".split()
D5 = "AF BY CD CF CN CU ER HT IQ IR KP LB LY MM NI RU SD SO SS SY VE ZW".split()
TERRITORIES = "PR GU VI AS MP".split()
#: What is treated as the country it belongs to: of GB, DK, FR, NO, NZ, FI and AU.
DEPENDENCIES = (
    "GG JE IM GI BM KY AI MS TC VG FK SH PN IO GL FO RE GP GF MQ YT NC PF PM BL MF WF SJ BV "
    "CK NU TK AX NF CX CC"
).split()
DAYS = [
    date(2024, 12, 31), date(2025, 1, 15), date(2025, 8, 1), date(2025, 11, 6), date(2025, 11, 7),
    date(2026, 8, 1), date(2028, 1, 1),
]  # fmt: skip


def home(policy: Policy, place: str, day: date) -> str:
    """Return the one group of the partition that a country is in."""
    groups = policy.groups_on(day)
    (found,) = [name for name in policy.pack.partition if place in groups[name]]
    return found


@pytest.mark.parametrize("name", [AI, f"{AI}-basic", CHINA, EAR])
@pytest.mark.parametrize("day", DAYS)
def test_every_country_is_in_one_group(name: str, day: date) -> None:
    policy = load_policy(name)
    assert policy.pack.partition
    for place in all_codes():
        assert home(policy, place, day)


def test_tiers_written_out() -> None:
    policy = PACKS[AI]
    for place in [*TIER1, *TERRITORIES, "UM"]:
        assert home(policy, place, LATER) == "tier1"
    for place in [*D5, "HK", "MO"]:
        assert home(policy, place, LATER) == "tier3"
    assert policy.groups_on(LATER)["tier3"] == {*D5, "HK", "MO"}
    assert policy.groups_on(LATER)["assured"] == frozenset()
    for place in "CY ET YE VN AE SA IL MY SG IN BR NA CH PL KH AW CW SX BQ".split():
        assert home(policy, place, LATER) == "tier2"


def test_cambodia_leaves_tier_3_on_its_day() -> None:
    for name in (AI, f"{AI}-basic"):
        assert home(load_policy(name), "KH", date(2025, 1, 15)) == "tier3"
        assert home(load_policy(name), "KH", date(2025, 11, 6)) == "tier3"
        assert home(load_policy(name), "KH", date(2025, 11, 7)) == "tier2"


def test_answers_move_countries() -> None:
    apart = load_policy(AI, {"us_territories": "separate"})
    own = load_policy(AI, {"dependencies": "separate"})
    for place in TERRITORIES:
        assert home(apart, place, LATER) == "tier2"
        assert place in apart.groups_on(LATER)["outside_us"]
    assert home(apart, "UM", LATER) == "tier1"
    for place in DEPENDENCIES:
        assert home(PACKS[AI], place, LATER) == "tier1"
        assert home(own, place, LATER) == "tier2"


def test_stock_in_tier_3_is_left_out_of_part_and_total() -> None:
    counted = PACKS[AI].groups_on(LATER)
    out = load_policy(AI, {"tier3_stock": "leave_out"}).groups_on(LATER)
    for name in ("outside_tier1", "outside_us", "fleet"):
        assert counted[name] >= counted["tier3"]
        assert out[name] == counted[name] - counted["tier3"]
    assert counted["fleet"] == frozenset(all_codes())
    assert counted["outside_tier1"] == frozenset(all_codes()) - counted["tier1"]


def test_whose_licences_are_charged() -> None:
    assert PACKS[AI].groups_on(LATER)["allocated"] == frozenset(all_codes())
    exempt = load_policy(AI, {"tier1_licences": "exempt"}).groups_on(LATER)
    assert exempt["allocated"] == frozenset(all_codes()) - exempt["tier1"]


def test_named_groups() -> None:
    assert PACKS[AI].groups_on(LATER)["pax_silica"] == set("US AU IL JP KR QA SG GB AE".split())
    china = PACKS[CHINA].groups_on(LATER)
    assert china["china"] == {"CN", "MO", "HK"}
    assert china["disclosed_users"] == set("BY CN CU IR MO KP RU VE".split())


def test_a_country_with_assurances_has_the_raised_allocation() -> None:
    text = (resources.files("placement.policy") / "packs" / f"{AI}.toml").read_text("utf-8")
    listed = 'members = [{ place = "AE", from = 2026-01-01 }]'
    assert text.count("members = []") == 1
    policy = parse_policy(text.replace("members = []", listed).encode(), "raised.toml")
    ledger, day = policy.pack.ledger, date(2026, 1, 1)
    assert ledger is not None
    assert home(policy, "AE", day - timedelta(days=1)) == "tier2"
    assert home(policy, "AE", day) == "assured"
    for name, place in (("country.alloc_g2g", "AE"), ("country.alloc", "MY")):
        rule = policy.rule(name)
        assert isinstance(rule, CapRule)
        assert place in policy.groups_on(day)[rule.numerator]
    assert "AE" not in policy.groups_on(day)["tier2"]


# How chips may come.


def test_channels_in_order() -> None:
    ledger = PACKS[AI].pack.ledger
    assert ledger is not None
    assert ledger.home == "us"
    found = [
        (one.id.value, one.binds.authorization, one.binds.headquarters, one.places, one.room)
        for one in ledger.channels
    ]
    assert found == [
        ("uveu", "uveu", None, "not_tier3", None),
        ("aia", None, "tier1", "tier1", None),
        ("nveu", "nveu", "not_tier3", "not_tier3", None),
        ("aca", None, "not_tier3", "not_tier3", None),
        ("nac", None, None, "tier3", None),
        ("acm", None, "not_tier3", "not_tier3", None),
        ("lpp", None, "not_tier3", "not_tier3", "lpp.cap"),
        ("licence", None, None, "everywhere", None),
    ]


def test_the_china_rule_begins_on_its_day_and_has_no_window_of_its_own() -> None:
    policy = PACKS[CHINA]
    begins = {rule.id: rule.since for rule in policy.pack.rules}
    assert begins.pop("cn2026.h20") == date(2025, 4, 1)
    assert set(begins.values()) == {date(2026, 1, 15)}
    assert set(policy.pack.options["window"].values) == {"since_rule", "ever", "calendar_year"}
    assert policy.pack.options["window"].default == "since_rule"
    chip = policy.rule("cn2026.chip")
    assert isinstance(chip, ProhibitionRule)
    assert chip.origin == "us"
    again = policy.rule("cn2026.reexport")
    assert isinstance(again, ProhibitionRule)
    assert policy.groups_on(LATER)[again.origin or ""] == frozenset(all_codes()) - {
        "US",
        *TERRITORIES,
    }
