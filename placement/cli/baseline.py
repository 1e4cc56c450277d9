"""`placement baseline`: what is broken today, recorded, so that only worse fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from placement.cli.options import checked, fleet_options, inputs_of

DEFAULT = Path("baseline.json")


@click.group()
def baseline() -> None:
    """Record what is broken, with its amounts, so that only what is worse fails a check.

    \b
    Examples:
      placement baseline write inventory.csv --entities entities.csv
      placement check inventory.csv --entities entities.csv --baseline baseline.json
      placement baseline check inventory.csv --entities entities.csv
    """  # noqa: D301 - click reads the control character


@baseline.command()
@click.argument("inventory", type=click.Path(path_type=Path))
@fleet_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=DEFAULT,
    show_default=True,
    help="The file; one that is there is replaced.",
)
def write(
    inventory: Path,
    out: Path,
    **given: Any,
) -> None:
    """Write what is broken in INVENTORY, and not waived, on the days that a check judges.

    Record the days on which the check is to be run: without dates, both judge from today on.
    """
    from placement.cli.inputs import files_of_check
    from placement.cli.output import refuse_overwriting, show, write_whole
    from placement.compliance.dates import today as calendar_day
    from placement.compliance.terms.baseline import recorded
    from placement.readers.baseline import baseline_text
    from placement.render.baseline import written

    inputs = inputs_of(given)
    refuse_overwriting([(f"--out {out}", out)], files_of_check(inventory, inputs))
    report = checked(inventory, inputs)
    content = recorded(report, report.ran_on or calendar_day())
    write_whole(out, baseline_text(content.recorded, content.entries))
    show(written(content, str(out)))


@baseline.command()
@click.argument("inventory", type=click.Path(path_type=Path))
@fleet_options
@click.option(
    "--baseline",
    "recorded_in",
    type=click.Path(path_type=Path),
    default=DEFAULT,
    show_default=True,
    help="The file that `placement baseline write` wrote.",
)
def check(
    inventory: Path,
    recorded_in: Path,
    **given: Any,
) -> None:
    """Say how what is broken in INVENTORY stands to what was recorded.

    Exit codes: 0 nothing is new or worse; 1 a breach is; 2 bad input, or nothing was evaluated.
    """
    from placement.cli.output import show
    from placement.compliance.terms.baseline import Baseline
    from placement.readers.baseline import read_baseline
    from placement.render.baseline import standings_text

    report = checked(inventory, inputs_of(given), baseline=recorded_in)
    found = Baseline.of(read_baseline(recorded_in), str(recorded_in)).standings(report.findings)
    show(standings_text(found.places, report))
    sys.exit(report.exit_code)
