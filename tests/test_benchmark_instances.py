"""The generated planning programs, their plain form, and the records of the runs."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import placement
from tests.benchmarks import lp_tools, mip_tools, planner, solvers
from tests.benchmarks.answers import OPTIMAL, SKIPPED, STOPPED, Answer, Lap, Record
from tests.benchmarks.instances import Instance, Shape, texts, write
from tests.benchmarks.plain import USD, Plain, plain_program
from tests.benchmarks.structured import Structured

TINY = "8x3x2"
VARIANTS = list(itertools.product((False, True), repeat=2))


def program(folder: Path, size: str, seed: int = 1, **variant: bool) -> tuple[Instance, Plain]:
    pytest.importorskip("scipy", reason="the extra `bench` is not installed")
    one = write(folder, Shape.parse(size, seed, **variant))
    return one, plain_program(folder)


def optimum(plain: Plain) -> tuple[float, np.ndarray]:
    highs = lp_tools.highs_model(plain)
    highs.run()
    assert str(highs.getModelStatus()).endswith("kOptimal")
    return highs.getInfo().objective_function_value, np.array(highs.getSolution().col_value)


@pytest.mark.parametrize("size", [TINY, "40x40x3"])
def test_same_seed_same_bytes(tmp_path: Path, size: str) -> None:
    shape = Shape.parse(size, seed=3, over=True, movable=True)
    write(tmp_path / "a", shape)
    write(tmp_path / "b", shape)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert "site_limits.csv" in names
    assert ("accelerators.csv" in names) == (shape.models > 25)
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert texts(Instance(shape)) != texts(Instance(Shape.parse(size, seed=4)))


def test_an_instance_looks_as_it_should() -> None:
    one = Instance(Shape.parse("200x30x6"))
    tiers = [site.tier for site in one.sites]
    assert len(tiers) == 200
    assert tiers.count(0) == 80
    assert {site.land.code for site in one.sites} >= {"US", "NA", "MY", "IN", "JP"}
    assert len({site.land.code for site in one.sites}) == 30
    assert all(10 * 0.4 <= power <= 200 for site in one.sites for power in site.power)
    assert any(site.opens for site in one.sites)
    assert any(site.power[0] < site.power[-1] for site in one.sites)
    assert all(count % model.unit == 0 for model, rows in zip(one.models, one.supply, strict=True)
               for count, _ in rows)  # fmt: skip
    for _, _, quantities, _ in one.demand:
        assert quantities == sorted(quantities)
        assert quantities[0] > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_only_the_variant_starts_above_seven_percent(seed: int) -> None:
    for over in (False, True):
        one = Instance(Shape.parse("20x5x4", seed, over=over))
        codes = sorted({site.land.code for site in one.sites if site.tier == 2})
        above = [
            code for code in codes if one.tpp_in(one.fleet, code) > 0.07 * one.tpp_in(one.fleet)
        ]
        assert above == (["MY"] if over else [])
        assert one.tpp_in(one.fleet, "US") > 0.5 * one.tpp_in(one.fleet)


@pytest.mark.parametrize(("over", "movable"), VARIANTS)
def test_every_variant_is_feasible(tmp_path: Path, *, over: bool, movable: bool) -> None:
    _, plain = program(tmp_path, "20x5x4", over=over, movable=movable)
    cost, _ = optimum(plain)
    assert cost > 0


@pytest.mark.parametrize("seed", [1, 2])
def test_the_plain_program_says_what_the_formulas_say(tmp_path: Path, seed: int) -> None:
    """Evaluate its optimum by loops over what was drawn, which no array was made from."""
    one, plain = program(tmp_path, "20x5x4", seed, over=True)
    cost, x = optimum(plain)
    models, sites, periods = one.models, one.sites, one.shape.periods
    stock: dict[tuple[int, int, int], float] = {}
    place = plain.blocks["stock"][0]
    for (s, site), (k, model), t in itertools.product(
        enumerate(sites), enumerate(models), range(periods)
    ):
        taken = not site.accepts or model.name in site.accepts
        if t >= site.opens and (taken or (site.name, model.name) in one.fleet):
            stock[s, k, t] = x[place] * model.unit
            place += 1
    assert place == plain.blocks["stock"][1]
    paid = 0.0
    hours = (90 * 24, 91 * 24, 92 * 24, 92 * 24)
    for (k, model), t in itertools.product(enumerate(models), range(periods)):
        fleet = sum(n for (_, name), n in one.fleet.items() if name == model.name)
        now = sum(stock.get((s, k, t), 0.0) for s in range(len(sites)))
        before = sum(stock.get((s, k, t - 1), 0.0) for s in range(len(sites))) if t else fleet
        paid += one.supply[k][t][1] * (now - before)
        assert now - fleet <= sum(count for count, _ in one.supply[k][: t + 1]) + 1e-4
    for (s, site), t in itertools.product(enumerate(sites), range(periods)):
        kw = sum(float(model.kw) * stock.get((s, k, t), 0.0) for k, model in enumerate(models))
        assert kw * site.pue <= site.power[t] * 1000 + 1e-4
        paid += kw * (site.pue * site.energy / 1000 * hours[t % 4] + site.hosting * 3)
    assert paid == pytest.approx(cost * USD, rel=1e-9)
    for t in range(periods):
        tpp: dict[str, float] = {}
        for s, site in enumerate(sites):
            here = sum(float(m.tpp) * stock.get((s, k, t), 0.0) for k, m in enumerate(models))
            tpp[site.land.code] = tpp.get(site.land.code, 0.0) + here
        total = sum(tpp.values())
        if t % 2 == 0:  # quarters of 1 February and 1 August
            second = {site.land.code for site in sites if site.tier == 2}
            assert tpp["US"] >= 0.5 * total * (1 - 1e-9)
            assert sum(tpp[code] for code in second) <= 0.25 * total * (1 + 1e-9)
            assert all(tpp[code] <= 0.07 * total * (1 + 1e-9) for code in second)
        asked = 0.0
        for _, metric, quantities, countries in one.demand:
            quantity = quantities[t] * (15_832 if metric == "h100e" else 1)
            asked += quantity
            if countries:
                there = sum(tpp.get(code, 0.0) for code in countries.split(";"))
                assert there >= quantity * (1 - 1e-9)
        assert total >= asked * (1 - 1e-9)


@pytest.mark.parametrize("movable", [False, True])
def test_tools_agree(tmp_path: Path, *, movable: bool) -> None:
    _, plain = program(tmp_path, "12x4x3", over=True, movable=movable)
    tools = (lp_tools.highs_simplex, lp_tools.highs_ipm, lp_tools.scipy_linprog)
    found = [tool(plain, 60) for tool in (*tools, lp_tools.pulp_batch, lp_tools.pulp_operators)]
    assert [answer.status for answer in found] == [OPTIMAL] * len(found)
    first = found[0].objective
    assert first is not None
    assert [answer.objective for answer in found] == [pytest.approx(first, rel=1e-9)] * len(found)


def test_moving_may_only_help(tmp_path: Path) -> None:
    _, stays = program(tmp_path / "stays", "20x5x4")
    _, moves = program(tmp_path / "moves", "20x5x4", movable=True)
    assert optimum(moves)[0] < optimum(stays)[0]


def test_whole_units_cost_more_and_not_less_than_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mip_tools, "GAP", 0.01)
    _, plain = program(tmp_path, TINY)
    cost = optimum(plain)[0] * USD
    answer = mip_tools.mip_highs(plain, 60)
    assert answer.objective is not None
    assert answer.bound is not None
    assert cost * (1 - 1e-9) <= answer.bound <= answer.objective
    assert (answer.status == OPTIMAL) == (answer.gap is not None and answer.gap <= mip_tools.GAP)


def test_a_point_in_parts_of_units_is_no_plan(tmp_path: Path) -> None:
    _, plain = program(tmp_path, TINY)
    _, x = optimum(plain)
    assert not mip_tools.is_plan(plain, x)
    assert mip_tools.is_plan(replace(plain, integrality=0 * plain.integrality), x)
    assert not mip_tools.is_plan(replace(plain, integrality=0 * plain.integrality), 0.99 * x)


@pytest.mark.parametrize("over", [False, True])
def test_one_period_is_planned_and_proven_where_the_plain_program_says(
    tmp_path: Path, *, over: bool
) -> None:
    _, plain = program(tmp_path, "8x3x1", over=over)
    found = placement.optimize(tmp_path, gap=Fraction(1, 100)).report.plan
    assert found is not None
    assert found.status in ("optimal", "feasible")
    assert found.tiers[0].bound is not None
    assert float(found.tiers[0].bound) == pytest.approx(optimum(plain)[0] * USD, rel=1e-7)


def test_a_tool_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    program(tmp_path / TINY, TINY)
    record = solvers.run("highs_simplex", tmp_path / TINY, 60)
    assert (record.answer.status, record.cells, record.instance) == (OPTIMAL, 48, TINY)
    assert record.peak > 0


def test_a_tool_that_is_absent_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(plain: Plain, limit: float) -> Answer:
        raise ModuleNotFoundError("No module named 'linopy'")

    program(tmp_path, TINY)
    monkeypatch.setitem(solvers.LP_TOOLS, "linopy_arrays", absent)
    record = solvers.run_here("linopy_arrays", tmp_path, 1)
    assert (record.answer.status, record.note) == (SKIPPED, "No module named 'linopy'")


def test_the_planner_is_one_more_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, Shape.parse(TINY))
    assert solvers.run_here(solvers.STRUCTURED, tmp_path, 1).answer.status in (OPTIMAL, SKIPPED)
    one = Structured(100.0, 99.99999, Lap(1, 1), Lap(2, 2), whole=101.0, rounding=Lap(3, 3))
    monkeypatch.setattr(solvers, "structured", lambda *_, **__: one)
    relaxed = solvers.run_here(solvers.STRUCTURED, tmp_path, 1).answer
    assert relaxed == Answer(OPTIMAL, Lap(1, 1), Lap(2, 2), 100.0, 99.99999)
    whole = solvers.run_here(solvers.STRUCTURED_WHOLE, tmp_path, 1).answer
    assert whole == Answer(STOPPED, Lap(1, 1), Lap(5, 5), 101.0, 99.99999)


def test_a_record_is_read_as_it_was_written() -> None:
    answer = Answer(STOPPED, Lap(1.5, 1.25), Lap(2.0, 0.5), 110.0, 100.0)
    record = Record("mip_cbc", TINY, 48, answer, Lap(0.25, 0.25), (3, 2, 4), 50.5, "why")
    assert Record.parse(record.text()) == record
    assert answer.gap == pytest.approx(10 / 110)


def test_growth_is_the_slope_of_the_logarithms() -> None:
    points = [(cells, 2e-6 * cells**1.5) for cells in (1_000, 20_000, 300_000)]
    assert planner.exponent(points) == pytest.approx(1.5)
    assert planner.exponent(points[:1]) is None


def test_optima_that_differ_are_refused() -> None:
    def of(tool: str, value: float) -> Record:
        return Record(tool, TINY, 48, Answer(OPTIMAL, Lap(), Lap(), value))

    planner.check_agree([of("a", 1e9), of("b", 1e9 + 1)])
    with pytest.raises(Exception, match="8x3x2: a has"):
        planner.check_agree([of("a", 1e9), of("b", 1.01e9)])


def test_bounds_of_cbc_are_read_from_its_log() -> None:
    at_the_gap = (
        "Result - Optimal solution found (within gap tolerance)\nLower bound:   6190398.699\n"
    )
    assert mip_tools._bound(at_the_gap) == 6190398.699 * USD
    tree = "Cbc0010I After 0 nodes, 1 on tree, 1e+50 best solution, best possible 6190.7 (1.4 s)"
    assert mip_tools._bound(tree) == 6190.7 * USD
    assert mip_tools._bound("nothing") is None
