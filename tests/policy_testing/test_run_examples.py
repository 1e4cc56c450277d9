"""`placement policy test`: examples beside the rules, judged as any fleet is."""

from __future__ import annotations

from pathlib import Path

import pytest

from placement.errors import InputError
from placement.policy import shipped_packs
from placement.policy.examples import Example
from placement.policy.load import PackFile, find_pack
from placement.policy_testing.example_tables import tables_of
from placement.policy_testing.run_examples import RuleResult, run_examples
from tests.support.paths import ROOT, TESTS
from tests.support.policy_command import Command

EVERY_KIND = TESTS / "packs" / "every-kind.toml"
HOUSE = ROOT / "inputs" / "packs" / "house-rules.toml"


@pytest.mark.parametrize("path", [EVERY_KIND, HOUSE])
def test_every_example_comes_out_as_it_says(path: Path) -> None:
    results = run_examples(find_pack(str(path)))
    assert not [one for one in results if not one.is_ok]


@pytest.mark.parametrize("name", shipped_packs())
def test_examples_of_packs_that_ship(name: str) -> None:
    results = run_examples(find_pack(name))
    assert not [one for one in results if one.failures]
    if any(one.count for one in results):
        assert not [one for one in results if one.missing]


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = HOUSE.read_text("utf-8")
    assert old in text
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def ran(path: Path) -> dict[str, RuleResult]:
    return {one.rule: one for one in run_examples(find_pack(str(path)))}


@pytest.mark.parametrize(
    ("old", "new", "got"),
    [
        (
            '"DE 4", "US 6"',
            '"DE 2", "US 6"',
            "breach (A in eu; 20000.000 of 80000.000 TPP, limit >= 0.3)",
        ),
        ('"DE 2", "NO 8"', '"DE 3", "NO 7"', "ok (A in eu; 30000.000 of 100000.000 TPP, limit >="),
        ('"US 14"', '"US 13.9"', None),
        ('"US 14"', '"US 13"', "ok, and not exactly at the limit (A in eu; 60000.000 of 190000"),
        ('"DE 4", "US 6"', '"US 0"', "nothing was judged: house.metro (A): A owns no"),
    ],
)
def test_what_came_out_instead(tmp_path: Path, old: str, new: str, got: str | None) -> None:
    path = changed(tmp_path, old, new)
    if got is None:
        with pytest.raises(InputError, match=r"quantity '13\.9': is not a whole number"):
            ran(path)
        return
    results = ran(path)
    assert results["house.metro"].is_ok
    (failure,) = results["house.eu"].failures
    assert failure.got.startswith(got)


def test_a_place_without_a_finding(tmp_path: Path) -> None:
    results = ran(changed(tmp_path, 'place = "Ashburn"', 'place = "Bonn"'))
    (failure,) = results["house.metro"].failures
    assert failure.got.startswith("nothing was judged in Bonn")


def test_a_missing_case_fails(tmp_path: Path) -> None:
    path = changed(
        tmp_path, '{ case = "at_limit", title = "of different models"', '{ case = "passing"'
    )
    one = ran(path)["house.eu"]
    assert (one.is_ok, one.failures, one.missing) == (False, (), ("at_limit",))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"lots": ["MY"]}, "lots 'MY': is not of the form; write <country> <accelerators>, then"),
        ({"lots": ["MY 7 owned=B"]}, "there is no key 'owned'; did you mean 'owner'"),
        ({"lots": ["MY 7 tpp=1 tpp=2"]}, "tpp is there twice; keep one"),
        ({"shipments": ["2026-01-01 A 5 US-CN"]}, "says not from where to where; write the count"),
        ({"weights": ["m A 1e26"]}, "says not where the weights are; add at=<site>"),
        ({"sites": ["fra"]}, "sites 'fra': is not of the form; write <site> <country>"),
        ({"companies": ["A"]}, "companies 'A': is not of the form; write <name> <country> ..."),
    ],
)
def test_a_text_that_does_not_follow_the_grammar(texts: dict[str, list[str]], message: str) -> None:
    with pytest.raises(InputError) as raised:
        tables_of(Example.model_validate({"case": "passing", **texts}))
    assert message in str(raised.value)


def test_tables() -> None:
    example = Example.model_validate(
        {
            "case": "passing",
            "companies": ["Top US uveu", "A SG nveu:IN nveu:SG parent=Top"],
            "lots": ["MY 7 tpp=4800.5 bandwidth=4800 ends=2027-01-01 from=US", "NA 1 owner=Top"],
            "shipments": ["2026-03-01 A 5 US->CN use=HK"],
            "weights": ["m A 1e26 at=x published tuned=1e25 tuned_at=x customer=NA"],
            "sites": ["x MY metro=Johor"],
        }
    )
    tables = tables_of(example)
    assert tables["entities"][1] == {
        "entity": "A",
        "parent": "Top",
        "headquarters": "SG",
        "authorization": "nveu:IN;nveu:SG",
    }
    assert tables["inventory"][0] == {
        "owner": "A",
        "site": "MY-site",
        "country": "MY",
        "accelerator": "EX-4800.5-4800",
        "quantity": "7",
        "out_of_service": "2027-01-01",
        "from_country": "US",
    }
    assert [one["accelerator"] for one in tables["accelerators"]] == ["EX-4800.5-4800", "EX-10000"]
    assert tables["shipments"][0]["end_use_country"] == "HK"
    assert tables["weights"][0]["published"] == "yes"
    assert {one["site"]: one["metro"] for one in tables["sites"]} == {
        "MY-site": "MY-site",
        "NA-site": "NA-site",
        "x": "Johor",
    }
    assert all(one["notice_filed"] == "" for one in tables["sites"])


def test_output_and_exit_codes(tmp_path: Path, policy: Command) -> None:
    code, out, err = policy("test", str(HOUSE))
    assert (code, err) == (0, "")
    assert out == (
        f"{HOUSE}\n"
        "  ok      house.metro  3 examples\n"
        "  ok      house.eu     3 examples\n"
        "\n"
        "OK: 2 rules, 6 examples\n"
    )
    path = changed(tmp_path, '"DE 2", "NO 8"', '"DE 8", "NO 2"')
    code, out, _ = policy("test", str(path))
    assert code == 1
    assert "  FAILED  house.eu     3 examples\n" in out
    assert "failing 'Norway is no member': expected breach, got ok (A in eu; " in out
    assert out.endswith("FAILED: 1 of 2 rules, 6 examples\n")
    path = changed(tmp_path, '"DE 2", "NO 8"', '"XX 8", "NO"')
    code, out, err = policy("test", str(path))
    assert (code, out) == (2, "")
    assert f"error: {path}:64: rules.2.examples.2: lots 'NO': is not of the form" in err
    assert policy("test", "none.toml")[0] == 2


def test_an_error_of_the_reader_has_the_line_of_the_example(tmp_path: Path) -> None:
    path = changed(tmp_path, '"DE 2", "NO 8"', '"DE 8 arrived=soon", "NO 8 status=gone"')
    file = PackFile(str(path), "file", path.read_bytes())
    with pytest.raises(InputError) as raised:
        run_examples(file)
    assert {problem.line for problem in raised.value.problems} == {64}
    assert "status 'gone'" in str(raised.value)
    assert "arrived 'soon'" in str(raised.value)
