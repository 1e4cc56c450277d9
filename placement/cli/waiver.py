"""`placement waiver`: waivers for what is broken, to be read and approved."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import click

from placement.cli.options import DAY, checked, fleet_options, inputs_of


@click.group()
def waiver() -> None:
    """Write waivers: which breach is allowed, up to which amount, until when, why, and by whom."""


@waiver.command()
@click.argument("inventory", type=click.Path(path_type=Path))
@click.option(
    "--from-breaches", is_flag=True, required=True, help="One for each breach that is not waived."
)
@click.option("--expires", type=DAY, required=True, help="The last day; at most a year from today.")
@click.option("--reason", required=True, help="Why it is allowed.")
@click.option("--author", required=True, help="Who asks for it.")
@click.option("--approver", required=True, help="Who allows it: another one.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("waivers.toml"),
    show_default=True,
    help="A file that is not there yet.",
)
@fleet_options
def write(
    inventory: Path,
    from_breaches: bool,  # noqa: ARG001 - it says what is written, and there is nothing else
    expires: date,
    reason: str,
    author: str,
    approver: str,
    out: Path,
    **given: Any,
) -> None:
    """Write a waiver for each breach of INVENTORY up to the day on which it expires.

    The amount is the largest of these days. Read them, mend the reasons, have them approved, and
    put them into the waivers.toml beside the inventory.

    \b
    Example:
      placement waiver write inventory.csv --from-breaches --expires 2027-06-30 \
        --reason "moves out by June" --author "Ann Lee" --approver "Bo Chen"
    """  # noqa: D301 - click reads the control character
    from placement.cli.inputs import files_of_check
    from placement.cli.output import refuse_overwriting, show, write_whole
    from placement.compliance.dates import today as calendar_day
    from placement.errors import Fault, UsageError
    from placement.readers.waivers import waiver_text
    from placement.render.changes import waivers_written
    from placement.waivers.write import for_breaches

    inputs = inputs_of(given)
    refuse_overwriting([(f"--out {out}", out)], files_of_check(inventory, inputs))
    if os.path.lexists(out):
        message = "is there already, and waivers are not written over"
        raise UsageError(Fault(message, "choose another path, and copy them from there", str(out)))
    report = checked(inventory, inputs)
    rows = for_breaches(
        report.findings,
        granted=report.ran_on or calendar_day(),
        expires=expires,
        reason=reason,
        author=author,
        approver=approver,
    )
    write_whole(out, "\n".join(map(waiver_text, rows)))
    show(waivers_written(rows, str(out)))
