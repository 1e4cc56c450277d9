"""`china-h200-2026` on tables of shipments: the verdict of every line worked out by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement import check
from placement.catalog import Override, load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory
from placement.errors import NothingEvaluatedError
from placement.fleet.side_tables import SideTables
from placement.inventory import no_lots
from placement.policy import load_policy
from placement.readers.tables.shipments import Shipment
from placement.report import Finding, Report

PACK = "china-h200-2026"
HEAD = (
    "date,exporter,accelerator,quantity,from_country,to_country,end_use_country,application,"
    "licensed\n"
)
#: TPP, GB/s and launch of what is shipped below: H200 is reviewed case by case, B300 is not, and of
#: a chip of 2026 nobody knows. H20 and T4 are below ECCN 3A090.a.
MADE_UP = (
    "accelerator,source,tpp,memory_bandwidth_gb_s,datacenter,release_year,released\n"
    "Late,made up,15832,4800,yes,2027,\n"
    "Soon,made up,15832,4800,yes,2026,\n"
    "January,made up,15832,4800,yes,2026,2026-01-15\n"
)
H200, H20 = "H200-SXM5-141GB", "H20-96GB"


def judge(folder: Path, rows: str, *, head: str = HEAD, **options: str) -> Report:
    (folder / "shipments.csv").write_text(head + rows)
    (folder / "accelerators.csv").write_text(MADE_UP)
    (folder / "placement.toml").write_text("")
    return check(
        None,
        policy=PACK,
        options=options,
        as_of="2026-11-30",
        config=folder / "placement.toml",
    )


def broken(report: Report) -> set[tuple[str, str | None]]:
    """Return rule, without the pack's prefix, and product of each breach."""
    return {(one.rule.removeprefix("cn2026."), one.item) for one in report.breaches}


#: What is shipped, licensed, and the rules that it breaks. Each exporter has one line, and sold 100
#: of each product to US customers, so that the ratio is kept up to 50.
LINES = [
    (f"{H200},50,US,CN,CN,L-1,yes", set()),
    (f"{H200},50,US,CN,CN,L-1,no", {"licence"}),
    (f"{H200},50,US,CN,CN,L-1,", {"licence"}),  # a number of an application is no licence
    (f"{H200},51,US,CN,CN,L-1,yes", {"ratio"}),
    (f"{H200},51,US,SG,CN,L-1,yes", {"ratio"}),  # by way of Singapore
    (f"{H200},50,US,SG,MO,L-1,no", {"licence"}),
    (f"{H200},51,US,SG,SG,,", set()),
    (f"{H200},50,US,US,HK,L-1,yes", set()),  # handed over in the US, for Hong Kong
    (f"{H200},51,US,US,HK,L-1,yes", {"ratio"}),
    (f"{H200},1,SG,CN,CN,L-1,yes", {"reexport"}),
    (f"{H200},1,SG,SG,CN,L-1,no", {"reexport", "licence"}),
    (f"{H200},60,SG,MY,MO,L-1,yes", {"reexport"}),  # no flow from the US
    ("B300,1,US,CN,CN,L-1,yes", {"chip"}),
    ("B300,1,US,MO,MO,L-1,no", {"chip", "licence"}),
    ("B300,1,US,AE,HK,,", {"chip", "licence"}),
    ("B300,99,US,AE,AE,,", set()),
    ("Late,1,US,CN,CN,L-1,yes", {"chip"}),
    ("Soon,1,US,CN,CN,L-1,yes", {"chip"}),  # judged both ways
    ("January,1,US,CN,CN,L-1,yes", set()),  # on the day itself
    (f"{H20},1000,US,CN,CN,L-1,yes", set()),
    (f"{H20},1000,US,CN,CN,L-1,no", {"h20"}),
    (f"{H20},1,US,SG,HK,,", {"h20"}),
    (f"{H20},1,US,SG,SG,,", set()),
    ("T4,1000,US,CN,CN,,no", set()),
]


def test_a_table_of_shipments_line_by_line(tmp_path: Path) -> None:
    sold = ("B300", H200, "Late", "Soon", "January")
    rows = "".join(
        f"2026-02-01,X{number},{model},100,US,US,US,,\n2026-03-01,X{number},{line}\n"
        for number, (line, _) in enumerate(LINES)
        for model in sold
        if line.startswith(f"{model},")
    )
    rows += "".join(
        f"2026-03-01,X{number},{line}\n"
        for number, (line, _) in enumerate(LINES)
        if not line.startswith(tuple(f"{model}," for model in sold))
    )
    report = judge(tmp_path, rows)
    found: dict[str, set[str]] = defaultdict(set)
    for one in report.breaches:
        found[one.owner].add(one.rule.removeprefix("cn2026."))
        (line,) = (line for number, (line, _) in enumerate(LINES) if one.owner == f"X{number}")
        assert one.item == line.split(",")[0]
    for number, (line, rules) in enumerate(LINES):
        assert found[f"X{number}"] == rules, line
    assert any("licensed is blank for 3 shipments" in said for said in report.assumptions)


