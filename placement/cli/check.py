"""`placement check`: the verdict on an inventory."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from placement.cli.options import (
    DAY,
    accept_option,
    config_option,
    entities_options,
    inputs_of,
    opening_option,
    policy_options,
    records_options,
    terms_options,
    view_options,
    with_base_of_branch,
)
from placement.cli.report_outputs import ReportOutputs, report_output_options

if TYPE_CHECKING:
    from placement.cli.screen.timings import Timings
    from placement.loading.arguments import CheckArguments
    from placement.report import Report


@click.command()
@click.argument("inventory", required=False, type=click.Path(path_type=Path))
@policy_options
@entities_options
@click.option("--as-of", type=DAY, help="Judge this day as a measurement date of every rule.")
@click.option("--from", "since", type=DAY, help="Judge every measurement date from this day ...")
@click.option("--until", type=DAY, help="... until this one.")
@click.option("--today", type=DAY, help="The day of the run.  [default: the calendar's]")
@click.option("--no-plans", is_flag=True, help="Leave ordered and planned lots out.")
@records_options
@opening_option
@terms_options
@click.option("--exit-zero", is_flag=True, help="Exit 0 also where there is a breach.")
@config_option
@accept_option
@report_output_options
@view_options
def check(
    inventory: Path | None,
    as_of: date | None,
    since: date | None,
    until: date | None,
    today: date | None,
    no_plans: bool,
    exit_zero: bool,
    only_new: bool,
    **given: Any,
) -> None:
    """Judge INVENTORY, a CSV of lots, under one policy pack, or each of several.

    Without dates: today, and every measurement date up to the first one on or after the last date
    in the file. INVENTORY may be `-` for standard input; with --shipments or --weights it may be
    left out.

    \b
    Examples:
      placement check inventory.csv --entities entities.csv
      placement check inventory.csv --headquarters US --authorization uveu --as-of 2026-08-01
      placement check inventory.csv --entities entities.csv \
        --policy ai-diffusion-2025 --policy us-ear-enforced
      placement check layout.csv --policy ai-diffusion-2025-basic --output json=report.json
      placement check inventory.csv --base-ref main --fail-on warning --warn-headroom 10%
      placement check --policy china-h200-2026 --shipments shipments.csv --headquarters US \
        --authorization none

    Exit codes: 0 all rules kept; 1 a breach, under any pack; 2 bad input, or nothing was
    evaluated under one of them. What a base or a baseline has, too, and what is waived, is no 1.
    """  # noqa: D301 - click reads the control character
    from placement.cli.inputs import files_of_check
    from placement.cli.output import refuse_overwriting
    from placement.cli.screen.terminal import terminal_of
    from placement.cli.screen.timings import Timings

    shown = terminal_of(given)
    spent = Timings(asked=shown.timed)
    outputs = ReportOutputs.parse(given)
    inputs = with_base_of_branch(inputs_of(given), inventory)
    refuse_overwriting(outputs.places(), files_of_check(inventory, inputs))
    days = as_of, since, until
    report = _judged(inventory, inputs, days, plans=not no_plans, today=today, spent=spent)
    told = report.only_new() if only_new else report
    with spent.phase("write"):
        from placement.render.check import render

        outputs.write(report, lambda: render(told, shown.view), colored=shown.colored)
    spent.tell()
    sys.exit(0 if exit_zero and report.exit_code == 1 else report.exit_code)


def _judged(
    inventory: Path | None,
    inputs: dict[str, Any],
    days: tuple[date | None, date | None, date | None],
    *,
    plans: bool,
    today: date | None,
    spent: Timings,
) -> Report:
    """Read everything and judge it; the time of each part is counted."""
    with spent.phase("import"):
        from placement.compliance.check import check_inputs
        from placement.compliance.dates import EvaluationDates
        from placement.compliance.terms.asked import terms_of
        from placement.loading.arguments import input_arguments_of
        from placement.loading.inputs import load_inputs
    asked = EvaluationDates(*days)
    with spent.phase("read"):
        read = load_inputs(inventory, **input_arguments_of(inputs))
        terms = terms_of(read, inventory, cast("CheckArguments", inputs))
    with spent.phase("check"):
        return check_inputs(read, asked, plans=plans, ran_on=today, terms=terms)
