"""`placement explain`: why a plan is as it is, or why there is none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from placement.cli.options import output_option
from placement.cli.planning.options import (
    asked_of,
    planned,
    problem_options,
    read_by,
    search_options,
    source_argument,
)


@click.group()
def explain() -> None:
    """Say why a plan is as it is, or why there is none."""


@explain.command()
@source_argument
@problem_options
@search_options
@output_option
def conflict(source: Path, output: tuple[str, ...], **given: Any) -> None:
    """Say which rules, demands and limits cannot hold together, and what would have to give.

    \b
    Examples:
      placement explain conflict inputs/infeasible
      placement explain conflict inputs/infeasible --output json

    Exit codes: 0 there is a plan; 2 bad input; 3 proven that no plan exists; 4 neither a plan nor
    a proof was found.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import Outputs, refuse_overwriting
    from placement.enums import PlanStatus
    from placement.render.explain import conflict as render

    outputs, asked = Outputs.parse(output), asked_of(given)
    refuse_overwriting(outputs.places(), read_by(source, given))
    plan = planned(source, asked)
    renderers = {"text": render.text, "json": render.to_json}
    outputs.write_as(lambda kind: renderers[kind](plan))
    codes = {PlanStatus.INFEASIBLE: 3, PlanStatus.STOPPED: 4}
    sys.exit(codes.get(plan.search.status, 0))
