"""What a plan says in words and rows: one row for one action, whole counts, the day meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from placement.errors import UsageError
from placement.optimization.results.layout import Action, _summed
from placement.render.compare import _apart
from placement.render.optimize import render
from placement.render.view import MORE
from placement.solvers.custom_constraints import NamedColumns
from tests.support.planned_worlds import World

COLUMNS = "owner,site,country,accelerator,quantity,in_service,out_of_service"


def test_equal_actions_are_one_row() -> None:
    day = date(2027, 4, 1)
    move = Action("2027Q2", day, "move", "A", "X", 4, "a", "b", "r", 4)  # type: ignore[arg-type]
    other = replace(move, to_site="c")
    assert _summed([move, other, move]) == (replace(move, quantity=8, cost=8), other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("29599.369", "15157.121", "-14,442.24"),  # the difference itself is -14,442.248
        ("1", "1.001", "0.00"),
        ("0.999", "1", "0.01"),
    ],
)
def test_a_difference_is_that_of_what_is_printed(a: str, b: str, said: str) -> None:
    assert _apart(a, b) == said


def test_counts_are_whole_and_the_parts_stand_under_the_cost(tmp_path: Path) -> None:
    more = '[optimize]\nobjective = ["cost", "moves"]\n[moves]\nallowed = true\n'
    found = World(
        tmp_path, demand="2027Q1,accelerators,3,\n", more=more + "usd_per_accelerator = 1\n"
    ).plan()
    lines = render(found, view=MORE).splitlines()
    cost = next(n for n, one in enumerate(lines) if one.startswith("  cost  "))
    assert lines[cost + 1].startswith("           of it: purchases")
    moves = next(one for one in lines if one.startswith("  moves "))
    assert "0.00; proven: none below 0.00 (gap 0 %)" in moves


def test_what_stands_on_the_first_day(tmp_path: Path) -> None:
    """Two end by themselves in the period: they stand on its first day, and are no more."""
    (tmp_path / "pack").mkdir()
    inventory = "A,us1,US,X,1,,\nA,us1,US,X,2,,2027-02-15\n"
    found = World(
        tmp_path, columns=COLUMNS, inventory=inventory, demand="2027Q1,accelerators,1,\n"
    ).plan()
    lines = render(found, view=MORE).splitlines()
    at = next(n for n, one in enumerate(lines) if one.startswith("LAYOUT on"))
    assert "what stands on 2027-01-01" in lines[at]
    assert lines[at + 2].split()[:4] == ["US", "3", "0", "1"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("nosuch",), "no site 'nosuch' in columns of kind 'install'; there are: in1, us1"),
        (("us2",), "no site 'us2' in columns of kind 'install'; did you mean 'us1'?"),
        ((None, "Y"), "no model 'Y' in columns of kind 'install'; there are: X"),
        ((None, None, "2027Q2"), "no period '2027Q2' in columns of kind 'install'; did you mean"),
        ((None, None, None, "x"), "are of 3 things, not of 4"),
    ],
)
def test_a_hook_that_asks_for_what_is_not_there(
    tmp_path: Path, asked: tuple[str | None, ...], said: str
) -> None:
    def add(_problem: Any, columns: NamedColumns) -> None:
        columns.find("install", *asked)

    with pytest.raises(UsageError, match="columns of kind") as error:
        World(tmp_path, demand="2027Q1,accelerators,3,\n").plan(hook=add)
    assert said in str(error.value)


def test_a_site_of_the_tables_without_such_columns_is_no_error(tmp_path: Path) -> None:
    found: list[dict[tuple[str, ...], Any]] = []

    def add(_problem: Any, columns: NamedColumns) -> None:
        found.append(columns.find("install", "old"))

    World(
        tmp_path, demand="2027Q1,accelerators,3,\n", site_columns="site,country,power_mw,status",
        sites="us1,US,9,open\nold,US,9,frozen\n",
    ).plan(hook=add)  # fmt: skip
    assert found
    assert all(not one for one in found)