def test_blanks_are_counted_from_the_day_of_the_rule_to_that_of_the_check(tmp_path: Path) -> None:
    rows = f"2026-01-14,X,{H200},100,US,CN,CN,,\n2026-12-15,X,{H200},1,US,MO,MO,,\n"
    sold = f"2026-01-15,X,{H200},4,US,US,US,,\n"
    assert not any("licensed is blank" in said for said in judge(tmp_path, rows + sold).assumptions)
    within = f"2026-03-01,X,{H200},1,US,HK,HK,,\n"
    said = judge(tmp_path, rows + sold + within).assumptions
    assert any("licensed is blank for 1 shipment," in one for one in said)


def test_a_licence_on_record_may_settle_the_matter(tmp_path: Path) -> None:
    rows = "2026-03-01,A,B300,1,US,CN,CN,,yes\n2026-03-01,A,B300,1,SG,CN,CN,,yes\n"
    rows += "2026-02-01,A,B300,2,US,US,US,,\n"
    assert broken(judge(tmp_path, rows)) == {("chip", "B300"), ("reexport", "B300")}
    report = judge(tmp_path, rows, licensed="free")
    assert report.exit_code == 0
    assert any(one.startswith("licensed = free: ") for one in report.assumptions)


def test_h20_alone_is_judged(tmp_path: Path) -> None:
    licensed, blank = (
        judge(tmp_path, f"2026-03-01,A,{H20},8,US,CN,CN,,{said}\n") for said in ("yes", "")
    )
    assert (licensed.exit_code, broken(licensed)) == (0, set())
    assert (blank.exit_code, broken(blank)) == (1, {("h20", H20)})
    (breach,) = blank.breaches
    assert (breach.numerator, breach.enforced) == ("18944.000", True)  # 8 of 2,368 TPP
    before = f"2025-03-31,A,{H20},8,US,CN,CN,,\n2026-03-01,A,{H200},1,US,MY,MY,,\n"
    assert judge(tmp_path, before).exit_code == 0
    with pytest.raises(NothingEvaluatedError):
        judge(tmp_path, "2026-03-01,A,T4,8,US,CN,CN,,\n")


def test_each_product_has_its_row_and_what_was_looked_at_is_named(tmp_path: Path) -> None:
    rows = f"2026-03-01,A,B300,1,US,CN,CN,,yes\n2026-03-01,A,{H200},1,US,CN,CN,,yes\n"
    report = judge(tmp_path, rows + f"2026-02-01,A,{H200},9,US,US,US,,\n")
    verdicts = {
        (one.rule.removeprefix("cn2026."), one.item): str(one.verdict)
        for one in report.findings
        if one.verdict != "not_applicable"
    }
    assert verdicts == {
        ("licence", "B300"): "ok",
        ("licence", H200): "ok",
        ("chip", "B300"): "breach",
        ("chip", H200): "ok",
        ("ratio", "B300"): "breach",
        ("ratio", H200): "ok",
    }


@pytest.mark.parametrize(
    ("window", "since"),
    [("since_rule", " since 2026-01-15"), ("ever", ""), ("calendar_year", " since 2026-01-01")],
)
def test_a_flow_without_the_other_is_a_sentence(tmp_path: Path, window: str, since: str) -> None:
    report = judge(tmp_path, f"2026-03-01,A,{H200},1,US,CN,CN,,yes\n", window=window)
    (found,) = report.breaches
    assert found.reason == (
        f"no sale of {H200} to customers in United States for use there is on record{since}: any "
        "shipment to China and Macau is beyond the limit"
    )
    assert (found.numerator, found.denominator, found.share) == ("15832.000", "0.000", None)
    from placement.render.check import render

    text = render(report)
    assert found.reason in text
    assert " / 0.000" not in text
    assert "too much was shipped" not in text


# What the rules say, in plain arithmetic, against many tables of shipments.

CHIPS = {
    # TPP, GB/s, launch, below the ECCN, H20
    H200: (Fraction(15832), 4800, 2024, False, False),
    H20: (Fraction(2368), 4000, 2023, True, True),
    "BIG": (Fraction(21000), 6000, 2024, False, False),
    "FAST": (Fraction(20000), 6500, 2024, False, False),
    "LATE": (Fraction(10000), 1000, 2027, False, False),
}
BEGINS, D = date(2026, 1, 15), date(2026, 11, 30)
CHINA, US = {"CN", "MO", "HK"}, {"US", "PR"}
CATALOG = load_catalog(
    [
        Override(
            name,
            tpp=tpp,
            memory_bandwidth_gb_s=Fraction(rate),
            release_year=year,
            datacenter=True,
            source="test",
        )
        for name, (tpp, rate, year, *_) in CHIPS.items()
        if name not in (H200, H20)
    ]
)


