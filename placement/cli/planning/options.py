"""Options of verbs that plan a folder, and the plan that they come to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from placement.cli.options import (
    Command,
    accept_option,
    entities_options,
    inputs_of,
    opening_option,
    outside_option,
    policy_options,
    waivers_option,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from placement.optimization.plan import Plan

source_argument = click.argument("source", metavar="DIR|CONFIG", type=click.Path(path_type=Path))

_SEARCH = (
    click.option(
        "--objective",
        metavar="NAMES",
        help="In order: cost, compute, moves, carbon, changes, relaxation.  [default: cost]",
    ),
    click.option(
        "--previous",
        metavar="PLAN",
        type=click.Path(path_type=Path),
        help="A plan of before, its folder or layout.csv: the search starts there, and the "
        "objective changes is against it.",
    ),
    click.option("--solver", metavar="NAME", help="highs, cbc, or another that PuLP finds."),
    click.option(
        "--effort",
        metavar="N",
        type=click.IntRange(min=1, max=10**9),
        help="Steps of the search at most; it ends earlier where they bring nothing.  "
        "[default: 240, and 40 or more for large programs]",
    ),
    click.option(
        "--gap",
        metavar="RATIO",
        help="Stop when so near to the optimum.  [default: 0.0005, and nearer while that is quick]",
    ),
    click.option(
        "--time-limit",
        metavar="SECONDS",
        help="Ends the search of whole units, and then the plan says so.  [default: 600]",
    ),
    click.option(
        "--threads",
        metavar="N",
        default=1,
        show_default=True,
        type=click.IntRange(min=1, max=1024),
        help="Of the solver.",
    ),
    click.option(
        "--seed",
        metavar="N",
        default=0,
        show_default=True,
        type=click.IntRange(min=0, max=2**31 - 1),
        help="Of the search: same inputs and seed, same plan.",
    ),
)


def search_options(command: Command) -> Command:
    """Add how a plan is searched: --objective, --previous, --solver, --effort, --gap and so on."""
    for option in reversed(_SEARCH):
        command = option(command)
    return command


def problem_options(command: Command) -> Command:
    """Add what is planned beside a folder: policies, companies, opening balances, waivers."""
    shared = (opening_option, waivers_option, outside_option, accept_option)
    for option in reversed((policy_options, entities_options, *shared)):
        command = option(command)
    return command


def asked_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `problem_options` and `search_options` come to, as `make_plan` takes them."""
    asked = inputs_of(given)
    return asked | _numbers(asked.pop("gap"), asked.pop("time_limit"))


def planned(source: Path, asked: Mapping[str, Any]) -> Plan:
    """Plan a folder as asked (`asked_of`), with progress on a terminal.

    The first Ctrl-C ends the search with the best plan so far.
    """
    from placement.cli.screen.progress import shown_on
    from placement.optimization.run import make_plan
    from placement.solvers.solve_context import Stop

    stop = Stop()
    with stop.on_interrupt(), shown_on(sys.stderr) as progress:
        return make_plan(source, stop=stop, progress=progress, **asked)


def read_by(source: Path, given: Mapping[str, Any]) -> list[tuple[str, Path | int]]:
    """Return the files that planning a folder reads, by what the user calls them."""
    from placement.cli.inputs import files_of_config
    from placement.optimization.results.plan_folder.write import PLAN_FILES

    read = [*given["policy"], given["entities"], given["opening"], given["waivers"]]
    previous = given["previous"]
    if previous is not None:
        inside = [previous / name for name in PLAN_FILES] if previous.is_dir() else []
        read += [previous, *inside]
    hook = given.get("hook")
    return files_of_config(source, [*read, hook and hook.rpartition(":")[0]])


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
