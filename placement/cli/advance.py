"""`placement advance`: the inputs of a later period of a plan."""

from __future__ import annotations

from pathlib import Path

import click

from placement.cli.options import output_option


@click.command()
@click.argument("plan", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--to", metavar="PERIOD", required=True, help="The period to plan on from: 2027Q2.")
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path),
    help="A new folder for the inputs.",
)
@click.option(
    "--inputs",
    metavar="DIR|CONFIG",
    type=click.Path(path_type=Path),
    help="Where the placement.toml of the plan is.  [default: where it was]",
)
@output_option
def advance(plan: Path, to: str, out: Path, inputs: Path | None, output: tuple[str, ...]) -> None:
    """Carry a plan on: write the inputs to plan with from a later period of its horizon.

    PLAN is a folder that `placement optimize` wrote. DIR gets the inventory of the first day of
    PERIOD (what was done by then, what is ordered or under way), the supply that is left, demand
    and commitments from then on, the other tables as they are, and a placement.toml with the rest
    of the horizon. Change there what has changed, and plan on.

    With nothing changed the best plan costs what is left of the plan's cost, to the last digit,
    and the layout stays as it is: money is discounted to the same day as before, and what the plan
    brought is marked to stay. Clear the column `stays` of the inventory to let it move again.

    \b
    Examples:
      placement advance plan --to 2027Q2 --out 2027Q2
      placement optimize 2027Q2 --out plan-2027Q2

    Exit codes: 0, or 2 for bad input: PLAN is no plan, its inputs are not as they were, PERIOD is
    none of its periods, or DIR is not a new folder.
    """  # noqa: D301 - click reads the control character
    from placement.cli.inputs import files_of_config
    from placement.cli.output import Outputs, refuse_overwriting
    from placement.optimization.results.plan_folder.write import PLAN_FILES
    from placement.render import advance as rendered
    from placement.rolling_horizon.advance import advance_plan

    outputs = Outputs.parse(output)
    read = [plan / name for name in PLAN_FILES]
    named = [(str(one), one) for one in read]
    refuse_overwriting(outputs.places(), named if inputs is None else files_of_config(inputs, read))
    found = advance_plan(plan, to, out, inputs=inputs)
    renderers = {"text": rendered.text, "json": rendered.to_json}
    outputs.write_as(lambda kind: renderers[kind](found))
