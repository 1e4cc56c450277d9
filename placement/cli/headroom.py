"""`placement headroom`: how much more fits where."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from placement.cli.options import (
    DAY,
    accept_option,
    config_option,
    entities_options,
    inputs_of,
    opening_option,
    policy_options,
    sites_option,
)


@click.command()
@click.argument("inventory", type=click.Path(path_type=Path))
@click.option("--accelerator", required=True, help="The model to add, under any of its names.")
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="COUNTRY",
    help="A country to add it in; may be repeated.  [default: every country of the inventory]",
)
@policy_options
@entities_options
@click.option("--as-of", type=DAY, help="The day to judge.  [default: today]")
@sites_option
@opening_option
@config_option
@accept_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def headroom(
    inventory: Path,
    accelerator: str,
    places: tuple[str, ...],
    as_of: date | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Say how many accelerators of a model each owner may add in each country.

    `least` is what it takes for everything to comply, `most` what breaks or worsens nothing; the
    denominator grows with what is added. What is added comes from abroad by the first channel that
    is open to its owner, without a licence. Under --option siblings=exclude each company is looked
    at by itself: what it adds counts for every authorized company above and below it.

    \b
    Example:
      placement headroom inventory.csv --accelerator B200 --place MY --entities entities.csv
    """  # noqa: D301 - click reads the control character
    from placement import api
    from placement.cli.output import show
    from placement.render import headroom as render

    found = api.headroom(
        inventory,
        accelerator,
        places=places or None,
        as_of=as_of,
        **inputs_of(given),
    )
    show(*((render.to_json(found), "json") if as_json else (render.text(found), "text")))
