"""`placement optimize`: the cheapest layout that keeps the rules, or why there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from placement.cli.options import view_options
from placement.cli.planning.options import (
    asked_of,
    planned,
    problem_options,
    read_by,
    search_options,
    source_argument,
)
from placement.cli.report_outputs import ReportOutputs, report_output_options

if TYPE_CHECKING:
    from placement.optimization.plan import Plan
    from placement.render.view import View

DEFAULT_OUT = "plan"


@click.command()
@source_argument
@search_options
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
@problem_options
@report_output_options
@view_options
def optimize(
    source: Path,
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
    from placement.cli.output import refuse_overwriting
    from placement.cli.screen.terminal import terminal_of
    from placement.optimization.results.plan_folder.write import PLAN_FILES

    shown, outputs = terminal_of(given), ReportOutputs.parse(given)
    asked = asked_of(given)
    places = [*outputs.places(), *_places(out, export, PLAN_FILES)]
    refuse_overwriting(places, read_by(source, given))
    plan = planned(source, asked)
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


def _rendered(plan: Plan, written: list[Path], view: View) -> str:
    from placement.render.optimize import render

    return render(plan, [str(path) for path in written], view)
