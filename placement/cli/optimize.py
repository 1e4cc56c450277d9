"""`placement optimize`: the cheapest layout that keeps the rules, or why there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from placement.cli.options import entities_options, output_option, parse_pairs, policy_options

if TYPE_CHECKING:
    from fractions import Fraction

    from placement.planner.plan import Plan

DEFAULT_OUT = "plan"


@click.command()
@click.argument("source", metavar="DIR|CONFIG", type=click.Path(path_type=Path))
@policy_options
@entities_options
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
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(DEFAULT_OUT),
    show_default=True,
    help="Folder for layout.csv, actions.csv and report.json.",
)
@output_option
def optimize(
    source: Path,
    policy: str | None,
    option: tuple[str, ...],
    entities: Path | None,
    headquarters: str | None,
    authorization: tuple[str, ...],
    solver: str | None,
    time_limit: str | None,
    gap: str | None,
    out: Path,
    output: tuple[str, ...],
) -> None:
    """Plan one period: what to buy, where to put it, what to move.

    DIR holds placement.toml, inventory.csv, sites.csv, and supply.csv, demand.csv and
    entities.csv where there are any; CONFIG is a placement.toml that lists them. Every plan is
    in whole purchase units and was judged as `placement check` judges an inventory.

    \b
    Examples:
      placement optimize inputs/example
      placement optimize inputs/example --solver cbc --out /tmp/plan
      placement optimize inputs/infeasible --output json

    Exit codes: 0 a compliant plan; 1 a plan that leaves breaches before the day asked for, or
    that no plan can mend; 2 bad input; 3 proven that no plan exists; 4 stopped without a usable
    plan.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import Outputs, show, write_whole
    from placement.planner.files import actions_text, layout_text, remove_earlier, write_files
    from placement.planner.plan import make_plan
    from placement.render import json as as_json
    from placement.sources.config import check_gap, check_time_limit

    outputs = Outputs.parse(output)
    ratio = None if gap is None else _number("--gap", gap, "0.001", check_gap)
    seconds = None
    if time_limit is not None:
        seconds = float(_number("--time-limit", time_limit, "600", check_time_limit))
    progress = _Progress() if sys.stderr.isatty() else None
    plan = make_plan(
        source,
        solver=solver,
        time_limit=seconds,
        gap=ratio,
        progress=progress,
        policy=policy,
        options=parse_pairs(option),
        entities=entities,
        headquarters=headquarters,
        authorization=authorization,
    )
    if progress is not None:
        progress("")
    written: list[Path] = []
    if plan.layout is not None:
        written = write_files(
            out,
            {
                "layout.csv": layout_text(plan.task.problem, plan.layout),
                "actions.csv": actions_text(plan.layout),
                "report.json": as_json.render(plan.report),
            },
        )
    else:
        removed = remove_earlier(out, keep=Path(plan.task.problem.fleet.source))
        if removed:
            names = ", ".join(path.name for path in removed)
            click.echo(f"note: an earlier plan was removed from {out}: {names}", err=True)
        elif (out / "layout.csv").exists():
            click.echo(f"note: {out / 'layout.csv'} is not of this run", err=True)
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


class _Progress:
    """One line on the terminal's error stream that names the phase."""

    def __call__(self, phase: str) -> None:
        click.echo(f"\r\x1b[K{phase}{' ...' if phase else ''}", err=True, nl=False)