@st.composite
def shipments(draw: st.DrawFn) -> list[Shipment]:
    places = ["US", "PR", "CN", "HK", "SG"]
    return [
        Shipment(
            line=line,
            day=draw(st.sampled_from([BEGINS, BEGINS - timedelta(days=1), D])),
            exporter=draw(st.sampled_from("AB")),
            model=draw(st.sampled_from([*CHIPS])),
            quantity=draw(st.integers(1, 9)),
            from_country=draw(st.sampled_from(places)),
            to_country=draw(st.sampled_from(places)),
            end_use=draw(st.sampled_from(places)),
            application=None,
            licensed=draw(st.sampled_from([True, True, False, None])),
        )
        for line in range(2, 2 + draw(st.integers(4, 16)))
    ]


def expected(listed: list[Shipment]) -> dict[tuple[str, str, str], Fraction]:
    """Return the TPP beyond each rule, by rule, exporter and product."""
    over: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    sales: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    flow: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for one in listed:
        tpp, rate, year, below, is_h20 = CHIPS[one.model]
        amount = one.quantity * tpp
        who = (one.exporter, one.model)
        for_china = {one.to_country, one.end_use} & CHINA
        where = one.to_country if one.to_country in CHINA else one.end_use
        leaves = one.from_country != where
        if is_h20 and for_china and leaves and not one.licensed:
            over["h20", *who] += amount
        if below or one.day < BEGINS:
            continue
        if {one.to_country, one.end_use} <= US:
            sales[who] += amount
        if not for_china or not leaves:
            continue
        if not one.licensed:
            over["licence", *who] += amount
        if one.from_country not in US:
            over["reexport", *who] += amount
            continue
        flow[who] += amount
        if tpp >= 21000 or rate >= 6500 or year > 2026:
            over["chip", *who] += amount
    for who, amount in flow.items():
        if 2 * amount > sales[who]:
            over["ratio", *who] = amount
    return over


@settings(max_examples=60)
@given(shipments())
def test_the_pack_is_the_text_of_its_rules(listed: list[Shipment]) -> None:
    found: tuple[Finding, ...] = ()
    try:
        found = check_inventory(
            no_lots(),
            policy=load_policy(PACK),
            catalog=CATALOG,
            days=EvaluationDates(as_of=D),
            records=SideTables(shipments=tuple(listed)),
        ).breaches
    except NothingEvaluatedError:
        found = ()
    told = {
        (one.rule.removeprefix("cn2026."), one.owner, one.item or ""): Fraction(one.numerator or 0)
        for one in found
    }
    assert told == expected(listed)


@pytest.mark.parametrize(
    ("row", "rules"),
    [
        ("RTX 4090,9,US,CN,CN,,nac", set()),  # neither designed nor marketed for data centers
        ("RTX 4090,9,SG,CN,CN,,NAC", set()),
        ("RTX 4090,9,US,CN,CN,no,", {"licence", "chip", "ratio"}),
        ("RTX 4090,9,US,CN,CN,,aca", {"licence", "chip", "ratio"}),  # closed in D:5
        (f"{H200},9,US,CN,CN,,nac", {"licence"}),
        (f"{H200},9,US,CN,CN,,licence", set()),
    ],
)
def test_what_goes_by_exception_nac_needs_no_licence(
    tmp_path: Path, row: str, rules: set[str]
) -> None:
    """740.8 (facts, 12.4); as the pack us-ear-enforced has it of a lot in China."""
    head = HEAD.replace("application,licensed", "licensed,channel")
    sold = f"2026-02-01,A,{H200},100,US,US,US,,\n"
    report = judge(tmp_path, f"2026-03-01,A,{row}\n{sold}", head=head)
    assert {name for name, _ in broken(report)} == rules


def test_shipments_before_the_rule_are_named_and_not_passed_over_in_silence(tmp_path: Path) -> None:
    """The duty is older than the rule of 2026 (facts, 12.7): a green says what it did not judge."""
    sold = f"2026-02-01,A,{H200},9,US,US,US,,\n2026-03-01,A,{H200},1,US,CN,CN,,yes\n"
    report = judge(tmp_path, f"2025-12-01,A,{H200},50,US,CN,CN,,no\n{sold}")
    assert report.exit_code == 0
    (note,) = [one for one in report.notes if "NOT JUDGED by cn2026.licence" in one]
    assert "1 shipment without a licence before 2026-01-15 (line 2)" in note
    licensed = judge(tmp_path, f"2025-12-01,A,{H200},50,US,CN,CN,,yes\n{sold}")
    assert not [one for one in licensed.notes if "NOT JUDGED" in one]
    elsewhere = judge(tmp_path, f"2025-12-01,A,{H200},50,US,MY,MY,,no\n{sold}")
    assert not [one for one in elsewhere.notes if "NOT JUDGED" in one]
