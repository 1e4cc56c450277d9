"""`placement ledger`: the accounts behind the caps."""

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
)

_FORMATS = ("text", "json", "csv")


@click.command()
@click.argument("inventory", type=click.Path(path_type=Path))
@policy_options
@entities_options
@click.option("--as-of", type=DAY, help="The day of the closing balances.  [default: today]")
@click.option("--from", "since", type=DAY, help="Show charges from this day on; earlier: a sum.")
@click.option("--until", type=DAY, help="The same as --as-of.")
@click.option("--country", metavar="CC", help="Only accounts with a charge of this country.")
@click.option("--consignee", metavar="NAME", help="Only accounts with a charge of this consignee.")
@click.option("--channel", metavar="C", help="Only accounts with a charge by this channel.")
@click.option("--sites", type=click.Path(path_type=Path), help="CSV of sites: metro and region.")
@opening_option
@config_option
@accept_option
@click.option(
    "--output",
    multiple=True,
    metavar="text|json|csv[=PATH]",
    help="Format, and file where not the terminal; may be repeated.  [default: text]",
)
def ledger(
    inventory: Path,
    as_of: date | None,
    since: date | None,
    until: date | None,
    country: str | None,
    consignee: str | None,
    channel: str | None,
    output: tuple[str, ...],
    **given: Any,
) -> None:
    """Show the accounts behind the caps on what was received: each charge, and what it leaves.

    An account has its opening balance (the limit, less what came before --from), its charges with
    their inventory lines, and its closing balance. Lots without a date stand apart. A country,
    consignee or channel keeps whole accounts, since a part of one has no balance. Caps on stock
    are shown by quarter: the limit, and the most that stood there. Channels without a cap are
    summed up.

    \b
    Examples:
      placement ledger inventory.csv --entities entities.csv
      placement ledger inventory.csv --entities entities.csv --from 2026-01-01 --until 2026-06-30
      placement ledger inventory.csv --entities entities.csv --country MY --output csv=my.csv

    Exit codes: 0, also where an account is overdrawn; 2 bad input.
    """  # noqa: D301 - click reads the control character
    from placement import api
    from placement.cli.inputs import files_of_check
    from placement.cli.output import Outputs, refuse_overwriting
    from placement.errors import Fault, UsageError
    from placement.render import ledger as render

    outputs = Outputs.parse(output, _FORMATS)
    inputs = inputs_of(given)
    refuse_overwriting(outputs.places(), files_of_check(inventory, inputs))
    if as_of is not None and until is not None:
        raise UsageError(Fault("--as-of and --until are the same", "give one of them"))
    found = api.accounts(
        inventory,
        since=since,
        until=until or as_of,
        country=country,
        consignee=consignee,
        channel=channel,
        **inputs,
    )
    renderers = {"text": render.text, "json": render.to_json, "csv": render.to_csv}
    outputs.write_as(lambda kind: renderers[kind](found))
