"""The programs of the shipped inputs, written out and read by other solvers: one relaxation."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from placement.lp.aim import Aim
from placement.lp.file_formats import export
from placement.lp.file_scaling import Tens
from placement.lp.program import Program
from placement.optimization.data.load import load_task
from placement.optimization.data.overrides import with_overrides
from placement.optimization.model.build import build
from placement.optimization.model.credit.served_alone import served_alone
from placement.optimization.model.objectives.tiers import add_objective_variables, tiers
from placement.optimization.model.rule_instances import RuleInstances
from placement.optimization.model.sets import build_sets
from placement.optimization.solving import candidates
from placement.solvers.column_generation import relaxation_of
from placement.solvers.solution import Outcome
from tests.support.paths import ROOT

INPUTS = ROOT / "inputs"
SHIPPED = sorted(
    str(path.relative_to(INPUTS))
    for path in INPUTS.rglob("*.toml")
    if path.parent.name != "packs" and (path.parent / "sites.csv").is_file()
)
NEAR = 1e-6


@cache
def shipped(config: str) -> tuple[Program, Aim]:
    """Write the program that keeps every rule from the last day there is, the easiest one."""
    problem = with_overrides(load_task(INPUTS / config), None, None).problem
    grid, law = build_sets(problem), RuleInstances(problem)
    alone = served_alone(grid, law)
    program = add_objective_variables(grid, law, build(grid, law, candidates(problem)[-1], alone))
    aim = next(iter(tiers(grid, law, program)))
    return aim.program, aim


@cache
def ours(config: str) -> float | None:
    """Return the optimum of the relaxation in the units of the file; None: there is none."""
    program, _ = shipped(config)
    found = relaxation_of(program).run()
    if found.outcome is Outcome.INFEASIBLE:
        return None
    assert found.objective is not None
    return float(found.objective / 10 ** Tens.of(program).cost)


def by_highs(path: Path) -> float | None:
    import highspy

    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.resetGlobalScheduler(True)
    model.setOptionValue("solve_relaxation", True)
    assert model.readModel(str(path)) == highspy.HighsStatus.kOk
    model.run()
    model.resetGlobalScheduler(True)
    kinds = highspy.HighsModelStatus
    if model.getModelStatus() == kinds.kInfeasible:
        return None
    assert model.getModelStatus() == kinds.kOptimal
    return float(model.getInfo().objective_function_value)


def by_cbc(path: Path) -> float | None:
    import pulp

    answer = path.with_suffix(".solution")
    subprocess.run(
        [pulp.apis.coin_api.pulp_cbc_path, str(path), "initialSolve", "solution", str(answer)],
        check=True, capture_output=True,
    )  # fmt: skip
    first = answer.read_text().splitlines()[0]
    if first.startswith("Infeasible"):
        return None
    assert first.startswith("Optimal")
    return float(first.rpartition(" ")[2])


def by_glpk(path: Path) -> float | None:
    glpk: Any = pytest.importorskip("swiglpk", reason="GLPK is not installed: pip install swiglpk")
    glpk.glp_term_out(glpk.GLP_OFF)
    problem = glpk.glp_create_prob()
    if path.suffix == ".mps":
        assert glpk.glp_read_mps(problem, glpk.GLP_MPS_FILE, None, str(path)) == 0
    else:
        assert glpk.glp_read_lp(problem, None, str(path)) == 0
    options = glpk.glp_smcp()
    glpk.glp_init_smcp(options)
    options.presolve = glpk.GLP_ON
    said = glpk.glp_simplex(problem, options)
    if said == glpk.GLP_ENOPFS:
        return None
    assert said == 0
    assert glpk.glp_get_status(problem) == glpk.GLP_OPT
    return float(glpk.glp_get_obj_val(problem))


def by_scip(path: Path) -> float | None:
    scip: Any = pytest.importorskip("pyscipopt", reason="SCIP is not installed: the extra `bench`")
    model = scip.Model()
    model.hideOutput()
    model.readProblem(str(path))
    for variable in model.getVars():
        model.chgVarType(variable, "C")
    model.optimize()
    if model.getStatus() == "infeasible":
        return None
    assert model.getStatus() == "optimal"
    return float(model.getObjVal())


@pytest.mark.parametrize("read", [by_highs, by_cbc, by_glpk, by_scip])
@pytest.mark.parametrize("kind", [".mps", ".lp"])
@pytest.mark.parametrize("config", SHIPPED)
def test_all_reach_the_same_relaxation(tmp_path: Path, config: str, kind: str, read: Any) -> None:
    path, _ = export(*shipped(config), tmp_path / f"model{kind}")
    found, expected = read(path), ours(config)
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, rel=NEAR)


@pytest.mark.parametrize("config", SHIPPED)
def test_numbers_are_of_a_size(config: str) -> None:
    """Tolerances of solvers are absolute: no entry far from 1, nothing near their infinity."""
    program, _ = shipped(config)
    tens = Tens.of(program)
    columns, rows = np.array(tens.columns), np.array(tens.rows)
    sizes = np.abs(program.values.astype(float))
    entries = sizes * 10.0 ** (columns[program.indices] - rows[program.row_of])
    assert entries.max() <= 10
    assert entries.min() >= 1e-5
    for ends in (program.row_lower, program.row_upper):
        assert (np.abs(ends.astype(float)) * 10.0**-rows).max() < 1e9
    assert (np.abs(program.upper.astype(float)) * 10.0**-columns).max() < 1e9


def test_units_are_exact() -> None:
    """The file's numbers, read as decimals and scaled back, are the program's."""
    program, _ = shipped("infeasible/placement.toml")
    tens = Tens.of(program)
    from placement.lp.file_formats import column_names, mps_lines, row_names

    columns = {name: n for n, name in enumerate(column_names(program))}
    rows = {name: n for n, name in enumerate(row_names(program))}
    lines = "\n".join(mps_lines(program, shipped("infeasible/placement.toml")[1])).splitlines()
    part = lines[lines.index("COLUMNS") + 1 : lines.index("RHS")]
    found = {}
    for line in part:
        words = line.split()
        if "'MARKER'" not in words and words[1] in rows:
            column, row = columns[words[0]], rows[words[1]]
            power = Fraction(10) ** (tens.rows[row] - tens.columns[column])
            found[row, column] = Fraction(words[2]) * power
    expected = {
        (row, column): Fraction(value)
        for row in range(len(program.rows))
        for column, value in program.entries(row)
    }
    assert found == expected
