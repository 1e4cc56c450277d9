"""`--previous`: the search starts from a plan of before, and what need not change does not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from placement.errors import InputError
from placement.optimization.plan import Plan, plan_tables
from placement.optimization.results.plan_folder.write import layout_text, write_files
from placement.optimization.run import make_plan
from tests.benchmarks.instances import Shape, write
from tests.optimization.model.test_objectives import LAYOUT
from tests.solvers.test_custom_constraints import sites, value
from tests.support.planned_worlds import World


def saved(plan: Plan, folder: Path) -> Path:
    write_files(folder, {**plan_tables(plan), "report.json": plan.report.as_json()})
    return folder


def twins(folder: Path) -> World:
    """Two sites that cost the same, each with room for all that is asked for."""
    folder.mkdir(exist_ok=True)
    return World(
        folder, entities="A,US,none\n", inventory="A,us0,US,X,1\n",
        sites="us0,US,0\nus1,US,1\nus2,US,1\n", demand="2027Q1,accelerators,20,\n",
    )  # fmt: skip


@pytest.mark.parametrize("split", [(19, 0), (0, 19), (6, 13)])
def test_nothing_changes_that_need_not(tmp_path: Path, split: tuple[int, int]) -> None:
    path = tmp_path / "before.csv"
    rows = [f"A,us{n + 1},US,X,{count},2027-01-01,\n" for n, count in enumerate(split) if count]
    path.write_text(LAYOUT + "A,us0,US,X,1,,\n" + "".join(rows))
    plan = twins(tmp_path / "in").plan(previous=path)
    wanted = {f"us{n + 1}": count for n, count in enumerate(split) if count}
    assert {name: count for name, count in sites(plan).items() if name != "us0"} == wanted
    assert value(plan) == value(twins(tmp_path / "in").plan())


def test_a_folder_is_named_as_well_as_its_layout(tmp_path: Path) -> None:
    first = twins(tmp_path / "in").plan()
    folder = saved(first, tmp_path / "out")
    for previous in (folder, folder / "layout.csv"):
        again = twins(tmp_path / "in").plan(previous=previous, objective="cost,changes")
        assert sites(again) == sites(first)
        assert again.report.plan is not None
        assert [tier.value for tier in again.report.plan.tiers][1] == "0.000000"
    with pytest.raises(InputError, match=r"layout\.csv"):
        twins(tmp_path / "in").plan(previous=tmp_path)


@pytest.mark.parametrize(
    "rows",
    [
        "A,us1,US,X,500,2027-01-01,\n",  # far more than there is demand for
        "A,us1,US,X,5000,2027-01-01,\n",  # more than there is room for
        "A,gone,FR,X,19,2027-01-01,\n",  # a site that is no more
        "A,us1,US,X,5,2027-01-01,\n",  # too little
        "A,us1,US,X,1,,\n",  # without what stands
    ],
)
def test_what_is_no_plan_any_more_is_no_plan_and_only_a_start(tmp_path: Path, rows: str) -> None:
    path = tmp_path / "before.csv"
    path.write_text(LAYOUT + rows)
    plan = twins(tmp_path / "in").plan(previous=path)
    assert plan.report.exit_code == 0
    assert value(plan) == value(twins(tmp_path / "in").plan())


@pytest.mark.parametrize("movable", [False, True])
def test_a_plan_of_many_sites_is_planned_again(tmp_path: Path, movable: bool) -> None:
    """The plan of one step is where the next search starts; within the gap all of it stays."""
    write(tmp_path / "in", Shape(30, 6, 4, movable=movable, over=movable))
    first = make_plan(tmp_path / "in", effort=1)
    assert first.layout is not None
    folder = saved(first, tmp_path / "out")
    gap = Fraction(1, 20)
    same = make_plan(tmp_path / "in", effort=1, previous=folder, gap=gap)
    assert same.layout is not None
    texts = [layout_text(one.task.problem, one.layout) for one in (first, same) if one.layout]
    assert texts[0] == texts[1]
    assert value(same) == value(first)
    more = make_plan(tmp_path / "in", effort=12, previous=folder, seed=1)
    assert value(more) <= value(first)
