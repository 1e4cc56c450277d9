"""`placement report-form`: the forms that a rule asks for, filled in from an inventory."""

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
    policy_options,
)


@click.command("report-form")
@click.argument("form", type=click.Choice(["uveu"]))
@click.argument("inventory", type=click.Path(path_type=Path))
@policy_options
@entities_options
@click.option("--as-of", type=DAY, required=True, help="The day of the account.")
@click.option("--since", type=DAY, help="The last report.  [default: the report date before]")
@click.option("--owner", metavar="NAME", help="Only the owner group of this company.")
@click.option("--sites", type=click.Path(path_type=Path), help="CSV of sites and their countries.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The directory to write to.  [default: the current one]",
)
@config_option
@accept_option
def report_form(
    form: str,  # noqa: ARG001 - there is one so far
    inventory: Path,
    as_of: date,
    since: date | None,
    owner: str | None,
    out: Path,
    **given: Any,
) -> None:
    """Fill in the semi-annual account of a universal validated end user (uveu), from INVENTORY.

    It lists, facility by facility, the chips of an owner group (supp. no. 10 to part 748, para.
    10): model, TPP, how many are installed and how many only transferred, and what came, left or
    was relocated after the last report. Which facilities: option report_scope of the pack. For
    each group that holds uveu, uveu-<owner>-<date>.md and .csv are written.

    \b
    Columns of the CSV: kind (holding, change), owner_group, as_of, covered, excluded, what
    (arrived, relocated_in, relocated_out, left), date, site, country, country_name, owner,
    operator, accelerator, tpp_each, installed, transferred, planned, count, tpp_total,
    other_country (from or to), forecast, file, lines (of the inventory), reason (to fill in:
    loss, damage, failure, resale).

    \b
    Examples:
      placement report-form uveu inventory.csv --entities entities.csv --as-of 2026-08-01
      placement report-form uveu inventory.csv --entities entities.csv --as-of 2026-08-01 \
        --since 2026-02-01 --owner "Nimbus Cloud Inc" --out reports

    Exit codes: 0 written, also where a share is above its limit; 2 bad input.
    """  # noqa: D301 - click reads the control character
    from placement import api
    from placement.cli.inputs import files_of_check
    from placement.cli.output import refuse_overwriting, show
    from placement.optimization.results.plan_folder.write import write_files
    from placement.render import facility_report as render
    from placement.render.formats.escape import harmless, terminal

    inputs = inputs_of(given)
    forms = api.uveu_forms(
        inventory,
        as_of=as_of,
        since=since,
        owner=owner,
        **inputs,
    )
    texts = {}
    for name, one in zip(render.file_names(forms), forms, strict=True):
        texts[f"{name}.csv"] = render.to_csv(one)
        texts[f"{name}.md"] = harmless(render.markdown(one))
    outputs = [(str(out / name), out / name) for name in texts]
    refuse_overwriting(outputs, files_of_check(inventory, inputs))
    written = write_files(out, texts)
    show("".join(f"wrote {terminal(str(path))}\n" for path in written))
