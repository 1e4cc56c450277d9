"""Packs that cannot be used: each fault in words, at its line."""

from __future__ import annotations

from datetime import date

import pytest

from placement.errors import PolicyError
from placement.policy import parse_policy
from tests.support import world_packs as wp

GOOD = wp.HEAD + wp.LEDGER + wp.LPP_CAP
SHARE = wp.rule("share", 'numerator = "abroad"', 'limit = "0.07"', name="share")
CAP = wp.rule("cap", 'numerator = "abroad"', 'limit = "10"', name="cap")
QUESTION = wp.option("between", "ignore", "breach")


def faults(text: str) -> list[tuple[str, str, str]]:
    """Return each fault with the text of the line that it names."""
    lines = text.splitlines()
    with pytest.raises(PolicyError) as raised:
        parse_policy(text.encode(), "x.toml")
    assert all(one.file == "x.toml" for one in raised.value.problems)
    return [
        (lines[one.line - 1].strip() if one.line else "", one.message, one.fix)
        for one in raised.value.problems
    ]


def test_the_packs_that_are_broken_below_are_good() -> None:
    policy = parse_policy((GOOD + QUESTION + SHARE + CAP).encode(), "x.toml")
    assert {rule.kind for rule in policy.pack.rules} >= {"share", "cap"}


