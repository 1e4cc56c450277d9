"""The packs that ship against the law: every number, open question, list and date, written out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import pytest

from placement.enums import Channel
from placement.policy import Policy, load_policy
from placement.policy.rules import (
    AnyRule,
    CapRule,
    DutyRule,
    FinetuneRule,
    NoticeRule,
    ProhibitionRule,
    RatioRule,
    ShareRule,
    StorageRule,
)

AI, CHINA = "ai-diffusion-2025", "china-h200-2026"
PACKS = {name: load_policy(name) for name in (AI, CHINA)}
LATER = date(2026, 8, 1)

#: The quarterly table of national validated end users, in TPP.
NVEU = {
    "2025Q1": 633_000_000,
    "2025Q2": 949_500_000,
    "2025Q3": 1_266_000_000,
    "2025Q4": 1_582_500_000,
    "2026Q1": 1_899_000_000,
    "2026Q2": 2_690_250_000,
    "2026Q3": 3_481_500_000,
    "2026Q4": 4_272_750_000,
    "2027Q1": 5_064_000_000,
    "2027Q2": 5_064_000_000,
    "2027Q3": 5_064_000_000,
    "2027Q4": 5_064_000_000,
}


@dataclass(frozen=True)
class RuleInstances:
    """One duty: the pack, its numbers, how the amount must stand to them, where, who is bound."""

    pack: str
    id: str
    numbers: tuple[str, ...]
    comparison: str
    places: str
    authorization: str | None = None
    headquarters: str | None = None
    seatless: str | None = None


LAW = [
    RuleInstances(AI, "uveu.outside_t1", ("0.25",), "<=", "outside_tier1", "uveu"),
    RuleInstances(AI, "uveu.single_country", ("0.07",), "<=", "outside_tier1", "uveu"),
    RuleInstances(AI, "uveu.outside_us", ("0.50",), "<=", "outside_us", "uveu", "us"),
    RuleInstances(AI, "uveu.t3_location", ("0",), "==", "tier3", "uveu"),
    RuleInstances(AI, "uveu.eligible", ("0",), "==", "everywhere", "uveu", seatless="tier1"),
    RuleInstances(AI, "uveu.operator_authorized", ("0",), "==", "everywhere", "uveu"),
    RuleInstances(AI, "nveu.operator_authorized", ("0",), "==", "everywhere", "nveu"),
    RuleInstances(AI, "nveu.eligible", ("0",), "==", "everywhere", "nveu", "tier3"),
    RuleInstances(AI, "uveu.concern_makers", ("0",), "==", "everywhere", "uveu"),
    RuleInstances(AI, "t2.licence", ("0",), "==", "second_tier"),
    RuleInstances(AI, "t1.licence", ("0",), "==", "tier1"),
    RuleInstances(AI, "t3hq.licence", ("0",), "==", "everywhere", None, "tier3"),
    RuleInstances(AI, "t3.licence", ("0",), "==", "tier3"),
    RuleInstances(AI, "channel.eligible", ("0",), "==", "everywhere"),
    RuleInstances(AI, "country.alloc", ("790000000",), "<=", "tier2", None, "allocated"),
    RuleInstances(AI, "country.alloc_g2g", ("1580000000",), "<=", "assured", None, "allocated"),
    RuleInstances(
        AI, "nveu.cap", tuple(map(str, dict.fromkeys(NVEU.values()))), "<=", "not_tier3", "nveu"
    ),
    RuleInstances(AI, "lpp.cap", ("26900000",), "<=", "everywhere", None, "not_tier3"),
    RuleInstances(AI, "lpp.prenotify", ("3200000",), ">=", "everywhere"),
    RuleInstances(AI, "aia.report", ("253000000",), ">=", "everywhere"),
    RuleInstances(AI, "weights.train_ops", ("1e26",), ">=", "tier1"),
    RuleInstances(AI, "finetune.ratio", ("1e26", "0.25"), "<=", "tier1", "uveu"),
    RuleInstances(AI, "finetune.ratio_nveu", ("1e26", "0.25"), "<=", "tier1", "nveu"),
    RuleInstances(AI, "uveu.new_site_notice", ("180",), ">=", "not_us", "uveu"),
    RuleInstances(AI, "uveu.transfer_notice", ("60",), ">=", "everywhere", "uveu"),
    RuleInstances(AI, "uveu.report", (), ">=", "everywhere", "uveu"),
    RuleInstances(AI, "veu.inventory_report", (), ">=", "everywhere", "uveu"),
    RuleInstances(AI, "uveu.safeguards", (), ">=", "everywhere", "uveu"),
    RuleInstances(AI, "nveu.report", (), ">=", "everywhere", "nveu"),
    RuleInstances(AI, "nveu.inventory_report", (), ">=", "everywhere", "nveu"),
    RuleInstances(AI, "nveu.safeguards", (), ">=", "everywhere", "nveu"),
    RuleInstances(CHINA, "cn2026.licence", ("0",), "==", "china"),
    RuleInstances(CHINA, "cn2026.h20", ("0",), "==", "china"),
    RuleInstances(CHINA, "cn2026.chip", ("21000", "6500", "0"), "==", "china"),
    RuleInstances(CHINA, "cn2026.ratio", ("0.50",), "<=", "china"),
    RuleInstances(CHINA, "cn2026.reexport", ("0",), "==", "china"),
]


def rules() -> dict[str, AnyRule]:
    return {rule.id: rule for policy in PACKS.values() for rule in policy.pack.rules}


def numbers_of(rule: AnyRule) -> set[Fraction]:
    """Return every number that decides a rule's verdict."""
    match rule:
        case ShareRule() | RatioRule():
            return {Fraction(rule.limit)}
        case CapRule():
            return {Fraction(one) for one in [rule.limit, *(s.limit for s in rule.steps)] if one}
        case ProhibitionRule():
            tests = rule.unless.any_ if rule.unless is not None else []
            ends = [end for one in tests for end in (one.tpp_below, one.memory_bandwidth_below)]
            return {Fraction(0), *(Fraction(end) for end in ends if end)}
        case NoticeRule():
            return {Fraction(rule.days)}
        case DutyRule():
            return {Fraction(rule.threshold)} if rule.threshold else set()
        case FinetuneRule():
            return {Fraction(rule.controlled_from), Fraction(rule.limit)}
        case StorageRule():
            return {Fraction(rule.controlled_from)}


