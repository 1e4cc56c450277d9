"""`placement compare`: what differs between two plans."""

from __future__ import annotations

from pathlib import Path

import click

from placement.cli.options import output_option


@click.command()
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@output_option
def compare(a: Path, b: Path, output: tuple[str, ...]) -> None:
    """Say what differs between two plans, each a folder that `placement optimize` wrote.

    Objectives, and what is proven of the difference; cost by kind, the day from which every rule
    is kept, what stands where on the last day, actions of which one plan does more, and verdicts.
    Nothing is judged again.

    \b
    Examples:
      placement compare plan-a plan-b
      placement compare plan-a plan-b --output json=difference.json

    Exit codes: 0, however much differs; 2 bad input.
    """  # noqa: D301 - click reads the control character
    from placement.cli.output import Outputs, refuse_overwriting
    from placement.optimization.results.plan_folder.compare import compare_plans
    from placement.optimization.results.plan_folder.write import PLAN_FILES
    from placement.render import compare as plan_compare

    outputs = Outputs.parse(output)
    read = [(str(one / name), one / name) for one in (a, b) for name in PLAN_FILES]
    refuse_overwriting(outputs.places(), read)
    found = compare_plans(a, b)
    renderers = {"text": plan_compare.text, "json": plan_compare.to_json}
    outputs.write_as(lambda kind: renderers[kind](found))
