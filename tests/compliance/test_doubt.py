"""Models of which nobody knows whether they count: one headroom, which holds in every reading.

The readings are enumerated here by plain sums over lots, every subset of the doubtful models at a
time; the tool looks at each model by itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain, combinations
from math import floor
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from placement.catalog import Override, load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.headroom import headroom
from placement.compliance.run import check_inventory
from placement.fleet.context import build_context
from placement.fleet.owner_groups import Acquirer
from placement.policy import Policy, Subject, parse_policy
from placement.readers.tables.entities import Entities
from placement.report import Finding, Report
from tests.support.fleets import Lot, inventory
from tests.support.paths import TESTS

F = Fraction
D = date(2026, 8, 1)
INPUTS = TESTS / "inputs" / "doubtful-models"
OPTIONS = ["--headquarters", "US", "--authorization", "uveu", "--as-of", "2026-08-01"]
TPP = {"SURE": F(10000), "MAYBE1": F(2000), "MAYBE2": F(3000), "MAYBE3": F("1700.5")}
DOUBTFUL = ("MAYBE1", "MAYBE2", "MAYBE3")
CATALOG = load_catalog(
    [
        Override(name, tpp=tpp, datacenter=True, source="test")
        for name, tpp in TPP.items()
    ]
)  # fmt: skip
ASSUMED = Entities.assume("US", ["uveu"])


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "placement", *words, *OPTIONS]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def pack(limit: str, comparison: str, numerator: str) -> Policy:
    return parse_policy(
        f"""