def comparison_of(rule: AnyRule) -> str:
    match rule:
        case ShareRule():
            return rule.comparison
        case CapRule() | RatioRule() | FinetuneRule():
            return "<="
        case ProhibitionRule():
            return "=="
        case _:
            return ">="


@pytest.mark.parametrize("law", LAW, ids=lambda law: law.id)
def test_every_number_stands_in_its_rule(law: RuleInstances) -> None:
    rule = rules()[law.id]
    assert rule in PACKS[law.pack].pack.rules
    assert numbers_of(rule) == {Fraction(number) for number in law.numbers}
    assert comparison_of(rule) == law.comparison
    assert rule.place() == law.places
    assert rule.binds.authorization == law.authorization
    seated = getattr(rule, "seated", None)
    assert (seated or rule.binds.headquarters) == law.headquarters
    assert rule.binds.seatless == law.seatless


def test_no_rule_is_left_unlisted() -> None:
    assert set(rules()) == {law.id for law in LAW}
    assert len(LAW) == sum(len(policy.pack.rules) for policy in PACKS.values())


ENFORCED = ("t3.licence", "t3hq.licence")
LOOKED_AT = date(2026, 11, 30)


def test_every_rule_says_its_source_its_force_and_what_to_do() -> None:
    for rule in rules().values():
        by_letter = rule.id == "cn2026.h20"  # whose text nobody read
        assert re.search(r"not read" if by_letter else r"CFR|FR \d", rule.citation), rule.id
        assert rule.codified is not by_letter
        assert rule.enforced is (rule.id in ENFORCED or rule.id.startswith("cn2026."))
        assert rule.id.startswith("cn2026.") or rule.as_of == LOOKED_AT
        assert rule.fix
        assert rule.examples


