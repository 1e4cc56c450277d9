"""The packs that ship against a table of the research behind them, where it is at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest

from tests.policy.shipped.test_law import AI, CHINA, NVEU, PACKS, QUESTIONS, numbers_of, rules

_NUMBER = re.compile(r"(?<![\w.,^])\d[\d,]*(?:\.\d+)?(?:\^\d+)?(?: ?%)?")


def facts() -> str:
    """Read the table of the law; skip where it is not at hand."""
    named = os.environ.get("PLACEMENT_REAL_DATA")
    above = [parent / "shared" / "data" for parent in Path(__file__).resolve().parents]
    for folder in [Path(named)] if named else above:
        path = folder.parent / "facts" / "export-rules.md"
        if path.exists():
            return path.read_text("utf-8")
    pytest.skip("no table of the law: set PLACEMENT_REAL_DATA to a folder with facts beside it")


def section(text: str, number: str) -> Iterator[list[str]]:
    """Return the cells of each row of the tables in a section."""
    start = re.search(rf"^##+ {re.escape(number)}(?!\d)", text, re.MULTILINE)
    assert start is not None, number
    end = re.search(r"^##+ ", text[start.end() :], re.MULTILINE)
    for line in text[start.end() :][: end.start() if end else None].splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def stated(cell: str) -> list[tuple[str, Fraction]]:
    """Return the numbers of a cell as written and as they are: 25 %, 790,000,000, 10^26."""
    found = []
    for text in _NUMBER.findall(cell):
        base, _, power = text.rstrip(" %").replace(",", "").partition("^")
        value = Fraction(base) ** int(power or 1)
        found.append((text, value / 100 if "%" in text else value))
    return found


def test_every_row_of_the_table_of_rules_is_a_rule() -> None:
    seen = 0
    for cells in section(facts(), "0"):
        if not cells[0].startswith("`"):
            continue
        seen += 1
        rule = rules()[cells[0].strip("`")]
        if "table" in cells[2]:
            continue  # by quarters, below
        for text, value in stated(cells[2]):
            assert value in numbers_of(rule) or text.lower() in rule.note.lower(), (rule.id, text)
        assert seen
    assert seen >= 19


#: Worked values of chips: they are the catalogue's, not the law's.
CHIPS = """1,978.9 49,901 19.4 814 4,992 624 6.04 826 21,987 140,666 13,166 84,400 20,919 2,614.9
    2,368 296""".split()


def said_in_packs() -> str:
    """Return all that the packs say, comments unwrapped, without thousands separators."""
    folder = resources.files("placement.policy") / "packs"
    text = "".join((folder / f"{name}.toml").read_text("utf-8") for name in (AI, CHINA))
    return re.sub(r"(?<=\d),(?=\d)", "", re.sub(r"\n# +", " ", text))


def test_every_number_and_date_of_the_law_stands_in_a_pack() -> None:
    text = said_in_packs()
    numbers = {Fraction(one) for one in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}
    numbers.add(Fraction(10))  # of 10^26, and 1e26 is in the list of rules
    body = re.search(r"^## 0\..*?(?=^## (?:8|9)\b)", facts(), re.MULTILINE | re.DOTALL)
    assert body is not None
    seen = 0
    for line in body[0].splitlines():
        if line.startswith("#"):
            continue
        for day in re.findall(r"\d{4}-\d\d-\d\d", line):
            assert day in text, line
        line = re.sub(r"section \d\.\d|\b[Ss]ee \d+\.\d|\(12\.\d+\)", "", line)  # its own
        for number in re.findall(r"(?<![\w.,§¶:])\d[\d,]*(?:\.\d+)?(?![\w-])", line):
            seen += 1
            value = Fraction(number.rstrip(",").replace(",", ""))
            given = {value, value / 100, value * 1000, value * 10**6}
            assert number in CHIPS or numbers & given, (number, line)
    assert seen > 200


def test_the_lists_of_the_table_are_the_groups() -> None:
    (tier1,) = re.findall(r"^`([A-Z ]+)` \(19 entries", facts(), re.MULTILINE)
    before = re.findall(r"\| `([A-Z ]+)`", facts())[0]
    groups = PACKS[AI].pack.groups
    written = {name: [one for one in groups[name].members or [] if isinstance(one, str)]
               for name in ("tier1", "tier3")}  # fmt: skip
    assert sorted(tier1.split()) == sorted({*written["tier1"]} - {"UM"})
    after = sorted({*written["tier3"]} - {"HK", "MO"})
    assert before.split() == sorted([*after, "KH"])


def test_the_quarterly_table_is_the_cap() -> None:
    found = {}
    for cells in section(facts(), "3.2"):
        quarters = re.fullmatch(r"(\d{4}) Q(\d)(?:-Q(\d))?", cells[0])
        if quarters:
            year, first, last = quarters[1], int(quarters[2]), int(quarters[3] or quarters[2])
            for quarter in range(first, last + 1):
                found[f"{year}Q{quarter}"] = int(cells[1].replace(",", ""))
    assert found == NVEU


def test_as_many_questions_as_the_table_has() -> None:
    rows = [cells[0] for cells in section(facts(), "7") if re.fullmatch(r"[A-Z]+\d+", cells[0])]
    assert [int(re.sub(r"\D", "", row)) for row in rows] == list(QUESTIONS)
