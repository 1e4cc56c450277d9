"""`placement init`: a folder to begin with."""

from __future__ import annotations

import os
import shlex
from datetime import date
from pathlib import Path

import click

from placement.cli.options import DAY


@click.command()
@click.argument(
    "folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False)
)
@click.option(
    "--for",
    "verb",
    type=click.Choice(["check", "optimize"]),
    help="The verb that the folder is for.  [default: check]",
)
@click.option(
    "--from",
    "inventory",
    metavar="INVENTORY",
    type=click.Path(path_type=Path),
    help="Make what it takes to plan an inventory: sites.csv, with a guess at their power.",
)
@click.option("--example", is_flag=True, help="Copy the example: 41 sites and twelve quarters.")
@click.option("--today", type=DAY, help="The day of the run.  [default: the calendar's]")
def init(
    folder: Path, verb: str | None, inventory: Path | None, example: bool, today: date | None
) -> None:
    """Write a small set of inputs into DIR, with comments, that passes as it is.

    Nothing that is there is replaced. What to write in place of its content is said in its
    placement.toml.

    \b
    Examples:
      placement init fleet
      placement init --for optimize plan-inputs
      placement init --from inventory.csv plan-inputs
      placement init --example example

    Exit codes: 0 written; 2 bad input, or a file is there.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import show
    from placement.compliance.dates import today as day_of_the_run
    from placement.errors import Fault, UsageError
    from placement.render.formats.escape import terminal
    from placement.starters.folders import Texts, starter, write_starter
    from placement.starters.folders import example as shipped

    others = verb is not None or inventory is not None
    if (example and others) or (inventory is not None and verb == "check"):
        said = "--example, --from INVENTORY (to plan) and --for check exclude each other"
        raise UsageError(Fault(said, "give one of them"))
    day = today or day_of_the_run()
    texts: Texts
    if example:
        texts = shipped()
    elif inventory is not None:
        from placement.starters.from_inventory import planning_folder

        texts = planning_folder(inventory, folder, day)
    else:
        texts = starter(verb or "check", day)
    written = write_starter(folder, texts)
    plans = example or inventory is not None or verb == "optimize"
    words = ["optimize", str(folder)] if plans else ["check", os.path.join(folder, "inventory.csv")]
    lines = [f"wrote {terminal(str(path))}" for path in written]
    lines.append(f"next: placement {terminal(shlex.join(words))}")
    show("\n".join(lines) + "\n")