#: What no input shows: the duty, its paragraph, and what must be said of it.
UNJUDGED = {
    "veu.certification": ("748.15(a)(2)(ii)(A)", "2026-01-15"),
    "veu.dependence": ("paras. 1 to 3", "D:5"),
    "veu.conditions": ("paras. 4, 9, 13, 16 and 17", "conditions"),
    "veu.grounds": ("748.15(d)(2); part 748, supp. no. 2, para. (c)(3)", "rests on"),
    "aia.conditions": ("740.27(b)(1) to (3)", "AIA"),
    "acm.purpose": ("740.28", "manufacturing, assembly and storage"),
    "nac.notice": ("740.8", "25 days"),
    "veu.monitoring": ("para. 11", "five years"),
    "veu.training": ("para. 7", "outside tier 1"),
    "veu.weights_devices": ("para. 15.c", "six months or less"),
    "weights.end_user": ("742.6(a)(13) and (b)(14)", "denial is presumed"),
    "weights.red_flag": ("part 732, supp. no. 3", "red flag 28"),
    "lpp.certification": ("740.29(f) and (g)(1)", "within 30 days"),
    "lpp.limit_reached": ("740.29(g)(2)", "26.9 million TPP"),
    "licence.application": ("supp. no. 2, para. (c)(4)", "each country"),
    "nveu.seat": ("748.15(b)(2)(ii)", "A, B or D:1 to D:4"),
    "cn2026.available": ("91 FR 1684", "commercially available"),
    "cn2026.h20_elsewhere": ("April 2025", "other countries of Country Group D:5"),
    "cn2026.supply": ("(dd)(1)", "no foundry capacity"),
    "cn2026.laboratory": ("(dd)(1)", "third party"),
    "cn2026.customers": ("(dd)(1)", "disclosed_users"),
    "cn2026.transfer": ("91 FR 1684", "within China and Macau"),
    "cn2026.tariff": ("Proclamation 11002", "14,000 to 17,500 TPP"),
}


def test_duties_that_no_input_shows_are_told() -> None:
    listed = {one.id: (name, one) for name, found in PACKS.items() for one in found.pack.unjudged}
    assert set(listed) == set(UNJUDGED)
    for name, (paragraph, said) in UNJUDGED.items():
        pack, one = listed[name]
        assert paragraph in one.citation, name
        assert said in one.title, name
        is_codified = None if name in ("cn2026.tariff", "cn2026.h20_elsewhere") else True
        is_enforced = pack == CHINA or name == "nac.notice"
        assert (one.codified, one.enforced) == (is_codified, is_enforced), name
        assert pack == CHINA or one.as_of == LOOKED_AT


def test_only_the_50_percent_waits_for_the_reporting_dates() -> None:
    """A breach between two dates: option between_dates, of the shares of 25 and 7 % alone."""
    for answer in ("ignore", "warning", "breach"):
        policy = load_policy(AI, {"between_dates": answer})
        told = {rule.id: policy.between_dates(rule) for rule in policy.pack.rules}
        assert told["uveu.outside_t1"] == told["uveu.single_country"] == answer
        del told["uveu.outside_t1"], told["uveu.single_country"]
        assert set(told.values()) == {"ignore"}


def test_notices_do_not_hang_on_an_answer_about_shares() -> None:
    out = load_policy(AI, {"tier3_stock": "leave_out"})
    for name in ("uveu.new_site_notice", "uveu.transfer_notice"):
        place = out.rule(name).place()
        assert out.groups_on(LATER)[place] == PACKS[AI].groups_on(LATER)[place]


def test_the_windows_and_channels_of_what_is_received() -> None:
    law = rules()
    for name in ("country.alloc", "country.alloc_g2g"):
        rule = law[name]
        assert isinstance(rule, CapRule)
        assert (rule.about, rule.per, rule.channels) == ("all", "each place", [Channel.LICENCE])
        assert (rule.since, rule.until) == (date(2025, 1, 1), date(2028, 1, 1))
    lpp = law["lpp.cap"]
    assert isinstance(lpp, CapRule)
    assert (lpp.about, lpp.channels, lpp.calendar_year) == ("consignee", [Channel.LPP], True)
    starts = {
        PACKS[AI].measured(law["country.alloc"], LATER).since,  # type: ignore[arg-type]
        load_policy(AI, {"alloc_from": "2025-05-15"}).measured(law["country.alloc"], LATER).since,  # type: ignore[arg-type]
    }
    assert starts == {date(2025, 1, 1), date(2025, 5, 15)}


