"""`placement optimize`: the cheapest layout that keeps the rules, or why there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from placement.cli.options import (
    accept_option,
    entities_options,
    output_option,
    parse_pairs,
    policy_options,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from placement.planner.plan import Plan

DEFAULT_OUT = "plan"


@click.command()
@click.argument("source", metavar="DIR|CONFIG", type=click.Path(path_type=Path))
@policy_options
@entities_options
@click.option(
    "--objective",
    metavar="NAMES",
    help="In order: cost, compute, moves, carbon, changes, relaxation.  [default: cost]",
)
@click.option(
    "--previous",
    metavar="LAYOUT",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The layout.csv that the objective changes is against.",
)
@click.option("--solver", metavar="NAME", help="highs, cbc, or another that PuLP finds.")
@click.option(
    "--time-limit",
    metavar="SECONDS",
    help="For the search of whole units.  [default: 60]",
)
@click.option(
    "--gap", metavar="RATIO", help="Stop when so near to the optimum.  [default: 0.000001]"
)
@click.option(
    "--threads",
    metavar="N",
    default=1,
    show_default=True,
    type=click.IntRange(min=1, max=1024),
    help="Of the solver.",
)
@click.option(
    "--seed",
    metavar="N",
    default=0,
    show_default=True,
    type=click.IntRange(min=0, max=2**31 - 1),
    help="Of the solver: same seed, same plan.",
)
@click.option(
    "--cross-check",
    metavar="SOLVER",
    help="Solve the same program with another solver, too, and say whether they agree.",
)
@click.option(
    "--hook",
    metavar="FILE:FUNCTION",
    help="A Python function of yours that adds constraints: FUNCTION(problem, columns). It runs "
    "as you do, so a placement.toml cannot name one.",
)
@click.option(
    "--export",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the program, too: as model.mps or model.lp, with model.mps.names.csv.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(DEFAULT_OUT),
    show_default=True,
    help="Folder for layout.csv, actions.csv, the other tables and report.json.",
)
@accept_option
@output_option
def optimize(
    source: Path,
    policy: str | None,
    option: tuple[str, ...],
    entities: Path | None,
    headquarters: str | None,
    authorization: tuple[str, ...],
    objective: str | None,
    previous: Path | None,
    solver: str | None,
    time_limit: str | None,
    gap: str | None,
    threads: int,
    seed: int,
    cross_check: str | None,
    hook: str | None,
    export: Path | None,
    out: Path,
    accept: tuple[str, ...],
    output: tuple[str, ...],
) -> None:
    """Plan the periods of a horizon: what to buy, where to put it, what to move.

    DIR holds placement.toml, inventory.csv, sites.csv, and supply.csv, demand.csv and
    entities.csv where there are any; CONFIG is a placement.toml that lists them. Every plan is
    in whole purchase units and was judged as `placement check` judges an inventory.

    \b
    Examples:
      placement optimize inputs/example
      placement optimize inputs/example --solver cbc --out /tmp/plan
      placement optimize inputs/infeasible --output json
      placement optimize inputs/example --objective cost,moves
      placement optimize inputs/example --objective cost,changes --previous plan/layout.csv
      placement optimize inputs/example --cross-check cbc
      placement optimize inputs/example --export /tmp/model.mps
      placement optimize inputs/example --hook my_rules.py:add

    Where --cross-check disagrees, the last line says so, and the exit code stays.

    Ctrl-C ends the search with the best plan found so far; a second one ends it at once. Without
    a plan by then the exit code is 4.

    Exit codes: 0 a compliant plan; 1 a plan that leaves breaches before the day asked for, or
    that no plan can mend; 2 bad input; 3 proven that no plan exists; 4 stopped without a usable
    plan.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import Outputs, show, write_whole
    from placement.cli.progress import shown_on
    from placement.planner.effort import Stop
    from placement.planner.export import format_of
    from placement.planner.files import plan_texts, remove_earlier, write_files
    from placement.planner.plan import make_plan
    from placement.sources.config import check_gap, check_time_limit

    outputs = Outputs.parse(output)
    ratio = None if gap is None else _number("--gap", gap, "0.001", check_gap)
    seconds = None
    if time_limit is not None:
        seconds = float(_number("--time-limit", time_limit, "600", check_time_limit))
    if export is not None:
        format_of(export)
    stop = Stop()
    with stop.on_interrupt(), shown_on(sys.stderr) as progress:
        plan = make_plan(
            source,
            solver=solver,
            time_limit=seconds,
            gap=ratio,
            threads=threads,
            seed=seed,
            cross_check=cross_check,
            hook=hook,
            objective=objective,
            previous=previous,
            stop=stop,
            progress=progress,
            policy=policy,
            options=parse_pairs(option),
            entities=entities,
            headquarters=headquarters,
            authorization=authorization,
            accept=accept,
        )
    written: list[Path] = []
    if plan.layout is not None:
        written = write_files(out, plan_texts(plan))
    else:
        removed = remove_earlier(out, keep=Path(plan.task.problem.fleet.source))
        if removed:
            names = ", ".join(path.name for path in removed)
            click.echo(f"note: an earlier plan was removed from {out}: {names}", err=True)
        elif (out / "layout.csv").exists():
            click.echo(f"note: {out / 'layout.csv'} is not of this run", err=True)
    if export is not None:
        written += plan.export(export)
    for kind, path in sorted(outputs.targets, key=lambda target: target[1] is None):
        shown = _renderer(kind)(plan, written)
        if path is None:
            show(shown)
        else:
            write_whole(path, shown)
    sys.exit(plan.report.exit_code)


def _renderer(kind: str) -> Callable[[Plan, list[Path]], str]:
    if kind == "text":
        from placement.render.plan import render

        return lambda plan, written: render(plan, [str(path) for path in written])
    from importlib import import_module

    module = import_module(f"placement.render.{kind}")
    return lambda plan, _: str(module.render(plan.report))


def _number(name: str, text: str, example: str, check: Callable[[Fraction], Fraction]) -> Fraction:
    """Read the number of an option exactly."""
    from placement.errors import Problem, UsageError
    from placement.sources.fields import BadText, exact

    try:
        return check(exact(text))
    except BadText as error:
        said = f"{name} {error.message}"
        raise UsageError(Problem(said, error.fix or f"write it as {example}", value=text)) from None
