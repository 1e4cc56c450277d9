"""`placement optimize`: the cheapest layout that keeps the rules, or why there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from placement.cli.options import (
    accept_option,
    entities_options,
    inputs_of,
    opening_option,
    outside_option,
    policy_options,
    view_options,
    waivers_option,
)
from placement.cli.report_outputs import ReportOutputs, report_output_options

if TYPE_CHECKING:
    from fractions import Fraction

    from placement.optimization.plan import Plan
    from placement.render.view import View

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
    metavar="PLAN",
    type=click.Path(path_type=Path),
    help="A plan of before, its folder or layout.csv: the search starts there, and the objective "
    "changes is against it.",
)
@click.option("--solver", metavar="NAME", help="highs, cbc, or another that PuLP finds.")
@click.option(
    "--effort",
    metavar="N",
    type=click.IntRange(min=1, max=10**9),
    help="Steps of the search at most; it ends earlier where they bring nothing.  "
    "[default: 240, and 40 or more for large programs]",
)
@click.option(
    "--gap",
    metavar="RATIO",
    help="Stop when so near to the optimum.  [default: 0.0005, and nearer while that is quick]",
)
@click.option(
    "--time-limit",
    metavar="SECONDS",
    help="Ends the search of whole units, and then the plan says so.  [default: 600]",
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
    help="Of the search: same inputs and seed, same plan.",
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
@opening_option
@waivers_option
@outside_option
@accept_option
@report_output_options
@view_options
def optimize(
    source: Path,
    gap: str | None,
    time_limit: str | None,
    export: Path | None,
    out: Path,
    **given: Any,
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
      placement optimize inputs/example --previous plan --objective cost,changes --out next
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
    from placement.cli.inputs import files_of_config
    from placement.cli.output import refuse_overwriting
    from placement.cli.screen.progress import shown_on
    from placement.cli.screen.terminal import terminal_of
    from placement.optimization.results.plan_folder.write import PLAN_FILES
    from placement.optimization.run import make_plan
    from placement.solvers.solve_context import Stop

    shown, outputs = terminal_of(given), ReportOutputs.parse(given)
    numbers = _numbers(gap, time_limit)
    places = [*outputs.places(), *_places(out, export, PLAN_FILES)]
    refuse_overwriting(places, files_of_config(source, _read_by(given, PLAN_FILES)))
    search, stop = {**inputs_of(given), **numbers}, Stop()
    with stop.on_interrupt(), shown_on(sys.stderr) as progress:
        plan = make_plan(source, stop=stop, progress=progress, **search)
    written = _written(plan, out, export)
    outputs.write(plan.report, lambda: _rendered(plan, written, shown.view), colored=shown.colored)
    if shown.timed:
        _tell_timings(plan)
    sys.exit(plan.report.exit_code)


def _tell_timings(plan: Plan) -> None:
    from placement.cli.streams import say

    info = plan.report.plan
    parts = (f"{name} {value:.3f}" for name, value in info.timings.items()) if info else ()
    say(f"seconds: {', '.join(parts)}")


def _written(plan: Plan, out: Path, export: Path | None) -> list[Path]:
    """Write the files of a plan, or remove those of an earlier one where there is none."""
    from placement.cli.streams import say
    from placement.optimization.plan import plan_texts
    from placement.optimization.results.plan_folder.write import remove_earlier, write_files

    written: list[Path] = []
    if plan.layout is not None:
        written = write_files(out, plan_texts(plan))
    else:
        removed = remove_earlier(out, keep=Path(plan.task.problem.fleet.source))
        if removed:
            names = ", ".join(path.name for path in removed)
            say(f"note: an earlier plan was removed from {out}: {names}")
        elif (out / "layout.csv").exists():
            say(f"note: {out / 'layout.csv'} is not of this run")
    if export is not None:
        written += plan.export(export)
    return written


def _places(out: Path, export: Path | None, names: Iterable[str]) -> list[tuple[str, Path | int]]:
    """Return where the files of a plan go, and its program; UsageError for a format not known."""
    places: list[tuple[str, Path | int]] = [
        (f"{name} of --out {out}", out / name) for name in names
    ]
    if export is not None:
        from placement.lp.file_formats import beside, format_of

        format_of(export)
        places += [(str(path), path) for path in (export, beside(export))]
    return places


def _read_by(given: Mapping[str, Any], names: Iterable[str]) -> list[Any]:
    """Return the files that options name; `names` are those of a plan's folder."""
    hook = given["hook"]
    read = [*given["policy"], given["entities"], given["opening"], given["waivers"]]
    return [*read, *_files_of(given["previous"], names), hook and hook.rpartition(":")[0]]


def _files_of(plan: Path | None, names: Iterable[str]) -> list[Path]:
    """Return a layout, or the files of a plan's folder."""
    if plan is None:
        return []
    return [plan, *(plan / name for name in names)] if plan.is_dir() else [plan]


def _rendered(plan: Plan, written: list[Path], view: View) -> str:
    from placement.render.optimize import render

    return render(plan, [str(path) for path in written], view)


def _numbers(gap: str | None, time_limit: str | None) -> dict[str, Any]:
    """Return the gap, exact, and the time limit in seconds; None where they are not given."""
    from placement.readers.config.values import check_gap, check_time_limit

    ratio = None if gap is None else _number("--gap", gap, "0.001", check_gap)
    if time_limit is None:
        return {"gap": ratio, "time_limit": None}
    seconds = _number("--time-limit", time_limit, "600", check_time_limit)
    return {"gap": ratio, "time_limit": float(seconds)}


def _number(name: str, text: str, example: str, check: Callable[[Fraction], Fraction]) -> Fraction:
    """Read the number of an option exactly."""
    from placement.errors import Fault, UsageError
    from placement.readers.cells import BadText, exact

    try:
        return check(exact(text))
    except BadText as error:
        said = f"{name} {error.message}"
        raise UsageError(Fault(said, error.fix or f"write it as {example}", value=text)) from None
