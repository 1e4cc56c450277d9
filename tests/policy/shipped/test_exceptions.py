"""What licence exceptions free, and days before a rule stands, by whole checks."""

from __future__ import annotations

import pandas as pd
import pytest

import placement
from placement.report import Report

EAR, AI = "us-ear-enforced", "ai-diffusion-2025"
COLUMNS = ["site", "owner", "country", "accelerator", "quantity", "licensed", "channel", "arrived"]
US = ("va", "A", "US", "H100 SXM", 1000, "", "", "2024-01-01")
CHIP, GPU = "RTX 4090", "H100 SXM"  # not for data centers, and for them; both meet 3A090.a


def check(*lots: tuple[object, ...], policy: tuple[str, ...], as_of: str = "2026-11-30") -> Report:
    frame = pd.DataFrame([US, *lots], columns=COLUMNS).astype(str)
    return placement.check(
        frame, policy=policy, headquarters="US", authorization="uveu", as_of=as_of
    )


def breaches(report: Report, rule: str) -> list[str]:
    return [one.place for one in report.breaches if one.rule == rule]


@pytest.mark.parametrize(
    ("country", "chip", "licensed", "channel", "is_breach"),
    [
        ("AE", CHIP, "", "", False),
        ("AE", CHIP, "", "uveu", False),  # a channel that only the other pack knows
        ("AE", CHIP, "", "lpp", False),
        ("AE", CHIP, "no", "uveu", False),
        ("QA", CHIP, "", "nac", False),  # NAC is for D:5; ACA covers the chip all the same
        ("QA", CHIP, "no", "", False),
        ("CN", CHIP, "", "", True),  # ACA is closed, and NAC is not recorded
        ("CN", CHIP, "", "uveu", True),
        ("CN", CHIP, "", "nac", False),
        ("AE", GPU, "", "", True),
        ("AE", GPU, "", "uveu", True),
        ("AE", GPU, "", "aca", True),  # not for chips for data centers
        ("AE", GPU, "yes", "uveu", False),
        ("AE", GPU, "", "licence", False),
    ],
)
@pytest.mark.parametrize("packs", [(EAR,), (EAR, AI), (AI, EAR)])
def test_an_exception_covers_its_chips_whatever_is_recorded(
    packs: tuple[str, ...], country: str, chip: str, licensed: str, channel: str, is_breach: bool
) -> None:
    """740.8 frees the chip by what it is (facts, 12.4); the column is one for all packs."""
    lot = ("x", "A", country, chip, 5, licensed, channel, "2026-03-01")
    report = check(lot, policy=packs)
    places = [one.place for one in report.breaches if one.rule == "ear.destination"]
    assert places == ([country] if is_breach else [])


def test_the_shares_of_2025_bind_nobody_before_the_rule_is_effective() -> None:
    """90 FR 4544 is effective on 2025-01-13."""
    abroad = ("my", "A", "MY", GPU, 900, "", "", "2024-02-01")
    rules = {"uveu.single_country", "uveu.outside_t1"}
    before = check(abroad, policy=(AI,), as_of="2025-01-12")
    assert not before.breaches
    why = [one.reason for one in before.findings if one.rule in rules]
    assert why == ["this rule does not stand before 2025-01-13"] * len(why)
    assert why
    after = check(abroad, policy=(AI,), as_of="2025-01-13")
    assert {one.rule for one in after.breaches} == rules


def test_an_older_duty_is_judged_before_it_too() -> None:
    report = check(
        ("cn", "A", "CN", GPU, 5, "", "", "2024-02-01"), policy=(AI,), as_of="2024-08-01"
    )
    assert breaches(report, "t3.licence") == ["CN"]
