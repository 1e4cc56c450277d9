"""Every wrong key or value of placement.toml has its message."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from placement.errors import UsageError
from placement.readers.config.placement_toml import config_of, read_config

START = '[horizon]\nstart = "2027Q1"\n'


def message(folder: Path, text: str) -> str:
    path = folder / "placement.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_config(path)
    return str(caught.value).replace(f"{path}", "placement.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            START + '[optimize]\nsolvr = "cbc"\n',
            "placement.toml:4: optimize.solvr: unknown key 'solvr'; did you mean 'solver'?",
        ),
        (
            START + "[move]\nallowed = true\n",
            "placement.toml:3: move: unknown key 'move'; did you mean 'moves'?",
        ),
        *[
            (f"{START}[optimize]\n{key} = {value}\n", f"placement.toml:4: optimize.{said}")
            for key, value, said in [
                ("margin", '"0.5"', "margin '0.5': is no margin; write \"0.5pp\" (of a share)"),
                ("margin", '"101%"', "margin '101%': is more than 100 %"),
                ("margin", "0.5", "margin '1/2': is no margin; write"),
                (
                    "objective",
                    '"cost,move"',
                    "objective 'move': is not one of 'cost', 'compute', "
                    "'moves', 'carbon', 'changes', 'relaxation'; did you mean 'moves'?",
                ),
                ("objective", '["cost", "cost"]', "objective: names cost twice; keep the first"),
                ("objective", "[]", "objective: names no objective; write objective ="),
                ("slack", '"1.5"', "slack '1.5': must be from 0 to 1"),
                ("budget_usd_per_period", "[1, -2]", "budget_usd_per_period '-2': must be greater"),
                (
                    "budget_eur_per_period",
                    "1",
                    "budget_eur_per_period: is in EUR, and the currency "
                    "of the configuration is USD; give the amounts in USD as "
                    "budget_usd_per_period, "
                    'or set [placement] currency = "EUR"',
                ),
                ("transit", '"origin"', "transit 'origin': is not one of 'destination', 'both'"),
            ]
        ],
        (
            START + '[optimize]\nobjective = "cost,moves"\nslack = [0.1, 0.1, 0]\n',
            "placement.toml:3: optimize: slack has 3 numbers, and there are 2 objectives; "
            "write one number, or one for each objective",
        ),
        (
            START + '[optimize.margin]\n"uveu.single_country" = "x"\n',
            "placement.toml:4: optimize.margin.uveu.single_country 'x': is no margin",
        ),
        (
            START + "discount_rate = -0.1\n",
            "placement.toml:3: horizon.discount_rate '-1/10': is negative",
        ),
        (
            "[horizon]\nperiods = 1\n",
            "placement.toml:1: horizon.start: key 'start' is missing; "
            'write [horizon] start = "2027Q1"',
        ),
        *[
            (f"{START}periods = {value}\n", f"placement.toml:3: horizon.periods {said}")
            for value, said in [
                ("0", "'0': must be greater than or equal to 1"),
                ("401", "'401': must be less than or equal to 400"),
                ("1.5", "'3/2': must be a valid integer"),
            ]
        ],
        (
            START + "[moves]\nallowed = true\n",
            "placement.toml:4: moves.usd_per_accelerator: [moves] allows it but gives no price; "
            "set usd_per_accelerator (0 for free)",
        ),
        (
            START + '[placement]\ncurrency = "euro"\n',
            "placement.toml:4: placement.currency 'euro': is no code of a currency; "
            "write three capital letters, as USD or EUR",
        ),
        (
            START + '[placement]\ncurrency = "EUR"\n[moves]\nallowed = true\n'
            "usd_per_accelerator = 5\n",
            "placement.toml:7: moves.usd_per_accelerator: is in USD, and the currency of the "
            "configuration is EUR; give the amounts in EUR as eur_per_accelerator, or set "
            '[placement] currency = "USD"',
        ),
        (
            START + '[placement]\ncurrency = "EUR"\n[moves]\nallowed = true\n',
            "placement.toml:6: moves.eur_per_accelerator: [moves] allows it but gives no price; "
            "set eur_per_accelerator (0 for free)",
        ),
        (
            START + '[placement]\ncurrency = "EUR"\n[retire]\neur_per_acelerator = 5\n',
            "placement.toml:6: retire.eur_per_acelerator: unknown key 'eur_per_acelerator'; "
            "did you mean 'eur_per_accelerator'?",
        ),
        (
            START + '[placement]\ncurrency = "EUR"\n[moves]\neur_per_accelerator = -5\n',
            "placement.toml:6: moves.eur_per_accelerator '-5': must be greater than or equal to 0",
        ),
        (
            START + '[optimize]\nplace = "sometimes"\n',
            "placement.toml:4: optimize.place 'sometimes': is not one of "
            "'every_period', 'by_end', 'as_much_as_fits'",
        ),
        (
            START + "[optimize]\ngap = -1\n",
            "placement.toml:4: optimize.gap '-1': must be from 0 to 1; write it as 0.001",
        ),
        *[
            (f"{START}[optimize]\n{key} = {value}\n", f"placement.toml:4: optimize.{key} {said}")
            for key, value, said in [
                ("gap", "1e999999999", "'1e999999999': is not a number; write it in digits"),
                ("gap", "1e400", "'1e400': is written with an exponent; write it out in digits"),
                ("gap", "nan", "'nan': is not a number"),
                ("gap", "-inf", "'-inf': is not a number"),
                ("gap", "1.5", "'3/2': must be from 0 to 1"),
                ("time_limit", "1e400", "'1e400': is written with an exponent"),
                ("time_limit", "inf", "'inf': is not a number"),
                ("time_limit", "0", "'0': must be more than 0"),
                ("time_limit", "10000001", "'10000001': must be more than 0, and at most"),
                ("solver", "1e999999999", "'1e999999999': must be a valid string"),
            ]
        ],
        *[
            (f"{START}[{where}]\n{key} = {value}\n", f"placement.toml:4: {where}.{key} {said}")
            for where, key in (("moves", "notice_filed"), ("optimize", "by"))
            for value, said in [
                ('"1.2.27"', "'1.2.27': is not a date as YYYY-MM-DD; write it as 2026-08-01"),
                ('"2027-02-30"', "'2027-02-30': is no day of the calendar"),
                ("20270201", "'20270201': is no day; write it as 2027-02-01"),
                ("true", "'True': is no day; write it as 2027-02-01"),
                ("2027-02-01T10:00:00", "'2027-02-01 10:00:00': is no day; write 2027-02-01"),
                (
                    '"2027Q3"',
                    "'2027Q3': is a period, and a day is asked for; write its first day as "
                    "2027-07-01, or another one",
                ),
                (
                    '"2027-11"',
                    "'2027-11': is a period, and a day is asked for; write its first day as "
                    "2027-11-01",
                ),
                (
                    '"2027"',
                    "'2027': is a period, and a day is asked for; write its first day as "
                    "2027-01-01",
                ),
            ]
        ],
        ("[horizon\n", "placement.toml:1: is not TOML: Expected ']' at the end of a table"),
    ],
)
def test_messages(tmp_path: Path, text: str, expected: str) -> None:
    assert message(tmp_path, text).startswith(expected)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No such file.*give a folder with a placement"):
        read_config(tmp_path / "nothing")


def test_numbers_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "placement.toml"
    path.write_text(START + "[moves]\nallowed = true\nusd_per_accelerator = 0.1\n")
    price = read_config(path).config.moves.usd_per_accelerator
    assert price is not None
    assert (price.numerator, price.denominator) == (1, 10)


def test_files_beside_it_are_found_and_listed_ones_win(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("x\n")
    (tmp_path / "placement.toml").write_text(START + '[files]\nsupply = "deep/supply.csv"\n')
    setup = read_config(tmp_path)
    assert setup.path("sites") == tmp_path / "sites.csv"
    assert setup.path("supply") == tmp_path / "deep" / "supply.csv"
    assert setup.path("demand") is None


def test_shipments_and_weights_are_found_as_the_others_are(tmp_path: Path) -> None:
    (tmp_path / "weights.csv").write_text("x\n")
    (tmp_path / "placement.toml").write_text(START + '[files]\nshipments = "deep/out.csv"\n')
    setup = read_config(tmp_path)
    assert setup.path("weights") == tmp_path / "weights.csv"
    assert setup.path("shipments") == tmp_path / "deep" / "out.csv"
    (tmp_path / "placement.toml").write_text(START)
    assert read_config(tmp_path).path("shipments") is None


@pytest.mark.parametrize("value", ["2026-11-01", '"2026-11-01"'])
def test_the_day_a_notice_was_filed(tmp_path: Path, value: str) -> None:
    path = tmp_path / "placement.toml"
    path.write_text(f"{START}[moves]\nnotice_filed = {value}\n")
    assert read_config(path).config.moves.notice_filed == date(2026, 11, 1)


@pytest.mark.parametrize("gap", [float("inf"), float("nan"), 1.5, "1e999999999", 10**500])
def test_a_mapping_is_checked_as_a_file_is(gap: object) -> None:
    with pytest.raises(UsageError, match=r"optimize\.gap"):
        config_of({"optimize": {"gap": gap}})


def test_a_mapping_will_do() -> None:
    assert config_of({"horizon": {"start": "2027Q1"}}).config.optimize.solver == "highs"


def test_money_in_another_currency() -> None:
    tree = {
        "placement": {"currency": "EUR"},
        "retire": {"allowed": True, "eur_per_accelerator": "-2.5"},
        "optimize": {"budget_eur_per_period": 7},
    }
    config = config_of(tree).config
    assert config.retire.usd_per_accelerator == Fraction(-5, 2)
    assert config.optimize.budget_usd_per_period == [Fraction(7)]