@pytest.mark.parametrize("quarter", NVEU)
def test_the_cap_holds_from_the_first_to_the_last_day_of_its_quarter(quarter: str) -> None:
    cap = rules()["nveu.cap"]
    assert isinstance(cap, CapRule)
    year, number = int(quarter[:4]), int(quarter[-1])
    first = date(year, 3 * number - 2, 1)
    following = date(year + number // 4, 3 * number % 12 + 1, 1)
    for day in (first, following - timedelta(days=1)):
        assert cap.limit_on(day) == str(NVEU[quarter])
    assert cap.in_force(first)


def test_the_cap_has_no_figure_outside_its_table() -> None:
    cap = rules()["nveu.cap"]
    assert not cap.in_force(date(2024, 12, 31))
    assert not cap.in_force(date(2028, 1, 1))


#: The open questions, in the order of the law: the option and the suggested default.
QUESTIONS = {
    1: ("planned", "forecast"),
    2: ("in_country", "transferred"),
    3: ("between_dates", "warning"),
    4: ("reporting_dates", "para10"),
    5: ("basis", "owned"),
    6: ("landlord", "no"),
    7: ("customers", "no"),
    8: ("siblings", "include"),
    9: ("limit_on", "stock"),
    10: ("passive", "breach"),
    11: ("tier3_stock", "count"),
    12: ("report_scope", "outside_tier3"),
    13: ("charge_by", "location"),
    14: ("caps_split", "no"),
    15: ("alloc_from", "2025-01-01"),
    16: ("tier1_licences", "count"),
    17: ("certify", "accounts"),
    18: ("site_notices", "both"),
}
OTHERS = {
    "planned": {"ignore"},
    "in_country": {"installed"},
    "between_dates": {"ignore", "breach"},
    "reporting_dates": {"para748_15f"},
    "basis": {"operated"},
    "siblings": {"exclude"},
    "limit_on": {"transfers"},
    "passive": {"warning"},
    "tier3_stock": {"leave_out"},
    "report_scope": {"tier1"},
    "charge_by": {"headquarters", "both"},
    "alloc_from": {"2025-05-15"},
    "tier1_licences": {"exempt"},
    "site_notices": {"new_site", "transfer"},
}


@pytest.mark.parametrize("number", QUESTIONS)
def test_every_open_question_is_an_option(number: int) -> None:
    name, default = QUESTIONS[number]
    option = PACKS[AI].pack.options[name]
    assert option.default == default
    assert set(option.values) == {default} | OTHERS.get(name, set())
    assert option.question.endswith(("?", "."))
    assert option.citation


def test_the_options_stand_in_the_order_of_the_questions() -> None:
    listed = list(PACKS[AI].pack.options)
    assert listed[: len(QUESTIONS)] == [name for name, _ in QUESTIONS.values()]
    others = {"blank_licence", "us_seat", "tf32_bits", "us_territories", "dependencies"}
    assert set(listed[len(QUESTIONS) :]) == others


def test_dates_of_the_shares_and_of_the_reports() -> None:
    def days(policy: Policy, rule_id: str) -> list[str]:
        schedule = policy.schedules[policy.rule(rule_id).schedule]
        found = schedule.between(date(2025, 1, 1), date(2026, 12, 31))
        return [day.isoformat() for day in found]

    para10 = ["2025-08-01", "2026-02-01", "2026-08-01"]
    para15f = ["2025-07-15", "2026-01-15", "2026-07-15"]
    other = load_policy(AI, {"reporting_dates": "para748_15f"})
    for rule_id in ("uveu.outside_t1", "uveu.single_country", "uveu.outside_us"):
        assert days(PACKS[AI], rule_id) == para10
        assert days(other, rule_id) == para15f
    for policy in (PACKS[AI], other):
        assert days(policy, "uveu.report") == para10
        assert days(policy, "veu.inventory_report") == para15f
    safeguards = PACKS[AI].rule("uveu.safeguards")
    on = [
        day
        for year in (2026, 2027)
        for day in PACKS[AI]
        .schedules[safeguards.schedule]
        .between(date(year, 1, 1), date(year, 12, 31))
        if safeguards.in_force(day)
    ]
    assert on == [date(2026, 1, 15)]


@pytest.mark.parametrize(
    ("answer", "stand"),
    [
        ("both", {"uveu.new_site_notice", "uveu.transfer_notice"}),
        ("new_site", {"uveu.new_site_notice"}),
        ("transfer", {"uveu.transfer_notice"}),
    ],
)
def test_which_early_notices_stand(answer: str, stand: set[str]) -> None:
    policy = load_policy(AI, {"site_notices": answer})
    notices = [rule for rule in policy.pack.rules if rule.kind == "notice"]
    assert {rule.id for rule in notices if policy.not_in_force(rule, LATER) is None} == stand
