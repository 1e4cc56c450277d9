"""Faults of one kind are one line, and hide no other kind."""

from __future__ import annotations

from pathlib import Path

import pytest

import placement
from placement.errors import SHOWN_PROBLEMS, Fault, InputError

HEADER = "owner,site,country,accelerator,quantity,asset_id\n"
GIVEN = {"headquarters": "US", "authorization": "uveu"}


def refused(path: Path, rows: list[str]) -> InputError:
    path.write_text(HEADER + "".join(f"{row},a{n}\n" for n, row in enumerate(rows)), "utf-8")
    with pytest.raises(InputError) as found:
        placement.check(path, **GIVEN)  # type: ignore[arg-type]
    return found.value


def test_like_errors_are_one_line() -> None:
    like = [Fault("unknown", "name it", "a.csv", line, "accelerator", "X") for line in (9, 4, 7)]
    other = Fault("unknown", "name it", "a.csv", 5, "accelerator", "Y")
    error = InputError([*like, other])
    assert str(error).splitlines() == [
        "a.csv:4 and 2 more lines: accelerator 'X': unknown; name it",
        "a.csv:5: accelerator 'Y': unknown; name it",
    ]
    assert [one.line for one in error.problems] == [4, 5, 7, 9]
    assert error.total == 4


def test_two_faults_of_one_line_or_of_no_line_are_not_more_lines() -> None:
    twice = [Fault("bad", "", "a.csv", 2)] * 2
    assert str(InputError(twice)) == "a.csv:2: bad"
    files = [Fault("bad", "", "a.csv")] * 2
    assert str(InputError(files)) == "a.csv: bad\na.csv: bad"


@pytest.mark.parametrize("count", [SHOWN_PROBLEMS - 1, SHOWN_PROBLEMS + 50])
def test_a_hundred_of_one_kind_hide_no_other(count: int) -> None:
    many = [Fault("one", "", "a.csv", line, "x", "1") for line in range(2, 2 + count)]
    last = Fault("two", "", "a.csv", 9999, "x", "2")
    error = InputError([*many, last])
    assert str(error).splitlines() == [
        f"a.csv:2 and {count - 1} more lines: x '1': one",
        "a.csv:9999: x '2': two",
    ]
    assert last in error.problems
    assert len(error.problems) == min(count + 1, SHOWN_PROBLEMS)
    assert error.total == count + 1


def test_more_kinds_than_are_shown_are_counted() -> None:
    kinds = [Fault("bad", "", "a.csv", line, "x", str(line)) for line in range(2, 252)]
    text = str(InputError(kinds)).splitlines()
    assert len(text) == SHOWN_PROBLEMS + 1
    assert text[-1] == "... and 150 more problems like these (250 in all)"


@pytest.mark.parametrize("count", [3, 900])
def test_the_lines_of_an_inventory(tmp_path: Path, count: int) -> None:
    """One kind on many lines, and at the end a line of each other kind."""
    rows = ["A,s,US,Nosuch 1,8"] * count
    rows += ["A,zz,XX,B200,8", ",zz,US,B200,8", "A,zz,US,Nosuch 2,8", "A,zz,US,B200,many"]
    error = refused(tmp_path / "inventory.csv", rows)
    said = str(error).splitlines()
    assert len(said) == 5
    assert said[0].startswith(
        f"{tmp_path / 'inventory.csv'}:2 and {count - 1} more lines: accelerator 'Nosuch 1': "
    )
    for line, column in (
        (2, "country 'XX'"),
        (3, "owner"),
        (4, "accelerator 'Nosuch 2'"),
        (5, "quantity 'many'"),
    ):
        assert said[line - 1].startswith(f"{tmp_path / 'inventory.csv'}:{count + line}: {column}")
    assert error.total == count + 4


def test_many_names_and_lines_hide_no_other_fault(tmp_path: Path) -> None:
    """Each name is a kind of its own, and so is a message that names another line."""
    names = [
        Fault(f"no chip is called 'X{n}'", "", "a.csv", n, "chip", f"X{n}") for n in range(2, 300)
    ]
    twice = [
        Fault(f"is already on line {n}", "", "a.csv", n + 500, "site", "s") for n in range(300)
    ]
    last = Fault("is blank", "", "a.csv", 9999, "owner")
    error = InputError([*names, *twice, last])
    assert last in error.problems
    said = str(error).splitlines()
    assert said[-2] == "a.csv:9999: owner: is blank"
    assert any(line.startswith("a.csv:500: site 's'") for line in said)
    assert said[-1] == f"... and {599 - SHOWN_PROBLEMS} more problems like these (599 in all)"
    rows = [f"A,s,US,Nosuch {n},8" for n in range(400)]
    bad = refused(tmp_path / "inventory.csv", [*rows, "A,zz,XX,B200,8", ",zz,US,B200,8"])
    assert [one.column for one in bad.problems if one.column != "accelerator"] == [
        "country",
        "owner",
    ]
    assert bad.total == 402