CASES: dict[str, tuple[str, str, str, str]] = {
    "a country in two groups": (
        GOOD.replace('members = ["US", "PR", "DE", "JP"]', 'members = ["US", "PR", "MO"]'),
        'partition = ["tier1", "tier2", "tier3"]',
        "groups overlap: MO is in tier1 and in tier3 on 2026-02-02",
        "take it out of one",
    ),
    "a country in two groups on some days": (
        GOOD.replace('"CN", "MO", {', '"CN", "MO", { place = "DE", from = 2027-01-01 }, {'),
        'partition = ["tier1", "tier2", "tier3"]',
        "groups overlap: DE is in tier1 and in tier3 on 2027-01-01",
        "take it out of one",
    ),
    "a country in no group": (
        GOOD.replace('all_except = ["tier1", "tier3"]', 'members = ["MY", "IN"]'),
        'partition = ["tier1", "tier2", "tier3"]',
        "in no group of the partition on 2026-02-02: AD, AE, AF, AG, AI, AL, AM, AO, AQ, AR, ...",
        "add them to one, or make one of all others",
    ),
    "a rule that can bind nobody": (
        GOOD
        + '[groups.nobody]\ntitle = "t"\nmembers = []\nnote = "empty"\n'
        + SHARE
        + 'binds = { headquarters = "nobody" }\n',
        'binds = { headquarters = "nobody" }',
        "rule 'share' can bind nobody: no country is ever in nobody",
        "",
    ),
    "a rule that can bind nobody, since everyone is seated there": (
        GOOD + SHARE + 'binds = { seatless = "everywhere" }\n',
        'binds = { seatless = "everywhere" }',
        "rule 'share' can bind nobody: every country is always in everywhere",
        "",
    ),
    "a rule about companies that are seated nowhere": (
        GOOD
        + '[groups.nobody]\ntitle = "t"\nmembers = []\nnote = "empty"\n'
        + wp.rule("prohibition", 'seated = "nobody"'),
        'seated = "nobody"',
        "rule 'r' can bind nobody: no country is ever in nobody",
        "name another group, or drop the rule",
    ),
    "a rule that is never measured while it stands": (
        GOOD
        + wp.rule(
            "cap", 'limit = "1"', "from = 2026-02-02", "until = 2026-08-01", schedule="reporting"
        ),
        "until = 2026-08-01",
        "rule 'r' has no measurement date from 2026-02-02 to 2026-08-01",
        "mend its dates, or give it another schedule",
    ),
    "a country that leaves before it comes": (
        GOOD.replace("until = 2026-02-03", "from = 2026-02-03, until = 2026-02-03") + SHARE,
        "[groups.tier3]",
        "KH belongs from 2026-02-03 until 2026-02-03, which is not after it",
        "",
    ),
    "a country that is listed twice": (
        GOOD.replace('"CN", "MO", {', '"KH", "CN", "MO", {') + SHARE,
        "[groups.tier3]",
        "listed twice for the same days: KH",
        "",
    ),
    "a day that no year has": (
        GOOD.replace('"02-01", "08-01"', '"02-30", "08-01"') + SHARE,
        "[schedules.reporting]",
        "'02-30' is no day of a year: the month has fewer days",
        "",
    ),
    "a percentage of fine-tuning above 1": (
        GOOD
        + SHARE
        + wp.rule("finetune", 'controlled_from = "1e26"', 'places = "tier1"', 'limit = "25"'),
        'limit = "25"',
        'a share lies between 0 and 1, 25 does not; write 25 percent as "0.25"',
        "",
    ),
    "a rule about all by those without a seat": (
        GOOD + SHARE + 'about = "all"\nbinds = { seatless = "tier1" }\n',
        "[[rules]]",
        "a rule about all binds by headquarters, not by seatless",
        "",
    ),
    "no such group of seats": (
        GOOD + SHARE + 'binds = { seatless = "tier9" }\n',
        'binds = { seatless = "tier9" }',
        "there is no group 'tier9'",
        "did you mean 'tier3', 'tier2', 'tier1'?",
    ),
    "a duty that is not judged, and a rule, of one id": (
        GOOD
        + SHARE
        + '[[unjudged]]\nid = "share"\ntitle = "t"\nwhy = "w"\ncitation = "c"\n',
        'id = "share"',
        "a rule, or another duty, is called 'share'",
        "give each its own id",
    ),
    "a duty that is not judged without a citation": (
        GOOD + SHARE + '[[unjudged]]\nid = "u"\ntitle = "t"\nwhy = "w"\n',
        "[[unjudged]]",
        "key 'citation' is missing",
        "",
    ),
    "an empty group without a word": (
        GOOD + '[groups.nobody]\ntitle = "t"\nmembers = []\n' + SHARE,
        "[groups.nobody]",
        "the group is empty; say why in its note, or name its members",
        "",
    ),
    "a rule that ends before its schedule begins": (
        GOOD + wp.rule("cap", 'limit = "1"', "until = 2025-01-01", schedule="reporting"),
        "until = 2025-01-01",
        "rule 'r' ends on 2025-01-01, before its schedule begins",
        "the schedule begins on 2025-05-15",
    ),
    "a rule that ends before it begins": (
        GOOD
        + wp.rule("cap", 'limit = "1"', "from = 2026-01-01", "until = 2026-01-01", name="late"),
        "[[rules]]",
        "in force from 2026-01-01 until 2026-01-01, which is not after it",
        "",
    ),
    "a percentage above 1": (
        GOOD + SHARE.replace("0.07", "7"),
        'limit = "7"',
        'a share lies between 0 and 1, 7 does not; write 7 percent as "0.07"',
        "",
    ),
    "no citation": (
        GOOD + SHARE.replace('citation = "c"\n', ""),
        "[[rules]]",
        "key 'citation' is missing",
        "",
    ),
    "an empty citation": (
        GOOD + SHARE.replace('citation = "c"', 'citation = ""'),
        'citation = ""',
        "String should have at least 1 character",
        "",
    ),
    "two rules of one id": (
        GOOD + SHARE + SHARE,
        'id = "share"',
        "two rules are called 'share'",
        "give each its own id",
    ),
    "an option whose default is no value": (
        GOOD + QUESTION.replace('default = "ignore"', 'default = "maybe"') + SHARE,
        "[options.between]",
        "default 'maybe' is not one of ignore, breach",
        "",
    ),
    "an option with a value that the tool does not know": (
        GOOD + wp.option("siblings", "include", "half") + SHARE,
        'values = { "include" = "include", "half" = "half" }',
        "option 'siblings' cannot have the value 'half'",
        "understood: include, exclude",
    ),
    "an option that is not there": (
        GOOD + SHARE + 'between_dates = { option = "betwen" }\n' + QUESTION,
        'between_dates = { option = "betwen" }',
        "there is no option 'betwen'",
        "did you mean 'between'?",
    ),
    "a value that an option does not have": (
        GOOD + SHARE + 'only_if = { option = "between", values = ["warn"] }\n' + QUESTION,
        'only_if = { option = "between", values = ["warn"] }',
        "there is no value of option 'between' 'warn'",
        "known: breach, ignore",
    ),
    "a date of an option that is none": (
        GOOD
        + wp.option("since", "2025-01-01", "then")
        + CAP
        + 'measure = "received"\nreceived_since = { option = "since" }\n',
        'values = { "2025-01-01" = "2025-01-01", "then" = "then" }',
        "option 'since' must have dates as values, 'then' is none",
        "write YYYY-MM-DD",
    ),
    "received by a channel of no ledger": (
        wp.HEAD + wp.rule("cap", 'limit = "1"', 'measure = "received"', 'channels = ["lpp"]'),
        'channels = ["lpp"]',
        "the ledger has no channel 'lpp'",
        "add it there",
    ),
    "room by a rule that is no cap of a consignee": (
        GOOD.replace('room = "lpp.cap"', 'room = "cap"') + CAP,
        "[[ledger.channels]]",
        "'cap' is no cap on what a consignee receives by lpp",
        "room is that of the consignee",
    ),
    "a channel twice": (
        GOOD.replace('id = "aia"', 'id = "uveu"') + SHARE,
        "[[ledger.channels]]",
        "channel 'uveu' is there twice",
        "keep one",
    ),
    "channels of what stands": (
        GOOD + CAP + 'channels = ["lpp"]\n',
        "[[rules]]",
        "channels and windows are of what was received: measure = 'received'",
        "",
    ),
    "two windows": (
        GOOD + CAP + 'measure = "received"\nreceived_since = 2025-01-01\ncalendar_year = true\n',
        "[[rules]]",
        "give received_since or calendar_year, not both",
        "",
    ),
    "a consignee of what stands": (
        GOOD + CAP + 'about = "consignee"\n',
        "[[rules]]",
        "a consignee receives: measure = 'received'",
        "",
    ),
    "a limit and steps": (
        GOOD + CAP + 'steps = [{ from = 2026-01-01, to = 2026-12-31, limit = "1" }]\n',
        "[[rules]]",
        "give either limit or steps",
        "",
    ),
    "an origin of what stands": (
        GOOD + wp.rule("prohibition", 'numerator = "tier3"', 'origin = "home"'),
        "[[rules]]",
        "an origin is that of shipments: measure = 'shipped'",
        "",
    ),
    "a duty without a threshold": (
        GOOD + SHARE + wp.rule("duty", 'of = "consignee"', 'what = "tell"'),
        "[[rules]]",
        "give a threshold, or of = 'date'",
        "",
    ),
    "a notice of no days": (
        GOOD + SHARE + wp.rule("notice", 'of = "transfer"', "days = 0"),
        "days = 0",
        "must be greater than 0",
        "",
    ),
    "groups of sites": (
        GOOD + CAP + 'by = "metro"\n',
        "[[rules]]",
        "groups are of countries; a rule by metro is about everywhere",
        "",
    ),
    "no such kind": (
        GOOD + wp.rule("quota", 'limit = "1"'),
        'kind = "quota"',
        "there is no such kind of rule",
        "",
    ),
    "no such group of headquarters": (
        GOOD + SHARE + 'binds = { headquarters = "tier9" }\n',
        'binds = { headquarters = "tier9" }',
        "there is no group 'tier9'",
        "did you mean 'tier3', 'tier2', 'tier1'?",
    ),
    "no such authorization of a channel": (
        GOOD.replace('binds = { authorization = "nveu" }', 'binds = { authorization = "nvue" }'),
        "[[ledger.channels]]",
        "there is no authorization 'nvue'",
        "did you mean 'nveu'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_told_at_its_line(case: str) -> None:
    text, line, message, fix = CASES[case]
    found = faults(text)
    assert [one[1] for one in found][:1] == [message]
    assert found[0][0] == line
    if fix:
        assert found[0][2] == fix


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("2026-01-01, to = 2026-03-31", "2026-04-02", "steps leave a gap: one ends on 2026-03-31, "
         "the next begins on 2026-04-02, not on 2026-04-01"),
        ("2026-01-01, to = 2026-03-31", "2026-03-31", "steps leave an overlap: one ends on "
         "2026-03-31, the next begins on 2026-03-31, not on 2026-04-01"),
        ("2026-04-01, to = 2026-03-31", "2026-04-01", "a step ends on 2026-03-31, before it begins "
         "on 2026-04-01"),
    ],
)  # fmt: skip
def test_steps_follow_each_other(first: str, second: str, message: str) -> None:
    steps = (
        f'steps = [{{ from = {first}, limit = "1" }}, '
        f'{{ from = {second}, to = 2026-12-31, limit = "2" }}]'
    )
    (found,) = faults(GOOD + wp.rule("cap", steps))
    assert found[1] == message


def test_a_rule_is_measured_on_its_last_day_or_under_another_answer() -> None:
    def rule(until: str) -> str:
        dates = ("from = 2026-02-02", f"until = {until}")
        return wp.rule("cap", 'limit = "1"', *dates, schedule="reporting")

    assert parse_policy((GOOD + rule("2026-08-02")).encode(), "x.toml")
    asked = QUESTION + (
        '[[schedules.reporting.when]]\noption = "between"\nvalue = "breach"\ndays = ["07-15"]\n'
    )
    assert parse_policy((GOOD + asked + rule("2026-08-01")).encode(), "x.toml")


def test_a_country_may_leave_and_come_back() -> None:
    back = 'until = 2026-02-03 }, { place = "KH", from = 2027-01-01 }'
    policy = parse_policy((GOOD.replace("until = 2026-02-03 }", back) + SHARE).encode(), "x.toml")
    days = (date(2026, 2, 2), date(2026, 2, 3), date(2027, 1, 1))
    assert ["KH" in policy.groups_on(day)["tier3"] for day in days] == [True, False, True]


def test_every_fault_is_told_at_once() -> None:
    text = GOOD + SHARE.replace("0.07", "7") + CAP.replace('"10"', "10")
    assert len(faults(text)) == 2
