"""What `policy show` says of an option is what the judge does: every option against every rule.

Random fleets are judged under each answer: the findings of a rule that an option is not said to
bear on stay as they are. For the shares, prohibitions and caps, a fleet shows that it does bear.
PLACEMENT_OPTION_WORLDS=200 looks at more fleets than the few of an ordinary run.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from functools import cache
from importlib import resources

import pytest

from placement.errors import PlacementError
from placement.policy import Policy, parse_policy
from placement.policy.validation.cross_references import options_of
from placement.report import Finding, Report
from tests.support import worlds as w
from tests.support.worlds import Company, Lot, World

PACK = (resources.files("placement.policy") / "packs" / "ai-diffusion-2025.toml").read_bytes()
WORLDS = int(os.environ.get("PLACEMENT_OPTION_WORLDS", "12"))
COUNTRIES = ["US", "US", "US", "PR", "DE", "MY", "IN", "CN", "KH"]


@cache
def policy(option: str = "", value: str = "") -> Policy:
    return parse_policy(PACK, "pack.toml", {option: value} if option else None)


def bearing() -> Mapping[str, set[str]]:
    pack = policy().pack
    return {rule.id: set(options_of(rule, pack)) for rule in pack.rules}


def world(seed: int) -> World:
    draw = random.Random(seed)
    names = "ABCD"[: draw.randint(1, 4)]
    companies: list[Company] = []
    for name in names:
        parent = draw.choice([None, *(one.name for one in companies)])
        held = tuple(draw.sample(["uveu", "nveu:MY", "nveu:IN"], draw.randint(0, 2)))
        companies.append(Company(name, draw.choice(["US", "US", "DE", "IN", "CN"]), parent, held))
    lots = []
    for _ in range(draw.randint(2, 8)):
        start = draw.choice([None, *w.DATES])
        later = [day for day in w.DATES if start is None or day > start]
        channel = draw.choice([None, None, "lpp", "licence", "aia"])
        lot = Lot(
            draw.choice(COUNTRIES),
            draw.choice([1, 5, 40, 80000]),
            draw.choice(["BIG", "ODD", "A100-SXM4-80GB", "Trainium2"]),
            draw.choice(names),
            draw.choice([None, *names]),
            draw.choice([None, *names]),
            status=draw.choice(["installed", "transferred"] + ["planned"] * (start is not None)),
            start=start,
            end=draw.choice([None, None, *later]) if later else None,
            channel=channel,
            licensed=draw.choice([None, None, True, False]) if channel is None else None,
        )
        lots.append(lot)
    return World(lots, tuple(companies))


def findings(report: Report | None) -> dict[str, dict[str, list[Finding]]]:
    """Return the findings by rule and by owner, without words that name the answer."""
    found: dict[str, dict[str, list[Finding]]] = {}
    for one in report.findings if report is not None else ():
        said = one if one.numerator is None else one.model_copy(update={"reason": None})
        found.setdefault(one.rule, {}).setdefault(one.owner, []).append(said)
    return found


@pytest.mark.parametrize("seed", range(WORLDS))
def test_an_option_moves_no_rule_that_it_is_not_said_to_bear_on(seed: int) -> None:
    given, bears = world(seed), bearing()
    before = findings(w.check(given, policy()))
    tried = 0
    for name, option in policy().pack.options.items():
        for value in option.values.keys() - {option.default}:
            try:
                after = findings(w.check(given, policy(name, value)))
            except PlacementError:
                continue  # an answer that this fleet cannot be judged under
            tried += 1
            for rule in bears.keys() - {rule for rule, names in bears.items() if name in names}:
                # Under `basis = operated` operators are judged besides: they are in one run only.
                for owner in before.get(rule, {}).keys() & after.get(rule, {}).keys():
                    assert before[rule][owner] == after[rule][owner], (name, value, rule, owner)
    assert tried > 10


def amounts(found: list[Finding]) -> list[tuple[str, str | None, str | None]]:
    return [(one.place, one.numerator, one.denominator) for one in found]


OWNED = (Company("A", "US", None, ("uveu", "nveu:MY")), Company("B", "US", None, ("uveu",)))
SISTERS = (
    Company("A", "US", "P", ("uveu", "nveu:MY")),
    Company("P", "US"),
    Company("S", "US", "P"),
)
RENTED = World([Lot("US", 90), Lot("MY", 7, "BIG", "B", "A"), Lot("CN", 1, "BIG", "B", "A")], OWNED)
STORED = World([Lot("US", 90), Lot("MY", 7, status="transferred"),
                Lot("CN", 1, status="transferred")], OWNED)  # fmt: skip
PLANNED = World([Lot("US", 90), Lot("MY", 7, status="planned", start=w.D),
                 Lot("CN", 1, status="planned", start=w.D)], OWNED)  # fmt: skip
FAMILY = World([Lot("US", 90), Lot("MY", 7, "BIG", "S"), Lot("CN", 1, "BIG", "S")], SISTERS)
RATES = World([Lot("US", 90), Lot("MY", 7, "Trainium2"), Lot("CN", 1, "Trainium2")], OWNED)
SHARES = ["uveu.outside_t1", "uveu.single_country", "uveu.outside_us"]
PROHIBITIONS = ["uveu.t3_location", "t3.licence"]
CAPS = ["nveu.cap"]


@pytest.mark.parametrize(
    ("option", "value", "given", "moved", "stays"),
    [
        ("basis", "operated", RENTED, SHARES, PROHIBITIONS + CAPS),
        ("in_country", "installed", STORED, SHARES, PROHIBITIONS + CAPS),
        ("planned", "ignore", PLANNED, SHARES + PROHIBITIONS + CAPS, []),
        ("siblings", "exclude", FAMILY, SHARES + PROHIBITIONS + CAPS, []),
        ("tf32_bits", "32", RATES, SHARES + PROHIBITIONS + CAPS, []),
    ],
)
def test_an_option_moves_what_it_is_said_to_bear_on(
    option: str, value: str, given: World, moved: list[str], stays: list[str]
) -> None:
    before = findings(w.check(given, policy()))
    after = findings(w.check(given, policy(option, value)))
    bears = bearing()
    for rule in moved:
        # With `siblings = exclude` the holder is judged by itself, else the group of its parent.
        group = "P" if option == "siblings" else "A"
        assert amounts(before[rule][group]) != amounts(after[rule]["A"]), rule
        assert option in bears[rule]
    for rule in stays:
        owners = before[rule].keys() & after[rule].keys()
        assert owners
        assert all(before[rule][owner] == after[rule][owner] for owner in owners), rule
        assert option not in bears[rule]


def test_a_chip_that_others_run_in_a_barred_country_is_a_breach_of_its_owner() -> None:
    # A licence is needed for the transfer, whoever runs the chip and before it is installed.
    for option, value, given in (
        ("basis", "operated", RENTED),
        ("in_country", "installed", STORED),
    ):
        chosen = policy(option, value)
        breaches = {(f.rule, f.owner) for f in w.found(given, chosen, "t3.licence")}
        owner = next(lot.owner for lot in given.lots if lot.country == "CN")
        assert ("t3.licence", owner) in breaches


def test_show_says_so() -> None:
    assert "shares" in policy().pack.options["basis"].question
    assert "shares" in policy().pack.options["in_country"].question
