"""`placement ledger` and `placement.accounts`: every charge behind a cap, and what it leaves."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import placement
from placement.catalog import load_catalog
from placement.compliance.dates import EvaluationDates
from placement.compliance.run import check_inventory, report
from placement.errors import NothingEvaluatedError
from placement.ledger.accounts import make_accounts
from placement.ledger.records import Account, Accounts, Only
from placement.policy import load_policy
from placement.readers.tables.entities import Entities
from tests.fleet.test_channel_charges import ENTITIES, FLEETS, PACK, case_of, naive
from tests.support.fleets import Lot, inventory
from tests.support.forked_cli import placement_run as run

INVENTORY = """\
owner,site,country,accelerator,quantity,status,arrived,consignee,channel,licensed,from_country
Alpha,kl-1,MY,H100 SXM,5000,installed,2025-03-01,,,,
Alpha,kl-1,MY,H100 SXM,1000,installed,2026-03-01,,,,
Beta,kl-2,MY,B200,4000,installed,2026-04-01,,licence,,
Beta,kl-2,MY,B200,18000,installed,2026-05-01,,,yes,
Alpha,kl-1,MY,H100 SXM,70,installed,,,,,
Beta,na-1,NA,H100 SXM,1700,installed,2026-06-01,Alpha,lpp,,
Uni,sg-1,SG,H100 SXM,100,installed,2026-01-05,,,,
Uni,sg-1,SG,T4,100,installed,2026-01-05,,,,
Uni,us-1,US,H100 SXM,90000,installed,2026-01-05,,,,
Nat,in-1,IN,B200,20000,installed,2026-02-05,,,,
Nat,in-1,IN,B200,80000,planned,2026-07-15,,,,
Red,sha-1,CN,H100 SXM,1,installed,2026-02-05,,,,
"""
COMPANIES = """\
entity,parent,headquarters,authorization
Alpha,,MY,none
Beta,,SG,none
Uni,,US,uveu
Nat,,IN,nveu:IN
Red,,CN,none
"""
AS_OF = ("--as-of", "2026-08-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.csv").write_text(INVENTORY, "utf-8")
    (tmp_path / "companies.csv").write_text(COMPANIES, "utf-8")
    return tmp_path


def ledger(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    given = ("ledger", "inventory.csv", "--entities", "companies.csv")
    return run(folder, *given, *words)


def accounts(folder: Path, **words: str) -> Accounts:
    return placement.accounts(
        folder / "inventory.csv",
        entities=folder / "companies.csv",
        **{"until": "2026-08-01", **words},  # type: ignore[arg-type]
    )


def of(found: Accounts, rule: str, place: str, year: int = 2026) -> Account:
    (one,) = (
        one
        for one in found.accounts
        if (one.rule, one.place, one.until.year) == (rule, place, year)
    )
    return one


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_text(folder: Path, golden: Callable[[str, str], None]) -> None:
    ran = ledger(folder, *AS_OF)
    golden("ledger.txt", ran.stdout)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_csv(folder: Path, golden: Callable[[str, str], None]) -> None:
    ran = ledger(folder, *AS_OF, "--output", "csv")
    golden("ledger.csv", ran.stdout)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_json(folder: Path, golden: Callable[[str, str], None]) -> None:
    ran = ledger(folder, *AS_OF, "--output", "json")
    found = json.loads(ran.stdout)
    assert found["schema"] == "placement.accounts/1"
    found["pack"]["digest"] = "sha256:..."
    golden("ledger.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def test_what_came_before_the_range_is_in_the_opening_balance(folder: Path) -> None:
    whole = of(accounts(folder), "country.alloc", "MY")
    part = of(accounts(folder, since="2026-04-01"), "country.alloc", "MY")
    assert [one.line for one in whole.charges] == [2, 3, 4, 5]
    assert [one.line for one in part.charges] == [4, 5]
    assert (part.before, part.opening) == ("68093432.000", "721906568.000")
    assert (part.left, part.charged) == (whole.left, whole.charged)
    assert [one.left for one in part.charges] == [one.left for one in whole.charges][2:]


def test_a_part_of_a_lot(folder: Path) -> None:
    one = of(accounts(folder), "country.alloc", "MY").charges[0]
    assert (one.count, one.lot_count, one.is_part) == ("3301", "5000", True)
    other = of(accounts(folder), "lpp.cap", "everywhere", 2025).charges[0]
    assert (other.count, other.lot_count, other.left) == ("1699", "5000", "1432.000")


def test_lots_without_a_date_stand_apart(folder: Path) -> None:
    one = of(accounts(folder), "country.alloc", "MY")
    assert [(c.line, c.left) for c in one.undated] == [(6, None)]
    assert (one.left, one.left_with_undated) == ("-70093432.000", "-71201672.000")


def test_a_quarter_has_the_most_that_stood_there(folder: Path) -> None:
    (stock,) = accounts(folder).stock
    last = stock.quarters[-1]
    assert (stock.holder, stock.place) == ("Nat", "IN")
    assert (last.since, last.until, last.highest_on) == (
        date(2026, 7, 1),
        date(2026, 8, 1),
        date(2026, 7, 15),
    )
    assert (last.highest, last.left) == ("3600000000.000", "-118500000.000")
    assert [one.overdrawn for one in stock.quarters].count(True) == 1


def test_channels_without_a_cap_are_summed_up(folder: Path) -> None:
    found = {(one.country, one.channel): one for one in accounts(folder).uncapped}
    assert sorted(found) == [("CN", "licence"), ("IN", "nveu"), ("SG", "uveu")]
    assert (found["SG", "uveu"].lots, found["SG", "uveu"].amount) == (1, "1583200.000")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"country": "Namibia"}, ["lpp.cap Alpha"]),
        ({"country": "IN"}, ["nveu.cap Nat"]),
        ({"consignee": "Alpha"}, ["country.alloc all owners"] + ["lpp.cap Alpha"] * 2),
        ({"channel": "licence"}, ["country.alloc all owners"]),
    ],
)
def test_only_some_accounts_each_whole(
    folder: Path, words: dict[str, str], expected: list[str]
) -> None:
    found = accounts(folder, **words)
    named = [f"{one.rule} {one.holder}" for one in found.accounts]
    assert named + [f"{one.rule} {one.holder}" for one in found.stock] == expected
    whole = {(one.rule, one.place, one.until): one for one in accounts(folder).accounts}
    for one in found.accounts:
        assert one == whole[one.rule, one.place, one.until]


@pytest.mark.parametrize(
    ("words", "shown", "said"),
    [
        (("--country", "JP"), 0, "no account shown: 4 accounts exist, hidden: 4 by --country JP"),
        (
            ("--country", "JP", "--channel", "lpp"),
            0,
            "no account shown: 4 accounts exist, hidden: 2 by --channel lpp, 4 by --country JP",
        ),
        (("--country", "IN"), 1, "3 more not shown, hidden: 3 by --country IN"),
        (("--consignee", "Red"), 0, "no account shown: 4 accounts exist, hidden: 4 by --consignee "
        "Red"),
        ((), 4, "4 accounts, overdrawn: "),
    ],
)  # fmt: skip
def test_what_a_filter_hides_is_counted(
    folder: Path, words: Sequence[str], shown: int, said: str
) -> None:
    ran = ledger(folder, *AS_OF, *words)
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-1].startswith(said)
    found = json.loads(ledger(folder, *AS_OF, *words, "--output", "json").stdout)
    assert len(found["accounts"]) + len(found["stock"]) == shown
    assert found["hidden_accounts"] == 4 - shown


def test_only_the_latest_charges_are_printed(folder: Path) -> None:
    days = [f"2026-05-{n % 28 + 1:02}" for n in range(60)]
    lines = [f"Beta,kl-2,MY,B200,{n},installed,{day},,licence,," for n, day in enumerate(days, 1)]
    text = INVENTORY.splitlines()[0] + "\n" + "\n".join(lines) + "\n"
    (folder / "inventory.csv").write_text(text, "utf-8")
    shown = ledger(folder, *AS_OF).stdout
    assert shown.count("licence, recorded") == 40
    assert "... and 20 more, all in --output csv" in shown
    assert ledger(folder, *AS_OF, "--output", "csv").stdout.count("\ncharge,") == 60


def test_nothing_received_is_one_line_and_exit_0(folder: Path) -> None:
    (folder / "inventory.csv").write_text(
        "owner,site,country,accelerator,quantity\nUni,us-1,US,H100 SXM,8\n", "utf-8"
    )
    ran = ledger(folder, *AS_OF)
    assert ran.returncode == 0
    assert ran.stdout.endswith(
        "\n\nno account: nothing was received under a cap, and no cap on stock binds anyone here\n"
    )
    assert "no cap\n" not in ran.stdout


def test_several_outputs_files_first(folder: Path) -> None:
    ran = ledger(folder, *AS_OF, "--output", "text", "--output", "csv=my.csv")
    assert ran.stdout.endswith("; nveu.cap in IN, Nat\n")
    entries = rows((folder / "my.csv").read_text("utf-8"))
    assert {one["entry"] for one in entries} == {
        "opening", "charge", "undated", "closing", "stock", "no_cap", "no_account",
    }  # fmt: skip


def test_no_name_is_a_formula_or_steers_a_terminal(folder: Path) -> None:
    evil = "=HYPERLINK(1)\x1b[31m|"
    for file, text in (("inventory.csv", INVENTORY), ("companies.csv", COMPANIES)):
        (folder / file).write_text(text.replace("Beta", evil), "utf-8")
    assert "\x1b" not in ledger(folder, *AS_OF).stdout
    ledger(folder, *AS_OF, "--output", "csv=my.csv")
    owners = {one["owner"] for one in rows((folder / "my.csv").read_text("utf-8"))}
    assert f"'{evil}" in owners
    assert evil not in owners


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--country", "Kora"), "no country is called 'Kora'"),
        (("--consignee", "Alpa"), "'Alpa': no lot is of such a company; did you mean 'Alpha'?"),
        (("--channel", "licens"), "there is no such channel; did you mean 'licence'?"),
        (("--until", "2026-08-01"), "--as-of and --until are the same"),
        (("--from", "2026-08-02"), "the range ends before it begins"),
        (("--output", "csvv"), "'csvv': no such output format; did you mean 'csv'?"),
        (("--output", "csv="), "no path after '='"),
        (("--output", "csv", "--output", "text"), "two formats for one terminal"),
        (("--output", "csv=none/a.csv"), "cannot write: No such file or directory"),
    ],
)
def test_bad_usage_is_exit_2(folder: Path, words: Sequence[str], message: str) -> None:
    ran = ledger(folder, *AS_OF, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr


def drawn_up(lots: list[Lot], until: date, since: date | None, charge_by: str) -> Accounts:
    policy = load_policy(str(PACK), {"charge_by": charge_by})
    pack = report(policy, (), dates=()).pack
    return make_accounts(case_of(lots, policy), pack, since, until, only=Only())


RANGES = st.sampled_from([None, date(2024, 6, 1), date(2025, 6, 1), date(2026, 6, 30)])
CHARGE_BY = st.sampled_from(["location", "headquarters", "both"])


@given(FLEETS, RANGES, CHARGE_BY)
def test_balances_add_up(lots: list[Lot], since: date | None, charge_by: str) -> None:
    for one in drawn_up(lots, date(2026, 6, 30), since, charge_by).accounts:
        left = Fraction(one.limit) - Fraction(one.before)
        assert left == Fraction(one.opening)
        for charge in one.charges:
            left -= Fraction(charge.amount)
            assert charge.left is not None
            assert Fraction(charge.left) == left
        assert left == Fraction(one.left)
        assert Fraction(one.limit) - left == Fraction(one.charged)
        keys = [(charge.day or date.min, charge.line) for charge in one.charges]
        assert keys == sorted(keys)


@given(FLEETS, st.sampled_from([date(2026, 1, 1), date(2026, 6, 30), date(2027, 1, 1)]), CHARGE_BY)
def test_the_closing_balance_is_that_of_the_judge(
    lots: list[Lot], day: date, charge_by: str
) -> None:
    policy = load_policy(str(PACK), {"charge_by": charge_by})
    try:
        judged = check_inventory(
            inventory(lots),
            policy=policy,
            catalog=load_catalog(),
            entities=Entities(ENTITIES),
            days=EvaluationDates(as_of=day),
        )
    except NothingEvaluatedError:
        return
    found = drawn_up(lots, day, None, charge_by)
    ours = {(one.rule, one.holder, one.place): one for one in found.accounts if one.until == day}
    compared = 0
    for one in judged.findings:
        if one.rule not in ("country.alloc", "lpp.cap") or one.numerator is None:
            continue
        account = ours.get((one.rule, one.owner, one.place))
        if account is None:
            assert Fraction(one.numerator) == 0
            continue
        compared += 1
        left = account.left_with_undated or account.left
        assert (one.verdict == "breach") == left.startswith("-")
        charged = Fraction(account.charged)
        with_undated = charged + Fraction(account.undated_amount)
        assert Fraction(one.numerator) == (
            with_undated if one.verdict == "breach" and not account.overdrawn else charged
        )
    assert compared == len(ours)
    for stock in found.stock:
        quarter = stock.quarters[-1]
        assert Fraction(quarter.highest) >= 0


@given(FLEETS, CHARGE_BY)
def test_every_charge_stands_somewhere(lots: list[Lot], charge_by: str) -> None:
    """Each lot is in an account, or in the sums of what is under no cap."""
    found = drawn_up(lots, date(2027, 1, 1), None, charge_by)
    listed = {
        (charge.line, charge.channel)
        for one in found.accounts
        for charge in (*one.charges, *one.undated)
    }
    rest = [part for part in naive(lots) if part[:2] not in listed]
    assert len(rest) == sum(one.lots for one in found.uncapped)
