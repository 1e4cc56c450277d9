"""The exported program: other solvers find the planner's optimum in it; the table of names."""

from __future__ import annotations

import csv
import subprocess
from fractions import Fraction
from pathlib import Path

import highspy
import pulp
import pytest
from click.testing import CliRunner, Result

from placement.cli.main import cli
from placement.enums import ColumnKind, RowKind
from placement.errors import UsageError
from placement.lp.aim import Aim
from placement.lp.builder import ProgramBuilder
from placement.lp.file_formats import export, format_of
from placement.lp.file_scaling import Tens
from placement.lp.labels import Label
from placement.lp.program import Program
from placement.optimization.plan import Plan
from tests.lp.test_program import knapsack
from tests.support.paths import ROOT
from tests.support.planned_worlds import World
from tests.support.tiny_one_period import Tiny, TinyDemand, TinySite, TinySupply


def highs(path: Path) -> Fraction | None:
    """Return the optimum that HiGHS finds in a file."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    assert model.readModel(str(path)) == highspy.HighsStatus.kOk
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return Fraction(model.getInfo().objective_function_value)


def cbc(path: Path) -> Fraction | None:
    """Return the optimum that CBC finds in a file."""
    answer = path.with_suffix(".solution")
    subprocess.run(
        [pulp.apis.coin_api.pulp_cbc_path, str(path), "ratio", "0", "solve", "solution",
         str(answer)],
        check=True, capture_output=True,
    )  # fmt: skip
    first = answer.read_text().splitlines()[0]
    if not first.startswith("Optimal"):
        return None
    # Its answer is printed with few digits; the values of the columns are those that count.
    return Fraction(first.rpartition(" ")[2])


def names(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.name}.names.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def reported(path: Path, found: Fraction) -> Fraction:
    """Return what a report says of an objective that was found in a file."""
    objective, constant = names(path)[:2]
    return (found + Fraction(constant["name"])) / Fraction(objective["scale"])


def aim(program: Program) -> Aim:
    return Aim("cost", program, 1_000_000, "USD")


def periods(folder: Path) -> Plan:
    """Two quarters, in which what is asked for grows and the site at home is full."""
    world = World(
        folder,
        entities="A,US,none\n",
        sites="de1,DE,1\nus1,US,0.02\n",
        supply="X,2027Q1,40,100\nX,2027Q2,40,90\n",
        demand="2027Q1,accelerators,11,\n2027Q2,accelerators,30,\n2027Q2,accelerators,7,DE\n",
    )
    (folder / "commitments.csv").write_text(
        "kind,country,quantity,from,until\nexactly,US,13,2027Q2,2027Q2\n"
    )
    more = "periods = 2\ndiscount_rate = 0.07\n[retire]\nallowed = true\nusd_per_accelerator = 3\n"
    world.more = more
    return world.plan()


@pytest.mark.parametrize("solve", [highs, cbc])
@pytest.mark.parametrize("name", ["model.mps", "model.lp"])
def test_other_solvers_find_the_same_optimum(tmp_path: Path, name: str, solve: object) -> None:
    (tmp_path / "in").mkdir()
    plan = periods(tmp_path / "in")
    assert plan.report.plan is not None
    assert plan.report.plan.status == "optimal"
    plan.export(tmp_path / name)
    found = solve(tmp_path / name)  # type: ignore[operator]
    value = Fraction(plan.report.plan.tiers[-1].value)
    assert abs(reported(tmp_path / name, found) - value) <= abs(value) / 10**7


@pytest.mark.parametrize("name", ["model.mps", "model.lp"])
def test_every_part_of_a_program_survives(tmp_path: Path, name: str) -> None:
    """Ranges, equal ends, free rows, bounds below 0, huge integers, rows without columns."""
    made = ProgramBuilder()
    wide = 2**60 + 1
    a = made.column(Label(ColumnKind.INSTALL, ("a",)), 9, lower=-4, cost=3)
    b = made.column(Label(ColumnKind.INSTALL, ("b",)), 5, lower=5, cost=-2)
    c, d, e = (made.column(Label(ColumnKind.SLACK), wide, integer=False) for _ in range(3))
    made.row(Label(RowKind.DEMAND), {a: 1, b: 2}, 8, 12)
    made.row(Label(RowKind.MOVES), {b: 1, c: -1}, 5, 5)
    made.row(Label(RowKind.RULE), {a: 7, c: 1})
    made.row(Label(RowKind.DEMAND), {c: 1, a: 3}, -6)
    made.row(Label(RowKind.POWER), {d: wide, a: 10**12}, None, wide * 4)
    made.row(Label(RowKind.RACKS), {e: 10**30}, None, 7 * 10**30)
    made.row(Label(RowKind.SUPPLY), {}, None, 7)
    program = made.build(constant=5)
    path, _ = export(program, aim(program), tmp_path / name)
    assert f"{wide}e-" in path.read_text()  # every digit, and no number that is taken for infinite
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    assert model.readModel(str(path)) == highspy.HighsStatus.kOk
    read = model.getLp()
    assert list(read.col_lower_) == [-4, 5, 0, 0, 0]
    scales = [Fraction(one["scale"]) for one in names(path)[2:7]]
    uppers = [float(most * scale) for most, scale in zip([9, 5, *[wide] * 3], scales, strict=True)]
    assert list(read.col_upper_) == uppers
    assert scales[:3] == [1, 1, 1]
    kinds = highspy.HighsVarType
    assert list(read.integrality_) == [*[kinds.kInteger] * 2, *[kinds.kContinuous] * 3]
    for found in (highs(path), cbc(path)):
        assert found is not None
        assert reported(path, found) == Fraction(-6 - 10 + 5, 1_000_000)


def test_a_program_without_a_point_stays_so(tmp_path: Path) -> None:
    made = ProgramBuilder()
    made.column(Label(ColumnKind.INSTALL, ("a",)), 1)
    made.row(Label(RowKind.DEMAND), {}, 1)
    program = made.build()
    for name in ("model.mps", "model.lp"):
        path, _ = export(program, aim(program), tmp_path / name)
        assert highs(path) is None
        assert cbc(path) is None


def test_names_say_what_everything_is_and_run_nothing(tmp_path: Path, pack: Path) -> None:
    site = TinySite("=cmd(),", "US")
    plan = Tiny((site,), (TinySupply("H100 SXM", 3, 1, 5),), (TinyDemand("3"),)).plan(pack)
    _, beside = plan.export(tmp_path / "model.mps")
    assert beside.name == "model.mps.names.csv"
    rows = names(tmp_path / "model.mps")
    tens = Tens.of(plan.program)
    assert rows[0]["kind"] == "objective"
    assert (rows[0]["meaning"], rows[0]["unit"]) == ("cost", "USD")
    assert Fraction(rows[0]["scale"]) == Fraction(1_000_000) / 10**tens.cost
    assert Fraction(rows[1]["name"]) == Fraction(plan.program.constant) / 10**tens.cost
    named = {(row["kind"], row["name"]): row for row in rows}
    assert len(rows) == 2 + len(plan.program.columns) + len(plan.program.rows)
    for n, meaning in enumerate(plan.program.columns):
        row = named["column", f"x{n + 1:04}"]
        assert row["meaning"] == meaning.name
        assert Fraction(row["scale"]) == meaning.scale / 10 ** tens.columns[n]
        if meaning.kind == "install":
            assert (row["of1"], row["of2"], row["of3"]) == ("'=cmd(),", "H100-SXM5-80GB", "2027Q1")
    for n, of_row in enumerate(plan.program.rows):
        row = named["row", f"r{n + 1:04}"]
        assert (row["meaning"], row["unit"]) == (of_row.name, of_row.unit)
        assert Fraction(row["scale"]) == of_row.scale / 10 ** tens.rows[n]


def test_the_scale_of_a_row_is_that_of_the_file(tmp_path: Path) -> None:
    made = ProgramBuilder()
    a = made.column(Label(ColumnKind.INSTALL, ("a",)), 9)
    b = made.column(Label(ColumnKind.INSTALL, ("b",)), 9)
    made.row(Label(RowKind.RULE, ("r",), "r", "TPP", Fraction(8)), {a: 10**15 + 1, b: 2}, None, 7)
    path, _ = export(made.build(), aim(made.build()), tmp_path / "model.mps")
    assert names(path)[-1]["scale"] == "0.000000000000008"
    assert f" x0001 r0001 {10**15 + 1}e-15" in path.read_text().splitlines()


def test_both_files_or_none(tmp_path: Path) -> None:
    program = knapsack()
    (tmp_path / "model.mps.names.csv").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        export(program, aim(program), tmp_path / "none" / "model.mps")
    with pytest.raises(UsageError, match="no such format"):
        format_of(tmp_path / "model.nl")


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["optimize", *args])


def test_command_writes_it_and_says_so(tmp_path: Path) -> None:
    inputs = ROOT / "inputs"
    path = tmp_path / "model.lp"
    found = run(str(inputs / "infeasible"), "--out", str(tmp_path / "o"), "--export", str(path))
    assert found.exit_code == 3
    assert path.is_file()
    assert f"\nwritten to {tmp_path}: model.lp, model.lp.names.csv\n" in found.output
    found = run(str(inputs / "infeasible"), "--export", "model.xls")
    assert isinstance(found.exception, UsageError)