schema = "placement.pack/1"
id = "test"
version = "1"
title = "test"
citation = "test"
status = {{ text = "test", as_of = 2026-08-28 }}
schedules.always = {{ title = "always", every_day = true }}
groups.home = {{ title = "home", members = ["US"] }}
groups.abroad = {{ title = "abroad", all_except = ["home"] }}
[counted]
title = "counted"
citation = "test"
any = [
    {{ tpp_at_least = "4800" }},
    {{ tpp_at_least = "1600", performance_density_at_least = "5.92" }},
]
[[rules]]
id = "r"
kind = "share"
title = "r"
numerator = "{numerator}"
comparison = "{comparison}"
limit = "{limit}"
schedule = "always"
citation = "test"
fix = "test"
""".encode(),
        "test.toml",
    )


def check(lots: Sequence[Lot], policy: Policy) -> Report:
    return check_inventory(
        inventory(lots),
        policy=policy,
        catalog=CATALOG,
        entities=ASSUMED,
        days=EvaluationDates(as_of=D),
    )


def readings(lots: Sequence[Lot], group: str) -> Iterator[tuple[Fraction, Fraction]]:
    """Return numerator and denominator (TPP) under every answer to every doubt."""
    for counted in chain.from_iterable(combinations(DOUBTFUL, n) for n in range(4)):
        counts = [lot for lot in lots if lot.model not in DOUBTFUL or lot.model in counted]
        amounts = [(lot.quantity * TPP[lot.model], lot.country == "US") for lot in counts]
        part = sum((amount for amount, home in amounts if home == (group == "home")), F())
        yield part, sum((amount for amount, _ in amounts), F())


LOTS = st.lists(
    st.builds(
        Lot,
        country=st.sampled_from(["US", "MY"]),
        quantity=st.integers(1, 40),
        model=st.sampled_from(list(TPP)),
    ),
    min_size=1,
    max_size=7,
)


def only(report: Report) -> Finding:
    (found,) = report.findings
    return found


@given(LOTS, st.sampled_from(["0.07", "0.25", "0.5", "0.9"]))
def test_the_figures_of_a_ceiling_are_the_strictest_of_all_readings(
    lots: list[Lot], limit: str
) -> None:
    lots = [*lots, Lot("US", 1, "SURE")]
    found, p = only(check(lots, pack(limit, "<=", "abroad"))), F(limit)
    rooms = [(p * whole - part) / (1 - p) for part, whole in readings(lots, "abroad")]
    assert (found.verdict == "breach") is any(room < 0 for room in rooms)
    assert found.headroom is not None
    assert F(found.headroom) == F(floor(min(rooms) * 1000), 1000)
    assert (F(found.numerator or 0), F(found.denominator or 0)) in {
        one for one, room in zip(readings(lots, "abroad"), rooms, strict=True) if room == min(rooms)
    }
    if found.other_reading is not None:
        other = found.other_reading
        # It answers every doubt otherwise; where an answer moves nothing, either is the loosest.
        loosest = (p * F(other.denominator or 0) - F(other.numerator)) / (1 - p)
        assert loosest == max(rooms)


@given(LOTS, st.sampled_from(["0.5", "0.3", "0.8"]))
def test_the_figures_of_a_floor_are_the_strictest_of_all_readings(
    lots: list[Lot], limit: str
) -> None:
    lots = [*lots, Lot("US", 1, "SURE")]
    found, p = only(check(lots, pack(limit, ">=", "home"))), F(limit)
    short = [p * whole - part for part, whole in readings(lots, "home")]
    assert (found.verdict == "breach") is any(one > 0 for one in short)
    assert p * F(found.denominator or 0) - F(found.numerator or 0) == max(short)
    assert found.headroom is None


@given(LOTS, st.sampled_from(["0.07", "0.25", "0.5", "0.9"]))
def test_headroom_of_both_verbs_is_one_and_breaches_in_no_reading(
    lots: list[Lot], limit: str
) -> None:
    lots = [*lots, Lot("US", 3, "SURE")]
    policy = pack(limit, "<=", "abroad")
    case = build_context(inventory(lots), policy, CATALOG, ASSUMED)
    found = headroom(case, Acquirer.group(Subject("USco", "US", frozenset())), "MY", "SURE", D)
    p = F(limit)
    rooms = [
        floor((p * whole - part) / (1 - p) / TPP["SURE"])
        for part, whole in readings(lots, "abroad")
    ]
    said = F(only(check(lots, policy)).headroom or 0)
    assert found.most is not None
    worst_is_all = any(part == whole for part, whole in readings(lots, "abroad"))
    if min(rooms) >= 0:
        assert found.most.amount == min(rooms) == floor(said / TPP["SURE"])
    else:
        assert worst_is_all or found.most.amount == 0
    doubted = {lot.model for lot in lots} & set(DOUBTFUL)
    assert set(found.in_doubt) == doubted


def test_the_row_is_marked_and_both_shares_are_shown() -> None:
    result = run("check", str(INPUTS / "tpu.csv"), "-v")
    row = next(line for line in result.stdout.splitlines() if line.startswith("ok "))
    first = run("check", str(INPUTS / "tpu.csv")).stdout
    assert "2.70 or 0.00 / 7 %" in first
    assert "the headroom holds in both" in first
    # 44,000,000 of 1,627,200,000 with the TPU v4, 0 of 1,583,200,000 without; the most that may
    # come is (7 * 1,627,200,000 - 100 * 44,000,000) / 93 TPP.
    assert "2.70 % or 0.00 %" in row
    assert "75,165,591" in row
    assert "the headroom holds in both" in result.stdout


def test_json_holds_both_readings() -> None:
    record = json.loads(run("check", str(INPUTS / "tpu.csv"), "--output", "json").stdout)
    (found,) = [one for one in record["findings"] if one["rule"] == "uveu.single_country"]
    assert (found["numerator"], found["denominator"]) == ("44000000.000", "1627200000.000")
    assert found["headroom"] == "75165591.397"
    assert found["other_reading"] == {
        "counted": [],
        "left_out": ["TPU v4"],
        "numerator": "0.000",
        "denominator": "1583200000.000",
        "share": "0.000000",
    }


def test_headroom_says_that_it_holds_either_way() -> None:
    words = ("headroom", str(INPUTS / "tpu.csv"), "--accelerator", "H100-SXM5-80GB")
    result = run(*words, "--place", "MY")
    assert "4,747" in result.stdout  # 75,165,591.397 / 15,832, rounded down
    assert "the answer holds whether or not TPU v4 counts" in result.stdout


def test_the_account_of_facilities_shows_the_same_figures(tmp_path: Path) -> None:
    run("report-form", "uveu", str(INPUTS / "tpu.csv"), "--out", str(tmp_path))
    text = next(tmp_path.glob("*.md")).read_text()
    row = next(line for line in text.splitlines() if "single\\_country" in line)
    assert "| 44,000,000.000 | 1,627,200,000.000 | 2.70 % or 0.00 % |" in row


def test_what_must_leave_holds_in_every_reading() -> None:
    lots = [Lot("US", 7, "SURE"), Lot("MY", 3, "SURE"), Lot("MY", 4, "MAYBE1")]
    # With MAYBE1: 38,000 of 108,000 over 7 %: (7 * 108,000 - 100 * 38,000) / 93 = -32,731.18...
    found = only(check(lots, pack("0.07", "<=", "abroad")))
    assert (found.verdict, found.headroom) == ("breach", "-32731.183")
    assert (F(found.numerator or 0), F(found.denominator or 0)) == (F(38000), F(108000))
